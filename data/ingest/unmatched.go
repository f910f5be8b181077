package ingest

import (
	"github.com/muscope/muscope/analysis/land"
)

// Unmatched says that rows of a file name parcels or contracts that are not
// there, which a sink finds out when both are loaded.
type Unmatched struct {
	Layer string
	File  int // of the layer, from 0
	Rows  int64
	// Name is the first name that nothing has, and Feature where it stands.
	Name    string
	Feature int64
}

// Tell adds a warning on each file to the result of the layer's load and hands
// it to opt.Rejects.
func (r *Result) Tell(opt Options, layer string, list []Unmatched) error {
	j, err := newJob(layer, opt)
	if err != nil {
		return err
	}
	code, field := "row.unknown_parcel", "parcel"
	if layer == LayerTerms {
		code, field = "row.unknown_contract", "contract_no"
	}
	for _, u := range list {
		i := u.File - int(opt.After.File)
		if u.Layer != layer || i < 0 || i >= len(r.Inputs) {
			continue
		}
		in := &r.Inputs[i]
		in.Warnings += u.Rows
		r.Counts[code] += u.Rows
		reason, remedy := j.say(code, u.Rows, u.Name, u.Feature)
		if opt.Rejects != nil {
			opt.Rejects(&land.Reject{Severity: land.SeverityWarning, Layer: layer, File: in.File, Feature: u.Feature, ID: u.Name,
				Field: field, Code: code, Reason: reason, Remedy: remedy})
		}
	}
	return nil
}
