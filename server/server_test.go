package server_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/analysis/report"
	"github.com/muscope/muscope/data"
	"github.com/muscope/muscope/server"
)

func TestListenIsLoopbackOnly(t *testing.T) {
	for address, refused := range map[string]bool{
		"127.0.0.1:0": false, "localhost:0": false,
		"0.0.0.0:0": true, ":0": true, "[::]:0": true, "192.0.2.1:0": true, "example.org:0": true,
	} {
		ln, err := server.Listen(t.Context(), address)
		if ln != nil {
			ln.Close()
		}
		if errors.Is(err, server.ErrNotLoopback) != refused || !refused && err != nil {
			t.Errorf("Listen(%q): %v", address, err)
		}
	}
	if _, err := server.Listen(t.Context(), "8080"); err == nil || !strings.Contains(err.Error(), "host:port") {
		t.Errorf("Listen(8080): %v", err)
	}
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	if _, err := server.Listen(t.Context(), taken.Addr().String()); err == nil || !strings.Contains(err.Error(), "another port") {
		t.Errorf("a port that is taken: %v", err)
	}
}

// broken is a store whose every part fails, or panics, where a database can't
// be made to.
type broken struct {
	server.Store
	err      error
	analysis server.Analysis
}

func (b broken) Ping(context.Context) error { return b.err }
func (b broken) Pool() server.Pool          { return server.Pool{} }
func (b broken) Checks(context.Context) ([]server.Check, error) {
	return []server.Check{{Name: "schema", Have: "1", Want: "5"}, {Name: "indexes", OK: true}}, b.err
}

func (b broken) Snapshots(context.Context, []string) ([]server.Snapshot, error) {
	if b.err == nil {
		panic("secret-of-the-store")
	}
	return nil, b.err
}
func (b broken) Tiles(context.Context, string, []string) (server.Tiles, error) { return nil, b.err }
func (b broken) Analysis(context.Context, string, []string) (server.Analysis, error) {
	return b.analysis, b.err
}

// cutOff is an analysis that yields a row and then fails.
type cutOff struct{ server.Analysis }

func (cutOff) Close() {}
func (cutOff) Header(context.Context) (land.Header, error) {
	return land.Header{AnalysisID: "a"}, nil
}
func (cutOff) FindingRows(_ context.Context, _ server.Query, yield func(*report.Row) error) error {
	row := report.Row{Part: &land.Part{Parcel: land.Parcel{ID: strings.Repeat("x", 1<<17)}}, Result: &land.PartResult{}}
	return errors.Join(yield(&row), errors.New("secret-of-the-store"))
}

func newServer(t *testing.T, store server.Store) *server.Server {
	t.Helper()
	texts, err := data.LoadTexts()
	if err != nil {
		t.Fatal(err)
	}
	s, err := server.New(server.Options{Store: store, Texts: texts})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestFaultsStayInside(t *testing.T) {
	secret := errors.New("secret-of-the-store")
	for _, c := range []struct {
		store broken
		path  string
		want  int
	}{
		{broken{err: secret}, "/readyz", http.StatusServiceUnavailable},
		{broken{err: secret}, "/api/snapshots", http.StatusInternalServerError},
		{broken{err: context.DeadlineExceeded}, "/api/snapshots", http.StatusGatewayTimeout},
		{broken{}, "/api/snapshots", http.StatusInternalServerError}, // panics
	} {
		w := get(t, newServer(t, c.store), c.path)
		if w.Code != c.want || strings.Contains(w.Body.String(), "secret") || strings.Contains(w.Body.String(), "goroutine") {
			t.Errorf("%s: %d %s", c.path, w.Code, w.Body)
		}
	}
}

// TestHalfAnAnswer says that a reader can tell half a download from a whole.
func TestHalfAnAnswer(t *testing.T) {
	for _, encoding := range []string{"identity", "gzip"} {
		for _, path := range []string{"/api/snapshots/s/findings.csv", "/api/snapshots/s/findings.geojson"} {
			srv := httptest.NewServer(newServer(t, broken{analysis: cutOff{}}).Handler())
			r, err := http.NewRequestWithContext(t.Context(), "GET", srv.URL+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Accept-Encoding", encoding)
			answer, err := http.DefaultTransport.RoundTrip(r)
			if err == nil {
				_, err = io.Copy(io.Discard, answer.Body)
				answer.Body.Close()
			}
			if err == nil {
				t.Errorf("%s (%s): half an answer looks whole", path, encoding)
			}
			srv.Close()
		}
	}
}

func TestServeEndsInTime(t *testing.T) {
	ln, err := server.Listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- newServer(t, broken{err: errors.New("x")}).Serve(ctx, ln) }()
	answer, err := http.Get("http://" + ln.Addr().String() + "/healthz")
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatal(answer, err)
	}
	answer.Body.Close()
	stop()
	select {
	case err := <-done:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(10 * time.Second):
		t.Error("the server doesn't end")
	}
}

func TestBasemapAlone(t *testing.T) {
	texts, err := data.LoadTexts()
	if err != nil {
		t.Fatal(err)
	}
	base := &server.Basemap{Tiles: "https://tiles.example/{z}/{x}/{y}.png?tk=KEY"}
	s, err := server.New(server.Options{Store: broken{}, Texts: texts, Basemap: base})
	if err != nil {
		t.Fatal(err)
	}
	if policy := get(t, s, "/").Header().Get("Content-Security-Policy"); strings.Count(policy, "https://tiles.example") != 2 || strings.Contains(policy, "KEY") {
		t.Errorf("policy %s", policy)
	}
	for _, bad := range []string{"tiles/{z}", "ftp://x/{z}", ""} {
		if _, err := server.New(server.Options{Store: broken{}, Texts: texts, Basemap: &server.Basemap{Tiles: bad}}); err == nil {
			t.Errorf("base map %q passes", bad)
		}
	}
	if _, err := server.New(server.Options{Store: broken{}, Texts: texts, PublicURL: "example.org"}); err == nil {
		t.Error("a public address without scheme passes")
	}
	s, err = server.New(server.Options{Store: broken{}, Texts: texts, PublicURL: "https://land.example/m"})
	if err != nil {
		t.Fatal(err)
	}
	r := localRequest("GET", "/healthz", nil)
	r.Host = "land.example"
	w := do(t, s, r)
	if w.Code != http.StatusOK {
		t.Errorf("under the public name: %d", w.Code)
	}
}

// endless is an analysis whose findings never end.
type endless struct {
	cutOff
	done chan error
}

func (e *endless) FindingRows(_ context.Context, _ server.Query, yield func(*report.Row) error) error {
	row := report.Row{Part: &land.Part{Parcel: land.Parcel{ID: strings.Repeat("x", 1<<16)}}, Result: &land.PartResult{}}
	for {
		if err := yield(&row); err != nil {
			e.done <- err
			return err
		}
	}
}
