package redact

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
)

// A text finds what is to be masked in a file, and reads it masked.
type text struct {
	r     io.ReaderAt
	size  int64
	unit  int // bytes of a character: 2 in UTF-16, else 0
	big   bool
	spans []span // by offset, not overlapping
}

// maskText looks through a file until its masked form holds nothing more that
// reads as card data.
func maskText(ctx context.Context, t *text, o Options) (Copy, error) {
	for range maxPasses {
		found, inside, err := find(ctx, t, t.size, o)
		switch {
		case err != nil:
			return nil, err
		case len(found) == 0 && inside > 0:
			return nil, ErrKind // in something packed: its place is not known
		case len(found) == 0 && len(t.spans) == 0:
			return nil, ErrKind // what was found here is not written as text
		case len(found) == 0:
			return t, nil
		case len(found)+len(t.spans) > maxSpans:
			return nil, ErrTooMany
		}
		t.spans = merge(t.spans, found)
	}
	return nil, ErrRemains
}

// Size returns the size of the file: a star takes the room of what it hides.
func (t *text) Size() int64 { return t.size }

// ReadAt reads the masked form.
func (t *text) ReadAt(p []byte, off int64) (int, error) {
	n, err := t.r.ReadAt(p, off)
	for _, s := range overlapping(t.spans, off, off+int64(n)) {
		if fail := t.hide(p[:n], off, s); fail != nil {
			return 0, fail
		}
	}
	return n, err
}

// hide masks one span in p, which begins at off. A span is read whole: which
// digit is which depends on all of them.
func (t *text) hide(p []byte, off int64, s span) error {
	masked := make([]byte, s.end-s.off)
	defer clear(masked)
	if _, err := t.r.ReadAt(masked, s.off); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if t.unit == 2 && s.off%2 == 0 && len(masked)%2 == 0 {
		t.stars16(masked, s)
	} else {
		stars(masked, s)
	}
	from := max(s.off, off)
	copy(p[from-off:], masked[from-s.off:])
	return nil
}

// stars16 masks text of two bytes a character.
func (t *text) stars16(b []byte, s span) {
	var order binary.ByteOrder = binary.LittleEndian
	if t.big {
		order = binary.BigEndian
	}
	units := make([]byte, len(b)/2)
	for i := range units {
		units[i] = 0xff // not ASCII
		if u := order.Uint16(b[2*i:]); u < 0x80 {
			units[i] = byte(u)
		}
	}
	masked := append([]byte(nil), units...)
	stars(masked, s)
	for i := range units {
		if units[i] != masked[i] {
			order.PutUint16(b[2*i:], uint16(masked[i]))
		}
	}
	clear(units)
}

// stars puts a star for each character that may say something, but for the
// first six and last four of a number that keeps them. Separators stay, so
// the text keeps its form.
func stars(b []byte, s span) {
	star := s.star
	if star == 0 {
		star = '*'
	}
	total := 0
	for _, c := range b {
		if s.form.tells(c) {
			total++
		}
	}
	keep := s.keep && total >= 12
	seen := 0
	for i := 0; i < len(b); i++ {
		if s.form == formFolded {
			if n := passed(b[i:]); n > 0 {
				i += n - 1
				continue
			}
		}
		if !s.form.tells(b[i]) {
			continue
		}
		if !keep || seen >= 6 && seen < total-4 {
			b[i] = star
		}
		seen++
	}
}

// passed returns the length of a tag or a terminal's control sequence that
// stands between digits, 0 if there is none. It stays as it is.
func passed(b []byte) int {
	if len(b) < 3 {
		return 0
	}
	isTag := b[0] == '<' && (isLetter(b[1]) || b[1] == '/' || b[1] == '!')
	isControl := b[0] == 0x1b && b[1] == '['
	for i := 2; i < len(b) && (isTag || isControl); i++ {
		if isTag && b[i] == '>' || isControl && isLetter(b[i]) {
			return i + 1
		}
	}
	return 0
}

// tells reports whether a byte of a number in this form may say something.
func (f form) tells(c byte) bool {
	switch {
	case isLetter(c), c >= '0' && c <= '9':
		return true
	case f == formPlain:
		return false
	case c >= 0x80:
		return true
	case f == formRun:
		return c == '+' || c == '/' || c == '=' || c == '-' || c == '_'
	}
	return f == formWhole && c != ' ' && c != '\t' && c != '\n' && c != '\r'
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }
