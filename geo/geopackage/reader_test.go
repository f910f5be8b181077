package geopackage

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkb"

	"github.com/muscope/muscope/geo/raw"
)

// shapeOf is a geometry with the header of the format.
func shapeOf(t testing.TB, g orb.Geometry) []byte {
	t.Helper()
	b, err := wkb.Marshal(g)
	if err != nil {
		t.Fatal(err)
	}
	return append([]byte{'G', 'P', 0, flagLittle, 0, 0, 0, 0}, b...)
}

func square() orb.Polygon { return orb.Polygon{{{0, 0}, {1, 0}, {1, 1}, {0, 0}}} }

// database writes a GeoPackage by hand: the tables that matter, and whatever
// else a case wants.
func database(t testing.TB, more ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "a.gpkg")
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range append([]string{
		`create table gpkg_contents (table_name text, data_type text)`,
		`create table gpkg_geometry_columns (table_name text, column_name text, srs_id integer)`,
		`create table gpkg_spatial_ref_sys (srs_id integer, organization text, organization_coordsys_id integer, definition text)`,
		`insert into gpkg_spatial_ref_sys values (4490, 'EPSG', 4490, 'x')`,
		`insert into gpkg_contents values ('宗"地', 'features')`,
		`insert into gpkg_geometry_columns values ('宗"地', 'geom', 4490)`,
		`create table "宗""地" (fid integer primary key, name text, area real, on_day date, yes boolean, photo blob, geom blob, twice generated always as (area * 2))`,
	}, more...) {
		if _, err := db.Exec(s); err != nil {
			t.Fatal(s, err)
		}
	}
	if _, err := db.Exec(`insert into "宗""地" (name, area, on_day, yes, photo, geom) values ('甲', 1.5, '2021-04-11', 1, x'00', ?), (null, null, null, null, null, null)`,
		shapeOf(t, square())); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// read gives one line a row, and the code of the error that ended the reading.
func read(t testing.TB, path string, opt Options) (lines []string, code string) {
	t.Helper()
	r, err := Open(context.Background(), path, opt)
	if err == nil {
		defer r.Close()
	}
	for err == nil {
		var b raw.Batch
		if b, err = r.Next(); err != nil {
			break
		}
		err = b.Decode(func(f *raw.Feature) error {
			line := fmt.Sprintf("%d %s", f.Number, f.Type)
			if f.Fault != nil {
				line += " !" + f.Fault.Code
			}
			for i, v := range f.Values {
				if v.Kind != raw.Null {
					line += fmt.Sprintf(" %s=%s", r.Columns()[i], v.Text)
				}
			}
			lines = append(lines, line)
			return nil
		})
	}
	var e *raw.Error
	switch {
	case errors.Is(err, io.EOF):
	case errors.As(err, &e):
		code = e.Code
	default:
		t.Fatal(err)
	}
	return lines, code
}

func TestRead(t *testing.T) {
	lines, code := read(t, database(t), Options{BatchBytes: 1})
	if want := "1 Polygon fid=1 name=甲 area=1.5 on_day=2021-04-11 yes=1|2  fid=2"; code != "" || strings.Join(lines, "|") != want {
		t.Errorf("%q %s", lines, code)
	}
}

// TestOnlyTables: what would make the reader compute isn't read.
func TestOnlyTables(t *testing.T) {
	view := database(t, `update gpkg_contents set table_name = 'v'`, `update gpkg_geometry_columns set table_name = 'v'`,
		`create view v as with recursive n(geom) as (select 1 union all select geom + 1 from n) select geom from n`)
	if _, code := read(t, view, Options{}); code != "no_layers" {
		t.Error(code)
	}
	if _, code := read(t, database(t, `update gpkg_geometry_columns set column_name = 'none'`), Options{}); code != "no_geometry" {
		t.Error(code)
	}
	if _, code := read(t, database(t), Options{Layer: `x" union select * from sqlite_schema --`}); code != "no_layer" {
		t.Error(code)
	}
	big := database(t, fmt.Sprintf(`insert into "宗""地" (name) values ('%s')`, strings.Repeat("长", 1<<20)))
	if _, code := read(t, big, Options{MaxValueBytes: 1 << 20}); code != "damaged" {
		t.Error(code)
	}
}

// TestShapes reads one geometry a case.
func TestShapes(t *testing.T) {
	good := shapeOf(t, square())
	change := func(at int, v byte) []byte { b := bytes.Clone(good); b[at] = v; return b }
	z := append(bytes.Clone(good[:headBytes]), 1)
	z = binary.LittleEndian.AppendUint32(z, 3003)
	z = binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32(z, 1), 4)
	for range 4 * 4 {
		z = binary.LittleEndian.AppendUint64(z, math.Float64bits(1))
	}
	nan := bytes.Clone(good)
	binary.LittleEndian.PutUint64(nan[len(nan)-8:], math.Float64bits(math.NaN()))
	for _, c := range []struct {
		name string
		b    []byte
		want string
	}{
		{"polygon", good, "Polygon 1 0 0"},
		{"multipolygon", shapeOf(t, orb.MultiPolygon{square(), square()}), "Polygon 2 0 0"},
		{"empty multipolygon", shapeOf(t, orb.MultiPolygon{}), " 0 0 0"},
		{"with Z and M", z, "Polygon 1 4 4"},
		{"point", shapeOf(t, orb.Point{1, 2}), "Point 0 0 0"},
		{"null", nil, " 0 0 0"},
		{"flagged empty", change(3, flagEmpty|flagLittle), " 0 0 0"},
		{"envelope that isn't there", change(3, 4<<1|flagLittle), "Geometry 0 0 0"},
		{"no such envelope", change(3, 7<<1), "!not_geometry"},
		{"extended", change(3, flagExtended), "!not_geometry"},
		{"foreign", []byte("SRID=4490;POINT(0 0)"), "!not_geometry"},
		{"cut", good[:len(good)-3], "!wkb"},
		{"more behind", append(bytes.Clone(good), 0), "!wkb"},
		{"2^32 rings", change(headBytes+8, 255), "!wkb"},
		{"2^32 points", change(headBytes+12, 255), "!wkb"},
		{"byte order", change(headBytes, 7), "!wkb"},
		{"not a number", nan, "!not_finite"},
		{"curve", change(headBytes+1, 10), "CurvePolygon 0 0 0"},
	} {
		var f raw.Feature
		fault := decodeShape(c.b, &f)
		got := fmt.Sprintf("%s %d %d %d", f.Type, len(f.Geometry), f.ZDropped, f.MDropped)
		if fault != nil {
			got = "!" + fault.Code
		}
		if got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

// FuzzShape holds any bytes in the column of geometry against a crash.
func FuzzShape(f *testing.F) {
	f.Add(shapeOf(f, square()))
	f.Add(shapeOf(f, orb.MultiPolygon{square(), square()}))
	f.Fuzz(func(t *testing.T, b []byte) {
		var r raw.Feature
		if fault := decodeShape(b, &r); fault == nil && r.Type == "Polygon" && len(r.Geometry) == 0 {
			t.Fatal("a polygon without rings")
		}
	})
}

// FuzzOpen changes bytes of a sound file: it is refused or read, and never
// more than it holds.
func FuzzOpen(f *testing.F) {
	good, err := os.ReadFile(database(f))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(100, []byte("\xFF\xFF\xFF\xFF"), 0)
	f.Add(4096, []byte{5, 0, 0}, 3)
	f.Add(8192+8, []byte{0xD}, 1)
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, at int, with []byte, step int) {
		b := bytes.Clone(good)
		for i, c := range with {
			if k := at + i*(1+step); k >= 0 && k < len(b) {
				b[k] = c
			}
		}
		path := filepath.Join(dir, "f.gpkg")
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		if lines, _ := read(t, path, Options{}); len(lines) > 8*len(good) {
			t.Fatal(len(lines))
		}
	})
}
