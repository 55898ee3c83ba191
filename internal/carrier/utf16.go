package carrier

import (
	"bytes"
	"io"
	surrogate "unicode/utf16"
	"unicode/utf8"
)

// utf16 is text of two bytes a unit, with a byte order mark or known by how
// its zero bytes lie.
type utf16 struct{ big bool }

func (u utf16) Name() string {
	if u.big {
		return "utf16be"
	}
	return "utf16le"
}

// Sniff accepts a mark, or a head in which one lane of bytes is often zero,
// the other almost never, and what stands beside the zeros is printable.
func (u utf16) Sniff(head []byte, _ string) bool {
	if u.Sure(head) {
		return true
	}
	units := len(head) / 2
	if units < 8 {
		return false
	}
	var zeroHigh, zeroLow, printable int
	for i := range units {
		high, low := head[2*i+1], head[2*i]
		if u.big {
			high, low = low, high
		}
		if low == 0 {
			zeroLow++
		}
		if high == 0 {
			zeroHigh++
			if low >= ' ' && low < 0x7f || low == '\n' || low == '\r' || low == '\t' {
				printable++
			}
		}
	}
	return zeroHigh*100 >= units*15 && zeroLow*100 <= units*2 && printable*100 >= zeroHigh*95
}

// Sure reports whether head begins with the byte order mark.
func (u utf16) Sure(head []byte) bool {
	if u.big {
		return bytes.HasPrefix(head, []byte{0xfe, 0xff})
	}
	return bytes.HasPrefix(head, []byte{0xff, 0xfe}) && !bytes.HasPrefix(head, []byte{0xff, 0xfe, 0, 0})
}

// Text returns r as UTF-8. A mark at the very start is dropped.
func (u utf16) Text(r io.Reader, start int64) Text {
	return &wideText{r: r, big: u.big, first: start == 0, raw: start, decoded: start, block: make([]byte, 32<<10)}
}

// A wideText decodes block by block and keeps the last blocks, so that Origin
// can count units in them.
type wideText struct {
	r       io.Reader
	big     bool
	first   bool
	err     error
	block   []byte
	carried int   // bytes at the front of block that the last pass left over
	raw     int64 // offset in r of the next unit to decode
	decoded int64 // offset in the output of the same place
	pending []byte
	past    []stretch
}

// A stretch is one decoded block and where it came from.
type stretch struct {
	raw, decoded int64
	text         []byte
}

// remembered is how many decoded bytes stay traceable. A scanner reports a
// match at most one window after it read it.
const remembered = 256 << 10

func (t *wideText) Read(p []byte) (int, error) {
	for len(t.pending) == 0 {
		if t.err != nil {
			return 0, t.err
		}
		t.fill()
	}
	n := copy(p, t.pending)
	t.pending = t.pending[n:]
	return n, nil
}

func (t *wideText) fill() {
	n, err := t.r.Read(t.block[t.carried:])
	have := t.block[:t.carried+n]
	t.err = err
	if t.first && len(have) >= 2 {
		t.first = false
		if t.unit(have) == 0xfeff {
			have = have[2:]
			t.raw += 2
		}
	}
	text := make([]byte, 0, len(have)*3/2+utf8.UTFMax)
	used := 0
	for used+2 <= len(have) {
		r, size := rune(t.unit(have[used:])), 2
		if surrogate.IsSurrogate(r) {
			if used+4 > len(have) && err == nil {
				break
			}
			r, size = t.pair(have[used:])
		}
		text = utf8.AppendRune(text, r)
		used += size
	}
	t.keep(stretch{t.raw, t.decoded, text})
	t.raw += int64(used)
	t.decoded += int64(len(text))
	t.carried = copy(t.block, have[used:])
	t.pending = text
}

// pair decodes a surrogate pair; a lone half becomes the replacement rune.
func (t *wideText) pair(b []byte) (rune, int) {
	if len(b) >= 4 {
		if r := surrogate.DecodeRune(rune(t.unit(b)), rune(t.unit(b[2:]))); r != utf8.RuneError {
			return r, 4
		}
	}
	return utf8.RuneError, 2
}

func (t *wideText) unit(b []byte) uint16 {
	if t.big {
		return uint16(b[0])<<8 | uint16(b[1])
	}
	return uint16(b[1])<<8 | uint16(b[0])
}

func (t *wideText) keep(s stretch) {
	t.past = append(t.past, s)
	var newer int
	for i := len(t.past) - 1; i > 0; i-- {
		newer += len(t.past[i].text)
		if newer > remembered {
			t.past = t.past[i:]
			return
		}
	}
}

// Origin counts the units between the block's start and the decoded offset.
func (t *wideText) Origin(decoded int64) int64 {
	for i := len(t.past) - 1; i >= 0; i-- {
		s := t.past[i]
		if decoded < s.decoded && i > 0 {
			continue
		}
		text := s.text[:max(0, min(decoded-s.decoded, int64(len(s.text))))]
		raw := s.raw
		for _, r := range string(text) {
			raw += 2
			if r > 0xffff {
				raw += 2
			}
		}
		return raw
	}
	return decoded
}
