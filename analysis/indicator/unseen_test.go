package indicator_test

import (
	"testing"

	"github.com/muscope/muscope/analysis/indicator"
	"github.com/muscope/muscope/analysis/land"
)

// A zone of which no parcel is known has no share of its area developed that
// could be told; that is not 0 %.
func TestZoneWithoutParcels(t *testing.T) {
	asOf, err := land.ParseDate("2024-12-31")
	if err != nil {
		t.Fatal(err)
	}
	zone := &land.Zone{Code: "Z", Scope: land.ScopeApproved, AreaM2: 1000 * land.One}
	z := indicator.NewZone(zone, nil, asOf)
	set := indicator.NewSet("all")
	set.AddZone(z, zone.AreaM2)
	for _, all := range [][]land.Indicator{z.Indicators(), set.Indicators()} {
		for _, i := range all {
			if i.Value != nil {
				t.Errorf("%s = %g without a parcel", i.ID, *i.Value)
			}
		}
	}
}
