package postgis

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/lib/pq"
	"github.com/paulmach/orb"

	"github.com/muscope/muscope/analysis"
	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/data/ingest"
)

var (
	_ analysis.RecordSource = (*View)(nil)
	_ analysis.ShapeSource  = (*View)(nil)
)

// recordChunk is how many parts wait for their records at a time: a table is
// then asked once for most zones, and memory is bounded for the largest.
const recordChunk = 1024

// withRecords gives each part what the tables say of its parcel, before it is
// yielded. Where the snapshot has no table, parts pass as they are.
func (v *View) withRecords(ctx context.Context, yield func(*land.Part) error) (add func(*land.Part) error, flush func() error) {
	var layers []string
	for _, layer := range ingest.Tables() {
		if len(v.Loads[layer]) > 0 && recordTableOf(layer).as != "" {
			layers = append(layers, layer)
		}
	}
	if len(layers) == 0 {
		return yield, func() error { return nil }
	}
	b := &recordBuffer{view: v, ctx: ctx, layers: layers, yield: yield}
	return b.add, b.flush
}

// recordBuffer holds parts until their records are read.
type recordBuffer struct {
	view   *View
	ctx    context.Context // of the reading that the buffer lives in
	layers []string
	yield  func(*land.Part) error
	parts  []land.Part
}

func (b *recordBuffer) add(p *land.Part) error {
	b.parts = append(b.parts, *p)
	if len(b.parts) < recordChunk {
		return nil
	}
	return b.flush()
}

func (b *recordBuffer) flush() error {
	if len(b.parts) == 0 {
		return nil
	}
	of := newRecordsOf(b.parts)
	for _, layer := range b.layers {
		if err := of.read(b.ctx, b.view, layer); err != nil {
			return fmt.Errorf("read %s of snapshot %s: %w", layer, b.view.Snapshot, err)
		}
	}
	for i := range b.parts {
		p := &b.parts[i]
		p.Records = of.records(p)
		if err := b.yield(p); err != nil {
			return err
		}
	}
	b.parts = b.parts[:0]
	return nil
}

// recordsOf are the records of some parcels and their contracts.
type recordsOf struct {
	parcels   map[string]*land.Records // nil: nothing yet
	contracts map[string][]land.Term
}

func newRecordsOf(parts []land.Part) *recordsOf {
	o := &recordsOf{parcels: map[string]*land.Records{}, contracts: map[string][]land.Term{}}
	for i := range parts {
		o.parcels[parts[i].ID] = nil
		if no := parts[i].ContractNo; no != "" {
			o.contracts[no] = nil
		}
	}
	return o
}

func (o *recordsOf) of(parcel string) *land.Records {
	r := o.parcels[parcel]
	if r == nil {
		r = &land.Records{}
		o.parcels[parcel] = r
	}
	return r
}

func (o *recordsOf) read(ctx context.Context, v *View, layer string) error {
	parcels := func() []string { return keysOf(o.parcels) }
	switch layer {
	case ingest.LayerPhases:
		return eachRecordOf(ctx, v, layer, land.Phases(), parcels(), func(p land.Phase) { r := o.of(p.Parcel); r.Phases = append(r.Phases, p) })
	case ingest.LayerUses:
		return eachRecordOf(ctx, v, layer, land.Uses(), parcels(), func(u land.Use) { r := o.of(u.Parcel); r.Uses = append(r.Uses, u) })
	case ingest.LayerFirms:
		return o.readFirms(ctx, v, parcels())
	case ingest.LayerEvents:
		return eachRecordOf(ctx, v, layer, land.Events(), parcels(), func(e land.Event) { r := o.of(e.Parcel); r.Events = append(r.Events, e) })
	case ingest.LayerTerms:
		return eachRecordOf(ctx, v, layer, land.Terms(), keysOf(o.contracts), func(t land.Term) { o.contracts[t.ContractNo] = append(o.contracts[t.ContractNo], t) })
	}
	return nil
}

// readFirms gives each parcel every row of its firms, those on other parcels
// too: a firm's money is shared out over all its land.
func (o *recordsOf) readFirms(ctx context.Context, v *View, parcels []string) error {
	rows := map[string][]land.Firm{} // by code
	firms := map[string][]string{}   // codes by parcel
	err := eachRowOf(ctx, v, "firms_of", ingest.LayerFirms, land.Firms(), parcels, func(f land.Firm) {
		rows[f.USCC] = append(rows[f.USCC], f)
		if _, here := o.parcels[f.Parcel]; here && !slices.Contains(firms[f.Parcel], f.USCC) {
			firms[f.Parcel] = append(firms[f.Parcel], f.USCC)
		}
	})
	for parcel, codes := range firms {
		r := o.of(parcel)
		for _, code := range codes {
			r.Firms = append(r.Firms, rows[code]...)
		}
	}
	return err
}

// records are those of a part's parcel, nil where there are none.
func (o *recordsOf) records(p *land.Part) *land.Records {
	r, terms := o.parcels[p.ID], o.contracts[p.ContractNo]
	if r == nil && len(terms) == 0 {
		return nil
	}
	out := &land.Records{}
	if r != nil {
		*out = *r
	}
	out.Terms = slices.Clone(terms)
	out.Sort()
	return out
}

func keysOf[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// eachRecordOf reads the rows of a table that speak of some parcels, contracts
// or zones, in input order.
func eachRecordOf[T any](ctx context.Context, v *View, layer string, t land.RecordTable[T], of []string, yield func(T)) error {
	return eachRowOf(ctx, v, "records_of", layer, t, of, yield)
}

func eachRowOf[T any](ctx context.Context, v *View, sql, layer string, t land.RecordTable[T], of []string, yield func(T)) error {
	if len(of) == 0 || len(v.Loads[layer]) == 0 {
		return nil
	}
	at := recordTableOf(layer)
	query := v.store.query(sql, "table", at.name, "of", at.of, "fields", strings.Join(recordColumns(t), ", "))
	return v.records(ctx, query, values(intArray(v.Loads[layer]), pq.Array(of)), func(r *record) error {
		rec := getRecord(r, t)
		if r.err == nil {
			yield(rec)
		}
		return r.err
	})
}

// ZoneRecords is what the tables say of a zone that the caller may see.
func (v *View) ZoneRecords(ctx context.Context, zone land.ZoneKey) (*land.ZoneRecords, error) {
	z := &land.ZoneRecords{}
	if zone == (land.ZoneKey{}) || !v.sees(zone.Code) {
		return z, nil
	}
	code := []string{zone.Code}
	err := eachRecordOf(ctx, v, ingest.LayerRankings, land.Rankings(), code, func(r land.Ranking) { z.Rankings = append(z.Rankings, r) })
	if err == nil {
		err = eachRecordOf(ctx, v, ingest.LayerZoneActions, land.ZoneActions(), code, func(a land.ZoneAction) { z.Actions = append(z.Actions, a) })
	}
	if err == nil {
		err = v.drawnApprovals(ctx, zone, func(a *land.ApprovedPart, _ orb.MultiPolygon) error {
			z.Approvals = append(z.Approvals, *a)
			return nil
		})
	}
	if err == nil {
		err = v.namedApprovals(ctx, zone, z)
	}
	if err != nil {
		return nil, fmt.Errorf("read the tables on zone %s of snapshot %s: %w", zone, v.Snapshot, err)
	}
	z.Sort()
	return z, nil
}

// drawnApprovals yields the approvals whose boundary meets a zone, with the
// whole boundary.
func (v *View) drawnApprovals(ctx context.Context, zone land.ZoneKey, yield func(*land.ApprovedPart, orb.MultiPolygon) error) error {
	if len(v.Loads[ingest.LayerApprovals]) == 0 {
		return nil
	}
	var locator *ingest.Locator // made for the first: most zones have none
	fields := land.ApprovalFields()
	query := v.store.query("approvals_drawn", "fields", "a."+strings.Join(names(fields), ", a."))
	args := values(intArray(v.Loads[ingest.LayerApprovals]), intArray(v.Loads[ingest.LayerZones]), zone.Code, string(zone.Scope))
	return v.records(ctx, query, args, func(r *record) error {
		if locator == nil {
			var err error
			if locator, err = v.locatorOf(ctx, zone); err != nil {
				return err
			}
		}
		a := getApproval(r, fields)
		shape, err := parseEWKB([]byte(r.text()))
		if err := errors.Join(r.err, err); err != nil {
			return err
		}
		part, found, err := locator.Approved(a, shape, zone)
		if err != nil || !found {
			return err
		}
		return yield(&part, shape)
	})
}

func (v *View) locatorOf(ctx context.Context, zone land.ZoneKey) (*ingest.Locator, error) {
	shape, err := v.ZoneGeometry(ctx, zone)
	if err != nil {
		return nil, err
	}
	return ingest.NewLocator([]ingest.ZoneRow{{Zone: &land.Zone{Code: zone.Code, Scope: zone.Scope}, Geometry: shape}})
}

func getApproval(r *record, fields []land.Field[land.Approval]) land.Approval {
	a := land.Approval{Source: r.source()}
	getFields(r, fields, &a)
	a.Extra = r.extra()
	return a
}

// namedApprovals adds those that have no boundary and that a parcel names.
func (v *View) namedApprovals(ctx context.Context, zone land.ZoneKey, z *land.ZoneRecords) error {
	if len(v.Loads[ingest.LayerApprovals]) == 0 {
		return nil
	}
	fields := land.ApprovalFields()
	query := v.store.query("approvals_named", "fields", strings.Join(names(fields), ", "))
	args := values(intArray(v.Loads[ingest.LayerApprovals]), intArray(v.Loads[ingest.LayerParcels]), zone.Code, string(zone.Scope))
	return v.records(ctx, query, args, func(r *record) error {
		z.Approvals = append(z.Approvals, land.ApprovedPart{Approval: getApproval(r, fields), Share: 1})
		return r.err
	})
}

// ApprovedShapes yields the boundaries of the approvals that meet a zone, whole.
func (v *View) ApprovedShapes(ctx context.Context, zone land.ZoneKey, yield func(id string, shape orb.MultiPolygon) error) error {
	if !v.sees(zone.Code) {
		return nil
	}
	err := v.drawnApprovals(ctx, zone, func(a *land.ApprovedPart, shape orb.MultiPolygon) error { return yield(a.ID, shape) })
	if err != nil {
		return fmt.Errorf("read the approvals in zone %s of snapshot %s: %w", zone, v.Snapshot, err)
	}
	return nil
}

// PartShapes yields the outlines of the wanted parcels that have a part in a
// zone, by id.
func (v *View) PartShapes(ctx context.Context, zone land.ZoneKey, want func(id string) bool, yield func(id string, shape orb.MultiPolygon) error) error {
	if !v.sees(zone.Code) {
		return nil
	}
	ids, err := v.partIDs(ctx, zone, want)
	if err != nil {
		return fmt.Errorf("read the parcels of zone %s of snapshot %s: %w", zone, v.Snapshot, err)
	}
	query := v.store.query("part_shapes")
	for some := range slices.Chunk(ids, recordChunk) {
		args := values(intArray(v.Loads[ingest.LayerParcels]), zone.Code, string(zone.Scope), pq.Array(some))
		err := v.records(ctx, query, args, func(r *record) error {
			id := r.text()
			shape, err := parseEWKB([]byte(r.text()))
			if err := errors.Join(r.err, err); err != nil {
				return err
			}
			return yield(id, shape)
		})
		if err != nil {
			return fmt.Errorf("read the outlines in zone %s of snapshot %s: %w", zone, v.Snapshot, err)
		}
	}
	return nil
}

func (v *View) partIDs(ctx context.Context, zone land.ZoneKey, want func(id string) bool) ([]string, error) {
	rows, err := v.store.db.QueryContext(ctx, v.store.query("part_ids"), pq.Array(v.Loads[ingest.LayerParcels]), zone.Code, string(zone.Scope))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var ids []string
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		if want(id) {
			ids = append(ids, id)
		}
	}
	return ids, rows.Err()
}
