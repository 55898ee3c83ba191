package packs

import (
	"fmt"
	"slices"
)

// A Sheet is the first-hour paper: it works with no power, no network and no
// scan, and each box has an id so that its time can be typed in later as the time
// it happened.
type Sheet struct {
	Header   `yaml:",inline"`
	Title    Text      `yaml:"title"`
	Intro    Text      `yaml:"intro"`
	Sections []Section `yaml:"sections"`
	Footer   Text      `yaml:"footer"`
}

// A Section is a group of boxes under one heading.
type Section struct {
	ID    string `yaml:"id"`
	Title Text   `yaml:"title"`
	Boxes []Box  `yaml:"boxes"`
}

// A Box is one thing to tick, fill in or call.
type Box struct {
	ID     string `yaml:"id"`
	Kind   string `yaml:"kind"`   // check, call or write
	Number string `yaml:"number"` // for call: the number, or a setting in braces such as {acquirer_phone}
	Time   bool   `yaml:"time"`   // has a line for the time it happened
	Who    bool   `yaml:"who"`    // has a line for the name
	Lines  int    `yaml:"lines"`  // for write: blank lines to print
	Task   string `yaml:"task"`   // playbook task it belongs to, if any
	Text   Text   `yaml:"text"`
	Why    *Text  `yaml:"why"`
}

// Box finds a box by id.
func (s *Sheet) Box(id string) (Box, bool) {
	for _, sec := range s.Sections {
		if i := slices.IndexFunc(sec.Boxes, func(b Box) bool { return b.ID == id }); i >= 0 {
			return sec.Boxes[i], true
		}
	}
	return Box{}, false
}

// Settings a call box may name instead of a number; they are typed at first run.
var phoneSettings = []string{"{acquirer_phone}", "{provider_phone}", "{responder_phone}"}

func (p *Packs) checkSheet(r *report) {
	s := &p.Sheet
	r.ids("sections", idsOf(s.Sections, func(c Section) string { return c.ID }))
	seen := map[string]bool{}
	for i, sec := range s.Sections {
		list := fmt.Sprintf("sections[%d].boxes", i)
		r.ids(list, idsOf(sec.Boxes, func(b Box) string { return b.ID }))
		for j, b := range sec.Boxes {
			key := fmt.Sprintf("%s[%d]", list, j)
			r.need(!seen[b.ID], key+".id", "is used in another section; times could not be told apart")
			seen[b.ID] = true
			p.checkBox(r, b, key)
		}
	}
}

func (p *Packs) checkBox(r *report, b Box, key string) {
	kinds := []string{"check", "call", "write"}
	r.need(slices.Contains(kinds, b.Kind), key+".kind", "is not one of %v", kinds)
	r.need((b.Kind == "call") == (b.Number != ""), key+".number", "belongs to boxes of kind call, and to each of them")
	if b.Number != "" && b.Number[0] == '{' {
		r.need(slices.Contains(phoneSettings, b.Number), key+".number", "is no setting; use one of %v", phoneSettings)
	}
	r.need((b.Kind == "write") == (b.Lines > 0), key+".lines", "belongs to boxes of kind write, and to each of them")
	if b.Task != "" {
		_, ok := p.Playbook.Task(b.Task)
		r.need(ok, key+".task", "is no task of playbook.yaml")
	}
}
