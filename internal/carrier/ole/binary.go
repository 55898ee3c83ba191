package ole

import (
	"bufio"
	"encoding/binary"
	"io"
	"math"
	surrogate "unicode/utf16"

	"github.com/stanch/stanch/internal/carrier/office"
)

// Records of a binary workbook (xlsb): MS-XLSB 2.3.
const (
	binRow     = 0
	binRK      = 2
	binReal    = 5
	binText    = 6
	binShared  = 7
	binFmlaStr = 8
	binFmlaNum = 9
	binItem    = 19
	binRich    = 62
	binSheet   = 156
	binComment = 637
)

// maxBinary is how much of one record is looked at.
const maxBinary = 128 << 10

// A binaryReader reads the records of one part of a binary workbook.
type binaryReader struct {
	r    *bufio.Reader
	kind int
	body []byte
	room []byte
	err  error
}

func newBinary(r io.Reader) *binaryReader {
	return &binaryReader{r: bufio.NewReaderSize(r, 16<<10)}
}

// read reads the next record; numbers in its head have seven bits a byte.
func (b *binaryReader) read() bool {
	b.kind = b.seven(2)
	size := b.seven(4)
	if b.err != nil {
		return false
	}
	want := min(size, maxBinary)
	if cap(b.room) < want {
		b.room = make([]byte, max(want, 1024))
	}
	n, err := io.ReadFull(b.r, b.room[:want])
	b.body = b.room[:n]
	if err == nil && size > want {
		_, err = io.CopyN(io.Discard, b.r, int64(size-want))
	}
	b.err = err
	return n == want
}

func (b *binaryReader) seven(most int) int {
	n := 0
	for i := range most {
		c, err := b.r.ReadByte()
		if err != nil {
			b.err = err
			return 0
		}
		n |= int(c&0x7f) << (7 * i)
		if c&0x80 == 0 {
			break
		}
	}
	return n
}

// fault is why reading ended: io.EOF if the part was read to its end.
func (b *binaryReader) fault() error {
	if b.err == nil || b.err == io.ErrUnexpectedEOF {
		return io.EOF
	}
	return b.err
}

func (b *binaryReader) long(at int) uint32 {
	if at+4 > len(b.body) {
		return 0
	}
	return binary.LittleEndian.Uint32(b.body[at:])
}

// text decodes a string at a place, and returns where it ends.
func (b *binaryReader) text(at int) (string, int) {
	n := min(int(b.long(at)), maxBinary)
	units := make([]uint16, 0, min(n, len(b.body)/2))
	for at += 4; len(units) < n && at+2 <= len(b.body); at += 2 {
		units = append(units, binary.LittleEndian.Uint16(b.body[at:]))
	}
	return string(surrogate.Decode(units)), at
}

// BinaryNames calls take for each sheet that a binary workbook lists: the id
// of its relation, and its name.
func BinaryNames(r io.Reader, take func(id, name string)) {
	for b := newBinary(r); b.read(); {
		if b.kind == binSheet {
			id, end := b.text(8)
			name, _ := b.text(end)
			take(id, name)
		}
	}
}

// BinaryStrings reads the shared strings of a binary workbook, at most room
// bytes of them.
func BinaryStrings(r io.Reader, room int) *office.Strings {
	s := new(office.Strings)
	for b := newBinary(r); b.read(); {
		if b.kind == binItem {
			if text, _ := b.text(1); !s.Add(text, room) {
				break
			}
		}
	}
	return s
}

// BinaryLeftover returns the shared strings that no sheet has shown, a line
// each.
func BinaryLeftover(r io.Reader, shared *office.Strings) io.Reader {
	b, n := newBinary(r), 0
	return &made{fill: func(dst []byte) ([]byte, error) {
		if !b.read() {
			return dst, b.fault()
		}
		if b.kind == binItem {
			if text, _ := b.text(1); !shared.Shown(n) {
				dst = append(append(dst, text...), '\n')
			}
			n++
		}
		return dst, nil
	}}
}

// BinarySheet returns the text of a sheet of a binary workbook: line n is row
// n, and cells stand between tabs.
func BinarySheet(r io.Reader, shared *office.Strings) io.Reader {
	b, g, row := newBinary(r), &grid{column: -1}, 0
	return &made{fill: func(dst []byte) ([]byte, error) {
		if !b.read() {
			return dst, b.fault()
		}
		g.out = dst
		column := int(min(b.long(0), math.MaxInt32))
		cell := func(text string) {
			g.place(row, column)
			g.put(text)
		}
		switch b.kind {
		case binRow:
			row = int(min(b.long(0), 1<<20))
		case binRK:
			cell(formatted(decodeRK(b.long(8))))
		case binReal, binFmlaNum:
			cell(formatted(math.Float64frombits(uint64(b.long(8)) | uint64(b.long(12))<<32)))
		case binText, binFmlaStr:
			text, _ := b.text(8)
			cell(text)
		case binRich:
			text, _ := b.text(9)
			cell(text)
		case binShared:
			cell(string(shared.Show(int(min(b.long(8), math.MaxInt32)))))
		}
		return g.out, nil
	}}
}

// BinaryComments returns the comments of a sheet, a line each.
func BinaryComments(r io.Reader) io.Reader {
	b := newBinary(r)
	return &made{fill: func(dst []byte) ([]byte, error) {
		if !b.read() {
			return dst, b.fault()
		}
		if b.kind == binComment {
			text, _ := b.text(1)
			dst = append(append(dst, text...), '\n')
		}
		return dst, nil
	}}
}

// made is text that is made a part at a time.
type made struct {
	fill func(dst []byte) ([]byte, error)
	out  []byte
	rest []byte
	err  error
}

func (m *made) Read(p []byte) (int, error) {
	for len(m.rest) == 0 {
		if m.err != nil {
			return 0, m.err
		}
		m.out, m.err = m.fill(m.out[:0])
		m.rest = m.out
	}
	n := copy(p, m.rest)
	m.rest = m.rest[n:]
	return n, nil
}
