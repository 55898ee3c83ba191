package packs

import (
	"fmt"
	"slices"
)

// A Taxonomy names the causes a case can end with, so that they can be counted
// over the years and each comes with its remedy.
type Taxonomy struct {
	Header `yaml:",inline"`
	Groups []CauseGroup `yaml:"groups"`
	Causes []Cause      `yaml:"causes"`
}

// A CauseGroup is a family of causes.
type CauseGroup struct {
	ID    string `yaml:"id"`
	Title Text   `yaml:"title"`
}

// A Cause is one way that card data came to lie open.
type Cause struct {
	ID      string   `yaml:"id"`
	Group   string   `yaml:"group"`
	Human   bool     `yaml:"human"` // an operator's mistake, as against an attack or a fault
	Signs   []string `yaml:"signs"` // kinds of sign that point to it
	Tasks   []string `yaml:"tasks"` // tasks that answer it
	Title   Text     `yaml:"title"`
	Looks   Text     `yaml:"looks"`   // how to recognise it
	Removes Text     `yaml:"removes"` // what takes it away
	Gone    Text     `yaml:"gone"`    // how to show that it is gone
}

// Cause finds a cause by id.
func (t *Taxonomy) Cause(id string) (Cause, bool) {
	i := slices.IndexFunc(t.Causes, func(c Cause) bool { return c.ID == id })
	if i < 0 {
		return Cause{}, false
	}
	return t.Causes[i], true
}

func (p *Packs) checkTaxonomy(r *report) {
	t := &p.Taxonomy
	groups := idsOf(t.Groups, func(g CauseGroup) string { return g.ID })
	r.ids("groups", groups)
	r.ids("causes", idsOf(t.Causes, func(c Cause) string { return c.ID }))
	for i, c := range t.Causes {
		key := fmt.Sprintf("causes[%d]", i)
		r.need(slices.Contains(groups, c.Group), key+".group", "is not one of %v", groups)
		for j, id := range c.Signs {
			_, ok := p.Signs.Kind(id)
			r.need(ok, fmt.Sprintf("%s.signs[%d]", key, j), "is no kind of signs.yaml")
		}
		for j, id := range c.Tasks {
			_, ok := p.Playbook.Task(id)
			r.need(ok, fmt.Sprintf("%s.tasks[%d]", key, j), "is no task of playbook.yaml")
		}
	}
}
