package server_test

import (
	"io"
	"net/http"
	"runtime"
	"testing"
	"time"
)

// TestItemsAreStreamed: a page of ten thousand parcels passes through a few
// megabytes of memory, and a client that goes away stops the query.
func TestItemsAreStreamed(t *testing.T) {
	d := newGrid(t, 10_000)
	at := d.serve(t)
	heap := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	client := &http.Client{Transport: &http.Transport{DisableCompression: true}}
	open := func(target string) io.ReadCloser {
		t.Helper()
		resp, err := client.Get(at + target)
		if err != nil || resp.StatusCode != http.StatusOK {
			t.Fatalf("%v %v", resp, err)
		}
		return resp.Body
	}
	body := open("/ogc/collections/parcels/items?limit=10000")
	base, peak, total := heap(), uint64(0), int64(0)
	for {
		n, err := io.CopyN(io.Discard, body, 2<<20)
		total += n
		peak = max(peak, heap())
		if err != nil {
			break
		}
	}
	_ = body.Close()
	if total < 20<<20 || peak > base+8<<20 {
		t.Errorf("%d bytes of features took %d bytes of memory", total, peak-base)
	}

	running := func() (n int) {
		t.Helper()
		if err := d.db.QueryRowContext(t.Context(), `select count(*) from pg_stat_activity where state = 'active' and pid <> pg_backend_pid() and query like 'select row(p.id%'`).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	body = open("/ogc/collections/parcels/download.geojson")
	if _, err := io.CopyN(io.Discard, body, 1<<20); err != nil {
		t.Fatal(err)
	}
	if running() != 1 {
		t.Fatal("the query isn't running while its answer is read")
	}
	_ = body.Close()
	for end := time.Now().Add(20 * time.Second); running() > 0; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the query still runs, twenty seconds after its client went away")
		}
	}
}
