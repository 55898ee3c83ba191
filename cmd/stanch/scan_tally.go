package main

import (
	"cmp"
	"slices"
	"time"
)

// A tally counts by name. It is bounded: names beyond are counted as one.
type tally map[string]int64

const (
	tallyNames = 100_000
	tallyRest  = "… more · 其余"
)

func (t tally) add(name string) {
	if _, known := t[name]; !known && len(t) >= tallyNames {
		name = tallyRest
	}
	t[name]++
}

type tallied struct {
	name  string
	count int64
}

// largest returns the largest counts, and the rest as one.
func (t tally) largest(most int) []tallied {
	all := make([]tallied, 0, len(t))
	for name, n := range t {
		all = append(all, tallied{name, n})
	}
	slices.SortFunc(all, func(a, b tallied) int { return cmp.Or(cmp.Compare(b.count, a.count), cmp.Compare(a.name, b.name)) })
	if len(all) <= most {
		return all
	}
	rest := tallied{name: tallyRest}
	for _, b := range all[most-1:] {
		rest.count += b.count
	}
	return append(all[:most-1], rest)
}

// ageOf says how long ago a file was last written, in the words of the report.
func ageOf(modified, now time.Time) string {
	const day = 24 * time.Hour
	switch age := now.Sub(modified); {
	case age < day:
		return "today · 一天内"
	case age < 7*day:
		return "this week · 一周内"
	case age < 31*day:
		return "this month · 一月内"
	case age < 366*day:
		return "this year · 一年内"
	}
	return "older · 更早"
}
