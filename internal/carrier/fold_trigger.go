package carrier

import (
	order "encoding/binary"
	"math/bits"
)

//go:generate sh -c "cd asm && go run . -out ../fold_amd64.s -stubs ../fold_amd64.go -pkg carrier"

// isTrigger reports whether an odd element may begin at text[p] that is worth a
// look. It may if it is one of the few bytes that such begin with and stands
// behind a digit, or behind the blank, dash or escape after one. Digits outside
// of ASCII need nothing before them, and neither does an escape that hides
// where the plain number after it begins: %20, %22, \x22, \u00a0.
func isTrigger(text []byte, p int) bool {
	c, inside := text[p], false
	if p > 0 {
		before := text[p-1]
		inside = decimal(before) || c != '+' && (before == ' ' || before == '-' || before == ';' || before == '}')
	}
	switch {
	case c >= 0x80:
		return wideTrigger(text, p, inside)
	case c == '%':
		hides := p+3 < len(text) && decimal(text[p+3])
		return (inside || hides) && oddPercentAt(text, p) || hides && text[p+1] == '2' && decimal(text[p+2])
	case inside:
		return elementClass[c] != 0 || c == 0 || c == '\n' || c == '\r'
	}
	if c != '\\' || p+4 >= len(text) {
		return false
	}
	switch text[p+1] {
	case 'x':
		return decimal(text[p+3]) && decimal(text[p+4])
	case 'u':
		return p+6 < len(text) && decimal(text[p+6])
	}
	return false
}

// wideTrigger is isTrigger for a byte outside of ASCII: what begins the digits
// of other scripts and code pages, or inside a number a blank, a dash, or a
// mark without width.
func wideTrigger(text []byte, p int, inside bool) bool {
	if p+1 >= len(text) {
		return false
	}
	next := text[p+1]
	tens := next&0xf < 10
	switch text[p] {
	case 0xef:
		return next == 0xbc && p+2 < len(text) && (text[p+2] >= 0x90 && text[p+2] <= 0x99 || text[p+2] == 0x8d) ||
			next == 0xbb || next == 0xb9
	case 0xa3, 0xdb:
		return next>>4 == 0xb && tens || inside && next == 0xad
	case 0x82:
		return next >= 0x4f && next <= 0x58
	case 0xd9:
		return next>>4 == 0xa && tens
	case 0xe0:
		return next >= 0xa0 && next < 0xc0
	case 0xe1, 0xea:
		return inside && next >= 0x80 && next < 0xc0
	case 0xc2:
		return inside && (next == 0xa0 || next == 0xad)
	case 0xe2:
		return inside && (next == 0x80 || next == 0x81 || next == 0x88)
	case 0xe3:
		return inside && next == 0x80
	case 0xa1:
		return inside && (next == 0xa1 || next == 0xaa)
	case 0xa0, 0xad, 0x96, 0x97:
		return inside && decimal(next)
	case 0xf0:
		if next == 0x90 || next == 0x91 || next == 0x9d || next == 0x9e {
			return true
		}
	}
	return text[p] >= 0xf0 && text[p] <= 0xf9 && next>>4 == 0xf && tens
}

// oddPercentAt reports whether text[p:] may stand for a digit, what divides
// digits, or what begins an element. Most of the escapes in paths and queries
// are others.
func oddPercentAt(text []byte, p int) bool {
	if p+2 >= len(text) {
		return false
	}
	switch high, low := text[p+1], text[p+2]; high {
	case '2':
		return low == '0' || low == '5' || low == '6' || low|0x20 == 'd'
	case '3':
		return low|0x20 == 'c' || decimal(low)
	case '5':
		return low|0x20 == 'c'
	case '1':
		return low|0x20 == 'b'
	default:
		return high >= '8'
	}
}

const (
	wordBytes = 64 // bytes of text that one mask stands for
	wordAhead = 32 // bytes behind them that may be looked at
	batch     = 16 // masks made at once
)

// A finder finds triggers in a text. The masks that it goes by may have too
// many bits set: what counts is isTrigger.
type finder struct {
	text  []byte
	from  int // where the masks begin
	count int // bytes they stand for
	masks [batch]uint64
}

// find returns the first trigger from text[i] on and before text[to], to if
// there is none.
func (f *finder) find(i, to int) int {
	for i < to {
		if i < f.from || i >= f.from+f.count {
			if i == 0 || i+wordBytes+wordAhead > len(f.text) {
				return f.slowly(i, to)
			}
			f.mark(i)
		}
		k := i - f.from
		mask := f.masks[k/wordBytes] >> (k % wordBytes)
		if mask == 0 {
			i = f.from + (k/wordBytes+1)*wordBytes
			continue
		}
		i += bits.TrailingZeros64(mask)
		if i < to && isTrigger(f.text, i) {
			return i
		}
		i++
	}
	return to
}

// mark makes masks for as much as there is from text[i] on.
func (f *finder) mark(i int) {
	words := min(batch, (len(f.text)-i-wordAhead)/wordBytes)
	markTriggers(f.masks[:words], f.text, i)
	f.from, f.count = i, words*wordBytes
}

// slowly is find at the very ends of a text.
func (f *finder) slowly(i, to int) int {
	stop := to
	if i == 0 {
		stop = min(to, 1)
	}
	for ; i < stop; i++ {
		if isTrigger(f.text, i) {
			return i
		}
	}
	if i < to {
		return f.find(i, to)
	}
	return to
}

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// portableTriggers is markTriggers where there is no kernel for the processor.
func portableTriggers(masks []uint64, text []byte, i int) {
	for w := range masks {
		var mask uint64
		for k := 0; k < wordBytes; k += 8 {
			at := i + w*wordBytes + k
			x := order.LittleEndian.Uint64(text[at:])
			found := triggersIn(order.LittleEndian.Uint64(text[at-1:]), x)
			if x&highs != 0 {
				found |= wideIn(x)
			}
			if found != 0 {
				mask |= (found >> 7 * 0x0102040810204080 >> 56) << k
			}
		}
		masks[w] = mask
	}
}

// triggersIn marks the bytes of x that may be triggers by the byte before
// each, which is in left. Additions stay inside a byte, because the high bit
// is masked off before; the sum then has it where the test fails.
func triggersIn(left, x uint64) uint64 {
	low := x &^ highs
	others := low + 0x60*ones                         // from 0x20 on
	others &= (x&(0x1f*ones) ^ 0x1c*ones) + 0x7e*ones // not < = \ | ] }
	others &= (low ^ 0x24*ones) + 0x7c*ones           // not $ % & '
	others &= (low ^ '+'*ones) + 0x7f*ones
	mark := left << 2 &^ (left << 1) &^ left // 0x20 to 0x3f
	mark |= ^((left&^highs ^ '}'*ones) + 0x7f*ones | left)
	either := (low ^ '%'*ones) + 0x7f*ones
	either &= (low ^ '\\'*ones) + 0x7f*ones
	return (mark&^(others&^x) | ^(either | x)) & highs
}

// wideIn marks the bytes of x that digits outside of ASCII begin with. There
// may be false marks behind true ones.
func wideIn(x uint64) uint64 {
	found := ^((x&^highs ^ 0x70*ones) + 0x76*ones) & x // F0 to F9
	for _, lead := range [...]uint64{0xef * ones, 0xe0 * ones, 0xd9 * ones, 0xdb * ones, 0xa3 * ones, 0x82 * ones} {
		y := x ^ lead
		found |= (y - ones) &^ y
	}
	return found & highs
}
