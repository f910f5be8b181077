package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/muscope/muscope/analysis/report"
	"github.com/muscope/muscope/analysis/rule"
	"github.com/muscope/muscope/analysis/supply"
	"github.com/muscope/muscope/data"
)

// packsVariable names packs of the user, files or folders, that are law beside
// the built-in ones wherever no --pack is given.
const packsVariable = "MUSCOPE_PACKS"

// law is what judges: rule packs and the classes of use codes.
type law struct {
	packs   []*rule.Pack
	classes *supply.Classes
	// classesDigest is of the user's own tables of classes, "" without any.
	classesDigest string
}

// loadLaw reads the packs named: ids of built-in packs, or files and folders of
// the user's own; none means all built-in ones and those of MUSCOPE_PACKS. A
// pack of the user stands in place of the built-in one of the same id; a pack
// that is overridden comes along with the one that overrides it.
func (a *App) loadLaw(names []string) (law, error) {
	var l law
	tree, err := data.Rules()
	if err != nil {
		return l, fmt.Errorf("built-in rule packs: %w", err)
	}
	c := &lawCollector{tree: tree}
	if err := c.collect(names, filepath.SplitList(a.Getenv(packsVariable))); err != nil {
		return l, err
	}
	if l.packs, err = rule.Resolve(c.packs); err != nil {
		return l, &usageError{text: err.Error()}
	}
	tables, err := data.Classes()
	if err != nil {
		return l, fmt.Errorf("land-use classes: %w", err)
	}
	if l.classes, err = supply.LoadClasses(tables); err != nil {
		return l, err
	}
	return l, a.ownClasses(&l)
}

// classesVariable names tables of land-use classes of the user, whose rows
// stand in place of the built-in ones.
const classesVariable = "MUSCOPE_CLASSES"

// ownClasses reads them; their digest is part of the analysis' identity.
func (a *App) ownClasses(l *law) error {
	sum := sha256.New()
	for _, name := range filepath.SplitList(a.Getenv(classesVariable)) {
		if name == "" {
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return &usageError{text: fmt.Sprintf("%s: %v", classesVariable, err)}
		}
		sum.Write(text)
		if err := l.classes.Override(os.DirFS(filepath.Dir(name)), filepath.Base(name)); err != nil {
			return &usageError{text: fmt.Sprintf("%s: %v", classesVariable, err)}
		}
		l.classesDigest = hex.EncodeToString(sum.Sum(nil))
	}
	return nil
}

// lawCollector gathers packs.
type lawCollector struct {
	tree  fs.FS
	packs []*rule.Pack
}

func (c *lawCollector) collect(names, beside []string) error {
	var own []*rule.Pack
	for _, name := range beside {
		if name == "" {
			continue
		}
		packs, err := readPacks(name)
		if errors.Is(err, fs.ErrNotExist) {
			return &usageError{text: fmt.Sprintf("%s: %v", packsVariable, err)}
		}
		if err != nil {
			return err
		}
		own = append(own, packs...)
	}
	ids, err := c.named(names, own)
	if err != nil {
		return err
	}
	if len(names) == 0 {
		if ids, err = rule.IDs(c.tree); err != nil {
			return err
		}
		c.packs = append(c.packs, own...)
	}
	if err := c.builtIn(ids); err != nil {
		return err
	}
	return c.overridden()
}

// named reads the packs named by path, and gives the names that are ids.
func (c *lawCollector) named(names []string, own []*rule.Pack) (ids []string, err error) {
	for _, name := range names {
		packs, err := readPacks(name)
		switch i := slices.IndexFunc(own, func(p *rule.Pack) bool { return p.ID == name }); {
		case errors.Is(err, fs.ErrNotExist) && i >= 0:
			c.packs = append(c.packs, own[i])
		case errors.Is(err, fs.ErrNotExist):
			ids = append(ids, name)
		case err != nil:
			return nil, err
		default:
			c.packs = append(c.packs, packs...)
		}
	}
	return ids, nil
}

// builtIn puts built-in packs before those of the user, but for those that the
// user has an edition of.
func (c *lawCollector) builtIn(ids []string) error {
	ids = slices.DeleteFunc(ids, c.has)
	if len(ids) == 0 {
		return nil
	}
	built, err := rule.LoadFS(c.tree, ids...)
	if err != nil {
		return &usageError{text: err.Error()}
	}
	c.packs = append(built, c.packs...)
	return nil
}

func (c *lawCollector) has(id string) bool {
	return slices.ContainsFunc(c.packs, func(p *rule.Pack) bool { return p.ID == id })
}

// overridden brings in built-in packs that a pack overrides and nobody named.
func (c *lawCollector) overridden() error {
	known, err := rule.IDs(c.tree)
	if err != nil {
		return err
	}
	var ids []string
	for _, p := range c.packs {
		for _, id := range p.Overridden() {
			if slices.Contains(known, id) && !c.has(id) && !slices.Contains(ids, id) {
				ids = append(ids, id)
			}
		}
	}
	return c.builtIn(ids)
}

// readPacks reads a pack file, or every pack.yaml of a folder.
func readPacks(name string) ([]*rule.Pack, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, fmt.Errorf("read the rule pack: %w", err)
	}
	files := []string{name}
	if info.IsDir() {
		all, err := ruleFiles([]string{name})
		if err != nil {
			return nil, err
		}
		files = slices.DeleteFunc(all, func(f string) bool { return filepath.Base(f) != packFile })
		if len(files) == 0 {
			return nil, &usageError{text: fmt.Sprintf("%s holds no %s", name, packFile)}
		}
	}
	var packs []*rule.Pack
	for _, file := range files {
		blob, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("read the rule pack: %w", err)
		}
		pack, err := rule.Read(file, blob)
		if err != nil {
			return nil, &usageError{text: err.Error()}
		}
		packs = append(packs, pack)
	}
	return packs, nil
}

// bases is what reports quote of the rules.
func (l law) bases() []report.Basis {
	var bases []report.Basis
	for _, p := range l.packs {
		for _, r := range p.All() {
			bases = append(bases, report.Basis{Rule: r.Key(), Title: map[string]string{"zh": r.Title.ZH, "en": r.Title.EN},
				Document: p.Document.Title.ZH + " " + p.Document.Number, Quote: r.Quote})
		}
	}
	return bases
}
