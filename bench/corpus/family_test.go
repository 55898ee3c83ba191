package corpus

import (
	"slices"
	"strings"
	"testing"

	"github.com/stanch/stanch/card"
)

// Whoever tunes on one family must not have seen a line of the other.
func TestFamiliesShareNothing(t *testing.T) {
	mine, theirs := templates(&tuning), templates(&report)
	for _, line := range mine {
		// A number alone in its line has no template to share.
		if line != "~pan~" && slices.Contains(theirs, line) {
			t.Errorf("both families write %q", line)
		}
	}
	for _, list := range [][2][]string{{tuning.stems, report.stems}, {tuning.holders, report.holders}} {
		for _, word := range list[0] {
			if slices.Contains(list[1], word) {
				t.Errorf("both families have %q", word)
			}
		}
	}
	for _, k := range kinds {
		for _, bin := range k.bins[Tuning] {
			for _, other := range kinds {
				if slices.Contains(other.bins[Report], bin) {
					t.Errorf("both families have BIN %s", bin)
				}
			}
		}
	}
	for form := range tuning.forms {
		if report.forms[form] == nil {
			t.Errorf("the report family has no forms for %s", form)
		}
	}
}

func templates(s *style) []string {
	out := slices.Concat(s.records, s.noise)
	for _, list := range s.forms {
		out = append(out, list...)
	}
	for _, head := range s.heads {
		out = append(out, head)
	}
	return out
}

func TestDeck(t *testing.T) {
	for _, family := range Families() {
		m := newMaker(family, 1, "deck")
		seen := map[string]bool{}
		brands := map[card.Brand]map[int]int{}
		for i, pan := range m.deck.deal(15 * 80) {
			brand := card.BrandOf([]byte(pan))
			if brand == "" || !card.Luhn([]byte(pan)) || card.IsTest([]byte(pan)) || seen[pan] {
				t.Fatalf("%s, number %d of brand %q: invalid, published, or dealt before", family, i, brand)
			}
			seen[pan] = true
			if brands[brand] == nil {
				brands[brand] = map[int]int{}
			}
			brands[brand][len(pan)]++
		}
		want := map[card.Brand][]int{
			card.Visa: {13, 16, 19}, card.Mastercard: {16}, card.Amex: {15}, card.Discover: {16}, card.JCB: {16}, card.Diners: {14},
			card.UnionPay: {16, 17, 18, 19}, card.Mir: {16}, card.Maestro: {12, 13, 14, 15, 16, 17, 18, 19},
		}
		for brand, lengths := range want {
			for _, n := range lengths {
				if brands[brand][n] == 0 {
					t.Errorf("%s deals no %s of %d digits", family, brand, n)
				}
			}
		}
	}
}

func TestWithout(t *testing.T) {
	pan := newMaker(Tuning, 1, "x").deck.deal(1)[0]
	for by := range 20 {
		if got := without(pan, by); card.Luhn([]byte(got)) || got[:len(got)-1] != pan[:len(pan)-1] {
			t.Errorf("by %d: the check digit is right, or more than it changed", by)
		}
	}
}

func TestFillNamesWhatItLacks(t *testing.T) {
	for _, s := range styles {
		for _, line := range templates(s) {
			for i, word := range strings.Split(line, "~") {
				if i%2 == 1 && word != "pan" && word != "block" {
					newMaker(Tuning, 1, "x").word(word) // panics on a word it does not know
				}
			}
		}
	}
}
