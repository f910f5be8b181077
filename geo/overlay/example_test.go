package overlay_test

import (
	"fmt"

	"github.com/paulmach/orb"

	"github.com/muscope/muscope/geo"
	"github.com/muscope/muscope/geo/overlay"
)

func ExampleIndex_Shares() {
	square := func(lon, lat, side float64) orb.MultiPolygon {
		return orb.MultiPolygon{orb.Bound{Min: orb.Point{lon, lat}, Max: orb.Point{lon + side, lat + side}}.ToPolygon()}
	}
	zones, err := overlay.NewIndex([]orb.MultiPolygon{square(108, 22, 0.01), square(108.01, 22, 0.01)})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, parcel := range []orb.MultiPolygon{square(108.002, 22.002, 0.001), square(108.00975, 22.002, 0.001)} {
		shares, err := zones.Shares(parcel, geo.AreaM2(parcel))
		if err != nil {
			fmt.Println(err)
			return
		}
		for _, s := range shares {
			fmt.Printf("zone %d: %.4f, %.1f m²\n", s.Zone, s.Share, s.AreaM2)
		}
		fmt.Println("--")
	}
	// Output:
	// zone 0: 1.0000, 11434.0 m²
	// --
	// zone 0: 0.2500, 2858.5 m²
	// zone 1: 0.7500, 8575.5 m²
	// --
}
