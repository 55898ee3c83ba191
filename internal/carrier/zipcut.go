package carrier

import (
	"archive/zip"
	"bufio"
	wire "encoding/binary"
	"io"
	"strings"
)

// A zipCut walks an archive that has lost its directory, by the header before
// each member, up to the damage.
type zipCut struct {
	p  *Part
	at int64
}

// zipLocal is the header before a member, APPNOTE 4.3.7.
type zipLocal struct {
	flags, method uint16
	crc           uint32
	packed, size  uint64
	name          string
	length        int64
}

// Bits of the flags.
const (
	zipEncrypted = 1 << 0
	zipDeferred  = 1 << 3 // sizes and sum come after the content
)

// walk visits the members and returns when it finds no more.
func (z *zipCut) walk(visit func(*Member) error) error {
	for {
		h, ok := z.header()
		if !ok {
			return nil
		}
		begin := z.at + h.length
		end, err := z.member(h, begin, visit)
		if err != nil || end < 0 {
			return err
		}
		z.at = end
	}
}

// header reads the header that lies at z.at.
func (z *zipCut) header() (zipLocal, bool) {
	var b [30]byte
	if n, _ := z.p.At.ReadAt(b[:], z.at); n < len(b) || string(b[:4]) != "PK\x03\x04" {
		return zipLocal{}, false
	}
	nameSize, extraSize := int(wire.LittleEndian.Uint16(b[26:])), int(wire.LittleEndian.Uint16(b[28:]))
	rest := make([]byte, nameSize+extraSize)
	if n, _ := z.p.At.ReadAt(rest, z.at+30); n < len(rest) {
		return zipLocal{}, false
	}
	h := zipLocal{
		flags: wire.LittleEndian.Uint16(b[6:]), method: wire.LittleEndian.Uint16(b[8:]), crc: wire.LittleEndian.Uint32(b[14:]),
		packed: uint64(wire.LittleEndian.Uint32(b[18:])), size: uint64(wire.LittleEndian.Uint32(b[22:])),
		name: string(rest[:nameSize]), length: int64(30 + len(rest)),
	}
	h.large(rest[nameSize:])
	return h, true
}

// large takes the sizes from the zip64 field, APPNOTE 4.5.3.
func (h *zipLocal) large(extra []byte) {
	for len(extra) >= 4 {
		id, n := wire.LittleEndian.Uint16(extra), int(wire.LittleEndian.Uint16(extra[2:]))
		if n > len(extra)-4 {
			return
		}
		if field := extra[4 : 4+n]; id == 1 && n >= 16 && h.size == 1<<32-1 {
			h.size, h.packed = wire.LittleEndian.Uint64(field), wire.LittleEndian.Uint64(field[8:])
		}
		extra = extra[4+n:]
	}
}

// member visits one member and returns where the next begins, or -1 if nobody
// can tell.
func (z *zipCut) member(h zipLocal, begin int64, visit func(*Member) error) (int64, error) {
	known := h.flags&zipDeferred == 0 || h.packed > 0
	end := begin + int64(h.packed)
	if known && (h.packed > 1<<60 || end > z.p.Size) {
		end = z.p.Size // the cut goes through this member
	}
	if !known {
		end = z.p.Size
	}
	m := &Member{Name: h.name, Stored: end - begin, Size: -1, Dir: strings.HasSuffix(h.name, "/") && h.size == 0}
	open, readable := zipMethods[h.method]
	switch {
	case h.flags&zipEncrypted != 0:
		m.Refused = Encrypted
	case !readable:
		m.Refused = UnknownCompression
	case !known && h.method == zip.Store:
		m.Refused = Broken // nobody can tell where it ends
	}
	source := &counted{r: bufio.NewReader(io.NewSectionReader(z.p.At, begin, end-begin))}
	m.Open = func() (io.Reader, error) {
		r, err := open(source, zipSize(h.flags, h.size))
		if err != nil || !known {
			return r, err
		}
		return &summed{r: r, left: h.size, want: storedSum{true, h.crc}}, nil
	}
	if err := visit(m); err != nil {
		return 0, err
	}
	if known {
		return end, nil
	}
	return z.after(begin + source.n), nil
}

// after passes over the descriptor that follows a member whose sizes were not
// known when it was written.
func (z *zipCut) after(at int64) int64 {
	var b [28]byte
	n, _ := z.p.At.ReadAt(b[:], at)
	for skip := 12; skip <= 24; skip += 4 {
		if n >= skip+4 && string(b[skip:skip+4]) == "PK\x03\x04" {
			return at + int64(skip)
		}
	}
	return -1
}
