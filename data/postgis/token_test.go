package postgis_test

import (
	"crypto/sha256"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/data/postgis"
	"github.com/muscope/muscope/data/postgis/postgistest"
)

func TestTokens(t *testing.T) {
	dsn := postgistest.DSN(t)
	s, err := postgis.OpenMigrated(t.Context(), dsn)
	check(t, err)
	t.Cleanup(func() { check(t, s.Close()) })
	ctx := t.Context()
	until := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	hash := sha256.Sum256([]byte("one"))
	one, err := s.CreateToken(ctx, postgis.NewToken{Name: "QGIS", Hash: hash, Role: "viewer", Zones: postgis.Scope{"A", "B,\"x"}, Expires: &until, By: "me"})
	check(t, err)
	_, err = s.CreateToken(ctx, postgis.NewToken{Hash: sha256.Sum256([]byte("two")), Role: "admin"})
	check(t, err)
	for name, n := range map[string]postgis.NewToken{
		"the same secret": {Hash: hash, Role: "viewer"},
		"no such role":    {Hash: sha256.Sum256([]byte("3")), Role: "owner"},
		"no zones":        {Hash: sha256.Sum256([]byte("4")), Role: "viewer", Zones: postgis.Scope{}},
		"admin of a zone": {Hash: sha256.Sum256([]byte("5")), Role: "admin", Zones: postgis.Scope{"A"}},
	} {
		if _, err := s.CreateToken(ctx, n); err == nil {
			t.Errorf("%s passes", name)
		}
	}
	list, err := s.Tokens(ctx)
	check(t, err)
	if len(list) != 2 || list[1].Zones != nil || list[1].Expires != nil || list[0].CreatedBy != "me" {
		t.Errorf("tokens %+v", list)
	}
	day, err := land.ParseDate("2026-03-04")
	check(t, err)
	check(t, s.TouchToken(ctx, one.ID, day))
	found, err := s.TokenOf(ctx, hash)
	check(t, err)
	if found.ID != one.ID || found.LastUsed != day || !slices.Equal(found.Zones, postgis.Scope{"A", "B,\"x"}) || !found.Expires.Equal(until) {
		t.Errorf("token %+v", found)
	}
	if !found.Good(until.Add(-1)) || found.Good(until) {
		t.Error("the end of the token")
	}
	if _, err := s.TokenOf(ctx, sha256.Sum256([]byte("nobody"))); !errors.Is(err, postgis.ErrNotFound) {
		t.Errorf("an unknown secret: %v", err)
	}
	if _, err := s.RevokeToken(ctx, 4711); !errors.Is(err, postgis.ErrNotFound) {
		t.Errorf("revoke nothing: %v", err)
	}
	revoked, err := s.RevokeToken(ctx, one.ID)
	check(t, err)
	again, err := s.RevokeToken(ctx, one.ID)
	check(t, err)
	if revoked.Revoked == nil || !revoked.Revoked.Equal(*again.Revoked) || revoked.Good(until.Add(-time.Hour)) {
		t.Errorf("revoked %+v, again %+v", revoked, again)
	}
	if got := psql(t, dsn, "select count(*) from muscope.token where encode(hash, 'escape') like '%one%'"); got != "0" {
		t.Error("the secret is kept")
	}
}
