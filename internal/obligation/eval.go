package obligation

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/stanch/stanch/internal/datafile"
)

// A Status says whether a duty is owed.
type Status string

// The statuses.
const (
	Applies       Status = "applies"
	Possible      Status = "possible" // something that decides it is not known
	NotApplicable Status = "not_applicable"
)

// Options say what is asked for.
type Options struct {
	At      time.Time // now: what recurs falls due after it, and later clocks are noted
	Before  bool      // also the duties that hold before any incident
	Preview bool      // also rules that nobody has verified yet
}

// An Answer is every duty of one case.
type Answer struct {
	// Grades are the grades that each computed grading leaves possible, the
	// gravest first. The tables have open-ended clauses: a grade is at least
	// the last of them, and never surely not higher.
	Grades map[string]Words
	Duties []Duty
	Before []Duty   // that hold with or without an incident, if asked for
	Held   []string // rules left out because nobody has verified them
	Notes  []Note
}

// Grade returns the one grade that a grading leaves, if there is only one.
func (a *Answer) Grade(grading string) (string, bool) {
	if w := a.Grades[grading]; len(w) == 1 {
		return w[0], true
	}
	return "", false
}

// A Duty is what one rule asks in one case.
type Duty struct {
	Rule      string     `json:"rule"`
	Status    Status     `json:"status"`
	Due       Due        `json:"due"`
	Why       string     `json:"why"`
	Citations []Citation `json:"citations"`

	Title        Text         `json:"title"`
	DueText      Text         `json:"due_text"` // the deadline in the words of the rule
	Pack         string       `json:"pack"`
	Kind         string       `json:"kind"`
	Phase        string       `json:"phase"`
	Jurisdiction string       `json:"jurisdiction"`
	Force        string       `json:"force"`
	Gate         string       `json:"gate"` // ok, review or block
	Confidence   string       `json:"confidence"`
	Verification Verification `json:"verification"`
	Addressees   []string     `json:"addressees,omitempty"`
	Actions      []string     `json:"actions,omitempty"` // groups that it is answered with
	Form         string       `json:"form,omitempty"`
	Staged       *Staged      `json:"staged,omitempty"`
	FollowUps    []string     `json:"follow_ups,omitempty"`
	Conflicts    []string     `json:"conflicts,omitempty"`
	Extension    *Extension   `json:"extension,omitempty"`

	Clock        string   `json:"clock,omitempty"`
	ClockBasis   string   `json:"clock_basis,omitempty"`
	Starts       []Start  `json:"starts,omitempty"` // what it was counted from, if there was a choice
	Every        string   `json:"every,omitempty"`
	Provisional  bool     `json:"provisional,omitempty"`   // a year's holidays are not known
	CalendarNote string   `json:"calendar_note,omitempty"` // what the calendar takes for granted
	Shadow       bool     `json:"shadow,omitempty"`        // a clock that runs in case the duty applies
	Overdue      bool     `json:"overdue,omitempty"`
	Open         []string `json:"open,omitempty"` // facts that could still change the status

	InternalTarget *OwnTarget `json:"internal_target,omitempty"`
}

// An OwnTarget is the house's own aim for a duty. It is not law.
type OwnTarget struct {
	Due      Due    `json:"due"`
	Duration Period `json:"duration"`
	Note     string `json:"note,omitempty"`
}

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
		switch {
		case rule.ReleaseGate == "block" && !o.Preview:
			a.Held = append(a.Held, rule.ID)
		case rule.Phase != "before":
			a.Duties = append(a.Duties, v.duty(rule))
		case o.Before:
			a.Before = append(a.Before, v.duty(rule))
		}
	}
	a.Duties, a.Before = inTime(a.Duties), inTime(a.Before)
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

// duty works one rule out.
func (v view) duty(rule *Rule) Duty {
	d := Duty{
		Rule: rule.ID, Citations: rule.Citations, Title: rule.Title, DueText: rule.Deadline.Text,
		Pack: rule.pack.ID, Kind: rule.Kind, Phase: rule.Phase, Jurisdiction: rule.Jurisdiction, Force: rule.Force,
		Gate: cmp.Or(rule.ReleaseGate, "ok"), Confidence: rule.Confidence, Verification: rule.Verification,
		Addressees: rule.Addressees, Actions: rule.groups, Form: rule.Form, Staged: rule.Staged,
		FollowUps: rule.FollowUps, Conflicts: rule.Conflicts, Extension: rule.Deadline.Extension,
		Clock: rule.Deadline.Clock, ClockBasis: rule.Deadline.ClockBasis,
	}
	verdict := v.judge(rule)
	d.Status, d.Why, d.Open = verdict.status, verdict.why, verdict.open
	v.time(rule, &d)
	return d
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
	var why []string
	for _, name := range []string{factType, factRole} {
		value := v.value(name)
		words, known := value.(Words)
		if !known {
			words = v.domain(name)
		}
		truth := words.among(rule.Obligated)
		p.truth = max(p.truth, truth)
		if known {
			why = append(why, name+" = "+words.String())
		} else {
			why = append(why, name+" = unknown")
		}
		if truth == datafile.Unknown {
			p.open = append(p.open, name)
		}
	}
	if p.truth == datafile.True {
		return part{truth: datafile.True}
	}
	p.why = fmt.Sprintf("%s; obliged: %s", strings.Join(why, ", "), strings.Join(rule.Obligated, ", "))
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

// inTime puts what applies first, then what may; within each what has a time by
// that time, and then what has none.
func inTime(list []Duty) []Duty {
	order := make([]*Duty, len(list)) // duties are large: they move once
	for i := range list {
		order[i] = &list[i]
	}
	slices.SortFunc(order, func(x, y *Duty) int {
		return cmp.Or(
			cmp.Compare(ranks[x.Status], ranks[y.Status]),
			cmp.Compare(x.Due.Word, y.Due.Word), // empty is before any word
			x.Due.At.Compare(y.Due.At),
			cmp.Compare(x.Rule, y.Rule),
		)
	})
	sorted := make([]Duty, len(list))
	for i, d := range order {
		sorted[i] = *d
	}
	return sorted
}

var ranks = map[Status]int{Applies: 0, Possible: 1, NotApplicable: 2}
