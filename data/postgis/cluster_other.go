//go:build !linux && !darwin

package postgis

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"syscall"
)

// A private cluster needs unix sockets with an owner, flock and signals: elsewhere OpenCluster gives
// errNoPrivateCluster from the first step, and the rest below is never reached.
var (
	errLocked           = errors.New("locked by another process")
	errNoPrivateCluster = errors.New("this system has no private cluster: name a PostGIS database with --database")
)

type ownership struct{ uid, gid int }

type serverMark struct {
	dataDir, name string
	uid           int
}

func (serverMark) postmaster(int) bool { return false }
func (serverMark) children() []int     { return nil }
func fileIdentity(string) string       { return "" }

func invoker() ownership                                      { return ownership{} }
func lockFile(*os.File, bool) error                           { return errNoPrivateCluster }
func unlockFile(*os.File) error                               { return errNoPrivateCluster }
func openOwned(string, ownership) (*os.File, error)           { return nil, errNoPrivateCluster }
func openPlain(string) (*os.File, error)                      { return nil, errNoPrivateCluster }
func ownerOf(string) (ownership, fs.FileMode, error)          { return ownership{}, 0, errNoPrivateCluster }
func runAs(*exec.Cmd, ownership)                              {}
func processAlive(int) bool                                   { return false }
func signalProcess(int, syscall.Signal) error                 { return errNoPrivateCluster }
func makeFolder(string, fs.FileMode, ownership) (bool, error) { return false, errNoPrivateCluster }

func replaceOwned(string, string, ownership) error { return errNoPrivateCluster }
func poorSharedMemory() bool                       { return false }

const (
	stopFast      = syscall.SIGINT
	stopImmediate = syscall.SIGQUIT
)
