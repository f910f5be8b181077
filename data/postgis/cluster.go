package postgis

import (
	"context"
	"database/sql"
	_ "embed" // the cluster's few statements
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"
)

//go:embed cluster_database.sql
var clusterDatabaseSQL string

//go:embed cluster_extension.sql
var clusterExtensionSQL string

//go:embed cluster_ready.sql
var clusterReadySQL string

// clusterName names the cluster's superuser and its database.
const clusterName = "muscope"

// ClusterOptions are the choices of OpenClusterWith.
type ClusterOptions struct {
	// Home is the data folder (MUSCOPE_HOME); empty means DefaultHome.
	Home string
	// Log is told what is being done, a line at a time, in Lang; nil means silence.
	Log func(string)
	// Lang is "zh" for Chinese; anything else means English.
	Lang string
	// Disposable is for tests: no fsync, and the data is made anew at each start of the server. Never for data
	// that matters.
	Disposable bool
	// Linger is for tests: over zero, Release leaves the server running, and a watcher in the background stops it
	// when nobody has held it for that long (whole seconds).
	Linger time.Duration

	finder finder // where to look for PostgreSQL
}

func (o ClusterOptions) say(en, zh string, args ...any) {
	if o.Log == nil {
		return
	}
	text := en
	if o.Lang == "zh" {
		text = zh
	}
	o.Log(fmt.Sprintf(text, args...))
}

// Cluster is a hold on the private PostgreSQL cluster of one home. The server runs at least as long as any
// process holds it; it is shared with other muscope processes of the same home.
type Cluster struct {
	server  clusterServer
	started bool

	mu    sync.Mutex // guards hold and socket
	hold  *lease     // nil once released
	sock  string
	ended error
}

// OpenCluster finds the installed PostgreSQL with PostGIS, makes the cluster of home (empty: DefaultHome) where
// there is none, starts it where it isn't running, and holds it until Release. The database "muscope" with the
// extension postgis exists afterwards. Errors that a user can act on are a *ClusterError.
func OpenCluster(ctx context.Context, home string, log func(string)) (*Cluster, error) {
	return OpenClusterWith(ctx, ClusterOptions{Home: home, Log: log})
}

// OpenClusterWith is OpenCluster with all choices.
func OpenClusterWith(ctx context.Context, opts ClusterOptions) (*Cluster, error) {
	if opts.finder.path == "" && opts.finder.globs == nil {
		opts.finder = systemFinder()
	}
	home, err := makeHome(opts.Home)
	if err != nil {
		return nil, err
	}
	c := &Cluster{server: clusterServer{home, opts}}
	unlock, err := c.server.lock(ctx)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(c.take(ctx), unlock()); err != nil {
		return nil, err
	}
	return c, nil
}

// take holds the cluster and brings it up; under the lock. After an error nothing is held.
func (c *Cluster) take(ctx context.Context) error {
	home := c.server.home
	if err := home.makeFolders(); err != nil {
		return err
	}
	var err error
	if c.hold, err = home.leases().take(); err != nil {
		return err
	}
	err = c.bringUp(ctx)
	if linger := c.server.opts.Linger; err == nil && linger > 0 {
		err = c.server.watch(linger)
	}
	if err != nil {
		return errors.Join(err, c.letGo(context.WithoutCancel(ctx)))
	}
	return nil
}

// lock takes the cluster's lock, telling the user if that takes long.
func (s clusterServer) lock(ctx context.Context) (unlock func() error, err error) {
	return lockCluster(ctx, s.home.lockPath(), s.home.owner, func() {
		s.opts.say("waiting for another muscope process to start or stop the private database",
			"正在等待另一个 muscope 进程启动或停止私有数据库")
	})
}

// bringUp makes the server run and its database ready; under the lock. What it finds may be any state a killed
// process left, so it looks and acts until the database answers.
func (c *Cluster) bringUp(ctx context.Context) error {
	var err error
	for tries := 3; tries > 0; tries-- {
		if err = c.runServer(ctx); err != nil {
			if errors.Is(err, errServerGone) {
				continue
			}
			return err
		}
		err = c.server.ensureDatabase(ctx, c.sock)
		if err == nil {
			return nil
		}
		if isCode(err, "57P03") { // recovering after the death of a session, or going down: wait, it isn't our try
			tries++
			if err := pause(ctx, 100*time.Millisecond); err != nil {
				return serverFault(err)
			}
			continue
		}
		if _, statErr := os.Stat(socketPath(c.sock)); statErr == nil {
			return err
		}
		// The server lives but its socket is gone (a cleaned /tmp): no one can reach it, so it is started anew.
		if err := c.server.stopIfAlone(ctx, c.hold); err != nil {
			return err
		}
	}
	return serverFault(err)
}

// runServer starts the server or waits for one that is starting, and learns its socket.
func (c *Cluster) runServer(ctx context.Context) error {
	var err error
	if _, ok := c.server.running(); ok {
		err = c.server.waitReady(ctx, nil)
	} else {
		c.started = true
		err = c.server.start(ctx)
	}
	if err != nil {
		return err
	}
	record, ok := c.server.running()
	if !ok {
		return errServerGone
	}
	c.sock = record.socket
	return nil
}

// isCode says whether err is the server's refusal with this SQLSTATE.
func isCode(err error, code pqerror.Code) bool {
	var refused *pq.Error
	return errors.As(err, &refused) && refused.Code == code
}

// ensureDatabase makes the database and its extension where they aren't there yet.
func (s clusterServer) ensureDatabase(ctx context.Context, socket string) error {
	var version string
	err := queryOne(ctx, clusterDSN(socket, clusterName), clusterReadySQL, &version)
	if err == nil {
		return nil
	}
	if isCode(err, "3D000") { // no such database
		if err := execOne(ctx, clusterDSN(socket, "postgres"), clusterDatabaseSQL); err != nil {
			return serverFault(fmt.Errorf("create database: %w", err))
		}
		err = sql.ErrNoRows
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return serverFault(fmt.Errorf("connect: %w", err))
	}
	err = execOne(ctx, clusterDSN(socket, clusterName), clusterExtensionSQL)
	if isCode(err, "23505") || isCode(err, "42710") {
		// A session of a start that was killed was still making it. It has it now; without its commit this waits, and makes it.
		err = execOne(ctx, clusterDSN(socket, clusterName), clusterExtensionSQL)
	}
	if err != nil {
		return serverFault(fmt.Errorf("create extension postgis: %w", err))
	}
	return nil
}

func queryOne(ctx context.Context, dsn, query string, into any) error {
	db, err := sql.Open("postgres", dsn)
	if err != nil {
		return err
	}
	return errors.Join(db.QueryRowContext(ctx, query).Scan(into), db.Close())
}

func execOne(ctx context.Context, dsn, statement string) error {
	db, err := sql.Open("postgres", dsn)
	if err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, statement)
	return errors.Join(err, db.Close())
}

// clusterDSN names what the environment (PGPORT, PGUSER, …) could otherwise change.
func clusterDSN(socket, database string) string {
	quote := strings.NewReplacer(`\`, `\\`, `'`, `\'`)
	return fmt.Sprintf("host='%s' port=5432 user=%s dbname='%s' sslmode=disable client_encoding=UTF8",
		quote.Replace(socket), clusterName, quote.Replace(database))
}

// DSN is the connection string (keyword form, for lib/pq) of the cluster's database.
func (c *Cluster) DSN() string { return c.DatabaseDSN(clusterName) }

// DatabaseDSN is DSN for another database of the same server.
func (c *Cluster) DatabaseDSN(database string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return clusterDSN(c.sock, database)
}

// Started says whether this hold started the server (false: it was running already).
func (c *Cluster) Started() bool { return c.started }

// Ensure starts the server again where it died under this hold (killed for want of memory, say). It is quick
// where the server runs.
func (c *Cluster) Ensure(ctx context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.hold == nil {
		return errReleased
	}
	unlock, err := c.server.lock(ctx)
	if err != nil {
		return err
	}
	return errors.Join(c.bringUp(ctx), unlock())
}

var errReleased = errors.New("the private cluster was released already")

// releaseTime bounds Release: a fast stop writes a checkpoint, which takes seconds after a big load.
const releaseTime = 3 * time.Minute

// Release drops this hold and stops the server if it was the last. Calling it again does nothing and gives the
// first call's result.
func (c *Cluster) Release() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.hold == nil {
		return c.ended
	}
	ctx, cancel := context.WithTimeout(context.Background(), releaseTime)
	defer cancel()
	unlock, err := c.server.lock(ctx)
	if err != nil {
		c.ended = errors.Join(err, c.hold.drop())
		c.hold = nil
		return c.ended
	}
	c.ended = errors.Join(c.letGo(ctx), unlock())
	return c.ended
}

// letGo drops the lease and stops the server where nobody else holds one; under the lock.
func (c *Cluster) letGo(ctx context.Context) error {
	err := c.hold.drop()
	c.hold = nil
	holders, listErr := c.server.home.leases().holders()
	if err := errors.Join(err, listErr); err != nil {
		return err
	}
	if len(holders) > 0 || c.server.opts.Linger > 0 {
		return nil
	}
	return c.server.stop(ctx)
}

// stopIfAlone stops the server where mine is the only lease; under the lock.
func (s clusterServer) stopIfAlone(ctx context.Context, mine *lease) error {
	holders, err := s.home.leases().holders()
	if err != nil {
		return err
	}
	others := len(holders)
	if mine != nil {
		others--
	}
	if others > 0 {
		return inUse(holders)
	}
	return s.stop(ctx)
}

func inUse(holders []int) error {
	e := faultf(FaultInUse, nil,
		"the private database is in use by processes %v; end them, or stop it all the same: muscope db stop --force",
		"私有数据库正被进程 %v 使用;请先结束这些进程,或强制停止:muscope db stop --force", holders)
	e.Command = "muscope db stop --force"
	return e
}
