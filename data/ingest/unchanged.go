package ingest

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"

	"github.com/muscope/muscope/analysis/land"
)

// Unchanged reports whether the files and settings of a load are those that a
// layer was loaded from: the same bytes in the same order, read the same way.
// It reads the files once, and says no where it can't tell, as of a shapefile,
// whose digest is of several files.
func Unchanged(layer string, opt Options, loaded []land.Input) (bool, error) {
	if len(loaded) != len(opt.Files) || len(loaded) == 0 {
		return false, nil
	}
	j, err := newJob(layer, opt)
	if err != nil {
		return false, err
	}
	settings := j.settings()
	for i, f := range opt.Files {
		if !sameSettings(settings, loaded[i].Settings) {
			return false, nil
		}
		sum, err := f.digest()
		if err != nil || sum != loaded[i].SHA256 {
			return false, err
		}
	}
	return true, nil
}

// sameSettings compares what is asked for with what a load was read with; the
// encoding and what else a file says of itself are no settings of the caller.
func sameSettings(asked, had map[string]string) bool {
	for key, value := range asked {
		if had[key] != value {
			return false
		}
	}
	for key := range had {
		if _, ok := asked[key]; !ok && key != "encoding" {
			return false
		}
	}
	return true
}

// digest is the SHA-256 of a plain file; "" of what is none.
func (f File) digest() (string, error) {
	src, err := f.open()
	if errors.Is(err, ErrRefused) {
		return "", nil // the load says what is wrong, or knows the name's other meaning
	}
	if err != nil {
		return "", err
	}
	sum := sha256.New()
	_, err = io.Copy(sum, src)
	if err = errors.Join(err, src.Close()); err != nil {
		return "", fmt.Errorf("read %s: %w", f.Name, err)
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}
