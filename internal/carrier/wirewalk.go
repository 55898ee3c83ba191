package carrier

import (
	"bytes"

	"github.com/stanch/stanch/scan"
)

// walk reads the elements from one number to another, and stops where one
// does not read as its layout says.
func (m *message) walk(from, to int) {
	for number := from; number <= to && !m.broken; number++ {
		if !m.has(number) {
			continue
		}
		if !m.read(number) {
			m.broken, m.stopped = true, number
			return
		}
		m.walked++
	}
}

// read reads one element and notes what it holds.
func (m *message) read(number int) bool {
	e := m.elementOf(number)
	a := m.style.digits
	size := e.size
	switch e.kind {
	case digitsFixed:
		size = a.size(size)
		if m.at+size > len(m.text) || !a.all(m.text[m.at:m.at+size]) {
			return false
		}
		m.evidence += e.size
		m.nonzero += e.size - zeroDigits(m.text[m.at:m.at+size])
		m.date(number, m.text[m.at:m.at+size])
	case signedFixed:
		size = 1 + a.size(size)
	case bitsFixed:
		if m.hexMap || a == inASCII && hexOnly(m.rest(2*size)) {
			size *= 2
		}
	case textFixed:
		if !written(m.rest(size)) {
			return false
		}
	default:
		if !m.readLength(e) {
			return false
		}
		size = m.size
	}
	if m.at+size > len(m.text) {
		return false
	}
	m.content = m.at
	m.at += size
	return m.note(number, m.content, m.at)
}

// zeroDigits counts the zeros among digits, whatever they are written in: all
// but nibbles have their value in the lower half of the byte.
func zeroDigits(b []byte) int {
	n := 0
	for _, c := range b {
		if c&15 == 0 {
			n++
		}
		if c>>4 == 0 {
			n++
		}
	}
	return n
}

// date counts an element that should begin with a month, or hold one, and does
// not.
func (m *message) date(number int, text []byte) {
	a := m.style.digits
	month, clock := 1, 0
	switch number {
	case 7:
		month, clock = a.number(text[:a.size(2)]), a.number(text[a.size(4):])
	case 12:
		if m.version != 1 {
			clock = a.number(text)
		}
	case 13, 15, 16, 17:
		month = a.number(text[:a.size(2)])
	case 14:
		month = a.number(text) % 100
	}
	if month > 12 || clock/10000 > 23 || clock/100%100 > 59 || clock%100 > 59 {
		m.badDates++
	}
}

// written reports whether b may be text in some code page.
func written(b []byte) bool {
	for _, c := range b {
		if c < ' ' {
			return false
		}
	}
	return true
}

// rest returns the next n bytes, nil if there are fewer.
func (m *message) rest(n int) []byte {
	if m.at+n > len(m.text) {
		return nil
	}
	return m.text[m.at : m.at+n]
}

// readLength reads the length of an element and turns it into bytes.
func (m *message) readLength(e isoElement) bool {
	long := e.kind == textVar3 || e.kind == bitsVar3 || e.kind == trackVar3
	size := m.style.length
	if long {
		size++
	}
	b := m.rest(size)
	if b == nil {
		return false
	}
	n := 0
	switch {
	case m.style.length == 2:
		if !m.style.digits.all(b) {
			return false
		}
		n = m.style.digits.number(b)
	case m.style.binary:
		for _, c := range b {
			n = n<<8 | int(c)
		}
	default:
		if !inNibbles.all(b) {
			return false
		}
		n = inNibbles.number(b)
	}
	m.at += size
	if n > 2*e.size+1 || n > 999 {
		return false
	}
	digits := e.kind == digitsVar || e.kind == trackVar || e.kind == trackVar3
	m.size = n
	if digits && !m.style.bytes {
		m.size = m.style.digits.size(n)
	}
	return true
}

// note takes what an element says about the card.
func (m *message) note(number, start, end int) bool {
	text := m.text[start:end]
	switch number {
	case 14:
		if month := m.style.digits.number(text) % 100; month >= 1 && month <= 12 {
			m.pieces = append(m.pieces, wirePiece{scan.Expiry, start, end})
		}
	case 35:
		return m.noteTrack2(start, end)
	case 45:
		m.noteTrack1(start, end)
	case 52:
		m.pieces = append(m.pieces, wirePiece{scan.PINBlock, start, end})
	case 55:
		m.noteChip(start, end)
	}
	return true
}

// noteTrack2 takes element 35.
func (m *message) noteTrack2(start, end int) bool {
	var track heldNumber
	text := m.text[start:end]
	if m.style.digits == inNibbles {
		if n := track.readTrack2(text); n == 0 {
			return m.has(2) // a track that is encrypted or masked says nothing
		}
	} else if !track.readWritten(text, m.style.digits) {
		return m.has(2)
	}
	m.noteNumber(&track, wirePiece{scan.Track2, start, end})
	return true
}

// noteNumber takes a number, unless the message is about another one.
func (m *message) noteNumber(n *heldNumber, p wirePiece) {
	if m.number.n == 0 {
		m.number = *n
	}
	if bytes.Equal(m.number.bytes(), n.bytes()) {
		m.pieces = append(m.pieces, p)
	}
}

// noteTrack1 takes element 45.
func (m *message) noteTrack1(start, end int) {
	text := m.text[start:end]
	if m.style.digits == inEBCDIC {
		return // names need a table; the fold reads them
	}
	if len(text) > 0 && text[0] == '%' {
		text = text[1:]
	}
	if len(text) == 0 || text[0] != 'B' {
		return
	}
	var track heldNumber
	if n := bytes.IndexByte(text, '^') - 1; n > 0 && track.readPAN(text[1:], n, inASCII) {
		m.noteNumber(&track, wirePiece{scan.Track1, start, end})
	}
}

// noteChip takes element 55: data objects, in bytes or in hexadecimal text.
func (m *message) noteChip(start, end int) {
	text, written := m.text[start:end], false
	if m.style.digits == inASCII && hexOnly(text) && len(text)%2 == 0 && len(text) > 0 {
		if text = bytesOfHex(text); text == nil {
			return
		}
		written = true
	}
	chip := tagRecord{number: m.number}
	chip.follow(text, 0)
	for _, p := range chip.pieces {
		if written {
			p.start, p.end = 2*p.start, 2*p.end
		}
		p.start, p.end = p.start+start, p.end+start
		m.pieces = append(m.pieces, p)
	}
	if m.number.n == 0 {
		m.number = chip.number
	}
	if written {
		clear(text)
	}
}

// readWritten reads a track 2 in ASCII or EBCDIC.
func (h *heldNumber) readWritten(text []byte, a alphabet) bool {
	n := 0
	for n < len(text) && a.digit(text[n]) <= 9 {
		n++
	}
	if n+5 > len(text) || !h.readPAN(text, n, a) {
		return false
	}
	c := text[n]
	if c != '=' && c != 'D' && c != 'd' && c != 0x7e && c != 0xc4 {
		return false
	}
	month := a.number(text[n+3 : n+5])
	return a.all(text[n+1:n+5]) && month >= 1 && month <= 12
}

// hexOnly reports whether b is hexadecimal digits and nothing else.
func hexOnly(b []byte) bool {
	for _, c := range b {
		if nibbleOf[c] > 15 {
			return false
		}
	}
	return len(b) > 0
}

// nibbleOf is the value of a hexadecimal digit, above 15 for other bytes.
var nibbleOf = func() (v [256]byte) {
	for c := range v {
		switch {
		case c >= '0' && c <= '9':
			v[c] = byte(c - '0')
		case c >= 'a' && c <= 'f':
			v[c] = byte(c - 'a' + 10)
		case c >= 'A' && c <= 'F':
			v[c] = byte(c - 'A' + 10)
		default:
			v[c] = 0xff
		}
	}
	return v
}()
