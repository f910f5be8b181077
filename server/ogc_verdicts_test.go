package server_test

import (
	"net/url"
	"slices"
	"testing"

	"github.com/muscope/muscope/server"
)

// TestVerdictsInABox: what lies in a box is found by the index of parcels and
// zones; those are the verdicts that the same box, written so that no index can
// be asked, leaves too. So for a caller of one zone.
func TestVerdictsInABox(t *testing.T) {
	d := newDistrict(t)
	s := d.server(t)
	secret := d.token(t, server.Viewer, "GX01")
	ids := func(secret, query string) (list []string) {
		r := localRequest("GET", "/ogc/collections/verdicts/items?limit=10000&"+query, nil)
		if secret != "" {
			r = remoteRequest("GET", "/ogc/collections/verdicts/items?limit=10000&"+query, secret, nil)
		}
		doc := decode[struct {
			Features      []struct{ ID string }
			NumberMatched int
		}](t, do(t, s, r))
		for _, f := range doc.Features {
			list = append(list, f.ID)
		}
		if doc.NumberMatched != len(list) {
			t.Errorf("%s: %d matched, %d there", query, doc.NumberMatched, len(list))
		}
		return list
	}
	differ := false
	for _, box := range []string{"108.42,22.80,108.425,22.805", "108.43,22.80,108.4301,22.8001", "108.0,22.0,109.0,23.0", "0,0,1,1", "108.4199,22.7999,108.421,22.812"} {
		for _, who := range []string{"", secret} {
			place := "BBOX(" + box + ")"
			indexed := ids(who, "bbox="+box)
			plain := ids(who, "filter="+url.QueryEscape("NOT (NOT (geometry IS NULL OR S_INTERSECTS(geometry, "+place+")))"))
			strict := ids(who, "filter="+url.QueryEscape("S_INTERSECTS(geometry, "+place+")"))
			strictly := ids(who, "filter="+url.QueryEscape("NOT S_DISJOINT(geometry, "+place+")"))
			if !slices.Equal(indexed, plain) || !slices.Equal(strict, strictly) {
				t.Errorf("box %s: %d verdicts by bbox, %d by filter; %d and %d of those with a place", box, len(indexed), len(plain), len(strict), len(strictly))
			}
			differ = differ || len(indexed) > 0 && len(indexed) < len(ids(who, ""))
		}
	}
	if !differ {
		t.Error("each box holds all verdicts or none")
	}
}
