package packs

import (
	"fmt"
	"slices"
)

// A Policy says which findings open a case and which cases they join.
type Policy struct {
	Header        `yaml:",inline"`
	TestNumbers   string   `yaml:"test_numbers"`   // ignore or count: published test numbers
	MinConfidence string   `yaml:"min_confidence"` // low, medium or high: matches below it do not count
	Classes       []string `yaml:"classes"`        // scan classes that count towards a rule
	Join          Join     `yaml:"join"`
	Rules         []Rule   `yaml:"rules"`
}

// A Join is the window in which a related finding enters an open case instead of
// opening another. A finding at the very same place always joins.
type Join struct {
	Within     Span `yaml:"within"`
	SameRoot   bool `yaml:"same_root"`   // must lie under the same watch root
	SameFolder bool `yaml:"same_folder"` // and in the same folder
}

// A Rule opens a case, or only shows a finding, when its trigger is met in one place.
type Rule struct {
	ID       string  `yaml:"id"`
	When     Trigger `yaml:"when"`
	Severity int     `yaml:"severity"` // 1 to 5, 5 is worst
	Open     bool    `yaml:"open"`
	Title    Text    `yaml:"title"`
}

// A Trigger has exactly one of its fields set.
type Trigger struct {
	SAD                  bool `yaml:"sad"`
	DistinctCardsAtLeast int  `yaml:"distinct_cards_at_least"`
}

// A Verdict is what the policy says of one place.
type Verdict struct {
	Open     bool
	Severity int
	Rules    []string // ids of the rules that fired, as in the file
}

// CountsTestNumbers tells whether published test numbers count like others.
func (p *Policy) CountsTestNumbers() bool { return p.TestNumbers == "count" }

// Counts tells whether a scan class counts towards the rules.
func (p *Policy) Counts(class string) bool { return slices.Contains(p.Classes, class) }

// Judge applies every rule to what was found in one place. The caller leaves out
// what does not count; any rule that opens opens, and the worst severity stays.
func (p *Policy) Judge(sad bool, distinctCards int) Verdict {
	var v Verdict
	for _, rule := range p.Rules {
		if !rule.When.met(sad, distinctCards) {
			continue
		}
		v.Open = v.Open || rule.Open
		v.Severity = max(v.Severity, rule.Severity)
		v.Rules = append(v.Rules, rule.ID)
	}
	return v
}

func (t Trigger) met(sad bool, distinctCards int) bool {
	if t.SAD {
		return sad
	}
	return distinctCards >= t.DistinctCardsAtLeast
}

func (p *Packs) checkPolicy(r *report) {
	y := &p.Policy
	r.need(y.TestNumbers == "ignore" || y.TestNumbers == "count", "test_numbers", "is not one of [ignore count]")
	levels := []string{"low", "medium", "high"}
	r.need(slices.Contains(levels, y.MinConfidence), "min_confidence", "is not one of %v", levels)
	r.need(len(y.Classes) > 0, "classes", "is empty; nothing would ever open a case")
	for i, class := range y.Classes {
		_, ok := p.Classes.Map(class)
		r.need(ok, fmt.Sprintf("classes[%d]", i), "is no scan class of classes.yaml")
	}
	r.need(y.Join.Within > 0, "join.within", "is missing; write it like PT72H")
	r.ids("rules", idsOf(y.Rules, func(u Rule) string { return u.ID }))
	for i, u := range y.Rules {
		key := fmt.Sprintf("rules[%d]", i)
		r.need(u.When.SAD != (u.When.DistinctCardsAtLeast > 0), key+".when", "needs exactly one of sad: true, distinct_cards_at_least: N")
		r.need(u.When.DistinctCardsAtLeast >= 0, key+".when.distinct_cards_at_least", "is below zero")
		r.need(u.Severity >= 1 && u.Severity <= 5, key+".severity", "is not 1 to 5")
	}
	opens := slices.ContainsFunc(y.Rules, func(u Rule) bool { return u.Open })
	r.need(opens, "rules", "open no case at all; at least one needs open: true")
}
