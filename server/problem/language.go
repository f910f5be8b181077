package problem

import (
	"net/http"

	"golang.org/x/text/language"
)

// Lang is the language of an answer, zh or en: what the parameter lang names,
// else the best of Accept-Language, else zh. A reader of neither language gets
// en.
func Lang(r *http.Request) string {
	switch lang := r.URL.Query().Get("lang"); lang {
	case "zh", "en":
		return lang
	}
	wanted, _, err := language.ParseAcceptLanguage(r.Header.Get("Accept-Language"))
	if err != nil || len(wanted) == 0 {
		return "zh"
	}
	for _, tag := range wanted {
		switch base, _ := tag.Base(); base.String() {
		case "zh":
			return "zh"
		case "en":
			return "en"
		}
	}
	return "en"
}
