package carrier

import (
	"bufio"
	"io"
)

// deflate64 unpacks the method that Windows uses for files in large zips:
// Deflate with a window of 64 KiB, two more distance codes, and a longest
// match whose length has sixteen bits.
type deflate64 struct {
	in     *bufio.Reader
	bits   uint64
	have   uint
	window [64 << 10]byte
	at     int    // in the window, where the next byte goes
	total  int64  // bytes so far
	room   []byte // of out
	out    []byte // not given out yet
	last   bool   // the block is the last one
	inside bool   // a block of codes
	codes  *huffman
	dists  *huffman
	err    error
}

func newDeflate64(r io.Reader) io.Reader { return &deflate64{in: bufio.NewReaderSize(r, 32<<10)} }

func (d *deflate64) Read(p []byte) (int, error) {
	if len(d.out) == 0 {
		d.out = d.room[:0]
		for len(d.out) < gatherSize && d.err == nil {
			d.err = d.step()
		}
		d.room = d.out
	}
	if len(d.out) == 0 {
		return 0, d.err
	}
	n := copy(p, d.out)
	d.out = d.out[n:]
	return n, nil
}

func (d *deflate64) put(c byte) {
	d.window[d.at] = c
	d.at = (d.at + 1) % len(d.window)
	d.total++
	d.out = append(d.out, c)
}

// take reads n bits, the lowest first.
func (d *deflate64) take(n uint) (int, error) {
	for d.have < n {
		c, err := d.in.ReadByte()
		if err != nil {
			return 0, io.ErrUnexpectedEOF
		}
		d.bits |= uint64(c) << d.have
		d.have += 8
	}
	v := int(d.bits & (1<<n - 1))
	d.bits >>= n
	d.have -= n
	return v, nil
}

// step decodes one symbol, or the head of a block and what it stores.
func (d *deflate64) step() error {
	if d.inside {
		return d.symbol()
	}
	if d.last {
		return io.EOF
	}
	head, err := d.take(3)
	if err != nil {
		return err
	}
	d.last = head&1 != 0
	switch head >> 1 {
	case 0:
		return d.storedBlock()
	case 1:
		d.codes, d.dists = fixedCodes()
	case 2:
		err = d.readCodes()
	default:
		err = &CauseError{Broken}
	}
	d.inside = err == nil
	return err
}

func (d *deflate64) storedBlock() error {
	d.take(d.have % 8)
	size, err := d.take(16)
	if err != nil {
		return err
	}
	if _, err := d.take(16); err != nil {
		return err
	}
	for range size {
		c, err := d.take(8)
		if err != nil {
			return err
		}
		d.put(byte(c))
	}
	return nil
}

// symbol decodes a literal, a match or the end of a block.
func (d *deflate64) symbol() error {
	code, err := d.codes.decode(d)
	switch {
	case err != nil:
		return err
	case code < 256:
		d.put(byte(code))
		return nil
	case code == 256:
		d.inside = false
		return nil
	}
	length, err := d.length(code - 257)
	if err != nil {
		return err
	}
	code, err = d.dists.decode(d)
	if err != nil {
		return err
	}
	distance, err := d.distance(code)
	if err != nil {
		return err
	}
	if int64(distance) > d.total || distance > len(d.window) {
		return &CauseError{Broken}
	}
	for from := d.at - distance + len(d.window); length > 0; from, length = from+1, length-1 {
		d.put(d.window[from%len(d.window)])
	}
	return nil
}

// length reads the length of a match: four codes for each number of extra
// bits, after the first eight.
func (d *deflate64) length(code int) (int, error) {
	switch {
	case code < 8:
		return code + 3, nil
	case code < 28:
		bits := uint(code/4 - 1)
		extra, err := d.take(bits)
		return 3 + (4+code%4)<<bits + extra, err
	case code == 28:
		extra, err := d.take(16)
		return 3 + extra, err
	}
	return 0, &CauseError{Broken}
}

// distance reads how far back a match lies: two codes for each number of extra
// bits, after the first four.
func (d *deflate64) distance(code int) (int, error) {
	if code < 4 {
		return code + 1, nil
	}
	bits := uint(code/2 - 1)
	extra, err := d.take(bits)
	return 1 + (2+code%2)<<bits + extra, err
}

// readCodes reads the code lengths of a block, which are coded themselves.
func (d *deflate64) readCodes() error {
	head, err := d.take(14)
	if err != nil {
		return err
	}
	literals, distances, count := head&31+257, head>>5&31+1, head>>10+4
	var order [19]byte
	for i := range count {
		n, err := d.take(3)
		if err != nil {
			return err
		}
		order[[19]int{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15}[i]] = byte(n)
	}
	meta := newHuffman(order[:])
	lengths := make([]byte, 0, literals+distances)
	for len(lengths) < literals+distances {
		if lengths, err = d.codeLengths(meta, lengths); err != nil {
			return err
		}
	}
	if len(lengths) > literals+distances {
		return &CauseError{Broken}
	}
	d.codes, d.dists = newHuffman(lengths[:literals]), newHuffman(lengths[literals:])
	return nil
}

// codeLengths reads one code length, or a run of one.
func (d *deflate64) codeLengths(meta *huffman, lengths []byte) ([]byte, error) {
	code, err := meta.decode(d)
	if err != nil {
		return nil, err
	}
	var value byte
	bits, least := uint(0), 0
	switch code {
	case 16:
		if len(lengths) == 0 {
			return nil, &CauseError{Broken}
		}
		value, bits, least = lengths[len(lengths)-1], 2, 3
	case 17:
		bits, least = 3, 3
	case 18:
		bits, least = 7, 11
	default:
		return append(lengths, byte(code)), nil
	}
	n, err := d.take(bits)
	for range least + n {
		lengths = append(lengths, value)
	}
	return lengths, err
}

// A huffman holds a canonical code: how many codes of each length there are,
// and the symbols in the order of their codes.
type huffman struct {
	count   [16]int
	symbols []int
}

func newHuffman(lengths []byte) *huffman {
	h := &huffman{}
	for _, n := range lengths {
		h.count[n]++
	}
	h.count[0] = 0
	for n := byte(1); n < 16; n++ {
		for symbol, length := range lengths {
			if length == n {
				h.symbols = append(h.symbols, symbol)
			}
		}
	}
	return h
}

// decode reads a symbol bit by bit.
func (h *huffman) decode(d *deflate64) (int, error) {
	code, first, index := 0, 0, 0
	for n := 1; n < 16; n++ {
		bit, err := d.take(1)
		if err != nil {
			return 0, err
		}
		code |= bit
		if i := code - first; i >= 0 && i < h.count[n] { // more codes than there is room for make it negative
			return h.symbols[index+i], nil
		}
		index += h.count[n]
		first = (first + h.count[n]) << 1
		code <<= 1
	}
	return 0, &CauseError{Broken}
}

// fixedCodes are those of blocks that bring none.
func fixedCodes() (codes, dists *huffman) {
	lengths := make([]byte, 288)
	for i := range lengths {
		switch {
		case i < 144:
			lengths[i] = 8
		case i < 256:
			lengths[i] = 9
		case i < 280:
			lengths[i] = 7
		default:
			lengths[i] = 8
		}
	}
	even := make([]byte, 32)
	for i := range even {
		even[i] = 5
	}
	return newHuffman(lengths), newHuffman(even)
}
