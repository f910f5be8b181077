package postgis

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/muscope/muscope/analysis/filter"
	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/data/ingest"
)

// The collections of items, besides ingest's zones, parcels, buildings and
// constraints.
const (
	// CollectionParts has an item for each parcel and zone it lies in;
	// ingest.LayerParcels has each parcel once.
	CollectionParts = "parts"
	// CollectionVerdicts has the verdicts violated, not reached or incomputable.
	CollectionVerdicts = "verdicts"
	// CollectionFindings has what the loads rejected or warned of.
	CollectionFindings = "findings"
)

// ItemGeometry is the name by which filters call an item's geometry.
const ItemGeometry = "geometry"

// ItemProperty is a property of the items of a collection.
type ItemProperty struct {
	Name string
	// Kind is filter.Missing where the value is JSON, which filters can't use.
	Kind  filter.Kind
	Words []string // that a text may be; nil is any
}

// ItemCollection describes a collection of items.
type ItemCollection struct {
	Name       string
	Properties []ItemProperty
	Geometry   string // MultiPolygon | Point
	Placeless  bool   // items may have no geometry
}

// ItemCollections are the collections of items that every analysis has.
func ItemCollections() []ItemCollection {
	var list []ItemCollection
	for _, c := range collections() {
		out := ItemCollection{Name: c.name, Geometry: c.shape, Placeless: c.placeless}
		for i := range c.columns {
			out.Properties = append(out.Properties, c.columns[i].ItemProperty)
		}
		list = append(list, out)
	}
	return list
}

// itemColumn is a property and how SQL writes it.
type itemColumn struct {
	ItemProperty
	expr   string
	status bool   // expr is of the part's status, which is joined only where it is asked for
	plain  string // a column that an equal value must have too, and that has an index
}

// itemKey is a part of what items are ordered by where nothing else is said:
// together they are unique and never NULL.
type itemKey struct{ expr, kind string }

// itemCollection is where the items of a collection come from.
type itemCollection struct {
	name      string
	query     string
	columns   []itemColumn
	id        string // expression of an item's id
	keys      []itemKey
	geom      string // expression in EPSG:4490
	index     string // the same in EPSG:3857 with an index, or ""
	scattered bool   // where items lie is put together from other tables, so that no index knows it
	shape     string
	placeless bool
	// find gives the keys of an id; false where no item can have it.
	find func(id string) ([]string, bool)
}

func collections() []itemCollection {
	return []itemCollection{zoneItems(), parcelItems(), partItems(), buildingItems(), constraintItems(), verdictItems(), findingItems()}
}

func collectionNamed(name string) (itemCollection, error) {
	for _, c := range collections() {
		if c.name == name {
			return c, nil
		}
	}
	return itemCollection{}, fmt.Errorf("%w: collection %q", ErrNotFound, name)
}

func (c *itemCollection) column(name string) *itemColumn {
	for i := range c.columns {
		if c.columns[i].Name == name {
			return &c.columns[i]
		}
	}
	return nil
}

// fieldItems are the public fields of a record as columns of a table.
func fieldItems[T any](fields []land.Field[T], alias string, column func(string) string) []itemColumn {
	list := make([]itemColumn, len(fields))
	for i, f := range fields {
		name := f.Name
		if column != nil {
			name = column(name)
		}
		kind := map[land.Kind]filter.Kind{land.Text: filter.Text, land.Word: filter.Text, land.Day: filter.Date,
			land.Quant: filter.Number, land.YesNo: filter.Boolean}[f.Kind]
		list[i] = itemColumn{ItemProperty: ItemProperty{Name: name, Kind: kind, Words: f.Words}, expr: alias + "." + name}
	}
	return list
}

func item(name string, kind filter.Kind, expr string, words ...string) itemColumn {
	return itemColumn{ItemProperty: ItemProperty{Name: name, Kind: kind, Words: words}, expr: expr}
}

// areaItems are an area in m² and in mu: 1 m² is 0.0015 mu, exactly.
func areaItems(expr string) []itemColumn {
	return []itemColumn{item("area_m2", filter.Number, expr), item("area_mu", filter.Number, "trim_scale("+expr+" * 0.0015)")}
}

func one(id string) ([]string, bool) { return []string{id}, true }

func zoneItems() itemCollection {
	return itemCollection{name: ingest.LayerZones, query: "items_zones", shape: "MultiPolygon",
		columns: append(fieldItems(land.ZoneFields(), "z", nil), areaItems("z.area_m2")...),
		id:      "z.code || case z.boundary_scope when 'managed' then '@managed' else '' end",
		keys:    []itemKey{{"z.code", "text"}, {"z.boundary_scope", "text"}}, geom: "z.geom", index: "z.geom_3857",
		find: func(id string) ([]string, bool) {
			key := land.ParseZoneKey(id)
			return []string{key.Code, string(key.Scope)}, true
		}}
}

// zoneColumns say where a part lies: NULL is land in no zone.
func zoneColumns() []itemColumn {
	zone := item("zone", filter.Text, "nullif(p.zone, '')")
	zone.plain = "p.zone"
	return []itemColumn{zone, item("boundary_scope", filter.Text, "nullif(p.boundary_scope, '')", string(land.ScopeApproved), string(land.ScopeManaged))}
}

func parcelColumns() []itemColumn {
	fields := fieldItems(land.ParcelFields(), "p", parcelColumn)
	list := append(fields[:1:1], zoneColumns()...)
	list = append(list, fields[1:]...)
	list = append(list, item("share", filter.Number, "p.share"), item("ellipsoid_m2", filter.Number, "p.ellipsoid_m2"))
	said := []itemColumn{
		item("class", filter.Text, "s.class", allWords(land.Classes())...),
		item("status", filter.Text, "s.status", allWords(land.Statuses())...),
		item("flags", filter.Missing, "array_to_json(s.flags)"),
		item("since", filter.Date, "s.since"),
		item("reason", filter.Text, "s.reason"),
		item("finding", filter.Boolean, "s.finding"),
		item("listed", filter.Boolean, "s.listed"),
		item("idle_branch", filter.Text, "s.idle ->> 'branch'", "A", "B"),
		item("idle_since", filter.Date, "(s.idle ->> 'since')::date"),
		item("idle_days", filter.Number, "s.days"),
		item("measure", filter.Text, "s.idle ->> 'measure'"),
		item("measure_if_holder", filter.Text, "s.idle ->> 'measure_if_holder'"),
		item("fee_if_holder_wan", filter.Number, "s.idle ->> 'fee_if_holder_wan'"),
	}
	said = append(areaItems("s.area_m2"), said...)
	for i := range said {
		said[i].status = true
	}
	return append(list, said...)
}

func allWords[T ~string](list []T) []string {
	out := make([]string, len(list))
	for i, w := range list {
		out[i] = string(w)
	}
	return out
}

func parcelItems() itemCollection {
	return itemCollection{name: ingest.LayerParcels, query: "items_parcels", shape: "MultiPolygon", columns: parcelColumns(),
		id: "p.id", keys: []itemKey{{"p.id", "text"}}, geom: "p.geom", index: "p.geom_3857", find: one}
}

func partItems() itemCollection {
	c := parcelItems()
	c.name, c.query = CollectionParts, "items_parts"
	c.id = "p.id || '~' || p.zone || '~' || p.boundary_scope"
	c.keys = []itemKey{{"p.id", "text"}, {"p.zone", "text"}, {"p.boundary_scope", "text"}}
	c.find = splitID
	return c
}

// splitID takes an id apart at its last two tildes.
func splitID(id string) ([]string, bool) {
	j := strings.LastIndexByte(id, '~')
	if j < 0 {
		return nil, false
	}
	i := strings.LastIndexByte(id[:j], '~')
	if i < 0 {
		return nil, false
	}
	return []string{id[:i], id[i+1 : j], id[j+1:]}, true
}

func buildingItems() itemCollection {
	return itemCollection{name: ingest.LayerBuildings, query: "items_buildings", shape: "MultiPolygon",
		columns: append(fieldItems(land.BuildingFields(), "b", nil), areaItems("b.area_m2")...),
		id:      "b.id", keys: []itemKey{{"b.id", "text"}}, geom: "b.geom", index: "b.geom_3857", find: one}
}

func constraintItems() itemCollection {
	return itemCollection{name: ingest.LayerConstraints, query: "items_constraints", shape: "MultiPolygon",
		columns: append(fieldItems(land.ConstraintFields(), "c", nil), areaItems("c.area_m2")...),
		id:      "c.id", keys: []itemKey{{"c.id", "text"}}, geom: "c.geom", index: "c.geom_3857", find: one}
}

func verdictItems() itemCollection {
	said := func(name string, kind filter.Kind) itemColumn {
		expr := "v.verdict ->> '" + name + "'"
		if kind == filter.Date {
			expr = "(" + expr + ")::date"
		}
		return item(name, kind, expr)
	}
	zone := item("zone", filter.Text, "nullif(v.zone, '')")
	zone.plain = "v.zone"
	columns := []itemColumn{
		zone, item("boundary_scope", filter.Text, "nullif(v.boundary_scope, '')", string(land.ScopeApproved), string(land.ScopeManaged)),
		said("rule", filter.Text), said("pack", filter.Text), said("kind", filter.Text), item("level", filter.Text, "v.level"),
		item("subject", filter.Text, "v.subject"), item("outcome", filter.Text, "v.outcome", allWords(land.Outcomes())...),
		said("decided_by", filter.Text), said("indicator", filter.Text), said("observed", filter.Number),
		item("bounds", filter.Missing, "v.verdict -> 'bounds'"), said("limit", filter.Number), said("comparison", filter.Text), said("unit", filter.Text),
		said("limit_date", filter.Date), said("limit_basis", filter.Text), said("doc_status", filter.Text), said("reading", filter.Text),
		said("target_year", filter.Number), said("excess_mu", filter.Number), said("headroom_mu", filter.Number), said("excess_m2", filter.Number),
		said("headroom_m2", filter.Number), said("clause", filter.Text), said("reason", filter.Text),
		item("evidence", filter.Missing, "v.verdict -> 'evidence'"),
	}
	return itemCollection{name: CollectionVerdicts, query: "items_verdicts", shape: "MultiPolygon", placeless: true, columns: columns,
		id:   "v.zone || '~' || v.boundary_scope || '~' || v.seq",
		keys: []itemKey{{"v.zone", "text"}, {"v.boundary_scope", "text"}, {"v.seq", "integer"}}, geom: "g.geom", scattered: true,
		find: func(id string) ([]string, bool) {
			keys, ok := splitID(id)
			return keys, ok && isCount(keys[2])
		}}
}

func findingItems() itemCollection {
	columns := []itemColumn{
		item("severity", filter.Text, "r.severity", string(land.SeverityReject), string(land.SeverityWarning)),
		item("layer", filter.Text, "r.layer"), item("file", filter.Text, "r.file"), item("feature", filter.Number, "r.feature"),
		item("offset", filter.Number, "r.byte_offset"), item("feature_id", filter.Text, "nullif(r.id, '')"), item("field", filter.Text, "nullif(r.field, '')"),
		item("code", filter.Text, "r.code"), item("reason", filter.Text, "r.reason"), item("remedy", filter.Text, "r.remedy"),
	}
	return itemCollection{name: CollectionFindings, query: "items_findings", shape: "Point", placeless: true, columns: columns,
		id: "r.load_id || '-' || r.seq", keys: []itemKey{{"r.load_id", "integer"}, {"r.seq", "bigint"}},
		geom: "st_setsrid(st_point(r.place[0], r.place[1]), 4490)",
		find: func(id string) ([]string, bool) {
			load, seq, ok := strings.Cut(id, "-")
			return []string{load, seq}, ok && isCount(load) && isCount(seq)
		}}
}

// isCount reports whether s is a number that a 32-bit column can have.
func isCount(s string) bool {
	_, err := strconv.ParseUint(s, 10, 31)
	return err == nil
}
