package postgis

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/lib/pq"

	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/data/ingest"
)

// Scope is the codes of the zones that a caller may see, "" for land in no
// zone among them; nil is everything. A view's scope holds the parks of these
// zones too.
type Scope []string

// narrow makes the view's scope that of its snapshot: zones that are there, and
// the parks below them. A snapshot that has none of them isn't there for the
// caller (ErrNoSnapshot).
func (v *View) narrow(ctx context.Context) error {
	if v.Scope == nil {
		return nil
	}
	asked := strings.Join(v.Scope, "\x00")
	known := &knownScopes{}
	if v.held != nil {
		known = &v.held.scopes
	}
	if seen := known.get(asked); seen != nil {
		v.Scope = seen
		return nil
	}
	noZone := slices.Contains(v.Scope, "")
	var seen []string
	err := v.store.db.QueryRowContext(ctx, v.store.query("scope_zones"), intArray(v.Loads[ingest.LayerZones]), v.scope()).Scan(pq.Array(&seen))
	if err != nil {
		return fmt.Errorf("read which zones of snapshot %s the caller sees: %w", v.Snapshot, err)
	}
	if noZone {
		seen = append(seen, "")
	}
	if len(seen) == 0 {
		return fmt.Errorf("%w: %s; muscope load makes it", ErrNoSnapshot, v.Snapshot)
	}
	v.Scope = seen
	known.put(asked, seen)
	return nil
}

// maxScopes bounds the scopes that are known of one analysis.
const maxScopes = 1000

// knownScopes are the narrowed scopes of an analysis by what was asked, so that
// they are read once and not for every tile.
type knownScopes struct {
	mu      sync.Mutex
	byAsked map[string]Scope
}

func (k *knownScopes) get(asked string) Scope {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.byAsked[asked]
}

func (k *knownScopes) put(asked string, seen Scope) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.byAsked == nil || len(k.byAsked) == maxScopes {
		k.byAsked = map[string]Scope{}
	}
	k.byAsked[asked] = seen
}

// sees reports whether the caller may see the zone with that code.
func (v *View) sees(code string) bool { return v.Scope == nil || slices.Contains(v.Scope, code) }

// hideZones takes what names zones of others out of results, and from their
// verdicts the parcels that lie in such zones alone.
func (v *View) hideZones(ctx context.Context, z *land.ZoneResult) error {
	if v.Scope == nil {
		return nil
	}
	if !v.sees(z.PartOf) {
		z.PartOf = ""
	}
	return v.hideEvidence(ctx, z.Verdicts)
}

func (v *View) hideEvidence(ctx context.Context, verdicts []land.Verdict) error {
	if v.Scope == nil {
		return nil
	}
	var named []string
	for i := range verdicts {
		named = append(named, verdicts[i].Evidence...)
	}
	if len(named) == 0 {
		return nil
	}
	var seen []string
	err := v.store.db.QueryRowContext(ctx, v.store.query("scope_parcels"), intArray(v.Loads[ingest.LayerParcels]), v.scope(), pq.Array(named)).Scan(pq.Array(&seen))
	if err != nil {
		return fmt.Errorf("read which parcels of snapshot %s the caller sees: %w", v.Snapshot, err)
	}
	for i := range verdicts {
		verdicts[i].Evidence = slices.DeleteFunc(slices.Clone(verdicts[i].Evidence), func(id string) bool {
			_, found := slices.BinarySearch(seen, id)
			return !found
		})
		if verdicts[i].Evidence == nil {
			verdicts[i].Evidence = []string{}
		}
	}
	return nil
}

// hideParcel takes the declared zone out of a parcel where the caller may not
// see that.
func (v *View) hideParcel(p *land.Parcel) {
	if p.Zone != "" && !v.sees(p.Zone) {
		p.Zone = ""
	}
}

// hideElsewhere leaves of a parcel in another zone what the sums of its project
// need, and takes out who and where it is.
func (v *View) hideElsewhere(p *land.Parcel, code string) {
	if v.sees(code) {
		return
	}
	p.ID = withheldPrefix + strconv.FormatInt(p.Source.Position, 10)
	p.Name, p.Holder, p.HolderCode, p.Zone, p.ParentIDs, p.Extra = "", "", "", "", "", nil
	p.ContractNo, p.ApprovalNo, p.SupervisionNo = "", "", ""
	p.Source = land.Source{}
}

// withheldPrefix begins what stands for the id of a parcel that the caller may
// not see.
const withheldPrefix = "withheld:"

// SnapshotsOf lists the snapshots that have a zone of the scope, counted over
// what a caller of these zones may see; nil is Snapshots.
func (s *Store) SnapshotsOf(ctx context.Context, scope Scope) ([]Snapshot, error) {
	all, err := s.Snapshots(ctx)
	if err != nil || scope == nil {
		return all, err
	}
	var list []Snapshot
	for _, sn := range all {
		err := s.countScope(ctx, &sn, scope)
		if errors.Is(err, ErrNoSnapshot) {
			continue
		}
		if err != nil {
			return nil, err
		}
		list = append(list, sn)
	}
	return list, nil
}

// unseen says that a snapshot, analyzed or not, has no zone of the scope.
func (s *Store) unseen(ctx context.Context, snapshot string, scope Scope) error {
	if scope == nil {
		return nil
	}
	v, err := s.hold(ctx, snapshot, scope, false)
	if err != nil {
		return err
	}
	return errors.Join(v.narrow(ctx), v.Close())
}

func (s *Store) countScope(ctx context.Context, sn *Snapshot, scope Scope) error {
	v, err := s.hold(ctx, sn.Name, scope, true)
	if err != nil {
		return err
	}
	defer v.Close() //nolint:errcheck // it only lets locks go
	if err := v.narrow(ctx); err != nil {
		return err
	}
	err = s.db.QueryRowContext(ctx, s.query("scope_count"), intArray(v.Loads[ingest.LayerZones]), intArray(v.Loads[ingest.LayerParcels]), v.scope()).
		Scan(&sn.Zones, &sn.Parcels)
	if err != nil {
		return fmt.Errorf("count snapshot %s: %w", sn.Name, err)
	}
	return nil
}
