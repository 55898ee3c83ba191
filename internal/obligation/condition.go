package obligation

import (
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"github.com/stanch/stanch/internal/datafile"
)

// A Cond is a condition over facts in three-valued logic: all is the least of
// its parts, any the greatest, not the inverse, over false < unknown < true.
// Exactly one form is set. A nil Cond always holds.
type Cond struct {
	All   []Cond   `yaml:"all"`
	Any   []Cond   `yaml:"any"`
	Not   *Cond    `yaml:"not"`
	Fact  string   `yaml:"fact"`
	Op    string   `yaml:"op"`
	Value *Operand `yaml:"value"`
	Param string   `yaml:"param"` // the region of a count by region
	Basis string   `yaml:"basis"` // in gradings: what the number counts
}

// An Operand is what a leaf compares its fact with.
type Operand struct {
	Words  []string
	Number int64
	isList bool
	isNum  bool
}

// UnmarshalYAML reads a number, a word or a list of words.
func (o *Operand) UnmarshalYAML(node ast.Node) error {
	if list, ok := node.(*ast.SequenceNode); ok {
		o.isList = true
		for _, v := range list.Values {
			word, ok := v.(*ast.StringNode)
			if !ok {
				return datafile.BadValue(v, "is not a word; give words in a list")
			}
			o.Words = append(o.Words, word.Value)
		}
		return nil
	}
	if word, ok := node.(*ast.StringNode); ok {
		o.Words = []string{word.Value}
		return nil
	}
	if n, ok := wholeNumber(node); ok {
		o.Number, o.isNum = n, true
		return nil
	}
	return datafile.BadValue(node, "is not a number, a word or a list of words")
}

func (o *Operand) String() string {
	if o.isNum {
		return fmt.Sprint(o.Number)
	}
	return strings.Join(o.Words, ", ")
}

// The questions that fit each type of fact.
var opsOf = map[string][]string{
	"bool":          {"true", "false"},
	"enum":          {"eq", "ne", "in"},
	"set":           {"has", "has_any"},
	"int":           {"gte", "gt", "lte", "lt", "eq", "ne"},
	"int_by_region": {"gte", "gt", "lte", "lt", "eq", "ne"},
}

// maxDepth bounds nesting: judging recurses, and a pack may come from a stranger.
const maxDepth = 16

// A leaf is a question that was asked, with its answer.
type leaf struct {
	cond  *Cond
	value Value // nil if unknown
	truth datafile.Tri
}

func (l leaf) String() string {
	value := "unknown"
	if l.value != nil {
		value = l.value.String()
	}
	name := l.cond.Fact
	if l.cond.Param != "" {
		name += "[" + l.cond.Param + "]"
	}
	if l.cond.Value == nil {
		return name + " = " + value
	}
	question := signs[l.cond.Op] + " " + l.cond.Value.String()
	switch {
	case l.truth == datafile.False:
		question = "not " + question
	case l.truth == datafile.Unknown && l.value != nil:
		question = "perhaps " + question
	case l.truth == datafile.Unknown:
		question = "asked: " + question
	}
	return name + " = " + value + " (" + question + ")"
}

// signs says the questions as people read them.
var signs = map[string]string{
	"eq": "is", "ne": "other than", "in": "one of", "has": "holds", "has_any": "holds one of",
	"gte": ">=", "gt": ">", "lte": "<=", "lt": "<",
}

// judge answers the condition and returns the leaves that decided it: one that
// makes it false, all that leave it open, or all that together make it true.
func (c *Cond) judge(v view) (datafile.Tri, []leaf) {
	switch {
	case c == nil:
		return datafile.True, nil
	case c.All != nil:
		return join(c.All, v, datafile.False)
	case c.Any != nil:
		return join(c.Any, v, datafile.True)
	case c.Not != nil:
		truth, leaves := c.Not.judge(v)
		return truth.Not(), leaves
	}
	value := v.value(c.Fact)
	if regions, ok := value.(Regions); ok {
		value = nil
		if count, known := regions[c.Param]; known {
			value = count
		}
	}
	truth := c.ask(value)
	if value == nil {
		truth = c.askDomain(v.domain(c.Fact))
	}
	return truth, []leaf{{c, value, truth}}
}

// join judges the parts of all, which False decides, or of any, which True does.
func join(parts []Cond, v view, decides datafile.Tri) (datafile.Tri, []leaf) {
	result := decides.Not()
	var leaves []leaf
	for i := range parts {
		truth, because := parts[i].judge(v)
		switch {
		case truth == decides:
			return truth, because
		case truth == result:
			leaves = append(leaves, because...)
		case truth == datafile.Unknown:
			result, leaves = truth, because
		}
	}
	return result, leaves
}

// ask answers a leaf over a value.
func (c *Cond) ask(value Value) datafile.Tri {
	switch x := value.(type) {
	case Truth:
		return datafile.TriOf(bool(x) == (c.Op == "true"))
	case Range:
		return x.compare(c.Op, c.Value.Number)
	case Words:
		if c.Op == "ne" {
			return x.among(c.Value.Words).Not()
		}
		return x.among(c.Value.Words)
	case Set:
		most := datafile.False
		for _, word := range c.Value.Words {
			most = max(most, x.has(word))
		}
		return most
	}
	return datafile.Unknown
}

// askDomain answers a leaf over an enumerated fact of which nothing is known: if
// all its values, or none, fit the question, it does not matter which it is.
func (c *Cond) askDomain(values Words) datafile.Tri {
	if len(values) == 0 {
		return datafile.Unknown
	}
	return c.ask(values)
}

// check holds a condition to the vocabulary.
func (c *Cond) check(facts map[string]Fact, r *findings, key string, depth int) {
	if c == nil {
		return
	}
	if depth > maxDepth {
		r.faultf(key, "is nested deeper than %d; split the rule", maxDepth)
		return
	}
	forms := 0
	for _, set := range []bool{c.All != nil, c.Any != nil, c.Not != nil, c.Fact != ""} {
		if set {
			forms++
		}
	}
	r.need(forms == 1, key, "is not one condition; give exactly one of all, any, not, fact")
	r.need(c.Fact != "" || c.Op == "" && c.Value == nil && c.Param == "", key, "asks without a fact; put op, value and param beside fact")
	r.need(c.All == nil || len(c.All) > 0, key+".all", "is empty; give at least one condition")
	r.need(c.Any == nil || len(c.Any) > 0, key+".any", "is empty; give at least one condition")
	for i := range c.All {
		c.All[i].check(facts, r, fmt.Sprintf("%s.all[%d]", key, i), depth+1)
	}
	for i := range c.Any {
		c.Any[i].check(facts, r, fmt.Sprintf("%s.any[%d]", key, i), depth+1)
	}
	c.Not.check(facts, r, key+".not", depth+1)
	if c.Fact != "" {
		c.checkLeaf(facts, r, key)
	}
}

func (c *Cond) checkLeaf(facts map[string]Fact, r *findings, key string) {
	fact, ok := facts[c.Fact]
	if !ok {
		r.faultf(key+".fact", "is no fact of facts.yaml; check the spelling")
		return
	}
	if !slices.Contains(opsOf[fact.Type], c.Op) {
		r.faultf(key+".op", "does not fit a fact of type %s; use one of %v", fact.Type, opsOf[fact.Type])
		return
	}
	r.need((c.Param != "") == (fact.Type == "int_by_region"), key+".param", "names a region, for counts by region and only for them")
	if fact.Type == "bool" {
		r.need(c.Value == nil, key+".value", "is not wanted with op true or false; remove it")
		return
	}
	numeric := fact.Type == "int" || fact.Type == "int_by_region"
	list := c.Op == "in" || c.Op == "has_any"
	if c.Value == nil || c.Value.isNum != numeric || !numeric && c.Value.isList != list || list && len(c.Value.Words) == 0 {
		r.faultf(key+".value", "does not fit; %s wants a %s", c.Op, map[bool]string{true: "number", false: "word, or a list of words for in and has_any"}[numeric])
		return
	}
	if len(fact.Values) == 0 {
		return
	}
	for _, word := range c.Value.Words {
		r.need(slices.Contains(fact.Values, word), key+".value", "is not one of the fact's values %v", fact.Values)
	}
}
