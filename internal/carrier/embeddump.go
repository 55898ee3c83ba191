package carrier

import "bytes"

// A dumpShape is how the lines of a dump are laid out, and what the last one
// said.
type dumpShape struct {
	width   int    // bytes on a full line
	group   int    // bytes that stand together
	swapped bool   // groups are numbers, little end first
	radix   int    // of the offset, 0 while it is not known
	offset  []byte // of the last line, as its digits are written
	count   int    // bytes on the last line
	from    int    // where the offset stands on the line
}

// A dumpLine is one line of a dump.
type dumpLine struct {
	shape  dumpShape
	bytes  []byte
	gutter bool // the bytes stand beside as characters
	end    int
}

// firstDumpLine reads a line that a dump may begin with. Other words may stand
// before its offset, as loggers put them.
func firstDumpLine(line []byte) (dumpLine, bool) {
	const mostWords, fewest = 24, 4
	for i, words := 0, 0; i < len(line) && words < mostWords; words++ {
		for i < len(line) && !alnum(line[i]) {
			i++
		}
		l, ok := dumpLineAt(line, i, dumpShape{})
		if ok && (len(l.bytes) >= minPairs || l.gutter && len(l.bytes) >= fewest) {
			l.shape.width = len(l.bytes)
			return l, true
		}
		for i < len(line) && alnum(line[i]) {
			i++
		}
	}
	return dumpLine{}, false
}

// next reads the line after the last one. What loggers put before the offset
// may be longer or shorter there.
func (s dumpShape) next(line []byte) (dumpLine, bool) {
	if l, ok := s.nextAt(line, s.from); ok {
		return l, true
	}
	for i := 0; i < len(line) && s.from > 0; i++ {
		if alnum(line[i]) && (i == 0 || !alnum(line[i-1])) {
			if l, ok := s.nextAt(line, i); ok {
				return l, true
			}
		}
	}
	return dumpLine{}, false
}

// nextAt reads that line if its offset at line[i] is the one that is due.
func (s dumpShape) nextAt(line []byte, i int) (dumpLine, bool) {
	l, ok := dumpLineAt(line, i, s)
	if !ok {
		return l, false
	}
	for _, radix := range [...]int{16, 10, 8} {
		last, is := number(s.offset, radix)
		this, also := number(l.shape.offset, radix)
		if is && also && (s.radix == 0 || s.radix == radix) && this == last+uint64(s.count) {
			l.shape.radix, l.shape.width = radix, s.width
			return l, true
		}
	}
	return l, false
}

// number reads digits to a radix.
func number(digits []byte, radix int) (n uint64, ok bool) {
	for _, c := range digits {
		v := nibbleOf[c]
		if int(v) >= radix {
			return 0, false
		}
		n = n*uint64(radix) + uint64(v)
	}
	return n, len(digits) > 0
}

// dumpLineAt reads an offset at line[i], the bytes after it, and the same as
// characters after those. Shape is that of the lines before, if there are any.
func dumpLineAt(line []byte, i int, s dumpShape) (l dumpLine, ok bool) {
	const shortest, longest, longestGap = 3, 16, 8
	if i >= len(line) || i > 0 && alnum(line[i-1]) {
		return l, false
	}
	l.shape.from = i
	i += prefixAt(line, i)
	n := hexDigits(line, i)
	if n < shortest || n > longest {
		return l, false
	}
	l.shape.offset = bytes.Clone(line[i : i+n])
	i += n
	marked, start := false, i
	for i < len(line) && i-start <= longestGap && !alnum(line[i]) {
		switch line[i] {
		case ':', '|', ']', '>', ')':
			marked = true
		case ' ', '\t', '-':
		default:
			return l, false
		}
		i++
	}
	if i == start || i == len(line) {
		return l, false
	}
	l.columns(line, i, s)
	l.shape.count = len(l.bytes)
	if s.width == 0 {
		l.shape.swapped = l.shape.group == 2 && !marked && !l.gutter
	} else {
		l.shape.swapped = s.swapped
	}
	if l.shape.swapped {
		for k := 0; k+1 < len(l.bytes); k += 2 {
			l.bytes[k], l.bytes[k+1] = l.bytes[k+1], l.bytes[k]
		}
	}
	l.end = len(bytes.TrimRight(line, " \t\r"))
	return l, len(l.bytes) > 0
}

// columns reads the bytes that begin at line[i], and looks for the characters
// beside them.
func (l *dumpLine) columns(line []byte, i int, s dumpShape) {
	const mostBytes = 64
	l.shape.group = s.group
	for len(l.bytes) < mostBytes {
		n := hexDigits(line, i)
		if l.shape.group == 0 {
			if n != 2 && n != 4 && n != 8 {
				return
			}
			l.shape.group = n / 2
		}
		if n == 0 || n%2 == 1 || n > 2*l.shape.group || i+n < len(line) && alnum(line[i+n]) {
			break
		}
		for k := 0; k < n; k += 2 {
			l.bytes = append(l.bytes, nibbleOf[line[i+k]]<<4|nibbleOf[line[i+k+1]])
		}
		i += n
		gap := 0
		for i+gap < len(line) && (line[i+gap] == ' ' || line[i+gap] == '-' || line[i+gap] == '\t' || line[i+gap] == ':') {
			gap++
		}
		if gap != 1 && beside(line[i:], l.bytes) {
			l.gutter = true
			return
		}
		if gap == 0 || gap > 3 || gap > 1 && len(l.bytes)%4 != 0 || n < 2*l.shape.group || len(l.bytes) == s.width {
			break
		}
		i += gap
	}
	l.gutter = i < len(line) && beside(line[i:], l.bytes)
}

// beside reports whether text shows the same bytes as characters, with a sign
// for those that have none.
func beside(text, b []byte) bool {
	text = bytes.TrimRight(text, "\r")
	for from := 0; from < len(text) && len(b) > 0; from++ {
		if from > 0 && !isMargin(text[from-1]) {
			return false
		}
		if shows(text[from:], b) {
			return true
		}
	}
	return false
}

func isMargin(c byte) bool {
	switch c {
	case ' ', '\t', '|', '>', '*', '"', '[', '\'', ';', '#', '-':
		return true
	}
	return false
}

// shows reports whether text begins with the characters of b.
func shows(text, b []byte) bool {
	seen := 0
	for i, c := range b {
		switch {
		case i >= len(text):
			return c == ' ' && seen > 0 // an editor took the blanks at the end
		case c > ' ' && c < 0x7f:
			if text[i] != c && text[i] != '.' {
				return false
			}
			if text[i] == c {
				seen++
			}
		case c == ' ' && text[i] == ' ':
		case alnum(text[i]) && c < 0x80:
			return false
		case text[i] == '.':
			seen++
		}
	}
	return seen > 0
}
