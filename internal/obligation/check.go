package obligation

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/stanch/stanch/internal/datafile"
)

// The words that a rule may use.
var (
	kinds         = []string{"notify", "report", "update", "remediate", "prepare", "prohibit", "preserve", "record", "contract", "advise"}
	phases        = []string{"before", "during", "after"}
	forces        = []string{"law", "admin_regulation", "dept_rule", "normative_doc", "judicial_interp", "std_recommended", "std_mandatory", "contract", "guidance", "soft_law"}
	confidences   = []string{"high", "medium", "low"}
	readings      = []string{"primary_copy", "primary_quoted", "secondary", "draft_only", "general_knowledge"}
	gates         = []string{"", "ok", "review", "block"}
	policies      = []string{"", "show_as_possible", "start_shadow_clock", "skip"}
	deadlineKinds = []string{"immediate", "within", "none_stated", "unknown", "recurring", "standing"}
	bases         = []string{"", "text", "guidance", "assumed"}
	counts        = []string{"", "elapsed", "exclude_start_day"}
	factTypes     = []string{"bool", "int", "int_by_region", "enum", "set", "duration"}
	statuses      = []string{"draft", "released", "superseded"}
	needs         = []string{"i", "f", "o"}

	ruleShape = regexp.MustCompile(`^[a-z]{2,}(\.[a-z0-9-]+)+$`)
	packShape = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]*$`)
)

// check holds every file to the schema and every reference to something that is
// there.
func (s *shelf) check(b *Rulebook, all *[]Finding) {
	in := func(name string) *findings { return &findings{s.at[name], all} }
	checkFacts(b, in("facts.yaml"))
	for _, id := range sortedKeys(b.Calendars) {
		b.Calendars[id].check(in("calendars.yaml"), "calendars."+id)
	}
	checkBesides(b, in)
	for i := range b.Gradings {
		b.Gradings[i].check(b.Facts, in("gradings.yaml"), fmt.Sprintf("gradings[%d]", i))
	}
	packs, rules := map[string]bool{}, map[string]bool{}
	for i, p := range s.packs {
		r := in(s.names[i])
		r.need(p.Schema == packSchema, "schema", "does not fit this program; it reads %s", packSchema)
		p.Pack.check(r)
		r.need(!packs[p.Pack.ID], "pack.id", "is used by another pack; ids are unique")
		packs[p.Pack.ID] = true
		r.need(len(p.Rules) > 0, "rules", "is empty; give at least one")
		for j, rule := range p.Rules {
			key := fmt.Sprintf("rules[%d]", j)
			if rule == nil {
				r.faultf(key, "is empty; write the rule or remove the dash")
				continue
			}
			r.need(!rules[rule.ID], key+".id", "is used by another rule; ids are unique")
			rules[rule.ID] = true
			rule.check(b, r, key)
		}
	}
}

func checkFacts(b *Rulebook, r *findings) {
	for _, name := range sortedKeys(b.Facts) {
		fact, key := b.Facts[name], "facts.'"+name+"'"
		r.one(fact.Type, factTypes, key+".type")
		r.need(fact.Type != "enum" || len(fact.Values) > 0, key+".values", "is missing; list the values of the fact")
		r.need(fact.ZH != "" && fact.EN != "", key, "needs zh and en")
		if fact.Computed != "" {
			known := slices.ContainsFunc(b.Gradings, func(g Grading) bool { return g.ID == fact.Computed })
			r.need(known && fact.Type == "enum", key+".computed", "is no grading of gradings.yaml")
		}
	}
	for name, kind := range map[string]string{factType: "enum", factRole: "enum", factJurisdictions: "set"} {
		r.need(b.Facts[name].Type == kind, "facts", "needs %s, of type %s: every rule asks for it", name, kind)
	}
	for i, c := range b.contradictions {
		key := fmt.Sprintf("contradictions[%d]", i)
		r.need(c.When != nil, key+".when", "is missing; say what cannot be")
		c.When.check(b.Facts, r, key+".when", 0)
		r.text(c.Text, key+".text")
	}
	for i, pair := range b.order {
		for _, name := range pair {
			r.need(has(b.Clocks, name), fmt.Sprintf("clock_order[%d]", i), "names a clock that is not in this file")
		}
	}
}

// checkBesides holds addressees, sources, action groups and forms to what they name.
func checkBesides(b *Rulebook, in func(string) *findings) {
	r := in("addressees.yaml")
	for _, id := range sortedKeys(b.Addressees) {
		a, key := b.Addressees[id], "addressees.'"+id+"'"
		r.need(a.ZH != "" && a.EN != "", key, "needs zh and en")
		r.need(a.Source == "" || has(b.Sources, a.Source), key+".source", "is no source of sources.yaml")
	}
	r = in("sources.yaml")
	for _, id := range sortedKeys(b.Sources) {
		source, key := b.Sources[id], "sources.'"+id+"'"
		r.need(source.Title != "", key+".title", "is missing")
		r.one(source.State, readings, key+".state")
	}
	r = in("gradings.yaml")
	for i, g := range b.Gradings {
		r.need(has(b.Sources, g.Source), fmt.Sprintf("gradings[%d].source", i), "is no source of sources.yaml")
	}
	r = in("calendars.yaml")
	for _, id := range sortedKeys(b.Calendars) {
		for year, y := range b.Calendars[id].years() {
			r.need(y.Source == "" || has(b.Sources, y.Source), fmt.Sprintf("calendars.%s.years.%d.source", id, year), "is no source of sources.yaml")
		}
	}
	r = in("actions.yaml")
	for i, group := range b.Groups {
		r.need(group.ZH != "" && group.EN != "", fmt.Sprintf("groups[%d]", i), "needs zh and en")
		for j, id := range group.Rules {
			_, ok := b.Rule(id)
			r.need(ok, fmt.Sprintf("groups[%d].rules[%d]", i, j), "is no rule of any pack")
		}
	}
	checkForms(b, in("forms.yaml"))
}

func checkForms(b *Rulebook, r *findings) {
	for _, id := range sortedKeys(b.Forms) {
		form, key := b.Forms[id], "forms.'"+id+"'"
		r.text(form.Title, key+".title")
		r.need(len(form.Fields) > 0, key+".fields", "is empty; an empty form reports nothing")
		for i, field := range form.Fields {
			at := fmt.Sprintf("%s.fields[%d]", key, i)
			r.text(Text{ZH: field.ZH, EN: field.EN}, at)
			r.one(field.Need, needs, at+".need")
			r.need(field.When == "" || has(b.Facts, field.When), at+".when", "is no fact of facts.yaml")
		}
	}
}

func (p *Pack) check(r *findings) {
	r.need(packShape.MatchString(p.ID), "pack.id", "is not an id; use lower-case letters, digits, . and -")
	r.need(datafile.IsVersion(p.Version), "pack.version", "is not a version; write it like 2026.11.1")
	r.need(p.AsOf != "", "pack.as_of", "is missing; say on which day the law was read")
	r.date(p.AsOf, "pack.as_of")
	r.date(p.ReviewBy, "pack.review_by")
	r.one(p.Status, statuses, "pack.status")
	r.text(p.Title, "pack.title")
}

func (rule *Rule) check(b *Rulebook, r *findings, key string) {
	r.need(ruleShape.MatchString(rule.ID), key+".id", "is not a rule id; write it like cn.cac.incident.other")
	r.one(rule.Kind, kinds, key+".kind")
	r.one(rule.Phase, phases, key+".phase")
	r.one(rule.Force, forces, key+".force")
	r.one(rule.Confidence, confidences, key+".confidence")
	r.one(rule.ReleaseGate, gates, key+".release_gate")
	r.one(rule.UnknownPolicy, policies, key+".unknown_policy")
	r.one(rule.Verification.State, readings, key+".verification.state")
	r.need(rule.Verification.Checked != "", key+".verification.checked", "is missing; say when the text was read")
	r.date(rule.Verification.Checked, key+".verification.checked")
	r.date(rule.Effective.From, key+".effective.from")
	r.date(rule.Effective.To, key+".effective.to")
	r.need(rule.Jurisdiction != "", key+".jurisdiction", "is missing; write it like CN, US-CA or INTL")
	r.text(rule.Title, key+".title")
	r.optional(rule.Summary, key+".summary")
	r.optional(rule.Penalty, key+".penalty")
	rule.When.check(b.Facts, r, key+".when", 0)
	rule.Unless.check(b.Facts, r, key+".unless", 0)
	rule.Deadline.check(b, r, key+".deadline")
	rule.checkNames(b, r, key)
}

// checkNames holds what a rule refers to by id to be there.
func (rule *Rule) checkNames(b *Rulebook, r *findings, key string) {
	owed := slices.Concat(b.Facts[factType].Values, b.Facts[factRole].Values)
	r.need(len(rule.Obligated) > 0, key+".obligated", "is empty; nobody would owe the duty")
	for i, who := range rule.Obligated {
		r.one(who, owed, fmt.Sprintf("%s.obligated[%d]", key, i))
	}
	for i, id := range rule.Addressees {
		r.need(has(b.Addressees, id), fmt.Sprintf("%s.addressees[%d]", key, i), "is no addressee of addressees.yaml")
	}
	r.need(rule.Form == "" || has(b.Forms, rule.Form), key+".form", "is no form of forms.yaml")
	r.need(len(rule.Citations) > 0, key+".citations", "is empty; a rule without a source is a rumour")
	for i, c := range rule.Citations {
		r.need(has(b.Sources, c.Source), fmt.Sprintf("%s.citations[%d].source", key, i), "is no source of sources.yaml")
	}
	for i, id := range slices.Concat(rule.FollowUps, rule.Conflicts) {
		list, j := "follow_ups", i
		if i >= len(rule.FollowUps) {
			list, j = "conflicts", i-len(rule.FollowUps)
		}
		_, ok := b.Rule(id)
		r.need(ok, fmt.Sprintf("%s.%s[%d]", key, list, j), "is no rule of any pack")
	}
}

func (d *Deadline) check(b *Rulebook, r *findings, key string) {
	r.one(d.Kind, deadlineKinds, key+".kind")
	r.one(d.ClockBasis, bases, key+".clock_basis")
	r.one(d.Count, counts, key+".count")
	r.text(d.Text, key+".text")
	r.need(d.Clock == "" || has(b.Clocks, d.Clock), key+".clock", "is no clock of facts.yaml")
	if d.Timezone != "" {
		_, ok := loadZone(d.Timezone)
		r.need(ok, key+".timezone", "is no time zone; write it like America/Chicago")
	}
	if id, business := strings.CutPrefix(d.Calendar, "business:"); business {
		r.need(b.Calendars[id] != nil, key+".calendar", "is no calendar of calendars.yaml")
		r.need(d.Duration == nil || d.Duration.Clock == 0, key+".duration", "has hours, which no business day has; write it like P5D")
	} else {
		r.one(d.Calendar, []string{"", "elapsed", "calendar"}, key+".calendar")
	}
	if d.Kind == "within" {
		r.need((d.Duration != nil) != (d.DurationFrom != ""), key, "needs exactly one of duration, duration_from: within how long?")
		r.need(d.Clock != "", key+".clock", "is missing; say from when it counts")
	} else if d.Kind != "recurring" {
		r.need(d.Duration == nil && d.DurationFrom == "", key, "has a length that its kind does not use; use kind: within, or remove it")
	}
	r.need(d.Kind != "recurring" || !strings.HasPrefix(d.Calendar, "business:"), key+".calendar", "does not recur by business days; use elapsed or calendar")
	r.need(d.Kind != "recurring" || d.Clock == "" || d.Duration != nil, key+".duration", "is missing; say how often")
	r.need(d.DurationFrom == "" || b.Facts[d.DurationFrom].Type == "duration", key+".duration_from", "is no fact of type duration")
	if d.NotAfter != nil {
		r.need(has(b.Clocks, d.NotAfter.Clock), key+".not_after.clock", "is no clock of facts.yaml")
		r.need(d.NotAfter.Duration != (Period{}), key+".not_after.duration", "is missing; write it like PT24H")
	}
}

func (c *Calendar) years() map[int]*Year {
	out := map[int]*Year{}
	if c == nil {
		return out
	}
	for number, year := range c.Years {
		if year != nil {
			out[number] = year
		}
	}
	return out
}

func has[V any](m map[string]V, key string) bool {
	_, ok := m[key]
	return ok
}

// Lint returns what is wrong or worth knowing on a day beside what [Read] found:
// rules that are past their time, reviews that are due, calendars without a year.
func (b *Rulebook) Lint(at time.Time) []Finding {
	var all []Finding
	add := func(g Gravity, key, format string, args ...any) {
		all = append(all, Finding{Gravity: g, Key: key, Text: fmt.Sprintf(format, args...)})
	}
	today := day(at)
	for _, p := range b.Packs {
		switch due, _, ok := dates(p.ReviewBy); {
		case !ok:
			add(Remark, p.ID, "has no review_by; nobody is reminded to read the law again")
		case !today.Before(due):
			add(Problem, p.ID, "was to be reviewed by %s; read the sources again and set a new date", p.ReviewBy)
		}
	}
	for _, id := range b.cyclic {
		add(Problem, id, "is in a circle of follow-ups; end the circle")
	}
	for _, rule := range b.Rules {
		b.lintRule(rule, today, add)
	}
	for _, id := range sortedKeys(b.Calendars) {
		b.lintCalendar(id, today.Year(), add)
	}
	return all
}

func (b *Rulebook) lintRule(rule *Rule, today time.Time, add func(Gravity, string, string, ...any)) {
	if to, _, ok := dates(rule.Effective.To); ok && !today.Before(to) {
		add(Problem, rule.ID, "is out of force since %s; supersede it, or move it to an archive pack", rule.Effective.To)
	}
	if from, _, ok := dates(rule.Effective.From); ok && today.Before(from) {
		add(Remark, rule.ID, "comes into force on %s", rule.Effective.From)
	}
	switch rule.ReleaseGate {
	case "block":
		add(Remark, rule.ID, "is held back until somebody verifies it (%s)", rule.Verification.State)
	case "review":
		add(Remark, rule.ID, "is shown with a mark: its text needs review (%s)", rule.Verification.State)
	default:
		if s := rule.Verification.State; rule.Force != "contract" && (s == "general_knowledge" || s == "draft_only") {
			add(Problem, rule.ID, "rests on %s and has no gate; set release_gate: review or block", s)
		}
	}
}

// lintCalendar looks whether this year and the next are known.
func (b *Rulebook) lintCalendar(id string, year int, add func(Gravity, string, string, ...any)) {
	used := slices.ContainsFunc(b.Rules, func(r *Rule) bool { return r.Deadline.Calendar == "business:"+id })
	for _, y := range []int{year, year + 1} {
		known := b.Calendars[id].Years[y]
		if used && (known == nil || known.Missing) {
			add(Remark, "calendar "+id, "has no holidays for %d; days in it are counted by weekends and marked provisional", y)
		}
	}
}
