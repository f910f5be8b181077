package spool

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/data/ingest"
)

// Every parcel of a firm is told the firm's rows of that year on its other
// parcels; a row on a parcel that isn't there counts once as such.
func TestFirmsOnSeveralParcels(t *testing.T) {
	s := withFirms(t, "F1 2023 P0", "F1 2023 P1", "F1 2022 P1", "F2 2023 P1", "F1 2023 gone")
	must(t, s.Loaded())
	got := map[string]string{}
	must(t, s.Parts(context.Background(), land.ZoneKey{Code: "A", Scope: land.ScopeApproved}, func(p *land.Part) error {
		var rows []string
		if p.Records != nil {
			for _, f := range p.Records.Firms {
				rows = append(rows, fmt.Sprint(f.USCC, " ", f.Year, " ", f.Parcel))
			}
		}
		slices.Sort(rows)
		got[p.ID] = strings.Join(rows, ", ")
		return nil
	}))
	for id, want := range map[string]string{
		"P0": "F1 2023 P0, F1 2023 P1, F1 2023 gone",
		"P1": "F1 2022 P1, F1 2023 P0, F1 2023 P1, F1 2023 gone, F2 2023 P1",
		"P2": "",
	} {
		if got[id] != want {
			t.Errorf("%s: %s, want %s", id, got[id], want)
		}
	}
	if u := s.Unmatched(); len(u) != 1 || u[0].Rows != 1 || u[0].Name != "gone" {
		t.Errorf("rows that name no parcel: %+v", u)
	}
}

func TestFirmOnTooManyParcels(t *testing.T) {
	var rows []string
	for i := range maxFirmParcels + 1 {
		rows = append(rows, fmt.Sprintf("F1 2023 P%d", i))
	}
	if err := withFirms(t, rows...).Loaded(); err == nil || !strings.Contains(err.Error(), "check its code") {
		t.Errorf("got %v", err)
	}
}

func withFirms(t *testing.T, list ...string) *Spool {
	t.Helper()
	s, err := Open(Options{Dir: t.TempDir()})
	must(t, err)
	t.Cleanup(func() { s.Close() })
	zone := &land.Zone{Code: "A", Scope: land.ScopeApproved}
	must(t, s.WriteZones(context.Background(), []ingest.ZoneRow{{Zone: zone}}))
	w, err := s.TableWriter(ingest.LayerFirms)
	must(t, err)
	for i, text := range list {
		var f land.Firm
		fmt.Sscan(text, &f.USCC, &f.Year, &f.Parcel)
		f.Source.Position = int64(i + 1)
		must(t, w.Write(&ingest.TableRow{Key: text, Record: &f}))
	}
	must(t, w.Close())
	pw, err := s.ParcelWriter()
	must(t, err)
	for i := range 3 {
		p := land.Parcel{ID: fmt.Sprint("P", i), Source: land.Source{Position: int64(i + 1)}}
		must(t, pw.Write(&ingest.ParcelRow{Parcel: &p, In: []ingest.Located{{Zone: zone.Key(), Share: 1, Home: true}}}))
	}
	must(t, pw.Close())
	return s
}
