package ingest

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"regexp"
)

// tailBytes is how far from its end a file is looked at for a crs member: an
// old crs member is a few hundred bytes at most.
const tailBytes = 4 << 10

// lastMember is a crs member that ends a document: of an object in an array,
// the array's bracket would follow.
var lastMember = regexp.MustCompile(`"crs"\s*:\s*(\{[^{}]*\{[^{}]*\}[^{}]*\})\s*\}\s*$`)

// tailCRS is the name in the crs member that is the last of a
// FeatureCollection, where scripts put it that add one; "" where there is none.
// The features were read by then, so it is looked for before. It says nothing
// of what it can't look at twice: a stream, or a packed file.
func (f File) tailCRS() string {
	if f.Open != nil {
		return ""
	}
	file, err := os.Open(f.Name)
	if err != nil {
		return "" // reading it says why
	}
	defer file.Close()
	head := make([]byte, 1<<10)
	n, err := io.ReadFull(file, head)
	if err != nil && err != io.ErrUnexpectedEOF || !bytes.Contains(head[:n], []byte(`"FeatureCollection"`)) {
		return ""
	}
	size, err := file.Seek(0, io.SeekEnd)
	if err != nil {
		return ""
	}
	tail := make([]byte, min(size, tailBytes))
	if _, err := file.ReadAt(tail, size-int64(len(tail))); err != nil {
		return ""
	}
	var crs struct {
		Properties struct{ Name string }
	}
	m := lastMember.FindSubmatch(tail)
	if m == nil || json.Unmarshal(m[1], &crs) != nil {
		return ""
	}
	return crs.Properties.Name
}
