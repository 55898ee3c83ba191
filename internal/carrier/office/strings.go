package office

import "io"

// maxStrings is how many shared strings are held at most.
const maxStrings = 1 << 19

// Strings are the shared strings of a workbook, as far as they are held. Those
// that no cell has shown, and those that are not held, are the text of
// [Leftover].
type Strings struct {
	blocks [][]byte // of blockSize bytes, so that growing copies nothing
	size   uint32
	ends   []uint32
	shown  []bool
}

const blockSize = 128 << 10

// add appends to the string that was begun last.
func (s *Strings) add(text []byte) {
	for len(text) > 0 {
		at := s.size % blockSize
		if at == 0 && int(s.size/blockSize) == len(s.blocks) {
			s.blocks = append(s.blocks, make([]byte, blockSize))
		}
		n := copy(s.blocks[s.size/blockSize][at:], text)
		s.size += uint32(n)
		text = text[n:]
	}
}

// slice returns the bytes from start to end, joined if they lie in two blocks.
func (s *Strings) slice(start, end uint32) []byte {
	var joined []byte
	for start < end {
		block := s.blocks[start/blockSize]
		from := start % blockSize
		piece := block[from:min(blockSize, from+end-start)]
		if joined == nil && uint32(len(piece)) == end-start {
			return piece
		}
		joined = append(joined, piece...)
		start += uint32(len(piece))
	}
	return joined
}

// ReadStrings reads a part with shared strings and holds at most room bytes of
// them, from the first on. It returns the error of r.
func ReadStrings(r io.Reader, room int) (*Strings, error) {
	s := new(Strings)
	t := newTokens(r)
	var inText, phonetic bool
	for {
		tok, err := t.next()
		if err == io.EOF {
			return s, nil
		}
		if err != nil {
			return s, err
		}
		switch name := string(tok.name); {
		case tok.kind == tokenText && inText:
			s.add(tok.text)
		case tok.kind == tokenOpen && name == "rPh" && !tok.alone:
			phonetic = true
		case tok.kind == tokenClose && name == "rPh":
			phonetic = false
		case tok.kind == tokenOpen && name == "t" && !tok.alone:
			inText = true
			if phonetic {
				s.add([]byte(" "))
			}
		case tok.kind == tokenClose && name == "t":
			inText = false
		case tok.kind == tokenClose && name == "si", tok.kind == tokenOpen && name == "si" && tok.alone:
			inText, phonetic = false, false
			s.end(room / 2)
		}
		if int(s.size) > room || len(s.ends) >= maxStrings {
			return s.cut(), nil
		}
	}
}

// dropped marks the end of a string that is not held.
const dropped = 1 << 31

// end ends a string. Once half of the room is taken, strings that cannot hold
// a card number are not held any more: they need no column to be understood.
func (s *Strings) end(half int) {
	if start := s.begin(len(s.ends)); int(start) > half && !telling(s.slice(start, s.size)) {
		s.size = start
		s.ends = append(s.ends, start|dropped)
		return
	}
	s.ends = append(s.ends, s.size)
}

// begin returns where string n begins.
func (s *Strings) begin(n int) uint32 {
	if n == 0 {
		return 0
	}
	return s.ends[n-1] &^ dropped
}

// cut drops a string that was begun.
func (s *Strings) cut() *Strings {
	s.size = s.begin(len(s.ends))
	return s
}

// Held returns how many bytes of memory the strings take.
func (s *Strings) Held() int64 { return int64(len(s.blocks)*blockSize + 5*cap(s.ends)) }

// Add adds a string and reports whether there is room for more.
func (s *Strings) Add(text string, room int) bool {
	s.add([]byte(text))
	if int(s.size) > room || len(s.ends) >= maxStrings {
		s.cut()
		return false
	}
	s.end(room / 2)
	return true
}

// Show returns string n for a cell; nil if it is not held.
func (s *Strings) Show(n int) []byte { return s.show(n) }

// Shown reports whether string n was returned for a cell.
func (s *Strings) Shown(n int) bool { return s != nil && n < len(s.shown) && s.shown[n] }

// show returns string n for a cell; nil if it is not held.
func (s *Strings) show(n int) []byte {
	if s == nil || n < 0 || n >= len(s.ends) || s.ends[n]&dropped != 0 {
		return nil
	}
	if s.shown == nil {
		s.shown = make([]bool, len(s.ends))
	}
	s.shown[n] = true
	return s.slice(s.begin(n), s.ends[n])
}

// Leftover returns the strings that no sheet has shown, a line each. It reads
// the part once more.
func Leftover(r io.Reader, s *Strings) *Text {
	f := newFlow(newTokens(r), false)
	f.skip = s.Shown
	return &Text{from: f}
}
