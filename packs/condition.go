package packs

import (
	"fmt"
	"slices"
)

// A Set is what is known of a list of values. Whole says that the list is
// complete: only then is a value that is missing from it known to be absent.
type Set struct {
	Values []string
	Whole  bool
}

// Has tells whether the set holds a value.
func (s Set) Has(value string) Tri {
	switch {
	case slices.Contains(s.Values, value):
		return True
	case s.Whole:
		return False
	}
	return Unknown
}

// Facts is what a condition may ask about a case. The zero value knows nothing.
type Facts struct {
	SADPresent Tri    // sensitive authentication data was found or reported
	CardsKnown Tri    // the distinct cards are counted, not guessed
	OnePerson  Tri    // the tenant runs in one-person mode
	Kinds      Set    // data class ids, as in data-classes.yaml
	SignKinds  Set    // kinds of sign, as in signs.yaml
	Source     Set    // what the case came from: watch, sign
	State      string // suspected, confirmed, ruled_out or closed; empty is unknown
	Country    string // of the house, ISO 3166-1, two capital letters; empty is unknown
}

func (f Facts) truth(name string) Tri {
	switch name {
	case "sad_present":
		return f.SADPresent
	case "cards_known":
		return f.CardsKnown
	case "one_person":
		return f.OnePerson
	}
	return Unknown
}

func (f Facts) set(name string) Set {
	switch name {
	case "kinds":
		return f.Kinds
	case "sign_kinds":
		return f.SignKinds
	case "source":
		return f.Source
	case "state":
		if f.State != "" {
			return Set{Values: []string{f.State}, Whole: true}
		}
	case "country":
		if f.Country != "" {
			return Set{Values: []string{f.Country}, Whole: true}
		}
	}
	return Set{}
}

// The facts by the question that fits them, and the values that are fixed here
// because the program sets them, not a pack.
var (
	truthFacts   = []string{"sad_present", "cards_known", "one_person"}
	setFacts     = []string{"kinds", "sign_kinds", "source", "state", "country"}
	sourceValues = []string{"watch", "sign"}
	stateValues  = []string{"suspected", "confirmed", "ruled_out", "closed"}
)

// A Cond is a condition over facts in three-valued logic: all is the least of
// its parts, any the greatest, not the inverse. Exactly one form is set. A nil
// Cond always holds.
type Cond struct {
	All  []Cond `yaml:"all"`
	Any  []Cond `yaml:"any"`
	Not  *Cond  `yaml:"not"`
	Fact string `yaml:"fact"`
	Is   *Tri   `yaml:"is"`
	Has  string `yaml:"has"`
}

// Eval judges the condition. "is: unknown" asks whether a fact is unknown, and so
// is itself never unknown.
func (c *Cond) Eval(f Facts) Tri {
	switch {
	case c == nil:
		return True
	case c.All != nil:
		least := True
		for i := range c.All {
			least = min(least, c.All[i].Eval(f))
		}
		return least
	case c.Any != nil:
		most := False
		for i := range c.Any {
			most = max(most, c.Any[i].Eval(f))
		}
		return most
	case c.Not != nil:
		return c.Not.Eval(f).Not()
	case c.Has != "":
		return f.set(c.Fact).Has(c.Has)
	case c.Is != nil && *c.Is == Unknown:
		return TriOf(f.truth(c.Fact) == Unknown)
	case c.Is != nil && *c.Is == False:
		return f.truth(c.Fact).Not()
	}
	return f.truth(c.Fact)
}

// maxDepth bounds nesting, because Eval recurses and a pack may come from a stranger.
const maxDepth = 16

func (c Cond) check(r *report, key string) { c.checkAt(r, key, 0) }

func (c Cond) checkAt(r *report, key string, depth int) {
	if depth > maxDepth {
		r.addf(key, "is nested deeper than %d; split the task", maxDepth)
		return
	}
	forms := 0
	for _, set := range []bool{c.All != nil, c.Any != nil, c.Not != nil, c.Fact != ""} {
		if set {
			forms++
		}
	}
	r.need(forms == 1, key, "is not one condition; give exactly one of all, any, not, fact")
	r.need(c.Fact != "" || c.Is == nil && c.Has == "", key, "asks without a fact; put is and has beside fact")
	r.need(c.All == nil || len(c.All) > 0, key+".all", "is empty; give at least one condition")
	r.need(c.Any == nil || len(c.Any) > 0, key+".any", "is empty; give at least one condition")
	for i, sub := range c.All {
		sub.checkAt(r, fmt.Sprintf("%s.all[%d]", key, i), depth+1)
	}
	for i, sub := range c.Any {
		sub.checkAt(r, fmt.Sprintf("%s.any[%d]", key, i), depth+1)
	}
	if c.Not != nil {
		c.Not.checkAt(r, key+".not", depth+1)
	}
	if c.Fact != "" {
		c.checkLeaf(r, key)
	}
}

func (c Cond) checkLeaf(r *report, key string) {
	switch {
	case slices.Contains(truthFacts, c.Fact):
		r.need(c.Is != nil && c.Has == "", key, "needs is: true, false or unknown for this fact")
	case slices.Contains(setFacts, c.Fact):
		r.need(c.Is == nil && c.Has != "", key, "needs has: and a value for this fact")
	default:
		r.addf(key+".fact", "is no fact; use one of %v or %v", truthFacts, setFacts)
	}
}

// leaves calls visit for every fact the condition asks about.
func (c *Cond) leaves(key string, visit func(leaf *Cond, key string)) {
	if c == nil {
		return
	}
	if c.Fact != "" {
		visit(c, key)
	}
	for i := range c.All {
		c.All[i].leaves(fmt.Sprintf("%s.all[%d]", key, i), visit)
	}
	for i := range c.Any {
		c.Any[i].leaves(fmt.Sprintf("%s.any[%d]", key, i), visit)
	}
	c.Not.leaves(key+".not", visit)
}
