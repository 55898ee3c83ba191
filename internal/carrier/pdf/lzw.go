package pdf

import (
	"bufio"
	"io"
)

// lzw reads the LZW of PDF and TIFF: codes of 9 to 12 bits, the high ones
// first. The standard library's differs in when the codes grow.
type lzw struct {
	r      *bufio.Reader
	early  int
	bits   uint32
	have   uint
	width  uint
	next   int
	last   int
	prefix [4096]int16
	suffix [4096]byte
	room   [4097]byte
	out    []byte
	err    error
}

const (
	lzwClear = 256
	lzwEnd   = 257
)

func newLZW(r io.Reader, early int) *lzw {
	return &lzw{r: bufio.NewReader(r), early: early, width: 9, next: 258, last: -1}
}

func (l *lzw) Read(p []byte) (int, error) {
	for len(l.out) == 0 {
		if l.err != nil {
			return 0, l.err
		}
		l.step()
	}
	n := copy(p, l.out)
	l.out = l.out[n:]
	return n, nil
}

func (l *lzw) code() int {
	for l.have < l.width {
		c, err := l.r.ReadByte()
		if err != nil {
			l.err = err
			return lzwEnd
		}
		l.bits = l.bits<<8 | uint32(c)
		l.have += 8
	}
	l.have -= l.width
	return int(l.bits >> l.have & (1<<l.width - 1))
}

func (l *lzw) step() {
	switch code := l.code(); {
	case code == lzwClear:
		l.width, l.next, l.last = 9, 258, -1
	case code == lzwEnd:
		if l.err == nil {
			l.err = io.EOF
		}
	case l.last < 0 && code < 256:
		l.last = code
		l.expand(code, -1)
	case l.last < 0 || code > l.next:
		l.err = errSyntax
	default:
		first := l.last
		if code == l.next {
			l.expand(l.last, int(l.first(l.last)))
		} else {
			l.expand(code, -1)
			first = code
		}
		if l.next < 4096 {
			l.prefix[l.next], l.suffix[l.next] = int16(l.last), l.first(first)
			l.next++
		}
		if l.next+l.early >= 1<<l.width && l.width < 12 {
			l.width++
		}
		l.last = code
	}
}

// first returns the first byte that a code stands for.
func (l *lzw) first(code int) byte {
	for code >= 258 {
		code = int(l.prefix[code])
	}
	return byte(code)
}

// expand puts out what a code stands for, and then a byte if it is not
// negative.
func (l *lzw) expand(code, then int) {
	i := len(l.room)
	if then >= 0 {
		i--
		l.room[i] = byte(then)
	}
	for ; code >= 258 && i > 1; code = int(l.prefix[code]) {
		i--
		l.room[i] = l.suffix[code]
	}
	i--
	l.room[i] = byte(code)
	l.out = l.room[i:]
}
