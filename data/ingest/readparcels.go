package ingest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/geo/geojson"
)

// ReadParcels reads records of parcels that have no boundary, like published
// supply results: CSV (UTF-8 or GB18030) and XLSX tables with a header, and
// JSON arrays of flat objects. Each parcel is handed to yield, which may keep
// it; an error of yield ends the reading. Without a boundary a parcel has no
// drawn area and lies in no zone. Other errors are those of LoadParcels.
func ReadParcels(ctx context.Context, opt Options, yield func(*land.Parcel) error) (*Result, error) {
	j, err := newJob(LayerParcels, opt)
	if err != nil {
		return nil, err
	}
	l := newLoad(j)
	if err := l.start(ctx); err != nil {
		return &l.result, err
	}
	w, err := newRecordWorker(j, parcelLayer())
	if err != nil {
		return nil, err
	}
	t := parcelTable{load: l, keeper: &parcelKeeper{recordWorker: w}, seen: map[string]int64{}, yield: yield, position: j.After.Position}
	for i := range l.Files {
		if err := t.file(ctx, i); err != nil {
			return &l.result, err
		}
	}
	if err := l.tooMany(); err != nil {
		return &l.result, err
	}
	return &l.result, l.nothing()
}

type parcelTable struct {
	*load
	keeper   *parcelKeeper
	seen     map[string]int64 // position by id
	yield    func(*land.Parcel) error
	position int64
}

func (t *parcelTable) file(ctx context.Context, i int) error {
	f := t.Files[i]
	t.bases[i] = t.position
	rep := &report{}
	rep.reset()
	rep.file = i
	t.keeper.rep, t.keeper.task = rep, task{file: i, base: t.position}
	rows, err := openRows(f)
	if err == nil {
		t.result.Inputs[i].SHA256 = rows.sum
		err = errors.Join(t.rows(ctx, rows), rows.close())
	}
	t.position += rep.features
	var bad *errTable
	if errors.As(err, &bad) {
		e := t.refuse(bad.code, bad.err, bad.args...)
		e.File = f.Name
		return e
	}
	if err != nil {
		return err
	}
	return t.take(rep)
}

func (t *parcelTable) rows(ctx context.Context, rows *rowReader) error {
	for n := int64(1); ; n++ {
		properties, err := rows.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		var wide *wideRow
		if errors.As(err, &wide) {
			err = nil
		}
		if err == nil && n%1000 == 0 {
			err = ctx.Err()
		}
		if err == nil {
			err = t.row(&geojson.Feature{Number: n, Properties: properties}, wide)
		}
		if err != nil {
			return err
		}
	}
}

func (t *parcelTable) row(f *geojson.Feature, wide *wideRow) error {
	k := t.keeper
	k.feature, k.id = f, ""
	k.rep.features++
	if wide != nil {
		k.reject(t.refusal("table.row_too_wide", "", wide.cells, wide.columns))
		return nil
	}
	if r := k.record(f); r != nil {
		k.reject(r)
		return nil
	}
	p := k.rec
	if first, twice := t.seen[p.ID]; twice {
		file, feature := t.place(first)
		k.reject(t.refusal("id.duplicate", "id", t.result.Inputs[file].File, feature, first, p.Source.Position))
		return nil
	}
	t.seen[p.ID] = p.Source.Position
	k.defaults(&p)
	p.Extra = bytes.Clone(p.Extra)
	k.rep.loaded++
	return t.yield(&p)
}

// rowReader gives the records of a table or of a JSON array.
type rowReader struct {
	sum   string
	next  func() ([]geojson.Property, error)
	close func() error
}

// wideRow is a row with more cells than the header.
type wideRow struct{ cells, columns int }

func (w *wideRow) Error() string { return fmt.Sprintf("%d cells in %d columns", w.cells, w.columns) }

func openRows(f File) (*rowReader, error) {
	src, err := f.open()
	if err != nil {
		return nil, err
	}
	defer src.Close()
	text, err := io.ReadAll(io.LimitReader(src, maxTableBytes+1))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", f.Name, err)
	}
	if len(text) > maxTableBytes {
		return nil, &errTable{code: "table.too_large", args: []any{maxTableBytes}}
	}
	if head := bytes.TrimLeft(bytes.TrimPrefix(text, []byte("\xEF\xBB\xBF")), " \t\r\n"); len(head) > 0 && head[0] == '[' {
		sum := sha256.Sum256(text)
		return &rowReader{hex.EncodeToString(sum[:]), jsonRows(head), func() error { return nil }}, nil
	}
	t, err := openTable(File{Name: f.Name, Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(text)), nil }})
	if err != nil {
		return nil, err
	}
	return &rowReader{t.sum, func() ([]geojson.Property, error) {
		cells, _, err := t.next()
		if err != nil {
			return nil, err
		}
		if t.tooWide(cells) {
			return nil, &wideRow{len(cells), len(t.header)}
		}
		row := make([]geojson.Property, 0, len(cells))
		for i, name := range t.header {
			if i < len(cells) && name != "" {
				row = append(row, cell(name, cells[i]))
			}
		}
		return row, nil
	}, t.close}, nil
}

// jsonRows reads the objects of an array, their members in order of name.
func jsonRows(text []byte) func() ([]geojson.Property, error) {
	dec := json.NewDecoder(bytes.NewReader(text))
	opened := false
	return func() ([]geojson.Property, error) {
		if !opened {
			if _, err := dec.Token(); err != nil {
				return nil, jsonFault(err)
			}
			opened = true
		}
		if !dec.More() {
			if _, err := dec.Token(); err != nil {
				return nil, jsonFault(err)
			}
			return nil, io.EOF
		}
		var row map[string]json.RawMessage
		if err := dec.Decode(&row); err != nil {
			return nil, jsonFault(err)
		}
		return members(row)
	}
}

// jsonFault is a fault of the array; its early end is no end of the rows.
func jsonFault(err error) error {
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return &errTable{code: "table.json", args: []any{err.Error()}, err: err}
}

func members(row map[string]json.RawMessage) ([]geojson.Property, error) {
	out := make([]geojson.Property, 0, len(row))
	for name, raw := range row {
		p := geojson.Property{Key: name, KeyID: -1, Kind: kindOf(raw[0]), Raw: raw}
		if p.Kind == geojson.KindString {
			var s string
			if err := json.Unmarshal(raw, &s); err != nil {
				return nil, jsonFault(err)
			}
			p.Raw = []byte(s)
		}
		out = append(out, p)
	}
	slices.SortFunc(out, func(a, b geojson.Property) int { return strings.Compare(a.Key, b.Key) })
	return out, nil
}

func kindOf(c byte) geojson.Kind {
	switch c {
	case '"':
		return geojson.KindString
	case '{':
		return geojson.KindObject
	case '[':
		return geojson.KindArray
	case 'n':
		return geojson.KindNull
	case 't', 'f':
		return geojson.KindBool
	}
	return geojson.KindNumber
}
