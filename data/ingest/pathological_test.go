package ingest

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"github.com/muscope/muscope/analysis/land"
)

// TestPathological holds every nasty file of the collections against the
// promise: loaded or refused with a message, nothing lost, nothing crashed.
func TestPathological(t *testing.T) {
	root := shared(t, "pathological")
	var files []string
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if strings.HasSuffix(path, ".geojson") {
			files = append(files, path)
		}
		return err
	})
	if err != nil || len(files) < 100 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		for _, repair := range []bool{false, true} {
			t.Run(filepath.Base(file), func(t *testing.T) { loadPathological(t, file, repair) })
		}
	}
}

func loadPathological(t *testing.T, file string, repair bool) {
	opt := Options{Files: Paths(file), MaxRejects: NoLimit, IDFrom: IDFromPosition, Repair: repair, Workers: 1}
	rejected := int64(0)
	opt.Rejects = func(r *land.Reject) {
		if r.Code == "" || r.Reason == "" || r.Remedy == "" || strings.HasPrefix(r.Reason, "ingest.") {
			t.Errorf("a reject without words: %+v", r)
		}
		if r.Severity == land.SeverityReject {
			rejected++
		}
	}
	sink := newMemory()
	res, err := LoadParcels(context.Background(), opt, nil, sink)
	if res == nil {
		t.Fatal("no result")
	}
	if err != nil {
		var refused *RefusedError
		if !errors.As(err, &refused) || refused.Reason == "" || refused.Remedy == "" || refused.Code == "" {
			t.Errorf("refused without words: %v", err)
		}
		if !errors.Is(err, ErrRefused) {
			t.Errorf("not ErrRefused: %v", err)
		}
	}
	if res.Features() != res.Loaded()+res.Rejected() || rejected != res.Rejected() || int64(len(sink.parcels)) != res.Loaded() {
		t.Errorf("features %d, loaded %d, rejected %d (%d told), rows %d", res.Features(), res.Loaded(), res.Rejected(), rejected, len(sink.parcels))
	}
	if err == nil && res.Loaded() == 0 {
		t.Error("nothing loaded and no error")
	}
	if err == nil {
		t.Logf("loaded %d of %d", res.Loaded(), res.Features())
	} else {
		t.Log(err)
	}
}
