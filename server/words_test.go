package server_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/muscope/muscope/data"
)

// madeKeys are the keys that the page puts together from words of the API,
// which the tests of the API hold against their lists.
var madeKeys = regexp.MustCompile(`^page\.(colour|facts|explain.sign|expand.(outcome|kind|method|part|group)|parcel$|zone$|layer)`)

// TestPageTexts holds the page's words against its source: none is missing,
// none is left over.
func TestPageTexts(t *testing.T) {
	texts, err := data.LoadTexts()
	if err != nil {
		t.Fatal(err)
	}
	sources, err := filepath.Glob("web/src/*.ts")
	if err != nil || len(sources) < 10 {
		t.Fatalf("%d sources, %v", len(sources), err)
	}
	var all strings.Builder
	for _, name := range sources {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(b)
	}
	used := map[string]bool{}
	for _, m := range regexp.MustCompile(`'((?:page|value|outcome|layer|boundary_scope|reading)\.[a-z0-9_.-]+)'`).FindAllStringSubmatch(all.String(), -1) {
		used[m[1]] = true
		if _, ok := texts[m[1]]; !ok {
			t.Errorf("the page says %s, which has no text", m[1])
		}
	}
	for key := range texts {
		if strings.HasPrefix(key, "page.") && !used[key] && !madeKeys.MatchString(key) {
			t.Errorf("nothing says %s", key)
		}
	}
}

// TestScript runs the page's arithmetic outside a browser: see
// web/browser/units.mjs.
func TestScript(t *testing.T) {
	if _, err := os.Stat(filepath.Join("web", "node_modules", "esbuild")); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("%v; run make web", err)
		}
		t.Skip("needs npm ci in server/web; make test does it")
	}
	cmd := exec.CommandContext(t.Context(), "node", filepath.Join("browser", "units.mjs"))
	cmd.Dir = "web"
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}
