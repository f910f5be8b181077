package analysis

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"github.com/muscope/muscope/analysis/land"
)

// The fee for idle land is a share of the price of the contract. A contract
// over several parcels states it once: on the first of its parcels, by id, that
// is idle for a fee, on each of that parcel's rows, never split by zone. The
// other parcels' findings keep their measure, and their fee is blank.

// zoneFee is a finding that names the fee of a contract.
type zoneFee struct {
	contract, id string
	idle         *land.Idle
}

func feeOf(p *land.Part, idle *land.Idle, id string) (zoneFee, bool) {
	if idle == nil || !idle.FeeIfHolderWan.Known || p.ContractNo == "" {
		return zoneFee{}, false
	}
	contract := strings.Clone(p.ContractNo)
	if p.Piece.Phase != "" { // a phase with a price of its own has a fee of its own
		contract += "\x00" + id + "\x00" + p.Piece.Phase
	}
	return zoneFee{contract, id, idle}, true
}

// settle takes the fee off where another parcel of the contract states it.
func (f zoneFee) settle(first map[string]string) {
	if id, ok := first[f.contract]; ok && id != f.id {
		f.idle.FeeIfHolderWan = land.Number{}
	}
}

// zoneFees are the findings of a zone that name a contract's fee.
type zoneFees struct {
	list  []zoneFee
	first map[string]string
}

func (z *zoneFees) add(p *land.Part, idle *land.Idle, id string) {
	f, ok := feeOf(p, idle, id)
	if !ok {
		return
	}
	if z.first == nil {
		z.first = map[string]string{}
	}
	z.list = append(z.list, f)
	keepFirst(z.first, f.contract, f.id)
}

func keepFirst(first map[string]string, contract, id string) {
	if old, ok := first[contract]; !ok || id < old {
		first[contract] = id
	}
}

// settle leaves each contract's fee on one parcel: the first over all zones,
// else the first here.
func (z *zoneFees) settle(overall map[string]string) {
	for _, f := range z.list {
		if _, spread := overall[f.contract]; spread {
			f.settle(overall)
			continue
		}
		f.settle(z.first)
	}
}

// spreadContracts finds, for each contract over parcels in several zones, the
// parcel that states its fee. A source that can't name such contracts is read
// once more, before the analysis itself.
func (r *run) spreadContracts(ctx context.Context) error {
	r.fees = map[string]string{}
	var mu sync.Mutex
	s, named := r.source.(ContractSource)
	note := func(p *land.Part) error {
		r.spread.note(p, named)
		if p.ContractNo == "" || !p.PriceWan.Known || p.Elsewhere {
			return nil
		}
		_, fees := r.rowWithFees(p, p.ID)
		for _, f := range fees {
			mu.Lock()
			keepFirst(r.fees, f.contract, strings.Clone(p.ID))
			mu.Unlock()
		}
		return nil
	}
	if named {
		if err := s.SpreadContracts(ctx, r.asked(), note); err != nil {
			return fmt.Errorf("read the contracts over several zones: %w", err)
		}
		return nil
	}
	if len(r.zones) == 0 || len(r.zones) == 1 && len(r.Zones) > 0 {
		return nil // one place only: each contract is seen whole
	}
	return r.eachZone(ctx, false, func(ctx context.Context, z *land.Zone) error {
		key := land.ZoneKey{}
		if z != nil {
			key = z.Key()
		}
		return r.source.Parts(ctx, key, note)
	})
}
