package scan

import (
	"bytes"
	"slices"
)

// Options are what a Scanner starts with.
type Options struct {
	Start   Position // where the stream begins; zero means offset 0, line 1, column 1
	Matcher Matcher  // nil means DigitMatcher
	Scorer  Scorer   // nil means CardScorer
	// Classes are the classes to report: a match is, if it or a part of it is
	// of one of them. Nil means all. What nobody asks for is not looked for.
	Classes []Class
	// Least is the confidence from which on matches are reported.
	Least Confidence
}

const (
	windowSize = 64 << 10                // of a window that small blocks are gathered in
	borrowed   = 16 << 10                // a block from this size on is looked at where it is
	ahead      = Reach + longestLabelled // what must follow a candidate's start before it is judged
	behind     = Reach + 32              // what is kept before the first byte not yet judged
)

// A Scanner finds matches in the bytes written to it, in blocks of any size.
// It holds one window of the stream. It is for one goroutine.
type Scanner struct {
	emit    func(*Match) // what is asked for
	matcher Matcher
	scorer  Scorer
	looks   looks
	start   Position

	size   int // of the window; windowSize outside tests
	borrow int // size of a block that is borrowed; borrowed outside tests
	window []byte
	base   int64 // offset of window[0] in the stream
	next   int   // candidates from window[next] on have not been judged
	header []byte
	ruled  bool // header has been looked for
	ended  bool // no more will be written

	lines   counter // up to some place before the last match
	covered int64   // candidates before this offset belong to a match already
	record  record
	match   Match
	digits  [maxRun]byte
	scene   Scene
}

// New returns a scanner that calls emit for each match, by rising offset of
// the records. The match and its Digits belong to the scanner and are wiped
// when emit returns; its other slices may be kept.
func New(o Options, emit func(*Match)) *Scanner {
	s := &Scanner{emit: o.asked(emit), size: windowSize, borrow: borrowed, matcher: o.Matcher, scorer: o.Scorer, start: o.Start}
	if s.scorer == nil {
		s.scorer = CardScorer{}
		s.looks = looks{
			screen: true, phones: o.wants(Phone),
			values: o.wants(Secret, PINBlock, BankAccount),
		}
	}
	s.start.Line, s.start.Column = max(s.start.Line, 1), max(s.start.Column, 1)
	s.base, s.covered = s.start.Offset, s.start.Offset
	s.lines = counter{at: s.base, line: s.start.Line, lineStart: s.base - s.start.Column + 1}
	s.ruled = s.start.Offset != 0
	return s
}

// asked returns emit for the matches that are asked for.
func (o Options) asked(emit func(*Match)) func(*Match) {
	if o.Least <= Low && o.Classes == nil {
		return emit
	}
	return func(m *Match) {
		if m.Confidence >= o.Least && o.wants(m.Class, m.Also...) {
			emit(m)
		}
	}
}

// wants reports whether one of the classes is asked for.
func (o Options) wants(class Class, also ...Class) bool {
	if o.Classes == nil || slices.Contains(o.Classes, class) {
		return true
	}
	return slices.ContainsFunc(also, func(c Class) bool { return slices.Contains(o.Classes, c) })
}

// Write takes the next bytes of the stream. It never fails, and keeps nothing
// of p. Matches may be emitted during a later Write, or by Close.
func (s *Scanner) Write(p []byte) (int, error) {
	written := len(p)
	if len(p) >= s.borrow {
		p = s.lend(p)
	}
	for len(p) > 0 {
		if len(s.window) == s.size {
			s.judge(s.size - ahead)
			s.slide()
		}
		n := min(len(p), s.size-len(s.window))
		s.window = append(s.window, p[:n]...)
		p = p[n:]
	}
	return written, nil
}

// lend looks at a large block where it is, instead of copying it into the
// window, and returns the end of it that is still to be written. What stands
// across the block's edge is looked at in the window.
func (s *Scanner) lend(p []byte) []byte {
	s.window = append(s.window, p[:behind+ahead]...)
	s.judge(len(s.window) - ahead)
	s.drop()
	own := s.window[:0]
	s.window = p
	s.judge(len(p) - ahead)
	rest := p[s.drop():]
	s.window = own
	return rest
}

// Close ends the stream: it emits what was held back and wipes the window. Pos
// and LineStart stay as they were. It returns nil.
func (s *Scanner) Close() error {
	s.ended = true
	s.judge(len(s.window))
	s.record.release(s.emit)
	s.lines.advance(s.window, s.base, s.base+int64(len(s.window)))
	s.base += int64(len(s.window))
	clear(s.window[:cap(s.window)])
	s.window, s.next = s.window[:0], 0
	return nil
}

// Pos returns the position behind the last byte written.
func (s *Scanner) Pos() Position {
	c := s.counted()
	return Position{Offset: c.at, Line: c.line, Column: c.at - c.lineStart + 1}
}

// LineStart returns where the last line begins that has not ended yet, so that
// a log which grows can be read on from there. If no line began since the
// start of the stream, that is the start.
func (s *Scanner) LineStart() Position {
	c := s.counted()
	if c.lineStart < s.start.Offset {
		return s.start
	}
	return Position{Offset: c.lineStart, Line: c.line, Column: 1}
}

func (s *Scanner) counted() counter {
	c := s.lines
	c.advance(s.window, s.base, s.base+int64(len(s.window)))
	return c
}

// judge lets the matcher and the scorer work on candidates that start before
// window[to].
func (s *Scanner) judge(to int) {
	if !s.ruled {
		s.ruled = true
		s.header = bytes.Clone(headerOf(s.window))
	}
	if s.matcher != nil {
		s.matcher.Find(s.window, s.next, to, s.consider)
	} else {
		find(s.window, s.next, to, s.looks, s.consider)
	}
	s.next = to
	if s.record.held && s.base+int64(to) > s.record.end+joinLine+sentinels {
		s.record.release(s.emit)
	}
}

// consider scores one candidate and joins it to its record.
func (s *Scanner) consider(c Candidate) bool {
	if s.base+int64(c.Start) < s.covered {
		return true
	}
	s.look(c)
	s.match = Match{Digits: s.digits[:0]}
	if s.scorer.Score(&s.scene, &s.match) {
		m := &s.match
		s.place(m)
		end := max(s.base+int64(c.End), m.Offset+m.Length)
		if !s.record.takes(m, end) {
			s.record.release(s.emit)
			s.record.hold(m, end)
		}
		s.covered = end
	}
	clear(s.digits[:])
	return true
}

// look sets the scene around a candidate: always as much as there is in the
// stream up to Reach, however the blocks were cut.
func (s *Scanner) look(c Candidate) {
	from, to := max(0, c.Start-Reach), min(len(s.window), c.End+Reach)
	s.scene.Text = s.window[from:to]
	s.scene.At = Candidate{c.Start - from, c.End - from, c.Digits, c.Shape}
	s.scene.Offset = s.base + int64(from)
	s.scene.Header = s.header
	s.scene.Begin = s.scene.Offset == s.start.Offset
	s.scene.End = s.ended && to == len(s.window)
}

// place sets the line and column of a match. A match may begin a little before
// the one found before it, so lines are counted up to Reach before it for good.
func (s *Scanner) place(m *Match) {
	s.lines.advance(s.window, s.base, m.Offset-Reach)
	c := s.lines
	c.advance(s.window, s.base, m.Offset)
	m.Line, m.Column = c.line, m.Offset-c.lineStart+1
}

// slide moves the window on.
func (s *Scanner) slide() {
	kept := copy(s.window, s.window[s.drop():])
	s.window = s.window[:kept]
}

// drop gives up what has been judged and is too far back to be looked at
// again, and returns how many bytes of the window that is.
func (s *Scanner) drop() int {
	n := s.next - behind
	s.lines.advance(s.window, s.base, s.base+int64(n))
	s.base += int64(n)
	s.next = behind
	return n
}

// A counter counts lines up to a place in the stream.
type counter struct {
	at        int64 // counted up to here
	line      int64
	lineStart int64 // offset of the line's first byte
}

// advance counts on to the offset to, if that is ahead. The window begins at
// offset base and holds all that is to be counted.
func (c *counter) advance(window []byte, base, to int64) {
	if to <= c.at {
		return
	}
	text := window[c.at-base : to-base]
	if n := bytes.Count(text, []byte{'\n'}); n > 0 {
		c.line += int64(n)
		c.lineStart = c.at + int64(bytes.LastIndexByte(text, '\n')) + 1
	}
	c.at = to
}
