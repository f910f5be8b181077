package rule

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// IDs lists the packs of a tree, <authority>/<pack>/pack.yaml, in order.
func IDs(tree fs.FS) ([]string, error) {
	files, err := fs.Glob(tree, "*/*/pack.yaml")
	if err != nil {
		return nil, fmt.Errorf("list the rule packs: %w", err)
	}
	ids := make([]string, len(files))
	for i, f := range files {
		ids[i] = path.Dir(f)
	}
	slices.Sort(ids)
	return ids, nil
}

// LoadFS reads packs of a tree by id, or all of them where none is named, in
// the order of their ids. Faults of all packs come together.
func LoadFS(tree fs.FS, ids ...string) ([]*Pack, error) {
	known, err := IDs(tree)
	if err != nil {
		return nil, err
	}
	if len(ids) == 0 {
		ids = known
	}
	ids = slices.Compact(slices.Sorted(slices.Values(ids)))
	var packs []*Pack
	var faults Faults
	for _, id := range ids {
		if !slices.Contains(known, id) {
			return nil, fmt.Errorf("%w: there is no pack %q; there are %s", ErrPack, id, strings.Join(known, ", "))
		}
		p, more, err := loadOne(tree, id)
		if err != nil {
			return nil, err
		}
		packs, faults = append(packs, p), append(faults, more...)
	}
	if len(faults) > 0 {
		return nil, faults
	}
	return packs, nil
}

func loadOne(tree fs.FS, id string) (*Pack, Faults, error) {
	file := path.Join(id, "pack.yaml")
	b, err := fs.ReadFile(tree, file)
	if err != nil {
		return nil, nil, fmt.Errorf("read the rule pack: %w", err)
	}
	p, err := Read(file, b)
	if faults, ok := err.(Faults); ok {
		return nil, faults, nil
	}
	if err != nil {
		return nil, nil, err
	}
	if p.ID != id {
		return nil, Faults{{File: file, Message: fmt.Sprintf("the pack calls itself %q; it must be called as its folder, %q", p.ID, id)}}, nil
	}
	return p, nil, nil
}
