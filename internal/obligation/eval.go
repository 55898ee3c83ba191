package obligation

import (
	"cmp"
	"slices"
	"time"
)

// view is the facts of a case together with what is computed from them.
type view struct {
	book   *Rulebook
	facts  *Facts
	at     time.Time
	grades map[string]Words // by fact
}

// value returns what is known of a fact, nil if nothing is.
func (v view) value(name string) Value {
	if grade, ok := v.grades[name]; ok {
		return grade
	}
	value := v.facts.values[name]
	if value == nil || !value.fits(v.book.Facts[name].Type) {
		return nil
	}
	return value
}

// domain returns the values an enumerated fact can have.
func (v view) domain(name string) Words {
	if fact := v.book.Facts[name]; fact.Type == "enum" {
		return fact.Values
	}
	return nil
}

// Eval answers for every rule. It changes nothing and cannot fail: what is odd
// about the facts is noted.
func (b *Rulebook) Eval(f *Facts, o Options) *Answer {
	a := &Answer{Notes: slices.Clone(f.Notes), Grades: map[string]Words{}, Duties: make([]Duty, 0, len(b.Rules))}
	v := view{book: b, facts: f, at: o.At}
	b.gradeAll(&v, a)
	b.doubt(v, a)
	for _, rule := range b.Rules {
		d := describe(rule)
		switch {
		case rule.ReleaseGate == "block" && !o.Preview:
			a.Held = append(a.Held, rule.ID)
			d.Status, d.Due, d.Why = NotApplicable, Due{Word: Unread}, "held back: nobody has verified its text yet ("+rule.Verification.State+")"
		case rule.Phase == "before" && !o.Before:
			v.time(rule, &d)
			d.Status, d.Why = NotApplicable, "no duty of an incident: it holds before any, and is worked out when asked for"
		default:
			verdict := v.judge(rule)
			d.Status, d.Why, d.Open = verdict.status, verdict.why, verdict.open
			v.time(rule, &d)
		}
		a.Duties = append(a.Duties, d)
	}
	inTime(a.Duties)
	return a
}

// gradeAll computes the grades. One that a person gave counts, unless the numbers
// already reach a graver one.
func (b *Rulebook) gradeAll(v *view, a *Answer) {
	computed := map[string]Words{}
	for i := range b.Gradings {
		g := &b.Gradings[i]
		name := g.fact(b.Facts)
		if name == "" {
			continue
		}
		possible := g.grade(*v)
		if typed, ok := v.facts.values[name].(Words); ok && len(typed) == 1 {
			lowest := possible[len(possible)-1]
			switch rank := g.rank(typed[0]); {
			case rank < 0 || rank > g.rank(lowest):
				a.Notes = append(a.Notes, remark("grade_too_low", name))
			case len(possible) > 1 || typed[0] != lowest:
				a.Notes = append(a.Notes, remark("typed_grade", name))
				possible = typed
			}
		}
		computed[name], a.Grades[g.ID] = possible, possible
	}
	v.grades = computed
}

// describe says of a duty what does not depend on the case.
func describe(rule *Rule) Duty {
	return Duty{
		Rule: rule.ID, Citations: rule.Citations, Title: rule.Title, DueText: rule.Deadline.Text,
		Pack: rule.pack.ID, Kind: rule.Kind, Phase: rule.Phase, Jurisdiction: rule.Jurisdiction, Force: rule.Force,
		Gate: cmp.Or(rule.ReleaseGate, "ok"), Confidence: rule.Confidence, Verification: rule.Verification,
		Addressees: rule.Addressees, Actions: rule.groups, Form: rule.Form, Staged: rule.Staged,
		FollowUps: rule.FollowUps, Conflicts: rule.Conflicts, Extension: rule.Deadline.Extension,
		Clock: rule.Deadline.Clock, ClockBasis: rule.Deadline.ClockBasis,
	}
}

// time gives a duty its due time and its own target.
func (v view) time(rule *Rule, d *Duty) {
	k := v.reckon(&rule.Deadline)
	d.Due = k.due()
	if k.choice() {
		d.Starts = k.starts
	}
	if d.Provisional = k.provisional; k.calendar != nil {
		d.CalendarNote = k.calendar.Note
	}
	d.Overdue = d.Status != NotApplicable && d.Due.Word == "" && !v.at.IsZero() && d.Due.At.Before(v.at)
	d.Shadow = d.Status == Possible && d.Due.Word == "" && rule.UnknownPolicy != "show_as_possible"
	if rule.Deadline.Kind == "recurring" && rule.Deadline.Duration != nil {
		d.Every = rule.Deadline.Duration.String()
	}
	if target := rule.InternalTarget; target != nil {
		own := Deadline{Kind: "within", Duration: &target.Duration, Clock: cmp.Or(rule.Deadline.Clock, discovered)}
		k := v.reckon(&own)
		d.InternalTarget = &OwnTarget{Due: k.due(), Duration: target.Duration, Note: target.Note}
	}
}
