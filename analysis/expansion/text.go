package expansion

import (
	"encoding/json"
	"fmt"
	"math/big"
	"strings"

	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/data"
)

// Text is something people read, in both languages.
type Text struct {
	ZH string `json:"zh"`
	EN string `json:"en"`
}

// In is the text in a language.
func (t Text) In(lang string) string {
	if lang == "zh" {
		return t.ZH
	}
	return t.EN
}

// Coded is a stable code with its text.
type Coded struct {
	Code string `json:"code"`
	Text Text   `json:"text"`
}

// words gives texts by key in both languages.
type words struct{ texts data.Texts }

// text is a text; an argument that is a Text is put in by its language.
func (w words) text(key string, args ...any) Text {
	in := func(lang string) string {
		own := make([]any, len(args))
		for i, a := range args {
			switch v := a.(type) {
			case Text:
				own[i] = v.In(lang)
			case json.Number:
				own[i] = rounded(string(v))
			case land.Mu:
				own[i] = rounded(v.String())
			default:
				own[i] = a
			}
		}
		return w.texts.Text(lang, key, own...)
	}
	return Text{ZH: in("zh"), EN: in("en")}
}

// rounded is an area to four decimals, as the audit's table has it: a
// ten-thousandth of a hectare is a square metre. The exact one stands beside it.
func rounded(number string) string {
	v, ok := new(big.Rat).SetString(number)
	if !ok {
		return number
	}
	s := v.FloatString(4)
	if strings.Trim(s, "-0.") == "" {
		return "0"
	}
	return strings.TrimRight(strings.TrimRight(s, "0"), ".")
}

// coded is a reason of this package, expansion.reason.<code>.
func (w words) coded(code string, args ...any) Coded {
	return Coded{Code: code, Text: w.text("expansion.reason."+code, args...)}
}

// Fault is one thing that is wrong with an application, with its place.
type Fault struct {
	Code    string      `json:"code"`
	File    string      `json:"file,omitempty"`
	Feature int64       `json:"feature,omitempty"`
	Place   *[2]float64 `json:"place,omitempty"` // longitude, latitude
	Text    Text        `json:"text"`            // what, where and what to do
}

// RefusedError says why an application is refused: all faults at once.
type RefusedError struct {
	Faults []Fault
}

// Message lists the faults in a language, one a line.
func (e *RefusedError) Message(lang string) string {
	lines := make([]string, len(e.Faults))
	for i, f := range e.Faults {
		where := f.File
		if f.Feature > 0 {
			where = strings.TrimSpace(fmt.Sprintf("%s #%d", f.File, f.Feature))
		}
		if where != "" {
			where += ": "
		}
		lines[i] = where + f.Text.In(lang)
	}
	return strings.Join(lines, "\n")
}

// Error lists the faults in English.
func (e *RefusedError) Error() string { return e.Message("en") }

// Unwrap makes errors.Is find ErrApplication.
func (e *RefusedError) Unwrap() error { return ErrApplication }
