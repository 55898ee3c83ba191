package carrier

import (
	order "encoding/binary"
	"math/bits"
)

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// nextTrigger returns the first place from text[i] on, and before text[to],
// where an element may begin that is worth a look; to if there is none.
//
// It takes eight bytes at once. A byte is worth a look if it is one of the few
// that elements begin with and the byte before it is a digit or some mark: the
// element stands inside a number or follows another element. A percent sign
// and the bytes that digits outside of ASCII begin with need nothing before.
func nextTrigger(text []byte, i, to int) int {
	if i == 0 {
		if to > 0 && triggers(0, text[0]) {
			return 0
		}
		i = 1
	}
	for ; i < to && i+8 <= len(text); i += 8 {
		x := order.LittleEndian.Uint64(text[i:])
		found := triggersIn(order.LittleEndian.Uint64(text[i-1:]), x)
		if x&highs != 0 {
			found |= wideIn(x)
		}
		if found != 0 {
			return min(to, i+bits.TrailingZeros64(found)>>3)
		}
	}
	for ; i < to; i++ {
		if triggers(text[i-1], text[i]) {
			return i
		}
	}
	return to
}

// triggersIn marks the bytes of x that are worth a look by the byte before
// each, which is in left. Additions stay inside a byte, because the high bit
// is masked off before; the sum then has it where the test fails.
func triggersIn(left, x uint64) uint64 {
	low := x &^ highs
	others := low + 0x60*ones                         // from 0x20 on
	others &= (x&(0x1f*ones) ^ 0x1c*ones) + 0x7e*ones // not < = \ | ] }
	others &= (low ^ 0x24*ones) + 0x7c*ones           // not $ % & '
	others &= (low ^ '+'*ones) + 0x7f*ones
	mark := left << 2 &^ (left << 1) &^ left // 0x20 to 0x3f
	percent := (low ^ '%'*ones) + 0x7f*ones
	return (mark&^(others&^x) | ^(percent | x)) & highs
}

// wideIn marks the bytes of x that digits outside of ASCII begin with: F0 to
// F9 (EBCDIC, and mathematical digits), EF (full width), E0, D9 and DB (other
// scripts), A3 (GBK), 82 (Shift JIS). There may be false marks behind true ones.
func wideIn(x uint64) uint64 {
	found := ^((x&^highs ^ 0x70*ones) + 0x76*ones) & x
	for _, lead := range [...]uint64{0xef * ones, 0xe0 * ones, 0xd9 * ones, 0xdb * ones, 0xa3 * ones, 0x82 * ones} {
		y := x ^ lead
		found |= (y - ones) &^ y
	}
	return found & highs
}

// triggers is nextTrigger for one byte with the one before it.
func triggers(left, c byte) bool {
	switch c {
	case '%', 0xef, 0xe0, 0xd9, 0xdb, 0xa3, 0x82:
		return true
	}
	if c >= 0xf0 && c <= 0xf9 {
		return true
	}
	return left >= 0x20 && left < 0x40 && (c >= 0x80 || c < 0x20 ||
		c >= 0x24 && c <= 0x27 || c == '+' || c&0x1f == 0x1c || c&0x1f == 0x1d)
}

// check looks at the trigger text[p] and returns where to go on.
func (t *fold) check(p int) int {
	switch c := t.text[p]; c {
	case '\n', '\r':
		return t.checkWrap(p)
	case 0:
		return t.checkWide(p)
	case '<', '&', '%', '+', '\\', '=', escByte:
		return t.checkElement(p)
	default:
		if c >= 0xf0 && c <= 0xf9 {
			if next := t.checkEBCDIC(p); next > p {
				return next
			}
		}
		if c >= 0x80 && mayBegin(t.text, p) {
			return t.checkElement(p)
		}
	}
	return p + 1
}

// mayBegin tells most of what is no odd character by two bytes.
func mayBegin(text []byte, p int) bool {
	if p+1 == len(text) {
		return false
	}
	next := text[p+1]
	switch text[p] {
	case 0xef:
		return next == 0xbc || next == 0xbb || next == 0xb9
	case 0xa3:
		return next >= 0xb0 && next <= 0xb9 || next == 0xad
	case 0x82:
		return next >= 0x4f && next <= 0x58
	case 0xd9:
		return next >= 0xa0 && next <= 0xa9
	case 0xdb:
		return next >= 0xb0 && next <= 0xb9
	case 0xe0:
		return next >= 0xa0
	case 0xf0:
		return next == 0x9d || next == 0x90 || next == 0x91 || next == 0x9e
	}
	return true
}

// checkElement looks at an element in the text.
func (t *fold) checkElement(p int) int {
	text := t.text
	if c := text[p]; c < 0x80 && c != '%' && c != '\\' && !t.afterDigit(p) {
		return p + 1
	}
	e := elementAt(text, p)
	if e.kind == 0 {
		return p + 1
	}
	switch {
	case e.out >= '0' && e.out <= '9':
	case e.out == nothing || e.out == ' ' || e.out == '-':
		after := p + e.n
		if !t.afterDigit(p) && !(decimal(text[after-1]) && after < len(text) && decimal(text[after])) {
			return p + 1
		}
	default:
		return p + 1
	}
	return t.follow(elementAt, 0, numberStart(text, p))
}

// afterDigit reports whether text[:p] ends in a digit, in a digit and a blank
// or a dash, or in what may be an entity for one.
func (t *fold) afterDigit(p int) bool {
	text := t.text
	if p == 0 {
		return false
	}
	switch c := text[p-1]; {
	case decimal(c) || c == ';' || c >= 0x80:
		return true
	case c == ' ' || c == '-':
		return p > 1 && (decimal(text[p-2]) || text[p-2] >= 0x80)
	}
	return false
}

// numberStart returns where the number begins that an element at text[p] may
// stand in, as far as it is written with digits, blanks and elements for such.
func numberStart(text []byte, p int) int {
	start := p
	for start > 0 && p-start < foldBack-12 {
		if n := elementBefore(text, start); n > 0 {
			start -= n
			continue
		}
		c := text[start-1]
		if !decimal(c) && !((c == ' ' || c == '-') && start > 1 && (decimal(text[start-2]) || text[start-2] >= 0x80)) {
			break
		}
		start--
	}
	return start
}

// elementBefore returns the length of an element for a digit, a blank or a
// dash that ends before text[p], 0 if none does.
func elementBefore(text []byte, p int) int {
	const longest = 12
	for n := 2; n <= longest && n <= p; n++ {
		if elementClass[text[p-n]] == 0 {
			continue
		}
		e := elementAt(text, p-n)
		if e.n == n && e.kind != 0 && (e.out == ' ' || e.out == '-' || e.out >= '0' && e.out <= '9') {
			return n
		}
	}
	return 0
}

const (
	chainBytes  = 80      // folded bytes that are looked at together
	chainSource = 2 << 10 // and the bytes they may take
	chainOver   = 20      // looked at again with the next ones: more than a number has
)

// follow reads a chain of digits, blanks and elements from text[start] on, and
// takes what may be numbers in it into a region. It returns where to go on:
// behind the chain, or inside a long one that is to be followed from there.
func (t *fold) follow(read reading, kind odd, start int) int {
	text, chain := t.text, &t.chain
	chain.reset()
	end, more := start, false
	for end < len(text) && !more {
		e := read(text, end)
		if !(e.out == nothing && e.kind != 0 || e.out == ' ' || e.out == '-' || e.out >= '0' && e.out <= '9') {
			break
		}
		chain.add(text, end, e)
		end += e.n
		more = len(chain.out) >= chainBytes || end-start >= chainSource
	}
	if from, to := chain.candidates(text); to > 0 {
		t.hit(read, kind, from, to)
	}
	t.long = nil
	if more {
		t.long, t.longKind = read, kind
		if len(chain.out) >= 2*chainOver {
			return int(chain.pieces[len(chain.out)-chainOver].start)
		}
	}
	return end
}
