package carrier

import (
	"unicode/utf8"

	"github.com/stanch/stanch/card"
	"github.com/stanch/stanch/scan"
)

// folded is text without its odd writing, and where each byte of it stands.
type folded struct {
	out    []byte
	pieces []piece // one for each byte of out
	count  int     // digits in out
	joined odd     // taken off since the last byte
}

// A piece is the element that a byte of folded text comes from.
type piece struct {
	start, end   int32 // in the text
	kind, before odd   // how it is written, and what was taken off before it
}

func (f *folded) reset() { f.out, f.pieces, f.count, f.joined = f.out[:0], f.pieces[:0], 0, 0 }

// fold reads text[from:to], with the wraps of the region undone. Base is the
// offset of text[0].
func (f *folded) fold(text []byte, from, to int, r *region, base int64) {
	wraps := r.wraps
	for i := from; i < to; {
		for len(wraps) > 0 && wraps[0].at < base+int64(i) {
			wraps = wraps[1:]
		}
		e := element{}
		if len(wraps) > 0 && wraps[0].at == base+int64(i) {
			e = element{wraps[0].n, wraps[0].out, oddWrap}
		} else {
			e = r.read(text, i)
		}
		f.add(text, i, e)
		i += e.n
	}
}

// add appends the element at text[i]. Of several blanks one is kept, if any
// of them is written oddly.
func (f *folded) add(text []byte, i int, e element) {
	last := len(f.out) - 1
	switch {
	case e.out == nothing:
		f.joined |= e.kind
	case e.out == ' ' && last >= 0 && f.out[last] == ' ' && (e.kind != 0 || f.pieces[last].kind != 0):
		f.pieces[last].end = int32(i + e.n)
		f.pieces[last].kind |= e.kind | f.joined
		f.joined = 0
	case e.kind == 0:
		for k := i; k < i+e.n; k++ {
			f.append(text[k], k, k+1, 0)
		}
	case e.out < utf8.RuneSelf:
		f.append(byte(e.out), i, i+e.n, e.kind)
	default:
		var room [utf8.UTFMax]byte
		for _, c := range room[:utf8.EncodeRune(room[:], e.out)] {
			f.append(c, i, i+e.n, e.kind)
		}
	}
}

func (f *folded) append(c byte, start, end int, kind odd) {
	f.out = append(f.out, c)
	f.pieces = append(f.pieces, piece{int32(start), int32(end), kind, f.joined})
	f.joined = 0
	if decimal(c) {
		f.count++
	}
}

// number returns where the digits of a match stand that begins at out[at].
// The end is -1 if they are not there.
func (f *folded) number(at, digits int) (start, end int) {
	for start = at; start < len(f.out) && !decimal(f.out[start]); {
		start++
	}
	n := 0
	for end = start; end < len(f.out) && n < digits; end++ {
		if decimal(f.out[end]) || f.out[end]|0x20 == 'x' {
			n++
		}
	}
	if n < digits || n == 0 {
		return 0, -1
	}
	return start, end
}

// oddness returns how the number out[start:end] is written oddly, 0 if it can
// be read as it stands: then the number is none of ours, and neither is a
// longer one around a number that can be read.
func (f *folded) oddness(text []byte, start, end int) odd {
	kinds := f.pieces[start].kind
	for _, p := range f.pieces[start+1 : end] {
		kinds |= p.kind | p.before
	}
	if kinds != 0 {
		if f.holdsPlain(start, end) {
			return 0
		}
		return kinds
	}
	first := f.pieces[start]
	if first.start == 0 || !decimal(text[first.start-1]) {
		return 0
	}
	if start > 0 {
		kinds = f.pieces[start-1].kind
	}
	return kinds | first.before // %20 and a number: only its end shows where that begins
}

// holdsPlain reports whether a run of plain digits inside out[start:end] is a
// card number by itself.
func (f *folded) holdsPlain(start, end int) bool {
	run := start
	for i := start; i <= end; i++ {
		if i < end && decimal(f.out[i]) && f.pieces[i].kind == 0 && (i == run || f.pieces[i].before == 0) {
			continue
		}
		if i-run >= minDigits && passesForCard(f.out[run:i]) {
			return true
		}
		run = i
		if i < end && f.pieces[i].kind != 0 || i < end && !decimal(f.out[i]) {
			run = i + 1
		}
	}
	return false
}

func passesForCard(digits []byte) bool {
	return card.BrandOf(digits) != "" && card.Luhn(digits)
}

// candidates returns the first and the last byte of what may be numbers
// written oddly in f. The end is 0 if there is none.
func (f *folded) candidates(text []byte) (start, end int) {
	if f.count < minDigits {
		return 0, 0
	}
	scan.DigitMatcher{}.Find(f.out, 0, len(f.out), func(c scan.Candidate) bool {
		if c.Shape == scan.RunX || !f.mayBeNumber(c) || f.oddness(text, c.Start, c.End) == 0 {
			return true
		}
		if end == 0 {
			start = int(f.pieces[c.Start].start)
		}
		end = max(end, int(f.pieces[c.End-1].end))
		return true
	})
	return start, end
}

// mayBeNumber reports whether a scanner may see something in the digits: a
// card, or a UnionPay card of old, or a resident ID.
func (f *folded) mayBeNumber(c scan.Candidate) bool {
	var room [maxDigits]byte
	digits := f.digits(room[:0], c)
	switch brand := card.BrandOf(digits); {
	case brand == card.UnionPay:
		return true
	case brand != "":
		return card.Luhn(digits)
	}
	return len(digits) == 18 && (digits[6] == '1' && digits[7] == '9' || digits[6] == '2' && digits[7] == '0')
}

func (f *folded) isCard(c scan.Candidate) bool {
	var room [maxDigits]byte
	return passesForCard(f.digits(room[:0], c))
}

func (f *folded) digits(to []byte, c scan.Candidate) []byte {
	for _, b := range f.out[c.Start:c.End] {
		if decimal(b) && len(to) < maxDigits {
			to = append(to, b)
		}
	}
	return to
}

const (
	minDigits = 12
	maxDigits = 19
)
