package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/muscope/muscope/analysis/land"
)

// TestOwnClasses: MUSCOPE_CLASSES changes what a code is taken for, and with it
// the identity of an analysis; a table that isn't there is refused.
func TestOwnClasses(t *testing.T) {
	own := filepath.Join(t.TempDir(), "own.csv")
	if err := os.WriteFile(own, []byte("scheme,code,class,unbuildable,new_industry,name_zh,source\nguide-2023,1101,production_service,,,物流,本市口径\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	with := func(value string) *App {
		return &App{Getenv: func(name string) string {
			if name == classesVariable {
				return value
			}
			return ""
		}}
	}
	plain, err := with("").loadLaw(nil)
	if err != nil {
		t.Fatal(err)
	}
	changed, err := with(own).loadLaw(nil)
	if err != nil {
		t.Fatal(err)
	}
	before, _ := plain.classes.Lookup(land.Guide2023, "1101")
	after, _ := changed.classes.Lookup(land.Guide2023, "1101")
	if before.Class != land.ClassStorage || after.Class != land.ClassProductionService {
		t.Errorf("%v, %v", before, after)
	}
	if a, b := settings(nil, plain), settings(nil, changed); a["classes"] != "" || len(b["classes"]) != 64 {
		t.Errorf("%v, %v", a, b)
	}
	if _, err := with("/nowhere.csv").loadLaw(nil); err == nil {
		t.Error("a table that isn't there")
	}
}
