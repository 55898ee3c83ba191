package carrier

import (
	"bytes"

	"github.com/stanch/stanch/scan"
)

// tagged looks whether text[at:] is the value of a chip's data object (EMV
// Book 3, annex B) that holds a card number, and reports it.
func (w *wireReader) tagged(text []byte, at int) bool {
	length := int(text[at-1])
	tag, before := tagBefore(text, at-1)
	if tag == 0 || at+length > len(text) {
		return false
	}
	var r tagRecord
	if !r.add(tag, text, at, at+length) {
		return false
	}
	sure := scan.High
	if r.follow(text, at+length) == 0 && tag == tagPAN && !framed(text, before, at+length) {
		sure = scan.Medium
		if !w.nested && (lonely(text, before, at+length) || repetitive(text[at:at+length]) || amongTags(text, before)) {
			sure = scan.Low
		}
	}
	if !w.take(r.number.bytes()) {
		return false
	}
	if m, ok := messageAround(text, at, 55); ok {
		w.report(m.number.n, m.pieces, scan.High, ctxISO8583, m.forms()...)
	} else {
		w.report(r.number.n, r.pieces, sure, ctxEMV, formEMV)
	}
	return true
}

// The tags that hold a number, a track or an expiry date.
const (
	tagPAN        = 0x5a
	tagTrack2     = 0x57
	tagTrack2Card = 0x9f6b
	tagExpiry     = 0x5f24
)

// tagBefore returns the tag that ends before text[at], 0 if it is none that
// holds a number, and where it begins.
func tagBefore(text []byte, at int) (tag, start int) {
	if at >= 2 && text[at-1] == 0x81 {
		at-- // the length is written in two bytes
	}
	switch c := text[at-1]; {
	case c == tagPAN || c == tagTrack2:
		return int(c), at - 1
	case c == tagTrack2Card&0xff && at >= 2 && text[at-2] == tagTrack2Card>>8:
		return tagTrack2Card, at - 2
	}
	return 0, at
}

// framed reports whether the value that ends at text[end] ends the flow, or
// its tag at text[start] is the first of a template.
func framed(text []byte, start, end int) bool {
	if end == len(text) {
		return true
	}
	return start >= 2 && (text[start-2] == 0x70 || text[start-2] == 0x77) && int(text[start-1]) >= end-start
}

// lonely reports whether a tag and its value from text[start] to text[end] may
// be a row of a table of small numbers: zeros around it on one side, or in it.
func lonely(text []byte, start, end int) bool {
	const look, few, issuer = 8, 5, 3 // bytes; those of an issuer may well be zeros
	before := bytes.Count(text[max(0, start-look):start], []byte{0})
	after := bytes.Count(text[end:min(len(text), end+look)], []byte{0})
	inside := bytes.Count(text[start+2+issuer:end], []byte{0})
	return inside > 1 || before+after > few && before+after < 2*look
}

// amongTags reports whether the tag at text[at] comes again and again close by,
// as an instruction does in code.
func amongTags(text []byte, at int) bool {
	const around = 24
	return bytes.Count(text[max(0, at-around):min(len(text), at+around)], []byte{tagPAN}) > 2
}

// repetitive reports whether bytes come again in a number more often than they
// do by chance, as in tables and code. Those of an issuer may.
func repetitive(b []byte) bool {
	const issuer = 3
	again := 0
	for i, c := range b {
		if i >= issuer && bytes.IndexByte(b[:i], c) >= 0 {
			again++
		}
		if i+2 <= len(b) && bytes.Contains(b[i+2:], b[i:i+2]) {
			return true
		}
	}
	return again > 1
}

// A tagRecord is what stands side by side in a list of data objects.
type tagRecord struct {
	number heldNumber
	pieces []wirePiece
}

// add takes one data object. It returns false if it says nothing of a card,
// or of another one.
func (r *tagRecord) add(tag int, text []byte, start, end int) bool {
	value := text[start:end]
	var read heldNumber
	class := scan.PAN
	switch tag {
	case tagPAN:
		if len(value) < 6 || len(value) > 10 || !read.readFilled(value) {
			return false
		}
	case tagTrack2, tagTrack2Card:
		n := read.readTrack2(value)
		if len(value) > 20 || n == 0 || !filled(value, n) {
			return false
		}
		class = scan.Track2
	case tagExpiry:
		if len(value) != 3 || !inNibbles.all(value) || inNibbles.number(value[1:2]) < 1 || inNibbles.number(value[1:2]) > 12 {
			return false
		}
		r.pieces = append(r.pieces, wirePiece{scan.Expiry, start, end})
		return true
	default:
		return false
	}
	if r.number.n > 0 && string(r.number.bytes()) != string(read.bytes()) {
		return false
	}
	r.number = read
	r.pieces = append(r.pieces, wirePiece{class, start, end})
	return true
}

// filled reports whether all nibbles of b from n on are F.
func filled(b []byte, n int) bool {
	for ; n < 2*len(b); n++ {
		if nibble(b, n) != 0xf {
			return false
		}
	}
	return true
}

// follow reads the data objects from text[at] on, as far as they are ones that
// payment knows, and returns how many there are.
func (r *tagRecord) follow(text []byte, at int) int {
	const most, farthest = 64, 1 << 10
	limit := min(len(text), at+farthest)
	count := 0
	for ; count < most; count++ {
		tag, start, end := object(text[:limit], at)
		if tag == 0 {
			break
		}
		r.add(tag, text, start, end)
		at = end
	}
	return count
}

// object returns the data object at text[at]: its tag and its value. The tag
// is 0 if there is none that payment knows.
func object(text []byte, at int) (tag, start, end int) {
	if at+2 > len(text) {
		return 0, 0, 0
	}
	tag = int(text[at])
	at++
	if tag&0x1f == 0x1f {
		tag = tag<<8 | int(text[at])
		at++
	}
	if at >= len(text) || !knownTag(tag) {
		return 0, 0, 0
	}
	length := int(text[at])
	at++
	if length == 0x81 && at < len(text) {
		length = int(text[at])
		at++
	}
	if length > 0xff || at+length > len(text) || !fitsTag(tag, length) {
		return 0, 0, 0
	}
	return tag, at, at + length
}

// fitsTag reports whether values of a tag may have a length, for tags that
// other data is likely to hold by chance.
func fitsTag(tag, length int) bool {
	switch tag {
	case 0x84, 0x4f:
		return length >= 5 && length <= 16
	case 0x82, 0x8a, 0x9b:
		return length == 2
	case 0x95:
		return length == 5
	case 0x9a, tagExpiry:
		return length == 3
	case 0x9c:
		return length == 1
	}
	return length > 0
}

// knownTag reports whether payment uses a tag.
func knownTag(tag int) bool {
	switch {
	case tag >= 0x80 && tag <= 0x9e:
		return true
	case tag>>8 == 0x9f || tag>>8 == 0x5f || tag>>8 == 0xdf || tag>>8 == 0xbf:
		return true
	}
	switch tag {
	case 0x42, 0x4f, 0x50, 0x56, tagTrack2, tagPAN, 0x61, 0x6f, 0x70, 0x71, 0x72, 0x73, 0x77, 0xa5:
		return true
	}
	return false
}
