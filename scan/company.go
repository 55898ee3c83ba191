package scan

import (
	"bytes"

	"github.com/stanch/stanch/card"
)

// company is what other numbers stand around a candidate. A number that passes
// for a card by chance, one in ten, is found among numbers of its kind that do
// not pass.
type company struct {
	cards, others int // lines with a number of the same kind that passes, and without
	previousEnd   int // where the number before ends, 0 if there is none
	previousCard  int // where the card before ends, 0 if there is none
	nextCard      int // where the next card begins, or the length of the text
}

// companyOf looks at the numbers in the scene. Those on one line count once,
// and as cards if one of them is; where there are no lines each counts.
func companyOf(s *Scene, digits []byte) company {
	c := company{nextCard: len(s.Text)}
	lines := bytes.IndexByte(s.Text, '\n') >= 0
	line, passed, kind := 0, false, false // of the line at hand
	var last Candidate                    // the longest of the number at hand
	settle := func() {
		if kind && passed {
			c.cards++
		} else if kind {
			c.others++
		}
		passed, kind = false, false
	}
	var room [maxRun]byte
	DigitMatcher{}.Find(s.Text, 0, len(s.Text), func(o Candidate) {
		if last.Start < o.Start && o.Start < last.End {
			return // the tail of a grouped number
		}
		first := o.Start >= last.End
		if first {
			last = o
		}
		if o.Shape == RunX || o.Start < s.At.End && s.At.Start < o.End {
			return
		}
		their := appendDigits(room[:0], s.Text[o.Start:o.End])
		isCard := card.BrandOf(their) != "" && card.Luhn(their)
		c.place(s.At, o, isCard, bytes.Equal(their, digits))
		if !first || !sameKind(s.At, o) {
			return
		}
		if !lines || bytes.IndexByte(s.Text[line:o.Start], '\n') >= 0 {
			settle()
		}
		line = o.Start
		kind, passed = true, passed || isCard
	})
	settle()
	return c
}

// place notes where the neighbours are. The same number again is no neighbour.
func (c *company) place(at, o Candidate, isCard, same bool) {
	switch {
	case o.End <= at.Start:
		c.previousEnd = max(c.previousEnd, o.End)
		if isCard && !same {
			c.previousCard = max(c.previousCard, o.End)
		}
	case isCard && !same:
		c.nextCard = min(c.nextCard, o.Start)
	}
}

// sameKind reports whether two numbers are written alike. Long ones vary in
// length when they are counters or hashes.
func sameKind(a, b Candidate) bool {
	return a.Shape == b.Shape && (a.Digits == b.Digits || a.Shape == Run && a.Digits > 16 && b.Digits > 16)
}

// bad reports whether the number stands among numbers that are no cards.
func (c *company) bad() bool { return c.others >= 2 && c.others >= 2*(c.cards+1) }

// after returns where the values stand that follow a number ending at end: up
// to the next card, and not on that card's line unless it is this line too.
func (c *company) after(text []byte, end int) span {
	stop := min(len(text), end+near)
	if c.nextCard < stop {
		stop = max(end, c.nextCard)
		if n := bytes.LastIndexByte(text[end:stop], '\n'); n >= 0 {
			stop = end + n
		}
	}
	return span{end, stop}
}

// before returns where the values stand that precede a number: on its line
// alone if there is a card before it, and nowhere if that is on the same line.
func (c *company) before(text []byte, start int) span {
	from := max(0, start-near)
	if c.previousCard > 0 {
		n := bytes.LastIndexByte(text[c.previousCard:start], '\n')
		if n < 0 {
			return span{start, start}
		}
		from = max(from, c.previousCard+n+1)
	}
	return span{from, start}
}
