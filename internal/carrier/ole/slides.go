package ole

import (
	"bufio"
	"encoding/binary"
	"io"
)

// maxAtom bounds one piece of text in a presentation.
const maxAtom = 1 << 20

// Slides returns the text of a "PowerPoint Document" stream, a line for each
// of its pieces: MS-PPT 2.9.
func Slides(s *Stream) io.Reader {
	return &slides{r: bufio.NewReader(io.NewSectionReader(s, 0, s.Size))}
}

type slides struct {
	r    *bufio.Reader
	out  []byte
	rest []byte
}

func (s *slides) Read(b []byte) (int, error) {
	for len(s.rest) == 0 {
		if err := s.fill(); err != nil {
			return 0, err
		}
	}
	n := copy(b, s.rest)
	s.rest = s.rest[n:]
	return n, nil
}

// fill reads one record. What lies in a container is read as if it lay open.
func (s *slides) fill() error {
	var head [8]byte
	if _, err := io.ReadFull(s.r, head[:]); err != nil {
		return io.EOF
	}
	kind, size := binary.LittleEndian.Uint16(head[2:]), int64(binary.LittleEndian.Uint32(head[4:]))
	switch {
	case head[0]&0x0f == 0x0f:
		return nil
	case kind != 4000 && kind != 4008 && kind != 4026:
		_, err := io.CopyN(io.Discard, s.r, size)
		return err
	}
	text := make([]byte, min(size, maxAtom))
	n, err := io.ReadFull(s.r, text)
	text, s.out = text[:n], s.out[:0]
	if kind == 4008 {
		for _, c := range text {
			s.out = appendCharacter(s.out, rune(c))
		}
	} else {
		for i := 0; i+1 < len(text); i += 2 {
			s.out = appendCharacter(s.out, rune(binary.LittleEndian.Uint16(text[i:])))
		}
	}
	s.out = append(s.out, '\n')
	s.rest = s.out
	if err == nil && size > maxAtom {
		return ErrTooLarge
	}
	return nil
}
