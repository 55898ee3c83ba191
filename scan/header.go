package scan

import "bytes"

// headerSize is how long a line of column names may be.
const headerSize = Reach

// headerOf returns the first line of a stream that is not empty if it looks
// like the column names of a table with card data in it, else nil.
func headerOf(text []byte) []byte {
	text = bytes.TrimLeft(text[:min(len(text), headerSize+1)], "\r\n")
	end := bytes.IndexByte(text, '\n')
	if end < 0 {
		return nil
	}
	line := bytes.TrimRight(text[:end], "\r")
	if divider(line) == 0 {
		return nil
	}
	digits := 0
	for _, c := range line {
		if digit(c) {
			digits++
		}
	}
	speaks := false
	eachLabel(line, func(m meaning, _, _ int) { speaks = speaks || m != noMeaning && m < meansName })
	if digits > 16 || !speaks {
		return nil
	}
	return line
}

// divider returns the byte that divides the columns of line, 0 if there is one
// column only.
func divider(line []byte) byte {
	best, most := byte(0), 0
	for _, c := range []byte{',', ';', '\t', '|'} {
		if n := bytes.Count(line, []byte{c}); n > most {
			best, most = c, n
		}
	}
	return best
}

// columns reads the value of the line around the candidate by the names in
// the header. It reports whether the candidate stands in a column of cards.
func (p *pieces) columns(s *Scene, c Candidate, m *Match) bool {
	start := bytes.LastIndexByte(s.Text[:c.Start], '\n') + 1
	if s.Header == nil || start == 0 && !s.Begin {
		return false
	}
	end := len(s.Text)
	if n := bytes.IndexByte(s.Text[c.End:], '\n'); n >= 0 {
		end = c.End + n
	}
	mark := divider(s.Header)
	names := fields{line: s.Header, mark: mark}
	values := fields{line: s.Text[start:end], mark: mark}
	inCard := false
	for names.next() && values.next() {
		at := span{start + values.at.start, start + values.at.end}
		mine := at.start <= c.Start && c.End <= at.end
		eachLabel(s.Header[names.at.start:names.at.end], func(means meaning, _, _ int) {
			value := s.Text[at.start:at.end]
			switch {
			case means == meansCard && mine:
				inCard = true
			case means == meansCVV && len(value) > 0 && cvvLength(value, m.Brand) == len(value):
				p.add(CVV, at)
			case means == meansExpiry && len(value) > 0 && expiryLength(value) == len(value):
				p.add(Expiry, at)
			}
		})
	}
	return inCard
}

// fields walks over the fields of a line. A quoted field is returned without
// its quotes.
type fields struct {
	line []byte
	mark byte
	pos  int
	at   span
}

func (f *fields) next() bool {
	if f.pos > len(f.line) {
		return false
	}
	start, quoted := f.pos, false
	end := start
	for ; end < len(f.line) && (quoted || f.line[end] != f.mark); end++ {
		quoted = quoted != (f.line[end] == '"')
	}
	f.pos = end + 1
	for start < end && blank(f.line[start]) {
		start++
	}
	for end > start && blank(f.line[end-1]) {
		end--
	}
	f.at = span{start, end}
	return true
}

func blank(c byte) bool { return c == ' ' || c == '"' || c == '\r' || c == '\'' }
