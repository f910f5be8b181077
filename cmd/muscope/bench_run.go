package main

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/muscope/muscope/data/postgis"
)

// benchPlainSQL is what an analyst would write by hand to answer the same
// question: join parcels and zones, intersect, sum by zone, class and status.
//
//go:embed bench_plain.sql
var benchPlainSQL string

// benchRun measures muscope against its peers on generated data, each figure a
// ratio within one run: ogr2ogr for loading, COPY of the same rows, plain SQL
// for the analysis, and itself on a tenth of the data.
type benchRun struct {
	app    *App
	self   string
	dir    string
	runs   int
	dsn    string // of muscope's database
	peer   string // of the peers' database, in the same cluster
	report io.Writer
}

// measured is one finished process.
type measured struct {
	wall time.Duration
	rss  int64 // bytes, of the largest process
}

func (a *App) benchRun(ctx context.Context, dir string, parcels, zones, runs int) error {
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find this program: %w", err)
	}
	work, err := os.MkdirTemp(dir, "muscope-bench-*")
	if err != nil {
		return fmt.Errorf("make a folder for the benchmark: %w", err)
	}
	defer os.RemoveAll(work)
	if err := os.Chmod(work, 0o755); err != nil { // the database's user goes through it
		return err
	}
	cluster, err := postgis.OpenCluster(ctx, filepath.Join(work, "home"), func(string) {})
	if err != nil {
		return err
	}
	b := &benchRun{app: a, self: self, dir: work, runs: runs, report: a.Stdout,
		dsn: cluster.DSN(), peer: cluster.DatabaseDSN("peer")}
	return errors.Join(b.all(ctx, parcels, zones), cluster.Release())
}

func (b *benchRun) all(ctx context.Context, parcels, zones int) error {
	for _, part := range []struct {
		name          string
		parcels, zone int
	}{{"small", parcels / 10, max(1, zones/10)}, {"large", parcels, zones}} {
		f, err := newFabric(part.parcels, part.zone, 1)
		if err != nil {
			return err
		}
		dir := filepath.Join(b.dir, part.name)
		if err := errors.Join(os.MkdirAll(dir, 0o755), f.write(dir)); err != nil {
			return err
		}
	}
	if err := b.psql(ctx, b.dsn, "create database peer"); err != nil {
		return err
	}
	if err := b.psql(ctx, b.peer, "create extension postgis"); err != nil {
		return err
	}
	size, err := os.Stat(filepath.Join(b.dir, "large", "parcels.geojson"))
	if err != nil {
		return err
	}
	fmt.Fprintf(b.report, "%d parcels in %d zones, %.0f MB of GeoJSON; medians of %d runs, alternating\n", parcels, zones, float64(size.Size())/1e6, b.runs)
	for _, step := range []func(context.Context) error{b.loading, b.analyzing, b.checking} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// loading measures muscope load against ogr2ogr, COPY and a tenth of the data.
func (b *benchRun) loading(ctx context.Context) error {
	for _, size := range []string{"small", "large"} {
		for _, layer := range []string{"zones.geojson", "stats.csv"} {
			name, _, _ := strings.Cut(layer, ".")
			if _, err := b.muscope(ctx, "load", name, filepath.Join(b.dir, size, layer), "--snapshot", size, "--quiet"); err != nil {
				return err
			}
		}
	}
	var load, small, ogr, bare []measured
	for range b.runs {
		if err := errors.Join(
			b.add(&load, func() (measured, error) { return b.loadParcels(ctx, "large") }),
			b.add(&ogr, func() (measured, error) { return b.ogr(ctx) }),
			b.add(&small, func() (measured, error) { return b.loadParcels(ctx, "small") }),
			b.add(&bare, func() (measured, error) { return b.bareCopy(ctx) }),
		); err != nil {
			return err
		}
	}
	b.row("load parcels", load, "")
	b.ratio("  against ogr2ogr with PG_USE_COPY", load, ogr, "≤ 0.35")
	b.ratio("  against a bare COPY of the same rows", load, bare, "≤ 3")
	b.ratio("  against a tenth of the data", load, small, "≤ 11.5")
	return nil
}

func (b *benchRun) loadParcels(ctx context.Context, size string) (measured, error) {
	return b.muscope(ctx, "load", "parcels", filepath.Join(b.dir, size, "parcels.geojson"), "--snapshot", size, "--quiet")
}

// ogr loads the same file as ogr2ogr does it fastest. The tables stay for the
// plain SQL.
func (b *benchRun) ogr(ctx context.Context) (measured, error) {
	if err := b.psql(ctx, b.peer, "drop table if exists parcels, zones"); err != nil {
		return measured{}, err
	}
	args := func(layer string) []string {
		return []string{"-f", "PostgreSQL", "PG:" + b.peer, filepath.Join(b.dir, "large", layer+".geojson"), "-nln", layer,
			"--config", "PG_USE_COPY", "YES", "-lco", "SPATIAL_INDEX=NONE", "-lco", "GEOMETRY_NAME=geom"}
	}
	if _, err := b.run(ctx, "ogr2ogr", args("zones")...); err != nil {
		return measured{}, err
	}
	return b.run(ctx, "ogr2ogr", args("parcels")...)
}

// bareCopy copies the rows that muscope stored, and nothing else, into a table
// without an index.
func (b *benchRun) bareCopy(ctx context.Context) (measured, error) {
	rows := filepath.Join(b.dir, "rows.copy")
	if _, err := os.Stat(rows); err != nil {
		if err := b.psql(ctx, b.dsn, `\copy (select p.* from muscope.parcel p join muscope.snapshot_layer s on p.load_id = any(s.load_ids) where s.snapshot = 'large' and s.layer = 'parcels') to '`+rows+`'`); err != nil {
			return measured{}, err
		}
	}
	if err := b.psql(ctx, b.dsn, "drop table if exists bare; create table bare as select * from muscope.parcel limit 0"); err != nil {
		return measured{}, err
	}
	m, err := b.run(ctx, "psql", "-XqAt", "-v", "ON_ERROR_STOP=1", b.dsn, "-c", `\copy bare from '`+rows+`'`)
	return m, errors.Join(err, b.psql(ctx, b.dsn, "drop table bare"))
}

// analyzing measures muscope analyze against plain SQL on indexed tables.
func (b *benchRun) analyzing(ctx context.Context) error {
	if err := b.psql(ctx, b.peer, "create index on parcels using gist (geom); create index on zones using gist (geom); analyze parcels; analyze zones"); err != nil {
		return err
	}
	var analyze, small, plain []measured
	for range b.runs {
		if err := errors.Join(
			b.add(&analyze, func() (measured, error) { return b.muscope(ctx, "analyze", "--snapshot", "large", "--quiet") }),
			b.add(&plain, func() (measured, error) {
				return b.run(ctx, "psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-o", os.DevNull, b.peer, "-c", benchPlainSQL)
			}),
			b.add(&small, func() (measured, error) { return b.muscope(ctx, "analyze", "--snapshot", "small", "--quiet") }),
		); err != nil {
			return err
		}
	}
	b.row("analyze", analyze, "")
	b.ratio("  against plain SQL", analyze, plain, "≤ 0.2")
	b.ratio("  against a tenth of the data", analyze, small, "≤ 11.5")
	return nil
}

// checking measures muscope check against muscope load of the same file.
func (b *benchRun) checking(ctx context.Context) error {
	var check, small, load []measured
	for range b.runs {
		if err := errors.Join(
			b.add(&check, func() (measured, error) { return b.check(ctx, "large") }),
			b.add(&load, func() (measured, error) { return b.loadParcels(ctx, "large") }),
			b.add(&small, func() (measured, error) { return b.check(ctx, "small") }),
		); err != nil {
			return err
		}
	}
	b.row("check", check, "")
	b.ratio("  against load", check, load, "≤ 1")
	b.ratio("  against a tenth of the data", check, small, "≤ 11.5")
	return nil
}

func (b *benchRun) check(ctx context.Context, size string) (measured, error) {
	dir := filepath.Join(b.dir, size)
	return b.muscope(ctx, "check", "--zones", filepath.Join(dir, "zones.geojson"), "--parcels", filepath.Join(dir, "parcels.geojson"),
		"--stats", filepath.Join(dir, "stats.csv"), "--format", "ndjson", "-o", filepath.Join(b.dir, "out.ndjson"), "--quiet")
}

func (b *benchRun) add(to *[]measured, run func() (measured, error)) error {
	m, err := run()
	*to = append(*to, m)
	return err
}

func (b *benchRun) muscope(ctx context.Context, args ...string) (measured, error) {
	return b.run(ctx, b.self, args...)
}

func (b *benchRun) psql(ctx context.Context, dsn, statement string) error {
	_, err := b.run(ctx, "psql", "-XqAt", "-v", "ON_ERROR_STOP=1", dsn, "-c", statement)
	return err
}

// run runs a process to its end, with the benchmark's database as muscope's.
func (b *benchRun) run(ctx context.Context, name string, args ...string) (measured, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = append(os.Environ(), "MUSCOPE_DATABASE_URL="+b.dsn)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	begun := time.Now()
	if err := cmd.Run(); err != nil {
		return measured{}, fmt.Errorf("%s %s: %w: %s", filepath.Base(name), strings.Join(args, " "), err, stderr.String())
	}
	m := measured{wall: time.Since(begun)}
	if usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		m.rss = usage.Maxrss << 10
	}
	return m, nil
}

func median(runs []measured) measured {
	byWall := slices.SortedFunc(slices.Values(runs), func(a, b measured) int { return int(a.wall - b.wall) })
	m := byWall[len(byWall)/2]
	for _, r := range runs {
		m.rss = max(m.rss, r.rss)
	}
	return m
}

func (b *benchRun) row(name string, runs []measured, want string) {
	m := median(runs)
	fmt.Fprintf(b.report, "%-44s %9.2f s  %6.0f MB resident  %s\n", name, m.wall.Seconds(), float64(m.rss)/1e6, want)
}

func (b *benchRun) ratio(name string, runs, peer []measured, want string) {
	m, p := median(runs), median(peer)
	fmt.Fprintf(b.report, "%-44s %9s    %6.2f s  want %s\n", name, strconv.FormatFloat(m.wall.Seconds()/p.wall.Seconds(), 'f', 3, 64), p.wall.Seconds(), want)
}
