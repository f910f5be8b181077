package piece

import (
	"math/big"

	"github.com/muscope/muscope/analysis/land"
)

// apportion shares a total out by weights, so that the shares add up to it
// exactly: each is what a running sum, rounded down, leaves for it. Where no
// weight is above 0 nothing is shared out.
func apportion(total land.Fixed, weights []land.Fixed) []land.Fixed {
	out := make([]land.Fixed, len(weights))
	sum, all := new(big.Int), new(big.Int)
	for _, w := range weights {
		all.Add(all, big.NewInt(int64(w)))
	}
	if all.Sign() <= 0 {
		return out
	}
	given := land.Fixed(0)
	for i, w := range weights {
		sum.Add(sum, big.NewInt(int64(w)))
		upTo := new(big.Int).Mul(sum, big.NewInt(int64(total)))
		at := land.Fixed(upTo.Quo(upTo, all).Int64())
		out[i], given = at-given, at
	}
	return out
}

// total adds numbers; ok is false where one is unknown.
func total(list []land.Number) (sum land.Fixed, ok bool) {
	for _, n := range list {
		if !n.Known {
			return 0, false
		}
		sum += n.Value
	}
	return sum, true
}

// number is a way to one figure of a parcel.
type number = func(*land.Parcel) *land.Number

// onLand is the extensive figures that are shared out by land alone.
func onLand() []number {
	return []number{
		func(p *land.Parcel) *land.Number { return &p.AgreedInvestmentWan },
		func(p *land.Parcel) *land.Number { return &p.InvestedWan },
	}
}

// floors is the floor areas.
func floors() []number {
	return []number{
		func(p *land.Parcel) *land.Number { return &p.FloorAreaM2 },
		func(p *land.Parcel) *land.Number { return &p.FARFloorAreaM2 },
	}
}

// ancillaries is the figures of offices and living facilities, which belong to
// the industrial land of a parcel.
func ancillaries() []number {
	return []number{
		func(p *land.Parcel) *land.Number { return &p.AncillarySiteM2 },
		func(p *land.Parcel) *land.Number { return &p.AncillaryFloorM2 },
		func(p *land.Parcel) *land.Number { return &p.RentalSiteM2 },
		func(p *land.Parcel) *land.Number { return &p.RentalFloorM2 },
		func(p *land.Parcel) *land.Number { return &p.ProductionFloorM2 },
	}
}

// grounds is what covers the ground.
func grounds() []number {
	return []number{
		func(p *land.Parcel) *land.Number { return &p.FootprintM2 },
		func(p *land.Parcel) *land.Number { return &p.StructuresM2 },
		func(p *land.Parcel) *land.Number { return &p.YardsM2 },
		func(p *land.Parcel) *land.Number { return &p.GreenM2 },
	}
}

// yields is what firms make.
func yields() []number {
	return []number{
		func(p *land.Parcel) *land.Number { return &p.OutputWan },
		func(p *land.Parcel) *land.Number { return &p.ValueAddedWan },
		func(p *land.Parcel) *land.Number { return &p.RevenueWan },
		func(p *land.Parcel) *land.Number { return &p.TaxWan },
		func(p *land.Parcel) *land.Number { return &p.FixedAssetsWan },
		func(p *land.Parcel) *land.Number { return &p.Employees },
		func(p *land.Parcel) *land.Number { return &p.RDWan },
		func(p *land.Parcel) *land.Number { return &p.EnergyTCE },
	}
}

// share shares one figure of a parcel out over its pieces.
func share(whole *land.Parcel, pieces []*land.Parcel, weights []land.Fixed, figure number) {
	n := *figure(whole)
	if !n.Known {
		return
	}
	for i, v := range apportion(n.Value, weights) {
		*figure(pieces[i]) = land.Num(v)
	}
}

func shareAll(whole *land.Parcel, pieces []*land.Parcel, weights []land.Fixed, figures ...[]number) {
	for _, list := range figures {
		for _, figure := range list {
			share(whole, pieces, weights, figure)
		}
	}
}

// blank makes figures unknown.
func blank(p *land.Parcel, figures ...[]number) {
	for _, list := range figures {
		for _, figure := range list {
			*figure(p) = land.Number{}
		}
	}
}
