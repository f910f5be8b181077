package postgis

import (
	"context"
	"errors"
	"io/fs"
	"time"
)

// ClusterState describes a home's cluster.
type ClusterState struct {
	// Home is the data folder, without symbolic links.
	Home string
	// DataDir is PostgreSQL's own folder within it.
	DataDir string
	// LogFile is what the server writes.
	LogFile string
	// Exists is false before the first start.
	Exists bool
	// Major is the PostgreSQL version of the data, 0 where there is none.
	Major int
	// Running says whether the server runs; PID and Socket (its folder) are set only then.
	Running bool
	PID     int
	Socket  string
	// Holders are the ids of the processes that use it, one entry a hold.
	Holders []int
}

// ClusterStatus looks at the cluster of home (empty: DefaultHome) and changes nothing but dead leases.
func ClusterStatus(home string) (ClusterState, error) {
	h, err := lookHome(home)
	if errors.Is(err, fs.ErrNotExist) {
		dir, _ := resolveHome(home) // absolute also where it isn't there
		return ClusterState{Home: dir}, nil
	}
	if err != nil {
		dir, _ := resolveHome(home)
		return ClusterState{Home: dir}, homeFault(dir, err)
	}
	s := clusterServer{home: h}
	state := ClusterState{Home: h.dir, DataDir: h.data(), LogFile: h.log()}
	if state.Major, err = s.dataMajor(); err != nil {
		return state, err
	}
	state.Exists = state.Major != 0
	if record, ok := s.running(); ok {
		state.Running, state.PID, state.Socket = true, record.pid, record.socket
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	unlock, err := s.lock(ctx)
	if err != nil {
		return state, nil // being started or stopped now: its holders aren't settled
	}
	state.Holders, err = h.leases().holders()
	return state, errors.Join(err, unlock())
}

// StopCluster stops the server of home. While processes hold it, it gives a ClusterError of FaultInUse; force
// stops it under them. A server that doesn't run is no error.
func StopCluster(home string, force bool) error {
	h, err := lookHome(home)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return homeFault(home, err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), releaseTime)
	defer cancel()
	s := clusterServer{home: h}
	unlock, err := s.lock(ctx)
	if err != nil {
		return err
	}
	if force {
		return errors.Join(s.stop(ctx), unlock())
	}
	return errors.Join(s.stopIfAlone(ctx, nil), unlock())
}
