package postgis

import (
	"strings"

	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/data/ingest"
)

// table is a feature table: its parent's name and the columns its rows are
// copied into. load_id isn't among them: in a partition it has a default.
type table struct {
	name    string
	columns []string
}

// tableOf is the table of each layer.
func tableOf(layer string) table {
	switch layer {
	case ingest.LayerParcels:
		return parcelTable()
	case ingest.LayerZones:
		return table{"zone", append(append(sourceColumns(), names(land.ZoneFields())...),
			"area_m2", "pieces", "geom", "geom_3857", "geom_low", "extra")}
	case ingest.LayerBuildings:
		return table{"building", append(append(sourceColumns(), names(land.BuildingFields())...),
			"area_m2", "geom", "geom_3857", "extra")}
	case ingest.LayerConstraints:
		return table{"constraint_area", append(append(sourceColumns(), names(land.ConstraintFields())...),
			"area_m2", "geom", "geom_3857", "extra")}
	case ingest.LayerStats:
		return table{"stats", append([]string{"zone", "year"}, names(land.StatsFields())...)}
	case ingest.LayerApprovals:
		return approvalTable()
	}
	return recordTableOf(layer).table
}

// partHead are the columns of a parcel row that differ between its zones; the
// rest is the same on each.
func partHead() []string {
	return []string{"share", "set_share", "home", "zone", "boundary_scope", "part_ellipsoid_m2"}
}

func parcelTable() table {
	shared := []string{"ellipsoid_m2", "plane_m2", "geom", "geom_3857"}
	columns := append(append(partHead(), sourceColumns()...), shared...)
	for _, f := range land.ParcelFields() {
		columns = append(columns, parcelColumn(f.Name))
	}
	return table{"parcel", append(columns, "extra")}
}

// parcelColumn is the column of a public field: of the same name, but that
// zone, the field, is what the file declares, and zone, the column, is where
// the part lies.
func parcelColumn(field string) string {
	if field == "zone" {
		return "declared_zone"
	}
	return field
}

func sourceColumns() []string { return []string{"file", "feature", "position"} }

func names[T any](fields []land.Field[T]) []string {
	list := make([]string, len(fields))
	for i, f := range fields {
		list[i] = f.Name
	}
	return list
}

func (t table) columnList() string { return strings.Join(t.columns, ", ") }

func (r *copyRow) source(s land.Source) {
	r.int(int64(s.File))
	r.int(s.Feature)
	r.int(s.Position)
}

// putFields writes the public fields of a record.
func putFields[T any](r *copyRow, fields []land.Field[T], v *T) {
	for i := range fields {
		f := &fields[i]
		switch f.Kind {
		case land.Text, land.Word:
			r.text(*f.Str(v))
		case land.Day:
			r.date(*f.Date(v))
		case land.Quant:
			r.number(*f.Num(v))
		case land.YesNo:
			r.flag(*f.Flag(v))
		}
	}
}
