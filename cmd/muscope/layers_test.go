package main

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const modulePath = "github.com/muscope/muscope"

// layers is the architecture: a package imports only packages of lower layers.
// A package that is missing here fails the test, so that the table is whole.
var layers = [][]string{
	{"geo/internal/jts"},
	{"geo", "geo/raw", "data"},
	{"analysis/land", "analysis/filter", "geo/geojson", "geo/shapefile", "geo/boundarytext", "geo/geopackage", "geo/overlay", "geo/tile"},
	{"analysis/supply", "analysis/indicator", "analysis/score", "geo/topology"},
	{"analysis/rule", "analysis/piece"},
	{"analysis", "data/ingest"},
	{"analysis/expansion", "analysis/explain", "analysis/rule/ruletest"},
	{"server/problem", "server/tilecache", "analysis/report"},
	{"data/postgis", "data/spool"},
	{"data/postgis/postgistest"},
	{"server/ogcapi", "server/web"},
	{"server"},
	{"server/stored"},
	{"cmd/muscope"},
}

// thirdParty says which packages alone may import a library: a library has one
// place, so that it can be changed there. orb, the geometry type, may go
// anywhere.
var thirdParty = map[string][]string{
	"github.com/peterstace/simplefeatures": {"geo", "geo/overlay", "geo/internal/jts"},
	"github.com/lib/pq":                    {"data/postgis", "data/postgis/postgistest"},
	"github.com/pressly/goose":             {"data/postgis", "data/postgis/postgistest"},
	"github.com/gin-gonic/gin":             {"server", "server/ogcapi", "server/problem"},
	"github.com/twpayne/go-geom":           {"geo", "geo/overlay", "geo/internal/jts", "data/postgis"},
	"github.com/xuri/excelize":             {"data/ingest", "analysis/report"},
	"github.com/andybalholm/brotli":        {"server/tilecache"},
	"modernc.org/sqlite":                   {"geo/geopackage"},
	"database/sql":                         {"geo/geopackage", "data/postgis", "data/postgis/postgistest"},
	"net/http":                             {"server", "server/ogcapi", "server/problem", "server/web", "cmd/muscope"},
	"html/template":                        {"analysis/report", "server", "server/ogcapi", "server/web"},
}

func layerOf(pkg string) int {
	return slices.IndexFunc(layers, func(l []string) bool { return slices.Contains(l, pkg) })
}

// imports reads the imports of every package of the module, tests left out:
// a test may use whatever proves the package.
func imports(t *testing.T) map[string][]string {
	t.Helper()
	root := filepath.Join("..", "..")
	found := map[string][]string{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "node_modules" || d.Name() == "testdata" || strings.HasPrefix(d.Name(), ".") && path != root && d.Name() != "..") {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		src, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, src, parser.ImportsOnly)
		if err != nil {
			return err
		}
		pkg, err := filepath.Rel(root, filepath.Dir(path))
		if err != nil {
			return err
		}
		pkg = filepath.ToSlash(pkg)
		for _, spec := range file.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			if !slices.Contains(found[pkg], imported) {
				found[pkg] = append(found[pkg], imported)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestLayers(t *testing.T) {
	all := imports(t)
	if len(all) < 10 {
		t.Fatalf("only %d packages found: the test looks in the wrong place", len(all))
	}
	for pkg, imported := range all {
		layer := layerOf(pkg)
		if layer < 0 {
			t.Errorf("package %s stands in no layer; add it to the table here and in ARCHITECTURE.md", pkg)
			continue
		}
		for _, path := range imported {
			if in, ok := strings.CutPrefix(path, modulePath+"/"); ok && layerOf(in) >= layer {
				t.Errorf("%s (layer %d) imports %s (layer %d): a package imports only lower layers", pkg, layer, in, layerOf(in))
			}
			for lib, where := range thirdParty {
				if (path == lib || strings.HasPrefix(path, lib+"/")) && !slices.Contains(where, pkg) {
					t.Errorf("%s imports %s, which only %s may", pkg, path, strings.Join(where, ", "))
				}
			}
		}
	}
}
