package postgis

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
)

// clusterHome is the folder tree of one private cluster:
//
//	HOME/lock           flock around start and stop
//	HOME/leases/        a locked file for each user of the server
//	HOME/cluster/       0700, of the server's user
//	    data/           PGDATA (data.new-… while initdb works)
//	    s/              the socket
//	    log             what the server writes
//
// The lock and the leases belong to HOME's owner and not to the server's user, so that a shared account such as
// nobody can't make root follow it.
type clusterHome struct {
	dir    string
	owner  ownership // of HOME, the lock and the leases
	server ownership // runs PostgreSQL
}

func (h clusterHome) lockPath() string { return filepath.Join(h.dir, "lock") }
func (h clusterHome) leases() leaseSet { return leaseSet{filepath.Join(h.dir, "leases"), h.owner} }
func (h clusterHome) cluster() string  { return filepath.Join(h.dir, "cluster") }
func (h clusterHome) data() string     { return filepath.Join(h.cluster(), "data") }
func (h clusterHome) log() string      { return filepath.Join(h.cluster(), "log") }

// mark tells this home's server processes from others.
func (h clusterHome) mark() serverMark {
	return serverMark{dataDir: h.data(), name: "muscope-" + shortHash(h.data()+fileIdentity(h.data())), uid: h.server.uid}
}

func shortHash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:5])
}

// DefaultHome is the data folder of a user who named none: $XDG_DATA_HOME/muscope or ~/.local/share/muscope, for
// root /var/lib/muscope (the server then runs as another user, who couldn't enter root's home).
func DefaultHome() (string, error) {
	if invoker().uid == 0 {
		return "/var/lib/muscope", nil
	}
	if dir := os.Getenv("XDG_DATA_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "muscope"), nil
	}
	dir, err := os.UserHomeDir()
	if err != nil {
		return "", faultf(FaultHome, err,
			"no home folder is known to keep the database in; set MUSCOPE_HOME to a folder",
			"找不到存放数据库的用户目录;请把 MUSCOPE_HOME 设为一个目录")
	}
	return filepath.Join(dir, ".local", "share", "muscope"), nil
}

// lookHome describes a home without making anything; the error is fs.ErrNotExist where there is none.
func lookHome(dir string) (clusterHome, error) {
	dir, err := resolveHome(dir)
	if err != nil {
		return clusterHome{}, err
	}
	owner, mode, err := ownerOf(dir)
	if err != nil {
		return clusterHome{}, err
	}
	if err := checkHome(dir, owner, mode); err != nil {
		return clusterHome{}, err
	}
	h := clusterHome{dir: dir, owner: owner}
	if h.server, err = serverUser(h); err != nil {
		return clusterHome{}, err
	}
	return h, nil
}

// resolveHome gives the absolute path without symbolic links, so that every process sees one name of one home.
func resolveHome(dir string) (string, error) {
	if dir == "" {
		var err error
		if dir, err = DefaultHome(); err != nil {
			return "", err
		}
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", fmt.Errorf("data folder: %w", err)
	}
	target, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return dir, err
	}
	return target, nil
}

// makeHome makes what is missing of a home and describes it.
func makeHome(dir string) (clusterHome, error) {
	path, err := resolveHome(dir)
	if errors.Is(err, fs.ErrNotExist) {
		err = makeHomeFolder(path)
	}
	if err != nil {
		return clusterHome{}, homeFault(path, err)
	}
	h, err := lookHome(path)
	if err != nil {
		return clusterHome{}, homeFault(path, err)
	}
	return h, nil
}

// makeFolders makes the folders within HOME; under the cluster's lock.
func (h clusterHome) makeFolders() error {
	if _, err := makeFolder(h.leases().dir, 0o700, h.owner); err != nil {
		return homeFault(h.dir, err)
	}
	if _, err := makeFolder(h.cluster(), 0o700, h.server); err != nil {
		return homeFault(h.dir, err)
	}
	owner, mode, err := ownerOf(h.cluster())
	if err != nil {
		return homeFault(h.dir, err)
	}
	if owner.uid != h.server.uid || !mode.IsDir() || mode.Perm()&0o077 != 0 {
		return faultf(FaultHome, nil,
			"%s must be a folder of user %s with mode 0700; remove it or choose another MUSCOPE_HOME",
			"%s 应为用户 %s 的目录且权限为 0700;请删除它,或另设 MUSCOPE_HOME", h.cluster(), userName(h.server.uid))
	}
	return nil
}

// makeHomeFolder makes HOME itself. Root's must be open for entering by the server's user.
func makeHomeFolder(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	mode := fs.FileMode(0o700)
	if invoker().uid == 0 {
		mode = 0o755
	}
	_, err := makeFolder(path, mode, invoker())
	return err
}

// homeFault wraps an error that isn't yet in its user's words.
func homeFault(path string, err error) error {
	var known *ClusterError
	if errors.As(err, &known) {
		return err
	}
	return faultf(FaultHome, err,
		"the data folder %s can't be used; set MUSCOPE_HOME to a folder you may write",
		"数据目录 %s 无法使用;请把 MUSCOPE_HOME 设为您可写的目录", path)
}

// checkHome refuses a home of somebody else, and one that others may write, who could then plant files in it.
func checkHome(dir string, owner ownership, mode fs.FileMode) error {
	me := invoker()
	switch {
	case !mode.IsDir():
		return faultf(FaultHome, nil, "%s is no folder; set MUSCOPE_HOME to another path",
			"%s 不是目录;请另设 MUSCOPE_HOME", dir)
	case owner.uid != me.uid && me.uid != 0:
		return faultf(FaultHome, nil,
			"the data folder %s belongs to user %s; run as that user or set MUSCOPE_HOME to a folder of your own",
			"数据目录 %s 属于用户 %s;请以该用户运行,或把 MUSCOPE_HOME 设为自己的目录", dir, userName(owner.uid))
	case mode.Perm()&0o002 != 0:
		return faultf(FaultHome, nil,
			"anybody may write the data folder %s, so it isn't safe; chmod o-w it or set MUSCOPE_HOME to another",
			"任何人都可写数据目录 %s,不安全;请执行 chmod o-w,或另设 MUSCOPE_HOME", dir)
	}
	return nil
}

// serverUser is the unprivileged user that runs the server: the owner of the data that is there, else the owner
// of HOME, else (HOME is root's) postgres or nobody.
func serverUser(h clusterHome) (ownership, error) {
	me := invoker()
	if me.uid != 0 {
		return me, nil
	}
	if owner, _, err := ownerOf(h.cluster()); err == nil && owner.uid != 0 {
		return owner, nil
	}
	if h.owner.uid != 0 && userName(h.owner.uid) != strconv.Itoa(h.owner.uid) {
		return h.owner, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		account, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, uidErr := strconv.Atoi(account.Uid)
		gid, gidErr := strconv.Atoi(account.Gid)
		if uidErr == nil && gidErr == nil && uid != 0 {
			return ownership{uid, gid}, nil
		}
	}
	return ownership{}, faultf(FaultHome, nil,
		"PostgreSQL refuses to run as root, and there is neither a user postgres nor nobody; make one: useradd --system postgres",
		"PostgreSQL 不能以 root 运行,而本机没有 postgres 或 nobody 用户;请建立:useradd --system postgres")
}

// userName names a user for a message, by number where it has no name.
func userName(uid int) string {
	account, err := user.LookupId(strconv.Itoa(uid))
	if err != nil {
		return strconv.Itoa(uid)
	}
	return account.Username
}

// socketLimit is the longest socket path that every unix takes (sun_path is 104 bytes on BSD and macOS, 108 on
// Linux, with a closing zero).
const socketLimit = 103

// socketFolder makes or checks the 0700 folder of the server's socket. It lies in the cluster's own folder, which
// no one else can reach and which stays (a folder in /run/user goes away when its user logs out, under a running
// server); only where that path is too long it is a hashed name in /tmp, checked against squatting.
func (h clusterHome) socketFolder() (string, error) {
	inside := filepath.Join(h.cluster(), "s")
	if len(socketPath(inside)) <= socketLimit {
		return inside, h.makeSocketFolder(inside)
	}
	var err error
	for try := range 8 { // a name that somebody else took is passed over
		dir := fmt.Sprintf("/tmp/muscope-%d-%s-%d", h.server.uid, shortHash(h.data()), try)
		if err = h.makeSocketFolder(dir); err == nil {
			return dir, nil
		}
	}
	return "", err
}

func (h clusterHome) makeSocketFolder(dir string) error {
	if _, err := makeFolder(dir, 0o700, h.server); err != nil {
		return homeFault(dir, err)
	}
	owner, mode, err := ownerOf(dir)
	if err != nil {
		return homeFault(dir, err)
	}
	if !mode.IsDir() || mode.Perm() != 0o700 || owner.uid != h.server.uid {
		return faultf(FaultHome, nil,
			"the socket folder %s must be a folder of user %s with mode 0700, and isn't; remove it",
			"套接字目录 %s 应为用户 %s 的目录且权限为 0700;请删除它", dir, userName(h.server.uid))
	}
	return nil
}

// socketPath is the socket's file; 5432 is only its number, nothing listens on a port.
func socketPath(dir string) string { return filepath.Join(dir, ".s.PGSQL.5432") }
