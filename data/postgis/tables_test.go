package postgis_test

import (
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/data/ingest"
	"github.com/muscope/muscope/data/postgis"
)

// id is the id of the parcel at place i.
func (f fabric) id(i int) string {
	p, _ := f.parcel(i, 0)
	return p.ID
}

func textFile(name, text string) ingest.File {
	return ingest.File{Name: name, Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(text)), nil }}
}

// loadTable loads rows of a table as the reader of files hands them over.
func loadTable(t *testing.T, s *postgis.Store, layer, csv string, opt postgis.LoadOptions, replace bool) ([]ingest.Unmatched, error) {
	t.Helper()
	opt.Layer = layer
	l := beginLoad(t, s, opt)
	after, err := l.After(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	in := ingest.Options{Files: []ingest.File{textFile("t.csv", csv)}, MaxRejects: ingest.NoLimit, After: after}
	if opt.Append {
		in.Existing = l.Existing
		if replace {
			in.Replace = l.Replace
		}
	}
	if _, err := ingest.LoadTable(t.Context(), layer, in, l); err != nil {
		return nil, err
	}
	unmatched, err := l.Unmatched(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	publish(t, l)
	return unmatched, nil
}

// recordsIn are the events of the parcels of a snapshot, by parcel.
func recordsIn(t *testing.T, s *postgis.Store) map[string]*land.Records {
	t.Helper()
	v, err := s.Current(t.Context(), "2025")
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	zones, err := v.Zones(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]*land.Records{}
	keys := []land.ZoneKey{{}}
	for i := range zones {
		keys = append(keys, zones[i].Key())
	}
	for _, key := range keys {
		err := v.Parts(t.Context(), key, func(p *land.Part) error {
			if other := got[p.ID]; other != nil && !reflect.DeepEqual(other, p.Records) {
				t.Errorf("parcel %s has other records in zone %s", p.ID, key)
			}
			if p.Records != nil {
				got[p.ID] = p.Records
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return got
}

// Rows are kept with every field, held against those that are there when a
// layer is added to, and those that name no parcel are counted.
func TestTablesAppendAndReplace(t *testing.T) {
	s := openStore(t)
	loadZones(t, s, 6)
	f := fabric{cols: 8}
	loadParcels(t, s, postgis.LoadOptions{}, f, 0, 64)
	id := f.id
	head := "parcel,phase,land_m2\n"
	unmatched, err := loadTable(t, s, ingest.LayerPhases, head+id(1)+",1,10\n"+id(1)+",2,20\nnowhere,1,5\nnobody,1,5\n", postgis.LoadOptions{}, false)
	if err != nil {
		t.Fatal(err)
	}
	if want := []ingest.Unmatched{{Layer: "phases", Rows: 2, Name: "nowhere", Feature: 4}}; !slices.Equal(unmatched, want) {
		t.Errorf("%+v, want %+v", unmatched, want)
	}
	areas := func() string {
		var out []string
		for _, p := range recordsIn(t, s)[id(1)].Phases {
			out = append(out, fmt.Sprint(p.Phase, ":", p.LandM2.Value, "@", p.Source.File, "/", p.Source.Feature))
		}
		return strings.Join(out, " ")
	}
	if got := areas(); got != "1:10@0/2 2:20@0/3" {
		t.Errorf("loaded: %s", got)
	}
	if _, err := loadTable(t, s, ingest.LayerPhases, head+id(1)+",2,21\n"+id(1)+",3,30\n", postgis.LoadOptions{Append: true}, false); err != nil {
		t.Fatal(err)
	}
	if got := areas(); got != "1:10@0/2 2:20@0/3 3:30@1/3" {
		t.Errorf("added: %s", got)
	}
	if _, err := loadTable(t, s, ingest.LayerPhases, head+id(1)+",1,11\n", postgis.LoadOptions{Append: true}, true); err != nil {
		t.Fatal(err)
	}
	if got := areas(); got != "1:11@2/2 2:20@0/3 3:30@1/3" {
		t.Errorf("replaced: %s", got)
	}
	if _, err := loadTable(t, s, ingest.LayerPhases, head+"\n", postgis.LoadOptions{}, false); !errors.Is(err, ingest.ErrRefused) {
		t.Errorf("nothing to load: %v", err)
	}
	if got := areas(); got != "1:11@2/2 2:20@0/3 3:30@1/3" {
		t.Errorf("after a refused load: %s", got)
	}
}

// A zone with more parts than are asked for at a time has the records of all.
func TestRecordsOfManyParts(t *testing.T) {
	s := openStore(t)
	const n = 2500
	f := fabric{cols: 50}
	loadParcels(t, s, postgis.LoadOptions{}, f, 0, n)
	var csv strings.Builder
	csv.WriteString("uscc,year,parcel,role\n")
	for i := range n {
		if i%11 == 0 {
			continue // ids of any characters, that CSV would have to quote
		}
		fmt.Fprintf(&csv, "X%d,2024,%s,自有\n", i, f.id(i))
	}
	if _, err := loadTable(t, s, ingest.LayerFirms, csv.String(), postgis.LoadOptions{}, false); err != nil {
		t.Fatal(err)
	}
	got := recordsIn(t, s)
	for i := range n {
		r := got[f.id(i)]
		if i%11 == 0 {
			continue
		}
		if r == nil || len(r.Firms) != 1 || r.Firms[0].USCC != fmt.Sprint("X", i) {
			t.Fatalf("parcel %d of %d with records: %+v", i, len(got), r)
		}
	}
}

// loadAllTables loads a row of each table and an approval with and without a
// boundary.
func loadAllTables(t *testing.T, s *postgis.Store) {
	t.Helper()
	for layer, csv := range map[string]string{
		ingest.LayerPhases: "parcel,phase\nP0000001,1\n", ingest.LayerUses: "parcel,use_code\nP0000001,0902\n",
		ingest.LayerTerms: "contract_no,indicator\nC,far.project\n", ingest.LayerFirms: "uscc,year,parcel\nX,2024,P0000001\n",
		ingest.LayerEvents: "parcel,on,kind\nP0000001,2024-01-02,送达\n", ingest.LayerRankings: "zone,year\nA,2024\n",
		ingest.LayerZoneActions: "zone,on\nA,2024-01-02\n",
	} {
		if _, err := loadTable(t, s, layer, csv, postgis.LoadOptions{}, false); err != nil {
			t.Fatal(err)
		}
	}
	l := beginLoad(t, s, postgis.LoadOptions{Layer: ingest.LayerApprovals})
	w, err := l.ApprovalWriter()
	check(t, err)
	check(t, w.Write(&ingest.ApprovalRow{Approval: &land.Approval{ID: "a", Source: land.Source{Position: 1}}}))
	check(t, w.Write(&ingest.ApprovalRow{Approval: &land.Approval{ID: "b", Source: land.Source{Position: 2}}, Geometry: square(108.3, 22.8, fabricStep), AreaM2: land.One}))
	check(t, w.Close())
	publish(t, l)
}
