package packs

import (
	"regexp"
	"strconv"
	"time"

	"github.com/goccy/go-yaml/ast"

	"github.com/stanch/stanch/internal/datafile"
)

// A Span is a length of time, written as ISO 8601 writes it: PT15M, PT4H, P3D.
// A day is 24 hours; legal days are counted by the duties, not here.
type Span time.Duration

var spanShape = regexp.MustCompile(`^P(?:(\d{1,4})D)?(?:T(?:(\d{1,4})H)?(?:(\d{1,4})M)?)?$`)

// Duration returns the span for arithmetic.
func (s Span) Duration() time.Duration { return time.Duration(s) }

// UnmarshalYAML reads days, hours and minutes.
func (s *Span) UnmarshalYAML(node ast.Node) error {
	str, ok := node.(*ast.StringNode)
	if !ok {
		return datafile.BadValue(node, "is not a length of time; write it like PT15M, PT4H or P3D")
	}
	parts := spanShape.FindStringSubmatch(str.Value)
	if parts == nil {
		return datafile.BadValue(node, "is not a length of time; write it like PT15M, PT4H or P3D")
	}
	total := time.Duration(0)
	for i, unit := range []time.Duration{24 * time.Hour, time.Hour, time.Minute} {
		n, _ := strconv.Atoi(parts[i+1]) // a missing part is zero
		total += time.Duration(n) * unit
	}
	if total <= 0 {
		return datafile.BadValue(node, "is no time at all; write it like PT15M, PT4H or P3D")
	}
	*s = Span(total)
	return nil
}
