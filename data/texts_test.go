package data_test

import (
	"testing"

	"github.com/muscope/muscope/analysis/land"
	"github.com/muscope/muscope/data"
)

// Every value of the contract that a person may meet has its words.
func TestWordsForEveryValue(t *testing.T) {
	texts, err := data.LoadTexts()
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	for _, s := range land.Statuses() {
		keys = append(keys, "status."+string(s))
	}
	for _, c := range land.Classes() {
		keys = append(keys, "class."+string(c))
	}
	for _, o := range land.Outcomes() {
		keys = append(keys, "outcome."+string(o))
	}
	for _, f := range land.ParcelFields() {
		keys = append(keys, "field."+f.Name)
	}
	for _, f := range land.ZoneFields() {
		keys = append(keys, "field."+f.Name)
	}
	for _, f := range land.StatsFields() {
		keys = append(keys, "field."+f.Name)
	}
	for _, f := range land.BuildingFields() {
		keys = append(keys, "field."+f.Name)
	}
	for _, key := range keys {
		for _, lang := range []string{"zh", "en"} {
			if texts.Text(lang, key) == key {
				t.Errorf("%s has no text in %s", key, lang)
			}
		}
	}
}

func TestTextShowsAnUnknownKey(t *testing.T) {
	if got := (data.Texts{}).Text("zh", "no.such.key"); got != "no.such.key" {
		t.Errorf("Text of an unknown key = %q, want the key itself", got)
	}
}
