// Package postgistest gives tests a real PostGIS: a database of its own for each test, on one disposable private
// cluster that all test processes of a user share and that goes away when they are done.
//
// It never knows muscope's schema: a test says by a Template what its databases begin with. It never skips: without
// PostGIS a test fails with the command that installs it.
//
// MUSCOPE_TEST_DATABASE_URL names another server to use (a superuser's connection, since databases and extensions
// are made).
package postgistest

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	_ "github.com/lib/pq" // driver

	"github.com/muscope/muscope/data/postgis"
)

// ServerVariable is the environment variable that names another server for the tests.
const ServerVariable = "MUSCOPE_TEST_DATABASE_URL"

// linger is how long the cluster outlives its last test: go test builds one package while another has ended.
const linger = 60 * time.Second

// patience bounds one preparation: a first start under the load of a whole test run.
const patience = 2 * time.Minute

// Template is what a test's database begins with, besides PostGIS.
type Template struct {
	// Key names the content: the same key means the same content, so it holds a digest of what Prepare applies
	// (of the migration files, say). Prepare runs once for a key, for all test processes.
	Key string
	// Prepare fills the empty database; nil leaves it empty. It must close what it opens.
	Prepare func(db *sql.DB) error
}

// DSN gives the connection string (for lib/pq; keyword form unless MUSCOPE_TEST_DATABASE_URL is a URL) of a fresh database with the extension postgis and
// nothing else. The database is dropped when the test ends, whoever is still connected.
func DSN(t testing.TB) string {
	t.Helper()
	return Template{}.DSN(t)
}

// Open is DSN with a connection pool on it, closed when the test ends.
func Open(t testing.TB) *sql.DB {
	t.Helper()
	return Template{}.Open(t)
}

// DSN gives the connection string of a fresh database that is a copy of the template.
func (tpl Template) DSN(t testing.TB) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	server, err := openServer(ctx)
	if err != nil {
		t.Fatalf("postgistest: %v", err)
	}
	t.Cleanup(func() {
		if err := server.close(); err != nil {
			t.Errorf("postgistest: %v", err)
		}
	})
	name, err := server.create(ctx, tpl)
	if err != nil {
		t.Fatalf("postgistest: %v", err)
	}
	t.Cleanup(func() {
		if err := server.drop(name); err != nil {
			t.Errorf("postgistest: %v", err)
		}
	})
	return server.dsn(name)
}

// Open is DSN with a connection pool on it, closed when the test ends.
func (tpl Template) Open(t testing.TB) *sql.DB {
	t.Helper()
	db, err := sql.Open("postgres", tpl.DSN(t))
	if err != nil {
		t.Fatalf("postgistest: %v", err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("postgistest: %v", err)
		}
	})
	return db
}

// server is the PostgreSQL that one test uses.
type server struct {
	cluster *postgis.Cluster // nil where the environment names a server
	base    string           // connection string in keyword form, where url is nil; a later dbname= overrides
	url     *url.URL         // the same as URL
	admin   *sql.DB
}

func openServer(ctx context.Context) (*server, error) {
	s := &server{base: os.Getenv(ServerVariable)}
	if strings.Contains(s.base, "://") {
		address, err := url.Parse(s.base)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", ServerVariable, err)
		}
		s.url = address
	}
	if s.base == "" {
		cluster, err := postgis.OpenClusterWith(ctx, postgis.ClusterOptions{Home: home(), Disposable: true, Linger: linger})
		if err != nil {
			return nil, err
		}
		s.cluster, s.base = cluster, cluster.DSN()
	}
	admin, err := sql.Open("postgres", s.dsn("postgres"))
	if err != nil {
		return nil, errors.Join(err, s.close()) //nolint:contextcheck // Release takes none: it must end whatever happens
	}
	admin.SetMaxOpenConns(2)
	s.admin = admin
	return s, nil
}

// home is the folder of the tests' cluster, one a user. Root's server runs as another user, who may not enter the
// folder that TMPDIR names.
func home() string {
	dir := os.TempDir()
	if os.Getuid() == 0 {
		dir = "/tmp"
	}
	return filepath.Join(dir, "muscope-test-"+strconv.Itoa(os.Getuid()))
}

func (s *server) dsn(database string) string {
	if s.url == nil {
		return s.base + " dbname=" + database
	}
	address := *s.url
	address.Path = "/" + database
	return address.String()
}

func (s *server) close() error {
	var err error
	if s.admin != nil {
		err = s.admin.Close()
	}
	if s.cluster != nil {
		err = errors.Join(err, s.cluster.Release())
	}
	return err
}

// create makes a test's database as a copy of the template's.
func (s *server) create(ctx context.Context, tpl Template) (string, error) {
	from, err := s.template(ctx, tpl)
	if err != nil {
		return "", err
	}
	name := fmt.Sprintf("t_%d_%016x", os.Getpid(), rand.Uint64())
	_, err = s.admin.ExecContext(ctx, "create database "+name+" template "+from)
	if err != nil {
		return "", fmt.Errorf("create a test's database: %w", err)
	}
	return name, nil
}

func (s *server) drop(name string) error {
	if _, err := s.admin.Exec("drop database if exists " + name + " with (force)"); err != nil {
		return fmt.Errorf("drop a test's database: %w", err)
	}
	return nil
}

// template gives the name of the template's database, made first where this is the first test with its key. It is
// made under another name and renamed when whole, since a test process may be killed at any moment.
func (s *server) template(ctx context.Context, tpl Template) (string, error) {
	sum := sha256.Sum256([]byte(tpl.Key))
	name := "tpl_" + hex.EncodeToString(sum[:8])
	conn, err := s.admin.Conn(ctx)
	if err != nil {
		return "", fmt.Errorf("connect to the test server: %w", err)
	}
	defer conn.Close()
	there, err := exists(ctx, conn, name)
	if err != nil || there {
		return name, err
	}
	// The lock is the session's: it goes with this process, whatever happens to it.
	if _, err := conn.ExecContext(ctx, "select pg_advisory_lock(hashtext($1))", name); err != nil {
		return "", fmt.Errorf("lock template: %w", err)
	}
	there, err = exists(ctx, conn, name)
	if err == nil && !there {
		err = s.makeTemplate(ctx, conn, name, tpl.Prepare)
	}
	_, unlockErr := conn.ExecContext(ctx, "select pg_advisory_unlock(hashtext($1))", name)
	return name, errors.Join(err, unlockErr)
}

func exists(ctx context.Context, conn *sql.Conn, name string) (bool, error) {
	var there bool
	err := conn.QueryRowContext(ctx, "select exists (select from pg_database where datname = $1)", name).Scan(&there)
	if err != nil {
		return false, fmt.Errorf("look for template: %w", err)
	}
	return there, nil
}

func (s *server) makeTemplate(ctx context.Context, conn *sql.Conn, name string, prepare func(*sql.DB) error) error {
	fresh := name + "_new"
	for _, statement := range []string{
		"drop database if exists " + fresh + " with (force)",
		"create database " + fresh + " template template0 encoding 'UTF8'",
	} {
		if _, err := conn.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("make template: %w", err)
		}
	}
	if err := s.fill(ctx, fresh, prepare); err != nil {
		return err
	}
	for _, statement := range []string{
		"alter database " + fresh + " with allow_connections false",
		"alter database " + fresh + " rename to " + name,
	} {
		if _, err := conn.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("make template (does Prepare leave a connection open?): %w", err)
		}
	}
	return nil
}

func (s *server) fill(ctx context.Context, database string, prepare func(*sql.DB) error) error {
	db, err := sql.Open("postgres", s.dsn(database))
	if err != nil {
		return err
	}
	if _, err = db.ExecContext(ctx, "create extension postgis"); err != nil {
		err = fmt.Errorf("create extension postgis: %w", err)
	} else if prepare != nil {
		if err = prepare(db); err != nil {
			err = fmt.Errorf("prepare template: %w", err)
		}
	}
	return errors.Join(err, db.Close())
}
