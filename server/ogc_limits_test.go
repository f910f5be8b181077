package server_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/muscope/muscope/server"
	"github.com/muscope/muscope/server/problem"
)

// slowly reads an answer at a pace, from a connection that buffers little.
func slowly(t *testing.T, address, target string, piece int, every time.Duration) []byte {
	t.Helper()
	var d net.Dialer
	conn, err := d.DialContext(t.Context(), "tcp", strings.TrimPrefix(address, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.(*net.TCPConn).SetReadBuffer(32 << 10); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(conn, "GET "+target+" HTTP/1.0\r\nHost: localhost\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	for {
		if _, err := io.CopyN(&out, conn, int64(piece)); err != nil {
			return out.Bytes()
		}
		time.Sleep(every)
	}
}

// TestSlowReaderOfAPage: who reads a large page slowly gets it whole, though
// it takes several times as long as an answer may.
func TestSlowReaderOfAPage(t *testing.T) {
	d := newGrid(t, 10_000)
	opt := d.options()
	opt.Limits = server.Limits{Answer: 2 * time.Second}
	address := run(t, d.with(t, opt))
	start := time.Now()
	b := slowly(t, address, "/ogc/collections/parcels/items?limit=10000", 1<<20, 300*time.Millisecond)
	if took := time.Since(start); took < 5*time.Second || len(b) < 20<<20 || !bytes.HasSuffix(bytes.TrimSpace(b), []byte("}")) {
		t.Errorf("%d bytes after %v, ending in %q", len(b), took, b[max(0, len(b)-80):])
	}
}

// heavy is a filter that takes the database some seconds on ten thousand parcels.
func heavy() string {
	terms := make([]string, 150)
	for i := range terms {
		terms[i] = fmt.Sprintf("ACCENTI(CASEI(id)) = 'Ä%d'", i)
	}
	return strings.Join(terms, " OR ")
}

// TestStatementLimits: a statement that takes longer than its request may, or
// than the database lets it, ends as a problem that says so, and ends there too.
func TestStatementLimits(t *testing.T) {
	d := newGrid(t, 10_000)
	target := "/ogc/collections/parcels/items?limit=1&filter=" + url.QueryEscape(heavy())
	for name, limits := range map[string]server.Limits{"the request's": {Answer: 300 * time.Millisecond}, "the page's": {Answer: 300 * time.Millisecond, Download: time.Minute}} {
		opt := d.options()
		opt.Limits = limits
		start := time.Now()
		w := get(t, d.with(t, opt), target+"&lang=en")
		if p := problemOf(t, w); w.Code != http.StatusGatewayTimeout || !strings.HasSuffix(string(p.Type), "timeout") || time.Since(start) > 3*time.Second {
			t.Errorf("%s limit: %d %v after %v", name, w.Code, p, time.Since(start))
		}
	}
	if err := d.store.LimitStatements(time.Minute, -4900*time.Millisecond); err != nil { // the margin is 5 s
		t.Fatal(err)
	}
	w := get(t, d.server(t), target)
	if w.Code != http.StatusGatewayTimeout {
		t.Errorf("the database's limit: %d %.200s", w.Code, w.Body)
	}
	var n int
	for end := time.Now().Add(5 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		if err := d.db.QueryRowContext(t.Context(), `select count(*) from pg_stat_activity where state = 'active' and query like '%accenti%' and pid <> pg_backend_pid()`).Scan(&n); err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("%d statements go on after their requests", n)
		}
	}
}

// TestItemsETag: an analysis doesn't change, so whoever has a page has it until
// the next analysis, or another program.
func TestItemsETag(t *testing.T) {
	d := newDistrict(t)
	s := d.server(t)
	const items = "/ogc/collections/parcels/items"
	again := func(s *server.Server, target, tag string) int {
		r := localRequest("GET", target, nil)
		r.Header.Set("If-None-Match", tag)
		return do(t, s, r).Code
	}
	tags := map[string]string{}
	for _, target := range []string{items, items + "?lang=en", items + "?limit=1", items + "?f=csv", items + "?f=html", items + "?f=geojsons", items + "/450102001001GB00001",
		"/ogc/snapshots/" + snapshot + "/collections/parcels/items", "/ogc/collections/zones/items", "/ogc/collections/parcels/download.csv"} {
		first, second := get(t, s, target), get(t, s, target)
		tag := first.Header().Get("ETag")
		if tag == "" || tag != second.Header().Get("ETag") {
			t.Fatalf("%s: ETags %q and %q", target, tag, second.Header().Get("ETag"))
		}
		if other, taken := tags[tag]; taken {
			t.Errorf("%s and %s have one ETag", target, other)
		}
		tags[tag] = target
		if strong := !strings.HasPrefix(tag, "W/"); strong && !bytes.Equal(first.Body.Bytes(), second.Body.Bytes()) {
			t.Errorf("%s: a strong ETag of two bodies", target)
		}
		w := localRequest("GET", target, nil)
		w.Header.Set("If-None-Match", `"other", `+tag)
		answer := do(t, s, w)
		if answer.Code != http.StatusNotModified || answer.Body.Len() > 0 || answer.Header().Get("ETag") != tag || len(answer.Header().Values("Vary")) < 3 {
			t.Errorf("%s again: %d %v", target, answer.Code, answer.Header())
		}
	}
	tag := get(t, s, items).Header().Get("ETag")
	opt := d.options()
	opt.Version = "another"
	if code := again(d.with(t, opt), items, tag); code != http.StatusOK {
		t.Errorf("another program: %d", code)
	}
	opt = d.options()
	opt.MaxItems = 5
	if code := again(d.with(t, opt), items, tag); code != http.StatusOK {
		t.Errorf("another page size: %d", code)
	}
	if code := again(s, items+"/nobody", "*"); code != http.StatusNotFound {
		t.Errorf("a parcel that isn't there: %d", code)
	}
	r := localRequest("GET", items, nil)
	r.Header.Set("Accept", "text/html")
	r.Header.Set("If-None-Match", tag)
	if w := do(t, s, r); w.Code != http.StatusOK {
		t.Errorf("another format: %d", w.Code)
	}
	r = remoteRequest("GET", items, d.token(t, server.Viewer, "GX01"), nil)
	r.Header.Set("If-None-Match", tag)
	if w := do(t, s, r); w.Code != http.StatusOK {
		t.Errorf("another caller: %d", w.Code)
	}
	d.analyzeAsOf(t, snapshot, "2023-12-31")
	if code := again(s, items, tag); code != http.StatusOK {
		t.Errorf("another analysis: %d", code)
	}
}

// TestTileAddresses: the address of a tile that is kept for good changes with
// the analysis and with the program.
func TestTileAddresses(t *testing.T) {
	d := newDistrict(t)
	address := func(version string) (tiles string) {
		opt := d.options()
		opt.Version = version
		doc := decode[struct{ Tiles []string }](t, get(t, d.with(t, opt), "/tiles/"+snapshot+"/parcels.json"))
		tile := strings.NewReplacer("{z}", "0", "{x}", "0", "{y}", "0").Replace(doc.Tiles[0])
		u, err := url.Parse(tile)
		if err != nil {
			t.Fatal(err)
		}
		for v, immutable := range map[string]bool{version: true, version + "x": false} {
			opt.Version = v
			if kept := strings.Contains(get(t, d.with(t, opt), u.RequestURI()).Header().Get("Cache-Control"), "immutable"); kept != immutable {
				t.Errorf("tile of program %s asked of %s: kept for good %t", version, v, kept)
			}
		}
		return doc.Tiles[0]
	}
	a := address("1")
	if a != address("1") || a == address("2") {
		t.Errorf("%s and %s", a, address("2"))
	}
	d.analyzeAsOf(t, snapshot, "2023-12-31")
	if a == address("1") {
		t.Errorf("another analysis has the address %s too", a)
	}
}

// problemOf is the problem that an answer is.
func problemOf(t *testing.T, w *httptest.ResponseRecorder) (doc problem.Document) {
	t.Helper()
	if err := json.Unmarshal(w.Body.Bytes(), &doc); err != nil {
		t.Fatalf("%d %.300s is no problem document: %v", w.Code, w.Body, err)
	}
	return doc
}

// TestBlankLimit: a parameter that is given says something.
func TestBlankLimit(t *testing.T) {
	s := newDistrict(t).server(t)
	for _, target := range []string{"/ogc/collections/parcels/items?limit=", "/ogc/collections/parcels/items?limit", "/ogc/collections/parcels/items?limit=+"} {
		for lang, word := range map[string]string{"zh": "整数", "en": "limit"} {
			if w := get(t, s, target+"&lang="+lang); w.Code != http.StatusBadRequest || !strings.Contains(problemOf(t, w).Detail, word) {
				t.Errorf("%s: %d %s", target, w.Code, w.Body)
			}
		}
	}
}
