package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"github.com/muscope/muscope/analysis/indicator"
	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/analysis/rule"
	"github.com/muscope/muscope/analysis/rule/ruletest"
	"github.com/muscope/muscope/data"
	"github.com/muscope/muscope/data/ingest"
)

// The names under which a pack and its cases stand in a folder.
const (
	packFile  = "pack.yaml"
	casesFile = "cases.yaml"
)

// refusedError is input that is refused: exit code 2, without the hint at
// help.
type refusedError struct{ text string }

func (e refusedError) Error() string { return e.text }
func (e refusedError) Unwrap() error { return ingest.ErrRefused }

// errFailed is failed tests; what failed has been printed.
type errFailed struct{ text string }

func (e errFailed) Error() string { return e.text }

// rulesLint checks pack and case files, and shows all faults of all of them.
func (a *App) rulesLint(args []string) error {
	f := a.flags("rules")
	if err := f.parse(args, 1<<10); err != nil {
		return err
	}
	if len(f.args) == 0 {
		return &usageError{text: a.text("rules.lint.none")}
	}
	files, err := ruleFiles(f.args)
	if err != nil {
		return err
	}
	total := 0
	for _, file := range files {
		faults, err := lint(file)
		if err != nil {
			return err
		}
		for _, fault := range faults {
			fmt.Fprintln(a.Stdout, fault)
		}
		total += len(faults)
	}
	if total > 0 {
		return refusedError{a.text("rules.lint.faults", total, len(files))}
	}
	a.say("rules.lint.clean", len(files))
	return nil
}

// ruleFiles is the files named, and the packs and cases in folders named.
func ruleFiles(names []string) (files []string, err error) {
	for _, name := range names {
		info, err := os.Stat(name)
		if err != nil {
			return nil, fmt.Errorf("read the rule pack: %w", err)
		}
		if !info.IsDir() {
			files = append(files, name)
			continue
		}
		err = filepath.WalkDir(name, func(path string, d fs.DirEntry, err error) error {
			if err == nil && (d.Name() == packFile || d.Name() == casesFile) {
				files = append(files, path)
			}
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("look for rule packs: %w", err)
		}
	}
	return files, nil
}

// lint is all faults of one file.
func lint(file string) (rule.Faults, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read the rule pack: %w", err)
	}
	d, body, err := rule.Parse(file, b)
	if err != nil { // no YAML
		return asFaults(err)
	}
	if isCases(body) {
		_, err := ruletest.Read(file, b)
		return asFaults(err)
	}
	_, err = rule.Read(file, b)
	faults, err := asFaults(err)
	if err != nil {
		return nil, err
	}
	lintIndicators(d, body)
	more, err := asFaults(d.Err())
	return append(faults, more...), err
}

func asFaults(err error) (rule.Faults, error) {
	var faults rule.Faults
	if errors.As(err, &faults) {
		return faults, nil
	}
	return nil, err
}

// memberOf is the value of a key of a mapping; nil where there is none.
func memberOf(n ast.Node, key string) ast.Node {
	var pairs []*ast.MappingValueNode
	switch n := n.(type) {
	case *ast.MappingNode:
		pairs = n.Values
	case *ast.MappingValueNode:
		pairs = []*ast.MappingValueNode{n}
	}
	for _, v := range pairs {
		if v.Key.GetToken().Value == key {
			return v.Value
		}
	}
	return nil
}

func isCases(body ast.Node) bool { return memberOf(body, "cases") != nil }

// lintIndicators notes what package rule cannot know: indicators that nobody
// computes, in another unit, or of another level.
func lintIndicators(d *rule.Doc, body ast.Node) {
	list, ok := memberOf(body, "rules").(*ast.SequenceNode)
	if !ok {
		return
	}
	known := map[string]indicator.Definition{}
	for _, def := range indicator.Definitions() {
		known[def.ID] = def
	}
	for _, r := range list.Values {
		for _, key := range []string{"indicator", "against"} {
			if n := memberOf(r, key); n != nil {
				lintIndicator(d, r, n, known)
			}
		}
	}
}

// lintIndicator notes what is wrong with one indicator that a rule names.
func lintIndicator(d *rule.Doc, r, n ast.Node, known map[string]indicator.Definition) {
	of, mean := indicator.IsMean(n.GetToken().Value)
	def, ok := known[of]
	if !ok || mean && def.Project {
		d.Fault(n, "no indicator %q is computed; the nearest are %s", n.GetToken().Value, strings.Join(nearest(n.GetToken().Value, known), ", "))
		return
	}
	if u := memberOf(r, "unit"); u != nil && u.GetToken().Value != string(def.Unit) {
		d.Fault(u, "the unit of %s is %q", def.ID, def.Unit)
	}
	if l := memberOf(r, "level"); mean && l != nil && l.GetToken().Value != string(land.LevelZoneSet) {
		d.Fault(l, "%s is a mean over zones, of level zone_set", n.GetToken().Value)
	} else if l != nil && def.Project != (l.GetToken().Value == string(land.LevelProject)) {
		d.Fault(l, "%s is of level %s", def.ID, levelsOf(def))
	}
}

func levelsOf(d indicator.Definition) string {
	if d.Project {
		return "project"
	}
	return "park, zone, zone_set or province"
}

// nearest is the indicators that share most words with a name.
func nearest(name string, known map[string]indicator.Definition) []string {
	most, out := 0, []string{}
	for _, def := range indicator.Definitions() {
		n := 0
		for _, word := range strings.FieldsFunc(name, func(c rune) bool { return c == '.' || c == '_' }) {
			if strings.Contains(def.ID, word) {
				n++
			}
		}
		switch {
		case n > most:
			most, out = n, []string{def.ID}
		case n == most && len(out) < 5:
			out = append(out, def.ID)
		}
	}
	return out
}

// rulesTest runs the cases of packs with the analysis engine.
func (a *App) rulesTest(ctx context.Context, args []string) error {
	f := a.flags("rules")
	strict := f.Bool("strict", false, a.text("rules.flag.strict"))
	if err := f.parse(args, 1<<10); err != nil {
		return err
	}
	suites, err := suitesOf(f.args)
	var faults rule.Faults
	if errors.As(err, &faults) {
		fmt.Fprintln(a.Stdout, faults)
		return refusedError{a.text("rules.lint.faults", len(faults), 1)}
	}
	if err != nil {
		return err
	}
	passed, failed, gaps := 0, 0, 0
	for _, s := range suites {
		for i := range s.cases.Cases {
			failures, err := ruletest.Run(ctx, s.pack, &ruletest.File{Pack: s.cases.Pack, Cases: s.cases.Cases[i : i+1]})
			if err != nil {
				failures = []ruletest.Failure{{Case: s.cases.Cases[i].Name, Message: err.Error()}}
			}
			if len(failures) == 0 {
				passed++
				a.show("rules.case.passed", s.pack.ID, s.cases.Cases[i].Name)
				continue
			}
			failed++
			a.show("rules.case.failed", s.pack.ID, s.cases.Cases[i].Name)
			for _, why := range failures {
				fmt.Fprintf(a.Stdout, "      %s\n", why.Message)
			}
		}
		missing, err := ruletest.Gaps(ctx, s.pack, s.cases)
		if err != nil {
			missing = []string{err.Error()}
		}
		for _, gap := range missing {
			gaps++
			a.show("rules.case.lacking", s.pack.ID, gap)
		}
	}
	summary := a.text("rules.cases", passed, failed, gaps)
	if failed > 0 || *strict && gaps > 0 {
		return errFailed{summary}
	}
	fmt.Fprintln(a.Stdout, summary)
	return nil
}

// suite is a pack with its cases.
type suite struct {
	pack  *rule.Pack
	cases *ruletest.File
}

// suitesOf is the packs named with their cases: ids of built-in packs, pack
// files, case files or folders; none means all built-in ones.
func suitesOf(names []string) ([]suite, error) {
	tree, err := data.Rules()
	if err != nil {
		return nil, fmt.Errorf("built-in rule packs: %w", err)
	}
	if len(names) == 0 {
		if names, err = rule.IDs(tree); err != nil {
			return nil, err
		}
	}
	var out []suite
	for _, name := range names {
		if _, err := os.Stat(name); errors.Is(err, fs.ErrNotExist) {
			s, err := suiteIn(tree, name)
			if err != nil {
				return nil, err
			}
			out = append(out, s)
			continue
		}
		files, err := ruleFiles([]string{name})
		if err != nil {
			return nil, err
		}
		seen := map[string]bool{}
		for _, file := range files {
			if folder := filepath.Dir(file); !seen[folder] {
				seen[folder] = true
				s, err := suiteOf(tree, file)
				if err != nil {
					return nil, err
				}
				out = append(out, s)
			}
		}
	}
	return out, nil
}

// suiteIn is a built-in pack with its cases.
func suiteIn(tree fs.FS, id string) (suite, error) {
	packs, err := rule.LoadFS(tree, id)
	if err != nil {
		var faults rule.Faults
		if errors.As(err, &faults) {
			return suite{}, err
		}
		return suite{}, &usageError{text: err.Error()}
	}
	name := id + "/" + casesFile
	b, err := fs.ReadFile(tree, name)
	if errors.Is(err, fs.ErrNotExist) {
		return suite{packs[0], &ruletest.File{Pack: id}}, nil
	}
	if err != nil {
		return suite{}, fmt.Errorf("read the cases: %w", err)
	}
	cases, err := ruletest.Read(name, b)
	return suite{packs[0], cases}, err
}

// suiteOf is the pack and cases of a file: what is missing of the two stands
// beside it or, of a pack, is the built-in one that the cases name.
func suiteOf(tree fs.FS, file string) (suite, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return suite{}, fmt.Errorf("read the cases: %w", err)
	}
	_, body, err := rule.Parse(file, b)
	if err != nil {
		return suite{}, err
	}
	if !isCases(body) {
		pack, err := rule.Read(file, b)
		if err != nil {
			return suite{}, err
		}
		beside := filepath.Join(filepath.Dir(file), casesFile)
		b, err := os.ReadFile(beside)
		if errors.Is(err, fs.ErrNotExist) {
			return suite{pack, &ruletest.File{Pack: pack.ID}}, nil
		}
		if err != nil {
			return suite{}, fmt.Errorf("read the cases: %w", err)
		}
		cases, err := ruletest.Read(beside, b)
		return suite{pack, cases}, err
	}
	cases, err := ruletest.Read(file, b)
	if err != nil {
		return suite{}, err
	}
	beside := filepath.Join(filepath.Dir(file), packFile)
	if b, err = os.ReadFile(beside); errors.Is(err, fs.ErrNotExist) {
		s, err := suiteIn(tree, cases.Pack)
		return suite{s.pack, cases}, err
	}
	if err != nil {
		return suite{}, fmt.Errorf("read the rule pack: %w", err)
	}
	pack, err := rule.Read(beside, b)
	return suite{pack, cases}, err
}
