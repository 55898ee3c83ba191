package packs

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

// check holds both languages to be there. Han letters tell them apart well enough
// to catch a text that was pasted into the wrong place or never translated.
func (t Text) check(r *report, key string) {
	r.need(t.In("zh") != "", key+".zh", "is missing; every text needs Chinese and English")
	r.need(t.In("en") != "", key+".en", "is missing; every text needs Chinese and English")
	r.need(hasHan(t.ZH), key+".zh", "holds no Chinese; write it in Chinese")
	r.need(!hasHan(t.EN), key+".en", "holds Chinese; write it in English")
}

func hasHan(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(unicode.Han, r) })
}
