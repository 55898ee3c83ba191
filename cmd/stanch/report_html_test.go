package main

import (
	"fmt"
	"testing"
)

// TestChartKeepsToItsBox draws more names than there are bars, whose rest is
// more than any of them.
func TestChartKeepsToItsBox(t *testing.T) {
	of := tally{}
	for i := range 40 {
		of[fmt.Sprint("place ", i)] = 5
	}
	c := chart("by place", of)
	var sum int64
	for _, b := range c.Bars {
		if sum += b.Count; b.Wide < 2 || b.End > 900 {
			t.Errorf("%s: got a bar of %d that ends at %d", b.Label, b.Wide, b.End)
		}
	}
	if len(c.Bars) != 10 || sum != 200 {
		t.Errorf("got %d bars of %d in all, want 10 of 200", len(c.Bars), sum)
	}
}
