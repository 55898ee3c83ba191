package obligation

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/stanch/stanch/internal/datafile"
)

// A Value is what is known of a fact. A fact without one is unknown.
type Value interface {
	fmt.Stringer
	// fits reports whether a fact of this type can hold the value.
	fits(factType string) bool
}

// The kinds of value.
type (
	// Truth is true or false; unknown is kept as no value.
	Truth bool
	// A Range is a count between two bounds, both included.
	Range struct{ Low, High int64 }
	// Words are the values that an enumerated fact may have: one if it is known.
	Words []string
	// A Set is a list of members. If it is not Whole, there may be more.
	Set struct {
		Members []string
		Whole   bool
	}
	// Regions are counts by region, as ISO 3166-2 names them. A region that is
	// not listed is unknown.
	Regions map[string]Range
)

// Endless is the upper bound of a count that has none.
const Endless = math.MaxInt64

// Exactly returns the range of a count that is known.
func Exactly(n int64) Range { return Range{n, n} }

func (Truth) fits(t string) bool   { return t == "bool" }
func (Range) fits(t string) bool   { return t == "int" }
func (Words) fits(t string) bool   { return t == "enum" }
func (Set) fits(t string) bool     { return t == "set" }
func (Regions) fits(t string) bool { return t == "int_by_region" }
func (Period) fits(t string) bool  { return t == "duration" }

func (t Truth) String() string { return strconv.FormatBool(bool(t)) }

func (r Range) String() string {
	switch {
	case r.Low == r.High:
		return strconv.FormatInt(r.Low, 10)
	case r.High == Endless:
		return fmt.Sprintf("%d or more", r.Low)
	}
	return fmt.Sprintf("%d..%d", r.Low, r.High)
}

func (w Words) String() string { return strings.Join(w, " or ") }

func (s Set) String() string {
	text := "[" + strings.Join(s.Members, ", ") + "]"
	if !s.Whole {
		text += " and perhaps more"
	}
	return text
}

func (m Regions) String() string {
	var parts []string
	for _, region := range slices.Sorted(maps.Keys(m)) {
		parts = append(parts, region+" "+m[region].String())
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

// has tells whether the set holds a member.
func (s Set) has(member string) datafile.Tri {
	switch {
	case slices.Contains(s.Members, member):
		return datafile.True
	case s.Whole:
		return datafile.False
	}
	return datafile.Unknown
}

// among tells whether the value is one of a list.
func (w Words) among(list []string) datafile.Tri {
	in := 0
	for _, word := range w {
		if slices.Contains(list, word) {
			in++
		}
	}
	switch in {
	case 0:
		return datafile.False
	case len(w):
		return datafile.True
	}
	return datafile.Unknown
}

// compare judges a count against a bound.
func (r Range) compare(op string, n int64) datafile.Tri {
	switch op {
	case "gte":
		return within(r.Low >= n, r.High < n)
	case "gt":
		return within(r.Low > n, r.High <= n)
	case "lte":
		return within(r.High <= n, r.Low > n)
	case "lt":
		return within(r.High < n, r.Low >= n)
	case "eq":
		return within(r.Low == n && r.High == n, n < r.Low || n > r.High)
	case "ne":
		return r.compare("eq", n).Not()
	}
	return datafile.Unknown
}

// within returns the truth of a question of which the certain answers are given.
func within(surely, never bool) datafile.Tri {
	switch {
	case surely:
		return datafile.True
	case never:
		return datafile.False
	}
	return datafile.Unknown
}
