package server

import (
	"net"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"
)

// Limits bound what a request may take. What is zero has its default.
type Limits struct {
	Answer   time.Duration // an ordinary answer, statements of the database with it; 30 s
	Download time.Duration // a download of any size, or a page read by a slow client; 30 min
	Stall    time.Duration // how long a client may read nothing of these; 1 min
	// How many requests read an analysis at a time, and how many of those are
	// downloads, which may not keep the map waiting; 16 and 4. Each takes up to
	// three connections of the database.
	Readers   int
	Downloads int
	Queue     int           // how many may wait for a turn of a kind; 1024
	Wait      time.Duration // and for how long; 30 s, as long as a client waits for an answer
	TileCache int64         // bytes of tiles kept in memory; 128 MiB
	Header    int           // bytes of address and header; 32 KiB
	Body      int64         // bytes of a body, where the route doesn't say; 1 MiB
}

// Filled are the limits with their defaults.
func (l Limits) Filled() Limits {
	orElse(&l.Answer, 30*time.Second)
	orElse(&l.Download, 30*time.Minute)
	orElse(&l.Stall, time.Minute)
	orElse(&l.Readers, 16)
	orElse(&l.Downloads, 4)
	orElse(&l.Queue, 1024)
	orElse(&l.Wait, 30*time.Second)
	orElse(&l.TileCache, 128<<20)
	orElse(&l.Header, 32<<10)
	orElse(&l.Body, 1<<20)
	return l
}

func orElse[T comparable](v *T, otherwise T) {
	var zero T
	if *v == zero {
		*v = otherwise
	}
}

// headerSize is about what a request's line and header took, in bytes.
func headerSize(r *http.Request) int {
	n := len(r.Method) + len(r.RequestURI) + len(r.Host)
	for name, values := range r.Header {
		for _, v := range values {
			n += len(name) + len(v) + len(": \r\n")
		}
	}
	return n
}

// patient is a writer that gives a slow client its time anew as long as it
// reads at all, until the end: who reads nothing is let go, and with him the
// analysis that he holds.
type patient struct {
	gin.ResponseWriter
	control *http.ResponseController
	stall   time.Duration
	end     time.Time
	set     time.Time
	work    *workTime // nil counts nothing
}

// patientPiece is what a client has to read within the time that it may stall.
const patientPiece = 16 << 10

// Write gives the client its time, piece by piece.
func (p *patient) Write(b []byte) (n int, err error) {
	p.work.pause()
	defer p.work.resume()
	for {
		p.extend()
		piece := b[n:min(n+patientPiece, len(b))]
		m, err := p.ResponseWriter.Write(piece)
		n += m
		if err != nil || n == len(b) {
			return n, err
		}
	}
}

// WriteString is Write of a string.
func (p *patient) WriteString(s string) (int, error) { return p.Write([]byte(s)) }

// workTime ends a request whose server takes longer than it may between two
// writes. The time that its client takes to read doesn't count.
type workTime struct {
	most  time.Duration
	timer *time.Timer
}

func newWorkTime(most time.Duration, end func()) *workTime {
	return &workTime{most, time.AfterFunc(most, end)}
}

func (w *workTime) pause() {
	if w != nil {
		w.timer.Stop()
	}
}

func (w *workTime) resume() {
	if w != nil {
		w.timer.Reset(w.most)
	}
}

func (p *patient) extend() {
	if now := time.Now(); now.Sub(p.set) > p.stall/8 {
		until := now.Add(p.stall)
		if until.After(p.end) {
			until = p.end
		}
		p.set = now
		_ = p.control.SetWriteDeadline(until) // a recorder in a test has none
	}
}

// hostOf is a Host header without its port.
func hostOf(hostport string) string {
	if h, _, err := net.SplitHostPort(hostport); err == nil {
		return h
	}
	if len(hostport) > 2 && hostport[0] == '[' {
		return hostport[1 : len(hostport)-1]
	}
	return hostport
}
