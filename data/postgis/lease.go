package postgis

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// leaseSet is the set of processes that use a cluster: a file each in one folder, locked (flock) as long as its
// process lives, so that a crashed process's lease vanishes with it. Taking, counting and dropping happen under
// the cluster's lock.
type leaseSet struct {
	dir string
	// owner of new files, see ownership
	owner ownership
}

// lease is one process's (or one Cluster's) hold.
type lease struct{ file *os.File }

// take makes and locks a lease of this process. Two Clusters of one process hold two leases.
func (s leaseSet) take() (*lease, error) {
	path := filepath.Join(s.dir, fmt.Sprintf("%d-%d", os.Getpid(), time.Now().UnixNano()))
	file, err := openOwned(path, s.owner)
	if err != nil {
		return nil, fmt.Errorf("take lease: %w", err)
	}
	if err := lockFile(file, true); err != nil {
		return nil, errors.Join(fmt.Errorf("lock lease %s: %w", path, err), file.Close())
	}
	return &lease{file}, nil
}

// drop gives the lease back. The lock is undone before the file is closed, because a child process being forked
// at this moment shares the open file until it execs.
func (l *lease) drop() error {
	remove := os.Remove(l.file.Name())
	if errors.Is(remove, fs.ErrNotExist) {
		remove = nil
	}
	return errors.Join(remove, unlockFile(l.file), l.file.Close())
}

// holders gives the process ids of the live leases and removes those of dead processes.
func (s leaseSet) holders() ([]int, error) {
	entries, err := os.ReadDir(s.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read leases: %w", err)
	}
	var pids []int
	for _, entry := range entries {
		path := filepath.Join(s.dir, entry.Name())
		live, err := leaseLive(path)
		if err != nil {
			return nil, err
		}
		if !live {
			if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return nil, fmt.Errorf("remove dead lease: %w", err)
			}
			continue
		}
		text, _, _ := strings.Cut(entry.Name(), "-")
		pid, _ := strconv.Atoi(text) // a foreign name counts as a holder of unknown id 0
		pids = append(pids, pid)
	}
	return pids, nil
}

// leaseLive says whether some process still locks the lease at path.
func leaseLive(path string) (bool, error) {
	file, err := openPlain(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("probe lease: %w", err)
	}
	defer file.Close()
	err = lockFile(file, false)
	if errors.Is(err, errLocked) {
		return true, nil
	}
	if err != nil {
		return false, fmt.Errorf("probe lease %s: %w", path, err)
	}
	return false, unlockFile(file)
}

// lockPatience is how often a waiting process looks again whether the cluster's lock is free.
const lockPatience = 20 * time.Millisecond

// lockCluster takes the one exclusive lock around start and stop. It waits until ctx ends, and calls waiting once
// if another process has held the lock for over a second (a first start, crash recovery).
func lockCluster(ctx context.Context, path string, owner ownership, waiting func()) (unlock func() error, err error) {
	file, err := openOwned(path, owner)
	if err != nil {
		return nil, fmt.Errorf("open cluster lock: %w", err)
	}
	began, told := time.Now(), false
	for {
		err := lockFile(file, false)
		if err == nil {
			return func() error { return errors.Join(unlockFile(file), file.Close()) }, nil
		}
		if !errors.Is(err, errLocked) {
			return nil, errors.Join(fmt.Errorf("lock %s: %w", path, err), file.Close())
		}
		if !told && time.Since(began) > time.Second {
			told = true
			waiting()
		}
		if err := pause(ctx, lockPatience); err != nil {
			return nil, errors.Join(fmt.Errorf("wait for %s, held by another muscope process: %w", path, err), file.Close())
		}
	}
}

// pause waits for d or until ctx ends.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
