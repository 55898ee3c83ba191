package carrier

import (
	"unicode/utf8"

	"github.com/stanch/stanch/scan"
)

// promising reports whether decoded bytes may hold something: random text
// decodes as well, and must cost little.
func (p *probe) promising(b []byte) bool {
	if len(b) < packedRun {
		return false
	}
	if textual12(b) {
		return len(b) > 1<<10 || numbered(b, 1) || holdsRun(b)
	}
	return numbered(b, 1) || numbered(b, 2) || p.magical(b) || p.structured(b)
}

// textual12 reports whether b begins as text does. A character that is cut at
// the end is none of its business.
func textual12(b []byte) bool {
	head := b[:min(len(b), 64)]
	for i := 0; i < len(head); {
		c := head[i]
		switch {
		case c >= ' ' && c < 0x7f || c == '\n' || c == '\r' || c == '\t':
			i++
			continue
		case c < 0xc2:
			return false
		}
		r, size := utf8.DecodeRune(head[i:])
		if r == utf8.RuneError && size == 1 && utf8.FullRune(head[i:]) {
			return false
		}
		i += size
	}
	return true
}

// numbered reports whether b holds as many digits as a card number has, in
// units of so many bytes, close by each other: in ASCII or EBCDIC, whole, in
// groups or escaped one by one.
func numbered(b []byte, unit int) bool {
	const apart = 6 // bytes between two digits
	count, gap := 0, 0
	ebcdic := 0
	for i, c := range b {
		switch {
		case c >= '0' && c <= '9':
			count, gap = count+1, 0
			if count == minDigits {
				return true
			}
		case c >= 0xf0 && c <= 0xf9:
			if ebcdic++; ebcdic == minDigits {
				return true
			}
			continue
		case unit == 2 && c == 0 && i > 0:
		default:
			if gap++; gap > apart*unit {
				count = 0
			}
		}
		if c != 0x40 && c != 0x60 {
			ebcdic = 0
		}
	}
	return false
}

// holdsRun reports whether text may hold a further run.
func holdsRun(b []byte) bool {
	n := 0
	for _, c := range b {
		if n++; base64Run[c] == 0 {
			n = 0
		}
		if n == shortestRun {
			return true
		}
	}
	return false
}

// magical reports whether b begins as a container does, or as another kind
// that has to be named.
func (p *probe) magical(b []byte) bool {
	const smallest = 18 // bytes of the shortest container with something in it
	if len(b) < smallest {
		return false
	}
	switch p.x.registry.Sniff(b[:min(len(b), HeadSize)], "").decoder.(type) {
	case Container:
		return true
	case Refusal:
		return len(b) >= surelyContainer
	}
	return false
}

// structured reports whether b holds a number in a payment structure.
func (p *probe) structured(b []byte) bool {
	found := false
	w := wireReader{emit: func(*scan.Match, ...string) { found = true }}
	w.find(b, 0, 0, len(b))
	return found
}
