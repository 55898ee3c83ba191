package obligation

import (
	"slices"

	"github.com/stanch/stanch/internal/datafile"
)

// doubt notes what cannot be right about the facts. Everything counts as written.
func (b *Rulebook) doubt(v view, a *Answer) {
	for _, name := range sortedKeys(v.facts.values) {
		fact, known := b.Facts[name]
		switch {
		case !known:
			a.Notes = append(a.Notes, remark("unknown_fact", name))
		case !v.facts.values[name].fits(fact.Type):
			a.Notes = append(a.Notes, remark("wrong_kind", name))
		}
	}
	for _, c := range b.contradictions {
		if truth, _ := c.When.judge(v); truth == datafile.True {
			a.Notes = append(a.Notes, Note{Code: "contradiction", About: c.About, Text: c.Text})
		}
	}
	if total, ok := v.value("incident.people").(Range); ok {
		regions, _ := v.value("incident.people_in").(Regions)
		if sum := regions.low(); sum > total.High {
			a.Notes = append(a.Notes, remark("contradiction", "incident.people_in"))
		}
	}
	b.doubtClocks(v, a)
	for _, id := range b.cyclic {
		a.Notes = append(a.Notes, remark("cyclic", id))
	}
}

func (b *Rulebook) doubtClocks(v view, a *Answer) {
	for _, name := range sortedKeys(v.facts.clocks) {
		if _, known := b.Clocks[name]; !known {
			a.Notes = append(a.Notes, remark("unknown_clock", name))
		}
		if !v.at.IsZero() && v.facts.clocks[name].At.After(v.at) {
			a.Notes = append(a.Notes, remark("future", name))
		}
	}
	for _, pair := range b.order {
		first, ok := v.facts.clocks[pair[0]]
		second, both := v.facts.clocks[pair[1]]
		if ok && both && second.At.Before(first.At) {
			a.Notes = append(a.Notes, remark("out_of_order", pair[1]))
		}
	}
}

// low returns how many people the regions hold at least.
func (m Regions) low() int64 {
	var sum int64
	for _, count := range m {
		if sum += count.Low; sum < 0 {
			return Endless
		}
	}
	return sum
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
