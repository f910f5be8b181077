package ingest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"sort"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/muscope/muscope/analysis/supply"
	"github.com/muscope/muscope/data"
	"github.com/muscope/muscope/geo"
	"github.com/muscope/muscope/geo/geojson"
)

// Proposal is a field map made of what stands in the files, with the reasons.
type Proposal struct {
	Map     *Map
	YAML    string   // the text of the map, to be saved and edited
	Matched []Match  // in the order of the map
	Unused  []string // columns that no field was found for; they are kept as they are
	Missing []string // fields that a layer can't do much without, and that no column gives
	Like    string   // the built-in map that names most of the columns, "" for none
	Sampled int64    // features looked at
}

// Match is one field of a Proposal.
type Match struct {
	Field, Column string
	Unit          string // "" for the field's own
	Why           string // in the language of Options.Lang
	Doubt         bool   // the name fits and the values say nothing for or against it
}

const (
	proposeFeatures = 2000 // features looked at
	proposeColumns  = 1000 // columns looked at
	proposeText     = 200  // longest value that is looked at
)

// Propose looks at the first features of the files and proposes a field map:
// columns are found by the names that bureaus use (data/maps, their own and the
// labels of the fields), and their values must be what the field holds: words of
// its table, dates, numbers, codes of one classification, areas that fit what is
// drawn, ids that differ. What is in doubt is left out or said to be. Errors are
// those of LoadParcels.
func Propose(ctx context.Context, layer string, opt Options) (*Proposal, error) {
	opt.Map, opt.Repair = &Map{}, true
	j, err := newJob(layer, opt)
	if err != nil {
		return nil, err
	}
	p := &proposer{job: j, kinds: fieldKinds(layer), columns: map[string]*column{}, taken: map[string]bool{}, proposal: &Proposal{}}
	if err := errors.Join(p.readJoins(ctx), p.learn()); err != nil {
		return nil, err
	}
	for _, f := range opt.Files {
		if err := p.sample(ctx, f); err != nil {
			return nil, err
		}
	}
	p.match()
	return p.proposal, p.write()
}

// column is a column of the files with the values that were looked at.
type column struct {
	name   string
	values []string
	drawn  []float64 // m² of the same features, 0 for none
	kinds  [7]int
}

type proposer struct {
	*job
	kinds    map[string]fieldKind
	names    map[string]map[string]nameOf // normalized name → field
	maps     map[string]map[string]bool   // built-in map → its names, normalized
	dates    dates
	classes  *supply.Classes
	columns  map[string]*column
	order    []string
	taken    map[string]bool
	areaUnit string // of the recorded area, where the drawing shows it
	scheme   string
	featured bool // every feature has an id of its own
	sampled  int64
	proposal *Proposal
}

// nameOf is how a name is known for a field: the lower rank the better.
type nameOf struct {
	rank int
	from string // the built-in map that has it
	unit string
}

// Ranks of names.
const (
	rankOwn   = iota // the field's own name
	rankNames        // data/maps/_names.yaml
	rankLabel        // what the field is called in a table
	rankMap          // another source's map
)

// learn gathers the names under which fields are known.
func (p *proposer) learn() error {
	p.names, p.maps = map[string]map[string]nameOf{}, map[string]map[string]bool{}
	var err error
	if p.dates, err = newDates(); err != nil {
		return err
	}
	files, err := data.Classes()
	if err == nil {
		p.classes, err = supply.LoadClasses(files)
	}
	if err != nil {
		return err
	}
	maps, err := data.Maps()
	if err != nil {
		return err
	}
	text, err := fs.ReadFile(maps, "_names.yaml")
	if err != nil {
		return fmt.Errorf("read the names of fields: %w", err)
	}
	var lists map[string][]string
	if err := yaml.Unmarshal(text, &lists); err != nil {
		return fmt.Errorf("names of fields: %w", err)
	}
	for field := range p.kinds {
		p.know(field, field, nameOf{rank: rankOwn})
		for i, n := range lists[field] {
			p.know(n, field, nameOf{rank: 10*rankNames + i/4})
		}
		for _, label := range p.texts["field."+field] {
			p.know(label, field, nameOf{rank: 10 * rankLabel})
		}
	}
	return p.learnMaps()
}

func (p *proposer) learnMaps() error {
	names, err := MapNames()
	if err != nil {
		return err
	}
	for _, name := range names {
		m, err := LoadMap(name)
		if err != nil {
			return err
		}
		if m.Layer != p.layer {
			continue
		}
		p.maps[name] = map[string]bool{}
		for field, spec := range m.fields {
			for _, from := range spec.from {
				p.maps[name][normalName(from)] = true
				p.know(from, field, nameOf{rank: 10 * rankMap, from: name, unit: unitNamed(spec.unit, field)})
			}
		}
	}
	return nil
}

func (p *proposer) know(name, field string, n nameOf) {
	key := normalName(name)
	if key == "" {
		return
	}
	if p.names[key] == nil {
		p.names[key] = map[string]nameOf{}
	}
	if old, ok := p.names[key][field]; !ok || n.rank < old.rank {
		p.names[key][field] = n
	}
}

// normalName is a name without case, marks and a unit in brackets.
func normalName(s string) string {
	s = strings.NewReplacer("（", "(", "）", ")").Replace(s)
	if i := strings.IndexByte(s, '('); i > 0 {
		s = s[:i]
	}
	return strings.NewReplacer(" ", "", "_", "", "-", "", "\u3000", "").Replace(strings.ToLower(s))
}

// unitInName is the unit that a name gives in brackets.
func unitInName(name string) string {
	s := strings.NewReplacer("（", "(", "）", ")").Replace(name)
	i, k := strings.IndexByte(s, '('), strings.LastIndexByte(s, ')')
	if i < 0 || k < i {
		return ""
	}
	return unitWords()[strings.TrimSpace(s[i+1:k])]
}

// unitNamed is the name of a factor of a field.
func unitNamed(f factor, field string) string {
	if f.num == 0 || f.one() {
		return ""
	}
	measures, _, _ := baseOf(field)
	for _, u := range unitsOf(measures) {
		if g, err := unitFactor(u, field); err == nil && g == f {
			return u
		}
	}
	return ""
}

// sample takes the first features of a file.
func (p *proposer) sample(ctx context.Context, f File) (err error) {
	s := splitter{load: newLoad(p.job)}
	src, err := p.open(ctx, f)
	if err != nil {
		return s.fileError(f.Name, err)
	}
	defer func() { err = errors.Join(err, src.close()) }()
	var dec decoding
	limit := p.sampled + proposeFeatures
	var crs geo.CRS
	for p.sampled < limit && ctx.Err() == nil {
		b, err := src.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err == nil && crs.IsZero() {
			crs, err = s.fileCRS(src)
		}
		if err != nil {
			return s.fileError(f.Name, err)
		}
		err = b.decode(&dec, func(f *geojson.Feature) error {
			if p.sampled < limit && f.Fault == nil {
				if p.joins != nil {
					p.job.join(f, 0)
				}
				p.feature(f, crs)
			}
			return nil
		})
		b.Release()
		if err != nil {
			return s.fileError(f.Name, err)
		}
	}
	return ctx.Err()
}

// feature takes the values of one feature, with its drawn area.
func (p *proposer) feature(f *geojson.Feature, crs geo.CRS) {
	p.featured = f.ID.Present() && (p.sampled == 0 || p.featured)
	p.sampled++
	drawn := 0.0
	if sh, r := (&shaper{job: p.job}).shape(f, crs); r == nil {
		drawn = sh.areaM2
	}
	for i := range f.Properties {
		v := &f.Properties[i]
		c := p.columns[v.Key]
		if c == nil {
			if len(p.order) >= proposeColumns {
				continue
			}
			c = &column{name: strings.Clone(v.Key)}
			p.columns[c.name] = c
			p.order = append(p.order, c.name)
		}
		c.kinds[v.Kind]++
		text := strings.TrimSpace(string(v.Raw[:min(len(v.Raw), proposeText)]))
		if v.Kind != geojson.KindNull && v.Kind < geojson.KindArray && text != "" {
			c.values, c.drawn = append(c.values, text), append(c.drawn, drawn)
		}
	}
}

// match gives each field its best column, the surest first.
func (p *proposer) match() {
	p.proposal.Sampled = p.sampled
	p.proposal.Like = p.likeliest()
	var all []candidate
	for _, name := range p.order {
		c := p.columns[name]
		for field, kind := range p.kinds {
			if m, ok := p.fits(c, field, kind); ok {
				all = append(all, m)
			}
		}
	}
	sort.SliceStable(all, func(i, k int) bool {
		a, b := all[i], all[k]
		if a.score != b.score {
			return a.score > b.score
		}
		if a.Field != b.Field {
			return a.Field < b.Field
		}
		return slices.Index(p.order, a.Column) < slices.Index(p.order, b.Column)
	})
	fields := map[string]bool{}
	for _, c := range all {
		if p.taken[c.Column] || fields[c.Field] {
			continue
		}
		p.taken[c.Column], fields[c.Field] = true, true
		if c.Field == "use_code" || c.scheme != "" && p.scheme == "" {
			p.scheme = c.scheme
		}
		p.proposal.Matched = append(p.proposal.Matched, c.Match)
	}
	p.codeByName(fields)
	p.settleUnits()
	for _, name := range p.order {
		if !p.taken[name] {
			p.proposal.Unused = append(p.proposal.Unused, name)
		}
	}
	for _, field := range neededFields(p.layer) {
		if !fields[field] {
			p.proposal.Missing = append(p.proposal.Missing, field)
		}
	}
}

// codeByName lets the name of a zone stand for its code where there is none.
func (p *proposer) codeByName(fields map[string]bool) {
	if p.layer != LayerZones || fields["code"] {
		return
	}
	for _, m := range p.proposal.Matched {
		if m.Field == "name" {
			fields["code"] = true
			p.proposal.Matched = append(p.proposal.Matched, Match{Field: "code", Column: m.Column, Why: p.text("propose.code_by_name", nil), Doubt: true})
			return
		}
	}
}

// neededFields are those without which little can be said of a layer.
func neededFields(layer string) []string {
	switch layer {
	case LayerZones:
		return []string{"code", "name", "approved_area_ha"}
	case LayerParcels:
		return []string{"id", "use_code", "recorded_area_m2", "approved_on", "supplied_on", "agreed_start_on", "started_on", "construction_state", "completed_on"}
	case LayerBuildings:
		return []string{"id", "floor_area_m2"}
	}
	return nil
}

// likeliest is the built-in map that knows most of the columns by name.
func (p *proposer) likeliest() string {
	best, most := "", 2
	for name, known := range p.maps {
		n := 0
		for _, c := range p.order {
			if known[normalName(c)] {
				n++
			}
		}
		if n > most && 2*n >= len(known) || n == most && best != "" && name < best {
			best, most = name, n
		}
	}
	return best
}
