package pdf

import (
	"bytes"
	"cmp"
	"math"
	"slices"
)

// Limits of what is laid out at once; a page with more is laid out in turns.
const (
	maxSpans    = 20_000
	maxSpanText = 512 << 10
)

// How far apart, in parts of the letters' size, pieces of a line may stand:
// closer than a space they are one word, closer than a column one phrase.
const (
	spaceGap  = 0.2
	columnGap = 0.8
	lineGap   = 0.35
)

// A span is text drawn in one go. Along and down are its place, counted in the
// direction of the writing; end is where it ends.
type span struct {
	turn       int16 // the direction, in degrees
	along, end float64
	down       float64
	size       float64
	from, to   int // in the layout's text
}

// A layout gathers spans and puts them in lines.
type layout struct {
	spans []span
	text  []byte
	begun bool // the last span may go on
}

func (y *layout) full() bool { return len(y.spans) >= maxSpans || len(y.text) >= maxSpanText }

// draw notes text that begins at from and ends at to on the page.
func (y *layout) draw(text []byte, m matrix, width float64) {
	if len(text) == 0 {
		return
	}
	size := math.Hypot(m[2], m[3])
	length := math.Hypot(m[0], m[1])
	turn := math.Atan2(m[1], m[0])
	sin, cos := math.Sincos(turn)
	along, down := m[4]*cos+m[5]*sin, m[4]*sin-m[5]*cos
	if !finite(size) || !finite(along) || !finite(down) || !finite(length*width) {
		size, along, down, length = 1, 0, 0, 0
	}
	s := span{turn: int16(math.Round(turn * 180 / math.Pi)), along: along, end: along + width*length, down: down, size: size, from: len(y.text)}
	y.text = append(y.text, text...)
	s.to = len(y.text)
	if n := len(y.spans); y.begun && n > 0 {
		if last := &y.spans[n-1]; last.turn == s.turn && last.size == s.size && last.down == s.down && math.Abs(s.along-last.end) < spaceGap*size {
			last.end, last.to = s.end, s.to
			return
		}
	}
	y.begun = true
	y.spans = append(y.spans, s)
}

func finite(x float64) bool { return math.Abs(x) < 1e9 }

// lines appends all text in lines and begins anew.
func (y *layout) lines(dst []byte) []byte {
	slices.SortStableFunc(y.spans, func(a, b span) int {
		return cmp.Or(cmp.Compare(a.turn, b.turn), cmp.Compare(a.down, b.down))
	})
	for rest := y.spans; len(rest) > 0; {
		n := 1
		for n < len(rest) && rest[n].turn == rest[0].turn && rest[n].down-rest[n-1].down <= lineGap*min(rest[n].size, rest[n-1].size) &&
			rest[n].down-rest[0].down <= max(rest[n].size, rest[0].size) {
			n++
		}
		dst = y.line(dst, rest[:n])
		rest = rest[n:]
	}
	*y = layout{spans: y.spans[:0], text: y.text[:0]}
	return dst
}

// line appends one line. What was drawn twice in one place, as bold letters
// are by some programs, is written once.
func (y *layout) line(dst []byte, spans []span) []byte {
	slices.SortStableFunc(spans, func(a, b span) int { return cmp.Compare(a.along, b.along) })
	var last *span
	for i := range spans {
		s := &spans[i]
		text := y.text[s.from:s.to]
		if last != nil {
			if s.along-last.along < 0.3*s.size && bytes.Equal(text, y.text[last.from:last.to]) {
				continue
			}
			switch gap := s.along - last.end; {
			case gap > columnGap*s.size || gap < -columnGap*s.size:
				dst = append(dst, '\t')
			case gap > spaceGap*s.size || gap < -spaceGap*2*s.size:
				dst = append(dst, ' ')
			}
		}
		dst = append(dst, text...)
		last = s
	}
	return append(dst, '\n')
}
