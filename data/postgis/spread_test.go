package postgis_test

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/analysis/report"
	"github.com/muscope/muscope/data/postgis"
)

// What is looked up for one zone is what the reading of all zones finds for it.
func TestOneZoneIsLookedUpAlone(t *testing.T) {
	s := openStore(t)
	loadAll(t, s)
	v := openAnalyzed(t, s, nil)
	zones, err := v.Zones(t.Context())
	check(t, err)
	spread := func(keys ...land.ZoneKey) map[string]string {
		out := map[string]string{}
		check(t, v.SpreadContracts(t.Context(), keys, func(p *land.Part) error {
			out[p.ID] = p.ContractNo
			return nil
		}))
		return out
	}
	all, found := spread(), 0
	for i := range zones {
		key := zones[i].Key()
		named := map[string]bool{}
		elsewhere := func(v *postgis.View) (ids []string) {
			check(t, v.Parts(t.Context(), key, func(p *land.Part) error {
				if p.Elsewhere {
					ids = append(ids, p.ID)
				} else {
					named[p.ContractNo] = true
				}
				return nil
			}))
			return ids
		}
		lone := openAnalyzed(t, s, nil)
		alone := elsewhere(lone)
		for range 5 { // from then on all zones are read
			elsewhere(lone)
		}
		if among := elsewhere(lone); !slices.Equal(alone, among) {
			t.Errorf("zone %s: parcels elsewhere are %v, among all zones %v", key, alone, among)
		}
		want := map[string]string{}
		for id, no := range all {
			if named[no] {
				want[id] = no
			}
		}
		if got := spread(key); asJSON(t, got) != asJSON(t, want) {
			t.Errorf("zone %s: contracts over several zones are %v, want %v", key, got, want)
		}
		found += len(want) + len(alone)
	}
	if found == 0 {
		t.Error("the data has no contract and no project over several zones")
	}
}

// loneZone refuses to read all zones.
type loneZone struct {
	*postgis.View
	asked bool
}

func (l *loneZone) ZoneResult(ctx context.Context, zone land.ZoneKey) (*land.ZoneResult, error) {
	l.asked = true
	return l.View.ZoneResult(ctx, zone)
}

func (*loneZone) ZoneResults(context.Context, func(*land.ZoneResult) error) error {
	return errors.New("all zones are read")
}

// A report on one zone reads that zone's result alone, and a zone that isn't
// there is no zone of the analysis.
func TestReportOfOneZone(t *testing.T) {
	s := openStore(t)
	loadAll(t, s)
	v := openAnalyzed(t, s, nil)
	one := &loneZone{View: v}
	zones, err := v.Zones(t.Context())
	check(t, err)
	key := zones[0].Key()
	var got, want bytes.Buffer
	check(t, report.Write(t.Context(), &got, "json", one, report.Options{Zone: &key}))
	check(t, report.Write(t.Context(), &want, "json", struct{ report.Source }{v}, report.Options{Zone: &key}))
	if !bytes.Equal(got.Bytes(), want.Bytes()) || !one.asked {
		t.Errorf("asked %v for the report %s, want %s", one.asked, got.Bytes(), want.Bytes())
	}
	key.Code = "none"
	if err := report.Write(t.Context(), &got, "json", one, report.Options{Zone: &key}); !errors.Is(err, report.ErrNoZone) || !errors.Is(err, postgis.ErrNotFound) {
		t.Errorf("a zone that isn't there gives %v", err)
	}
}
