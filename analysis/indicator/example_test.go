package indicator_test

import (
	"fmt"

	"github.com/muscope/muscope/analysis/indicator"
	"github.com/muscope/muscope/analysis/land"
)

// A factory of 9 ha whose dormitory takes 0.6 ha, and one of 1 ha of which
// nobody wrote down the ancillary site: it may be anything within its parcel.
func ExampleZone() {
	asOf, _ := land.ParseDate("2024-12-31")
	zone := indicator.NewZone(&land.Zone{Code: "GX01", Scope: land.ScopeApproved, AreaM2: 200_000 * land.One}, nil, asOf)
	built := land.Assessment{Class: land.ClassIndustrial, Status: land.Built, Approved: land.Yes, Supplied: land.Yes,
		BuiltOn: land.Yes, Standing: land.Yes}
	for _, p := range []land.Parcel{
		{ID: "A", RecordedM2: land.Num(90_000 * land.One), AncillarySiteM2: land.Num(6_000 * land.One)},
		{ID: "B", RecordedM2: land.Num(10_000 * land.One)},
	} {
		p.Ownership, p.ApprovedOn, p.SuppliedOn = land.OwnState, asOf-3000, asOf-2000
		zone.Add(&land.Part{Parcel: p, In: land.ZoneKey{Code: "GX01", Scope: land.ScopeApproved}, Share: 1, SetShare: 1}, &built)
	}
	for _, i := range zone.Indicators() {
		if i.ID == "ancillary_land_share.industrial_projects" {
			fmt.Printf("%.4f of %.0f %% of the land; %.2f to %.2f\n", *i.Value, 100*i.Coverage, *i.Bounds.Lo, *i.Bounds.Hi)
			fmt.Println("missing:", i.Missing[0].Field, "of", i.Missing[0].Parcels, "parcel")
		}
	}
	fmt.Println("built rate from", zone.Contributors("build_rate", 2))
	// Output:
	// 0.0667 of 90 % of the land; 0.06 to 0.16
	// missing: ancillary_site_m2 of 1 parcel
	// built rate from [A B]
}
