package carrier

import (
	"bytes"
	endian "encoding/binary"

	"github.com/stanch/stanch/scan"
)

// A layout is how a number fills eight bytes.
type layout uint8

const (
	int64le layout = iota
	int64be
)

func (l layout) form() string {
	if l == int64be {
		return "int64be"
	}
	return "int64le"
}

func (l layout) value(b []byte) uint64 {
	if l == int64be {
		return endian.BigEndian.Uint64(b)
	}
	return endian.LittleEndian.Uint64(b)
}

// Arrays are numbers at a constant distance. One integer that passes for a
// card is no card: any eight bytes are an integer.
const (
	minStride, maxStride = 8, 256
	minMembers           = 3 // numbers that make an array
	judged               = 5 // places either side of the first ones that must not speak against them
)

// arrays remembers the latest integers that pass for cards, and the arrays
// that were found.
type arrays struct {
	seen   [32]cardInt
	count  int
	strips [4]strip
	turn   int
}

// A cardInt is a place at which an integer passes for a card.
type cardInt struct {
	at     int64
	value  uint64
	layout layout
}

// A strip is an array that was found, up to where the next member is due.
type strip struct {
	due    int64
	stride int64
	layout layout
	sure   scan.Confidence
}

// integers looks at the integers of text[from:to]. A card number of at most
// 16 digits in 64 bits has a byte of zero at its high end and another before.
func (w *wire) integers(text []byte, from, to int) {
	for i := from; i < to; {
		n := bytes.IndexByte(text[i:to], 0)
		if n < 0 {
			return
		}
		i += n
		zeros := i
		for i < to+8 && i < len(text) && text[i] == 0 {
			i++
		}
		w.integer(text, zeros-7, int64le)
		if i-zeros >= 2 {
			w.integer(text, zeros-6, int64le)
			w.integer(text, i-2, int64be)
		}
		w.integer(text, i-1, int64be)
	}
}

// integer looks at one integer.
func (w *wire) integer(text []byte, at int, l layout) {
	if at < 0 || at+8 > len(text) {
		return
	}
	value := l.value(text[at:])
	if !cardRange(value) || !dense(value) {
		return
	}
	if cardValue(value) {
		w.arrays.take(w, text, cardInt{w.base + int64(at), value, l})
	}
}

// cardRange reports whether a number may be a card's: 13 to 16 digits, and a
// first digit that brands have.
func cardRange(v uint64) bool {
	return v >= 2_200_000_000_000_000 && v < 8_200_000_000_000_000 ||
		v >= 340_000_000_000_000 && v < 380_000_000_000_000 ||
		v >= 30_000_000_000_000 && v < 40_000_000_000_000 ||
		v >= 4_000_000_000_000 && v < 5_000_000_000_000
}

// dense reports whether the lower bytes of a number look like those of an
// account: tables hold many small numbers and powers of two, which do not.
func dense(v uint64) bool {
	zeros, same := 0, 0
	for i := range 6 {
		b := byte(v >> (8 * i))
		if b == 0 || b == 0xff {
			zeros++
		}
		for k := range i {
			if byte(v>>(8*k)) == b {
				same++
			}
		}
	}
	return zeros <= 1 && same <= 1
}

// decimal writes a number and returns its digits.
func decimal(to *[maxDigits]byte, v uint64) []byte {
	i := len(to)
	for ; v > 0 && i > 0; v /= 10 {
		i--
		to[i] = '0' + byte(v%10)
	}
	return to[i:]
}

// take adds a number and reports those that are members of an array.
func (a *arrays) take(w *wire, text []byte, n cardInt) {
	if n.at < w.covered {
		return
	}
	for i := range a.strips {
		s := &a.strips[i]
		if s.stride > 0 && s.layout == n.layout && s.due == n.at {
			s.due += s.stride
			w.member(n, s.sure)
			return
		}
	}
	for back := 1; back <= min(a.count, len(a.seen)); back++ {
		second := a.seen[(a.count-back)%len(a.seen)]
		stride := n.at - second.at
		if stride > maxStride {
			break
		}
		if stride < minStride || second.layout != n.layout || second.value == n.value {
			continue
		}
		first, ok := a.at(second.at-stride, n.layout)
		if !ok || first.value == second.value || first.value == n.value || !w.array(text, first, stride) {
			continue
		}
		sure := w.certainty(text, first, stride)
		a.strips[a.turn] = strip{n.at + stride, stride, n.layout, sure}
		a.turn = (a.turn + 1) % len(a.strips)
		w.member(first, sure)
		w.member(second, sure)
		w.member(n, sure)
		return
	}
	a.seen[a.count%len(a.seen)] = n
	a.count++
}

// at returns the number that was seen at an offset.
func (a *arrays) at(offset int64, l layout) (cardInt, bool) {
	for _, n := range a.seen[:min(a.count, len(a.seen))] {
		if n.at == offset && n.layout == l {
			return n, true
		}
	}
	return cardInt{}, false
}

// array reports whether numbers at a stride are cards as a rule: among random
// integers of this size some are by chance.
func (w *wire) array(text []byte, first cardInt, stride int64) bool {
	cards, others := 0, 0
	for k := int64(-judged); k < minMembers+judged; k++ {
		at := first.at - w.base + k*stride
		if at < 0 || at+8 > int64(len(text)) {
			continue
		}
		value := first.layout.value(text[at:])
		if value < 1_000_000_000_000 || value >= 10_000_000_000_000_000 {
			continue
		}
		if cardValue(value) {
			cards++
		} else {
			others++
		}
	}
	return cards >= 3*others
}

// certainty says how sure an array is: code and tables hold three or four such
// numbers at a stride by chance, hardly ever more.
func (w *wire) certainty(text []byte, first cardInt, stride int64) scan.Confidence {
	const few, enough, enoughAskew, widest = 4, 5, 8, 32
	const long = 10_000_000_000_000
	members := 0
	for at := first.at - w.base; at+8 <= int64(len(text)) && members < enoughAskew; at += stride {
		if at >= 0 && !cardValue(first.layout.value(text[at:])) {
			break
		}
		members++
	}
	switch {
	case members >= enoughAskew, members >= enough && stride%4 == 0 && first.at%4 == 0:
		return scan.High
	case members >= few && first.value >= long && first.layout == int64le && stride%8 == 0 && stride <= widest && first.at%8 == 0:
		return scan.Medium
	}
	return scan.Low
}

// cardValue reports whether an integer is a card number.
func cardValue(v uint64) bool {
	var digits [maxDigits]byte
	defer clear(digits[:])
	return isCard(decimal(&digits, v))
}

// member reports one number of an array.
func (w *wire) member(n cardInt, sure scan.Confidence) {
	var digits [maxDigits]byte
	number := decimal(&digits, n.value)
	if w.take(number) {
		at := int(n.at - w.base)
		w.report(len(number), []piece{{scan.PAN, at, at + 8}}, sure, ctxArray, n.layout.form())
	}
	clear(digits[:])
}
