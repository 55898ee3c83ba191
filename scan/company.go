package scan

import (
	"bytes"

	"github.com/stanch/stanch/card"
)

// neighbours says where the cards before and after a candidate stand, as far
// as they could claim a CVV between them.
type neighbours struct {
	previousCard int // where the card before ends, 0 if there is none
	nextCard     int // where the next card begins, or the length of the text
}

// neighboursOf looks near bytes either way. The same number again is no
// neighbour.
func neighboursOf(s *Scene, digits []byte) neighbours {
	n := neighbours{nextCard: len(s.Text)}
	from, to := max(0, s.At.Start-near), min(len(s.Text), s.At.End+near)
	var room [maxRun]byte
	for o := range candidates(s, from, to) {
		their := appendDigits(room[:0], s.Text[o.Start:o.End])
		isCard := passes(o, their) && !bytes.Equal(their, digits)
		switch {
		case o.End <= s.At.Start:
			if isCard {
				n.previousCard = max(n.previousCard, o.End)
			}
		case isCard:
			n.nextCard = min(n.nextCard, o.Start)
			return n
		}
	}
	return n
}

// candidates yields what the scene holds from from to to beside the candidate
// itself: each number, and after it the shorter readings with the same start.
// The tails of a grouped number are left out.
func candidates(s *Scene, from, to int) func(yield func(Candidate) bool) {
	return func(yield func(Candidate) bool) {
		var last Candidate
		DigitMatcher{}.Find(s.Text, from, to, func(o Candidate) bool {
			if last.Start < o.Start && o.Start < last.End {
				return true
			}
			if o.Start >= last.End {
				last = o
			}
			return o.Start < s.At.End && s.At.Start < o.End || yield(o)
		})
	}
}

// passes reports whether a number passes for a card by itself.
func passes(c Candidate, digits []byte) bool {
	return c.Shape != RunX && card.Luhn(digits) && card.BrandOf(digits) != ""
}

// after returns where the values stand that follow a number ending at end: up
// to the next card, and not on that card's line unless it is this line too.
func (n *neighbours) after(text []byte, end int) span {
	stop := min(len(text), end+near)
	if n.nextCard < stop {
		stop = max(end, n.nextCard)
		if i := bytes.LastIndexByte(text[end:stop], '\n'); i >= 0 {
			stop = end + i
		}
	}
	return span{end, stop}
}

// before returns where the values stand that precede a number: on its line
// alone if there is a card before it, and nowhere if that is on the same line.
func (n *neighbours) before(text []byte, start int) span {
	from := max(0, start-near)
	if n.previousCard > 0 {
		i := bytes.LastIndexByte(text[n.previousCard:start], '\n')
		if i < 0 {
			return span{start, start}
		}
		from = max(from, n.previousCard+i+1)
	}
	return span{from, start}
}

// badCompany reports whether a number stands among numbers of its kind that
// are no cards. One in ten of those passes for a card by chance. It looks
// further only if what is close by are not clearly cards.
func badCompany(s *Scene) bool {
	const close, enough = 96, 5
	if cards, others := company(s, close); cards+others >= enough && cards >= 2*others {
		return false
	}
	cards, others := company(s, Reach)
	return others >= 2 && others >= 2*(cards+1)
}

// numberBefore returns where the nearest run of digits long enough for a card
// number ends in text[from:at], or from if there is none.
func numberBefore(text []byte, from, at int) int {
	run := 0
	for i := at - 1; i >= from; i-- {
		if !digit(text[i]) {
			run = 0
		} else if run++; run == minRun {
			return i + run
		}
	}
	return from
}

// company counts lines with numbers of the candidate's kind: those with a card
// among them, and those without. Where there are no lines each number counts.
// Those without count only if at least two begin as cards of their length do:
// else they are merchants, references or amounts, and that the candidate begins
// as a card does is no chance among them.
func company(s *Scene, reach int) (cards, others int) {
	const fewest = 2
	from, to := max(0, s.At.Start-reach), min(len(s.Text), s.At.End+reach)
	lines := bytes.IndexByte(s.Text[from:to], '\n') >= 0
	start, line, passed, any, like, alike := -1, from, false, false, false, 0
	settle := func() {
		switch {
		case any && passed:
			cards++
		case any && like:
			alike++
			others++
		case any:
			others++
		}
		any, passed, like = false, false, false
	}
	var room [maxRun]byte
	for o := range candidates(s, from, to) {
		if o.Start == start || !sameKind(s.At, o) || !sameSides(s.Text, s.At, o) {
			start = o.Start
			continue
		}
		start = o.Start
		if !lines || bytes.IndexByte(s.Text[line:o.Start], '\n') >= 0 {
			settle()
		}
		line = o.Start
		any = true
		their := appendDigits(room[:0], s.Text[o.Start:o.End])
		like = like || couldBe(o, their)
		passed = passed || passes(o, their)
	}
	settle()
	if alike < fewest {
		others = alike
	}
	return cards, others
}

// couldBe reports whether a number begins as a card of its length does. Those
// of 16 digits and more that do not are counted, too: so many are issued that
// it says little.
func couldBe(c Candidate, digits []byte) bool {
	const usual = 16
	return c.Shape != Run || c.Digits >= usual || card.BrandOf(digits) != ""
}

// sameSides reports whether two numbers stand between the same bytes, where
// the ends of a line are alike, and behind the same word if behind one, not
// one behind a word and one behind a number. The columns of a log are told
// apart so.
func sameSides(text []byte, a, b Candidate) bool {
	if sideBefore(text, a) != sideBefore(text, b) || sideAfter(text, a) != sideAfter(text, b) {
		return false
	}
	of, number := wordBefore(text, a.Start)
	against, other := wordBefore(text, b.Start)
	switch {
	case len(of) == 0 || len(against) == 0:
		return true
	case number || other:
		return number == other
	}
	return bytes.Equal(of, against)
}

// wordBefore returns the end of the word before text[at], a few marks away at
// most, and whether there is a digit in it.
func wordBefore(text []byte, at int) (word []byte, number bool) {
	const marks, longest = 4, 8
	end := at
	for end > 0 && at-end < marks && text[end-1] > ' '-1 && !inWord(text[end-1]) {
		end--
	}
	start := end
	for start > 0 && end-start < longest && inWord(text[start-1]) {
		start--
		number = number || digit(text[start])
	}
	return text[start:end], number
}

// inWord reports whether c is of a word, in Latin or other letters.
func inWord(c byte) bool { return alphanumeric(c) || c >= 0x80 }

func sideBefore(text []byte, c Candidate) byte {
	if c.Start == 0 {
		return '\n'
	}
	return text[c.Start-1]
}

func sideAfter(text []byte, c Candidate) byte {
	if c.End == len(text) || text[c.End] == '\r' {
		return '\n'
	}
	return text[c.End]
}

// sameKind reports whether two numbers are written alike. Long ones vary in
// length when they are counters or hashes.
func sameKind(a, b Candidate) bool {
	return a.Shape == b.Shape && (a.Digits == b.Digits || a.Shape == Run && a.Digits > 16 && b.Digits > 16)
}
