package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/muscope/muscope/data/postgis"
)

// db looks after the database.
func (a *App) db(ctx context.Context, args []string) error {
	f := a.flags("db")
	dsn := f.String("database", "", a.text("flag.database"))
	force := f.Bool("force", false, a.text("flag.force"))
	if err := f.parse(args, 2); err != nil {
		return err
	}
	what, file := "", ""
	switch len(f.args) {
	case 2:
		file = f.args[1]
		fallthrough
	case 1:
		what = f.args[0]
	}
	home := a.Getenv("MUSCOPE_HOME")
	switch what {
	case "status":
		return a.dbStatus(ctx, *dsn, home)
	case "stop":
		return postgis.StopCluster(home, *force)
	case "migrate":
		db, err := a.openDatabase(ctx, *dsn)
		if err != nil {
			return err
		}
		return db.Close()
	case "backup", "restore":
		if file == "" {
			return &usageError{text: a.text("cmd.db.file", what)}
		}
		return a.dbFile(ctx, *dsn, what, file)
	}
	return &usageError{text: a.text("cmd.db.what")}
}

// dbStatus prints where the data is and who uses it.
func (a *App) dbStatus(ctx context.Context, dsn, home string) error {
	if dsn = a.dsn(dsn); dsn != "" {
		store, err := postgis.Open(ctx, dsn)
		if err != nil {
			return err
		}
		fmt.Fprintln(a.Stdout, a.text("say.db.named"))
		return store.Close()
	}
	state, err := postgis.ClusterStatus(home)
	if err != nil {
		return err
	}
	if !state.Exists {
		fmt.Fprintln(a.Stdout, a.text("say.db.none", state.Home))
		return nil
	}
	if state.Running {
		fmt.Fprintln(a.Stdout, a.text("say.db.running", state.Major, state.DataDir, state.PID, state.Socket, fmt.Sprint(state.Holders)))
		return nil
	}
	fmt.Fprintln(a.Stdout, a.text("say.db.stopped", state.Major, state.DataDir))
	return nil
}

// dbFile writes a backup, or restores one into an empty database.
func (a *App) dbFile(ctx context.Context, dsn, what, file string) error {
	db, err := a.openDatabase(ctx, dsn)
	if err != nil {
		return err
	}
	if what == "backup" {
		err = db.Backup(ctx, file)
	} else {
		err = db.Restore(ctx, file)
	}
	return errors.Join(err, db.Close())
}
