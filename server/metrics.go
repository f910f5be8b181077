package server

import (
	"bytes"
	"fmt"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

const metricsType = "text/plain; version=0.0.4; charset=utf-8"

// buckets are the upper ends of the duration histogram, in seconds.
var buckets = [...]float64{0.005, 0.025, 0.1, 0.5, 2.5, 10, 60}

// metrics counts requests by route and status. The text format is written by
// hand: it is a page long, and the client library brings protobuf along.
type metrics struct {
	mu       sync.Mutex
	inFlight int64
	routes   map[string]*routeMetrics
}

type routeMetrics struct {
	byStatus map[int]int64
	counts   [len(buckets) + 1]int64
	seconds  float64
}

func newMetrics() *metrics { return &metrics{routes: map[string]*routeMetrics{}} }

func (m *metrics) begin() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.inFlight++
}

func (m *metrics) end(route string, status int, took time.Duration) {
	if route == "" {
		route = "none"
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.inFlight--
	r := m.routes[route]
	if r == nil {
		r = &routeMetrics{byStatus: map[int]int64{}}
		m.routes[route] = r
	}
	r.byStatus[status]++
	r.seconds += took.Seconds()
	i, _ := slices.BinarySearch(buckets[:], took.Seconds())
	r.counts[i]++
}

// text is the metrics in the text format of Prometheus.
func (m *metrics) text(version string) []byte {
	m.mu.Lock()
	defer m.mu.Unlock()
	var b bytes.Buffer
	var mem runtime.MemStats
	runtime.ReadMemStats(&mem)
	gauge(&b, "muscope_build_info", "The running program.", fmt.Sprintf("{version=%q}", version), 1)
	gauge(&b, "muscope_requests_in_flight", "Requests being answered.", "", float64(m.inFlight))
	gauge(&b, "go_goroutines", "Goroutines.", "", float64(runtime.NumGoroutine()))
	gauge(&b, "go_memstats_heap_alloc_bytes", "Heap in use.", "", float64(mem.HeapAlloc))
	gauge(&b, "go_memstats_sys_bytes", "Memory taken from the system.", "", float64(mem.Sys))
	names := make([]string, 0, len(m.routes))
	for name := range m.routes {
		names = append(names, name)
	}
	slices.Sort(names)
	head(&b, "muscope_requests_total", "Requests answered.", "counter")
	for _, name := range names {
		m.routes[name].writeStatuses(&b, name)
	}
	head(&b, "muscope_request_seconds", "Time to answer.", "histogram")
	for _, name := range names {
		m.routes[name].writeSeconds(&b, name)
	}
	return b.Bytes()
}

func (r *routeMetrics) writeStatuses(b *bytes.Buffer, name string) {
	statuses := make([]int, 0, len(r.byStatus))
	for s := range r.byStatus {
		statuses = append(statuses, s)
	}
	slices.Sort(statuses)
	for _, s := range statuses {
		fmt.Fprintf(b, "muscope_requests_total{route=%s,status=\"%d\"} %d\n", label(name), s, r.byStatus[s])
	}
}

func (r *routeMetrics) writeSeconds(b *bytes.Buffer, name string) {
	var sum int64
	for i, n := range r.counts {
		sum += n
		le := "+Inf"
		if i < len(buckets) {
			le = strconv.FormatFloat(buckets[i], 'g', -1, 64)
		}
		fmt.Fprintf(b, "muscope_request_seconds_bucket{route=%s,le=%q} %d\n", label(name), le, sum)
	}
	fmt.Fprintf(b, "muscope_request_seconds_sum{route=%s} %g\n", label(name), r.seconds)
	fmt.Fprintf(b, "muscope_request_seconds_count{route=%s} %d\n", label(name), sum)
}

func label(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(s) + `"`
}

func head(b *bytes.Buffer, name, about, kind string) {
	fmt.Fprintf(b, "# HELP %s %s\n# TYPE %s %s\n", name, about, name, kind)
}

func gauge(b *bytes.Buffer, name, about, labels string, v float64) {
	head(b, name, about, "gauge")
	fmt.Fprintf(b, "%s%s %g\n", name, labels, v)
}
