package carrier

import (
	endian "encoding/binary"
	"math/bits"
	"slices"

	"github.com/stanch/stanch/card"
	"github.com/stanch/stanch/scan"
)

// A wireReader finds card numbers in the structures that payment messages, chips and
// tables of numbers write them in. A number counts only where a structure
// says that it is one: digits in nibbles alone are found in any random bytes.
type wireReader struct {
	emit    func(m *scan.Match, form ...string)
	cover   func(from, to int64) // bytes that nobody else need look at
	covered int64                // what begins before belongs to a match already
	base    int64                // offset of text[0]
	nested  bool                 // the bytes were written as text: nobody does that to code
	kinds   *kindMap             // of the text, nil to make one
	arrays  arrays
	digits  [maxDigits]byte
}

const (
	chunk    = 4 << 10 // bytes that are looked at for signs of binary data at once
	chunkEnd = 64      // bytes after a chunk that count as its company
	tail     = 20      // bytes before a place in which a run through it may begin
)

// The forms that numbers are found in, as the chain of encodings names them.
const (
	formISO8583 = "iso8583"
	formBCD     = "bcd"
	formEMV     = "emv"
	formEBCDIC  = "ebcdic"
)

// The labels that a match in a structure has; scan.Labels lists them.
const (
	ctxISO8583 = "iso8583"
	ctxEMV     = "emv"
	ctxTrack   = "track"
	ctxArray   = "number_array"
)

// find looks at what begins in text[from:to]. It sees sightBehind bytes before
// and sightAhead after, unless the flow begins or ends there.
func (w *wireReader) find(text []byte, base int64, from, to int) {
	w.base = base
	if w.kinds == nil {
		w.kinds = new(kindMap)
		w.kinds.read(text)
		defer func() { w.kinds = nil }()
	}
	for from < to {
		next := min(to, from+chunk-int((base+int64(from))%chunk))
		w.written(text, from, next)
		if !w.kinds.textual(from, min(next+chunkEnd, len(text))) {
			w.packed(text, from, next)
			w.ebcdic(text, from, next)
			w.integers(text, from, next)
		}
		from = next
	}
}

// packedRun is how many bytes the shortest packed number fills for sure.
const packedRun = 6

// packed finds runs of bytes of two digits each, ASCII digits among them, and
// looks at the numbers that begin in text[from:to] and at the tracks whose
// separator stands there. It tests eight bytes at once: the bits of mask say
// which of the last sixteen are such bytes.
func (w *wireReader) packed(text []byte, from, to int) {
	const nibbles, tens, over = 0x0f0f0f0f0f0f0f0f, 0x0606060606060606, 0x1010101010101010
	mask := uint32(0)
	for i := max(0, from-tail); i < to; {
		if i+8 > len(text) {
			w.packedEnd(text, max(0, i-8), from, to)
			return
		}
		word := endian.LittleEndian.Uint64(text[i:])
		i += 8
		if word == 0 {
			mask = 0 // no number holds so many zeros
			continue
		}
		no := ((word&nibbles + tens) | (word>>4&nibbles + tens)) & over
		mask = mask>>8 | uint32(^(no>>4*0x0102040810204080>>56)&0xff)<<8
		run := mask & (mask >> 1)
		run &= run >> 2
		if run &= mask >> 4 & (mask >> 5); run == 0 {
			continue
		}
		start := i - 16 + bits.TrailingZeros32(run)
		i = w.packedRunAt(text, max(0, start), from, to)
		mask = 0
	}
}

// packedEnd looks at the last bytes of the flow, which fill no word.
func (w *wireReader) packedEnd(text []byte, i, from, to int) {
	for i+packedRun <= len(text) && i < to {
		n := 0
		for i+n < len(text) && isPacked(text[i+n]) {
			n++
		}
		if n < packedRun {
			i += n + 1
			continue
		}
		i = w.packedRunAt(text, i, from, to)
	}
}

func isPacked(c byte) bool { return c>>4 <= 9 && c&15 <= 9 }

// packedRunAt looks at the run that holds text[i], and returns where it ends.
func (w *wireReader) packedRunAt(text []byte, i, from, to int) int {
	end := i + packedRun
	for end < len(text) && end < to+tail && isPacked(text[end]) {
		end++
	}
	for i > 0 && i > from-tail && isPacked(text[i-1]) {
		i--
	}
	w.numbers(text, i, end, from, to)
	return end
}

// numbers looks at what begins in text[start:end], a run of digits.
func (w *wireReader) numbers(text []byte, start, end, from, to int) {
	for at := max(start, from, 1); at < min(end, to); at++ {
		if leads[text[at-1]] != 0 && w.base+int64(at) >= w.covered {
			w.led(text, at)
		}
	}
	if end >= from && end < to && end < len(text) {
		w.separated(text, end)
	}
}

// ebcdic does for digits in EBCDIC what packed does.
func (w *wireReader) ebcdic(text []byte, from, to int) {
	isDigit := func(c byte) bool { return c >= 0xf0 && c <= 0xf9 }
	for i := max(0, from-2*tail); i < to && i+minDigits <= len(text); {
		j := i + minDigits - 1
		for j >= i && isDigit(text[j]) {
			j--
		}
		if j >= i {
			i = j + 1
			continue
		}
		end := i + minDigits
		for end < len(text) && end < to+tail && isDigit(text[end]) {
			end++
		}
		w.numbers(text, i, end, from, to)
		i = end
	}
}

// What the byte before a number may be.
const (
	leadPacked = 1 << iota // a length in one byte
	leadASCII              // the last digit of a length in ASCII
	leadEBCDIC             // in EBCDIC
	leadTag                // the length of a chip's data object
)

var leads = func() (l [256]uint8) {
	for n := minDigits; n <= maxDigits; n++ {
		l[n] |= leadPacked
		l[n/10<<4|n%10] |= leadPacked
		l['0'+n%10] |= leadASCII
		l[0xf0+n%10] |= leadEBCDIC
	}
	for n := minDigits / 2; n <= 2*maxDigits/2+1; n++ {
		l[n] |= leadTag
		if n <= 10 {
			l[n] |= leadPacked
		}
	}
	return l
}()

// led looks at a number that may begin at text[at], by the length before it.
func (w *wireReader) led(text []byte, at int) {
	lead := leads[text[at-1]]
	if lead&leadTag != 0 && at >= 2 && w.tagged(text, at) {
		return
	}
	if at < 11 {
		return // no room for a message before it
	}
	first := text[at]
	switch {
	case lead&leadPacked != 0:
		if w.element2(text, at, style{digits: inNibbles, length: 1}) {
			return
		}
		if a := inASCII; first >= '2' && first <= '8' || first >= 0xf2 && first <= 0xf8 {
			if first > '8' {
				a = inEBCDIC
			}
			w.element2(text, at, style{digits: a, length: 1})
		}
	case lead&leadASCII != 0 && text[at-2] == '1':
		w.element2(text, at, style{digits: inASCII, length: 2})
	case lead&leadEBCDIC != 0 && text[at-2] == 0xf1:
		w.element2(text, at, style{digits: inEBCDIC, length: 2})
	}
}

// A wirePiece is a part of a record and where it stands in the text.
type wirePiece struct {
	class      scan.Class
	start, end int
}

// heaviest says which class a record is called by, heaviest first.
var heaviest = []scan.Class{scan.Track1, scan.Track2, scan.CVV, scan.PINBlock, scan.PAN, scan.Expiry}

func weightOf(c scan.Class) int { return len(heaviest) - slices.Index(heaviest, c) }

// report emits one record with the number in w.digits[:n].
func (w *wireReader) report(n int, pieces []wirePiece, sure scan.Confidence, context string, form ...string) {
	m := scan.Match{Digits: w.digits[:n], Confidence: sure, Context: []string{context}}
	m.Brand, m.Test = card.BrandOf(m.Digits), card.IsTest(m.Digits)
	slices.SortFunc(pieces, func(a, b wirePiece) int { return a.start - b.start })
	var classes []scan.Class
	where := wirePiece{}
	for _, p := range pieces {
		m.Parts = append(m.Parts, scan.Part{Class: p.class, Offset: w.base + int64(p.start), Length: int64(p.end - p.start)})
		if !slices.Contains(classes, p.class) {
			classes = append(classes, p.class)
		}
		holds := p.class == scan.PAN || p.class == scan.Track1 || p.class == scan.Track2
		if holds && (where.class == "" || weightOf(p.class) > weightOf(where.class)) {
			where = p
		}
		w.covered = max(w.covered, w.base+int64(p.end))
	}
	slices.SortFunc(classes, func(a, b scan.Class) int { return weightOf(b) - weightOf(a) })
	m.Class = classes[0]
	if len(classes) > 1 {
		m.Also = classes[1:]
	}
	m.Offset, m.Length = w.base+int64(where.start), int64(where.end-where.start)
	if w.cover != nil {
		w.cover(w.base+int64(pieces[0].start), w.covered)
	}
	w.emit(&m, form...)
	clear(w.digits[:])
}

// take copies digits to report if they are a card number.
func (w *wireReader) take(digits []byte) bool {
	if !isCard(digits) {
		return false
	}
	copy(w.digits[:], digits)
	return true
}

// isCard reports whether digits are a number that a brand issues, with a right
// check digit.
func isCard(digits []byte) bool {
	if len(digits) < minDigits || len(digits) > maxDigits || card.BrandOf(digits) == "" || !card.Luhn(digits) {
		return false
	}
	for _, c := range digits {
		if c != digits[0] {
			return true
		}
	}
	return false
}
