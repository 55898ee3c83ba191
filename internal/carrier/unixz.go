package carrier

import (
	"bufio"
	"io"
)

// compressFile reads what the old Unix program compress writes: LZW with codes
// that grow from 9 to at most 16 bits.
func compressFile() squeezed {
	return squeezed{
		name: "compress",
		sniff: func(head []byte) bool {
			return len(head) > 3 && magic{0, "\x1f\x9d"}.in(head) && head[2]&0x60 == 0 && head[2]&0x1f >= 9 && head[2]&0x1f <= 16
		},
		open: newLZW,
	}
}

// lzwClear is the code that empties the table, if the stream has such.
const lzwClear = 256

// An lzwReader holds the table as chains: each code is a byte after another
// code.
type lzwReader struct {
	in      *bufio.Reader
	largest uint
	block   bool // lzwClear is in use
	width   uint
	bits    uint64
	have    uint
	taken   uint // codes read at this width: they come in groups of eight
	next    int
	last    int // code before, -1 at the start and after a clear
	first   byte
	prefix  []uint16
	suffix  []byte
	stack   []byte // decoded bytes, the last one first
	err     error
}

func newLZW(r io.Reader) (io.Reader, error) {
	in := bufio.NewReaderSize(r, 32<<10)
	var head [3]byte
	if _, err := io.ReadFull(in, head[:]); err != nil {
		return nil, damaged(err)
	}
	z := &lzwReader{in: in, largest: uint(head[2] & 0x1f), block: head[2]&0x80 != 0}
	if z.largest < 9 || z.largest > 16 {
		return nil, &CauseError{Broken}
	}
	z.prefix, z.suffix = make([]uint16, 1<<z.largest), make([]byte, 1<<z.largest)
	z.reset()
	return z, nil
}

func (z *lzwReader) reset() {
	z.width, z.last, z.next, z.taken = 9, -1, 256, 0
	if z.block {
		z.next = 257
	}
}

func (z *lzwReader) Read(p []byte) (int, error) {
	n := 0
	for n < len(p) {
		if len(z.stack) == 0 {
			if z.err == nil {
				z.err = z.step()
			}
			if z.err != nil {
				break
			}
			continue
		}
		p[n] = z.stack[len(z.stack)-1]
		z.stack = z.stack[:len(z.stack)-1]
		n++
	}
	if n > 0 {
		return n, nil
	}
	return 0, z.err
}

// step decodes one code onto the stack.
func (z *lzwReader) step() error {
	if z.next >= 1<<z.width && z.width < z.largest {
		if err := z.align(); err != nil {
			return err
		}
		z.width++
	}
	code, err := z.code()
	if err != nil {
		return err
	}
	if code == lzwClear && z.block {
		if err := z.align(); err != nil {
			return err
		}
		z.reset()
		return nil
	}
	return z.expand(code)
}

func (z *lzwReader) expand(code int) error {
	at := code
	if code >= z.next && z.last >= 0 || code > 255 && z.last < 0 {
		if code != z.next || z.last < 0 {
			return &CauseError{Broken}
		}
		z.stack = append(z.stack, z.first) // the code that is being made
		at = z.last
	}
	for at > 255 {
		z.stack = append(z.stack, z.suffix[at])
		at = int(z.prefix[at])
	}
	z.first = byte(at)
	z.stack = append(z.stack, z.first)
	if z.last >= 0 && z.next < 1<<z.largest {
		z.prefix[z.next], z.suffix[z.next] = uint16(z.last), z.first
		z.next++
	}
	z.last = code
	return nil
}

// code reads one code; too few bits at the end are padding.
func (z *lzwReader) code() (int, error) {
	for z.have < z.width {
		b, err := z.in.ReadByte()
		if err != nil {
			return 0, err
		}
		z.bits |= uint64(b) << z.have
		z.have += 8
	}
	code := int(z.bits & (1<<z.width - 1))
	z.bits >>= z.width
	z.have -= z.width
	z.taken++
	return code, nil
}

// align drops the rest of a group of eight codes, as the program does whenever
// the width changes.
func (z *lzwReader) align() error {
	for z.taken%8 != 0 {
		if _, err := z.code(); err != nil {
			return err
		}
	}
	z.taken = 0
	return nil
}
