package ingest

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"testing"

	"github.com/muscope/muscope/analysis/land"
)

// text is an input file in memory.
func text(name, content string) File {
	return File{Name: name, Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(content)), nil }}
}

// square is the coordinates of a square of 0.001° with its south-west corner
// at 108+x/1000, 22+y/1000.
func square(x, y int) string { return box(x, y, 1, 1) }

func box(x, y, w, h int) string {
	p := func(x, y int) string { return fmt.Sprintf("[108.%03d,22.%03d]", x, y) }
	return "[[" + p(x, y) + "," + p(x+w, y) + "," + p(x+w, y+h) + "," + p(x, y+h) + "," + p(x, y) + "]]"
}

func feature(properties, coordinates string) string {
	return `{"type":"Feature","properties":{` + properties + `},"geometry":{"type":"Polygon","coordinates":` + coordinates + `}}`
}

func collection(features ...string) string {
	return `{"type":"FeatureCollection","features":[` + strings.Join(features, ",\n") + `]}`
}

// told gathers what a load says, one line each: feature id field code.
type told struct {
	lines   []string
	rejects []land.Reject
}

func (s *told) listen(opt *Options) {
	opt.Rejects = func(r *land.Reject) {
		s.rejects = append(s.rejects, *r)
		s.lines = append(s.lines, strings.Join(strings.Fields(fmt.Sprintf("%d %s %s %s", r.Feature, r.ID, r.Field, r.Code)), " "))
	}
}

// TestUnknownScheme: a scheme that nobody knows makes the codes mean nothing;
// the usual scheme would make a railway (1001) a factory.
func TestUnknownScheme(t *testing.T) {
	_, sink, said, err := loadText(t, Options{}, feature(`"id":"a","use_code":"1001","use_scheme":"our own"`, square(0, 0)))
	if err != nil || len(said.lines) != 1 || said.lines[0] != "1 a use_scheme field.unknown_word" {
		t.Fatal(err, said.lines)
	}
	if p := sink.parcels[1]; p.UseScheme != land.UnknownScheme || string(p.Extra) != `{"use_scheme":"our own"}` {
		t.Errorf("%+v %s", p, p.Extra)
	}
}

func loadText(t *testing.T, opt Options, features ...string) (*Result, *memory, *told, error) {
	t.Helper()
	opt.Files = []File{text("p.geojson", collection(features...))}
	if opt.MaxRejects == 0 {
		opt.MaxRejects = NoLimit
	}
	sink, said := newMemory(), &told{}
	said.listen(&opt)
	res, err := LoadParcels(context.Background(), opt, nil, sink)
	return res, sink, said, err
}

// TestFields reads one field a case: the value as it is read, or the code of
// the warning.
func TestFields(t *testing.T) {
	for _, c := range []struct{ property, value, want string }{
		{"use_code", `"1001"`, "1001"},
		{"use_code", `1001`, "1001"},
		{"use_code", `801`, "0801"},
		{"use_code", `80401`, "080401"},
		{"use_code", `8`, "08"},
		{"use_code", `"801"`, "801"},
		{"use_code", `801.0`, "0801"},
		{"current_use_code", `601`, "0601"},
		{"industry_code", `3911`, "3911"},
		{"name", `"  南宁\u3000"`, "南宁"},
		{"name", `12`, "12"},
		{"name", `true`, "true"},
		{"name", `null`, ""},
		{"name", `""`, ""},
		{"name", `["a"]`, "field.not_a_value"},
		{"name", `{"a":1}`, "field.not_a_value"},
		{"name", `"a\u0000b"`, "field.control_character"},
		{"name", `"` + strings.Repeat("长", 4000) + `"`, "field.too_long"},
		{"zone", `"a\nb"`, "field.line_break"},
		{"supply_mode", `"grant"`, "grant"},
		{"supply_mode", `"Grant"`, "grant"},
		{"supply_mode", `"出让"`, "grant"},
		{"supply_mode", `"划拨"`, "allocation"},
		{"supply_mode", `"租赁"`, "lease"},
		{"supply_mode", `"协议"`, "grant"},
		{"supply_mode", `"招标"`, "grant"},
		{"supply_mode", `"拍卖"`, "grant"},
		{"supply_mode", `"挂牌"`, "grant"},
		{"supply_mode", `"挂牌出让"`, "grant"},
		{"supply_mode", `"先租后让"`, "lease_then_grant"},
		{"supply_mode", `"作价出资"`, "capital"},
		{"supply_mode", `"送"`, "field.unknown_word"},
		{"supply_mode", `"*"`, "field.unknown_word"},
		{"construction_state", `"unknown"`, ""},
		{"construction_state", `"在建"`, "under_construction"},
		{"ownership", `"国有"`, "state"},
		{"tenure", `null`, "holder"},
		{"right_layer", `""`, "surface"},
		{"use_scheme", `null`, "guide-2023"},
		{"use_scheme", `"三调"`, "survey-3"},
		{"use_scheme", `"GB 50137-2011"`, "gb50137"},
		{"use_scheme", `"不明"`, "unknown"},
		{"tenure", `"租"`, "field.unknown_word"},
		{"unbuildable", `null`, "false"},
		{"unbuildable", `true`, "true"},
		{"unbuildable", `"是"`, "true"},
		{"unbuildable", `0`, "false"},
		{"unbuildable", `2`, "field.not_yes_no"},
		{"supply_ready", `null`, ""},
		{"supply_ready", `"FALSE"`, "false"},
		{"price_wan", `"1,234.5"`, "1234.5"},
		{"price_wan", `0`, "0"},
		{"price_wan", `null`, ""},
		{"price_wan", `""`, ""},
		{"price_wan", `-1`, "field.negative"},
		{"price_wan", `1e12`, "field.too_large"},
		{"price_wan", `1e300`, "field.too_large"},
		{"price_wan", `"面议"`, "field.not_a_number"},
		{"price_wan", `true`, "field.not_a_number"},
		{"tax_wan", `-12.5`, "-12.5"},
		{"footprint_m2", `-0.0`, "0"},
		{"figures_year", `2023`, "2023"},
		{"figures_year", `23`, "field.too_small"},
		{"started_on", `"2021-04-11"`, "2021-04-11"},
		{"started_on", `1618070400000`, "2021-04-11"},
		{"started_on", `"1618070400000"`, "2021-04-11"},
		{"started_on", `"2021-02-30"`, "field.not_a_date"},
		{"started_on", `true`, "field.not_a_date"},
		{"started_on", `"1900-01-01"`, "field.date_too_early"},
		{"started_on", `"9999-12-31"`, "field.date_too_late"},
		{"started_on", `20210411`, "field.date_ambiguous"},
		{"started_on", `" "`, ""},
	} {
		_, sink, said, err := loadText(t, Options{}, feature(`"id":"a","`+c.property+`":`+c.value, square(0, 0)))
		if err != nil {
			t.Errorf("%s %s: %v", c.property, c.value, err)
			continue
		}
		p := sink.parcels[1]
		f, _ := land.FieldNamed(land.ParcelFields(), c.property)
		got := fieldText(f, &p)
		if len(said.lines) > 0 {
			got = said.rejects[0].Code
			if want := "1 a " + c.property + " " + c.want; said.lines[0] != want {
				t.Errorf("said %q, want %q", said.lines[0], want)
			}
		}
		if got != c.want {
			t.Errorf("%s %.40s: %q, want %q", c.property, c.value, got, c.want)
		}
	}
}

// TestMappedFields reads through a field map: alternatives, units, code
// tables, null words, constants, fields that are not read.
func TestMappedFields(t *testing.T) {
	m, err := ParseMap("bureau", []byte(`
layer: parcels
null: ["-", "/"]
constants: {use_scheme: survey-3, ownership: state}
fields:
  id: [ZDDM, BDCDYH]
  name: ~
  recorded_area_m2: {from: ZDMJ, unit: mu, null: ["0"]}
  use_code:
    words: {工业用地: "1001", 其他: ~}
    from: TDYT
  supply_mode: {from: GYFS, words: {"1": allocation, "2": grant}}
  started_on: {from: DGSJ, date: YYYYMMDD}
`))
	if err != nil {
		t.Fatal(err)
	}
	res, sink, said, err := loadText(t, Options{Map: m},
		feature(`"ZDDM":"","BDCDYH":"b1","name":"x","ZDMJ":"15","TDYT":"工业用地","GYFS":1,"DGSJ":20210411,"holder":"某公司","备注":"好\"的","N":1.50`, square(0, 0)),
		feature(`"BDCDYH":"b2","ZDDM":"z2","ZDMJ":0,"TDYT":"其他","GYFS":"出让","DGSJ":"/","ownership":"collective"`, square(2, 0)),
		feature(`"ZDDM":"z3","ZDMJ":"-","TDYT":"农田","GYFS":"3"`, square(4, 0)))
	if err != nil {
		t.Fatal(err)
	}
	a, b, c := sink.parcels[1], sink.parcels[2], sink.parcels[3]
	if a.ID != "b1" || a.Name != "" || a.RecordedM2.String() != "10000" || a.UseCode != "1001" || a.SupplyMode != "allocation" ||
		a.StartedOn.String() != "2021-04-11" || a.UseScheme != "survey-3" || a.Ownership != "state" || a.Holder != "某公司" {
		t.Errorf("first: %+v", a)
	}
	if got, want := string(a.Extra), `{"name":"x","备注":"好\"的","N":1.50}`; got != want {
		t.Errorf("extra %s, want %s", got, want)
	}
	if b.ID != "z2" || b.RecordedM2.Known || b.UseCode != "" || b.SupplyMode != "grant" || b.StartedOn.Known() || b.Ownership != "collective" || b.Extra != nil {
		t.Errorf("second: %+v", b)
	}
	if c.ID != "z3" || c.UseCode != "" || c.SupplyMode != "" {
		t.Errorf("third: %+v", c)
	}
	want := []string{"1 b1 recorded_area_m2 parcel.area_differs", "3 z3 use_code field.unknown_word", "3 z3 supply_mode field.unknown_word"}
	if !slices.Equal(said.lines, want) {
		t.Errorf("said %q, want %q", said.lines, want)
	}
	if res.Counts["field.date_blank"] != 1 || res.Inputs[0].Settings["map"] != "bureau" || res.Inputs[0].Settings["map-sha256"] != m.SHA256 {
		t.Errorf("counts %v, settings %v", res.Counts, res.Inputs[0].Settings)
	}
}

func TestIDs(t *testing.T) {
	withID := func(id, properties string) string {
		return strings.Replace(feature(properties, square(0, 0)), `"properties"`, `"id":`+id+`,"properties"`, 1)
	}
	for _, c := range []struct{ name, from, feature, want string }{
		{"property", "", withID(`"f"`, `"id":"p"`), "p"},
		{"number", "", feature(`"id":7`, square(0, 0)), "7"},
		{"of the feature", "", withID(`"f"`, ``), "f"},
		{"feature before property", IDFromFeature, withID(`"f"`, `"id":"p"`), "f"},
		{"number of the feature", "", withID(`12`, `"id":null`), "12"},
		{"position", IDFromPosition, feature(`"id":""`, square(0, 0)), "1"},
		{"position only where none", IDFromPosition, feature(`"id":"p"`, square(0, 0)), "p"},
		{"missing", "", feature(`"id":" "`, square(0, 0)), "id.missing"},
		{"too long", "", feature(`"id":"`+strings.Repeat("x", 501)+`"`, square(0, 0)), "id.too_long"},
	} {
		_, sink, said, err := loadText(t, Options{IDFrom: c.from}, c.feature)
		got := sink.parcels[1].ID
		if len(said.rejects) > 0 {
			got = said.rejects[0].Code
			if !errors.Is(err, ErrRefused) {
				t.Errorf("%s: %v, want nothing loadable", c.name, err)
			}
		}
		if got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

// TestDuplicates: of equal ids the first stays, over files and batches, in
// memory and on disk; both positions are named.
func TestDuplicates(t *testing.T) {
	first := collection(feature(`"id":"a"`, square(0, 0)), feature(`"id":"b"`, square(2, 0)), feature(`"id":"a"`, square(4, 0)))
	second := collection(feature(`"id":"c"`, square(6, 0)), feature(`"id":"b"`, square(8, 0)), feature(`"id":"a"`, square(10, 0)))
	sink, said := newMemory(), &told{}
	opt := Options{Files: []File{text("one", first), text("empty", collection()), text("two", second)}, MaxRejects: NoLimit, Lang: "en"}
	said.listen(&opt)
	res, err := LoadParcels(context.Background(), opt, nil, sink)
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(said.lines)
	want := []string{"2 b id id.duplicate", "3 a id id.duplicate", "3 a id id.duplicate"}
	if !slices.Equal(said.lines, want) || len(sink.parcels) != 3 || res.Loaded() != 3 || res.Rejected() != 3 || res.Features() != 6 {
		t.Errorf("said %q, rows %d, %+v", said.lines, len(sink.parcels), res.Inputs)
	}
	if in := res.Inputs[2]; in.Loaded != 1 || in.Rejected != 2 || in.Features != 3 {
		t.Errorf("second file: %+v", in)
	}
	for _, r := range said.rejects {
		if r.ID == "b" && !strings.Contains(r.Reason, "one, feature 2 (positions 2 and 5 in the layer)") {
			t.Errorf("reason %q", r.Reason)
		}
	}
	for _, r := range said.rejects {
		if r.ID == "a" && r.File == "two" && !strings.Contains(r.Reason, "one, feature 1 (positions 1 and 6 ") {
			t.Errorf("reason %q", r.Reason)
		}
	}
}

func TestIDSetSpills(t *testing.T) {
	s := newIDSet(t.TempDir())
	s.limit = 1000
	var l idList
	for i := range 5000 {
		l = l.reset()
		l.add(fmt.Sprint("id", i%4000), int64(i+1))
		if err := s.add(&l); err != nil {
			t.Fatal(err)
		}
	}
	again, first := 0, 0
	err := s.each(func(f map[string]int64, a []repeated) error {
		first += len(f)
		for _, r := range a {
			if again++; r.position != r.first+4000 || f[r.id] != r.first {
				t.Errorf("%+v", r)
			}
		}
		return nil
	})
	if err != nil || first != 4000 || again != 1000 {
		t.Errorf("%d ids, %d repeated, %v", first, again, err)
	}
	if err := s.close(); err != nil {
		t.Error(err)
	}
}

func TestAppend(t *testing.T) {
	existing := func(_ context.Context, ids []string, found func(int)) error {
		for i, id := range ids {
			if id == "b" || id == "x" {
				found(i)
			}
		}
		return nil
	}
	after := land.Source{File: 2, Position: 100}
	features := []string{feature(`"id":"a"`, square(0, 0)), feature(`"id":"b"`, square(2, 0))}
	res, sink, said, err := loadText(t, Options{Existing: existing, After: after}, features...)
	if err != nil || !slices.Equal(said.lines, []string{"2 b id id.exists"}) || res.Loaded() != 1 || !slices.Equal(sink.dropped, []int64{102}) {
		t.Errorf("%v %q %+v %v", err, said.lines, res.Inputs, sink.dropped)
	}
	if p := sink.parcels[101]; p.ID != "a" || p.Source != (land.Source{File: 2, Feature: 1, Position: 101}) {
		t.Errorf("%+v", p.Source)
	}
	var replaced []string
	replace := func(_ context.Context, ids []string) error { replaced = append(replaced, ids...); return nil }
	res, _, said, err = loadText(t, Options{Existing: existing, After: after, Replace: replace}, features...)
	if err != nil || len(said.lines) > 0 || res.Loaded() != 2 || !slices.Equal(replaced, []string{"b"}) {
		t.Errorf("%v %q %+v %v", err, said.lines, res.Inputs, replaced)
	}
}

// TestOrder: rejects come in input order whatever the workers do, positions
// are those of the input, the digest is that of the file's bytes.
func TestOrder(t *testing.T) {
	var features []string
	for i := range 20000 {
		id := fmt.Sprintf(`"id":"p%d"`, i+1)
		if i%100 == 7 {
			id = ""
		}
		features = append(features, feature(id, square(i%900, i/900)))
	}
	content := collection(features...)
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	if _, err := z.Write([]byte(content)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	for name, raw := range map[string]string{"p.geojson": content, "p.geojson.gz": packed.String()} {
		sink, said := newMemory(), &told{}
		var lastBytes, lastFeatures int64
		opt := Options{Files: []File{text(name, raw)}, MaxRejects: NoLimit, Workers: 4,
			Progress: func(b, f int64) { lastBytes, lastFeatures = b, f }}
		said.listen(&opt)
		res, err := LoadParcels(context.Background(), opt, nil, sink)
		if err != nil {
			t.Fatal(err)
		}
		if res.Loaded() != 19800 || res.Rejected() != 200 || len(sink.parcels) != 19800 || lastFeatures != 20000 || lastBytes != int64(len(raw)) {
			t.Errorf("%+v, %d rows, progress %d bytes of %d, %d features", res.Inputs, len(sink.parcels), lastBytes, len(raw), lastFeatures)
		}
		if !slices.IsSortedFunc(said.rejects, func(a, b land.Reject) int { return int(a.Feature - b.Feature) }) {
			t.Error("rejects out of order")
		}
		if p := sink.parcels[12345]; p.ID != "p12345" || p.Source.Feature != 12345 {
			t.Errorf("%+v", p.Source)
		}
		sum := sha256.Sum256([]byte(raw))
		if res.Inputs[0].SHA256 != hex.EncodeToString(sum[:]) {
			t.Errorf("digest %s", res.Inputs[0].SHA256)
		}
	}
}

func TestRefused(t *testing.T) {
	good, bad := feature(`"id":"a"`, square(0, 0)), feature(``, square(2, 0))
	lonLat := collection(good)
	swapped := `[[[22.0,108.0],[22.0,108.001],[22.001,108.001],[22.0,108.0]]]`
	metres := `[[[36602000,2500000],[36602100,2500000],[36602100,2500100],[36602000,2500000]]]`
	crs := func(name string) string {
		return strings.Replace(lonLat, `"features"`, `"crs":{"type":"name","properties":{"name":"`+name+`"}},"features"`, 1)
	}
	for _, c := range []struct {
		name, content, code string
		opt                 Options
	}{
		{"too many rejects", collection(good, bad, bad), "id.missing", Options{MaxRejects: 1}},
		{"nothing loadable", collection(bad), "id.missing", Options{}},
		{"no features", collection(), "load.nothing", Options{}},
		{"no JSON", "zone,year", "geojson.not_json", Options{}},
		{"cut off", lonLat[:len(lonLat)-20], "geojson.truncated", Options{}},
		{"unknown system", crs("EPSG:2154"), "crs.unsupported", Options{}},
		{"degrees as metres", crs("EPSG:4547"), "crs.degrees_as_metres", Options{}},
		{"swapped", collection(feature(`"id":"a"`, swapped)), "crs.swapped_axes", Options{}},
		{"metres as degrees", collection(feature(`"id":"a"`, metres)), "crs.metres_as_degrees", Options{}},
		{"wrong prefix", collection(feature(`"id":"a"`, metres)), "crs.prefix_wrong", Options{CRS: "EPSG:4526"}},
		{"bad option crs", lonLat, "crs.unreadable", Options{CRS: "Beijing"}},
		{"bad id-from", lonLat, "setting.value", Options{IDFrom: "row"}},
		{"bad blank-start", lonLat, "setting.value", Options{BlankStart: "completed"}},
		{"map of another layer", lonLat, "map.layer", Options{Map: &Map{Name: "z", Layer: LayerZones}}},
	} {
		c.opt.Files = []File{text("p.geojson", c.content)}
		if c.opt.MaxRejects == 0 {
			c.opt.MaxRejects = NoLimit
		}
		_, err := LoadParcels(context.Background(), c.opt, nil, newMemory())
		var refused *RefusedError
		if !errors.As(err, &refused) || !errors.Is(err, ErrRefused) || refused.Code != c.code || refused.Reason == "" || refused.Remedy == "" {
			t.Errorf("%s: %v (%+v), want %s", c.name, err, refused, c.code)
		}
	}
	if _, err := LoadParcels(context.Background(), Options{Files: Paths("/nowhere/p.geojson")}, nil, newMemory()); !errors.Is(err, ErrRefused) || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing file: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := LoadParcels(ctx, Options{Files: []File{text("p", lonLat)}}, nil, newMemory()); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// TestProjected loads the same parcel in degrees and in CGCS2000 zone 36.
func TestProjected(t *testing.T) {
	plane := `{"type":"FeatureCollection","crs":{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::4524"}},"features":[` +
		feature(`"id":"a"`, `[[[36500000,2500000,1],[36501000,2500000,1],[36501000,2501000,1],[36500000,2501000,1],[36500000,2500000,1]]]`) + `]}`
	for _, override := range []string{"", "EPSG:4524"} {
		sink := newMemory()
		res, err := LoadParcels(context.Background(), Options{Files: []File{text("p", plane)}, CRS: override}, nil, sink)
		if err != nil {
			t.Fatal(err)
		}
		p := sink.parcels[1]
		if p.PlaneM2.String() != "1000000" || res.Counts[noteHeight] != 1 {
			t.Errorf("plane area %s, %v", p.PlaneM2, res.Counts)
		}
		// Near the central meridian plane and ellipsoid agree to a few ppm.
		if e := p.EllipsoidM2.Float(); e < 999990 || e > 1000010 {
			t.Errorf("ellipsoid area %v", e)
		}
		if override != "" && res.Inputs[0].Settings["crs"] != override {
			t.Errorf("settings %v", res.Inputs[0].Settings)
		}
	}
}

func TestRepair(t *testing.T) {
	bowtie := `[[[108.0,22.0],[108.002,22.002],[108.002,22.0],[108.0,22.002],[108.0,22.0]]]`
	_, _, said, err := loadText(t, Options{}, feature(`"id":"a"`, bowtie))
	if !errors.Is(err, ErrRefused) || said.rejects[0].Code != "geometry.ring_self_intersection" || said.rejects[0].Place == nil {
		t.Errorf("%v %+v", err, said.rejects)
	}
	res, sink, said, err := loadText(t, Options{Repair: true}, feature(`"id":"a"`, bowtie))
	if err != nil || res.Inputs[0].Repaired != 1 || res.Inputs[0].Settings["repair"] != "true" || said.lines[0] != "1 a geometry.repaired" || sink.parcels[1].EllipsoidM2 == 0 {
		t.Errorf("%v %+v %q", err, res.Inputs, said.lines)
	}
}

func TestBlankStart(t *testing.T) {
	for _, c := range []struct{ properties, want string }{
		{`"supplied_on":"2020-01-01"`, "not_started"},
		{`"supplied_on":"2020-01-01","construction_state":"unknown"`, "not_started"},
		{`"supplied_on":"2020-01-01","started_on":"1900-01-01"`, "not_started"},
		{`"supplied_on":"2020-01-01","started_on":"2021-01-01"`, ""},
		{`"supplied_on":"2020-01-01","started_on":"soon"`, ""},
		{`"supplied_on":"2020-01-01","construction_state":"half"`, ""},
		{`"supplied_on":"2020-01-01","completed_on":"2021-01-01"`, ""},
		{`"supplied_on":"2020-01-01","construction_state":"suspended"`, "suspended"},
		{`"approved_on":"2020-01-01"`, ""},
		{`"rights_basis":"certificate"`, ""},
	} {
		_, sink, _, err := loadText(t, Options{BlankStart: "not_started"}, feature(`"id":"a",`+c.properties, square(0, 0)))
		if got := string(sink.parcels[1].ConstructionState); err != nil || got != c.want {
			t.Errorf("%s: %q %v, want %q", c.properties, got, err, c.want)
		}
	}
}

func TestAreaGuess(t *testing.T) {
	// The square of 0.001° has 11 435 m².
	for _, c := range []struct{ area, want string }{
		{"11430", ""}, {"11900", ""}, {"12500", "parcel.area_differs"}, {"1.14", "parcel.area_in_ha"},
		{"17.15", "parcel.area_in_mu"}, {"123000", "parcel.area_in_sqft"}, {"0", "parcel.area_differs"},
	} {
		_, _, said, err := loadText(t, Options{}, feature(`"id":"a","recorded_area_m2":`+c.area, square(0, 0)))
		got := ""
		if len(said.rejects) > 0 {
			got = said.rejects[0].Code
		}
		if err != nil || got != c.want {
			t.Errorf("%s: %q %v, want %q", c.area, got, err, c.want)
		}
	}
}

// TestSinkFails: an error of the sink ends the load and is no refusal.
func TestSinkFails(t *testing.T) {
	full := errors.New("disk full")
	_, err := LoadParcels(context.Background(), Options{Files: []File{text("p", collection(feature(`"id":"a"`, square(0, 0))))}}, nil, failing{err: full})
	if !errors.Is(err, full) || errors.Is(err, ErrRefused) {
		t.Error(err)
	}
}

type failing struct {
	Discard
	err error
}

func (f failing) ParcelWriter() (ParcelWriter, error) { return f, nil }
func (f failing) Write(*ParcelRow) error              { return f.err }
func (f failing) Close() error                        { return nil }

// TestGYYD: the survey of industrial land has hectares and no coded words.
func TestGYYD(t *testing.T) {
	_, sink, said, err := loadText(t, Options{Map: builtin(t, "gyyd")}, feature(`"TBBM":"450102-1","TDZL":"心圩","TDSYQR":"某公司","PZYT":"1001",`+
		`"TDMJ":1.1435,"YJCMJ":"1","JSZK":"已建成","JZMJ":1.5,"JZJDMJ":0.5,"RJL":1.31,"SFDXYD":"是","DJCZ":120`, square(0, 0)))
	p := sink.parcels[1]
	if err != nil || len(said.lines) > 0 || p.ID != "450102-1" || p.RecordedM2.String() != "11435" || p.BuiltLandM2.String() != "10000" ||
		p.FloorAreaM2.String() != "15000" || p.FootprintM2.String() != "5000" || p.ConstructionState != land.StateCompleted ||
		p.LowEfficiency != "suspected" || p.Holder != "某公司" || string(p.Extra) != `{"RJL":1.31,"DJCZ":120}` {
		t.Errorf("%v %q %+v %s", err, said.lines, p, p.Extra)
	}
}
