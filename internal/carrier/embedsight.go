package carrier

import "bytes"

// A sight is the stretch of a flow that a tap looks at. It fills and slides at
// the same offsets of the flow however the blocks are cut, so that whatever
// is found in it cannot depend on the cuts.
type sight struct {
	text []byte
	base int64 // offset of text[0] in the flow
	next int   // what begins before text[next] has been judged
	end  bool  // no more will be written

	lines     int64 // line feeds before text[0]
	lineStart int64 // offset of the first byte of the line of text[0]
}

const (
	sightSize   = 64 << 10
	sightBehind = 2 << 10 // bytes kept before the first that is not judged
	sightAhead  = 4 << 10 // bytes that are there after the last that is judged, before the end of the flow
)

// fill takes what fits of block, and returns the rest.
func (s *sight) fill(block []byte) []byte {
	n := min(len(block), sightSize-len(s.text))
	s.text = append(s.text, block[:n]...)
	return block[n:]
}

func (s *sight) full() bool { return len(s.text) == sightSize }

// limit returns where judging must stop for now.
func (s *sight) limit() int {
	if s.end {
		return len(s.text)
	}
	return max(s.next, len(s.text)-sightAhead)
}

// slide drops what is too far behind.
func (s *sight) slide() {
	drop := max(0, s.next-sightBehind)
	if n := bytes.Count(s.text[:drop], []byte{'\n'}); n > 0 {
		s.lines += int64(n)
		s.lineStart = s.base + int64(bytes.LastIndexByte(s.text[:drop], '\n')) + 1
	}
	kept := copy(s.text, s.text[drop:])
	s.text = s.text[:kept]
	s.base += int64(drop)
	s.next -= drop
}

// wipe forgets the bytes.
func (s *sight) wipe() {
	clear(s.text[:cap(s.text)])
	s.text = nil
}

// position returns the line feeds before text[at] and the offset of its line.
func (s *sight) position(at int) (lines, lineStart int64) {
	n := bytes.Count(s.text[:at], []byte{'\n'})
	if n == 0 {
		return s.lines, s.lineStart
	}
	return s.lines + int64(n), s.base + int64(bytes.LastIndexByte(s.text[:at], '\n')) + 1
}
