package main

import (
	"slices"
	"strings"

	"github.com/muscope/muscope/data/ingest"
)

// joinable are the layers that tables can be joined to.
func joinable() []string {
	return []string{ingest.LayerZones, ingest.LayerParcels, ingest.LayerBuildings, ingest.LayerConstraints, ingest.LayerApprovals}
}

// checkJoins is joinsFit for the layers that the command line gives files of.
func (c *checkFlags) checkJoins() error {
	var read []string
	for layer, files := range c.layers {
		if len(*files) > 0 {
			read = append(read, layer)
		}
	}
	return c.joinsFit(ingest.LayerParcels, read)
}

// joinsFit holds --join and --join-on against each other and against the
// layers that are read; names without a layer go to the usual one.
func (in *inputFlags) joinsFit(usual string, layers []string) error {
	if len(in.joins) != len(in.joinOn) {
		return &usageError{text: in.app.text("flag.join.count", len(in.joins), len(in.joinOn))}
	}
	for i, name := range in.joins {
		layer, file := joinLayer(name)
		if layer == "" {
			layer = usual
			in.joins[i] = layer + ":" + file
		}
		if !slices.Contains(layers, layer) || !slices.Contains(joinable(), layer) || file == "" {
			return &usageError{text: in.app.text("flag.join.layer", name, layer, strings.Join(joinable(), ", "))}
		}
		if left, right, pair := strings.Cut(in.joinOn[i], "="); left == "" || pair && right == "" {
			return &usageError{text: in.app.text("flag.join.empty", in.joinOn[i])}
		}
	}
	return nil
}

// joinLayer parts zones:FILE; a name without a layer before it has none.
func joinLayer(name string) (layer, file string) {
	if before, after, ok := strings.Cut(name, ":"); ok && slices.Contains(ingest.Layers(), before) {
		return before, after
	}
	return "", name
}

// joinsOf are the tables to be joined to a layer.
func (in *inputFlags) joinsOf(layer string) []ingest.Join {
	var list []ingest.Join
	for i, name := range in.joins {
		of, file := joinLayer(name)
		if of != layer {
			continue
		}
		left, right, pair := strings.Cut(in.joinOn[i], "=")
		if !pair {
			right = left
		}
		list = append(list, ingest.Join{File: ingest.File{Name: file}, Left: left, Right: right})
	}
	return list
}
