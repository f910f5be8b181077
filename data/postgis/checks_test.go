package postgis_test

import (
	"testing"

	"github.com/muscope/muscope/data/postgis"
	"github.com/muscope/muscope/data/postgis/postgistest"
)

func TestChecks(t *testing.T) {
	dsn := postgistest.DSN(t)
	s, err := postgis.OpenMigrated(t.Context(), dsn)
	check(t, err)
	t.Cleanup(func() { check(t, s.Close()) })
	failing := func() string {
		t.Helper()
		checks, err := s.Checks(t.Context())
		check(t, err)
		names := ""
		for _, c := range checks {
			if !c.OK {
				names += c.Name + "(" + c.Have + ") "
			}
		}
		return names
	}
	if got := failing(); got != "" {
		t.Errorf("of a new database fail: %s", got)
	}
	psql(t, dsn, "update pg_index set indisvalid = false where indexrelid = 'muscope.parcel_shape'::regclass")
	if got := failing(); got != "indexes(parcel_shape) " {
		t.Errorf("with a broken index fail: %s", got)
	}
	psql(t, dsn, "update pg_index set indisvalid = true where indexrelid = 'muscope.parcel_shape'::regclass")
	psql(t, dsn, "delete from muscope.migration where version_id = (select max(version_id) from muscope.migration)")
	checks, err := s.Checks(t.Context())
	check(t, err)
	if checks[0].OK || checks[0].Have == checks[0].Want {
		t.Errorf("an older schema: %+v", checks[0])
	}
	psql(t, dsn, "drop schema muscope cascade")
	if got := failing(); got != "schema(0) " {
		t.Errorf("without a schema fail: %s", got)
	}
	if p := s.Pool(); p.Open == 0 || p.Open != p.InUse+p.Idle {
		t.Errorf("pool %+v", p)
	}
}
