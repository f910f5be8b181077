package postgis

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"github.com/lib/pq"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

//go:embed sql/*.sql
var queryFiles embed.FS

// The errors that callers tell apart; each is wrapped with what, where and
// what to do.
var (
	// ErrSchema says that the database has no muscope schema, or not this
	// program's version of it.
	ErrSchema = errors.New("the database schema doesn't fit this program")
	// ErrNoSnapshot says that a snapshot, or a layer of it, doesn't exist.
	ErrNoSnapshot = errors.New("no such snapshot")
	// ErrNotFound says that a zone or parcel isn't in the snapshot, or isn't
	// for the caller to see.
	ErrNotFound = errors.New("not found")
	// ErrNotAnalyzed says that a snapshot has been loaded, and never analyzed.
	ErrNotAnalyzed = errors.New("the snapshot has not been analyzed")
	// ErrBusy says that another load of the snapshot is running.
	ErrBusy = errors.New("another load is running")
	// ErrExists says that an appended layer holds what the snapshot has already.
	ErrExists = errors.New("exists already")
	// ErrStale says that parcels were located by other zones than the current.
	ErrStale = errors.New("the parcels were located by other zones")
)

// Store keeps facts and results in one PostGIS database. It is safe for
// concurrent use.
type Store struct {
	db      *sql.DB
	config  pq.Config
	short   time.Duration // see LimitStatements; 0 is none
	dsn     string
	queries map[string]string // by file name without .sql
	views   chan struct{}     // one taken by each view of an analysis
	holds   *holds
	tiles   *tileReader
}

// maxViews bounds the views of analyses that are open at once. Each takes a
// connection or two, while it reads, of the hundred that a server usually
// allows; a reader too many waits its turn.
const maxViews = 30

// Open connects to a database, checks that PostGIS is there and that the
// schema is this program's (ErrSchema says to run muscope db migrate).
func Open(ctx context.Context, dsn string) (*Store, error) {
	s, err := connect(ctx, dsn)
	if err != nil {
		return nil, err
	}
	if err := s.checkSchema(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// OpenMigrated is Open after bringing the schema up to date.
func OpenMigrated(ctx context.Context, dsn string) (*Store, error) {
	s, err := connect(ctx, dsn)
	if err != nil {
		return nil, err
	}
	if _, err := s.Migrate(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func connect(ctx context.Context, dsn string) (*Store, error) {
	cfg, err := pq.NewConfig(dsn)
	if err != nil {
		return nil, fmt.Errorf("read the database address: %w", err)
	}
	s := &Store{config: cfg, dsn: dsn, views: make(chan struct{}, maxViews)}
	if s.db, err = s.limited(0); err != nil {
		return nil, err
	}
	s.holds = &holds{store: s, byName: map[string]*hold{}}
	if s.tiles, err = s.newTileReader(0); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	if s.queries, err = loadQueries(); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	if err := s.checkServer(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// loadQueries reads the embedded queries, once a store.
func loadQueries() (map[string]string, error) {
	files, err := fs.Glob(queryFiles, "sql/*.sql")
	if err != nil {
		return nil, fmt.Errorf("list the queries: %w", err)
	}
	queries := make(map[string]string, len(files))
	for _, name := range files {
		b, err := queryFiles.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("read the query %s: %w", name, err)
		}
		queries[strings.TrimSuffix(strings.TrimPrefix(name, "sql/"), ".sql")] = string(b)
	}
	return queries, nil
}

// query is the embedded query of that name. Pairs of name and text replace
// {name}: names of partitions and lists of columns, which can't be parameters.
func (s *Store) query(name string, pairs ...string) string {
	q, ok := s.queries[name]
	if !ok {
		return "select 'no query " + name + "'::integer"
	}
	if len(pairs) == 0 {
		return q
	}
	for i := 0; i < len(pairs); i += 2 {
		q = strings.ReplaceAll(q, "{"+pairs[i]+"}", pairs[i+1])
	}
	return q
}

// Close closes all connections.
func (s *Store) Close() error {
	s.holds.close()
	err := s.db.Close()
	if s.tiles != nil {
		err = errors.Join(err, s.tiles.close())
	}
	if err != nil {
		return fmt.Errorf("close the database: %w", err)
	}
	return nil
}

// The oldest versions that the schema and the queries run on.
const (
	oldestPostGISMajor = 3
	oldestPostGISMinor = 1 // ST_TileEnvelope with a margin
)

// checkServer checks what every request will need.
func (s *Store) checkServer(ctx context.Context) error {
	var version sql.NullString
	var major int
	var encoding string
	if err := s.db.QueryRowContext(ctx, s.query("check_server")).Scan(&major, &encoding, &version); err != nil {
		return fmt.Errorf("connect to the database: %w", err)
	}
	switch {
	case major < oldestPostgreSQL:
		return fmt.Errorf("%w: the server is PostgreSQL %d; use %d or newer", ErrSchema, major, oldestPostgreSQL)
	case encoding != "UTF8":
		return fmt.Errorf("%w: the database's encoding is %s; make one with ENCODING 'UTF8' TEMPLATE template0", ErrSchema, encoding)
	case !version.Valid:
		return fmt.Errorf("%w: PostGIS is not in this database; run CREATE EXTENSION postgis in it as its owner", ErrSchema)
	}
	var x, y int
	if _, err := fmt.Sscanf(version.String, "%d.%d", &x, &y); err != nil {
		return fmt.Errorf("read the version of PostGIS, %q: %w", version.String, err)
	}
	if x < oldestPostGISMajor || x == oldestPostGISMajor && y < oldestPostGISMinor {
		return fmt.Errorf("%w: PostGIS is %s; use %d.%d or newer", ErrSchema, version.String, oldestPostGISMajor, oldestPostGISMinor)
	}
	return nil
}

func (s *Store) checkSchema(ctx context.Context) error {
	p, err := s.migrations(ctx)
	if err != nil {
		return err
	}
	var exists bool
	if err := s.db.QueryRowContext(ctx, s.query("schema_exists")).Scan(&exists); err != nil {
		return fmt.Errorf("look for the schema: %w", err)
	}
	if !exists {
		return fmt.Errorf("%w: it has none; run muscope db migrate", ErrSchema)
	}
	have, want, err := p.GetVersions(ctx)
	if err != nil {
		return fmt.Errorf("read the schema version: %w", err)
	}
	if have != want {
		return fmt.Errorf("%w: it is version %d, the program needs %d; run muscope db migrate with the newest muscope", ErrSchema, have, want)
	}
	return nil
}

func (s *Store) migrations(context.Context) (*goose.Provider, error) {
	files, err := fs.Sub(migrationFiles, "migrations")
	if err != nil {
		return nil, fmt.Errorf("open the migrations: %w", err)
	}
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 300), lock.WithUnlockTimeout(1, 60))
	if err != nil {
		return nil, fmt.Errorf("lock for migration: %w", err)
	}
	p, err := goose.NewProvider(goose.DialectPostgres, s.db, files, goose.WithTableName("muscope.migration"),
		goose.WithSessionLocker(locker), goose.WithDisableGlobalRegistry(true), goose.WithLogger(goose.NopLogger()))
	if err != nil {
		return nil, fmt.Errorf("read the migrations: %w", err)
	}
	return p, nil
}

// Migrate brings the schema to this program's version and returns that. It is
// safe to run from several processes at once.
func (s *Store) Migrate(ctx context.Context) (version int64, err error) {
	if _, err := s.db.ExecContext(ctx, s.query("create_schema")); err != nil {
		return 0, fmt.Errorf("create the schema muscope (the database role needs CREATE on the database): %w", err)
	}
	p, err := s.migrations(ctx)
	if err != nil {
		return 0, err
	}
	if _, err := p.Up(ctx); err != nil {
		return 0, fmt.Errorf("migrate the database: %w", err)
	}
	version, err = p.GetDBVersion(ctx)
	if err != nil {
		return 0, fmt.Errorf("read the schema version: %w", err)
	}
	return version, nil
}
