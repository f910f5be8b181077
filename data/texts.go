package data

import (
	"fmt"
	"io/fs"

	"github.com/goccy/go-yaml"
)

// Texts are the words that people read, by key and language.
type Texts map[string]map[string]string

// LoadTexts reads every file of data/i18n: YAML of key → {zh, en}. A key that
// stands twice, or lacks a language, is an error that names it.
func LoadTexts() (Texts, error) {
	texts := Texts{}
	names, err := fs.Glob(files, "i18n/*.yaml")
	if err != nil {
		return nil, fmt.Errorf("list the texts: %w", err)
	}
	for _, name := range names {
		if err := texts.read(name); err != nil {
			return nil, err
		}
	}
	return texts, nil
}

func (t Texts) read(name string) error {
	b, err := files.ReadFile(name)
	if err != nil {
		return fmt.Errorf("read the texts: %w", err)
	}
	var part Texts
	if err := yaml.Unmarshal(b, &part); err != nil {
		return fmt.Errorf("texts in %s: %w", name, err)
	}
	for key, words := range part {
		if _, twice := t[key]; twice {
			return fmt.Errorf("texts in %s: key %q stands in another file too; keep one", name, key)
		}
		if words["zh"] == "" || words["en"] == "" {
			return fmt.Errorf("texts in %s: key %q needs both zh and en", name, key)
		}
		t[key] = words
	}
	return nil
}

// Text is the text of key in lang (zh or en; anything else reads as en), with
// args put in by fmt's verbs. A key without a text is shown as it is, so that
// nothing is hidden.
func (t Texts) Text(lang, key string, args ...any) string {
	words, ok := t[key]
	if !ok {
		return key
	}
	text, ok := words[lang]
	if !ok {
		text = words["en"]
	}
	if len(args) == 0 {
		return text
	}
	return fmt.Sprintf(text, args...)
}
