package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/muscope/muscope/analysis/rule"
	"github.com/muscope/muscope/data"
	"github.com/muscope/muscope/server/ogcapi"
	"github.com/muscope/muscope/server/tilecache"
)

// How long a client may take, whatever it asks for.
const (
	headerTimeout   = 5 * time.Second
	readTimeout     = 30 * time.Second
	idleTimeout     = 2 * time.Minute
	shutdownTimeout = 5 * time.Second
)

// Options are what a Server is made of.
type Options struct {
	Store Store
	// Features is where /ogc takes features from; nil is no /ogc.
	Features ogcapi.Store
	Texts    data.Texts
	Packs    []*rule.Pack // for /api/rules, and beside verdicts and in reports
	// Version of the program, shown in /api/config and /metrics.
	Version string
	// Basemap is a tile address drawn under the map; nil is none.
	Basemap *Basemap
	// MaxItems is the most features of a page of /ogc; 0 is 10,000.
	MaxItems int
	// PublicURL is the address under which clients reach the server, for
	// absolute links; "" takes the host of each request.
	// It says that a proxy stands in front, so that every request needs a token.
	PublicURL string
	// Tokens are good for callers from elsewhere; nil lets none of them in.
	Tokens Tokens
	// RequireToken asks callers on this machine for a token too.
	RequireToken bool
	// TrustedProxies are believed what they say of a request's origin; nil are
	// those on this machine.
	TrustedProxies []netip.Prefix
	// CORSOrigins are the sites whose pages may read answers, "*" is all.
	CORSOrigins []string
	// Certificate makes Serve speak TLS; nil is plain HTTP.
	Certificate *Certificate
	Limits      Limits
	Log         *slog.Logger
	Now         func() time.Time
}

// Basemap is a raster tile address with {z}, {x} and {y}.
type Basemap struct {
	Tiles       string `json:"tiles"`
	Attribution string `json:"attribution"`
	MaxZoom     int    `json:"max_zoom"`
}

// Server serves the page, the API and the tiles.
type Server struct {
	opt       Options
	engine    *gin.Engine
	public    *url.URL              // of Options.PublicURL, or nil
	basemap   string                // origin of the base map's tiles, or ""
	rules     map[string]*rule.Rule // by pack#rule
	overviews *overviews
	metrics   *metrics
	openapi   []byte
	ogc       *ogcapi.API // nil where there is none
	ogcapi    []byte      // its description, but for the address
	readers   *gate
	downloads *gate
	keys      *keyring
	tiles     *tilecache.Cache
}

// New makes a Server. It fails on options that can't be served: no store, no
// texts, an address that is none.
func New(opt Options) (*Server, error) {
	if opt.Store == nil || opt.Texts == nil {
		return nil, errors.New("a server needs a store and texts")
	}
	if opt.Log == nil {
		opt.Log = slog.New(slog.NewTextHandler(io.Discard, nil))
	}
	if opt.Now == nil {
		opt.Now = time.Now
	}
	if opt.TrustedProxies == nil {
		opt.TrustedProxies = loopbackNets()
	}
	opt.Limits = opt.Limits.Filled()
	l := opt.Limits
	s := &Server{opt: opt, overviews: newOverviews(), metrics: newMetrics(), rules: map[string]*rule.Rule{}, keys: newKeyring(opt.Tokens, opt.Now), tiles: tilecache.New(l.TileCache),
		readers: newGate(l.Readers, l.Queue, l.Wait), downloads: newGate(l.Downloads, l.Queue, l.Wait)}
	for _, pack := range opt.Packs {
		for _, r := range pack.Rules {
			s.rules[r.Key()] = r
		}
	}
	if err := s.readAddresses(); err != nil {
		return nil, err
	}
	if opt.Features != nil {
		var err error
		if s.ogc, err = ogcapi.New(ogcapi.Options{Store: opt.Features, Texts: opt.Texts, MaxLimit: opt.MaxItems,
			Tiles: &ogcTiles{features: opt.Features}, Also: ogcapi.TileLinks{Texts: opt.Texts}}); err != nil {
			return nil, err
		}
	}
	if err := s.build(); err != nil {
		return nil, err
	}
	return s, nil
}

func (s *Server) readAddresses() error {
	if s.opt.PublicURL != "" {
		u, err := url.Parse(s.opt.PublicURL)
		if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
			return fmt.Errorf("the public address %q is not an http address; give it as https://host[:port]", s.opt.PublicURL)
		}
		s.public = u
	}
	for _, o := range s.opt.CORSOrigins {
		if u, err := url.Parse(o); o != "*" && (err != nil || u.Host == "" || u.Scheme+"://"+u.Host != o) {
			return fmt.Errorf("%q is not the origin of a site; give it as https://host[:port], or * for all", o)
		}
	}
	if s.opt.Basemap != nil {
		u, err := url.Parse(s.opt.Basemap.Tiles)
		if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
			return fmt.Errorf("the base map address %q is not an http address with {z}, {x} and {y}", s.opt.Basemap.Tiles)
		}
		s.basemap = u.Scheme + "://" + u.Host
	}
	return nil
}

// Handler is the server as an http.Handler.
func (s *Server) Handler() http.Handler { return s.engine }

// ErrAddress says that an address to listen on is none.
var ErrAddress = errors.New("not an address")

// ErrNotLoopback says that an address can be reached from other machines.
var ErrNotLoopback = errors.New("not a loopback address")

// Listen opens the address, host:port. It refuses what other machines could
// reach (ErrNotLoopback).
func Listen(ctx context.Context, address string) (net.Listener, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("%w: the address to listen on, %q, is not host:port: %w", ErrAddress, address, err)
	}
	if !loopback(host) {
		return nil, fmt.Errorf("%w: %q could be reached from other machines; listen on 127.0.0.1 or [::1]", ErrNotLoopback, address)
	}
	ln, err := ListenRemote(ctx, address)
	if err != nil {
		return nil, err
	}
	if a, ok := ln.Addr().(*net.TCPAddr); !ok || !a.IP.IsLoopback() { // localhost is what the machine's hosts file says
		return nil, errors.Join(fmt.Errorf("%w: %s is %s here", ErrNotLoopback, address, ln.Addr()), ln.Close())
	}
	return ln, nil
}

// ListenRemote opens an address, host:port, that other machines may reach. Make
// sure before that there is a token for them: without one they get nothing.
func ListenRemote(ctx context.Context, address string) (net.Listener, error) {
	ln, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listen on %s (is another muscope running? give another port): %w", address, err)
	}
	return ln, nil
}

func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// Serve answers until ctx ends, then lets running requests finish for a few
// seconds. It returns nil on such an end.
func (s *Server) Serve(ctx context.Context, ln net.Listener) error {
	srv := &http.Server{
		Handler: s.engine, ReadHeaderTimeout: headerTimeout, ReadTimeout: readTimeout,
		IdleTimeout: idleTimeout, MaxHeaderBytes: 2 * s.opt.Limits.Header, // beyond it net/http refuses in its own words
		ErrorLog: slog.NewLogLogger(s.opt.Log.Handler(), slog.LevelWarn),
	}
	done := make(chan error, 1)
	if s.opt.Certificate == nil {
		go func() { done <- srv.Serve(ln) }()
	} else {
		srv.TLSConfig = s.opt.Certificate.config()
		go func() { done <- srv.ServeTLS(ln, "", "") }()
	}
	select {
	case err := <-done:
		return fmt.Errorf("serve on %s: %w", ln.Addr(), err)
	case <-ctx.Done():
	}
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTimeout)
	defer cancel()
	if err := srv.Shutdown(stop); err != nil {
		return errors.Join(srv.Close(), <-done) // requests that didn't end in time are cut
	}
	if err := <-done; !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve on %s: %w", ln.Addr(), err)
	}
	return nil
}
