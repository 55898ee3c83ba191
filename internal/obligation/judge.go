package obligation

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/stanch/stanch/internal/datafile"
)

// A verdict is whether a rule applies, and why.
type verdict struct {
	status Status
	why    string
	open   []string
}

// part is one of the conditions that all have to hold.
type part struct {
	truth datafile.Tri
	why   string
	open  []string
}

// judge puts the conditions of a rule together, the implicit ones first.
func (v view) judge(rule *Rule) verdict {
	parts := []part{v.within(rule), v.obliged(rule), v.inForce(rule), v.condition(rule.When)}
	truth := datafile.True
	var unknown, held []string
	var open []string
	for _, p := range parts {
		switch p.truth {
		case datafile.False:
			return verdict{status: NotApplicable, why: p.why}
		case datafile.Unknown:
			truth = datafile.Unknown
			unknown, open = append(unknown, p.why), append(open, p.open...)
		case datafile.True:
			if p.why != "" {
				held = append(held, p.why)
			}
		}
	}
	exception := v.condition(rule.Unless)
	if rule.Unless != nil && exception.truth == datafile.True {
		return verdict{status: NotApplicable, why: "excepted: " + exception.why}
	}
	if rule.Unless != nil && exception.truth == datafile.Unknown {
		// an exception has to be shown: until it is, the duty stands
		held = append(held, "an exception is open: "+exception.why)
		open = append(open, exception.open...)
	}
	switch {
	case truth == datafile.True && len(held) == 0:
		return verdict{Applies, "no condition: it holds for whoever is obliged", open}
	case truth == datafile.True:
		return verdict{Applies, strings.Join(held, "; "), open}
	case rule.UnknownPolicy == "skip":
		return verdict{NotApplicable, "asked for once it is known: " + strings.Join(unknown, "; "), open}
	}
	return verdict{Possible, strings.Join(unknown, "; "), open}
}

// condition judges a written condition.
func (v view) condition(c *Cond) part {
	truth, leaves := c.judge(v)
	p := part{truth: truth}
	var why []string
	for _, l := range leaves {
		if text := l.String(); !slices.Contains(why, text) {
			why = append(why, text)
		}
		if truth == datafile.Unknown {
			p.open = append(p.open, l.cond.Fact)
		}
	}
	p.why = strings.Join(why, "; ")
	return p
}

// within judges the jurisdiction. What is international holds everywhere, and who
// is subject in a state is subject in its country.
func (v view) within(rule *Rule) part {
	if rule.Jurisdiction == "INTL" {
		return part{truth: datafile.True}
	}
	set, _ := v.value(factJurisdictions).(Set)
	truth := max(set.has(rule.Jurisdiction), set.has(country(rule.Jurisdiction)))
	if slices.ContainsFunc(set.Members, func(m string) bool { return country(m) == rule.Jurisdiction }) {
		truth = datafile.True
	}
	p := part{truth: truth}
	switch truth {
	case datafile.False:
		p.why = fmt.Sprintf("%s = %s; %s is not among them", factJurisdictions, set, rule.Jurisdiction)
	case datafile.Unknown:
		p.why, p.open = factJurisdictions+" = unknown", []string{factJurisdictions}
	}
	return p
}

// obliged judges who owes the duty: the kind of organisation or its role.
func (v view) obliged(rule *Rule) part {
	p := part{truth: datafile.False}
	why := ""
	for _, name := range []string{factType, factRole} {
		words, known := v.value(name).(Words)
		if !known {
			words = v.domain(name)
		}
		truth := words.among(rule.Obligated)
		if truth == datafile.True {
			return part{truth: truth}
		}
		if truth == datafile.Unknown {
			p.truth, p.open = truth, append(p.open, name)
		}
		if known {
			why += name + " = " + words.String() + ", "
		} else {
			why += name + " = unknown, "
		}
	}
	p.why = why + "obliged: " + strings.Join(rule.Obligated, ", ")
	return p
}

// inForce judges whether the rule was in force when its clock event happened. A
// rule without a day of commencement is one that nobody wrote down, and holds.
func (v view) inForce(rule *Rule) part {
	date, ok := v.eventDate(rule.Deadline.Clock)
	if !ok {
		return part{truth: datafile.True}
	}
	if from, _, ok := dates(rule.Effective.From); ok && date.Before(from) {
		return part{truth: datafile.False, why: "in force from " + rule.Effective.From + "; the event is of " + date.Format(time.DateOnly)}
	}
	if to, _, ok := dates(rule.Effective.To); ok && !date.Before(to) {
		return part{truth: datafile.False, why: "in force until " + rule.Effective.To + "; the event is of " + date.Format(time.DateOnly)}
	}
	return part{truth: datafile.True}
}

// eventDate returns the date by which a rule is or is not in force: that of its
// clock, else of discovery or suspicion, else today.
func (v view) eventDate(clock string) (time.Time, bool) {
	for _, name := range []string{clock, discovered, suspected} {
		if m, ok := v.facts.clocks[name]; ok {
			return day(m.At.In(v.facts.Zone)), true
		}
	}
	return day(v.at.In(v.facts.Zone)), !v.at.IsZero()
}
