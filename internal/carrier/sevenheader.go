package carrier

import (
	wire "encoding/binary"
	"math/bits"
	surrogate "unicode/utf16"
)

// Property ids of the 7z header.
const (
	sevenEnd          = 0x00
	sevenHeaderID     = 0x01
	sevenArchiveProps = 0x02
	sevenAdditional   = 0x03
	sevenMainStreams  = 0x04
	sevenFilesInfo    = 0x05
	sevenPackInfo     = 0x06
	sevenUnpackInfo   = 0x07
	sevenSubStreams   = 0x08
	sevenSize         = 0x09
	sevenCRC          = 0x0a
	sevenFolderID     = 0x0b
	sevenUnpackSize   = 0x0c
	sevenNumUnpack    = 0x0d
	sevenEmptyStream  = 0x0e
	sevenEmptyFile    = 0x0f
	sevenName         = 0x11
	sevenEncoded      = 0x17
)

// A sevenDirectory is what the header says.
type sevenDirectory struct {
	packAt    uint64
	packSizes []uint64
	folders   []sevenFolder
	files     []sevenEntry
}

// A sevenFolder is one chain of coders and the files that come out of it.
type sevenFolder struct {
	coders  []sevenCoder
	binds   [][2]uint64 // input, output
	packed  []uint64    // inputs that are read from the archive
	sizes   []uint64    // of each output
	crc     storedSum
	streams []sevenStream
}

type sevenCoder struct {
	method     string
	in, out    uint64
	properties []byte
}

type sevenStream struct {
	size uint64
	crc  storedSum
}

type sevenEntry struct {
	name       string
	empty, dir bool
}

// A sevenCursor reads a header. The first read past the end spoils it, and no
// count is believed that the rest of the header could not hold.
type sevenCursor struct {
	b   []byte
	bad bool
}

func (c *sevenCursor) bytes(n uint64) []byte {
	if n > uint64(len(c.b)) {
		c.bad, c.b = true, nil
		return nil
	}
	out := c.b[:n]
	c.b = c.b[n:]
	return out
}

func (c *sevenCursor) byte() byte {
	if b := c.bytes(1); b != nil {
		return b[0]
	}
	return 0
}

// number reads 7z's own form: the leading ones of the first byte count the
// bytes that follow.
func (c *sevenCursor) number() uint64 {
	first := c.byte()
	n := bits.LeadingZeros8(^first)
	var v uint64
	for i, b := range c.bytes(uint64(n)) {
		v |= uint64(b) << (8 * i)
	}
	if n < 7 {
		v |= uint64(first&(1<<(7-n)-1)) << (8 * n)
	}
	return v
}

// count reads a number of things that each take at least a bit.
func (c *sevenCursor) count() uint64 {
	n := c.number()
	if n > 8*uint64(len(c.b)) {
		c.bad, c.b = true, nil
		return 0
	}
	return n
}

func (c *sevenCursor) expect(id byte) {
	if c.byte() != id {
		c.bad, c.b = true, nil
	}
}

// bits reads n flags, eight a byte.
func (c *sevenCursor) bits(n uint64) []bool {
	packed := c.bytes((n + 7) / 8)
	if packed == nil {
		return nil
	}
	out := make([]bool, n)
	for i := range out {
		out[i] = packed[i/8]&(0x80>>(i%8)) != 0
	}
	return out
}

// sums reads n sums, of which some may be left out.
func (c *sevenCursor) sums(n uint64) []storedSum {
	if n > 8*uint64(len(c.b)) {
		c.bad, c.b = true, nil
		return nil
	}
	out := make([]storedSum, n)
	var defined []bool
	if c.byte() == 0 {
		if defined = c.bits(n); defined == nil {
			return nil
		}
	}
	for i := range out {
		if defined != nil && !defined[i] {
			continue
		}
		if b := c.bytes(4); b != nil {
			out[i] = storedSum{true, wire.LittleEndian.Uint32(b)}
		}
	}
	return out
}

// sevenHeader reads a header that is not packed.
func sevenHeader(b []byte) (*sevenDirectory, error) {
	c := &sevenCursor{b: b}
	d := &sevenDirectory{}
	c.expect(sevenHeaderID)
	id := c.byte()
	if id == sevenArchiveProps {
		for c.byte() != sevenEnd && !c.bad {
			c.bytes(c.number())
		}
		id = c.byte()
	}
	if id == sevenAdditional {
		c.streams(&sevenDirectory{})
		id = c.byte()
	}
	if id == sevenMainStreams {
		c.streams(d)
		id = c.byte()
	}
	if id == sevenFilesInfo {
		c.files(d)
		id = c.byte()
	}
	if c.bad || id != sevenEnd {
		return nil, &CauseError{Broken}
	}
	return d, nil
}

// streams reads where the packed bytes lie and how they are unpacked.
func (c *sevenCursor) streams(d *sevenDirectory) {
	id := c.byte()
	if id == sevenPackInfo {
		c.packs(d)
		id = c.byte()
	}
	if id == sevenUnpackInfo {
		c.folders(d)
		id = c.byte()
	}
	for i := range d.folders {
		f := &d.folders[i]
		f.streams = []sevenStream{{f.size(), f.crc}}
	}
	if id == sevenSubStreams {
		c.substreams(d)
		id = c.byte()
	}
	if id != sevenEnd {
		c.bad = true
	}
}

func (c *sevenCursor) packs(d *sevenDirectory) {
	d.packAt = c.number()
	n := c.count()
	for id := c.byte(); id != sevenEnd && !c.bad; id = c.byte() {
		switch id {
		case sevenSize:
			for range n {
				d.packSizes = append(d.packSizes, c.number())
			}
		case sevenCRC:
			c.sums(n)
		default:
			c.bad = true
		}
	}
}

func (c *sevenCursor) folders(d *sevenDirectory) {
	c.expect(sevenFolderID)
	n := c.count()
	c.expect(0) // kept elsewhere: nobody writes that
	for range n {
		if c.bad {
			return
		}
		d.folders = append(d.folders, c.folder())
	}
	c.expect(sevenUnpackSize)
	for i := range d.folders {
		for _, coder := range d.folders[i].coders {
			for range coder.out {
				d.folders[i].sizes = append(d.folders[i].sizes, c.number())
			}
		}
	}
	for id := c.byte(); id != sevenEnd && !c.bad; id = c.byte() {
		if id != sevenCRC {
			c.bad = true
			return
		}
		for i, sum := range c.sums(n) {
			d.folders[i].crc = sum
		}
	}
}

// maxCoders is as many as the format allows in one chain.
const maxCoders = 32

func (c *sevenCursor) folder() sevenFolder {
	var f sevenFolder
	var in, out uint64
	n := c.number()
	if n < 1 || n > maxCoders {
		c.bad = true
		return f
	}
	for range n {
		coder := c.coder()
		f.coders = append(f.coders, coder)
		in, out = in+coder.in, out+coder.out
	}
	if c.bad || in > maxCoders || out < 1 || out > maxCoders || in+1 < out {
		c.bad = true
		return f
	}
	bound := map[uint64]bool{}
	for range out - 1 {
		bind := [2]uint64{c.number(), c.number()}
		bound[bind[0]] = true
		f.binds = append(f.binds, bind)
	}
	packed := in - (out - 1)
	for i := range in {
		if packed == 1 && !bound[i] {
			f.packed = append(f.packed, i)
		}
	}
	for range packed {
		if packed > 1 {
			f.packed = append(f.packed, c.number())
		}
	}
	return f
}

func (c *sevenCursor) coder() sevenCoder {
	flags := c.byte()
	coder := sevenCoder{method: string(c.bytes(uint64(flags & 15))), in: 1, out: 1}
	if flags&0x10 != 0 {
		coder.in, coder.out = c.number(), c.number()
	}
	if flags&0x20 != 0 {
		coder.properties = c.bytes(c.number())
	}
	if flags&0xc0 != 0 || coder.in > maxCoders || coder.out > maxCoders {
		c.bad = true
	}
	return coder
}

// size is that of the output which no other coder reads.
func (f *sevenFolder) size() uint64 {
	if out, ok := f.last(); ok && out < uint64(len(f.sizes)) {
		return f.sizes[out]
	}
	return 0
}

// last returns the output of the whole chain.
func (f *sevenFolder) last() (uint64, bool) {
	for out := range uint64(len(f.binds) + 1) {
		free := true
		for _, bind := range f.binds {
			free = free && bind[1] != out
		}
		if free {
			return out, true
		}
	}
	return 0, false
}

// substreams reads how many files come out of each folder.
func (c *sevenCursor) substreams(d *sevenDirectory) {
	id := c.byte()
	if id == sevenNumUnpack {
		var sum uint64
		for i := range d.folders {
			n := c.number()
			if sum += n; n > 8*uint64(len(c.b))+1 || sum > 8*uint64(len(c.b))+uint64(len(d.folders)) {
				c.bad = true
				return
			}
			only := sevenStream{d.folders[i].size(), d.folders[i].crc}
			d.folders[i].streams = make([]sevenStream, n)
			if n == 1 {
				d.folders[i].streams[0] = only
			}
		}
		id = c.byte()
	}
	c.substreamSizes(d, id == sevenSize)
	if id == sevenSize {
		id = c.byte()
	}
	for ; id != sevenEnd && !c.bad; id = c.byte() {
		if id == sevenCRC {
			c.substreamSums(d)
		} else {
			c.bytes(c.number())
		}
	}
}

// substreamSizes reads all sizes of a folder but the last, which is the rest.
func (c *sevenCursor) substreamSizes(d *sevenDirectory, written bool) {
	for i := range d.folders {
		streams := d.folders[i].streams
		rest := d.folders[i].size()
		for j := range streams {
			size := rest
			if j < len(streams)-1 {
				size = 0
				if written {
					size = c.number()
				}
			}
			if size > rest {
				c.bad = true
				return
			}
			streams[j].size = size
			rest -= size
		}
	}
}

// substreamSums reads the sums that a folder's own does not give already.
func (c *sevenCursor) substreamSums(d *sevenDirectory) {
	var open []*storedSum
	for i := range d.folders {
		f := &d.folders[i]
		if len(f.streams) == 1 && f.crc.known {
			continue
		}
		for j := range f.streams {
			open = append(open, &f.streams[j].crc)
		}
	}
	for i, sum := range c.sums(uint64(len(open))) {
		*open[i] = sum
	}
}

// files reads names and which of them have no content.
func (c *sevenCursor) files(d *sevenDirectory) {
	n := c.count()
	if c.bad {
		return
	}
	d.files = make([]sevenEntry, n)
	var empty []bool
	for id := c.byte(); id != sevenEnd && !c.bad; id = c.byte() {
		field := &sevenCursor{b: c.bytes(c.number())}
		switch id {
		case sevenEmptyStream:
			empty = field.bits(n)
			for i := range empty {
				d.files[i].empty, d.files[i].dir = empty[i], empty[i]
			}
		case sevenEmptyFile:
			field.emptyFiles(d.files)
		case sevenName:
			field.names(d.files)
		}
		c.bad = c.bad || field.bad
	}
}

// emptyFiles tells files of no length from folders.
func (c *sevenCursor) emptyFiles(files []sevenEntry) {
	var n uint64
	for i := range files {
		if files[i].empty {
			n++
		}
	}
	flags := c.bits(n)
	for i := range files {
		if files[i].empty && len(flags) > 0 {
			files[i].dir, flags = !flags[0], flags[1:]
		}
	}
}

// names reads one UTF-16 string for each file.
func (c *sevenCursor) names(files []sevenEntry) {
	c.expect(0)
	var units []uint16
	for i := range files {
		units = units[:0]
		for {
			b := c.bytes(2)
			if b == nil {
				return
			}
			unit := wire.LittleEndian.Uint16(b)
			if unit == 0 {
				break
			}
			units = append(units, unit)
		}
		files[i].name = string(surrogate.Decode(units))
	}
}
