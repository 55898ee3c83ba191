package carrier

import (
	"bytes"
	"encoding/hex"
	"math/bits"

	"github.com/stanch/stanch/scan"
)

// A style is how a message writes digits and lengths.
type style struct {
	digits alphabet
	length int  // bytes of a length of two digits
	binary bool // lengths are binary numbers
	bytes  bool // lengths of digits count bytes
}

// A message is one of ISO 8583, read from its type on as far as its elements
// make sense.
type message struct {
	text    []byte
	version byte
	bitmap  uint64 // elements 1 to 64, the first in the highest bit
	hexMap  bool
	mapEnd  int // where the first bitmap ends
	style   style
	at      int // of the next element

	evidence      int // digits of fixed elements that are digits indeed
	nonzero       int // those of them that are not 0
	walked        int // elements read
	broken        bool
	stopped       int // the element that did not read
	badDates      int // elements that should be dates and are none
	content, size int // of the last element of variable length: its place and its length
	pieces        []wirePiece
	number        heldNumber
}

// has reports whether the message holds an element.
func (m *message) has(number int) bool { return m.bitmap>>(64-number)&1 == 1 }

// forms returns the chain of encodings of what is found in the message.
func (m *message) forms() []string {
	if m.style.digits == inEBCDIC {
		return []string{formEBCDIC, formISO8583}
	}
	return []string{formISO8583}
}

// messageAt reads the message type and the bitmaps at text[start].
func messageAt(text []byte, start int, a alphabet) (m message, ok bool) {
	size := a.size(4)
	if start < 0 || start+size+8 > len(text) || !messageType(text[start:start+size], a) {
		return m, false
	}
	m = message{text: text, version: digitAt(text[start:], 0, a), at: start + size}
	if a != inNibbles {
		if bitmap, ok := hexBitmap(text[m.at:], a); ok {
			m.bitmap, m.hexMap = bitmap, true
			m.mapEnd = m.at + 16
			m.at = m.mapEnd + 16*int(bitmap>>63)
			return m, m.at <= len(text)
		}
	}
	for _, c := range text[m.at : m.at+8] {
		m.bitmap = m.bitmap<<8 | uint64(c)
	}
	m.mapEnd = m.at + 8
	m.at = m.mapEnd + 8*int(m.bitmap>>63)
	return m, m.at <= len(text)
}

// messageType reports whether b is a type that messages about cards have.
func messageType(b []byte, a alphabet) bool {
	if a == inNibbles {
		return b[0]>>4 <= 2 && b[0]&15 >= 1 && b[0]&15 <= 8 && b[1]>>4 <= 5 && b[1]&15 <= 5
	}
	return a.digit(b[0]) <= 2 && a.digit(b[1])-1 < 8 && a.digit(b[2]) <= 5 && a.digit(b[3]) <= 5
}

// digitAt returns digit i of b.
func digitAt(b []byte, i int, a alphabet) byte {
	if a == inNibbles {
		return nibble(b, i)
	}
	return a.digit(b[i])
}

// hexBitmap reads a bitmap of 16 hexadecimal digits.
func hexBitmap(b []byte, a alphabet) (bitmap uint64, ok bool) {
	if len(b) < 16 {
		return 0, false
	}
	for _, c := range b[:16] {
		if a == inEBCDIC {
			c = hexOfEBCDIC(c)
		}
		v := nibbleOf[c]
		if v > 15 {
			return 0, false
		}
		bitmap = bitmap<<4 | uint64(v)
	}
	return bitmap, true
}

// hexOfEBCDIC returns the ASCII form of a hexadecimal digit in EBCDIC.
func hexOfEBCDIC(c byte) byte {
	switch {
	case c >= 0xf0 && c <= 0xf9:
		return c - 0xf0 + '0'
	case c >= 0xc1 && c <= 0xc6:
		return c - 0xc1 + 'A'
	case c >= 0x81 && c <= 0x86:
		return c - 0x81 + 'a'
	}
	return 0
}

// element2 looks whether the card number at text[at] is data element 2 of a
// message, with a length before it as s says, and reports the message.
func (w *wireReader) element2(text []byte, at int, s style) bool {
	lengthAt := at - s.length
	for _, a := range [...]alphabet{inNibbles, inASCII, inEBCDIC} {
		for _, size := range [...]int{8, 16, 32} {
			start := lengthAt - size - a.size(4)
			if start < 0 || !messageType(text[start:], a) {
				continue
			}
			m, ok := messageAt(text, start, a)
			if !ok || m.at != lengthAt && m.mapEnd != lengthAt || !m.has(2) {
				continue
			}
			if best, ok := bestReading(m, lengths(text[lengthAt:at], &s), at); ok && w.reportMessage(&best) {
				return true
			}
		}
	}
	return false
}

// bestReading returns the message under the reading of its first length that
// makes sense of most elements.
func bestReading(m message, readings []lengthReading, at int) (best message, ok bool) {
	for _, l := range readings {
		try := m
		if try.holds(l, at) && (!ok || try.sense() >= best.sense()) {
			best, ok = try, true
		}
	}
	return best, ok
}

// A reading of a length: how many digits follow, in a message of this style.
type lengthReading struct {
	n     int
	style style
}

// lengths returns what the length before element 2 may mean.
func lengths(b []byte, s *style) []lengthReading {
	if s.length == 2 {
		return []lengthReading{{s.digits.number(b), *s}}
	}
	var all []lengthReading
	c := int(b[0])
	if decimal := c>>4*10 + c&15; c&15 <= 9 && decimal >= minDigits && decimal <= maxDigits {
		all = append(all, lengthReading{decimal, *s})
	}
	binary := *s
	binary.binary = true
	if c >= minDigits && c <= maxDigits {
		all = append(all, lengthReading{c, binary})
	}
	if binary.bytes = true; s.digits == inNibbles && c >= 6 && c <= 10 {
		all = append(all, lengthReading{2 * c, binary}, lengthReading{2*c - 1, binary})
	}
	return all
}

// sense weighs how well a message reads.
func (m *message) sense() int {
	n := 4*m.walked - 2*m.badDates
	if !m.broken {
		n++
	}
	return n
}

// holds reads element 2 at text[at] and what follows, and reports whether it
// is a card number in a message.
func (m *message) holds(l lengthReading, at int) bool {
	m.style = l.style
	if !m.number.readPAN(m.text[at:], l.n, m.style.digits) {
		return false
	}
	end := at + m.style.digits.size(l.n)
	m.pieces = append(m.pieces, wirePiece{scan.PAN, at, end})
	m.at = end
	m.walk(3, 64)
	return m.sound()
}

// sound reports whether the message reads as its bitmap says, up to the
// elements that each network lays out in its own way, and has those that
// messages about cards have.
func (m *message) sound() bool {
	const enough, free = 12, 43
	telling := 3
	if n := m.number.bytes(); 2*bytes.Count(n, []byte{'0'}) >= len(n) {
		telling = 8 // as a table of small numbers would read
	}
	return m.evidence >= enough && m.nonzero >= telling && m.badDates == 0 && m.has(3) && (!m.broken || m.stopped >= free) && m.usual()
}

// usualElements are those that most messages are made of.
const usualElements = 0xf23e67c1_aef99e3f

// usual reports whether few elements of the message are unusual ones.
func (m *message) usual() bool {
	return bits.OnesCount64(m.bitmap&^usualElements) <= 2
}

// reportMessage emits what a message holds.
func (w *wireReader) reportMessage(m *message) bool {
	if !w.take(m.number.bytes()) {
		return false
	}
	w.report(m.number.n, m.pieces, scan.High, ctxISO8583, m.forms()...)
	return true
}

// maxBefore is how far before a track its message may begin.
const maxBefore = 512

// messageAround looks for a message without element 2 in which the content of
// an element begins at text[at], and reads it to its end.
func messageAround(text []byte, at, number int) (best message, ok bool) {
	for start := at - 11; start >= max(0, at-maxBefore); start-- {
		for a := inNibbles; a <= inEBCDIC; a++ {
			m, is := messageAt(text, start, a)
			if !is || m.has(2) || !m.has(number) || m.at >= at {
				continue
			}
			for _, s := range styles(a) {
				try := m
				try.style = s
				try.walk(3, 64)
				if try.holdsAt(at) && try.sound() && (!ok || try.sense() > best.sense()) {
					best, ok = try, true
				}
			}
		}
		if ok {
			return best, true
		}
	}
	return best, false
}

// holdsAt reports whether a track or number begins at text[at], but for a
// filler.
func (m *message) holdsAt(at int) bool {
	for _, p := range m.pieces {
		if p.class != scan.Expiry && p.class != scan.PINBlock && (p.start == at || p.start == at-1) {
			return true
		}
	}
	return false
}

// styles returns how a message whose type is written in a may write lengths.
func styles(a alphabet) []style {
	if a == inNibbles {
		return []style{{digits: a, length: 1}, {digits: a, length: 1, binary: true}, {digits: a, length: 1, binary: true, bytes: true}}
	}
	return []style{{digits: a, length: 2}, {digits: a, length: 1, binary: true}, {digits: a, length: 1}}
}

// bytesOfHex decodes hexadecimal text, nil if it is none.
func bytesOfHex(text []byte) []byte {
	out := make([]byte, hex.DecodedLen(len(text)))
	if _, err := hex.Decode(out, text); err != nil {
		return nil
	}
	return out
}
