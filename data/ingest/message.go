package ingest

import (
	"errors"
	"strings"

	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/geo"
)

// Codes that are counted and not written out one by one.
const (
	// noteBlankDate counts dates given as empty text or as a word for none.
	noteBlankDate = "field.date_blank"
	// noteHeight counts features whose positions had more than two numbers; a
	// file with some has one warning that gives their number.
	noteHeight = "geometry.height_dropped"
)

// say gives reason and remedy of a code in the language of the load. Texts
// with places ("%[1]s") take args.
func (j *job) say(code string, args ...any) (reason, remedy string) {
	return j.text("ingest."+code+".reason", args), j.text("ingest."+code+".remedy", args)
}

func (j *job) text(key string, args []any) string {
	words := j.texts[key]
	text, ok := words[j.Lang]
	if !ok {
		text = words["en"]
	}
	if !ok && text == "" {
		return key
	}
	if !strings.Contains(text, "%[") {
		return text
	}
	return j.texts.Text(j.Lang, key, args...)
}

// refuse makes the error of an input that can't be loaded as it is.
func (j *job) refuse(code string, err error, args ...any) *RefusedError {
	reason, remedy := j.say(code, args...)
	return &RefusedError{Layer: j.layer, Code: code, Reason: reason, Remedy: remedy, Err: err}
}

// refuseCRS is refuse for what package geo says of a coordinate system.
func (j *job) refuseCRS(file string, err error) *RefusedError {
	var crs *geo.CRSError
	if !errors.As(err, &crs) {
		e := j.refuse("crs.unreadable", err, err.Error())
		e.File = file
		return e
	}
	reason, remedy := cut(crs.Message(j.Lang))
	return &RefusedError{Layer: j.layer, File: file, Code: crsCode(crs.Code), Reason: reason, Remedy: remedy, Err: err}
}

// crsCode turns geo's crs_swapped_axes into ingest's crs.swapped_axes.
func crsCode(c geo.CRSCode) string { return "crs." + strings.TrimPrefix(string(c), "crs_") }

// cut parts a message of package geo into what is wrong and what to do.
func cut(message string) (reason, remedy string) {
	for _, mark := range [...]string{". ", "。"} {
		if reason, remedy, ok := strings.Cut(message, mark); ok {
			return reason, remedy
		}
	}
	return message, ""
}

// refusal is why one feature doesn't load.
type refusal struct {
	code, reason, remedy string
	field                string
	place                *[2]float64
}

func (j *job) refusal(code, field string, args ...any) *refusal {
	reason, remedy := j.say(code, args...)
	return &refusal{code: code, reason: reason, remedy: remedy, field: field}
}

// lang picks one of two texts of package geojson.
func (j *job) lang(zh, en string) string {
	if j.Lang == "zh" {
		return zh
	}
	return en
}

// report is what became of the features of one batch.
type report struct {
	seq      int64
	file     int
	bytes    int64
	features int64
	loaded   int64
	rejected int64
	repaired int64
	warnings int64
	heights  int64 // features whose positions had more than two numbers
	counts   map[string]int64
	rejects  []land.Reject
	ids      idList
}

func newReport(file int) *report {
	return &report{file: file, counts: map[string]int64{}}
}

func (r *report) reset() {
	clear(r.counts)
	clear(r.rejects)
	*r = report{counts: r.counts, rejects: r.rejects[:0], ids: r.ids.reset()}
	if r.counts == nil {
		r.counts = map[string]int64{}
	}
}
