//go:build linux || darwin

package postgis

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	_ "github.com/lib/pq" // driver
)

const (
	childHome    = "MUSCOPE_TEST_CLUSTER_HOME"    // names the home in a child process
	childDurable = "MUSCOPE_TEST_CLUSTER_DURABLE" // the child runs with fsync
)

// TestClusterChild is no test of its own: the tests below run this binary again with it as another muscope
// process. It opens the cluster, prints its DSN, and releases it when its standard input ends.
func TestClusterChild(t *testing.T) {
	home := os.Getenv(childHome)
	if home == "" {
		return
	}
	c, err := OpenClusterWith(t.Context(), ClusterOptions{Home: home, Disposable: os.Getenv(childDurable) == ""})
	if err != nil {
		fmt.Println("ERROR", err)
		t.Fatal(err)
	}
	fmt.Println("DSN", c.DSN())
	if _, err := io.Copy(io.Discard, os.Stdin); err != nil {
		t.Fatal(err)
	}
	if err := c.Release(); err != nil {
		fmt.Println("ERROR", err)
		t.Fatal(err)
	}
	fmt.Println("RELEASED")
}

// child is another process that uses the cluster.
type child struct {
	t     *testing.T
	cmd   *exec.Cmd
	stdin io.Closer
	lines *bufio.Scanner
	dsn   string
}

func startChild(t *testing.T, home string, change func(*exec.Cmd)) *child {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestClusterChild$", "-test.timeout=120s")
	cmd.Env = append(os.Environ(), childHome+"="+home)
	if change != nil {
		change(cmd)
	}
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	c := &child{t: t, cmd: cmd, stdin: stdin, lines: bufio.NewScanner(stdout)}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	return c
}

// open waits until the child holds the cluster.
func (c *child) open() *child {
	c.t.Helper()
	c.dsn = c.read("DSN ")
	return c
}

func (c *child) read(prefix string) string {
	c.t.Helper()
	for c.lines.Scan() {
		if rest, ok := strings.CutPrefix(c.lines.Text(), prefix); ok {
			return rest
		}
		if strings.HasPrefix(c.lines.Text(), "ERROR") {
			c.t.Fatal(c.lines.Text())
		}
	}
	c.t.Fatalf("child ended before it said %q", prefix)
	return ""
}

// release lets the child release the cluster and end.
func (c *child) release() {
	c.t.Helper()
	c.stdin.Close()
	c.read("RELEASED")
	if err := c.cmd.Wait(); err != nil {
		c.t.Fatal(err)
	}
}

// kill ends the child without a chance to release.
func (c *child) kill() {
	c.t.Helper()
	if err := c.cmd.Process.Kill(); err != nil {
		c.t.Fatal(err)
	}
	_ = c.cmd.Wait() // "signal: killed"
}

// newHome makes a folder that the server's user can enter (t.TempDir is closed to it) and leaves no server behind.
func newHome(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "muscope-cluster-")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	home := filepath.Join(dir, "home")
	t.Cleanup(func() {
		if err := StopCluster(home, true); err != nil {
			t.Error(err)
		}
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return home
}

func open(t *testing.T, home string) *Cluster {
	t.Helper()
	c, err := OpenClusterWith(t.Context(), ClusterOptions{Home: home, Disposable: true, Log: func(s string) { t.Log(s) }})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func ask(t *testing.T, dsn, query string) string {
	t.Helper()
	var answer string
	if err := queryOne(t.Context(), dsn, query, &answer); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return answer
}

func tell(t *testing.T, dsn, statement string) {
	t.Helper()
	if err := execOne(t.Context(), dsn, statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

func state(t *testing.T, home string) ClusterState {
	t.Helper()
	s, err := ClusterStatus(home)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func faultOf(err error) ClusterFault {
	var e *ClusterError
	if errors.As(err, &e) {
		return e.Fault
	}
	return ""
}

// A durable cluster, as users have it: made, kept over a restart, with the settings that loading relies on.
func TestClusterKeepsData(t *testing.T) {
	t.Parallel()
	home := newHome(t)
	if s := state(t, home); s.Exists || s.Running {
		t.Fatalf("before the first start: %+v", s)
	}
	var said []string
	began := time.Now()
	c, err := OpenCluster(t.Context(), home, func(s string) { said = append(said, s) })
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("first start: %v", time.Since(began))
	if len(said) != 2 || !c.Started() {
		t.Errorf("said %q, started %v", said, c.Started())
	}
	settings := map[string]string{
		"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "wal_level": "minimal", "max_wal_senders": "0",
		"listen_addresses": "", "server_encoding": "UTF8", "jit": "off", "unix_socket_permissions": "0700", "TimeZone": "UTC",
	}
	for name, want := range settings {
		if got := ask(t, c.DSN(), "show "+name); got != want {
			t.Errorf("%s = %q, want %q", name, got, want)
		}
	}
	if got := ask(t, c.DSN(), "select datcollate from pg_database where datname = 'muscope'"); got != "C" {
		t.Errorf("collation %q", got)
	}
	if got := ask(t, c.DSN(), "select st_astext(st_makepoint(1,2))"); got != "POINT(1 2)" {
		t.Errorf("PostGIS: %q", got)
	}
	tell(t, c.DSN(), "create table kept as select 7 as n")
	if err := c.Release(); err != nil {
		t.Fatal(err)
	}
	if err := c.Release(); err != nil {
		t.Errorf("second release: %v", err)
	}
	if err := c.Ensure(t.Context()); !errors.Is(err, errReleased) {
		t.Errorf("Ensure after Release: %v", err)
	}
	if s := state(t, home); s.Running || !s.Exists || len(s.Holders) != 0 || s.Major < oldestPostgreSQL {
		t.Errorf("after release: %+v", s)
	}

	began = time.Now()
	c, err = OpenCluster(t.Context(), home, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("start: %v", time.Since(began))
	defer c.Release()
	if got := ask(t, c.DSN(), "select n::text from kept"); got != "7" {
		t.Errorf("kept %q", got)
	}
	began = time.Now()
	second, err := OpenCluster(t.Context(), home, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("attach: %v", time.Since(began))
	if second.Started() || second.DSN() != c.DSN() {
		t.Errorf("second hold: started %v, DSN %s", second.Started(), second.DSN())
	}
	if err := second.Release(); err != nil {
		t.Fatal(err)
	}
	if s := state(t, home); !s.Running || !slices.Equal(s.Holders, []int{os.Getpid()}) {
		t.Errorf("one hold left: %+v", s)
	}
}

// Nobody but the server's user (and root) reaches the data and the socket.
func TestClusterIsPrivate(t *testing.T) {
	t.Parallel()
	home := newHome(t)
	c := open(t, home)
	defer c.Release()
	s := state(t, home)
	h, err := lookHome(home)
	if err != nil {
		t.Fatal(err)
	}
	if h.server.uid == 0 {
		t.Error("the server's user is root")
	}
	for _, dir := range []string{h.cluster(), s.DataDir, s.Socket} {
		owner, mode, err := ownerOf(dir)
		if err != nil || mode.Perm() != 0o700 || owner.uid != h.server.uid {
			t.Errorf("%s: owner %v, mode %v, %v", dir, owner, mode, err)
		}
	}
	for _, file := range []string{h.lockPath(), h.log(), filepath.Join(s.DataDir, "muscope.conf")} {
		if _, mode, err := ownerOf(file); err != nil || mode.Perm() != 0o600 {
			t.Errorf("%s: mode %v, %v", file, mode, err)
		}
	}
}

func TestClusterShared(t *testing.T) {
	t.Parallel()
	home := newHome(t)
	first := startChild(t, home, nil).open()
	second := startChild(t, home, nil).open()
	if first.dsn != second.dsn {
		t.Fatalf("%s and %s", first.dsn, second.dsn)
	}
	pid := state(t, home).PID
	if err := StopCluster(home, false); faultOf(err) != FaultInUse {
		t.Errorf("stop in use: %v", err)
	}
	first.release() // the one that started it goes; the server stays
	if s := state(t, home); !s.Running || s.PID != pid || !slices.Equal(s.Holders, []int{second.cmd.Process.Pid}) {
		t.Errorf("after the starter's release: %+v", s)
	}
	tell(t, second.dsn, "create table t (n int)")
	second.release()
	if s := state(t, home); s.Running {
		t.Errorf("after the last release: %+v", s)
	}
}

// A killed process neither keeps the server from stopping nor takes it away from others.
func TestClusterHolderKilled(t *testing.T) {
	t.Parallel()
	home := newHome(t)
	killed := startChild(t, home, nil).open()
	stays := startChild(t, home, nil).open()
	killed.kill()
	if s := state(t, home); !s.Running || len(s.Holders) != 1 {
		t.Errorf("after the kill: %+v", s)
	}
	tell(t, stays.dsn, "create table t (n int)")
	stays.release()
	if s := state(t, home); s.Running {
		t.Errorf("after the last release: %+v", s)
	}

	only := startChild(t, home, nil).open() // the only holder dies: the server is found running and used
	tell(t, only.dsn, "create table t (n int)")
	only.kill()
	c := open(t, home)
	if c.Started() {
		t.Error("started a second server")
	}
	tell(t, c.DSN(), "drop table t")
	if err := c.Release(); err != nil {
		t.Fatal(err)
	}
	if s := state(t, home); s.Running {
		t.Errorf("after the last release: %+v", s)
	}
}

// The server is killed while a session works: committed rows stay, the next opener recovers.
func TestClusterServerKilled(t *testing.T) {
	t.Parallel()
	home := newHome(t)
	c, err := OpenCluster(t.Context(), home, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Release()
	tell(t, c.DSN(), "create table kept as select 7 as n")
	busy := make(chan error, 1)
	go func() {
		// Works without looking up, so it outlives the postmaster.
		busy <- execOne(context.Background(), c.DSN(), "do $$ begin loop end loop; end $$")
	}()
	mark := c.server.home.mark()
	waitFor(t, "the session", func() bool { return ask(t, c.DSN(), busySQL) == "1" })
	if err := syscall.Kill(state(t, home).PID, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "the postmaster's end", func() bool { return !state(t, home).Running })
	if len(mark.children()) == 0 {
		t.Error("no orphan: this test tests too little")
	}
	began := time.Now()
	if err := c.Ensure(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Logf("recovery: %v", time.Since(began))
	if got := ask(t, c.DSN(), "select n::text from kept"); got != "7" {
		t.Errorf("kept %q", got)
	}
	if err := <-busy; err == nil {
		t.Error("the orphan's session ended well")
	}
}

const busySQL = `select count(*)::text from pg_stat_activity where state = 'active' and query like 'do %'`

func waitFor(t *testing.T, what string, done func() bool) {
	t.Helper()
	for range 500 {
		if done() {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatalf("waited too long for %s", what)
}

// After a reboot the number in postmaster.pid may be anybody's; PostgreSQL alone would refuse to start.
func TestClusterStalePid(t *testing.T) {
	t.Parallel()
	home := newHome(t)
	c, err := OpenCluster(t.Context(), home, nil)
	if err != nil {
		t.Fatal(err)
	}
	pidPath := c.server.pidPath()
	record, err := os.ReadFile(pidPath)
	if err != nil {
		t.Fatal(err)
	}
	tell(t, c.DSN(), "create table kept as select 7 as n")
	if err := c.Release(); err != nil {
		t.Fatal(err)
	}
	other := exec.Command("sleep", "300")
	runAs(other, c.server.home.server)
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = other.Process.Kill(); _ = other.Wait() }()
	_, rest, _ := strings.Cut(string(record), "\n")
	stale := fmt.Sprintf("%d\n%s", other.Process.Pid, rest)
	if err := replaceOwned(pidPath, stale, c.server.home.server); err != nil {
		t.Fatal(err)
	}
	if s := state(t, home); s.Running {
		t.Errorf("a stranger taken for the server: %+v", s)
	}
	if c, err = OpenCluster(t.Context(), home, nil); err != nil {
		t.Fatal(err)
	}
	defer c.Release()
	if got := ask(t, c.DSN(), "select n::text from kept"); got != "7" {
		t.Errorf("kept %q", got)
	}
	if !processAlive(other.Process.Pid) {
		t.Error("the stranger was killed")
	}
}

func TestClusterConcurrentStarts(t *testing.T) {
	t.Parallel()
	home := newHome(t)
	children := make([]*child, 5)
	for i := range children {
		children[i] = startChild(t, home, nil)
	}
	for _, c := range children {
		c.open()
	}
	s := state(t, home)
	if len(s.Holders) != len(children) {
		t.Errorf("holders %v", s.Holders)
	}
	for _, c := range children {
		c.release()
	}
	if s := state(t, home); s.Running {
		t.Errorf("after the last release: %+v", s)
	}
}

// Opening and releasing at random times: whoever holds the cluster can use it.
func TestClusterStartAgainstStop(t *testing.T) {
	t.Parallel()
	home := newHome(t)
	open(t, home).Release()
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for range 5 {
				c, err := OpenCluster(t.Context(), home, nil)
				if err != nil {
					t.Error(err)
					return
				}
				var one int
				if err := queryOne(t.Context(), c.DSN(), "select 1", &one); err != nil {
					t.Error(err)
				}
				if err := c.Release(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if s := state(t, home); s.Running || len(s.Holders) != 0 {
		t.Errorf("at the end: %+v", s)
	}
}

// What a process killed at any step of the first start leaves is made anew.
func TestClusterHalfMade(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name string
		half func(t *testing.T, h clusterHome)
	}{
		{"killed initdb", func(t *testing.T, h clusterHome) {
			if err := os.MkdirAll(filepath.Join(h.data()+".new", "base"), 0o700); err != nil {
				t.Fatal(err)
			}
		}},
		{"no database yet", func(t *testing.T, h clusterHome) {
			s := clusterServer{h, ClusterOptions{finder: systemFinder(), Disposable: true}}
			if err := s.start(t.Context()); err != nil {
				t.Fatal(err)
			}
		}},
		{"no extension yet", func(t *testing.T, h clusterHome) {
			s := clusterServer{h, ClusterOptions{finder: systemFinder(), Disposable: true}}
			if err := s.start(t.Context()); err != nil {
				t.Fatal(err)
			}
			record, _ := s.running()
			tell(t, clusterDSN(record.socket, "postgres"), clusterDatabaseSQL)
		}},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			home := newHome(t)
			h, err := makeHome(home)
			if err != nil {
				t.Fatal(err)
			}
			if err := h.makeFolders(); err != nil {
				t.Fatal(err)
			}
			tc.half(t, h)
			c := open(t, home)
			defer c.Release()
			if got := ask(t, c.DSN(), "select st_astext(st_makepoint(1,2))"); got != "POINT(1 2)" {
				t.Errorf("PostGIS: %q", got)
			}
		})
	}
}

// A process killed while initdb works, at several moments.
func TestClusterKilledWhileStarting(t *testing.T) {
	t.Parallel()
	home := newHome(t)
	for i := range 5 {
		c := startChild(t, home, nil)
		time.Sleep(time.Duration(50+i*250) * time.Millisecond)
		c.kill()
	}
	c := open(t, home)
	defer c.Release()
	tell(t, c.DSN(), "create table t (g geometry)")
}

// A home whose path leaves no room for a socket gets a folder in /tmp.
func TestClusterLongHome(t *testing.T) {
	t.Parallel()
	home := filepath.Join(newHome(t)+strings.Repeat("长", 20), strings.Repeat("x", 60), "it's \"here\"")
	defer os.RemoveAll(filepath.Dir(filepath.Dir(home)))
	if err := os.MkdirAll(filepath.Dir(home), 0o755); err != nil {
		t.Fatal(err)
	}
	c := open(t, home)
	socket := state(t, home).Socket
	if len(socketPath(socket)) > socketLimit || !strings.HasPrefix(socket, "/tmp/muscope-") {
		t.Errorf("socket folder %s", socket)
	}
	// A cleaned /tmp takes the socket away under the running server.
	if err := os.RemoveAll(socket); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenClusterWith(t.Context(), ClusterOptions{Home: home, Disposable: true}); faultOf(err) != FaultInUse {
		t.Errorf("socket gone, in use: %v", err)
	}
	if err := c.Ensure(t.Context()); err != nil {
		t.Fatalf("socket gone, alone: %v", err)
	}
	tell(t, c.DSN(), "select 1")
	if err := c.Release(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(socket); err == nil {
		t.Errorf("%s is left behind", socket)
	}
	// A squatter's folder is passed over.
	if err := os.Mkdir(socket, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(socket, 0o777); err != nil {
		t.Fatal(err)
	}
	c = open(t, home)
	if next := state(t, home).Socket; next == socket {
		t.Errorf("uses %s, which anybody may write", next)
	}
	if err := os.Remove(socket); err != nil {
		t.Error(err)
	}
	if err := c.Release(); err != nil {
		t.Fatal(err)
	}
}

func TestClusterOrdinaryUser(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		return // every other test of this file then runs as an ordinary user
	}
	home := newHome(t)
	dir := filepath.Dir(home)
	program := filepath.Join(dir, "postgis.test") // the test binary lies in a folder closed to others
	text, err := os.ReadFile(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(program, text, 0o755); err != nil {
		t.Fatal(err)
	}
	const uid, gid = 65534, 65534
	if _, err := makeFolder(home, 0o700, ownership{uid, gid}); err != nil {
		t.Fatal(err)
	}
	asNobody := func(cmd *exec.Cmd) {
		cmd.Path, cmd.Dir = program, dir
		runAs(cmd, ownership{uid, gid})
	}
	user := startChild(t, home, asNobody).open()
	// Root shares the user's cluster, and leaves nothing there that the user can't open.
	root := open(t, home)
	if root.Started() || root.DSN() != user.dsn {
		t.Errorf("root started another server: %s", root.DSN())
	}
	user.release()
	if err := root.Release(); err != nil {
		t.Fatal(err)
	}
	if root = open(t, home); !root.Started() {
		t.Error("the server wasn't stopped")
	}
	if h := root.server.home; h.server.uid != uid {
		t.Errorf("root runs the user's server as %d", h.server.uid)
	}
	startChild(t, home, asNobody).open().release()
	if err := root.Release(); err != nil {
		t.Fatal(err)
	}
	startChild(t, home, asNobody).open().release()

	// Nobody else's home.
	rootHome := newHome(t)
	open(t, rootHome).Release()
	other := startChild(t, rootHome, asNobody)
	if !other.lines.Scan() || !strings.Contains(other.lines.Text(), "belongs to user root") {
		t.Errorf("root's home, used by another: %q", other.lines.Text())
	}
}

func TestClusterHomeRefused(t *testing.T) {
	t.Parallel()
	open := newHome(t)
	if err := os.Mkdir(open, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(open, 0o777); err != nil {
		t.Fatal(err)
	}
	file := newHome(t)
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	defer os.Remove(file)
	for name, home := range map[string]string{"anybody's": open, "a file": file, "below a file": filepath.Join(file, "x")} {
		_, err := OpenCluster(t.Context(), home, nil)
		if faultOf(err) != FaultHome {
			t.Errorf("%s: %v", name, err)
		}
		if err != nil && (!strings.Contains(err.Error(), home) || !strings.Contains(err.Error(), "MUSCOPE_HOME")) {
			t.Errorf("%s: neither where nor what to do: %v", name, err)
		}
	}
	if err := os.Chmod(open, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
}

func TestClusterOtherMajor(t *testing.T) {
	t.Parallel()
	home := newHome(t)
	open(t, home).Release()
	h, err := lookHome(home)
	if err != nil {
		t.Fatal(err)
	}
	version := filepath.Join(h.data(), "PG_VERSION")
	was, err := os.ReadFile(version)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(version, []byte("12\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = OpenCluster(t.Context(), home, nil)
	if faultOf(err) != FaultVersion || !strings.Contains(err.Error(), "PostgreSQL 12") {
		t.Errorf("made by 12: %v", err)
	}
	if s := state(t, home); len(s.Holders) != 0 {
		t.Errorf("a failed open left a lease: %+v", s)
	}
	if err := os.WriteFile(version, was, 0o600); err != nil {
		t.Fatal(err)
	}
}

// A start that can't succeed says why, from the server's own log, and leaves nothing running.
func TestClusterBadSettings(t *testing.T) {
	t.Parallel()
	home := newHome(t)
	open(t, home).Release()
	h, err := lookHome(home)
	if err != nil {
		t.Fatal(err)
	}
	if err := replaceOwned(filepath.Join(h.data(), "local.conf"), "no_such_setting = 1\n", h.server); err != nil {
		t.Fatal(err)
	}
	_, err = OpenCluster(t.Context(), home, nil)
	if faultOf(err) != FaultServer || !strings.Contains(err.Error(), "no_such_setting") {
		t.Errorf("bad local.conf: %v", err)
	}
	if s := state(t, home); s.Running || len(s.Holders) != 0 {
		t.Errorf("left behind: %+v", s)
	}
}

func TestClusterCancelled(t *testing.T) {
	t.Parallel()
	home := newHome(t)
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if _, err := OpenCluster(ctx, home, nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v", err)
	}
	if s := state(t, home); s.Running || len(s.Holders) != 0 {
		t.Errorf("left behind: %+v", s)
	}
}

func TestClusterForcedStop(t *testing.T) {
	t.Parallel()
	home := newHome(t)
	c := open(t, home)
	db, err := sql.Open("postgres", c.DSN())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.Ping(); err != nil { // an open session doesn't hold the server up
		t.Fatal(err)
	}
	if err := StopCluster(home, true); err != nil {
		t.Fatal(err)
	}
	if s := state(t, home); s.Running {
		t.Errorf("%+v", s)
	}
	if err := c.Release(); err != nil {
		t.Errorf("release after a forced stop: %v", err)
	}
}

// A server that lingers outlives its holders for a while, and then goes.
func TestClusterLingers(t *testing.T) {
	t.Parallel()
	home := newHome(t)
	hold := func() *Cluster {
		c, err := OpenClusterWith(t.Context(), ClusterOptions{Home: home, Disposable: true, Linger: 2 * time.Second})
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	if err := hold().Release(); err != nil {
		t.Fatal(err)
	}
	c := hold()
	if c.Started() {
		t.Error("it didn't linger")
	}
	time.Sleep(3500 * time.Millisecond)
	if s := state(t, home); !s.Running {
		t.Error("stopped under a holder")
	}
	if err := c.Release(); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "the watcher to stop the server", func() bool { return !state(t, home).Running })
}

func TestDefaultHome(t *testing.T) {
	t.Setenv("HOME", "/home/li")
	t.Setenv("XDG_DATA_HOME", "")
	want := "/home/li/.local/share/muscope"
	if os.Geteuid() == 0 {
		want = "/var/lib/muscope"
	}
	if got, err := DefaultHome(); err != nil || got != want {
		t.Errorf("%q, %v; want %q", got, err, want)
	}
}
