package carrier

import (
	"bytes"

	"github.com/stanch/stanch/scan"
)

// separated looks for a track 2 whose separator stands in text[at], the first
// byte after a run of digits: in nibbles without a tag, or as data element 35
// of a message that has no element 2.
func (w *wireReader) separated(text []byte, at int) {
	switch c := text[at]; {
	case c == '=' && w.writtenTrack(text, at, inASCII):
	case c>>4 == 0xd && c&15 <= 9:
		w.bareTrack(text, 2*at)
	case c&15 == 0xd && c>>4 <= 9:
		w.bareTrack(text, 2*at+1)
	case c == 'D':
		w.writtenTrack(text, at, inASCII)
	case c == 0x7e || c == 0xc4:
		w.writtenTrack(text, at, inEBCDIC)
	}
}

const maxTrackBytes = 20 // 37 digits and a filler before or after

// bareTrack reads a track 2 in nibbles by the place of its separator, counted
// in nibbles: the number before it is as long as a brand and the check digit
// allow.
func (w *wireReader) bareTrack(text []byte, separator int) {
	for n := maxDigits; n >= minDigits; n-- {
		from := separator - n
		start := from / 2
		if from < 0 || w.base+int64(start) < w.covered || from%2 == 1 && text[start]>>4 != 0 {
			continue
		}
		var track heldNumber
		size := track.readTrack2At(text[start:min(len(text), start+maxTrackBytes)], from%2)
		if size == 0 || track.n != n {
			continue
		}
		if w.reportTrack(text, bareTrack{from, separator, 2*start + size}, &track) {
			return
		}
	}
}

// A bareTrack says where a track in nibbles stands, counted in nibbles.
type bareTrack struct{ from, separator, end int }

// reportTrack reports a track in nibbles if a message, a length or its own
// strict form vouches for it.
func (w *wireReader) reportTrack(text []byte, t bareTrack, track *heldNumber) bool {
	whole := wirePiece{scan.Track2, t.from / 2, (t.end + 1) / 2}
	m, ok := messageAround(text, whole.start, 35)
	if !ok && (!t.strict(text) || bytes.Count(track.bytes()[6:], []byte{'0'}) > 4) || !w.take(track.bytes()) {
		return false
	}
	if ok {
		w.report(track.n, m.pieces, scan.High, ctxISO8583, m.forms()...)
	} else {
		w.report(track.n, []wirePiece{whole}, scan.High, ctxTrack, formBCD)
	}
	return true
}

// strict reports whether a track in nibbles that no message announces is one
// all the same: a likely year, a service code that exists, further data, and
// a filler or a length that fits.
func (t bareTrack) strict(text []byte) bool {
	after := func(i int) int { return int(nibble(text, t.separator+1+i)) }
	tail := t.end - t.separator - 1
	if tail < 7 || tail > 24 {
		return false
	}
	year := 10*after(0) + after(1)
	if year < 10 || year > 49 || !serviceCode(after(4), after(5), after(6)) {
		return false
	}
	start, total := t.from/2, t.end-t.from
	if start > 0 {
		length := int(text[start-1])
		if length == total || length == total/10<<4|total%10 || length == (total+1)/2 {
			return true
		}
	}
	const usual = 10 // digits after the separator
	if tail < usual || t.separator-t.from < 14 || start > 0 && text[start-1] != 0 && isPacked(text[start-1]) {
		return false // too short, or the end of a longer row of digits
	}
	if t.end%2 == 1 {
		return nibble(text, t.end) == 0xf
	}
	return t.end/2 == len(text) || text[t.end/2] == 0xff
}

// serviceCode reports whether ISO/IEC 7813 knows the three digits.
func serviceCode(interchange, authorization, allowed int) bool {
	switch interchange {
	case 1, 2, 5, 6, 7, 9:
		return (authorization == 0 || authorization == 2 || authorization == 4) && allowed <= 7
	}
	return false
}

// writtenTrack reads a track 2 in ASCII or EBCDIC whose separator is text[at].
// The scanner reads those that stand by themselves; inside a message other
// digits touch the number.
func (w *wireReader) writtenTrack(text []byte, at int, a alphabet) bool {
	var track heldNumber
	for n := maxDigits; n >= minDigits; n-- {
		start := at - n
		if start < 14 || w.base+int64(start) < w.covered || !track.readPAN(text[start:at], n, a) {
			continue
		}
		m, ok := messageAround(text, start, 35)
		if !ok || !w.take(track.bytes()) {
			continue
		}
		w.report(track.n, m.pieces, scan.High, ctxISO8583, m.forms()...)
		return true
	}
	return false
}
