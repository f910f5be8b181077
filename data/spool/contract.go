package spool

import (
	"cmp"
	"context"
	"encoding/binary"
	"fmt"
	"hash/maphash"
	"slices"

	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/data/ingest"
)

// A contract's fee is stated once, also where its parcels lie in several
// zones. Of every parcel with a contract a hash of the number and the home zone
// are spooled, in buckets of which one at a time fits in memory.

// addContract notes the contract of a parcel.
func (w *parcelWriter) addContract(row *ingest.ParcelRow, position int64) error {
	home := noZone
	for _, in := range row.In {
		if in.Home {
			home = w.spool.number[in.Zone]
		}
	}
	hash := maphash.String(w.spool.seed, row.Parcel.ContractNo)
	w.buf = binary.LittleEndian.AppendUint64(w.buf[:0], hash)
	w.buf = binary.LittleEndian.AppendUint32(w.buf, uint32(home))
	return w.contracts.add(int32(hash%buckets), position, w.buf)
}

type contractParcel struct {
	hash     uint64
	zone     int32
	position int64
}

// SpreadContracts yields the home part of every parcel whose contract also
// stands on a parcel of another zone. Two contracts of one hash may bring parts
// that need not have come, and never keep one away. Those of all zones come,
// whichever are named.
func (s *Spool) SpreadContracts(ctx context.Context, _ []land.ZoneKey, yield func(*land.Part) error) error {
	wanted := map[int32][]int64{} // positions by home zone
	groups, err := s.contract.groups()
	if err != nil {
		return err
	}
	for _, bucket := range groups {
		if err := s.findSpread(bucket, wanted); err != nil {
			return err
		}
	}
	for zone, positions := range wanted {
		slices.Sort(positions)
		err := s.readParts(ctx, zone, nil, func(p *land.Part) error {
			if _, found := slices.BinarySearch(positions, p.Source.Position); !found || !p.Home || p.Elsewhere {
				return nil
			}
			return yield(p)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *Spool) findSpread(bucket int32, wanted map[int32][]int64) error {
	var parcels []contractParcel
	err := s.contract.read([]int32{bucket}, func(_ int32, position int64, payload []byte) error {
		if len(payload) != 12 {
			return fmt.Errorf("%w of a contract", errRecord)
		}
		if !s.isDropped(position) {
			parcels = append(parcels, contractParcel{binary.LittleEndian.Uint64(payload),
				int32(binary.LittleEndian.Uint32(payload[8:])), position})
		}
		return nil
	})
	if err != nil {
		return err
	}
	slices.SortFunc(parcels, func(a, b contractParcel) int { return cmp.Compare(a.hash, b.hash) })
	for i := 0; i < len(parcels); {
		end, spread := i, false
		for ; end < len(parcels) && parcels[end].hash == parcels[i].hash; end++ {
			spread = spread || parcels[end].zone != parcels[i].zone
		}
		for ; i < end; i++ {
			if spread {
				wanted[parcels[i].zone] = append(wanted[parcels[i].zone], parcels[i].position)
			}
		}
	}
	return nil
}
