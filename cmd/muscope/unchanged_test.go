package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/muscope/muscope/data/postgis/postgistest"
)

// The same file twice is one load; other bytes, other settings or --force are
// another.
func TestLoadTwice(t *testing.T) {
	dir := writeFiles(t, map[string]string{"z.geojson": topologyZone, "p.geojson": topologyParcels,
		"fix.csv": "layer,id,field,old,new\nparcels,a,name,,甲\n"})
	in := func(name string) string { return filepath.Join(dir, name) }
	d := databaseApp{t, postgistest.DSN(t)}
	batches := func() (n int) {
		t.Helper()
		if err := d.open().QueryRow("select count(*) from muscope.batch where layer = 'parcels'").Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	load := func(want int, more ...string) {
		t.Helper()
		d.run(append([]string{"load", "parcels", in("p.geojson"), "--snapshot", "s"}, more...)...)
		if got := batches(); got != want {
			t.Errorf("%v: %d loads, want %d", more, got, want)
		}
	}
	d.run("load", "zones", in("z.geojson"), "--snapshot", "s")
	load(1)
	load(1)
	load(2, "--force")
	load(3, "--corrections", in("fix.csv"))
	load(3, "--corrections", in("fix.csv"))
	load(4, "--repair")
	load(4, "--repair")
	var name string
	if err := d.open().QueryRow("select coalesce(min(name), '') from muscope.parcel where id = 'a'").Scan(&name); err != nil || name != "" {
		t.Errorf("%v: without the corrections a is %q", err, name)
	}
	text, err := os.ReadFile(in("p.geojson"))
	if err == nil {
		err = os.WriteFile(in("p.geojson"), []byte(strings.Replace(string(text), `"id":"c"`, `"id":"d"`, 1)), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	load(5, "--repair")
}
