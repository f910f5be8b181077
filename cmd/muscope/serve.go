package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/muscope/muscope/data/postgis"
	"github.com/muscope/muscope/server"
	"github.com/muscope/muscope/server/stored"
)

// defaultListen is where the map is served.
const defaultListen = "127.0.0.1:8080"

// serveFlags are the flags of muscope serve and demo.
type serveFlags struct {
	database     string
	listen       string
	public       string
	basemap      string
	attribution  string
	requireToken bool
	cert, key    string
	proxies      many
	origins      many
	timeout      time.Duration
	log          string
}

func (f *flagSet) serving() *serveFlags {
	s := &serveFlags{}
	f.StringVar(&s.database, "database", "", f.app.text("flag.database"))
	f.StringVar(&s.listen, "listen", defaultListen, f.app.text("flag.listen"))
	f.StringVar(&s.public, "public-url", "", f.app.text("flag.public-url"))
	f.StringVar(&s.basemap, "basemap", "", f.app.text("flag.basemap"))
	f.StringVar(&s.attribution, "basemap-attribution", "", f.app.text("flag.attribution"))
	f.BoolVar(&s.requireToken, "require-token", false, f.app.text("flag.require-token"))
	f.StringVar(&s.cert, "tls-cert", "", f.app.text("flag.tls-cert"))
	f.StringVar(&s.key, "tls-key", "", f.app.text("flag.tls-key"))
	f.Var(&s.proxies, "trusted-proxy", f.app.text("flag.trusted-proxy"))
	f.Var(&s.origins, "cors-origin", f.app.text("flag.cors-origin"))
	f.DurationVar(&s.timeout, "answer-timeout", 0, f.app.text("flag.answer-timeout"))
	f.StringVar(&s.log, "log", "warn", f.app.text("flag.log"))
	return s
}

// options are what the flags say of the server; nothing is opened before they
// are right.
func (a *App) serveOptions(s *serveFlags) (server.Options, error) {
	opt := server.Options{Texts: a.texts, Version: version, PublicURL: s.public, RequireToken: s.requireToken, CORSOrigins: s.origins,
		Limits: server.Limits{Answer: s.timeout}, Now: a.Now}
	if s.basemap != "" {
		opt.Basemap = &server.Basemap{Tiles: s.basemap, Attribution: s.attribution, MaxZoom: 18}
	}
	for _, p := range s.proxies {
		network, err := proxyNetwork(p)
		if err != nil {
			return opt, &usageError{text: a.text("serve.proxy.wrong", p)}
		}
		opt.TrustedProxies = append(opt.TrustedProxies, network)
	}
	for _, o := range s.origins {
		if u, err := url.Parse(o); o != "*" && (err != nil || u.Host == "" || u.Scheme+"://"+u.Host != o) {
			return opt, &usageError{text: a.text("serve.cors.wrong", o)}
		}
	}
	log, err := a.logger(s.log)
	if err != nil {
		return opt, err
	}
	opt.Log = log
	return opt, a.certificate(s, &opt)
}

func proxyNetwork(s string) (netip.Prefix, error) {
	if strings.Contains(s, "/") {
		p, err := netip.ParsePrefix(s)
		return p.Masked(), err
	}
	addr, err := netip.ParseAddr(s)
	if err != nil {
		return netip.Prefix{}, err
	}
	return addr.Prefix(addr.BitLen())
}

func (a *App) certificate(s *serveFlags, opt *server.Options) (err error) {
	switch {
	case s.cert == "" && s.key == "":
		return nil
	case s.cert == "" || s.key == "":
		return &usageError{text: a.text("serve.tls-pair")}
	}
	opt.Certificate, err = server.LoadCertificate(s.cert, s.key, opt.Log)
	if err != nil {
		return &usageError{text: err.Error()}
	}
	return nil
}

// logger writes the log to stderr: warn, info or debug, with ",json" as JSON.
func (a *App) logger(how string) (*slog.Logger, error) {
	name, form, _ := strings.Cut(how, ",")
	var level slog.Level
	if !slices.Contains([]string{"warn", "info", "debug"}, name) || form != "" && form != "json" || level.UnmarshalText([]byte(name)) != nil {
		return nil, &usageError{text: a.text("serve.log.wrong", how)}
	}
	opt := &slog.HandlerOptions{Level: level}
	if form == "json" {
		return slog.New(slog.NewJSONHandler(a.Stderr, opt)), nil
	}
	return slog.New(slog.NewTextHandler(a.Stderr, opt)), nil
}

// serve serves map, reports and APIs until it is interrupted.
func (a *App) serve(ctx context.Context, args []string) error {
	f := a.flags("serve")
	s := f.serving()
	if err := f.parse(args, 0); err != nil {
		return err
	}
	return a.serveWith(ctx, s, func(context.Context, *database) error { return nil })
}

// serveWith serves after the database is prepared.
func (a *App) serveWith(ctx context.Context, s *serveFlags, prepare func(context.Context, *database) error) error {
	opt, err := a.serveOptions(s)
	if err != nil {
		return err
	}
	ln, err := server.Listen(ctx, s.listen) // before anything else is done, since that is what fails most
	remote := errors.Is(err, server.ErrNotLoopback)
	if errors.Is(err, server.ErrAddress) {
		return &usageError{text: err.Error()}
	}
	if err != nil && !remote {
		return err
	}
	db, err := a.openDatabase(ctx, s.database)
	if err != nil {
		return errors.Join(err, closeListener(ln))
	}
	if remote {
		ln, err = a.listenRemote(ctx, db, s)
	}
	if err == nil {
		err = prepare(ctx, db)
	}
	if err != nil {
		return errors.Join(err, closeListener(ln), db.Close())
	}
	return errors.Join(a.serveStore(ctx, ln, db, opt), db.Close())
}

func closeListener(ln net.Listener) error {
	if ln == nil {
		return nil
	}
	return ln.Close()
}

// listenRemote opens an address that other machines reach, which takes a token
// that is good.
func (a *App) listenRemote(ctx context.Context, db *database, s *serveFlags) (net.Listener, error) {
	tokens, err := db.Tokens(ctx)
	if err != nil {
		return nil, err
	}
	if now := a.Now(); !slices.ContainsFunc(tokens, func(t postgis.Token) bool { return t.Good(now) }) {
		return nil, &usageError{text: a.text("serve.no-token", s.listen)}
	}
	if s.cert == "" {
		a.say("serve.plain")
	}
	return server.ListenRemote(ctx, s.listen)
}

func (a *App) serveStore(ctx context.Context, ln net.Listener, db *database, opt server.Options) error {
	l, err := a.loadLaw(nil)
	if err != nil {
		return errors.Join(err, ln.Close())
	}
	limits := opt.Limits.Filled()
	if err := db.LimitStatements(limits.Download, limits.Answer); err != nil {
		return errors.Join(err, ln.Close())
	}
	store := stored.Store{Store: db.Store}
	opt.Store, opt.Features, opt.Tokens, opt.Packs = store, stored.Features{Store: db.Store}, store, l.packs
	srv, err := server.New(opt)
	if err != nil {
		return errors.Join(err, ln.Close())
	}
	watching, stop := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		a.watch(watching, db)
	}()
	defer func() { stop(); <-done }() // before the lease is given back
	scheme := "http"
	if opt.Certificate != nil {
		scheme = "https"
	}
	fmt.Fprintln(a.Stdout, a.text("say.serving", scheme+"://"+ln.Addr().String()+"/"))
	return srv.Serve(ctx, ln)
}
