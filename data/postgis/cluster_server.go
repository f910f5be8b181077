package postgis

import (
	"context"
	_ "embed" // the settings
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

//go:embed cluster.conf
var clusterConf string

// clusterServer starts and stops the PostgreSQL of one home. All its methods run under the cluster's lock.
type clusterServer struct {
	home clusterHome
	opts ClusterOptions
}

// pidFile is what a running server writes into postmaster.pid.
type pidFile struct {
	pid    int
	socket string // folder of its socket
	status string // "starting", "ready", "stopping"
}

// readPidFile gives the server's own record; ok is false where there is none or it's half written.
func (s clusterServer) readPidFile() (record pidFile, ok bool) {
	text, err := os.ReadFile(s.pidPath())
	if err != nil {
		return record, false
	}
	lines := strings.Split(string(text), "\n")
	record.pid, err = strconv.Atoi(strings.TrimSpace(lines[0]))
	if err != nil {
		return record, false
	}
	if len(lines) > 4 {
		record.socket = strings.TrimSpace(lines[4])
	}
	if len(lines) > 7 {
		record.status = strings.TrimSpace(lines[7])
	}
	return record, true
}

func (s clusterServer) pidPath() string { return filepath.Join(s.home.data(), "postmaster.pid") }

// running gives the live server's record.
func (s clusterServer) running() (record pidFile, ok bool) {
	record, ok = s.readPidFile()
	return record, ok && s.home.mark().postmaster(record.pid)
}

// start makes the data folder where there is none, starts the server and waits until it takes connections.
func (s clusterServer) start(ctx context.Context) error {
	major, err := s.dataMajor()
	if err != nil {
		return err
	}
	in, err := s.opts.finder.find(major)
	if err != nil {
		return err
	}
	if err := s.clearStale(ctx); err != nil {
		return err
	}
	if s.opts.Disposable {
		if err := os.RemoveAll(s.home.data()); err != nil {
			return homeFault(s.home.dir, err)
		}
	}
	if _, err := os.Stat(s.home.data()); errors.Is(err, fs.ErrNotExist) {
		if err := s.initialize(ctx, in); err != nil {
			return err
		}
	}
	socket, err := s.home.socketFolder()
	if err != nil {
		return err
	}
	if err := s.writeSettings(socket); err != nil {
		return err
	}
	s.opts.say("starting the private database (PostgreSQL %d)", "正在启动私有数据库(PostgreSQL %d)", in.major)
	started, err := s.launch(in) //nolint:contextcheck // the server outlives ctx
	if err != nil {
		return err
	}
	return s.waitReady(ctx, started)
}

// dataMajor is the version that made the data folder, 0 where there is none.
func (s clusterServer) dataMajor() (int, error) {
	text, err := os.ReadFile(filepath.Join(s.home.data(), "PG_VERSION"))
	if errors.Is(err, fs.ErrNotExist) {
		if _, err := os.Stat(s.home.data()); err == nil {
			return 0, faultf(FaultVersion, nil,
				"%s is no PostgreSQL data folder (no PG_VERSION); move it away",
				"%s 不是 PostgreSQL 数据目录(没有 PG_VERSION);请将其移走", s.home.data())
		}
		return 0, nil
	}
	if err != nil {
		return 0, homeFault(s.home.dir, err)
	}
	major, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		return 0, homeFault(s.home.dir, fmt.Errorf("PG_VERSION: %w", err))
	}
	return major, nil
}

// clearStale puts away what a killed server left: processes that outlive their postmaster (a long query doesn't
// notice its death) and a postmaster.pid whose number some other process may have by now, which would keep
// PostgreSQL from starting.
func (s clusterServer) clearStale(ctx context.Context) error {
	if _, err := os.Lstat(s.pidPath()); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	s.opts.say("the private database wasn't stopped in order; recovering", "私有数据库上次未正常停止,正在恢复")
	signals := []syscall.Signal{stopImmediate, syscall.SIGKILL}
	for _, sig := range signals {
		for range 50 {
			orphans := s.home.mark().children()
			if len(orphans) == 0 {
				break
			}
			for _, pid := range orphans {
				if err := signalProcess(pid, sig); err != nil {
					return serverFault(fmt.Errorf("end orphan process %d: %w", pid, err))
				}
			}
			if err := pause(ctx, 100*time.Millisecond); err != nil {
				return err
			}
		}
	}
	return os.Remove(s.pidPath())
}

// initialize runs initdb beside the data folder and moves the result into place, so that a data folder is
// either whole or not there.
func (s clusterServer) initialize(ctx context.Context, in installation) error {
	s.opts.say("making the private database in %s (once)", "正在建立私有数据库:%s(仅一次)", s.home.data())
	// A folder of its own: the initdb of a killed muscope may still be at work in
	// the one before, and takes that away when it gives up.
	fresh := fmt.Sprintf("%s.new-%d-%x", s.home.data(), os.Getpid(), time.Now().UnixNano())
	s.removeUnfinished()
	args := []string{"--pgdata", fresh, "--username", clusterName, "--auth", "trust", "--encoding", "UTF8", "--locale", "C"}
	if s.opts.Disposable {
		args = append(args, "--no-sync")
	}
	cmd := s.command(ctx, in, "initdb", args...)
	if out, err := cmd.CombinedOutput(); err != nil {
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		if errors.Is(err, fs.ErrPermission) {
			return faultf(FaultHome, err, "the user that runs the database can't enter %s or a folder above it; set MUSCOPE_HOME to another folder (/var/lib/muscope), or let others pass with chmod o+x on each of its folders",
				"运行数据库的用户无法进入 %s 或其上级目录;请将 MUSCOPE_HOME 设为其他目录(如 /var/lib/muscope),或对各级目录执行 chmod o+x", s.home.dir)
		}
		return serverFault(fmt.Errorf("initdb: %w: %s", err, strings.TrimSpace(string(out))))
	}
	//nolint:dupword // pg_hba's "all all"
	files := map[string]string{
		"postgresql.conf": "include 'muscope.conf'\ninclude_if_exists 'local.conf'\n",
		"local.conf":      "# Your own settings; they override muscope.conf.\n",
		"pg_hba.conf":     "# The socket's folder (0700) is the lock on the door.\nlocal all all trust\n",
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if err := replaceOwned(filepath.Join(fresh, name), files[name], s.home.server); err != nil {
			return homeFault(s.home.dir, err)
		}
	}
	if err := os.Rename(fresh, s.home.data()); err != nil {
		return homeFault(s.home.dir, err)
	}
	return nil
}

// removeUnfinished clears away what initdb left unfinished before. What can't
// be removed yet goes the next time.
func (s clusterServer) removeUnfinished() {
	entries, err := os.ReadDir(s.home.cluster())
	if err != nil {
		return // initdb says what is wrong with the folder
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), filepath.Base(s.home.data())+".new") {
			_ = os.RemoveAll(filepath.Join(s.home.cluster(), e.Name()))
		}
	}
}

// writeSettings writes muscope.conf into the data folder.
func (s clusterServer) writeSettings(socket string) error {
	var text strings.Builder
	text.WriteString(clusterConf)
	fmt.Fprintf(&text, "\ncluster_name = '%s'\nunix_socket_directories = '%s'\n", s.home.mark().name, quoteSetting(socket))
	if poorSharedMemory() {
		text.WriteString("dynamic_shared_memory_type = sysv # /dev/shm is small or closed here\n")
	}
	if s.opts.Disposable {
		text.WriteString("# Tests only: what a crash breaks is made anew.\n" +
			"fsync = off\nsynchronous_commit = off\nfull_page_writes = off\nshared_buffers = 128MB\n")
	}
	if err := replaceOwned(filepath.Join(s.home.data(), "muscope.conf"), text.String(), s.home.server); err != nil {
		return homeFault(s.home.dir, err)
	}
	return nil
}

// quoteSetting escapes a path for a list setting within single quotes of postgresql.conf.
func quoteSetting(path string) string {
	list := `"` + strings.ReplaceAll(path, `"`, `""`) + `"`
	return strings.NewReplacer(`\`, `\\`, `'`, `''`).Replace(list)
}

// command prepares one of the server's programs: as its user, in its folder, with nothing of our environment that
// could lead it elsewhere (PGDATA, PGPORT, a locale) or that it needn't know (secrets).
func (s clusterServer) command(ctx context.Context, in installation, program string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, filepath.Join(in.bin, program), args...)
	cmd.Dir = s.home.cluster()
	cmd.Env = []string{"LC_ALL=C", "LANG=C"}
	for _, name := range []string{"PATH", "LD_LIBRARY_PATH", "PROJ_LIB", "PROJ_DATA"} {
		if value, ok := os.LookupEnv(name); ok {
			cmd.Env = append(cmd.Env, name+"="+value)
		}
	}
	runAs(cmd, s.home.server)
	return cmd
}

// launched is a server that this process started.
type launched struct {
	exited  <-chan error // gets its end where it dies before this process
	logFrom int64        // where its part of the log begins
}

// launch starts the server, which lives on after this process.
func (s clusterServer) launch(in installation) (*launched, error) {
	var logFrom int64
	if info, err := os.Stat(s.home.log()); err == nil {
		logFrom = info.Size()
	}
	if logFrom > 16<<20 {
		if err := os.Rename(s.home.log(), s.home.log()+".1"); err != nil {
			return nil, homeFault(s.home.dir, err)
		}
		logFrom = 0
	}
	log, err := openOwned(s.home.log(), s.home.server)
	if err != nil {
		return nil, homeFault(s.home.dir, err)
	}
	defer log.Close()
	cmd := s.command(context.Background(), in, "postgres", "-D", s.home.data())
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		return nil, serverFault(fmt.Errorf("start %s as user %s in %s (which that user must be able to enter): %w",
			cmd.Path, userName(s.home.server.uid), cmd.Dir, err))
	}
	end := make(chan error, 1)
	go func() { end <- cmd.Wait() }()
	return &launched{end, logFrom}, nil
}

// waitReady waits until the server says that it takes connections. Crash recovery may take minutes: it waits as
// long as the server lives and ctx allows. started is nil where another process started the server.
func (s clusterServer) waitReady(ctx context.Context, started *launched) error {
	began, told := time.Now(), 0
	var exited <-chan error
	if started != nil {
		exited = started.exited
	}
	for {
		record, ok := s.readPidFile()
		if ok && record.status == "ready" && s.home.mark().postmaster(record.pid) {
			return nil
		}
		select {
		case err := <-exited:
			if err == nil {
				err = errors.New("it stopped at once")
			}
			return serverFault(fmt.Errorf("postgres: %w; %s says:\n%s", err, s.home.log(), tail(s.home.log(), started.logFrom)))
		case <-ctx.Done():
			return serverFault(fmt.Errorf("wait for the server (%s): %w", s.home.log(), ctx.Err()))
		case <-time.After(10 * time.Millisecond):
		}
		if exited == nil && !s.home.mark().postmaster(record.pid) {
			return errServerGone
		}
		if waited := int(time.Since(began).Seconds()); waited >= told+5 {
			told = waited
			s.opts.say("the private database is still starting (%d s)", "私有数据库仍在启动(%d 秒)", waited)
		}
	}
}

// errServerGone says that a server started by another process ended while we waited for it.
var errServerGone = errors.New("the server ended while starting")

// stop ends the server in order; where that takes over a minute, at once (the next start recovers).
func (s clusterServer) stop(ctx context.Context) error {
	record, ok := s.running()
	if !ok {
		return nil
	}
	for _, sig := range []syscall.Signal{stopFast, stopImmediate} {
		if err := signalProcess(record.pid, sig); err != nil {
			return serverFault(fmt.Errorf("stop process %d: %w", record.pid, err))
		}
		for range 60 * 100 {
			if !s.home.mark().postmaster(record.pid) {
				s.removeSocketFolder(record.socket)
				return nil
			}
			if err := pause(ctx, 10*time.Millisecond); err != nil {
				return serverFault(fmt.Errorf("wait for the end of process %d: %w", record.pid, err))
			}
		}
	}
	return serverFault(fmt.Errorf("process %d doesn't stop; see %s", record.pid, s.home.log()))
}

// removeSocketFolder takes an empty socket folder in /tmp away; one within the home stays.
func (s clusterServer) removeSocketFolder(dir string) {
	if filepath.Dir(dir) != s.home.cluster() {
		_ = os.Remove(dir) // not empty or not ours: it stays
	}
}

func serverFault(err error) error {
	return faultf(FaultServer, err, "the private database server failed", "私有数据库服务器出错")
}

// tail reads a log from an offset on, at most its last 2000 bytes, for an error message.
func tail(path string, from int64) string {
	file, err := os.Open(path)
	if err != nil {
		return err.Error()
	}
	defer file.Close()
	if info, err := file.Stat(); err == nil {
		from = max(from, info.Size()-2000)
	}
	if _, err := file.Seek(from, io.SeekStart); err != nil {
		return err.Error()
	}
	text, err := io.ReadAll(file)
	if err != nil {
		return err.Error()
	}
	return strings.TrimSpace(string(text))
}
