package ole

import (
	"encoding/binary"
	"errors"
	"io"
	surrogate "unicode/utf16"
	"unicode/utf8"
)

// ErrEncrypted is returned for a document that opens with a password only.
var ErrEncrypted = errors.New("read document: encrypted")

// maxPieces bounds the table of pieces of a Word document.
const maxPieces = 8 << 20

// Word returns the text of a WordDocument stream, in the order of reading. Its
// pieces are listed in the table stream that it names: MS-DOC 2.4.1.
func Word(document *Stream, table func(name string) *Stream) (io.Reader, error) {
	var head [426 + 8]byte
	if n, _ := document.ReadAt(head[:], 0); n < len(head) || binary.LittleEndian.Uint16(head[0:]) != 0xa5ec {
		return nil, ErrBroken
	}
	flags := binary.LittleEndian.Uint16(head[10:])
	if flags&0x0100 != 0 {
		return nil, ErrEncrypted
	}
	name := "0Table"
	if flags&0x0200 != 0 {
		name = "1Table"
	}
	s := table(name)
	at, size := int64(binary.LittleEndian.Uint32(head[418:])), int64(binary.LittleEndian.Uint32(head[422:]))
	if s == nil || size > maxPieces || size < 5 {
		return nil, ErrBroken
	}
	clx := make([]byte, size)
	if n, _ := s.ReadAt(clx, at); int64(n) < size {
		return nil, ErrBroken
	}
	for len(clx) >= 5 && clx[0] == 1 { // properties come first
		skip := 3 + int(binary.LittleEndian.Uint16(clx[1:]))
		if skip > len(clx) {
			return nil, ErrBroken
		}
		clx = clx[skip:]
	}
	if len(clx) < 5 || clx[0] != 2 {
		return nil, ErrBroken
	}
	clx = clx[5:]
	n := (len(clx) - 4) / 12
	if n < 1 {
		return nil, ErrBroken
	}
	return &pieces{document: document, places: clx[:4*(n+1)], descriptors: clx[4*(n+1):], count: n}, nil
}

// pieces reads the text of a Word document.
type pieces struct {
	document    *Stream
	places      []byte // n+1 character positions
	descriptors []byte // n descriptors of eight bytes
	count, next int

	left int64 // characters of this piece
	at   int64 // in the document stream
	wide bool
	room [8 << 10]byte
	out  []byte
	rest []byte
}

func (p *pieces) Read(b []byte) (int, error) {
	for len(p.rest) == 0 {
		if p.left == 0 && !p.begin() {
			return 0, io.EOF
		}
		if err := p.fill(); err != nil {
			return 0, err
		}
	}
	n := copy(b, p.rest)
	p.rest = p.rest[n:]
	return n, nil
}

// begin goes to the next piece that is not empty.
func (p *pieces) begin() bool {
	for p.left == 0 {
		if p.next >= p.count {
			return false
		}
		from, to := binary.LittleEndian.Uint32(p.places[4*p.next:]), binary.LittleEndian.Uint32(p.places[4*p.next+4:])
		place := binary.LittleEndian.Uint32(p.descriptors[8*p.next+2:])
		p.next++
		p.wide = place&(1<<30) == 0
		p.at = int64(place &^ (1<<30 | 1<<31))
		if !p.wide {
			p.at /= 2
		}
		p.left = max(0, int64(to)-int64(from))
	}
	return true
}

// fill decodes a part of the piece.
func (p *pieces) fill() error {
	width := int64(1)
	if p.wide {
		width = 2
	}
	n, err := p.document.ReadAt(p.room[:min(int64(len(p.room)), p.left*width)], p.at)
	n -= n % int(width)
	if n == 0 {
		if err == io.EOF { // the piece ends outside the document
			p.left = 0
			return nil
		}
		return err
	}
	p.at += int64(n)
	p.left -= int64(n) / width
	p.out = p.out[:0]
	for i := 0; i < n; i += int(width) {
		c := rune(p.room[i])
		if p.wide {
			c |= rune(p.room[i+1]) << 8
		}
		p.out = appendCharacter(p.out, c)
	}
	p.rest = p.out
	return nil
}

// appendCharacter appends a character of a document; some divide text.
func appendCharacter(dst []byte, c rune) []byte {
	switch {
	case c == 7: // the end of a cell or row
		return append(dst, '\t')
	case c == '\r' || c == 11 || c == 12 || c == 14:
		return append(dst, '\n')
	case c == 30: // a hyphen that does not break
		return append(dst, '-')
	case c == 19 || c == 20 || c == 21: // the bounds of a field
		return append(dst, ' ')
	case c < ' ' && c != '\t' && c != '\n' || c == 31:
		return dst
	case surrogate.IsSurrogate(c):
		return utf8.AppendRune(dst, utf8.RuneError)
	}
	return utf8.AppendRune(dst, c)
}
