package supply

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"github.com/muscope/muscope/analysis/land"
)

// Use is what a land-use code is taken for.
type Use struct {
	Class       land.Class
	Unbuildable bool // rivers and lakes
	NewIndustry bool // new-industry land (M0) by a local code
}

// Classes maps land-use codes to classes, a scheme at a time. It is read-only
// once loaded and safe for use by several goroutines.
type Classes struct {
	codes map[land.UseScheme]map[string]Use
	names map[land.UseScheme]map[string]Use
	over  bool // rows stand in place of those before
}

// Override reads one more table, of the user's own, in the form of LoadClasses:
// its rows stand in place of the built-in ones of the same scheme and code, so
// that a bureau says itself what counts as 生产性服务, which no national standard
// defines.
func (c *Classes) Override(files fs.FS, name string) error {
	c.over = true
	return c.read(files, name)
}

// ErrClasses is wrapped by every error of LoadClasses.
var ErrClasses = errors.New("bad table of land-use classes")

func classColumns() []string {
	return []string{"scheme", "code", "class", "unbuildable", "new_industry", "name_zh", "source"}
}

// LoadClasses reads every *.csv at the root of files. A row names a scheme, a
// code that stands for itself and all longer codes that begin with it, and its
// class; an unknown class, a code given twice or a row without a source is an
// error that names file and line.
func LoadClasses(files fs.FS) (*Classes, error) {
	names, err := fs.Glob(files, "*.csv")
	if err != nil {
		return nil, fmt.Errorf("list the tables of land-use classes: %w", err)
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("%w: there is no *.csv", ErrClasses)
	}
	c := &Classes{codes: map[land.UseScheme]map[string]Use{}, names: map[land.UseScheme]map[string]Use{}}
	for _, name := range names {
		if err := c.read(files, name); err != nil {
			return nil, err
		}
	}
	return c, nil
}

func (c *Classes) read(files fs.FS, name string) error {
	f, err := files.Open(name)
	if err != nil {
		return fmt.Errorf("open the table of land-use classes: %w", err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return fmt.Errorf("%w: %s: %w", ErrClasses, name, err)
	}
	if len(rows) == 0 || !slices.Equal(rows[0], classColumns()) {
		return fmt.Errorf("%w: %s:1: the columns must be %s", ErrClasses, name, strings.Join(classColumns(), ","))
	}
	for i, row := range rows[1:] {
		if err := c.add(row); err != nil {
			return fmt.Errorf("%w: %s:%d: %w", ErrClasses, name, i+2, err)
		}
	}
	return nil
}

func (c *Classes) add(row []string) error {
	scheme, code, use := land.UseScheme(row[0]), row[1], Use{Class: land.Class(row[2])}
	if scheme == "" || code == "" || row[6] == "" {
		return errors.New("scheme, code and source must be given")
	}
	if !slices.Contains(land.Classes(), use.Class) {
		return fmt.Errorf("class %q is none of the classes; see the list in analysis/land", row[2])
	}
	var err error
	if use.Unbuildable, err = yesOrBlank(row[3]); err != nil {
		return fmt.Errorf("unbuildable: %w", err)
	}
	if use.NewIndustry, err = yesOrBlank(row[4]); err != nil {
		return fmt.Errorf("new_industry: %w", err)
	}
	if c.codes[scheme] == nil {
		c.codes[scheme], c.names[scheme] = map[string]Use{}, map[string]Use{}
	}
	if _, twice := c.codes[scheme][code]; twice && !c.over {
		return fmt.Errorf("code %s of %s stands twice; keep one", code, scheme)
	}
	c.codes[scheme][code] = use
	if _, taken := c.names[scheme][row[5]]; (!taken || c.over) && row[5] != "" {
		c.names[scheme][row[5]] = use
	}
	return nil
}

func yesOrBlank(s string) (bool, error) {
	if s == "" {
		return false, nil
	}
	b, err := strconv.ParseBool(s)
	if err != nil {
		return false, fmt.Errorf("%q must be true or blank", s)
	}
	return b, nil
}

// Lookup finds what a code of a scheme is taken for: the row with the longest
// code that begins it, else the row of that Chinese name (supply records often
// carry 工业用地 in place of 061). A blank scheme is guide-2023, the contract's
// default; land.UnknownScheme has no codes, since a code without its scheme is
// worthless: 1001 is a factory in one and a railway in another.
func (c *Classes) Lookup(scheme land.UseScheme, code string) (Use, bool) {
	if scheme == "" {
		scheme = land.Guide2023
	}
	codes := c.codes[scheme]
	for n := len(code); n > 0; n-- {
		if use, ok := codes[code[:n]]; ok {
			return use, true
		}
	}
	use, ok := c.names[scheme][code]
	return use, ok
}
