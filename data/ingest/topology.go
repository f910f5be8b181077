package ingest

import (
	"fmt"
	"strconv"

	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/geo/topology"
)

// TopologyTeller puts findings of the topology report into the load report:
// in words, with file and feature, counted by code.
type TopologyTeller struct {
	job     *job
	results map[string]*Result
	tol     topology.Tolerance
}

// TopologyCode is the code of a finding in the load report.
func TopologyCode(c topology.Code) string { return "topology." + string(c) }

// NewTopologyTeller tells of findings between the layers that were loaded, of
// which results are; opt is that of any of them.
func NewTopologyTeller(opt Options, tol topology.Tolerance, results map[string]*Result) (*TopologyTeller, error) {
	opt.Map, opt.CRS = &Map{}, "" // the files were read long ago
	j, err := newJob("", opt)
	if err != nil {
		return nil, err
	}
	return &TopologyTeller{job: j, results: results, tol: tol}, nil
}

// Tell gives the line of a finding and counts it with the file it is in; a
// zone that was loaded before is in none.
func (t *TopologyTeller) Tell(f *topology.Finding) *land.Reject {
	code := TopologyCode(f.Code)
	reason, remedy := t.job.say(code, f.B.ID, formatArea(f.AreaM2), strconv.FormatFloat(f.WidthM, 'f', 2, 64), percent(f.Share),
		f.Count, strconv.FormatFloat(t.tol.M, 'g', -1, 64))
	if f.Computed {
		near, _ := t.job.say("topology.near", f.Near.Polygon+1, f.Near.Ring+1, f.Near.Number+1,
			fmt.Sprintf("%.9f %.9f", f.Near.Point[0], f.Near.Point[1]))
		reason += near
	}
	r := &land.Reject{Severity: land.SeverityWarning, Layer: topologyLayer(f.A.Kind), Feature: f.A.Feature, ID: f.A.ID,
		Code: code, Reason: reason, Remedy: remedy, Place: &[2]float64{f.Place[0], f.Place[1]}}
	result := t.results[r.Layer]
	if result == nil { // of a layer that stands already
		for _, of := range t.results {
			of.Counts[code]++
			break
		}
		return r
	}
	result.Counts[code]++
	if i := int(f.A.File - t.job.After.File); i >= 0 && i < len(result.Inputs) {
		result.Inputs[i].Warnings++
		r.File = result.Inputs[i].File
	}
	return r
}

func topologyLayer(k topology.Kind) string {
	switch k {
	case topology.Zone:
		return LayerZones
	case topology.Building:
		return LayerBuildings
	}
	return LayerParcels
}

// formatArea gives an area so that a sliver isn't 0.
func formatArea(m2 float64) string {
	if m2 < 10 {
		return strconv.FormatFloat(m2, 'f', 3, 64)
	}
	return strconv.FormatFloat(m2, 'f', 1, 64)
}
