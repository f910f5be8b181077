package topology_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkt"
	"github.com/paulmach/orb/geojson"

	"github.com/muscope/muscope/data/postgis/postgistest"
	"github.com/muscope/muscope/geo"
	"github.com/muscope/muscope/geo/topology"
)

// realShapes reads polygons of a real file as they are, valid ones only, with
// heights left out.
func realShapes(t *testing.T, kind topology.Kind, name string) []*topology.Shape {
	t.Helper()
	const root = "../../../shared/data"
	if _, err := os.Stat(root); errors.Is(err, fs.ErrNotExist) {
		t.Skip("no ../shared/data")
	}
	text, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Features []struct{ Geometry json.RawMessage }
	}
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	var list []*topology.Shape
	for i, f := range file.Features {
		if len(f.Geometry) == 0 || bytes.Equal(f.Geometry, []byte("null")) {
			continue
		}
		g, err := geojson.UnmarshalGeometry(f.Geometry)
		if err != nil {
			continue
		}
		var mp orb.MultiPolygon
		switch g := g.Geometry().(type) {
		case orb.Polygon:
			mp = orb.MultiPolygon{g}
		case orb.MultiPolygon:
			mp = g
		}
		if len(mp) > 0 && len(geo.Validate(mp)) == 0 {
			list = append(list, &topology.Shape{Ref: topology.Ref{Kind: kind, ID: fmt.Sprintf("%06d", i+1), Feature: int64(i + 1)}, MP: mp})
		}
	}
	return list
}

func run(t *testing.T, shapes []*topology.Shape) []topology.Finding {
	t.Helper()
	shapes = slices.Clone(shapes)
	slices.SortStableFunc(shapes, func(a, b *topology.Shape) int {
		return int(math.Copysign(1, a.MP.Bound().Min[0]-b.MP.Bound().Min[0]))
	})
	var out []topology.Finding
	c, err := topology.NewChecker(topology.Usual(), topology.Have{Parcels: true}, func(f *topology.Finding) error {
		out = append(out, *f)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range shapes {
		if err := c.Add(s); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	return out
}

// TestAgainstPostGIS holds overlaps and buildings of real layers against
// ST_Intersection and ST_Difference, pair by pair and building by building.
func TestAgainstPostGIS(t *testing.T) {
	for _, tt := range []struct{ name, parcels, buildings string }{
		{"athi", "athi/parcels.geojson", "athi/building.geojson"},
		{"bubenec", "bubenec/plots_4326.geojson", "bubenec/buildings_4326.geojson"},
		{"cambridge", "cambridge/parcels_fy2014.geojson", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			shapes := realShapes(t, topology.Parcel, tt.parcels)
			if tt.buildings != "" {
				shapes = append(shapes, realShapes(t, topology.Building, tt.buildings)...)
			}
			got := run(t, shapes)
			db := postgistest.Open(t)
			db.SetMaxOpenConns(1)
			exec := func(q string, args ...any) {
				t.Helper()
				if _, err := db.Exec(q, args...); err != nil {
					t.Fatal(err)
				}
			}
			exec(`create extension if not exists postgis`)
			exec(`create temporary table shape (kind int, id text, g geometry)`)
			for i := 0; i < len(shapes); i += 500 {
				var kinds []int64
				var ids, texts []string
				for _, s := range shapes[i:min(len(shapes), i+500)] {
					kinds, ids, texts = append(kinds, int64(s.Kind)), append(ids, s.ID), append(texts, wkt.MarshalString(s.MP))
				}
				k, _ := json.Marshal(kinds)
				d, _ := json.Marshal(ids)
				w, _ := json.Marshal(texts)
				exec(`insert into shape select k::int, d, st_geomfromtext(w, 4326) from rows from (jsonb_array_elements_text($1), jsonb_array_elements_text($2), jsonb_array_elements_text($3)) as x(k, d, w)`,
					string(k), string(d), string(w))
			}
			exec(`create index on shape using gist (g)`)
			exec(`analyze shape`)
			exec(`create function pg_temp.wide(geometry) returns table (area double precision) language sql as $$
				select sum(a) from (select st_area(d.geom::geography) a, st_perimeter(d.geom::geography) p from st_dump(st_collectionextract($1, 3)) d) x
				where p > 0 and 2 * a / p > 0.022 having count(*) > 0 $$`)
			comparePairs(t, got, func(yield func(a, b string, area float64)) {
				rows, err := db.Query(`select a.id, b.id, w.area from shape a join shape b on a.g && b.g and a.id < b.id and a.kind = 2 and b.kind = 2,
					lateral pg_temp.wide(st_intersection(a.g, b.g)) w`)
				if err != nil {
					t.Fatal(err)
				}
				defer rows.Close()
				for rows.Next() {
					var a, b string
					var area float64
					if err := rows.Scan(&a, &b, &area); err != nil {
						t.Fatal(err)
					}
					yield(a, b, area)
				}
				if err := rows.Err(); err != nil {
					t.Fatal(err)
				}
			})
			if tt.buildings == "" {
				return
			}
			counts := map[topology.Code]int{}
			for _, f := range got {
				counts[f.Code]++
			}
			var off, straddle, out, disjoint, within int
			err := db.QueryRow(`select count(*) filter (where n = 0), count(*) filter (where n > 1),
				count(*) filter (where n > 0 and exists (select from pg_temp.wide(st_difference(g, u)))),
				count(*) filter (where u is null), count(*) filter (where inside) from (
				select b.g, (select count(*) from shape p, lateral pg_temp.wide(st_intersection(b.g, p.g)) where p.kind = 2 and p.g && b.g) n,
					(select st_union(p.g) from shape p where p.kind = 2 and st_intersects(p.g, b.g)) u,
					exists (select from shape p where p.kind = 2 and st_within(b.g, p.g)) inside
				from shape b where b.kind = 3) x`).Scan(&off, &straddle, &out, &disjoint, &within)
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("buildings: %d meet no parcel, %d are within one", disjoint, within)
			if counts[topology.OffParcels] != off || counts[topology.Straddles] != straddle || counts[topology.SticksOut] != out {
				t.Errorf("buildings off, straddling, sticking out: %d %d %d, PostGIS says %d %d %d", counts[topology.OffParcels],
					counts[topology.Straddles], counts[topology.SticksOut], off, straddle, out)
			}
		})
	}
}

func comparePairs(t *testing.T, got []topology.Finding, each func(func(a, b string, area float64))) {
	t.Helper()
	areas := map[[2]string]float64{}
	for _, f := range got {
		switch f.Code {
		case topology.Overlap, topology.Duplicate, topology.Contained:
			areas[[2]string{min(f.A.ID, f.B.ID), max(f.A.ID, f.B.ID)}] = f.AreaM2
		case topology.Undecided:
			t.Errorf("%s and %s are undecided", f.A.ID, f.B.ID)
		}
	}
	n, sum := 0, 0.0
	each(func(a, b string, area float64) {
		n++
		sum += area
		have, ok := areas[[2]string{a, b}]
		if !ok || math.Abs(have-area) > 0.001+5e-3*area {
			t.Errorf("%s and %s overlap by %.6f m², PostGIS says %.6f", a, b, have, area)
		}
		delete(areas, [2]string{a, b})
	})
	for pair, area := range areas {
		t.Errorf("%v overlap by %.6f m², PostGIS says not at all", pair, area)
	}
	t.Logf("%d overlaps, %.4f m²", n, sum)
}
