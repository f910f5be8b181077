// Package data holds what muscope knows as data and embeds in its binary: rule
// packs, land-use classes, field maps, the sample district and the texts that
// people read. It knows neither land law nor databases; the folders below it
// that hold code (ingest, spool, postgis) are packages of their own.
package data

import (
	"embed"
	"io/fs"
)

//go:embed all:rules all:classes all:maps all:samples i18n
var files embed.FS

// Rules is the tree of rule packs: <authority>/<pack>/pack.yaml.
func Rules() (fs.FS, error) { return fs.Sub(files, "rules") }

// Classes holds the tables that map land-use codes to classes.
func Classes() (fs.FS, error) { return fs.Sub(files, "classes") }

// Maps holds the built-in field maps, <name>.yaml.
func Maps() (fs.FS, error) { return fs.Sub(files, "maps") }

// Samples is the sample district.
func Samples() (fs.FS, error) { return fs.Sub(files, "samples") }
