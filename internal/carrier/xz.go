package carrier

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	wire "encoding/binary"
	"errors"
	"hash"
	"hash/crc32"
	"hash/crc64"
	"io"

	"github.com/ulikunitz/xz/lzma"
)

// maxDictionary bounds how far a compressor may look back, because that much
// memory is held. Larger is refused as over_budget.
const maxDictionary = 64 << 20

// dictionaryRate is how many bytes of dictionaries each packed byte may ask for.
const dictionaryRate = 4096

// xzFile reads xz. The frame is read here and only the LZMA2 data in it by the
// library, because that allocates whatever dictionary a header asks for.
func xzFile() squeezed {
	return squeezed{
		name:  "xz",
		sniff: func(head []byte) bool { return magic{0, "\xfd7zXZ\x00"}.in(head) },
		open:  func(r io.Reader) (io.Reader, error) { return newXZ(r), nil },
	}
}

// An xzReader unpacks the blocks of one stream after the other.
type xzReader struct {
	in     *counted
	check  byte      // of the stream: which sum follows each block
	sum    hash.Hash // nil if the check is unknown or none
	block  io.Reader // nil between blocks
	blocks uint64
	asked  int64 // bytes of dictionaries, all blocks together
	err    error
}

func newXZ(r io.Reader) *xzReader {
	x := &xzReader{in: &counted{r: bufio.NewReaderSize(r, 32<<10)}}
	x.err = x.header()
	return x
}

// A counted reader knows how many bytes were taken, for padding.
type counted struct {
	r *bufio.Reader
	n int64
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

func (c *counted) ReadByte() (byte, error) {
	b, err := c.r.ReadByte()
	if err == nil {
		c.n++
	}
	return b, err
}

func (x *xzReader) Read(p []byte) (int, error) {
	for {
		if x.err != nil {
			return 0, x.err
		}
		if x.block == nil {
			x.err = x.next()
			continue
		}
		n, err := x.block.Read(p)
		if x.sum != nil {
			x.sum.Write(p[:n])
		}
		switch {
		case err == io.EOF:
			x.block, x.err = nil, x.endBlock()
		case err != nil:
			x.err = err
		}
		if n > 0 {
			return n, nil
		}
	}
}

// header reads a stream header.
func (x *xzReader) header() error {
	var head [12]byte
	if _, err := io.ReadFull(x.in, head[:]); err != nil {
		return damaged(err)
	}
	if string(head[:7]) != "\xfd7zXZ\x00\x00" || crc32.ChecksumIEEE(head[6:8]) != wire.LittleEndian.Uint32(head[8:]) {
		return &CauseError{Broken}
	}
	x.check, x.blocks, x.sum = head[7]&15, 0, nil
	switch x.check {
	case 1:
		x.sum = crc32.NewIEEE()
	case 4:
		x.sum = crc64.New(crc64.MakeTable(crc64.ECMA))
	case 10:
		x.sum = sha256.New()
	}
	return nil
}

// next opens a block, or ends the stream and looks for another.
func (x *xzReader) next() error {
	size, err := x.in.ReadByte()
	if err != nil {
		return damaged(err)
	}
	if size != 0 {
		return x.openBlock(size)
	}
	if err := x.index(); err != nil {
		return err
	}
	for { // streams may be padded with zeros and follow each other
		lead, err := x.in.r.Peek(4)
		switch {
		case err == io.EOF && len(lead) == 0:
			return io.EOF
		case err != nil:
			return damaged(err)
		case !bytes.Equal(lead, make([]byte, 4)):
			return x.header()
		}
		io.CopyN(io.Discard, x.in, 4)
	}
}

// openBlock reads a block header and starts on what follows it.
func (x *xzReader) openBlock(size byte) error {
	head := make([]byte, (int(size)+1)*4)
	head[0] = size
	if _, err := io.ReadFull(x.in, head[1:]); err != nil {
		return damaged(err)
	}
	body, sum := head[:len(head)-4], head[len(head)-4:]
	if crc32.ChecksumIEEE(body) != wire.LittleEndian.Uint32(sum) {
		return &CauseError{Broken}
	}
	code, err := xzDictionary(body[1:])
	if err != nil {
		return err
	}
	// Each block gets memory of its own: small blocks that ask for much would
	// keep the machine busy with that alone.
	wanted, err := lzma.DecodeDictCap(code)
	if x.asked += wanted; err == nil && x.asked > maxDictionary+x.in.n*dictionaryRate {
		return &CauseError{OverBudget}
	}
	x.blocks++
	if x.sum != nil {
		x.sum.Reset()
	}
	x.block, err = lzma2(x.in, code)
	return err
}

// xzDictionary reads the filters of a block header: one of LZMA2 and no other.
func xzDictionary(b []byte) (byte, error) {
	flags := b[0]
	fields := bytes.NewReader(b[1:])
	for _, bit := range []byte{0x40, 0x80} {
		if flags&bit != 0 {
			if _, err := wire.ReadUvarint(fields); err != nil {
				return 0, damaged(err)
			}
		}
	}
	id, err := wire.ReadUvarint(fields)
	if err != nil {
		return 0, damaged(err)
	}
	if flags&3 != 0 || id != 0x21 {
		return 0, &CauseError{UnknownCompression}
	}
	size, err := wire.ReadUvarint(fields)
	if err != nil || size != 1 {
		return 0, &CauseError{Broken}
	}
	code, err := fields.ReadByte()
	return code, damaged(err)
}

// lzma2 unpacks LZMA2 data whose dictionary has the given code.
func lzma2(r io.Reader, code byte) (io.Reader, error) {
	size, err := lzma.DecodeDictCap(code)
	if err != nil {
		return nil, &CauseError{Broken}
	}
	if size > maxDictionary {
		return nil, &CauseError{OverBudget}
	}
	return lzma.Reader2Config{DictCap: int(max(size, lzma.MinDictCap))}.NewReader2(r)
}

// endBlock reads the padding and the check behind a block.
func (x *xzReader) endBlock() error {
	if err := x.pad(); err != nil {
		return err
	}
	stored := make([]byte, [16]int{0, 4, 4, 4, 8, 8, 8, 16, 16, 16, 32, 32, 32, 64, 64, 64}[x.check])
	if _, err := io.ReadFull(x.in, stored); err != nil {
		return damaged(err)
	}
	if x.sum == nil {
		return nil
	}
	sum := x.sum.Sum(nil)
	if x.check != 10 {
		for i, j := 0, len(sum)-1; i < j; i, j = i+1, j-1 {
			sum[i], sum[j] = sum[j], sum[i] // sums are stored little end first
		}
	}
	if !bytes.Equal(sum, stored) {
		return &CauseError{Broken}
	}
	return nil
}

// pad skips to a multiple of four.
func (x *xzReader) pad() error {
	for x.in.n%4 != 0 {
		if c, err := x.in.ReadByte(); err != nil || c != 0 {
			return &CauseError{Broken}
		}
	}
	return nil
}

// index reads the index and the footer, of which only the form is checked.
func (x *xzReader) index() error {
	records, err := wire.ReadUvarint(x.in)
	if err != nil || records != x.blocks {
		return &CauseError{Broken}
	}
	for range 2 * records {
		if _, err := wire.ReadUvarint(x.in); err != nil {
			return &CauseError{Broken}
		}
	}
	if err := x.pad(); err != nil {
		return err
	}
	var tail [16]byte
	if _, err := io.ReadFull(x.in, tail[:]); err != nil || string(tail[14:]) != "YZ" {
		return &CauseError{Broken}
	}
	return nil
}

// damaged names any fault of the input's form, and keeps one that has a name.
func damaged(err error) error {
	if err == nil {
		return nil
	}
	var named *CauseError
	if errors.As(err, &named) {
		return named
	}
	return &CauseError{Broken}
}
