package server

import (
	"bytes"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/muscope/muscope/server/tilecache"
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
	bytes    int64
	inFlight int64
	counts   [len(buckets) + 1]int64
	seconds  float64
}

func newMetrics() *metrics { return &metrics{routes: map[string]*routeMetrics{}} }

// begin and end count a request; its route is the pattern, never the address,
// so that there are no more series than routes.
func (m *metrics) begin(route string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.inFlight++
	m.of(route).inFlight++
}

func (m *metrics) of(route string) *routeMetrics {
	if route == "" {
		route = "none"
	}
	r := m.routes[route]
	if r == nil {
		r = &routeMetrics{byStatus: map[int]int64{}}
		m.routes[route] = r
	}
	return r
}

func (m *metrics) end(route string, status, bytes int, took time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.inFlight--
	r := m.of(route)
	r.inFlight--
	r.bytes += int64(bytes)
	r.byStatus[status]++
	r.seconds += took.Seconds()
	i, _ := slices.BinarySearch(buckets[:], took.Seconds())
	r.counts[i]++
}

// metricsState is what the metrics tell beside the requests.
type metricsState struct {
	version string
	pool    Pool
	tiles   tilecache.Stats
	waiting map[string]int64 // for a turn, by what for
}

func (st *metricsState) write(b *bytes.Buffer) {
	gauge(b, "muscope_build_info", "The running program.", "{version="+label(st.version)+"}", 1)
	head(b, "muscope_database_connections", "Connections to the database.", "gauge")
	fmt.Fprintf(b, "muscope_database_connections{state=\"in_use\"} %d\nmuscope_database_connections{state=\"idle\"} %d\n", st.pool.InUse, st.pool.Idle)
	head(b, "muscope_database_waits_total", "Waits for a connection.", "counter")
	fmt.Fprintf(b, "muscope_database_waits_total %d\n", st.pool.Waits)
	head(b, "muscope_database_wait_seconds_total", "Time waited for connections.", "counter")
	fmt.Fprintf(b, "muscope_database_wait_seconds_total %g\n", st.pool.WaitSeconds)
	head(b, "muscope_requests_waiting", "Requests waiting for a turn.", "gauge")
	for _, kind := range slices.Sorted(maps.Keys(st.waiting)) {
		fmt.Fprintf(b, "muscope_requests_waiting{kind=%s} %d\n", label(kind), st.waiting[kind])
	}
	head(b, "muscope_tiles_total", "Tiles asked for, by whether they were in memory.", "counter")
	fmt.Fprintf(b, "muscope_tiles_total{memory=\"hit\"} %d\nmuscope_tiles_total{memory=\"miss\"} %d\n", st.tiles.Hits, st.tiles.Misses)
}

// text is the metrics in the text format of Prometheus.
func (m *metrics) text(st metricsState) []byte {
	m.mu.Lock()
	defer m.mu.Unlock()
	var b bytes.Buffer
	var mem runtime.MemStats
	runtime.ReadMemStats(&mem)
	st.write(&b)
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
	head(&b, "muscope_response_bytes_total", "Bytes of answers, as sent.", "counter")
	for _, name := range names {
		fmt.Fprintf(&b, "muscope_response_bytes_total{route=%s} %d\n", label(name), m.routes[name].bytes)
	}
	head(&b, "muscope_route_requests_in_flight", "Requests being answered, by route.", "gauge")
	for _, name := range names {
		fmt.Fprintf(&b, "muscope_route_requests_in_flight{route=%s} %d\n", label(name), m.routes[name].inFlight)
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
		fmt.Fprintf(b, "muscope_requests_total{route=%s,status=\"%d\",class=\"%dxx\"} %d\n", label(name), s, s/100, r.byStatus[s])
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
