package spool

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/maphash"
	"slices"
	"sort"

	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/data/ingest"
)

// A project is judged as a whole, wherever its parcels lie. The members of
// each project are spooled by a hash of its number, so that one bucket at a
// time fits in memory; a member that has no land in a zone which the project
// touches is added to that zone, marked Elsewhere.

// buckets keeps a bucket of ten million projects or contracts under 100 MB.
const buckets = 64

// addMember spools a parcel as a member of its project: its zones, then its
// part with the whole of its land.
func (w *parcelWriter) addMember(row *ingest.ParcelRow, position int64) error {
	w.buf = binary.AppendUvarint(w.buf[:0], uint64(len(row.In)))
	for _, in := range row.In {
		w.buf = binary.AppendVarint(w.buf, int64(w.spool.number[in.Zone]))
	}
	w.part.In, w.part.Share, w.part.SetShare = land.ZoneKey{}, 0, 0
	w.part.PartEllipsoidM2, w.part.Home, w.part.Elsewhere = 0, false, true
	w.buf = w.codec.appendPart(w.buf, &w.part)
	w.part.Elsewhere = false
	bucket := maphash.String(w.spool.seed, row.Parcel.ProjectNo) % buckets
	return w.projects.add(int32(bucket), position, w.buf)
}

type member struct {
	position int64
	zones    []int32
	part     []byte
	id       string
	contract string
}

// Loaded ends the loading: it hands every zone the members that its projects
// have elsewhere, and every part what the tables tell of its parcel.
func (s *Spool) Loaded() error {
	out := &elsewhereWriter{parts: s.parts.writer(), owners: s.tables.owner()}
	groups, err := s.project.groups()
	if err != nil {
		return err
	}
	for _, bucket := range groups {
		projects, err := s.readProjects(bucket)
		if err != nil {
			return err
		}
		for _, members := range projects {
			if err := addElsewhere(out, members); err != nil {
				return err
			}
		}
	}
	if err := errors.Join(out.parts.close(), out.owners.close()); err != nil {
		return err
	}
	return s.tables.join(s)
}

// elsewhereWriter adds parts to zones in which they have no land.
type elsewhereWriter struct {
	parts  *runWriter
	owners *ownerWriter
}

func (s *Spool) readProjects(bucket int32) (map[string][]member, error) {
	codec := newPartCodec()
	projects := map[string][]member{}
	err := s.project.read([]int32{bucket}, func(_ int32, position int64, payload []byte) error {
		if s.isDropped(position) {
			return nil
		}
		r := reader{b: payload}
		m := member{position: position, zones: make([]int32, min(r.uvarint(), uint64(len(payload))))}
		for i := range m.zones {
			m.zones[i] = int32(r.varint())
		}
		m.part = slices.Clone(r.b)
		var p land.Part
		if err := codec.decodePart(m.part, &p); err != nil {
			return fmt.Errorf("projects: %w", err)
		}
		m.id, m.contract = p.ID, p.ContractNo
		projects[p.ProjectNo] = append(projects[p.ProjectNo], m)
		return nil
	})
	return projects, err
}

// addElsewhere adds each member to the zones its project touches and it
// doesn't.
func addElsewhere(out *elsewhereWriter, members []member) error {
	touched := map[int32]bool{}
	for _, m := range members {
		for _, z := range m.zones {
			touched[z] = touched[z] || z != noZone
		}
	}
	for zone, inZone := range touched {
		if !inZone {
			continue
		}
		for _, m := range members {
			if slices.Contains(m.zones, zone) {
				continue
			}
			if err := out.parts.add(zone, elsewhere+m.position, m.part); err != nil {
				return err
			}
			if err := out.owners.note(m.id, m.contract, zone, elsewhere+m.position); err != nil {
				return err
			}
		}
	}
	return nil
}

// elsewhere puts members from elsewhere behind all parts of the zone.
const elsewhere int64 = 1 << 60

func (s *Spool) isDropped(position int64) bool {
	if len(s.dropped) == 0 {
		return false
	}
	i := sort.Search(len(s.dropped), func(i int) bool { return s.dropped[i] >= position })
	return i < len(s.dropped) && s.dropped[i] == position
}
