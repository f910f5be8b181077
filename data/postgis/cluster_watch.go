package postgis

import (
	_ "embed" // the watcher's script
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"
)

//go:embed cluster_watch.sh
var clusterWatchScript string

// watch sees to it that a process watches this home and stops the server after a while without holders. A shell
// script, since a test binary can't be run again as something else. Under the cluster's lock.
func (s clusterServer) watch(patience time.Duration) error {
	probe, err := openOwned(filepath.Join(s.home.dir, "watch.lock"), s.home.owner)
	if err != nil {
		return homeFault(s.home.dir, err)
	}
	err = lockFile(probe, false)
	if err == nil {
		err = unlockFile(probe)
	}
	if err := errors.Join(err, probe.Close()); err != nil {
		if errors.Is(err, errLocked) {
			return nil // watched already
		}
		return homeFault(s.home.dir, err)
	}
	seconds := max(1, int(patience.Seconds()))
	cmd := exec.Command("sh", "-c", clusterWatchScript, "sh", s.home.dir, strconv.Itoa(seconds))
	cmd.Dir = "/"
	runAs(cmd, invoker())
	if err := cmd.Start(); err != nil {
		return serverFault(fmt.Errorf("watch the cluster: %w", err))
	}
	go func() { _ = cmd.Wait() }() // only to leave no zombie
	return nil
}
