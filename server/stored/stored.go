// Package stored is the PostGIS store as the server declares what it needs: the
// same reads, with the server's words for what isn't there. It owns nothing
// but this translation.
package stored

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"

	"github.com/muscope/muscope/analysis/expansion"
	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/analysis/report"
	"github.com/muscope/muscope/data/postgis"
	"github.com/muscope/muscope/server"
	"github.com/muscope/muscope/server/ogcapi"
)

// Store is a PostGIS store for the server.
type Store struct{ *postgis.Store }

var _ server.Store = Store{}

// missing gives the server's word for what isn't there.
func missing(err error) error {
	switch {
	case errors.Is(err, postgis.ErrNoSnapshot), errors.Is(err, postgis.ErrNotFound):
		return fmt.Errorf("%w: %w", server.ErrNotFound, err)
	case errors.Is(err, postgis.ErrNotAnalyzed):
		return fmt.Errorf("%w: %w", server.ErrNotAnalyzed, err)
	case errors.Is(err, postgis.ErrScenario):
		return fmt.Errorf("%w: %w", server.ErrScenario, err)
	case errors.Is(err, postgis.ErrCursor):
		return fmt.Errorf("%w: %w: %w", server.ErrCursor, ogcapi.ErrCursor, err)
	case errors.Is(err, postgis.ErrGone):
		return fmt.Errorf("%w: %w", ogcapi.ErrGone, err)
	case errors.Is(err, postgis.ErrFilter):
		return fmt.Errorf("%w: %w", ogcapi.ErrFilter, err)
	case postgis.Slow(err):
		return fmt.Errorf("%w: %w", server.ErrSlow, err)
	case postgis.Unavailable(err):
		return fmt.Errorf("%w: %w", server.ErrUnavailable, err)
	}
	return err
}

// Snapshots lists the snapshots by name, those alone that have one of the zones.
func (s Store) Snapshots(ctx context.Context, zones []string) ([]server.Snapshot, error) {
	snapshots, err := s.SnapshotsOf(ctx, zones)
	list := make([]server.Snapshot, len(snapshots))
	for i, sn := range snapshots {
		list[i] = server.Snapshot{Name: sn.Name, Created: sn.Created, Layers: sn.Layers, AnalysisID: sn.AnalysisID, AsOf: sn.AsOf,
			Zones: sn.Zones, Parcels: sn.Parcels, Stale: sn.Stale}
	}
	return list, missing(err)
}

// Checks says whether the database has what requests need.
func (s Store) Checks(ctx context.Context) ([]server.Check, error) {
	checks, err := s.Store.Checks(ctx)
	list := make([]server.Check, len(checks))
	for i, c := range checks {
		list[i] = server.Check(c)
	}
	return list, missing(err)
}

// Pool says how busy the connections are.
func (s Store) Pool() server.Pool { return server.Pool(s.Store.Pool()) }

// Loads is what came into a snapshot.
func (s Store) Loads(ctx context.Context, snapshot string) ([]server.Load, error) {
	loads, err := s.Store.Loads(ctx, snapshot)
	list := make([]server.Load, len(loads))
	for i, l := range loads {
		list[i] = server.Load{ID: l.ID, Layer: l.Layer, State: l.State, Appended: l.Appended, LoadedBy: l.LoadedBy, Started: l.Started,
			Published: l.Published, Inputs: l.Inputs}
	}
	return list, missing(err)
}

// Rejects yields the load report of a snapshot.
func (s Store) Rejects(ctx context.Context, snapshot string, yield func(*land.Reject) error) error {
	return missing(s.Store.Rejects(ctx, snapshot, yield))
}

// Analysis opens the current analysis of a snapshot, as far as a caller of some
// zones (nil: all) may see it.
func (s Store) Analysis(ctx context.Context, snapshot string, zones []string) (server.Analysis, error) {
	view, err := s.Analyzed(ctx, snapshot, zones)
	if err != nil {
		return nil, missing(err)
	}
	return kept{view}, nil
}

// SaveScenario keeps an expansion check.
func (s Store) SaveScenario(ctx context.Context, snapshot, name, by string, doc *expansion.Document) error {
	return missing(s.Store.SaveScenario(ctx, snapshot, name, by, doc))
}

// kept is a view of an analysis as the server declares it.
type kept struct{ *postgis.View }

// Close lets the view go; what it held is freed with its connection at the
// latest.
func (a kept) Close() { _ = a.View.Close() }

// ZoneResult is the result of one zone.
func (a kept) ZoneResult(ctx context.Context, zone land.ZoneKey) (*land.ZoneResult, error) {
	z, err := a.View.ZoneResult(ctx, zone)
	return z, missing(err)
}

// Places says where the zones lie.
func (a kept) Places(ctx context.Context) ([]server.Place, error) {
	places, err := a.View.Places(ctx)
	list := make([]server.Place, len(places))
	for i, p := range places {
		list[i] = server.Place(p)
	}
	return list, missing(err)
}

// Parcel is every part of a parcel.
func (a kept) Parcel(ctx context.Context, id string) ([]report.Row, error) {
	rows, err := a.View.Parcel(ctx, id)
	return rows, missing(err)
}

func findingQuery(q server.Query) postgis.FindingQuery {
	return postgis.FindingQuery{Zone: q.Zone, Statuses: q.Statuses, Classes: q.Classes, Rule: q.Rule, Outcome: q.Outcome,
		Search: q.Search, Filter: q.Filter, All: q.All, Sort: string(q.Sort), Desc: q.Desc, After: q.After, Limit: q.Limit}
}

// Findings is a page of the parts that q asks for.
func (a kept) Findings(ctx context.Context, q server.Query) (server.FindingPage, error) {
	page, err := a.View.Findings(ctx, findingQuery(q))
	out := server.FindingPage{Total: page.Total, Next: page.Next, Findings: make([]server.Finding, len(page.Findings))}
	for i, f := range page.Findings {
		out.Findings[i] = server.Finding(f)
	}
	return out, missing(err)
}

// FindingRows yields all the parts that q asks for.
func (a kept) FindingRows(ctx context.Context, q server.Query, yield func(*report.Row) error) error {
	return missing(a.View.FindingRows(ctx, findingQuery(q), yield))
}

// Tiles opens the tiles of the current analysis of a snapshot, as far as a
// caller of some zones (nil: all) may see them.
func (s Store) Tiles(ctx context.Context, snapshot string, zones []string) (server.Tiles, error) {
	view, err := s.Recent(ctx, snapshot, zones)
	if err != nil {
		return nil, missing(err)
	}
	return drawn{kept{view}}, nil
}

// drawn are the tiles of an analysis as the server declares them.
type drawn struct{ kept }

// AnalysisID is the analysis's.
func (d drawn) AnalysisID() string { return d.View.AnalysisID() }

// Version names the state that is drawn.
func (d drawn) Version() string { return d.TileVersion() }

// TileSet describes a layer of tiles.
func (d drawn) TileSet(ctx context.Context, layer string) (server.TileSet, error) {
	set, err := d.View.TileSet(ctx, layer)
	return server.TileSet(set), missing(err)
}

// Tile is one vector tile.
func (d drawn) Tile(ctx context.Context, layer string, z, x, y uint32) ([]byte, error) {
	tile, err := d.View.Tile(ctx, layer, z, x, y)
	return tile, missing(err)
}

var _ server.Tokens = Store{}

// TokenOf finds the token whose secret has this hash.
func (s Store) TokenOf(ctx context.Context, hash [sha256.Size]byte) (server.Token, error) {
	t, err := s.Store.TokenOf(ctx, hash)
	out := server.Token{ID: t.ID, Role: server.Role(t.Role), Zones: t.Zones, Revoked: t.Revoked != nil, LastUsed: t.LastUsed}
	if t.Expires != nil {
		out.Expires = *t.Expires
	}
	return out, missing(err)
}

// TouchToken notes the day on which a token was used last.
func (s Store) TouchToken(ctx context.Context, id int64, day land.Date) error {
	return missing(s.Store.TouchToken(ctx, id, day))
}
