package server_test

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/muscope/muscope/data/ingest"
)

// rows asks the database itself: the first column is the key.
func (d *district) rows(t testing.TB, query string) map[string]string {
	t.Helper()
	rows, err := d.db.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	out := map[string]string{}
	for rows.Next() {
		var key, value string
		if err := rows.Scan(&key, &value); err != nil {
			t.Fatal(err)
		}
		out[key] = value
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

// tableOf reads a table separated by tabs, geometry first, into geometry by id.
func tableOf(t testing.TB, file string) map[string]string {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 64<<20)
	lines.Scan()
	id := slices.Index(strings.Split(lines.Text(), "\t"), "id")
	out := map[string]string{}
	for lines.Scan() {
		cells := strings.Split(lines.Text(), "\t")
		key := strings.Trim(cells[id], `"`)
		if _, twice := out[key]; twice {
			t.Errorf("%s comes twice", key)
		}
		out[key] = strings.Trim(cells[0], `"`)
	}
	return out
}

// TestPagesOfEveryOrder: whatever the order and the page size, the pages hold
// each parcel once, in the order that SQL gives.
func TestPagesOfEveryOrder(t *testing.T) {
	d := newDistrict(t)
	for order, sql := range map[string]string{
		"":                         "p.id",
		"-area_m2":                 "s.area_m2 desc, p.id",
		"since":                    "s.since nulls last, p.id",
		"-since,holder":            `s.since desc nulls last, p.holder collate "C" nulls last, p.id`,
		"status,-price_wan,class":  "s.status, p.price_wan desc nulls last, s.class, p.id",
		"supply_ready,-output_wan": "p.supply_ready nulls last, p.output_wan desc nulls last, p.id",
	} {
		query := `select row_number() over (order by ` + sql + `)::text, p.id from muscope.parcel p
			join muscope.part_status s using (id, zone, boundary_scope) where p.home and p.load_id in (select id from muscope.load)`
		want := d.rows(t, query)
		n, target := 0, "/ogc/collections/parcels/items?limit=37&properties=id&skipGeometry=true&sortby="+url.QueryEscape(order)
		for target != "" {
			p, next := page(t, d, target)
			if p.NumberMatched == nil || *p.NumberMatched != len(want) || p.NumberReturned != len(p.Features) {
				t.Fatalf("%q: matched %v returned %d", order, p.NumberMatched, p.NumberReturned)
			}
			for _, f := range p.Features {
				n++
				if key := jsonNumber(n); want[key] != f.ID {
					t.Fatalf("%q: feature %d is %s, want %s", order, n, f.ID, want[key])
				}
			}
			target = next
		}
		if n != len(want) {
			t.Errorf("%q: %d features, want %d", order, n, len(want))
		}
	}
}

// TestPagesStayOnTheirAnalysis: who takes page after page gets the analysis he
// began with to its end, though others are published meanwhile; who comes when
// it is gone is told to begin again.
func TestPagesStayOnTheirAnalysis(t *testing.T) {
	d := newDistrict(t)
	before := d.rows(t, "select row_number() over (order by id)::text, id from muscope.parcel where home")
	target := "/ogc/collections/parcels/items?limit=120&properties=id,status&skipGeometry=true"
	s := d.server(t)
	n, pages := 0, 0
	for target != "" {
		w := get(t, s, target)
		var p featurePage
		if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil || w.Code != 200 {
			t.Fatalf("page %d: %d %.300s", pages, w.Code, w.Body)
		}
		for _, f := range p.Features {
			n++
			if before[jsonNumber(n)] != f.ID || f.Properties["status"] == nil {
				t.Fatalf("feature %d is %s %v, want %s", n, f.ID, f.Properties, before[jsonNumber(n)])
			}
		}
		if pages++; pages == 1 { // another snapshot of fewer parcels, twice: what nobody holds is dropped
			for range 2 {
				d.loadFile(t, snapshot, ingest.LayerParcels, fewParcels(t))
				d.analyze(t, snapshot)
			}
			if first, _ := page(t, d, target); *first.NumberMatched != 1 {
				t.Fatalf("the new analysis has %d parcels", *first.NumberMatched)
			}
		}
		target = nextOf(t, p)
	}
	if n != len(before) || pages != 3 {
		t.Errorf("%d features on %d pages, want %d", n, pages, len(before))
	}
	gone := base64.RawURLEncoding.EncodeToString([]byte(`{"s":"` + snapshot + `","a":999,"o":"parcels:","k":["1"],"m":300}`))
	w := get(t, s, "/ogc/collections/parcels/items?lang=en&cursor="+gone)
	if w.Code != http.StatusGone || !strings.Contains(w.Body.String(), "begin again") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// fewParcels is a file of one parcel of the sample.
func fewParcels(t testing.TB) ingest.File {
	t.Helper()
	f, err := sampleFile(t, ingest.LayerParcels).Open()
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var c struct {
		Type     string            `json:"type"`
		Features []json.RawMessage `json:"features"`
	}
	if err := json.NewDecoder(f).Decode(&c); err != nil {
		t.Fatal(err)
	}
	c.Features = c.Features[5:6]
	text, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	return memoryFile("parcels.geojson", text)
}

func jsonNumber(n int) string {
	b, _ := json.Marshal(n) //nolint:errchkjson // a number always marshals
	return string(b)
}

// TestFiltersAgainstSQL: parameters and filters leave what SQL leaves.
func TestFiltersAgainstSQL(t *testing.T) {
	d := newDistrict(t)
	const box = "108.421,22.801,108.425,22.805"
	shape := "st_intersects(p.geom, st_makeenvelope(108.421, 22.801, 108.425, 22.805, 4490))"
	for query, sql := range map[string]string{
		"bbox=" + box: shape,
		"bbox=108.421,22.801,-10,108.425,22.805,10":                                              shape,
		"bbox=22.801,108.421,22.805,108.425&bbox-crs=http://www.opengis.net/def/crs/EPSG/0/4326": shape,
		"bbox=22.801,108.421,22.805,108.425&bbox-crs=http://www.opengis.net/def/crs/EPSG/0/4490": shape,
		"filter=S_INTERSECTS(geometry,BBOX(" + box + "))":                                        shape,
		"filter=NOT S_DISJOINT(geometry,BBOX(" + box + "))":                                      shape,
		"filter=S_DISJOINT(geometry,BBOX(" + box + "))":                                          "not " + shape,
		"filter=S_WITHIN(geometry,BBOX(" + box + "))":                                            "st_within(p.geom, st_makeenvelope(108.421, 22.801, 108.425, 22.805, 4490))",
		"filter=zone='GX01'":         "p.zone = 'GX01'",
		"filter=zone IS NULL":        "p.zone = ''",
		"filter=NOT (zone = 'GX01')": "p.zone not in ('GX01', '')",
		"filter=status IN ('built','suspected_idle') AND area_mu > 5":                 "s.status in ('built', 'suspected_idle') and s.area_m2 > 5/0.0015",
		"filter=supplied_on > DATE('2015-01-01') AND name LIKE '1%25'":                "p.supplied_on > '2015-01-01' and p.name like '1%'",
		"filter=T_INTERSECTS(supplied_on, INTERVAL('2020-01-01','2023-12-31'))":       "p.supplied_on between '2020-01-01' and '2023-12-31'",
		"filter=output_wan / (area_mu * 2) > 10":                                      "p.output_wan / (s.area_m2 * 0.003) > 10",
		"filter=CASEI(id) LIKE CASEI('%25gb00001%25')":                                "p.id ilike '%gb00001%'",
		"datetime=../2020-01-01":                                                      "(s.since is null or s.since <= '2020-01-01')",
		`filter-lang=cql2-json&filter={"op":"=","args":[{"property":"zone"},"GX01"]}`: "p.zone = 'GX01'",
		"bbox=" + box + "&filter=zone='GX01'&datetime=2020-01-01T00:00:00Z":           shape + " and p.zone = 'GX01' and (s.since is null or s.since <= '2020-01-01')",
	} {
		want := d.rows(t, `select p.id, '' from muscope.parcel p join muscope.part_status s using (id, zone, boundary_scope) where p.home and `+sql)
		name, value, _ := strings.Cut(query, "filter=")
		target := "/ogc/collections/parcels/items?limit=1000&" + strings.ReplaceAll(name, " ", "+")
		if value != "" {
			rest := ""
			if i := strings.LastIndex(value, "&datetime"); i > 0 {
				value, rest = value[:i], value[i:]
			}
			target += "filter=" + url.QueryEscape(strings.ReplaceAll(value, "%25", "%")) + rest
		}
		p, _ := page(t, d, target)
		if len(want) == 0 || len(p.Features) != len(want) || p.NumberMatched == nil || *p.NumberMatched != len(want) {
			t.Errorf("%s: %d features (matched %v), SQL has %d", query, len(p.Features), p.NumberMatched, len(want))
		}
		for _, f := range p.Features {
			if _, ok := want[f.ID]; !ok {
				t.Errorf("%s: %s is not among those of SQL", query, f.ID)
				break
			}
		}
	}
}

// TestRefusals: what is wrong is refused, and said so; nothing is a fault of
// the server.
func TestRefusals(t *testing.T) {
	s := newDistrict(t).server(t)
	const items = "/ogc/collections/parcels/items"
	for target, want := range map[string]int{
		items + "?limit=0": 400, items + "?limit=-5": 400, items + "?limit=x": 400, items + "?limit=99999999999999999999999": 200,
		items + "?bbox=1,2,3": 400, items + "?bbox=1,2,3,x": 400, items + "?bbox=1,5,3,2": 400, items + "?bbox=1,2,NaN,4": 400, items + "?bbox=": 400,
		items + "?bbox=177,-10,-177,10": 200, items + "?bbox=100,20,0,120,30,-1": 400, items + "?bbox=0,0,1e5,1": 400,
		items + "?datetime=yesterday": 400, items + "?datetime=2020-02-30": 400, items + "?datetime=2021-01-01/2020-01-01": 400, items + "?datetime=2020-01-01/..": 200,
		items + "?datetime=/2020-01-01": 200, items + "?datetime=..": 400, items + "?unknown=1": 400, items + "?limit=1&limit=2": 400,
		items + "?crs=EPSG:2000": 400, items + "?crs=http://www.opengis.net/def/crs/EPSG/0/4545": 200, items + "?bbox-crs=nope": 400, items + "?filter-crs=nope": 400,
		items + "?filter=": 400, items + "?filter=a=1": 400, items + "?filter=id='x%00'": 400, items + "?filter-lang=sql": 400,
		items + "?filter=S_WITHIN(geometry,GEOMETRYCOLLECTION(POINT(1+2),LINESTRING(1+2,3+4)))":     400,
		items + "?filter=S_INTERSECTS(geometry,GEOMETRYCOLLECTION(POINT(1+2),LINESTRING(1+2,3+4)))": 200,
		items + "?filter=S_TOUCHES(geometry,POLYGON((0+0,2+2,2+0,0+2,0+0)))":                        400, // crosses itself
		items + "?filter=S_INTERSECTS(POINT(1+1),BBOX(0,0,2,2))":                                    200,
		items + `?filter-lang=cql2-json&filter={"op":"=","args":[{"property":"id"},"a\u0000b"]}`:    400,
		items + "?sortby=nothing": 400, items + "?sortby=id,name,zone,status,class": 400, items + "?sortby=flags": 400, items + "?sortby=%2Bid": 200,
		items + "?properties=nothing": 400, items + "?properties=": 200, items + "?f=xml": 400, items + "?skipGeometry=perhaps": 400,
		items + "?cursor=x": 400, items + "?cursor=eyJzIjoiMjAyNCIsImEiOjEsIm8iOiJwYXJjZWxzOiIsImsiOlsiYVx1MDAwMGIiXSwibSI6MzAwfQ": 400,
		items + "/a%2Fb": 404, items + "/a%00b": 400, items + "/nothing": 404, items + "/%FF": 400, "/ogc/collections/a%2Fb/items": 404,
		"/ogc/collections/nothing": 404, "/ogc/collections/nothing/items": 404, "/ogc/snapshots/nothing/collections": 404, "/ogc/snapshots/nothing": 404,
		"/ogc/snapshots/" + loadOnly + "/collections/zones/items": 409, "/ogc/collections/parcels/download.xml": 404, "/ogc/collections/verdicts/items/a~b~c": 404,
		"/ogc/collections/findings/items/1-99999999999999999999": 404, "/ogc/nothing": 404, "/ogc/conformance?x=1": 400,
		"/ogc/collections/verdicts/items?bbox=108,22,109,23": 200, "/ogc/collections/parts/items/a~b": 404,
	} {
		w := get(t, s, strings.ReplaceAll(target, " ", "+"), "Accept-Language", "en")
		if w.Code != want {
			t.Errorf("%s: %d, want %d: %.200s", target, w.Code, want, w.Body)
		}
		if w.Code >= 400 && w.Header().Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s: %s", target, w.Header().Get("Content-Type"))
		}
	}
}

// TestEveryPageCanBeBrowsed: each resource is there as JSON and as HTML, at the
// root and for the snapshot by its name, and its links lead somewhere.
func TestEveryPageCanBeBrowsed(t *testing.T) {
	s := newDistrict(t).server(t)
	seen := map[string]bool{}
	queue := []string{"/ogc", "/ogc/snapshots/" + snapshot}
	for _, c := range []string{"zones", "parcels", "parts", "buildings", "verdicts", "findings", "constraints"} {
		queue = append(queue, "/ogc/collections/"+c+"/items?limit=2", "/ogc/collections/"+c+"/items?limit=2&f=html&lang=en")
	}
	for len(queue) > 0 && len(seen) < 400 {
		target := queue[0]
		queue = queue[1:]
		if seen[target] {
			continue
		}
		seen[target] = true
		w := get(t, s, target)
		if w.Code != 200 || w.Body.Len() == 0 && !strings.Contains(target, "geojsons") { // a sequence of no features is empty
			t.Errorf("%s: %d, %d bytes", target, w.Code, w.Body.Len())
		}
		var doc struct {
			Links       []struct{ Rel, Href string }
			Collections []struct{ Links []struct{ Rel, Href string } }
		}
		if json.Unmarshal(w.Body.Bytes(), &doc) != nil {
			continue
		}
		for _, c := range doc.Collections {
			doc.Links = append(doc.Links, c.Links...)
		}
		if rels := doc.Links; strings.HasPrefix(target, "/ogc") && !strings.Contains(target, "queryables") && !strings.Contains(target, "schema") && !strings.Contains(target, "/api") &&
			!strings.Contains(target, "download") && (len(rels) < 2 || rels[0].Rel != "self" || rels[1].Rel != "alternate") {
			t.Errorf("%s: links %v", target, rels)
		}
		for _, l := range doc.Links {
			at, ok := strings.CutPrefix(l.Href, "http://127.0.0.1:8080")
			if !ok {
				t.Errorf("%s: link %q is not absolute", target, l.Href)
			}
			queue = append(queue, at)
		}
	}
	if len(seen) < 60 {
		t.Errorf("only %d resources found", len(seen))
	}
}
