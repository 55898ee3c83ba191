package carrier

import (
	wire "encoding/binary"
	"io"
	"strconv"
	"strings"
)

// cpioFile reads cpio archives: the new ASCII form with and without sums, the
// portable old one and the binary one of either byte order.
type cpioFile struct{}

func (cpioFile) Name() string { return "cpio" }

// Sniff accepts the magic with numbers where numbers must be.
func (cpioFile) Sniff(head []byte, _ string) bool {
	if len(head) < 26 || head[0] != '0' && head[0] != 0xc7 && head[0] != 0x71 {
		return false
	}
	h, err := cpioEntry(head)
	return err == nil && h.nameSize > 1 && h.nameSize <= maxName
}

// A cpioHead is what all forms say about a member.
type cpioHead struct {
	length, align            int64 // of the header, and of what name and content fill up to
	mode, nameSize, fileSize int64
}

// cpioEntry reads the header of a member. Behind it b may hold anything.
func cpioEntry(b []byte) (cpioHead, error) {
	switch {
	case len(b) >= 110 && (magic{0, "070701"}.in(b) || magic{0, "070702"}.in(b)):
		return cpioText(cpioHead{length: 110, align: 4}, 16, b[14:22], b[94:102], b[54:62])
	case len(b) >= 76 && magic{0, "070707"}.in(b):
		return cpioText(cpioHead{length: 76, align: 1}, 8, b[18:24], b[59:65], b[65:76])
	case len(b) >= 26 && magic{0, "\xc7\x71"}.in(b):
		return cpioBinary(b, wire.LittleEndian)
	case len(b) >= 26 && magic{0, "\x71\xc7"}.in(b):
		return cpioBinary(b, wire.BigEndian)
	}
	return cpioHead{}, &CauseError{Broken}
}

// cpioText fills h from numbers written in a base.
func cpioText(h cpioHead, base int, mode, nameSize, fileSize []byte) (cpioHead, error) {
	for i, field := range [][]byte{mode, nameSize, fileSize} {
		n, err := strconv.ParseInt(string(field), base, 64)
		if err != nil || n < 0 {
			return h, &CauseError{Broken}
		}
		*[]*int64{&h.mode, &h.nameSize, &h.fileSize}[i] = n
	}
	return h, nil
}

// cpioBinary reads the binary form. Long numbers have their high half first.
func cpioBinary(b []byte, order wire.ByteOrder) (cpioHead, error) {
	h := cpioHead{length: 26, align: 2, mode: int64(order.Uint16(b[6:])), nameSize: int64(order.Uint16(b[20:]))}
	h.fileSize = int64(order.Uint16(b[22:]))<<16 | int64(order.Uint16(b[24:]))
	return h, nil
}

// cpioEnd is the name of the member that ends an archive.
const cpioEnd = "TRAILER!!!"

// Walk visits the members in order.
func (cpioFile) Walk(p *Part, visit func(*Member) error) error {
	s := newSpool(p, 0)
	for {
		h, err := cpioNext(s)
		if err != nil {
			return err
		}
		name := make([]byte, h.nameSize)
		if _, err := io.ReadFull(s, name); err != nil {
			return err
		}
		shown := strings.TrimRight(string(name), "\x00")
		if shown == cpioEnd {
			return nil
		}
		if err := s.skip(-(h.length + h.nameSize) & (h.align - 1)); err != nil {
			return err
		}
		m := &Member{Name: shown, Stored: h.fileSize, Dir: h.mode&0o170000 == 0o040000 && h.fileSize == 0}
		if err := s.member(m, h.fileSize, visit); err != nil {
			return err
		}
		if err := s.skip(-h.fileSize & (h.align - 1)); err != nil && err != io.EOF {
			return err
		}
	}
}

// cpioNext reads the next header. An archive that just stops is damaged.
func cpioNext(s *spool) (cpioHead, error) {
	lead, err := s.r.Peek(110)
	if len(lead) == 0 && err != nil {
		return cpioHead{}, damaged(err)
	}
	h, err := cpioEntry(lead)
	if err == nil && (h.nameSize < 1 || h.nameSize > 64<<10) {
		err = &CauseError{Broken}
	}
	if err != nil {
		return h, err
	}
	return h, s.skip(h.length)
}
