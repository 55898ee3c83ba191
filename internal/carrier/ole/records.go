package ole

import (
	"bufio"
	"encoding/binary"
	"io"
	surrogate "unicode/utf16"
)

// Records of a workbook: MS-XLS 2.3.
const (
	recFormula  = 0x0006
	recEOF      = 0x000a
	recHeader   = 0x0014
	recFooter   = 0x0015
	recPassword = 0x002f
	recContinue = 0x003c
	recSheet    = 0x0085
	recMulRK    = 0x00bd
	recRString  = 0x00d6
	recSST      = 0x00fc
	recLabelSST = 0x00fd
	recText     = 0x01b6
	recLink     = 0x01b8
	recNumber   = 0x0203
	recLabel    = 0x0204
	recString   = 0x0207
	recRK       = 0x027e
	recBegin    = 0x0809
)

// records reads a workbook record by record, and what continues one as part of
// it if asked to.
type records struct {
	r    *bufio.Reader
	kind uint16
	body []byte // of the record, at most 64 KiB
	room []byte
	at   int64 // of the record in the stream
	next int64
}

func newRecords(s *Stream) *records {
	return &records{r: bufio.NewReaderSize(io.NewSectionReader(s, 0, s.Size), 16<<10)}
}

// read reads the next record. It reports whether there is one.
func (b *records) read() bool {
	head, err := b.r.Peek(4)
	if err != nil {
		return false
	}
	b.kind = binary.LittleEndian.Uint16(head)
	size := int(binary.LittleEndian.Uint16(head[2:]))
	b.r.Discard(4)
	if cap(b.room) < size {
		b.room = make([]byte, 1<<16)
	}
	b.at = b.next
	b.next += int64(4 + size)
	n, _ := io.ReadFull(b.r, b.room[:size])
	b.body = b.room[:n]
	return true
}

// continued reports whether the next record continues this one.
func (b *records) continued() bool {
	head, err := b.r.Peek(2)
	return err == nil && binary.LittleEndian.Uint16(head) == recContinue
}

func (b *records) word(at int) int {
	if at+2 > len(b.body) {
		return 0
	}
	return int(binary.LittleEndian.Uint16(b.body[at:]))
}

func (b *records) long(at int) uint32 {
	if at+4 > len(b.body) {
		return 0
	}
	return binary.LittleEndian.Uint32(b.body[at:])
}

// text decodes n characters at a place, of one or two bytes each.
func (b *records) text(at, n int, wide bool) string {
	if at > len(b.body) {
		return ""
	}
	raw := b.body[at:]
	if !wide {
		runes := make([]rune, 0, min(n, len(raw)))
		for _, c := range raw[:min(n, len(raw))] {
			runes = append(runes, rune(c))
		}
		return string(runes)
	}
	units := make([]uint16, 0, min(n, len(raw)/2))
	for i := 0; i < min(n, len(raw)/2); i++ {
		units = append(units, binary.LittleEndian.Uint16(raw[2*i:]))
	}
	return string(surrogate.Decode(units))
}

// string decodes a string that has a length of two bytes and a flag before it.
func (b *records) string(at int) string {
	if at+3 > len(b.body) {
		return ""
	}
	return b.text(at+3, b.word(at), b.body[at+2]&1 != 0)
}

// sharedStrings calls take for each shared string, of which the record that is
// being read is the first part. A string may go on in the next record, with a
// flag of its own: MS-XLS 2.5.293.
func (b *records) sharedStrings(take func(string) bool) {
	at := 8
	more := func() bool { // goes on to the next record
		if !b.continued() || !b.read() {
			return false
		}
		at = 0
		return true
	}
	for {
		for at >= len(b.body) {
			if !more() {
				return
			}
		}
		if at+3 > len(b.body) {
			return
		}
		left, flags := b.word(at), b.body[at+2]
		at += 3
		extra := 0
		if flags&8 != 0 {
			extra += 4 * b.word(at)
			at += 2
		}
		if flags&4 != 0 {
			extra += int(min(b.long(at), 1<<20))
			at += 4
		}
		text := ""
		for wide := flags&1 != 0; left > 0; {
			width := 1
			if wide {
				width = 2
			}
			n := min(left, (len(b.body)-min(at, len(b.body)))/width)
			text += b.text(at, n, wide)
			at, left = at+n*width, left-n
			if left > 0 {
				if !more() || len(b.body) == 0 {
					take(text)
					return
				}
				wide = b.body[0]&1 != 0
				at = 1
			}
		}
		if !take(text) {
			return
		}
		for at += extra; at > len(b.body); {
			over := at - len(b.body)
			if !more() {
				return
			}
			at = over
		}
	}
}
