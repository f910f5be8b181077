//go:build linux || darwin

package postgis

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
)

// errLocked says that another open file holds the lock.
var errLocked = errors.New("locked by another process")

// ownership is a user and group id of the system.
type ownership struct{ uid, gid int }

// invoker is the user that runs this process.
func invoker() ownership { return ownership{os.Geteuid(), os.Getegid()} }

// lockFile takes an exclusive flock; without wait it gives errLocked where somebody else holds one.
func lockFile(file *os.File, wait bool) error {
	how := syscall.LOCK_EX
	if !wait {
		how |= syscall.LOCK_NB
	}
	for {
		err := syscall.Flock(int(file.Fd()), how)
		switch {
		case err == nil:
			return nil
		case errors.Is(err, syscall.EINTR):
			continue
		case errors.Is(err, syscall.EWOULDBLOCK):
			return errLocked
		default:
			return err
		}
	}
}

func unlockFile(file *os.File) error { return syscall.Flock(int(file.Fd()), syscall.LOCK_UN) }

// openOwned opens or makes a file of mode 0600 that belongs to owner. It follows no symbolic link, so that a
// process of root can't be led to write elsewhere by the user whose folder it works in.
func openOwned(path string, owner ownership) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_APPEND|syscall.O_NOFOLLOW, 0o600)
	if err != nil {
		return nil, err
	}
	if os.Geteuid() != 0 || owner.uid == 0 {
		return file, nil
	}
	if err := file.Chown(owner.uid, owner.gid); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}

// openPlain opens an existing file for reading and locking, following no symbolic link.
func openPlain(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_RDONLY|syscall.O_NOFOLLOW, 0)
}

// ownerOf gives the owner of path itself (a symbolic link isn't followed) and its mode.
func ownerOf(path string) (ownership, fs.FileMode, error) {
	info, err := os.Lstat(path)
	if err != nil {
		return ownership{}, 0, err
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return ownership{}, 0, fmt.Errorf("%s: no owner known", path)
	}
	return ownership{int(stat.Uid), int(stat.Gid)}, info.Mode(), nil
}

// makeFolder makes one folder of the given mode for owner, whatever the umask; existing is true where it was
// there before, and then nothing is changed. It appears under its name with its owner and mode already right, so
// that a killed process leaves no half-made one.
func makeFolder(path string, mode fs.FileMode, owner ownership) (existing bool, err error) {
	if _, err := os.Lstat(path); err == nil {
		return true, nil
	}
	made, err := os.MkdirTemp(filepath.Dir(path), ".muscope-")
	if err != nil {
		return false, err
	}
	if err := chmodOwned(made, mode, owner); err != nil {
		return false, errors.Join(err, os.Remove(made))
	}
	if err := os.Rename(made, path); err != nil {
		removed := os.Remove(made)
		if errors.Is(err, fs.ErrExist) || errors.Is(err, syscall.ENOTEMPTY) || errors.Is(err, syscall.ENOTDIR) {
			return true, removed
		}
		return false, errors.Join(err, removed)
	}
	return false, nil
}

func chmodOwned(path string, mode fs.FileMode, owner ownership) error {
	if err := os.Chmod(path, mode); err != nil {
		return err
	}
	if os.Geteuid() == 0 && owner.uid != 0 {
		return os.Lchown(path, owner.uid, owner.gid)
	}
	return nil
}

// replaceOwned writes a file of mode 0600 for owner in one step: a reader sees the old text or the new one.
func replaceOwned(path, text string, owner ownership) error {
	file, err := os.CreateTemp(filepath.Dir(path), ".muscope-") // O_EXCL, 0600
	if err != nil {
		return err
	}
	_, err = file.WriteString(text)
	if err == nil && os.Geteuid() == 0 && owner.uid != 0 {
		err = file.Chown(owner.uid, owner.gid)
	}
	if err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(file.Name()))
	}
	return nil
}

// poorSharedMemory says whether /dev/shm is missing, closed to the server's user (a bare chroot), or as small as a
// container's (64 MB by default), where parallel queries would fail on it.
func poorSharedMemory() bool {
	info, err := os.Stat("/dev/shm")
	if err != nil {
		return hasProc() // Linux without /dev/shm; elsewhere it isn't a folder
	}
	if info.Mode().Perm()&0o002 == 0 {
		return true
	}
	var stat syscall.Statfs_t
	return syscall.Statfs("/dev/shm", &stat) != nil || uint64(stat.Bsize)*stat.Blocks < 512<<20
}

// runAs makes cmd run as the given user (only root can change it) in a session of its own, so that neither
// Ctrl-C nor the terminal's end reaches it.
func runAs(cmd *exec.Cmd, user ownership) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if os.Geteuid() == 0 && user.uid != 0 {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: uint32(user.uid), Gid: uint32(user.gid)}
	}
}

// processAlive says whether pid runs; a zombie doesn't (nobody may reap one in a container).
func processAlive(pid int) bool {
	if pid <= 0 {
		return false
	}
	if err := syscall.Kill(pid, 0); err != nil && !errors.Is(err, syscall.EPERM) {
		return false
	}
	stat, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	if err != nil {
		return !hasProc() // without /proc the signal's answer is all there is
	}
	return processState(stat) != 'Z'
}

// serverMark tells the processes of one cluster from all others. A process id alone may have been given to
// somebody else since a crash or reboot, and /proc/PID/cwd is closed to a container's root.
type serverMark struct {
	dataDir string // the postmaster was started as: postgres -D dataDir
	name    string // cluster_name, with which its children title themselves: "postgres: name: …"
	uid     int
}

// postmaster says whether pid is the live server itself.
func (m serverMark) postmaster(pid int) bool {
	if !hasProc() {
		return processAlive(pid)
	}
	line := m.commandLine(pid)
	return bytes.Contains(line, []byte("\x00-D\x00"+m.dataDir+"\x00"))
}

// children lists the live processes that a server of this mark has forked; empty where the system has no /proc.
func (m serverMark) children() []int {
	entries, err := os.ReadDir("/proc")
	if err != nil || !hasProc() {
		return nil
	}
	var pids []int
	for _, entry := range entries {
		pid, err := strconv.Atoi(entry.Name())
		if err == nil && bytes.HasPrefix(m.commandLine(pid), []byte("postgres: "+m.name+": ")) {
			pids = append(pids, pid)
		}
	}
	return pids
}

// commandLine gives the command line of pid where it is alive and of the server's user, else nothing.
func (m serverMark) commandLine(pid int) []byte {
	folder := filepath.Join("/proc", strconv.Itoa(pid))
	if owner, _, err := ownerOf(folder); err != nil || owner.uid != m.uid || !processAlive(pid) {
		return nil
	}
	line, err := os.ReadFile(filepath.Join(folder, "cmdline"))
	if err != nil {
		return nil // it ended meanwhile
	}
	return line
}

// fileIdentity names a file by device and inode: the same path may be another folder in a container that shares
// our process ids. Empty where there is no file.
func fileIdentity(path string) string {
	info, err := os.Stat(path)
	if err != nil {
		return ""
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return ""
	}
	return fmt.Sprintf("%d:%d", stat.Dev, stat.Ino)
}

func hasProc() bool {
	_, err := os.Stat("/proc/self/stat")
	return err == nil
}

// processState takes the state letter out of a /proc/PID/stat line: "12 (name) S …", where the name may itself
// hold brackets and spaces.
func processState(stat []byte) byte {
	if i := bytes.LastIndexByte(stat, ')'); i >= 0 && i+2 < len(stat) {
		return stat[i+2]
	}
	return 0
}

// The signals of PostgreSQL's three ways to stop that are used here.
const (
	stopFast      = syscall.SIGINT  // end sessions, write a checkpoint
	stopImmediate = syscall.SIGQUIT // end at once; the next start recovers
)

func signalProcess(pid int, sig syscall.Signal) error {
	err := syscall.Kill(pid, sig)
	if errors.Is(err, syscall.ESRCH) {
		return nil
	}
	return err
}
