package ingest

import (
	"context"
	"testing"

	"github.com/muscope/muscope/analysis/land"
)

func TestRealZones(t *testing.T) {
	for _, c := range []struct {
		file, m string
		zones   int
	}{
		{"tw-parks/industrial_parks.geojson", "tw-parks", 0},
		{"cambridge/CDD_ZoningDistricts.geojson", "cambridge-zoning", 57},
	} {
		opt := options(t, c.m, shared(t, c.file))
		opt.Rejects = func(r *land.Reject) { t.Logf("%+v", *r) }
		res, rows, err := LoadZones(context.Background(), opt, newMemory())
		if err != nil {
			t.Fatal(err)
		}
		t.Log(len(rows), res.Counts, res.Inputs)
		for _, r := range rows {
			if r.Zone.Code == "MXD" || r.Zone.Code == "IB" || r.Zone.Code == "IA-1" || r.Zone.Name == "土城產業園區" || r.Zone.Name == "平鎮產業園區" || r.Zone.Name == "南崗產業園區" {
				t.Log(r.Zone.Code, r.Zone.AreaM2, r.Zone.Pieces)
			}
		}
		if c.m != "cambridge-zoning" {
			continue
		}
		loc, err := NewLocator(rows)
		if err != nil {
			t.Fatal(err)
		}
		popt := options(t, "cambridge-parcels", shared(t, "cambridge/parcels_fy2014.geojson"))
		popt.Repair = true
		popt.Rejects = func(r *land.Reject) {
			if r.Severity == land.SeverityReject {
				t.Logf("%+v", *r)
			}
		}
		sink := newMemory()
		pres, err := LoadParcels(context.Background(), popt, loc, sink)
		if err != nil {
			t.Fatal(err)
		}
		t.Log(pres.Counts, pres.Inputs)
		type sum struct {
			n           int
			floor, area float64
		}
		by := map[string]*sum{}
		multi := 0
		for pos, in := range sink.in {
			p := sink.parcels[pos]
			if len(in) > 1 {
				multi++
			}
			home := 0
			for _, l := range in {
				if l.Home {
					home++
					s := by[l.Zone.Code]
					if s == nil {
						s = &sum{}
						by[l.Zone.Code] = s
					}
					s.n++
					s.floor += p.FloorAreaM2.Value.Float()
					s.area += p.AreaM2().Float()
				}
			}
			if home != 1 {
				t.Errorf("%d homes: %+v", home, in)
			}
			total := 0.0
			for _, l := range in {
				total += l.SetShare
			}
			if total > 1+1e-6 {
				t.Errorf("set shares %v of %s: %+v", total, p.ID, in)
			}
		}
		for _, z := range []string{"MXD", "IB", "IA-1"} {
			t.Log(z, *by[z], by[z].floor/by[z].area)
		}
		t.Log("multi", multi)
	}
}
