// Package web owns the pages: what Vite makes of src (npm run build, or make
// web) is embedded and handed out as bytes. In the browser the page works over
// the public API alone. It knows neither SQL nor land rules.
package web

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
)

//go:embed all:dist
var dist embed.FS

//go:embed missing.html
var missing []byte

// Built reports whether the page was built into the program. A clean clone
// compiles without it.
func Built() bool {
	_, err := fs.Stat(dist, "dist/index.html")
	return err == nil
}

// Page is the map page in lang with a tag that names its content; where it
// isn't built, a page that says what to do.
func Page(lang string) (html []byte, tag string, err error) {
	html, err = dist.ReadFile("dist/index.html")
	if errors.Is(err, fs.ErrNotExist) {
		html, err = missing, nil
	}
	if err != nil {
		return nil, "", fmt.Errorf("read the page: %w", err)
	}
	if lang == "en" {
		html = []byte(strings.Replace(string(html), `<html lang="zh-CN"`, `<html lang="en"`, 1))
	}
	sum := sha256.Sum256(html)
	return html, hex.EncodeToString(sum[:12]), nil
}

// Asset is a file that the page asks for; fs.ErrNotExist where there is none.
func Asset(name string) ([]byte, error) {
	if path.Base(name) != name || name == ".." {
		return nil, fmt.Errorf("%q: %w", name, fs.ErrInvalid)
	}
	return dist.ReadFile("dist/assets/" + name)
}
