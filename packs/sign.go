package packs

import (
	"fmt"
	"slices"
)

// Signs is what a person can report that no scanner sees.
type Signs struct {
	Header    `yaml:",inline"`
	Reporters []Reporter `yaml:"reporters"`
	Kinds     []SignKind `yaml:"kinds"`
}

// A Reporter is who says so.
type Reporter struct {
	ID    string `yaml:"id"`
	Label Text   `yaml:"label"`
	Ask   Text   `yaml:"ask"` // what to ask this reporter while they are on the line
}

// A SignKind is what they say happened.
type SignKind struct {
	ID      string   `yaml:"id"`
	Label   Text     `yaml:"label"`
	Looks   Text     `yaml:"looks"`   // how a shop recognises it
	Implies []string `yaml:"implies"` // data class ids that may be exposed: offered, never assumed
	First   []string `yaml:"first"`   // task ids to show at once
}

// Kind finds a kind of sign by id.
func (s *Signs) Kind(id string) (SignKind, bool) {
	i := slices.IndexFunc(s.Kinds, func(k SignKind) bool { return k.ID == id })
	if i < 0 {
		return SignKind{}, false
	}
	return s.Kinds[i], true
}

// Reporter finds a reporter by id.
func (s *Signs) Reporter(id string) (Reporter, bool) {
	i := slices.IndexFunc(s.Reporters, func(p Reporter) bool { return p.ID == id })
	if i < 0 {
		return Reporter{}, false
	}
	return s.Reporters[i], true
}

func (s *Signs) kindIDs() []string {
	return idsOf(s.Kinds, func(k SignKind) string { return k.ID })
}

func (p *Packs) checkSigns(r *report) {
	r.ids("reporters", idsOf(p.Signs.Reporters, func(p Reporter) string { return p.ID }))
	r.ids("kinds", p.Signs.kindIDs())
	for i, k := range p.Signs.Kinds {
		for j, id := range k.Implies {
			_, ok := p.DataClasses.Class(id)
			r.need(ok, fmt.Sprintf("kinds[%d].implies[%d]", i, j), "is no class of data-classes.yaml")
		}
		r.need(len(k.First) > 0, fmt.Sprintf("kinds[%d].first", i), "is empty; name the tasks to show at once")
		for j, id := range k.First {
			_, ok := p.Playbook.Task(id)
			r.need(ok, fmt.Sprintf("kinds[%d].first[%d]", i, j), "is no task of playbook.yaml")
		}
	}
}
