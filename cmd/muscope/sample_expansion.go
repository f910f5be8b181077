package main

import (
	"bufio"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
)

// The sample applications ask for land around the second zone of the sample
// district, in cells of its lattice, so that every overlap is a number of
// cells. What comes of them stands in data/samples/expansion/expected.yaml.

// cells is a boundary along the lattice, from (x0, y0) up to (x1, y1).
func cells(x0, y0, x1, y1 int, props facts) feature {
	return feature{"Feature", props, polygon(sampleRing(x0, y0, x1, y1))}
}

func sampleConstraints() []feature {
	c := func(id, kind string, x0, y0, x1, y1 int) feature {
		return cells(x0, y0, x1, y1, facts{"id": id, "kind": kind})
	}
	return []feature{
		c("F1", "permanent_basic_farmland", 19, 0, 20, 2),
		c("F2", "permanent_basic_farmland", 19, 1, 20, 2), // over F1: its land counts once
		c("F3", "permanent_basic_farmland", 7, 12, 8, 13),
		c("R1", "ecological_redline", 19, 4, 21, 5),
		c("R2", "ecological_redline", 0, 14, 1, 15),
		c("U1", "urban_development_boundary", 0, 0, 13, 15),
		c("U2", "urban_development_boundary", 13, 0, 20, 8),
		c("E1", "evidence", 18, 6, 20, 7),
	}
}

// sampleApplication hits every bottom line: the column east of the zone with
// farmland, redline and two cells outside the urban boundary; two cells of which
// one lies in a park of the other zone, half a cell away; and a piece far off.
// Its stated areas are off by 0.1 ha.
func sampleApplication() ([]feature, facts) {
	return []feature{
			cells(19, 0, 20, 10, facts{"id": "A", "name": "东片", "part": "added"}),
			cells(22, 0, 24, 2, facts{"id": "B", "name": "飞地", "part": "added"}),
			cells(10, 12, 12, 13, facts{"id": "C", "name": "西片", "part": "added"}),
		}, facts{"zone": "GX02", "kind": "enlargement",
			"stated": facts{"old_ha": 80, "added_ha": 12.8, "removed_ha": 0, "new_ha": 92.9}}
}

// sampleAdjustment hits none: two cells east of the zone come in, one of its own
// goes out.
func sampleAdjustment() ([]feature, facts) {
	return []feature{
			cells(19, 2, 20, 4, facts{"id": "D", "name": "东片", "part": "added"}),
			cells(13, 14, 14, 15, facts{"id": "X", "name": "北角", "part": "removed"}),
		}, facts{"zone": "GX02", "kind": "adjustment",
			"stated": facts{"old_ha": 80, "added_ha": 1.6, "removed_ha": 0.8, "new_ha": 80.81}}
}

// writeApplication is writeCollection with the member application.
func writeApplication(w *bufio.Writer, features []feature, form facts) {
	b, err := json.Marshal(form)
	if err != nil { // plain values only
		b = []byte("{}")
	}
	w.WriteString(`{"type":"FeatureCollection","application":`)
	w.Write(b)
	w.WriteString(`,"features":[`)
	for i, f := range features {
		if i > 0 {
			w.WriteByte(',')
		}
		line, err := json.Marshal(f)
		if err != nil {
			line = []byte("null")
		}
		w.WriteByte('\n')
		w.Write(line)
	}
	w.WriteString("\n]}\n")
}

// sampleChanges: the idle parcel of force majeure is started.
const sampleChanges = `parcel,field,value
450102001001GB00197,started_on,2024-12-01
450102001001GB00197,permit_on,2024-11-20
450102001001GB00197,construction_state,under_construction
`

// writeSampleExpansion makes the files of the sample applications in dir.
func writeSampleExpansion(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	files := map[string]func(*bufio.Writer){
		"constraints.geojson": func(w *bufio.Writer) { writeCollection(w, sampleConstraints()) },
		"application.geojson": func(w *bufio.Writer) { f, form := sampleApplication(); writeApplication(w, f, form) },
		"adjustment.geojson":  func(w *bufio.Writer) { f, form := sampleAdjustment(); writeApplication(w, f, form) },
		"changes.csv":         func(w *bufio.Writer) { w.WriteString(sampleChanges) },
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if err := writeFile(filepath.Join(dir, name), files[name]); err != nil {
			return err
		}
	}
	return nil
}
