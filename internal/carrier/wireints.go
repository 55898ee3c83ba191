package carrier

import (
	"bytes"
	endian "encoding/binary"
	"slices"

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
	maxSteps             = 6 // members between two that show the stride
)

// arrays remembers the latest integers that pass for cards, and the arrays
// that were found.
type arrays struct {
	seen   [16]cardInt
	count  int
	strips [4]strip
	turn   int
}

// A cardInt is a place at which an integer passes for a card.
type cardInt struct {
	at     int64
	layout layout
}

// A strip is an array that was found, up to where the next member is due.
type strip struct {
	due    int64
	stride int64
	layout layout
	sure   scan.Confidence
}

// integers looks at the integers of text[from:to].
func (w *wireReader) integers(text []byte, from, to int) {
	for i := range w.arrays.strips {
		w.follow(text, &w.arrays.strips[i], to)
	}
	w.shortIntegers(text, from, to)
	w.longIntegers(text, from, to)
}

// shortIntegers looks at integers of up to 16 digits. In 64 bits such a number
// has a byte of zero at its high end and another before.
func (w *wireReader) shortIntegers(text []byte, from, to int) {
	for i := from; i < to; {
		n := bytes.IndexByte(text[i:to], 0)
		if n < 0 {
			return
		}
		i += n
		zeros := i
		for i+8 <= to && endian.LittleEndian.Uint64(text[i:]) == 0 {
			i += 8
		}
		for i < to+8 && i < len(text) && text[i] == 0 {
			i++
		}
		w.integer(text, zeros-7, int64le, to)
		if i-zeros >= 2 {
			w.integer(text, zeros-6, int64le, to)
			w.integer(text, i-2, int64be, to)
		}
		w.integer(text, i-1, int64be, to)
	}
}

// longIntegers looks at aligned integers of 19 digits that begin with 62 or 81,
// as UnionPay's do: three at a short stride. Other long ones count only beside
// short ones.
func (w *wireReader) longIntegers(text []byte, from, to int) {
	const widest = 64
	for at := from + int(-(w.base+int64(from))&7); at < to && at+2*widest+8 <= len(text); at += 8 {
		if !longLead[text[at]] && !longLead[text[at+7]] {
			continue
		}
		for l := int64le; l <= int64be; l++ {
			high := at
			if l == int64le {
				high += 7
			}
			if !longLead[text[high]] || w.base+int64(at) < w.covered {
				continue
			}
			for stride := 8; stride <= widest; stride += 8 {
				if longLead[text[high+stride]] && longLead[text[high+2*stride]] && w.three(text, at, stride, l) &&
					w.array(text, cardInt{w.base + int64(at), l}, int64(stride), to) {
					break
				}
			}
		}
	}
}

// three reports whether three integers at a stride are card numbers.
func (w *wireReader) three(text []byte, at, stride int, l layout) bool {
	for k := range 3 {
		if v := l.value(text[at+k*stride:]); !cardRange(v) || !cardValue(v) {
			return false
		}
	}
	return true
}

// longLead marks the high bytes of 19 digits that begin with 62 or 81.
var longLead = [256]bool{0x56: true, 0x57: true, 0x70: true, 0x71: true}

// integer looks at one integer, which may be a member of an array.
func (w *wireReader) integer(text []byte, at int, l layout, to int) {
	if at < 0 || at+8 > len(text) || w.base+int64(at) < w.covered {
		return
	}
	value := l.value(text[at:])
	if cardRange(value) && dense(value) && cardValue(value) {
		w.arrayAround(text, cardInt{w.base + int64(at), l}, to)
	}
}

// cardRange reports whether a number may be a card's by its first digits.
func cardRange(v uint64) bool {
	return v >= 2_200_000_000_000_000 && v < 8_200_000_000_000_000 ||
		v >= 340_000_000_000_000 && v < 380_000_000_000_000 ||
		v >= 30_000_000_000_000 && v < 40_000_000_000_000 ||
		v >= 4_000_000_000_000 && v < 5_000_000_000_000 ||
		v >= 6_200_000_000_000_000_000 && v < 6_300_000_000_000_000_000 ||
		v >= 8_100_000_000_000_000_000 && v < 8_200_000_000_000_000_000
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

// cardValue reports whether an integer is a card number.
func cardValue(v uint64) bool {
	const least, beyond = 100_000_000_000, 10_000_000_000_000_000_000
	if v < least || v >= beyond {
		return false
	}
	var digits [maxDigits]byte
	defer clear(digits[:])
	return isCard(decimalOf(&digits, v))
}

// decimalOf writes a number and returns its digits.
func decimalOf(to *[maxDigits]byte, v uint64) []byte {
	i := len(to)
	for ; v > 0 && i > 0; v /= 10 {
		i--
		to[i] = '0' + byte(v%10)
	}
	return to[i:]
}

// arrayAround looks for an array that holds n and one of the numbers seen
// before, and reports its members.
func (w *wireReader) arrayAround(text []byte, n cardInt, to int) {
	a := &w.arrays
	for back := 1; back <= min(a.count, len(a.seen)); back++ {
		other := a.seen[(a.count-back)%len(a.seen)]
		distance := n.at - other.at
		if distance > maxSteps*maxStride {
			break
		}
		for steps := int64(maxSteps); steps > 0 && other.layout == n.layout; steps-- {
			stride := distance / steps
			if distance%steps == 0 && stride >= minStride && stride <= maxStride && w.array(text, n, stride, to) {
				return
			}
		}
	}
	a.seen[a.count%len(a.seen)] = n
	a.count++
}

// array reports the array with that stride around n, if there is one.
func (w *wireReader) array(text []byte, n cardInt, stride int64, to int) bool {
	const most = 16 // members that are counted
	at := func(k int64) (uint64, bool) {
		i := n.at - w.base + k*stride
		if i < 0 || i+8 > int64(len(text)) {
			return 0, false
		}
		v := n.layout.value(text[i:])
		return v, cardValue(v)
	}
	var different [most]uint64
	members, first := 0, int64(0)
	count := func(v uint64) {
		if members < most && !slices.Contains(different[:members], v) {
			different[members] = v
			members++
		}
	}
	for k := int64(0); members < most; k++ {
		v, ok := at(k)
		if !ok {
			break
		}
		count(v)
	}
	for k := int64(-1); k > -maxStride; k-- {
		v, ok := at(k)
		if !ok || n.at+k*stride < w.covered {
			break
		}
		count(v)
		first = k
	}
	defer clear(different[:])
	sure := n.certainty(members, stride)
	if members >= 3 && different[2]-different[1] == different[1]-different[0] {
		sure = 0 // they count up or down evenly, as no cards do
	}
	if sure == 0 || w.amongOthers(text, n, stride) {
		return false
	}
	s := strip{n.at + first*stride, stride, n.layout, sure}
	w.follow(text, &s, to)
	w.arrays.strips[w.arrays.turn] = s
	w.arrays.turn = (w.arrays.turn + 1) % len(w.arrays.strips)
	return true
}

// amongOthers reports whether n stands in a table of numbers of the same size
// that are no cards, of which some are bound to have a right check digit.
func (w *wireReader) amongOthers(text []byte, n cardInt, stride int64) bool {
	const around = 160
	step := 8
	if stride%8 != 0 {
		step = 4
	}
	cards, others := 0, 0
	center := int(n.at - w.base)
	for at := max(center-around, center%step); at+8 <= min(len(text), center+around); at += step {
		switch v := n.layout.value(text[at:]); {
		case v < 1_000_000_000_000 || v >= 10_000_000_000_000_000:
		case cardValue(v):
			cards++
		default:
			others++
		}
	}
	return others > cards
}

// certainty says how sure an array of so many different members is, 0 if it
// is none. Code and tables hold a few such numbers at a stride by chance.
func (n cardInt) certainty(members int, stride int64) scan.Confidence {
	const fewest, enough, enoughAskew, wide = 3, 5, 7, 64
	switch aligned := stride%4 == 0 && n.at%4 == 0 && stride <= wide; {
	case members >= enoughAskew, members >= enough && aligned:
		return scan.High
	case members >= fewest && aligned:
		return scan.Low
	}
	return 0
}

// follow reports the members of an array that begin before text[to]. What is
// no card ends it.
func (w *wireReader) follow(text []byte, s *strip, to int) {
	for s.stride > 0 && s.due < w.base+int64(to) {
		at := int(s.due - w.base)
		if at < 0 || at+8 > len(text) {
			s.stride = 0
			return
		}
		value := s.layout.value(text[at:])
		if !cardValue(value) {
			s.stride = 0
			return
		}
		var digits [maxDigits]byte
		number := decimalOf(&digits, value)
		if w.take(number) {
			w.report(len(number), []wirePiece{{scan.PAN, at, at + 8}}, s.sure, ctxArray, s.layout.form())
		}
		clear(digits[:])
		s.due += s.stride
	}
}
