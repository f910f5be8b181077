package server_test

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"github.com/muscope/muscope/server/web"
)

// browserPaths are where Debian and others keep Chromium.
var browserPaths = []string{"chromium", "chromium-browser", "google-chrome"}

// TestBrowser opens the page in Chromium as an inspector would: see
// web/browser/workbench.mjs. Screenshots are left in web/test-results.
func TestBrowser(t *testing.T) {
	browser := findBrowser()
	driver := filepath.Join("web", "node_modules", "playwright-core")
	if _, err := os.Stat(driver); err != nil || browser == "" || !web.Built() {
		if os.Getenv("CI") == "true" {
			t.Fatalf("no browser test: chromium %q, playwright-core %v, page built %t; run make web", browser, err, web.Built())
		}
		t.Skip("needs Chromium, npm ci and npm run build in server/web; make test does all three")
	}
	address := newDistrict(t).serve(t)
	results, err := filepath.Abs(filepath.Join("web", "test-results"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(results, 0o755); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "node", filepath.Join("browser", "workbench.mjs"))
	cmd.Dir = "web"
	cmd.Env = append(os.Environ(), "ADDRESS="+address, "BROWSER="+browser, "RESULTS="+results)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	t.Logf("%s", out)
}

// TestPageBuilt says whether the page's files fit together: what index.html
// names is embedded.
func TestPageBuilt(t *testing.T) {
	if !web.Built() {
		t.Skip("the page isn't built; make web builds it")
	}
	address := newServer(t, broken{})
	page := get(t, address, "/").Body.String()
	for _, name := range assetsOf(page) {
		if w := get(t, address, "/assets/"+name); w.Code != 200 || w.Body.Len() == 0 {
			t.Errorf("%s: %d", name, w.Code)
		}
	}
	var config struct {
		PageBuilt bool `json:"page_built"`
	}
	if err := json.Unmarshal(get(t, address, "/api/config").Body.Bytes(), &config); err != nil || !config.PageBuilt {
		t.Errorf("config: %v %v", config, err)
	}
}

func findBrowser() string {
	for _, name := range browserPaths {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

var assetName = regexp.MustCompile(`assets/([A-Za-z0-9._-]+)`)

// assetsOf are the files that a page names.
func assetsOf(page string) []string {
	var names []string
	for _, m := range assetName.FindAllStringSubmatch(page, -1) {
		names = append(names, m[1])
	}
	return names
}
