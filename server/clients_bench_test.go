package server_test

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"testing"
	"time"
)

// clients is how many ask at once; few where only a smoke is wanted.
func clients() int {
	if testing.Short() {
		return 40
	}
	return 200
}

// BenchmarkClients: two hundred clients at once, each with the requests of a
// map in use: a page of features, one by a filter, a parcel, its explanation,
// tiles. It says how long the slowest hundredth takes, and fails where a
// client gets no answer.
func BenchmarkClients(b *testing.B) {
	n := 10_000
	if testing.Short() {
		n = 2_500
	}
	d := newGrid(b, n)
	at := d.serve(b)
	crowd := clients()
	transport := &http.Transport{MaxIdleConnsPerHost: crowd, MaxConnsPerHost: crowd}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport, Timeout: time.Minute}
	var mu sync.Mutex
	var took []time.Duration
	for b.Loop() {
		var all sync.WaitGroup
		for c := range crowd {
			all.Go(func() {
				for _, target := range clientRequests(c, n) {
					start := time.Now()
					if err := fetchAll(client, at+target); err != nil {
						b.Error(err)
						return
					}
					mu.Lock()
					took = append(took, time.Since(start))
					mu.Unlock()
				}
			})
		}
		all.Wait()
	}
	slices.Sort(took)
	if len(took) == 0 {
		b.Fatal("no request was answered")
	}
	b.ReportMetric(float64(len(took))/b.Elapsed().Seconds(), "requests/s")
	b.ReportMetric(float64(took[len(took)/2].Milliseconds()), "p50-ms")
	b.ReportMetric(float64(took[len(took)*99/100].Milliseconds()), "p99-ms")
}

// clientRequests are what one of the clients asks for, of n parcels.
func clientRequests(c, n int) []string {
	const features = "/ogc/collections/parcels"
	x, y := 108.3+float64(c%14)*0.004, 22.7+float64(c/14)*0.004
	col, row := tileAt(x, y, 14)
	list := []string{
		features + "/items?limit=100",
		features + "/items?limit=100&filter=" + url.QueryEscape(fmt.Sprintf("status = 'built' AND area_m2 > %d", c)),
		fmt.Sprintf(features+"/items?limit=100&bbox=%g,%g,%g,%g", x, y, x+0.004, y+0.004),
		fmt.Sprintf(features+"/items/450103%09d", c*n/clients()),
		fmt.Sprintf(api+"/parcels/450103%09d", c*n/clients()),
		fmt.Sprintf("/tiles/"+snapshot+"/parcels/14/%d/%d.mvt", col, row),
		fmt.Sprintf(features+"/tiles/WebMercatorQuad/14/%d/%d", row, col),
	}
	if c%20 == 0 { // which computes a zone of n parcels anew: no map asks that of all at once
		list = append(list, api+"/explain/G1/build_rate")
	}
	return list
}

func fetchAll(client *http.Client, address string) error {
	resp, err := client.Get(address)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		return fmt.Errorf("%s: %w", address, err)
	}
	if resp.StatusCode >= http.StatusBadRequest {
		return fmt.Errorf("%s: %s", address, resp.Status)
	}
	return nil
}
