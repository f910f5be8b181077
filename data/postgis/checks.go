package postgis

import (
	"context"
	"fmt"
	"strconv"
)

// Check is one thing that requests need, and whether it is there.
type Check struct {
	Name string // schema | postgis | indexes
	OK   bool
	Have string // a version; of indexes the names of those that can't be used
	Want string
}

// Checks says whether the database has what requests need: this program's
// schema, a PostGIS that is new enough, and indexes that are whole. It fails
// where the database doesn't answer.
func (s *Store) Checks(ctx context.Context) ([]Check, error) {
	var version, broken string
	var migrated bool
	if err := s.db.QueryRowContext(ctx, s.query("checks")).Scan(&version, &broken, &migrated); err != nil {
		return nil, fmt.Errorf("look at the database: %w", err)
	}
	schema := Check{Name: "schema", Have: "0"}
	p, err := s.migrations(ctx)
	if err != nil {
		return nil, err
	}
	sources := p.ListSources()
	want := sources[len(sources)-1].Version
	if migrated {
		have, err := p.GetDBVersion(ctx)
		if err != nil {
			return nil, fmt.Errorf("read the schema version: %w", err)
		}
		schema.Have, schema.OK = strconv.FormatInt(have, 10), have == want
	}
	schema.Want = strconv.FormatInt(want, 10)
	var x, y int
	_, err = fmt.Sscanf(version, "%d.%d", &x, &y)
	enough := err == nil && (x > oldestPostGISMajor || x == oldestPostGISMajor && y >= oldestPostGISMinor)
	return []Check{schema,
		{Name: "postgis", OK: enough, Have: version, Want: fmt.Sprintf("%d.%d", oldestPostGISMajor, oldestPostGISMinor)},
		{Name: "indexes", OK: broken == "", Have: broken}}, nil
}

// Pool is the state of the store's connections.
type Pool struct {
	Open, InUse, Idle int
	Waits             int64   // for a connection, since the start
	WaitSeconds       float64 // of all of them
}

// Pool says how busy the connections are.
func (s *Store) Pool() Pool {
	st := s.db.Stats()
	return Pool{Open: st.OpenConnections, InUse: st.InUse, Idle: st.Idle, Waits: st.WaitCount, WaitSeconds: st.WaitDuration.Seconds()}
}
