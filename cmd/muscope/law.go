package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/muscope/muscope/analysis/report"
	"github.com/muscope/muscope/analysis/rule"
	"github.com/muscope/muscope/analysis/supply"
	"github.com/muscope/muscope/data"
)

// law is what judges: rule packs and the classes of use codes.
type law struct {
	packs   []*rule.Pack
	classes *supply.Classes
}

// loadLaw reads the packs named: ids of built-in packs, or pack files; none
// means all built-in ones.
func (a *App) loadLaw(names []string) (law, error) {
	var l law
	tree, err := data.Rules()
	if err != nil {
		return l, fmt.Errorf("built-in rule packs: %w", err)
	}
	var ids []string
	for _, name := range names {
		blob, err := os.ReadFile(name)
		if errors.Is(err, fs.ErrNotExist) {
			ids = append(ids, name)
			continue
		}
		if err != nil {
			return l, fmt.Errorf("read the rule pack: %w", err)
		}
		pack, err := rule.Read(name, blob)
		if err != nil {
			return l, &usageError{text: err.Error()}
		}
		l.packs = append(l.packs, pack)
	}
	if len(ids) > 0 || len(names) == 0 {
		built, err := rule.LoadFS(tree, ids...)
		if err != nil {
			return l, &usageError{text: err.Error()}
		}
		l.packs = append(built, l.packs...)
	}
	tables, err := data.Classes()
	if err != nil {
		return l, fmt.Errorf("land-use classes: %w", err)
	}
	l.classes, err = supply.LoadClasses(tables)
	return l, err
}

// bases is what reports quote of the rules.
func (l law) bases() []report.Basis {
	var bases []report.Basis
	for _, p := range l.packs {
		for _, r := range p.Rules {
			bases = append(bases, report.Basis{Rule: r.Key(), Title: map[string]string{"zh": r.Title.ZH, "en": r.Title.EN},
				Document: p.Document.Title.ZH + " " + p.Document.Number, Quote: r.Quote})
		}
	}
	return bases
}
