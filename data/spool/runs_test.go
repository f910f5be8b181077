package spool

import (
	"encoding/binary"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// Records written by several writers in any order come back by group, in order
// of position, none lost, none twice; also where their segments are too many
// for an index, and where more is written after a reading.
func TestRunsReadBack(t *testing.T) {
	for name, most := range map[string]int{"indexed": maxSegments, "merged": 50, "always merged": 0} {
		t.Run(name, func(t *testing.T) {
			r, err := createRuns(t.TempDir(), "parts-*")
			if err != nil {
				t.Fatal(err)
			}
			defer r.close()
			r.most = most
			want := map[int32][]int64{}
			writeRuns(t, r, 1, want)
			checkRuns(t, r, want)
			if r.merging || most < maxSegments && len(r.list) != 1 {
				t.Errorf("%d runs, merging %v, after a reading", len(r.list), r.merging)
			}
			writeRuns(t, r, 2, want)
			checkRuns(t, r, want)
			files, err := os.ReadDir(filepath.Dir(r.file.Name()))
			if err != nil || len(files) != 1 {
				t.Errorf("%d files are left (%v), want one", len(files), err)
			}
		})
	}
}

func writeRuns(t *testing.T, r *runs, seed uint64, want map[int32][]int64) {
	t.Helper()
	rnd := rand.New(rand.NewPCG(seed, 2))
	writers := []*runWriter{r.writer(), r.writer()}
	for i := range 20_000 {
		w := writers[i%2]
		group, pos := int32(rnd.IntN(40)), rnd.Int64N(1<<40)
		payload := make([]byte, 8+rnd.IntN(100))
		binary.LittleEndian.PutUint64(payload, uint64(pos)^uint64(group))
		if err := w.add(group, pos, payload); err != nil {
			t.Fatal(err)
		}
		want[group] = append(want[group], pos)
		if i%3000 == 0 {
			if err := w.flush(); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, w := range writers {
		if err := w.flush(); err != nil {
			t.Fatal(err)
		}
	}
}

func checkRuns(t *testing.T, r *runs, want map[int32][]int64) {
	t.Helper()
	var all []int64
	for group, positions := range want {
		slices.Sort(positions)
		all = append(all, positions...)
		checkRead(t, r, []int32{group}, positions)
	}
	slices.Sort(all)
	checkRead(t, r, groupsOf(t, r), all)
	checkRead(t, r, []int32{99}, nil)
}

func checkRead(t *testing.T, r *runs, groups []int32, want []int64) {
	t.Helper()
	var got []int64
	err := r.read(groups, func(group int32, position int64, payload []byte) error {
		if binary.LittleEndian.Uint64(payload) != uint64(position)^uint64(group) {
			t.Errorf("group %d position %d: another record's payload", group, position)
		}
		got = append(got, position)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got, want) {
		t.Errorf("groups %v: %d records, want %d, in order of position", groups, len(got), len(want))
	}
}
