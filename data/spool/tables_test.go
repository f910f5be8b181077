package spool

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/data/ingest"
)

// fill is a spool with three zones, tables and parcels at random, and what each
// part must be told: parcel → rows.
type filled struct {
	*Spool
	zones   []land.ZoneKey
	events  map[string][]land.Event
	terms   map[string][]land.Term
	missing int64
}

func fillTables(t *testing.T, seed uint64, parcels int) *filled {
	t.Helper()
	s, err := Open(Options{Dir: t.TempDir()})
	must(t, err)
	t.Cleanup(func() { s.Close() })
	f := &filled{Spool: s, events: map[string][]land.Event{}, terms: map[string][]land.Term{}}
	var rows []ingest.ZoneRow
	for _, code := range []string{"A", "B", "C"} {
		z := &land.Zone{Code: code, Scope: land.ScopeApproved}
		rows = append(rows, ingest.ZoneRow{Zone: z})
		f.zones = append(f.zones, z.Key())
	}
	must(t, s.WriteZones(context.Background(), rows))
	rnd := rand.New(rand.NewPCG(seed, 7))
	f.writeEvents(t, rnd, parcels)
	f.writeTerms(t, rnd, parcels)
	f.writeParcels(t, rnd, parcels)
	// Duplicates show at the end.
	must(t, s.Drop(context.Background(), ingest.LayerParcels, []int64{3}))
	must(t, s.Loaded())
	return f
}

func (f *filled) writeEvents(t *testing.T, rnd *rand.Rand, parcels int) {
	w, err := f.TableWriter(ingest.LayerEvents)
	must(t, err)
	var dropped []int64
	for i := range parcels {
		id := fmt.Sprint("P", rnd.IntN(parcels+20))
		e := land.Event{Parcel: id, On: land.Date(730000 + rnd.IntN(50)), Kind: land.EventNotice, Note: fmt.Sprint(i),
			Source: land.Source{File: int32(i % 2), Feature: int64(i), Position: int64(i + 1)}}
		must(t, w.Write(&ingest.TableRow{Key: fmt.Sprint(i), Record: &e}))
		if i%11 == 0 {
			dropped = append(dropped, int64(i+1))
			continue
		}
		if f.events[id] = append(f.events[id], e); !known(id, parcels) {
			f.missing++
		}
	}
	must(t, w.Close())
	must(t, f.Drop(context.Background(), ingest.LayerEvents, dropped))
}

// known are the parcels that are written: P3 is dropped as a duplicate.
func known(id string, parcels int) bool {
	var n int
	fmt.Sscanf(id, "P%d", &n)
	return n < parcels && n != 3
}

func (f *filled) writeTerms(t *testing.T, rnd *rand.Rand, parcels int) {
	w, err := f.TableWriter(ingest.LayerTerms)
	must(t, err)
	for i := range parcels / 8 {
		term := land.Term{ContractNo: fmt.Sprint("C", rnd.IntN(parcels/4)), Indicator: fmt.Sprint("i", rnd.IntN(5)), Comparison: "<=",
			Value: land.Num(land.Fixed(i) * land.One), Source: land.Source{Feature: int64(i), Position: int64(i + 1)}}
		must(t, w.Write(&ingest.TableRow{Record: &term}))
		f.terms[term.ContractNo] = append(f.terms[term.ContractNo], term)
	}
	must(t, w.Close())
}

func (f *filled) writeParcels(t *testing.T, rnd *rand.Rand, parcels int) {
	w, err := f.ParcelWriter()
	must(t, err)
	for i := range parcels {
		p := land.Parcel{ID: fmt.Sprint("P", i), ContractNo: fmt.Sprint("C", i%(parcels/4)), Source: land.Source{Position: int64(i)}}
		if i%7 == 0 {
			p.ProjectNo = fmt.Sprint("J", rnd.IntN(parcels/10))
		}
		row := &ingest.ParcelRow{Parcel: &p}
		for _, z := range f.zones {
			if rnd.IntN(2) == 0 {
				row.In = append(row.In, ingest.Located{Zone: z, Share: 0.5, Home: len(row.In) == 0})
			}
		}
		if len(row.In) == 0 {
			row.In = []ingest.Located{{Share: 1, Home: true}}
		}
		must(t, w.Write(row))
	}
	must(t, w.Close())
}

// Every part of a parcel, also where it is a member from elsewhere, is told the
// rows on it, in order; rows on parcels that aren't there are counted.
func TestRecordsOfParts(t *testing.T) {
	for seed := range uint64(3) {
		f := fillTables(t, seed, 400)
		parts, away, told := 0, 0, 0
		for _, zone := range append([]land.ZoneKey{{}}, f.zones...) {
			must(t, f.Parts(context.Background(), zone, func(p *land.Part) error {
				parts++
				if p.Elsewhere {
					away++
				}
				want := &land.Records{Events: slices.Clone(f.events[p.ID]), Terms: slices.Clone(f.terms[p.ContractNo])}
				want.Sort()
				if len(want.Events)+len(want.Terms) == 0 {
					want = nil
				} else {
					told++
				}
				if got := p.Records; (got == nil) != (want == nil) || want != nil &&
					!(slices.Equal(got.Events, want.Events) && slices.Equal(got.Terms, want.Terms)) {
					t.Errorf("zone %s, parcel %s: %+v, want %+v", zone, p.ID, p.Records, want)
				}
				return nil
			}))
		}
		if away == 0 || told == 0 || told == parts {
			t.Fatalf("%d parts, %d from elsewhere, %d with records: nothing is tested", parts, away, told)
		}
		var missing int64
		for _, u := range f.Unmatched() {
			if u.Layer == ingest.LayerEvents {
				missing += u.Rows
			}
			if known(u.Name, 400) {
				t.Errorf("%+v is there", u)
			}
		}
		if missing != f.missing {
			t.Errorf("%d rows name no parcel, want %d", missing, f.missing)
		}
	}
}

// Tables after parcels would not be joined, so they are refused; and rows that
// are kept in memory have a bound.
func TestTableOrderAndBound(t *testing.T) {
	f := fillTables(t, 1, 40)
	if _, err := f.TableWriter(ingest.LayerFirms); !errors.Is(err, errOrder) {
		t.Errorf("a table after the parcels: %v", err)
	}
	if _, err := f.ApprovalWriter(); !errors.Is(err, errOrder) {
		t.Errorf("approvals after the parcels: %v", err)
	}
	s, err := Open(Options{Dir: t.TempDir()})
	must(t, err)
	defer s.Close()
	w, err := s.TableWriter(ingest.LayerRankings)
	must(t, err)
	for range maxZoneRows {
		must(t, w.Write(&ingest.TableRow{Record: &land.Ranking{Zone: "A", Year: 2024}}))
	}
	if err := w.Write(&ingest.TableRow{Record: &land.Ranking{Zone: "A", Year: 2024}}); !errors.Is(err, ingest.ErrRefused) {
		t.Errorf("one row too many: %v", err)
	}
	if _, err := s.TableWriter("parcels"); err == nil {
		t.Error("parcels are no table")
	}
}

// Every field of every table comes back as it went in.
func TestTableCodecs(t *testing.T) {
	for _, c := range []any{fullRecord(land.Phases()), fullRecord(land.Uses()), fullRecord(land.Terms()), fullRecord(land.Firms()),
		fullRecord(land.Events()), fullRecord(land.Rankings()), fullRecord(land.ZoneActions())} {
		found := false
		for number, codec := range codecs() {
			if !fits(codec, c) {
				continue
			}
			found = true
			row := codec.append([]byte{byte(number)}, c)
			var to land.Records
			var zone land.ZoneRecords
			must(t, decodeRow(codecs(), row, &to, &zone))
			var got []any
			for _, list := range []any{to, zone} {
				v := reflect.ValueOf(list)
				for i := range v.NumField() {
					for k := range v.Field(i).Len() {
						got = append(got, v.Field(i).Index(k).Interface())
					}
				}
			}
			if want := reflect.ValueOf(c).Elem().Interface(); len(got) != 1 || !reflect.DeepEqual(got[0], want) {
				t.Errorf("%s: %+v, want %+v", codec.layer, got, want)
			}
			for cut := range len(row) - 1 {
				if err := decodeRow(codecs(), row[:cut], &to, &zone); !errors.Is(err, errRecord) {
					t.Errorf("%s cut at %d: %v", codec.layer, cut, err)
				}
			}
		}
		if !found {
			t.Errorf("no codec for %T", c)
		}
	}
}

func fits(c tableCodec, record any) (ok bool) {
	defer func() { ok = recover() == nil }()
	c.name(record)
	return
}

// fullRecord is a record with a value in every field.
func fullRecord[T any](table land.RecordTable[T]) *T {
	var rec T
	*table.Source(&rec) = land.Source{File: 2, Feature: 17, Position: 99}
	if table.Year != nil {
		*table.Year(&rec) = 2024
	}
	if table.Zone != nil {
		*table.Zone(&rec) = "Z"
	}
	for i, f := range table.Fields {
		switch f.Kind {
		case land.Text:
			*f.Str(&rec) = fmt.Sprint("文", i)
		case land.Word:
			*f.Str(&rec) = f.Words[len(f.Words)-1]
		case land.Day:
			*f.Date(&rec) = land.Date(730000 + i)
		case land.Quant:
			*f.Num(&rec) = land.Num(land.Fixed(-i) * land.One)
		case land.YesNo:
			*f.Flag(&rec) = land.Yes
		}
	}
	return &rec
}
