package obligation

import (
	"maps"
	"reflect"
	"slices"
	"strings"
)

// A Change is one thing in which two rulebooks differ.
type Change struct {
	What  string   `json:"what"` // rule, fact, clock, calendar, grading, …
	ID    string   `json:"id"`
	How   string   `json:"how"` // added, removed or changed
	Parts []string `json:"parts,omitempty"`
}

// Compare returns in what a new rulebook differs from an old one.
func Compare(old, new *Rulebook) []Change {
	changes := differ("rule", rulesByID(old), rulesByID(new))
	changes = append(changes, differ("fact", old.Facts, new.Facts)...)
	changes = append(changes, differ("clock", old.Clocks, new.Clocks)...)
	changes = append(changes, differ("calendar", old.Calendars, new.Calendars)...)
	changes = append(changes, differ("grading", gradingsByID(old), gradingsByID(new))...)
	changes = append(changes, differ("addressee", old.Addressees, new.Addressees)...)
	changes = append(changes, differ("source", old.Sources, new.Sources)...)
	changes = append(changes, differ("action", groupsByID(old), groupsByID(new))...)
	return append(changes, differ("form", old.Forms, new.Forms)...)
}

func differ[V any](what string, old, new map[string]V) []Change {
	var changes []Change
	both := maps.Clone(old)
	if both == nil {
		both = map[string]V{}
	}
	maps.Copy(both, new)
	for _, id := range sortedKeys(both) {
		x, was := old[id]
		y, is := new[id]
		switch {
		case !was:
			changes = append(changes, Change{what, id, "added", nil})
		case !is:
			changes = append(changes, Change{what, id, "removed", nil})
		default:
			if parts := unlike(reflect.ValueOf(x), reflect.ValueOf(y)); len(parts) > 0 {
				changes = append(changes, Change{what, id, "changed", parts})
			}
		}
	}
	return changes
}

// unlike returns the fields, as the files name them, in which two structs differ.
func unlike(x, y reflect.Value) []string {
	if x.Kind() == reflect.Pointer {
		x, y = x.Elem(), y.Elem()
	}
	var parts []string
	for i := range x.NumField() {
		field := x.Type().Field(i)
		name, _, _ := strings.Cut(field.Tag.Get("yaml"), ",")
		if field.IsExported() && name != "" && name != "-" && !reflect.DeepEqual(x.Field(i).Interface(), y.Field(i).Interface()) {
			parts = append(parts, name)
		}
	}
	return parts
}

func rulesByID(b *Rulebook) map[string]*Rule {
	m := map[string]*Rule{}
	for _, rule := range b.Rules {
		m[rule.ID] = rule
	}
	return m
}

func gradingsByID(b *Rulebook) map[string]Grading {
	m := map[string]Grading{}
	for _, g := range b.Gradings {
		m[g.ID] = g
	}
	return m
}

func groupsByID(b *Rulebook) map[string]Group {
	m := map[string]Group{}
	for _, g := range b.Groups {
		m[g.ID] = g
	}
	return m
}

// A Shift is a duty of one case that comes out otherwise than before.
type Shift struct {
	Rule      string `json:"rule"`
	OldStatus Status `json:"old_status"` // empty if the rule was not there
	OldDue    string `json:"old_due,omitempty"`
	NewStatus Status `json:"new_status"` // empty if the rule is gone
	NewDue    string `json:"new_due,omitempty"`
	Why       string `json:"why"` // of the newer answer that there is
}

// Shifts returns the duties that one answer decides otherwise than another, be it
// for other rules or for other facts. What applies to neither is no shift.
func Shifts(old, new *Answer) []Shift {
	was, is := dutiesByRule(old), dutiesByRule(new)
	both := maps.Clone(was)
	maps.Copy(both, is)
	var shifts []Shift
	for _, rule := range slices.Sorted(maps.Keys(both)) {
		x, had := was[rule]
		y, has := is[rule]
		if !had {
			x = &Duty{}
		}
		if !has {
			y = &Duty{}
		}
		if owed := had && x.Status != NotApplicable || has && y.Status != NotApplicable; !owed {
			continue
		}
		s := Shift{Rule: rule, OldStatus: x.Status, NewStatus: y.Status, Why: x.Why}
		if had {
			s.OldDue = x.Due.String()
		}
		if has {
			s.NewDue, s.Why = y.Due.String(), y.Why
		}
		if s.OldStatus != s.NewStatus || s.OldDue != s.NewDue {
			shifts = append(shifts, s)
		}
	}
	return shifts
}

func dutiesByRule(a *Answer) map[string]*Duty {
	m := map[string]*Duty{}
	for i := range a.Duties {
		m[a.Duties[i].Rule] = &a.Duties[i]
	}
	return m
}
