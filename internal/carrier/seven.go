package carrier

import (
	"bufio"
	"compress/bzip2"
	"compress/flate"
	wire "encoding/binary"
	"hash/crc32"
	"io"
	"strings"

	"github.com/pierrec/lz4/v4"
)

// sevenFile reads 7z archives. The header is read here, bounded by its own
// length, because libraries believe the counts in it.
type sevenFile struct{}

func (sevenFile) Name() string { return "7z" }

func (sevenFile) Sniff(head []byte, _ string) bool { return magic{0, "7z\xbc\xaf\x27\x1c"}.in(head) }

func (sevenFile) randomAccess() {}

// Bounds of what is held of a 7z archive, and of what may be unpacked only to
// come to the next member.
const (
	maxSevenHeader = 8 << 20
	maxSevenSkip   = 256 << 20
)

// Walk visits the members in the order in which they are packed.
func (sevenFile) Walk(p *Part, visit func(*Member) error) error {
	d, err := sevenOpen(p)
	if err != nil {
		return err
	}
	w := &sevenWalk{p: p, d: d, visit: visit, left: d.files}
	pack := 0
	for i := range d.folders {
		if err := w.folder(&d.folders[i], pack); err != nil {
			return err
		}
		pack += len(d.folders[i].packed)
	}
	return w.rest()
}

// sevenOpen reads the header, unpacking it as often as it is packed.
func sevenOpen(p *Part) (*sevenDirectory, error) {
	var start [32]byte
	if _, err := p.At.ReadAt(start[:], 0); err != nil && err != io.EOF {
		return nil, err
	}
	at, size := wire.LittleEndian.Uint64(start[12:]), wire.LittleEndian.Uint64(start[20:])
	switch {
	case crc32.ChecksumIEEE(start[12:]) != wire.LittleEndian.Uint32(start[8:]), at > 1<<60:
		return nil, &CauseError{Broken}
	case size == 0:
		return &sevenDirectory{}, nil
	case size > maxSevenHeader:
		return nil, &CauseError{OverBudget}
	}
	b := make([]byte, size)
	if n, err := p.At.ReadAt(b, 32+int64(at)); n < len(b) {
		return nil, damaged(err)
	}
	sum := storedSum{true, wire.LittleEndian.Uint32(start[28:])}
	for range 4 {
		if !sum.fits(b) {
			return nil, &CauseError{Broken}
		}
		if b[0] != sevenEncoded {
			return sevenHeader(b)
		}
		var err error
		if b, sum, err = sevenUnpack(p, b[1:]); err != nil {
			return nil, err
		}
	}
	return nil, &CauseError{Broken}
}

// sevenUnpack returns the header that a packed header holds.
func sevenUnpack(p *Part, b []byte) ([]byte, storedSum, error) {
	c := &sevenCursor{b: b}
	var d sevenDirectory
	c.streams(&d)
	if c.bad || len(d.folders) != 1 {
		return nil, storedSum{}, &CauseError{Broken}
	}
	f := &d.folders[0]
	if f.size() > maxSevenHeader {
		return nil, storedSum{}, &CauseError{OverBudget}
	}
	chain := &sevenChain{p: p, d: &d, f: f}
	r, err := chain.open()
	if err != nil {
		return nil, storedSum{}, err
	}
	out := make([]byte, f.size())
	_, err = io.ReadFull(r, out)
	return out, f.crc, damaged(err)
}

// A sevenWalk hands out members.
type sevenWalk struct {
	p     *Part
	d     *sevenDirectory
	visit func(*Member) error
	left  []sevenEntry
}

// entry returns the next file that has content, and visits those before it
// that have none.
func (w *sevenWalk) entry() (sevenEntry, error) {
	for len(w.left) > 0 {
		e := w.left[0]
		w.left = w.left[1:]
		if !e.empty {
			return e, nil
		}
		m := &Member{Name: e.name, Dir: e.dir, Open: func() (io.Reader, error) { return strings.NewReader(""), nil }}
		if err := w.visit(m); err != nil {
			return e, err
		}
	}
	return sevenEntry{}, nil // more content than names: it is read all the same
}

// rest visits what has no content at the end.
func (w *sevenWalk) rest() error {
	for len(w.left) > 0 {
		e, err := w.entry()
		if err != nil {
			return err
		}
		if !e.empty {
			if err := w.visit(&Member{Name: e.name, Refused: Broken, Stored: -1}); err != nil {
				return err
			}
		}
	}
	return nil
}

// folder visits all that comes out of one chain. When the chain breaks, what
// is still to come of it is refused one by one, and the next chain goes on.
func (w *sevenWalk) folder(f *sevenFolder, pack int) error {
	chain := &sevenChain{p: w.p, d: w.d, f: f, pack: pack}
	r, err := chain.open()
	for _, stream := range f.streams {
		e, visited := w.entry()
		if visited != nil {
			return visited
		}
		m := &Member{Name: e.name, Stored: -1, Size: -1}
		content := &summed{r: io.LimitReader(r, int64(min(stream.size, 1<<62))), left: stream.size, want: stream.crc}
		if err != nil {
			m.Refused = causeOf(err)
		}
		m.Open = func() (io.Reader, error) { return content, nil }
		if visited := w.visit(m); visited != nil {
			return visited
		}
		if err == nil {
			err = content.pass()
		}
	}
	return nil
}

// causeOf names a fault that has no other name.
func causeOf(err error) Cause { return damaged(err).(*CauseError).Cause }

// A sevenChain opens the coders of a folder, the outermost first.
type sevenChain struct {
	p    *Part
	d    *sevenDirectory
	f    *sevenFolder
	pack int // the folder's first packed stream
	deep int
}

func (c *sevenChain) open() (io.Reader, error) {
	for _, coder := range c.f.coders {
		if coder.method == "\x06\xf1\x07\x01" {
			return nil, &CauseError{Encrypted}
		}
	}
	out, ok := c.f.last()
	if !ok {
		return nil, &CauseError{Broken}
	}
	return c.output(out)
}

// output returns the output with a number, counted over all coders.
func (c *sevenChain) output(out uint64) (io.Reader, error) {
	if c.deep++; c.deep > maxCoders {
		return nil, &CauseError{Broken} // a ring
	}
	var in uint64
	at := out
	for _, coder := range c.f.coders {
		if at >= coder.out {
			at, in = at-coder.out, in+coder.in
			continue
		}
		if coder.in != 1 || coder.out != 1 {
			return nil, &CauseError{UnknownCompression}
		}
		r, err := c.input(in)
		if err != nil {
			return nil, err
		}
		if out >= uint64(len(c.f.sizes)) {
			return nil, &CauseError{Broken}
		}
		return coder.unpack(r, c.f.sizes[out])
	}
	return nil, &CauseError{Broken}
}

// input returns what a coder reads: another's output, or packed bytes.
func (c *sevenChain) input(in uint64) (io.Reader, error) {
	for _, bind := range c.f.binds {
		if bind[0] == in {
			return c.output(bind[1])
		}
	}
	for i, packed := range c.f.packed {
		if packed == in {
			return c.packed(c.pack + i)
		}
	}
	return nil, &CauseError{Broken}
}

func (c *sevenChain) packed(i int) (io.Reader, error) {
	if i >= len(c.d.packSizes) {
		return nil, &CauseError{Broken}
	}
	at := 32 + c.d.packAt
	for _, size := range c.d.packSizes[:i] {
		at += size
	}
	if size := c.d.packSizes[i]; at < 1<<62 && size < 1<<62 {
		return bufio.NewReaderSize(io.NewSectionReader(c.p.At, int64(at), int64(size)), 32<<10), nil
	}
	return nil, &CauseError{Broken}
}

// unpack undoes one coder.
func (c sevenCoder) unpack(r io.Reader, size uint64) (io.Reader, error) {
	switch c.method {
	case "\x00":
		return r, nil
	case "\x21":
		if len(c.properties) != 1 {
			return nil, &CauseError{Broken}
		}
		return lzma2(r, c.properties[0])
	case "\x03\x01\x01":
		return rawLZMA(r, c.properties, int64(size))
	case "\x03":
		if len(c.properties) != 1 {
			return nil, &CauseError{Broken}
		}
		return &delta{r: r, past: make([]byte, int(c.properties[0])+1)}, nil
	case "\x04\x01\x08":
		return flate.NewReader(r), nil
	case "\x04\x01\x09":
		return newDeflate64(r), nil
	case "\x04\x02\x02":
		return bzip2.NewReader(r), nil
	case "\x04\xf7\x11\x01":
		return newZstd(r)
	case "\x04\xf7\x11\x04":
		z := lz4.NewReader(r)
		return z, z.Apply(lz4.ConcurrencyOption(1))
	}
	return nil, &CauseError{UnknownCompression}
}

// delta adds to each byte the one that lies a fixed distance before it.
type delta struct {
	r    io.Reader
	past []byte
	at   int
}

func (d *delta) Read(p []byte) (int, error) {
	n, err := d.r.Read(p)
	for i := range p[:n] {
		p[i] += d.past[d.at]
		d.past[d.at] = p[i]
		d.at = (d.at + 1) % len(d.past)
	}
	return n, err
}
