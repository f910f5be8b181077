package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/muscope/muscope/data/postgis"
)

// database is an open store and, where it is muscope's own, the lease of the
// cluster it lives in.
type database struct {
	*postgis.Store
	cluster *postgis.Cluster
}

// openDatabase opens the database named by --database or
// MUSCOPE_DATABASE_URL, else the private one, and brings its schema up to date.
func (a *App) openDatabase(ctx context.Context, dsn string) (*database, error) {
	db := &database{}
	if dsn = a.dsn(dsn); dsn == "" {
		cluster, err := a.openCluster(ctx)
		if err != nil {
			return nil, err
		}
		db.cluster, dsn = cluster, cluster.DSN()
	}
	var err error
	if db.Store, err = postgis.OpenMigrated(ctx, dsn); err != nil {
		return nil, errors.Join(err, db.release())
	}
	return db, nil
}

func (a *App) dsn(flag string) string {
	if flag != "" {
		return flag
	}
	return a.Getenv("MUSCOPE_DATABASE_URL")
}

func (a *App) openCluster(ctx context.Context) (*postgis.Cluster, error) {
	return postgis.OpenClusterWith(ctx, postgis.ClusterOptions{Home: a.Getenv("MUSCOPE_HOME"), Lang: a.lang,
		Log: func(line string) {
			if !a.quiet {
				fmt.Fprintln(a.Stderr, line)
			}
		}})
}

// Close closes the store and gives the lease back; the last muscope out stops
// the private cluster.
func (db *database) Close() error { return errors.Join(db.Store.Close(), db.release()) }

func (db *database) release() error {
	if db.cluster == nil {
		return nil
	}
	return db.cluster.Release()
}
