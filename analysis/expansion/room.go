package expansion

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/paulmach/orb"

	"github.com/muscope/muscope/analysis/land"
)

// The kinds of land that a zone still holds.
const (
	HeldReserve       = "reserve"        // 储备
	HeldUnsupplied    = "unsupplied"     // 批而未供
	HeldIdle          = "idle"           // 闲置 (suspected)
	HeldReady         = "ready"          // supplied or ready, and nothing stands on it
	HeldLowEfficiency = "low_efficiency" // 低效
)

// The ways to put land to use, the easiest first: the order of the list of
// what to digest first.
const (
	EaseReserveReady    = iota + 1 // reserve that is ready to be supplied
	EaseUnsuppliedReady            // approved and ready, to be supplied
	EaseFormalities                // built on without supply: formalities
	EaseReserve                    // reserve that isn't ready, or of which that isn't known
	EaseNotStarted                 // supplied, to be started
	EaseUnsupplied                 // approved, to be made ready
	EaseIdle                       // idle, to be disposed of
	EaseLowEfficiency              // built on, to be redeveloped
)

// Room is what the zone still holds, against what it asks for.
type Room struct {
	Held    Area             `json:"held"` // each square metre once
	Exact   bool             `json:"exact"`
	Unsure  Area             `json:"unsure"` // land that may belong too: its status is undetermined
	Doubts  []Coded          `json:"doubts,omitempty"`
	ByKind  map[string]Area  `json:"by_kind"` // these overlap each other
	Overlap Area             `json:"overlap"` // of parcels drawn over others, taken off
	Asked   Area             `json:"asked"`   // the land added
	Ratio   *float64         `json:"ratio"`   // held ÷ asked; null where nothing is asked
	Years   []land.Indicator `json:"years"`   // of supply, both variants
	Text    Text             `json:"text"`
	Parcels int              `json:"parcels"`
	Digest  []Digest         `json:"digest_first"`
	More    int              `json:"more"` // parcels that aren't listed
}

// Digest is one parcel that the zone holds unused.
type Digest struct {
	Rank   int         `json:"rank"`
	ID     string      `json:"id"`
	Name   string      `json:"name,omitempty"`
	Status land.Status `json:"status"`
	Kinds  []string    `json:"kinds"`
	Ease   int         `json:"ease"` // 1 is the easiest
	How    Text        `json:"how"`
	Area
}

// heldParcel is a parcel that is, or may be, room.
type heldParcel struct {
	ID, Name string
	status   land.Status
	kinds    []string // empty: it only may be
	ease     int
	m2       land.Fixed
	shape    orb.MultiPolygon
	double   float64 // share of it that other parcels cover already
}

// area is what counts of it.
func (h *heldParcel) area() land.Fixed { return h.m2 - h.m2.Share(h.double) }

// hold says whether land is, or may be, unused, and of which kinds. Land under
// construction isn't: it is in the base "ready" of the supply rate, but nobody
// else could build there.
func hold(p *land.Part, a *land.Assessment) (heldParcel, bool) {
	h := heldParcel{ID: strings.Clone(p.ID), Name: strings.Clone(p.Name), status: a.Status, m2: p.PartM2()}
	add := func(kind string, ease int) {
		h.kinds = append(h.kinds, kind)
		if h.ease == 0 || ease < h.ease {
			h.ease = ease
		}
	}
	ready := p.SupplyReady == land.Yes && a.Standing != land.Yes
	switch a.Status {
	case land.Reserve:
		if ready {
			add(HeldReserve, EaseReserveReady)
			add(HeldReady, EaseReserveReady)
		} else {
			add(HeldReserve, EaseReserve)
		}
	case land.Unsupplied:
		switch {
		case a.BuiltOn == land.Yes:
			add(HeldUnsupplied, EaseFormalities)
		case ready:
			add(HeldUnsupplied, EaseUnsuppliedReady)
			add(HeldReady, EaseUnsuppliedReady)
		default:
			add(HeldUnsupplied, EaseUnsupplied)
		}
	case land.SuspectedIdle:
		add(HeldIdle, EaseIdle)
	case land.SuppliedNotDue, land.OverdueStart:
		add(HeldReady, EaseNotStarted)
	}
	if p.LowEfficiency == "suspected" || p.LowEfficiency == "determined" {
		add(HeldLowEfficiency, EaseLowEfficiency)
	}
	return h, len(h.kinds) > 0 || a.Status == land.Undetermined
}

// room adds up what the zone still holds.
func (c *check) room(context.Context) error {
	held := c.parts.held
	slices.SortStableFunc(held, func(a, b heldParcel) int { // sure ones first: they keep what they share with others
		return cmp.Compare(min(1, len(b.kinds)), min(1, len(a.kinds)))
	})
	if err := overlaps(held); err != nil {
		return fmt.Errorf("the land that the zone still holds: %w", err)
	}
	r := &Room{ByKind: map[string]Area{}, Exact: true}
	var sure, unsure, double land.Fixed
	kinds := map[string]land.Fixed{}
	var list []heldParcel
	for i := range held {
		h := &held[i]
		if len(h.kinds) == 0 {
			unsure += h.area()
			continue
		}
		sure, double = sure+h.area(), double+h.m2-h.area()
		for _, k := range h.kinds {
			kinds[k] += h.area()
		}
		list = append(list, *h)
		c.draw("room", h.ID, h.Name, h.shape)
	}
	for _, k := range []string{HeldReserve, HeldUnsupplied, HeldIdle, HeldReady, HeldLowEfficiency} {
		r.ByKind[k] = areaOf(kinds[k])
	}
	r.Held, r.Unsure, r.Overlap, r.Asked, r.Parcels = areaOf(sure), areaOf(unsure), areaOf(double), areaOf(fixed(c.added.m2)), len(list)
	c.doubts(r, unsure)
	c.digest(r, list)
	c.ratio(r, sure)
	c.doc.Room = r
	return nil
}

// doubts says why the room may be more than what is known.
func (c *check) doubts(r *Room, unsure land.Fixed) {
	if unsure > 0 {
		r.Doubts = append(r.Doubts, c.coded("room_undetermined", unsure.Mu()))
	}
	if c.parts.parcels > 0 && !c.parts.anyLedger {
		r.Doubts = append(r.Doubts, c.coded("no_ledger"))
	}
	if c.parts.parcels == 0 {
		r.Doubts = append(r.Doubts, c.coded("no_parcels"))
	}
	r.Exact = len(r.Doubts) == 0
}

func (c *check) digest(r *Room, list []heldParcel) {
	slices.SortFunc(list, func(a, b heldParcel) int {
		return cmp.Or(cmp.Compare(a.ease, b.ease), cmp.Compare(b.area(), a.area()), strings.Compare(a.ID, b.ID))
	})
	r.Digest = []Digest{}
	for i := range list[:min(len(list), c.Limit)] {
		h := &list[i]
		r.Digest = append(r.Digest, Digest{Rank: i + 1, ID: h.ID, Name: h.Name, Status: h.status, Kinds: h.kinds, Ease: h.ease,
			How: c.text(fmt.Sprintf("expansion.ease.%d", h.ease)), Area: areaOf(h.area())})
	}
	r.More = len(list) - len(r.Digest)
}

func (c *check) ratio(r *Room, sure land.Fixed) {
	for _, id := range []string{"remaining_supply_years.by_supply", "remaining_supply_years.by_area"} {
		if ind := indicatorOf(c.result, id); ind != nil {
			r.Years = append(r.Years, *ind)
		}
	}
	if r.Asked.M2 <= 0 {
		r.Text = c.text("expansion.room.nothing_asked", r.Held.Ha, r.Held.Mu)
		return
	}
	v := float64(sure) / float64(r.Asked.M2)
	r.Ratio = &v
	r.Text = c.text("expansion.room.ratio", r.Held.Ha, r.Held.Mu, r.Asked.Ha, r.Asked.Mu, v)
}

// cloned is a part that stays valid after the call.
func cloned(p *land.Part) land.Part {
	out := *p
	for _, f := range land.ParcelFields() {
		if f.Str != nil {
			s := f.Str(&out.Parcel)
			*s = strings.Clone(*s)
		}
	}
	out.In.Code, out.Extra = strings.Clone(p.In.Code), nil
	return out
}
