package tilecache_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/andybalholm/brotli"

	"github.com/muscope/muscope/server/tilecache"
)

func key(n uint32) tilecache.Key { return tilecache.Key{Version: "v", Layer: "parcels", Z: 14, X: n} }

func drawing(text string) func(context.Context) ([]byte, error) {
	return func(context.Context) ([]byte, error) { return []byte(text), nil }
}

func TestDrawnOnce(t *testing.T) {
	c := tilecache.New(1 << 20)
	var drawn atomic.Int32
	begun, goOn := make(chan struct{}), make(chan struct{})
	draw := func(context.Context) ([]byte, error) {
		drawn.Add(1)
		close(begun)
		<-goOn
		return []byte("tile"), nil
	}
	var g sync.WaitGroup
	ask := func() {
		got, err := c.Get(t.Context(), key(1), draw)
		if err != nil {
			t.Error(err)
			return
		}
		if b, _ := c.Bytes(got, tilecache.Plain); string(b) != "tile" {
			t.Errorf("%q", b)
		}
	}
	g.Go(ask)
	<-begun
	for range 20 {
		g.Go(ask)
	}
	time.Sleep(20 * time.Millisecond)
	close(goOn)
	g.Wait()
	ask()
	if drawn.Load() != 1 {
		t.Errorf("drawn %d times", drawn.Load())
	}
}

// TestKeysAreApart holds that a version, a scope, a layer or a place of its own
// is a tile of its own.
func TestKeysAreApart(t *testing.T) {
	c := tilecache.New(1 << 20)
	keys := []tilecache.Key{key(1), key(2), {Version: "w", Layer: "parcels", Z: 14, X: 1}, {Version: "v", Scope: "zones\x00A", Layer: "parcels", Z: 14, X: 1},
		{Version: "v", Layer: "zones", Z: 14, X: 1}, {Version: "v", Layer: "parcels", Z: 15, X: 1}, {Version: "v", Layer: "parcels", Z: 14, Y: 1}}
	for range 2 {
		for i, k := range keys {
			want := strings.Repeat("x", i)
			got, err := c.Get(t.Context(), k, drawing(want))
			if err != nil {
				t.Fatal(err)
			}
			if b, _ := c.Bytes(got, tilecache.Plain); string(b) != want {
				t.Errorf("%+v is %q", k, b)
			}
		}
	}
	if s := c.Stats(); s.Hits != int64(len(keys)) || s.Misses != int64(len(keys)) {
		t.Errorf("%+v", s)
	}
}

// TestLeaving holds that drawing stops when all who asked are gone, and not
// before.
func TestLeaving(t *testing.T) {
	c := tilecache.New(1 << 20)
	begun := make(chan struct{}, 1)
	goOn := make(chan struct{})
	draw := func(ctx context.Context) ([]byte, error) {
		begun <- struct{}{}
		select {
		case <-goOn:
			return []byte("tile"), nil
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	ask := func(ctx context.Context) chan error {
		out := make(chan error, 1)
		go func() { _, err := c.Get(ctx, key(1), draw); out <- err }()
		return out
	}
	first, leaveFirst := context.WithCancel(t.Context())
	second, leaveSecond := context.WithCancel(t.Context())
	a := ask(first)
	<-begun
	b := ask(second)
	time.Sleep(20 * time.Millisecond)
	leaveSecond()
	if err := <-b; !errors.Is(err, context.Canceled) {
		t.Errorf("who left got %v", err)
	}
	leaveFirst()
	if err := <-a; !errors.Is(err, context.Canceled) {
		t.Errorf("the last who left got %v", err)
	}
	// The first leaves, the other stays and gets the tile.
	first, leaveFirst = context.WithCancel(t.Context())
	a = ask(first)
	<-begun
	b = ask(t.Context())
	time.Sleep(20 * time.Millisecond)
	leaveFirst()
	time.Sleep(20 * time.Millisecond)
	close(goOn)
	if err := <-b; err != nil {
		t.Errorf("who stayed got %v", err)
	}
	<-a
}

func TestFaultsAreNotKept(t *testing.T) {
	c := tilecache.New(1 << 20)
	fault := errors.New("away")
	if _, err := c.Get(t.Context(), key(1), func(context.Context) ([]byte, error) { return nil, fault }); !errors.Is(err, fault) {
		t.Fatal(err)
	}
	func() {
		defer func() { _ = recover() }()
		_, _ = c.Get(t.Context(), key(1), func(context.Context) ([]byte, error) { panic("a bug") })
	}()
	if got, err := c.Get(t.Context(), key(1), drawing("tile")); err != nil || got.Empty() {
		t.Errorf("after faults: %v", err)
	}
}

// TestBound fills the cache from many goroutines with tiles of random sizes, in
// all encodings: it never holds more than its bound.
func TestBound(t *testing.T) {
	const most = 60_000
	c := tilecache.New(most)
	var g sync.WaitGroup
	for k := range 4 {
		g.Go(func() {
			r := rand.New(rand.NewPCG(1, uint64(k)))
			for range 150 {
				n := r.Uint32N(120)
				b := make([]byte, 10+int(n)*17)
				for i := range b {
					b[i] = byte(r.IntN(4))
				}
				got, err := c.Get(t.Context(), key(n), func(context.Context) ([]byte, error) { return b, nil })
				if err != nil {
					t.Error(err)
					return
				}
				c.Bytes(got, []tilecache.Encoding{tilecache.Plain, tilecache.Gzip, tilecache.Brotli}[r.IntN(3)])
				if s := c.Stats(); s.Bytes > most || s.Bytes < 0 {
					t.Errorf("%d bytes", s.Bytes)
					return
				}
			}
		})
	}
	g.Wait()
	s := c.Stats()
	if s.Tiles < 10 || s.Hits == 0 {
		t.Errorf("%+v", s)
	}
	if got, err := c.Get(t.Context(), key(9999), drawing(strings.Repeat("x", most))); err != nil || got.Empty() || c.Stats().Tiles != s.Tiles {
		t.Errorf("a tile larger than the cache: %v, %+v", err, c.Stats())
	}
}

func TestEncodings(t *testing.T) {
	for header, want := range map[string]tilecache.Encoding{
		"": "", "gzip": "gzip", "br": "br", "gzip, deflate, br": "br", "br;q=0.5, gzip;q=0.8": "gzip", "br;q=0": "", "identity": "", "GZIP": "gzip",
		"gzip;q=0, br;q=0.000": "", "*": "", "gzip;q=x": "gzip", "br;q=0, gzip": "gzip",
	} {
		if got := tilecache.Accepted(header); got != want {
			t.Errorf("%q: %q, want %q", header, got, want)
		}
	}
	c := tilecache.New(1 << 20)
	plain := strings.Repeat("parcels ", 1000)
	got, err := c.Get(t.Context(), key(1), drawing(plain))
	if err != nil {
		t.Fatal(err)
	}
	for e, open := range map[tilecache.Encoding]func(io.Reader) (io.Reader, error){
		tilecache.Plain:  func(r io.Reader) (io.Reader, error) { return r, nil },
		tilecache.Gzip:   func(r io.Reader) (io.Reader, error) { return gzip.NewReader(r) },
		tilecache.Brotli: func(r io.Reader) (io.Reader, error) { return brotli.NewReader(r), nil },
	} {
		b, is := c.Bytes(got, e)
		r, err := open(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		back, err := io.ReadAll(r)
		if err != nil || string(back) != plain || is != e || e != tilecache.Plain && len(b) > len(plain)/10 {
			t.Errorf("%q: %d bytes as %q, %v", e, len(b), is, err)
		}
	}
	small, _ := c.Get(t.Context(), key(2), drawing("small"))
	if b, is := c.Bytes(small, tilecache.Brotli); string(b) != "small" || is != tilecache.Plain {
		t.Errorf("a small tile is %q", is)
	}
}
