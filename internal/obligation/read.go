package obligation

import (
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"

	"github.com/stanch/stanch/card"
	"github.com/stanch/stanch/internal/datafile"
)

// reader reads a facts file: the keys tz, facts and clocks.
type reader struct {
	book  *Rulebook
	file  *datafile.File
	facts *Facts
}

// ReadFacts reads a facts file. What it cannot make sense of at all is an error
// with its line; a name that it does not know is left out and noted, because a
// clock must not stand still over a misspelt word.
func (b *Rulebook) ReadFacts(name string, data []byte) (f *Facts, err error) {
	r := &reader{book: b, file: &datafile.File{What: "facts", Name: name, Data: data}}
	body, err := r.file.Parse()
	if err != nil {
		return nil, err
	}
	top, ok := pairs(body)
	if !ok {
		return nil, r.fault(body, "", "is not a list of keys; write tz, facts and clocks")
	}
	if err := r.zone(top); err != nil {
		return nil, err
	}
	for _, pair := range top {
		switch key := keyOf(pair); key {
		case "tz", "expect", "title", "title_zh", "title_en", "note":
		case "facts":
			err = r.each(pair, r.fact)
		case "clocks":
			err = r.each(pair, r.clock)
		default:
			r.remark("unknown_key", key, pair)
		}
		if err != nil {
			return nil, err
		}
	}
	return r.facts, nil
}

func (r *reader) zone(top []*ast.MappingValueNode) error {
	i := slices.IndexFunc(top, func(p *ast.MappingValueNode) bool { return keyOf(p) == "tz" })
	if i < 0 {
		return &datafile.FileError{What: "facts", File: r.file.Name, Key: "tz", Problem: "is missing; name the zone that times are in, like Asia/Shanghai"}
	}
	word, ok := top[i].Value.(*ast.StringNode)
	if ok {
		zone, found := loadZone(word.Value)
		r.facts, ok = NewFacts(zone), found
	}
	if !ok {
		return r.fault(top[i].Value, "tz", "is no time zone; write it like Asia/Shanghai or America/New_York")
	}
	return nil
}

// each reads the entries of a section.
func (r *reader) each(section *ast.MappingValueNode, read func(name string, node ast.Node) error) error {
	if _, empty := section.Value.(*ast.NullNode); empty {
		return nil
	}
	entries, ok := pairs(section.Value)
	if !ok {
		return r.fault(section.Value, keyOf(section), "is not a list of keys; write one name: value a line")
	}
	for _, pair := range entries {
		if err := read(keyOf(pair), pair.Value); err != nil {
			return err
		}
	}
	return nil
}

func (r *reader) fact(name string, node ast.Node) error {
	fact, ok := r.book.Facts[name]
	switch {
	case !ok:
		r.remark("unknown_fact", name, node)
		return nil
	case isUnknown(node):
		r.remark("stated_unknown", name, node)
		return nil
	}
	value, problem := r.value(name, fact, node)
	if problem != "" {
		return r.fault(node, name, problem)
	}
	r.facts.Set(name, value)
	return nil
}

// value reads a value by the type of its fact.
func (r *reader) value(name string, fact Fact, node ast.Node) (Value, string) {
	switch fact.Type {
	case "bool":
		if b, ok := node.(*ast.BoolNode); ok {
			return Truth(b.Value), ""
		}
		return nil, "is not a truth; write true, false or unknown"
	case "int":
		return r.count(name, node)
	case "int_by_region":
		return r.regions(name, node)
	case "set":
		return r.set(name, fact, node)
	case "duration":
		if word, ok := node.(*ast.StringNode); ok {
			if period, ok := ParsePeriod(word.Value); ok {
				return period, ""
			}
		}
		return nil, notPeriod
	}
	if word, ok := node.(*ast.StringNode); ok && slices.Contains(fact.Values, word.Value) {
		return Words{word.Value}, ""
	}
	return nil, "is not one of " + strings.Join(fact.Values, ", ") + ", unknown"
}

// mostCount is more than any case has of anything, and shorter than a card number.
const mostCount = 999_999_999_999

const notCount = "is not a count; write a whole number, [low, high], or [low, unknown]"

func (r *reader) count(name string, node ast.Node) (Value, string) {
	if n, ok := wholeNumber(node); ok && n >= 0 && n <= mostCount {
		return Exactly(n), ""
	}
	list, ok := node.(*ast.SequenceNode)
	if !ok || len(list.Values) != 2 {
		return nil, notCount
	}
	low, ok := wholeNumber(list.Values[0])
	if !ok && isUnknown(list.Values[0]) {
		low, ok = 0, true
	}
	high, fixed := wholeNumber(list.Values[1])
	if !ok || low < 0 || low > mostCount || fixed && (high < 0 || high > mostCount) {
		return nil, notCount
	}
	if !fixed && isUnknown(list.Values[1]) {
		high, fixed = Endless, true
	}
	if !fixed {
		return nil, notCount
	}
	if low > high {
		r.remark("inverted_range", name, node)
		low, high = high, low
	}
	return Range{low, high}, ""
}

func (r *reader) regions(name string, node ast.Node) (Value, string) {
	entries, ok := pairs(node)
	if !ok {
		return nil, "is not counts by region; write them like {US-CA: 620, US-NY: [10, 40]}"
	}
	regions := Regions{}
	for _, pair := range entries {
		if isUnknown(pair.Value) {
			continue
		}
		count, problem := r.count(name, pair.Value)
		if problem != "" {
			return nil, problem
		}
		regions[plain(keyOf(pair))] = count.(Range)
	}
	return regions, ""
}

func (r *reader) set(name string, fact Fact, node ast.Node) (Value, string) {
	list, ok := node.(*ast.SequenceNode)
	if !ok {
		return nil, "is not a list; write it like [CN, HK], or [] if there is none"
	}
	set := Set{Whole: true}
	for _, v := range list.Values {
		word, ok := v.(*ast.StringNode)
		switch {
		case isUnknown(v):
			set.Whole = false
		case !ok:
			return nil, "has a member that is not a word; put it in quotes"
		default:
			if len(fact.Values) > 0 && !slices.Contains(fact.Values, word.Value) {
				r.remark("unknown_value", name, v)
			}
			set.Members = append(set.Members, plain(word.Value))
		}
	}
	return set, ""
}

func (r *reader) clock(name string, node ast.Node) error {
	if _, ok := r.book.Clocks[name]; !ok {
		r.remark("unknown_clock", name, node)
		return nil
	}
	if isUnknown(node) {
		r.remark("stated_unknown", name, node)
		return nil
	}
	word, ok := node.(*ast.StringNode)
	var at Moment
	if ok {
		at, ok = ParseMoment(word.Value, r.facts.Zone)
	}
	if !ok {
		return r.fault(node, name, "is not a time; write it like '2026-11-19T21:40:00', with +08:00 if it is not in tz")
	}
	if at.Note != "" {
		r.remark(at.Note, name, node)
	}
	r.facts.clocks[name] = at
	return nil
}

func (r *reader) remark(code, about string, node ast.Node) {
	n := remark(code, plain(about))
	n.Line = lineOf(node)
	r.facts.Notes = append(r.facts.Notes, n)
}

func (r *reader) fault(node ast.Node, key, problem string) error {
	return &datafile.FileError{What: "facts", File: r.file.Name, Line: lineOf(node), Key: plain(key), Problem: problem}
}

// plain makes a name from a file fit to be shown: on one line, short, and without
// a card number that somebody pasted into the wrong place.
func plain(name string) string { return card.MaskText(datafile.Plain(name)) }

func lineOf(node ast.Node) int {
	var tok *token.Token
	if node != nil {
		tok = node.GetToken()
	}
	if tok == nil || tok.Position == nil {
		return 0
	}
	return tok.Position.Line
}

// pairs returns the entries of a mapping.
func pairs(node ast.Node) ([]*ast.MappingValueNode, bool) {
	switch n := node.(type) {
	case *ast.MappingNode:
		return n.Values, true
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{n}, true
	}
	return nil, false
}

func keyOf(pair *ast.MappingValueNode) string {
	if word, ok := pair.Key.(*ast.StringNode); ok {
		return word.Value
	}
	if tok := pair.Key.GetToken(); tok != nil {
		return tok.Value
	}
	return ""
}

func isUnknown(node ast.Node) bool {
	if _, null := node.(*ast.NullNode); null {
		return true
	}
	word, ok := node.(*ast.StringNode)
	return ok && word.Value == "unknown"
}

// wholeNumber reads an integer that fits in 63 bits.
func wholeNumber(node ast.Node) (int64, bool) {
	n, ok := node.(*ast.IntegerNode)
	if !ok {
		return 0, false
	}
	switch v := n.Value.(type) {
	case int64:
		return v, true
	case uint64:
		return int64(v), v < Endless
	}
	return 0, false
}
