package datafile

import (
	"strings"
	"unicode"
)

// A Text is one thing said in both languages of the product.
type Text struct {
	ZH string `yaml:"zh" json:"zh"`
	EN string `yaml:"en" json:"en"`
}

// In returns the text in the language of a tag such as zh-CN or en. Any tag that
// is not Chinese gets English.
func (t Text) In(lang string) string {
	if lang == "zh" || strings.HasPrefix(lang, "zh-") {
		return strings.TrimSpace(t.ZH)
	}
	return strings.TrimSpace(t.EN)
}

// Lines returns the text as its lines, one step each.
func (t Text) Lines(lang string) []string {
	return strings.Split(t.In(lang), "\n")
}

// Fault says what is wrong with a text, and in which part of it; no part is right.
// Han letters tell the languages apart well enough to catch a text that was pasted
// into the wrong place or never translated.
func (t Text) Fault() (part, problem string) {
	switch {
	case t.In("zh") == "":
		return "zh", "is missing; every text needs Chinese and English"
	case t.In("en") == "":
		return "en", "is missing; every text needs Chinese and English"
	case !hasHan(t.ZH):
		return "zh", "holds no Chinese; write it in Chinese"
	case hasHan(t.EN):
		return "en", "holds Chinese; write it in English"
	}
	return "", ""
}

func hasHan(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(unicode.Han, r) })
}
