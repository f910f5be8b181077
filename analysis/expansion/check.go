package expansion

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/paulmach/orb"

	"github.com/muscope/muscope/analysis"
	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/analysis/rule"
	"github.com/muscope/muscope/analysis/supply"
	"github.com/muscope/muscope/data"
	"github.com/muscope/muscope/geo/overlay"
)

// AuditPack is the pack that holds the clauses and tolerances of the audit.
const AuditPack = "national/expansion-audit"

// BoundaryPack is the pack of the measures for the urban development boundary.
const BoundaryPack = "national/urban-boundary-2026"

// Options say by what law and how an application is checked.
type Options struct {
	AsOf    land.Date
	Packs   []*rule.Pack
	Classes *supply.Classes // nil: the embedded ones
	Texts   data.Texts      // nil: the embedded ones
	Limit   int             // parcels listed; 0: DefaultLimit

	// ZonesWithheld says that the source shows only some zones, so that land of
	// the others can't be seen.
	ZonesWithheld bool

	Engine   land.Engine
	Snapshot string // named in the document; may be blank
}

// DefaultLimit is how many parcels a list holds where nothing else is said.
const DefaultLimit = 50

// check is one application under check.
type check struct {
	Options
	words
	src Source
	app *Application
	doc *Document

	zone     land.Zone
	law      land.Zone // the zone with what its parents say in place of its blanks
	zones    []land.Zone
	assessor *supply.Assessor
	audit    *rule.Pack
	bound    *rule.Pack // BoundaryPack

	old, added, removed *region // added: without what is in the zone already
	drawnAdded          *region // as drawn
	drawnRemoved        *region
	target              *region // what the bottom lines are asked of
	covers              map[string]*covers
	kinds               map[string]ConstraintKind
	rejected            int64 // constraints that were refused when they were loaded
	result              *land.ZoneResult
	parts               *partTable
}

// covers is what of one kind lies on each of the regions.
type covers struct{ old, added, removed cover }

// Check holds an application against a source. Errors that wrap ErrApplication
// say that the application is at fault (a *RefusedError lists all of it);
// others are failures of the source.
func Check(ctx context.Context, src Source, app *Application, opt Options) (*Document, error) {
	c := &check{Options: opt, src: src, app: app, covers: map[string]*covers{}}
	for _, step := range []func(context.Context) error{
		c.prepare, c.shapes, c.constraints, c.bottomLines, c.otherZones, c.contiguity, c.balance, c.ofKind,
		c.analyze, c.economy, c.gather, c.room, c.remedies, c.trim, c.whatIf, c.auditTable,
	} {
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("check the application: %w", err)
		}
		if err := step(ctx); err != nil {
			return nil, err
		}
	}
	c.conclude()
	return c.doc, nil
}

// refuse is a fault of the application as a whole.
func (c *check) refuse(key string, args ...any) error {
	code := key[strings.LastIndex(key, ".")+1:]
	return &RefusedError{Faults: []Fault{{Code: code, Text: c.text(key, args...)}}}
}

func (c *check) prepare(ctx context.Context) error {
	if c.Texts == nil {
		texts, err := data.LoadTexts()
		if err != nil {
			return err
		}
		c.Texts = texts
	}
	c.words = words{c.Texts}
	if c.Limit <= 0 {
		c.Limit = DefaultLimit
	}
	var faults []Fault
	for _, f := range c.app.faults() {
		faults = append(faults, Fault{Code: f.key[strings.LastIndex(f.key, ".")+1:], Text: c.text(f.key, f.args...)})
	}
	faults = append(faults, c.changeFaults()...)
	if len(faults) > 0 {
		return &RefusedError{Faults: faults}
	}
	if err := c.prepareLaw(); err != nil {
		return err
	}
	if err := c.prepareZone(ctx); err != nil {
		return err
	}
	c.begin()
	return nil
}

func kindList() string {
	var names []string
	for _, k := range Kinds() {
		names = append(names, string(k))
	}
	return strings.Join(names, ", ")
}

// prepareLaw finds the audit's own packs, the embedded ones where the caller
// brings none, and makes the assessor.
func (c *check) prepareLaw() error {
	for _, want := range []struct {
		id   string
		pack **rule.Pack
	}{{AuditPack, &c.audit}, {BoundaryPack, &c.bound}} {
		i := slices.IndexFunc(c.Packs, func(p *rule.Pack) bool { return p.ID == want.id })
		if i < 0 {
			packs, err := analysis.DefaultPacks(want.id)
			if err != nil {
				return err
			}
			c.Packs, i = append(slices.Clone(c.Packs), packs...), len(c.Packs)
		}
		*want.pack = c.Packs[i]
	}
	if c.Classes == nil {
		classes, err := analysis.DefaultClasses()
		if err != nil {
			return err
		}
		c.Classes = classes
	}
	packs := c.Packs
	if !slices.ContainsFunc(packs, func(p *rule.Pack) bool { return p.ID == analysis.IdlePack }) {
		idle, err := analysis.DefaultPacks(analysis.IdlePack)
		if err != nil {
			return err
		}
		packs = append(slices.Clone(packs), idle...)
	}
	for _, p := range packs {
		if p.ID != analysis.IdlePack {
			continue
		}
		terms, err := analysis.TermsOf(p)
		if err != nil {
			return err
		}
		if c.assessor, err = supply.New(c.AsOf, c.Classes, terms); err != nil {
			return err
		}
	}
	return nil
}

func (c *check) prepareZone(ctx context.Context) error {
	zones, err := c.src.Zones(ctx)
	if err != nil {
		return fmt.Errorf("read the zones: %w", err)
	}
	c.zones = zones
	codes := make([]string, len(zones))
	at := -1
	for i := range zones {
		codes[i] = zones[i].Key().String()
		if zones[i].Key() == c.app.Zone {
			at = i
		}
	}
	if at < 0 {
		const show = 20
		if len(codes) > show {
			codes = append(codes[:show], "…")
		}
		return c.refuse("expansion.fault.no_zone", c.app.Zone, strings.Join(codes, ", "))
	}
	c.zone = zones[at]
	for _, code := range c.app.Includes {
		if !slices.ContainsFunc(zones, func(z land.Zone) bool { return z.Code == code }) {
			return c.refuse("expansion.fault.no_included_zone", code)
		}
	}
	c.law = c.inherit(c.zone)
	return nil
}

// inherit fills the blanks of a park by what its zone says.
func (c *check) inherit(z land.Zone) land.Zone {
	for range c.zones { // no longer than there are zones, whatever the chain
		i := slices.IndexFunc(c.zones, func(o land.Zone) bool { return z.PartOf != "" && o.Code == z.PartOf })
		if i < 0 {
			break
		}
		for _, f := range [][2]*string{{&z.Province, &c.zones[i].Province}, {&z.Kind, &c.zones[i].Kind}, {&z.Level, &c.zones[i].Level}} {
			if *f[0] == "" {
				*f[0] = *f[1]
			}
		}
		z.PartOf = c.zones[i].PartOf
	}
	return z
}

// begin opens the document.
func (c *check) begin() {
	a := c.app
	c.doc = &Document{Format: Format, AsOf: c.AsOf, Snapshot: c.Snapshot, Engine: c.Engine, Conditions: []Condition{}, Economy: []Economy{}, Changes: []Remedy{},
		Packs: []land.Pack{}, Inputs: []land.Input{},
		Application: Applied{Zone: c.zone.Code, Scope: c.zone.Scope, Name: c.zone.Name, Kind: a.Kind, KindText: c.text("expansion.kind." + string(a.Kind)),
			Includes: a.Includes, Stated: a.Stated, Complete: a.Complete, Vertices: a.Vertices, Pieces: []Drawn{}}}
	for _, p := range c.Packs {
		c.doc.Packs = append(c.doc.Packs, p.Ref())
	}
	for _, list := range []struct {
		part   string
		pieces []Piece
	}{{PartAdded, a.Added}, {PartRemoved, a.Removed}, {PartWhole, a.Whole}} {
		for _, p := range list.pieces {
			c.doc.Application.Pieces = append(c.doc.Application.Pieces, Drawn{Part: list.part, ID: p.ID, Name: p.Name, File: p.File,
				Feature: p.Feature, Area: areaOf(fixed(areaM2(p.Geometry)))})
		}
	}
}

// shapes makes the regions: the zone, the land added to it and taken out.
func (c *check) shapes(ctx context.Context) error {
	outline, err := c.src.ZoneGeometry(ctx, c.zone.Key())
	if err != nil {
		return fmt.Errorf("read the outline of zone %s: %w", c.zone.Key(), err)
	}
	if c.old, err = newRegion(outline); err != nil {
		return fmt.Errorf("zone %s: %w", c.zone.Key(), err)
	}
	if err := c.drawn(); err != nil {
		return fmt.Errorf("the boundary of the application: %w", err)
	}
	if c.added, err = c.drawnAdded.minus(c.old); err != nil {
		return fmt.Errorf("the land added, without the zone: %w", err)
	}
	if c.removed, err = c.drawnRemoved.and(c.old); err != nil {
		return fmt.Errorf("the land taken out of the zone: %w", err)
	}
	c.target = c.added
	if c.app.Kind == Upgrade {
		if c.target, err = newRegion(append(slices.Clone(c.old.shape), c.added.shape...)); err != nil {
			return fmt.Errorf("the zone with what is added: %w", err)
		}
	}
	return c.measure()
}

// drawn unites the pieces as they were drawn. A whole new boundary is turned
// into what it adds and takes out.
func (c *check) drawn() error {
	added, removed := geometries(c.app.Added), geometries(c.app.Removed)
	if len(c.app.Whole) > 0 {
		whole, err := one(geometries(c.app.Whole))
		if err != nil {
			return err
		}
		plus, err := whole.minus(c.old)
		if err != nil {
			return err
		}
		less, err := c.old.minus(whole)
		if err != nil {
			return err
		}
		c.drawnAdded, c.drawnRemoved = plus, less
		if c.app.Kind == Enlargement && less.m2 >= c.touchM2() {
			return c.refuse("expansion.fault.removed_in_enlargement")
		}
		return nil
	}
	var err error
	if c.drawnAdded, err = one(added); err != nil {
		return err
	}
	c.drawnRemoved, err = one(removed)
	return err
}

// one is the region of several shapes.
func one(shapes []orb.MultiPolygon) (*region, error) {
	switch len(shapes) {
	case 0:
		return &region{}, nil
	case 1:
		return newRegion(shapes[0])
	}
	all, err := overlay.Union(shapes...)
	if err != nil {
		return nil, err
	}
	return newRegion(all)
}

// measure fills the areas of the document.
func (c *check) measure() error {
	old, added, removed := fixed(c.old.m2), fixed(c.added.m2), fixed(c.removed.m2)
	c.doc.Areas = Areas{Old: areaOf(old), Added: areaOf(added), Removed: areaOf(removed), New: areaOf(old + added - removed)}
	if a := c.zone.ApprovedAreaHa; a.Known {
		area := areaOf(a.Value * 10_000)
		c.doc.Areas.Approved = &area
	}
	c.draw("zone", c.zone.Code, c.zone.Name, c.old.shape)
	c.draw("added", "", "", c.added.shape)
	c.draw("removed", "", "", c.removed.shape)
	return nil
}

func (c *check) draw(layer, id, name string, mp orb.MultiPolygon) {
	if len(mp) > 0 {
		c.doc.Shapes = append(c.doc.Shapes, Shape{Layer: layer, ID: id, Name: name, Area: fixed(areaM2(mp)), Geometry: mp})
	}
}

// parameter is a setting of the audit pack as an exact decimal.
func (c *check) parameter(id string) (land.Fixed, error) {
	p, ok := c.audit.Parameter(id)
	if !ok || p.Den == 0 {
		return 0, fmt.Errorf("%w: pack %s has no parameter %s", rule.ErrPack, c.audit.ID, id)
	}
	return land.Fixed(p.Num * int64(land.One) / p.Den), nil
}

// touchM2 is the area in m² below which an overlap is a touch.
func (c *check) touchM2() float64 {
	v, err := c.parameter("expansion.touch-m2")
	if err != nil {
		return 1
	}
	return v.Float()
}

// basis cites a clause of a pack, by the number of a provision in it.
func basis(p *rule.Pack, clause string, provision int) Basis {
	b := Basis{Pack: p.ID, Document: Text(p.Document.Title), Number: p.Document.Number, Clause: clause, Since: p.Document.EffectiveOn,
		Status: p.Document.Status, Source: p.Document.Source}
	if cl, ok := p.Clause(clause); ok && provision < len(cl.Provisions) {
		v := cl.Provisions[provision]
		b.Text, b.Quote = Text(v.Text), v.Quote
	}
	return b
}

// conclude counts the conditions: one that fails decides, then one that can't
// be judged.
func (c *check) conclude() {
	n := &c.doc.Counts
	for _, cond := range c.doc.Conditions {
		switch cond.Outcome {
		case land.Satisfied:
			n.Satisfied++
		case land.Violated:
			n.Violated++
		case land.Incomputable:
			n.Incomputable++
		default:
			n.NotApplicable++
		}
	}
	for _, e := range c.doc.Economy {
		if len(e.Rules) == 0 {
			n.NoLimit++
		}
	}
	switch {
	case n.Violated > 0:
		c.doc.Outcome = land.Violated
	case n.Incomputable > 0:
		c.doc.Outcome = land.Incomputable
	default:
		c.doc.Outcome = land.Satisfied
	}
}

// Refused reports whether an error says that the application is at fault.
func Refused(err error) (*RefusedError, bool) {
	var r *RefusedError
	ok := errors.As(err, &r)
	return r, ok
}
