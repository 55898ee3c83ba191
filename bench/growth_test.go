//go:build linux

package main

import (
	"testing"

	"github.com/stanch/stanch/card"
	"github.com/stanch/stanch/card/cardtest"
)

func TestNumbers(t *testing.T) {
	seen := map[string]bool{}
	n := newNumbers()
	bin := cardtest.Number(card.Visa, 16, 1)[:6]
	for range 20_000 {
		got := n.next(nil)
		if !card.Luhn(got) || string(got[:6]) != bin || len(got) != 16 {
			t.Fatal("a number is not valid under the test BIN")
		}
		if seen[string(got)] {
			t.Fatal("a number came twice")
		}
		seen[string(got)] = true
	}
}
