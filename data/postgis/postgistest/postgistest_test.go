package postgistest_test

import (
	"database/sql"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	_ "github.com/lib/pq" // driver

	"github.com/muscope/muscope/data/postgis/postgistest"
)

func one[T any](t testing.TB, db *sql.DB, query string) T {
	t.Helper()
	var value T
	if err := db.QueryRowContext(t.Context(), query).Scan(&value); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return value
}

// Each test has a database of its own: what one makes, no other sees, also side by side.
func TestDatabaseOfItsOwn(t *testing.T) {
	for i := range 6 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			db := postgistest.Open(t)
			if _, err := db.Exec("create table t as select st_makepoint(1, 2) as g"); err != nil {
				t.Fatal(err)
			}
			if got := one[string](t, db, "select st_astext(g) from t"); got != "POINT(1 2)" {
				t.Errorf("got %s", got)
			}
		})
	}
}

func TestDroppedAtTheEnd(t *testing.T) {
	var name string
	t.Run("a test", func(t *testing.T) {
		name = one[string](t, postgistest.Open(t), "select current_database()")
		// A connection that the test forgot doesn't keep its database.
		forgotten, err := sql.Open("postgres", postgistest.DSN(t))
		if err != nil {
			t.Fatal(err)
		}
		one[int](t, forgotten, "select 1")
	})
	db := postgistest.Open(t)
	if n := one[int](t, db, "select count(*) from pg_database where datname = '"+name+"'"); n != 0 {
		t.Errorf("%s is still there", name)
	}
}

func TestTemplatePreparedOnce(t *testing.T) {
	var prepared atomic.Int32
	tpl := postgistest.Template{
		Key: fmt.Sprint("prepared once ", time.Now().UnixNano()),
		Prepare: func(db *sql.DB) error {
			prepared.Add(1)
			_, err := db.Exec("create table zones (code text)")
			return err
		},
	}
	t.Run("side by side", func(t *testing.T) {
		for i := range 4 {
			t.Run(fmt.Sprint(i), func(t *testing.T) {
				t.Parallel()
				db := tpl.Open(t)
				if _, err := db.Exec("insert into zones values ('a')"); err != nil {
					t.Fatal(err)
				}
				if n := one[int](t, db, "select count(*) from zones"); n != 1 {
					t.Errorf("%d rows", n)
				}
			})
		}
	})
	if n := prepared.Load(); n != 1 {
		t.Errorf("prepared %d times", n)
	}
}

// A template that failed is tried again, not used half made.
func TestTemplateFails(t *testing.T) {
	fail := true
	tpl := postgistest.Template{
		Key: fmt.Sprint("fails once ", time.Now().UnixNano()),
		Prepare: func(db *sql.DB) error {
			if _, err := db.Exec("create table zones (code text)"); err != nil || fail {
				return errors.Join(err, errors.New("a migration failed"))
			}
			return nil
		},
	}
	probe := &recorder{TB: t}
	probe.run(func() { tpl.DSN(probe) })
	if probe.fatal == "" {
		t.Error("a failed Prepare fails no test")
	}
	fail = false
	if n := one[int](t, tpl.Open(t), "select count(*) from zones"); n != 0 {
		t.Errorf("%d rows", n)
	}
}

// recorder is a testing.TB that keeps a fatal failure to itself.
type recorder struct {
	testing.TB

	fatal string
}

func (r *recorder) Fatalf(format string, args ...any) {
	r.fatal = fmt.Sprintf(format, args...)
	panic(r)
}

func (r *recorder) run(f func()) {
	defer func() {
		if v := recover(); v != nil && v != any(r) {
			panic(v)
		}
	}()
	f()
}

// The environment may name the server, as URL or in keyword form.
func TestServerOfEnvironment(t *testing.T) {
	dsn := postgistest.DSN(t)
	db, err := sql.Open("postgres", dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	socket := one[string](t, db, "show unix_socket_directories")
	for _, url := range []string{dsn, "postgres://muscope@:5432/muscope?sslmode=disable&host=" + socket[1:len(socket)-1]} {
		t.Run("", func(t *testing.T) {
			t.Setenv(postgistest.ServerVariable, url)
			if got := one[string](t, postgistest.Open(t), "select postgis_lib_version()"); got == "" {
				t.Error("no PostGIS")
			}
		})
	}
	t.Run("unreachable", func(t *testing.T) {
		t.Setenv(postgistest.ServerVariable, "host=/nowhere user=x sslmode=disable")
		probe := &recorder{TB: t}
		probe.run(func() { postgistest.DSN(probe) })
		if probe.fatal == "" {
			t.Error("no failure")
		}
	})
}

// BenchmarkDSN is the price of a database for each test.
func BenchmarkDSN(b *testing.B) {
	for b.Loop() {
		postgistest.DSN(b)
	}
}
