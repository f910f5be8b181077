package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/data/ingest"
)

// flagSet is a command's flags; unlike package flag it takes flags behind
// arguments too.
type flagSet struct {
	*flag.FlagSet
	app  *App
	name string
	args []string
}

func (a *App) flags(name string) *flagSet {
	f := &flagSet{FlagSet: flag.NewFlagSet(name, flag.ContinueOnError), app: a, name: name}
	f.SetOutput(io.Discard)
	f.Usage = func() {}
	f.String("lang", "", a.text("flag.lang")) // read before, by Run
	f.BoolVar(&a.quiet, "quiet", false, a.text("flag.quiet"))
	return f
}

// parse reads the command line and refuses more arguments than want.
func (f *flagSet) parse(args []string, want int) error {
	for {
		if err := f.Parse(args); err != nil {
			if errors.Is(err, flag.ErrHelp) {
				f.help()
				return errHelp
			}
			return &usageError{text: err.Error()}
		}
		if f.NArg() == 0 {
			break
		}
		f.args = append(f.args, f.Arg(0))
		args = f.Args()[1:]
	}
	if lang := f.Lookup("lang").Value.String(); lang != "" && lang != "zh" && lang != "en" {
		return &usageError{text: f.app.text("flag.lang.wrong", lang)}
	}
	if len(f.args) > want {
		return &usageError{text: f.app.text("cmd.argument", strings.Join(f.args[want:], " "))}
	}
	return nil
}

func (f *flagSet) help() {
	out := f.app.Stderr
	for _, c := range commands() {
		if c.name == f.name {
			fmt.Fprintf(out, "muscope %s %s\n%s\n\n", c.name, c.args, f.app.text("help."+c.name))
		}
	}
	if f.name == "load" {
		fmt.Fprintf(out, "LAYER: %s\n\n", strings.Join(ingest.Layers(), ", "))
	}
	f.VisitAll(func(g *flag.Flag) {
		value := ""
		if b, ok := g.Value.(interface{ IsBoolFlag() bool }); !ok || !b.IsBoolFlag() {
			value = " …"
		}
		dash := "--"
		if len(g.Name) == 1 {
			dash = " -"
		}
		fmt.Fprintf(out, "  %s%-22s %s\n", dash, g.Name+value, g.Usage)
	})
}

// many is a flag that may repeat.
type many []string

func (m *many) String() string     { return strings.Join(*m, ",") }
func (m *many) Set(s string) error { *m = append(*m, s); return nil }

// inputFlags are shared by check and load.
type inputFlags struct {
	app        *App
	maps       many
	joins      many
	joinOn     many
	crs        string
	encoding   string
	repair     bool
	blankStart string
	idFrom     string
	fixes      string
	proposed   string // the map that --map auto made last
	maxRejects int64
}

func (f *flagSet) input() *inputFlags {
	in := &inputFlags{app: f.app}
	f.Var(&in.maps, "map", f.app.text("flag.map"))
	f.Var(&in.joins, "join", f.app.text("flag.join"))
	f.Var(&in.joinOn, "join-on", f.app.text("flag.join-on"))
	f.StringVar(&in.crs, "crs", "", f.app.text("flag.crs"))
	f.StringVar(&in.encoding, "encoding", "", f.app.text("flag.encoding"))
	f.BoolVar(&in.repair, "repair", false, f.app.text("flag.repair"))
	f.StringVar(&in.blankStart, "blank-start", "", f.app.text("flag.blank-start"))
	f.StringVar(&in.idFrom, "id-from", "", f.app.text("flag.id-from"))
	f.StringVar(&in.fixes, "corrections", "", f.app.text("flag.corrections"))
	f.Int64Var(&in.maxRejects, "max-rejects", ingest.NoLimit, f.app.text("flag.max-rejects"))
	return in
}

// options are the ingest options of one layer. Of several maps the one made
// for the layer is taken.
func (in *inputFlags) options(ctx context.Context, layer string, files []string) (ingest.Options, error) {
	if in.maxRejects < ingest.NoLimit {
		return ingest.Options{}, &usageError{text: in.app.text("flag.max-rejects.wrong", in.maxRejects)}
	}
	opt := ingest.Options{Files: ingest.Paths(files...), CRS: in.crs, Encoding: in.encoding, Repair: in.repair, BlankStart: in.blankStart,
		IDFrom: in.idFrom, MaxRejects: in.maxRejects, Lang: in.app.lang, Texts: in.app.texts, Joins: in.joinsOf(layer)}
	if in.fixes != "" {
		var err error
		if opt.Corrections, err = ingest.ReadCorrections(ingest.File{Name: in.fixes}, opt); err != nil {
			return opt, err
		}
	}
	auto := false
	for _, name := range in.maps {
		if name == mapAuto {
			auto = true
			continue
		}
		m, err := ingest.LoadMap(name)
		if err != nil {
			return opt, err
		}
		if m.Layer == layer || m.Layer == "" && opt.Map == nil {
			opt.Map = m
		}
	}
	if auto && opt.Map == nil && slices.Contains(proposable(), layer) {
		p, err := ingest.Propose(ctx, layer, opt)
		if err != nil {
			return opt, err
		}
		in.app.sayProposal(layer, p)
		opt.Map, in.proposed = p.Map, p.YAML
	}
	return opt, nil
}

// mapAuto is the --map that is made of what stands in the files.
const mapAuto = "auto"

// proposable are the layers that a map can be proposed for.
func proposable() []string {
	return []string{ingest.LayerZones, ingest.LayerParcels, ingest.LayerBuildings, ingest.LayerConstraints}
}

// sayProposal prints what --map auto matched and why, what it left unused and
// what is missing.
func (a *App) sayProposal(layer string, p *ingest.Proposal) {
	a.say("say.map.head", a.text("layer."+layer), p.Sampled)
	for _, m := range p.Matched {
		mark := ""
		if m.Doubt {
			mark = a.text("say.map.doubt")
		}
		a.say("say.map.match", m.Field, m.Column, m.Why, mark)
	}
	if len(p.Unused) > 0 {
		a.say("say.map.unused", strings.Join(p.Unused, ", "))
	}
	if len(p.Missing) > 0 {
		a.say("say.map.missing", strings.Join(p.Missing, ", "))
	}
	if p.Like != "" {
		a.say("say.map.like", p.Like)
	}
}

// judgeFlags are shared by check, analyze and report.
type judgeFlags struct {
	app    *App
	asOf   string
	packs  many
	failOn string
}

func (f *flagSet) judge() *judgeFlags {
	j := &judgeFlags{app: f.app}
	f.StringVar(&j.asOf, "as-of", "", f.app.text("flag.as-of"))
	f.Var(&j.packs, "pack", f.app.text("flag.pack"))
	f.StringVar(&j.failOn, "fail-on", "", f.app.text("flag.fail-on"))
	return j
}

func (j *judgeFlags) check() error {
	if j.asOf != "" {
		if _, err := land.ParseDate(j.asOf); err != nil {
			return &usageError{text: j.app.text("flag.as-of.wrong", j.asOf)}
		}
	}
	if !slices.Contains([]string{"", string(land.Violated), string(land.Incomputable)}, j.failOn) {
		return &usageError{text: j.app.text("flag.fail-on.wrong", j.failOn)}
	}
	return nil
}

// matches reports whether a zone's verdicts make --fail-on match: rules in
// force only, never drafts, targets or wide readings.
func (j *judgeFlags) matches(z *land.ZoneResult) bool {
	if j.failOn == "" {
		return false
	}
	return slices.ContainsFunc(z.Verdicts, func(v land.Verdict) bool {
		return string(v.Outcome) == j.failOn && v.DocStatus == "in_force" && v.Kind != "target" && v.Reading != "wide"
	})
}

var snapshotName = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)

// snapshot is a snapshot's name, refused where it isn't one.
func (a *App) snapshot(name string) (string, error) {
	if name == "" {
		return "", &usageError{text: a.text("flag.snapshot.none")}
	}
	if !snapshotName.MatchString(name) || name == "." || name == ".." { // a browser takes these two out of an address
		return "", &usageError{text: a.text("flag.snapshot.wrong", name)}
	}
	return name, nil
}
