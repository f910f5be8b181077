package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"

	"github.com/muscope/muscope/server"
	"github.com/muscope/muscope/server/stored"
)

// defaultListen is where the map is served.
const defaultListen = "127.0.0.1:8080"

// serveFlags are the flags of muscope serve and demo.
type serveFlags struct {
	database    string
	listen      string
	public      string
	basemap     string
	attribution string
}

func (f *flagSet) serving() *serveFlags {
	s := &serveFlags{}
	f.StringVar(&s.database, "database", "", f.app.text("flag.database"))
	f.StringVar(&s.listen, "listen", defaultListen, f.app.text("flag.listen"))
	f.StringVar(&s.public, "public-url", "", f.app.text("flag.public-url"))
	f.StringVar(&s.basemap, "basemap", "", f.app.text("flag.basemap"))
	f.StringVar(&s.attribution, "basemap-attribution", "", f.app.text("flag.attribution"))
	return s
}

// serve serves map, reports and APIs until it is interrupted.
func (a *App) serve(ctx context.Context, args []string) error {
	f := a.flags("serve")
	s := f.serving()
	if err := f.parse(args, 0); err != nil {
		return err
	}
	ln, err := a.listen(ctx, s)
	if err != nil {
		return err
	}
	db, err := a.openDatabase(ctx, s.database)
	if err != nil {
		return errors.Join(err, ln.Close())
	}
	return errors.Join(a.serveStore(ctx, ln, db, s), db.Close())
}

// listen opens the address before anything else is done, since that is what
// fails most.
func (a *App) listen(ctx context.Context, s *serveFlags) (net.Listener, error) {
	ln, err := server.Listen(ctx, s.listen)
	if errors.Is(err, server.ErrNotLoopback) {
		return nil, &usageError{text: err.Error()}
	}
	return ln, err
}

func (a *App) serveStore(ctx context.Context, ln net.Listener, db *database, s *serveFlags) error {
	l, err := a.loadLaw(nil)
	if err != nil {
		return err
	}
	opt := server.Options{Store: stored.Store{Store: db.Store}, Texts: a.texts, Packs: l.packs, Version: version, PublicURL: s.public,
		Now: a.Now, Log: slog.New(slog.NewTextHandler(a.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))}
	if s.basemap != "" {
		opt.Basemap = &server.Basemap{Tiles: s.basemap, Attribution: s.attribution, MaxZoom: 18}
	}
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
	fmt.Fprintln(a.Stdout, a.text("say.serving", "http://"+ln.Addr().String()+"/"))
	return srv.Serve(ctx, ln)
}
