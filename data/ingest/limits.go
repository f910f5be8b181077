package ingest

import (
	"strings"

	"github.com/muscope/muscope/analysis/land"
)

// limits are the bounds beyond which a quantity is taken for a slip: the
// field becomes unknown, with a warning.
type limits struct {
	least, most land.Fixed
	negative    bool
}

// limitsOf is generous: nothing that a district has ever recorded is outside.
func limitsOf(field string) limits {
	l := limits{most: 1e9 * land.One}
	switch {
	case field == "figures_year":
		l.least, l.most = 1949*land.One, 2200*land.One
	case field == "floors":
		l.most = 500 * land.One
	case strings.HasSuffix(field, "_m2"):
		l.most = 1e11 * land.One // 100 000 km²
	case strings.HasSuffix(field, "_ha"):
		l.most = 1e7 * land.One
	case strings.HasSuffix(field, "_wan"):
		l.most = 1e11 * land.One // 1000 万亿元
	case strings.HasSuffix(field, "_m"):
		l.most = 2000 * land.One
	case strings.HasSuffix(field, "_years"):
		l.most = 1000 * land.One
	}
	// A refund is a negative tax, a bad year a negative value added.
	l.negative = strings.HasSuffix(field, "tax_wan") || strings.HasSuffix(field, "value_added_wan")
	return l
}

// codeForm is how a code gets back what a spreadsheet took from it.
type codeForm uint8

const (
	codeAsIs   codeForm = iota
	codeUse             // land-use codes: pairs of digits
	codeRegion          // GB/T 2260: six digits
	codeKey             // names a record: on one line
)

func codeFormOf(field string) codeForm {
	switch field {
	case "use_code", "current_use_code", "planned_use_code":
		return codeUse
	case "province", "county":
		return codeRegion
	case "id", "code", "zone", "part_of", "parcel", "project_no", "phase", "uscc":
		return codeKey
	}
	return codeAsIs
}

// append writes a code. Only a code that came as a number has lost its leading
// zero: 801 is 0801, 80401 is 080401. A region of two or four digits (45, 4501)
// is the province or city of six.
func (c codeForm) append(dst, raw []byte, number bool) []byte {
	switch c {
	case codeUse:
		if number && len(raw)%2 == 1 && allDigits(raw) {
			dst = append(dst, '0')
		}
	case codeRegion:
		dst = append(dst, raw...)
		if allDigits(raw) && (len(raw) == 2 || len(raw) == 4) {
			dst = append(dst, "0000"[:6-len(raw)]...)
		}
		return dst
	case codeKey:
		return appendLine(dst, raw)
	}
	return append(dst, raw...)
}

// appendLine writes a key with line breaks and tabs as one space, so that it
// is the same key wherever it is written, and fits on a line of CSV.
func appendLine(dst, raw []byte) []byte {
	for i, c := range raw {
		switch {
		case c >= ' ' && c != 0x7F:
			dst = append(dst, c)
		case i > 0 && len(dst) > 0 && dst[len(dst)-1] != ' ':
			dst = append(dst, ' ')
		}
	}
	return dst
}

// onOneLine reports whether a key has no control characters.
func onOneLine(raw []byte) bool {
	for _, c := range raw {
		if c < ' ' || c == 0x7F {
			return false
		}
	}
	return true
}

// landchinaCode undoes codeForm for the land-use codes of the 2007 edition,
// which have two or three digits: 061 came as 61, and 05 as 5.
func landchinaCode(code string) string {
	switch {
	case len(code) == 4 && code[:2] == "01":
		return code[1:] // a number of three digits: 101 to 127
	case len(code) == 2 && code[0] > '1':
		return "0" + code // 61 is no group of that edition (01 to 12)
	}
	return code
}

func allDigits(b []byte) bool {
	for _, c := range b {
		if c-'0' > 9 {
			return false
		}
	}
	return len(b) > 0
}
