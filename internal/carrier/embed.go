package carrier

// An embed finds runs of text that stand for bytes, and gives what they stand
// for on as a part. Cheap tests come first: most long words are no base64.
type embed struct {
	p    *probe
	at   int64 // runs that begin before have been looked at
	open *textRun
	out  *unwrapping
	skip bool // the run at hand is none, up to its end
}

// find looks at the runs that begin before text[to] of the sight.
func (e *embed) find(to int) error {
	text, base := e.p.text, e.p.base
	i := int(e.at - base)
	for i < to {
		if e.open != nil {
			next, err := e.goOn(i, to)
			if err != nil {
				return err
			}
			i = next
			continue
		}
		if e.skip {
			for i < to && base64Run[text[i]] != 0 {
				i++
			}
			e.skip = i == to
			continue
		}
		start := e.p.kinds.run(ofWord, shortestRun, i, to)
		if start >= to {
			break
		}
		next, err := e.look(start)
		if err != nil {
			return err
		}
		i = next
	}
	e.at = base + int64(max(i, to))
	return nil
}

// goOn reads on in an open run.
func (e *embed) goOn(i, to int) (next int, err error) {
	next, ended := e.open.read(e.p.text, i, to)
	err = e.out.take(e.open.out, e.p.base+int64(next))
	e.open.out = e.open.out[:0]
	if ended || e.p.end && next == len(e.p.text) {
		e.open = nil
		if closed := e.out.finish(); err == nil {
			err = closed
		}
	}
	return max(next, i), err
}

// farthest is how much of a run is looked at before it is known for one.
const farthest = 2 << 10

// look looks at the run that begins at text[start], and returns where to go on.
func (e *embed) look(start int) (next int, err error) {
	text := e.p.text
	limit := min(len(text), start+farthest)
	end, kinds, hopeful := word(text[:limit], start)
	if !hopeful && !(candidate{start, end, kinds, false}).mixed() && hexStretch(text[start:end]) == end-start {
		e.skip = end == limit && end < len(text)
		return end, nil
	}
	if e.p.f.covered.meets(e.p.base+int64(start), e.p.base+int64(end)) {
		return end, nil
	}
	if kinds&^anyHex != 0 {
		if next, err := e.hexInside(start, end); next > 0 || err != nil {
			return next, err
		}
	}
	var room [8]candidate
	for _, c := range candidates(room[:0], text, start, end, kinds) {
		next, took, err := e.try(c)
		if took || err != nil {
			return next, err
		}
	}
	e.skip = end == limit && end < len(text)
	return end, nil
}

// word returns where the word of base64 characters at text[start] ends, what it
// is made of, and whether it or a part of it begins as base64 of text would.
func word(text []byte, start int) (end int, kinds uint8, hopeful bool) {
	hopeful = textHead(text[start:])
	for end = start; end < len(text); end++ {
		k := base64Run[text[end]]
		if k == 0 {
			break
		}
		kinds |= k
		if k&anySpecial != 0 && !hopeful {
			hopeful = textHead(text[end+1:])
		}
	}
	return end, kinds, hopeful
}

// textHead reports whether eight characters of base64 may be the head of text.
func textHead(b []byte) bool {
	if len(b) < 8 {
		return false
	}
	n := uint32(base64Value[b[0]])<<18 | uint32(base64Value[b[1]])<<12 | uint32(base64Value[b[2]])<<6 | uint32(base64Value[b[3]])
	first, second := byte(n>>16), byte(n>>8)
	if first >= 0x80 {
		return first >= 0xc2 && second >= 0x80 && second < 0xc0
	}
	if !textByte[first] || !textByte[second] || !textByte[byte(n)] && byte(n) < 0x80 {
		return false
	}
	n = uint32(base64Value[b[4]])<<18 | uint32(base64Value[b[5]])<<12 | uint32(base64Value[b[6]])<<6 | uint32(base64Value[b[7]])
	for shift := 0; shift < 24; shift += 8 {
		if c := byte(n >> shift); c < 0x80 && !textByte[c] {
			return false
		}
	}
	return true
}

// textByte marks the bytes that a character of text may begin with.
var textByte = func() (is [256]bool) {
	for c := range is {
		is[c] = c >= ' ' && c < 0x7f || c == '\n' || c == '\r' || c == '\t' || c >= 0xc2 && c <= 0xf4
	}
	return is
}()

// A candidate is a stretch that may be the head of a run.
type candidate struct {
	start, end int
	kinds      uint8
	hex        bool
}

// candidates adds to list what a word of base64 characters may be.
func candidates(list []candidate, text []byte, start, end int, kinds uint8) []candidate {
	if kinds&^anyHex == 0 {
		if end-start < shortestHex {
			return nil
		}
		return append(list, candidate{start, end, kinds, true}, candidate{start + 1, end, kinds, true})
	}
	if kinds&anySpecial != anySpecial {
		from := beforeEscape(text, start)
		list = append(list, candidate{from, end, kinds, false})
	}
	if kinds&anySpecial == 0 {
		return list
	}
	apart := uint8(anySpecial)
	if kinds&anySpecial == anySpecial {
		apart = isStandard
	}
	for i := start; i+shortestRun <= end; i++ {
		// The last special character of the shortest stretch that may begin here
		// rules out all that begin before it.
		last := i + shortestRun - 1
		for last >= i && base64Run[text[last]]&apart == 0 {
			last--
		}
		if last >= i {
			i = last
			continue
		}
		from, own := i, uint8(0)
		for i < end && base64Run[text[i]]&apart == 0 {
			own |= base64Run[text[i]]
			i++
		}
		if i-from >= shortestRun && i-from < end-start {
			list = append(list, candidate{from, i, own, own&^anyHex == 0})
		}
	}
	return list
}

// beforeEscape returns where a run begins that seems to begin at text[start]
// because of an escaped character before.
func beforeEscape(text []byte, start int) int {
	const longest = 512
	at := start
	for {
		from := at
		for from > 0 && start-from < longest && base64Run[text[from-1]] != 0 {
			from--
		}
		n := 0
		switch {
		case from > 0 && text[from-1] == '%':
			_, n = escaped64(text[from-1:])
			from--
		case from > 0 && text[from-1] == '\\':
			_, n = escaped64(text[from-1:])
			from--
		}
		if n == 0 || n == 1 {
			return at
		}
		for from > 0 && start-from < longest && base64Run[text[from-1]] != 0 {
			from--
		}
		at = from
	}
}

// shortestHex is how many hexadecimal digits are looked at: a chip's tag with
// a number of 16 digits.
const shortestHex = 20

// try decodes the head of a candidate. If that makes sense it takes the run.
func (e *embed) try(c candidate) (next int, took bool, err error) {
	text, p := e.p.text, e.p
	if !c.likely(text) {
		return 0, false, nil
	}
	r := newTextRun(c.hex, c.kinds)
	limit := len(text)
	if !p.end {
		limit = min(limit-escapeReach, c.start+farthest)
	}
	next, ended := r.read(text, c.start, limit)
	ended = ended || next == len(text)
	if !ended && !worthwhile(r.out, c.kinds) || ended && !p.promising(r.out) {
		return 0, false, nil
	}
	name := "base64"
	if c.hex {
		name = "hex"
	} else if c.kinds&isURL != 0 || ofToken(text, c.start, next) {
		name = "base64url"
	}
	out := p.unwrap(name, c.start)
	out.surely = true
	err = out.take(r.out, p.base+int64(next))
	r.out = r.out[:0]
	if ended {
		if closed := out.finish(); err == nil {
			err = closed
		}
		return next, true, err
	}
	e.open, e.out = r, out
	return next, true, err
}

// ofToken reports whether text[start:end] is a segment of a token as RFC 7515
// writes them: segments in base64url with a dot between.
func ofToken(text []byte, start, end int) bool {
	return end+1 < len(text) && text[end] == '.' && base64Run[text[end+1]] != 0 && text[start] == 'e' ||
		start > 1 && text[start-1] == '.' && base64Run[text[start-2]] != 0
}

// likely reports whether the first characters of a candidate speak for it.
func (c candidate) likely(text []byte) bool {
	if c.hex {
		return c.end-c.start >= shortestHex && !trackLike(text[c.start:c.end])
	}
	return c.mixed() || textQuads(text[c.start:c.end])
}

// textQuads reports whether the first characters of base64 may stand for text
// in ASCII or UTF-8.
func textQuads(b []byte) bool {
	var room [12]byte
	out := room[:0]
	for b = b[:min(len(b), shortestRun)]; len(b) >= 4; b = b[4:] {
		n := uint32(base64Value[b[0]])<<18 | uint32(base64Value[b[1]])<<12 | uint32(base64Value[b[2]])<<6 | uint32(base64Value[b[3]])
		out = append(out, byte(n>>16), byte(n>>8), byte(n))
		if !textual12(out[len(out)-3:]) && !textual12(out) {
			return false
		}
	}
	return textual12(out)
}

// mixed reports whether a word is long and mixed enough to be base64 of bytes
// that are no text.
func (c candidate) mixed() bool {
	return c.end-c.start >= shortestHex && c.kinds&(isUpper|isHexUpper) != 0 && c.kinds&(isLower|isHexLower) != 0 && c.kinds&(isNumber|anySpecial) != 0
}

// worthwhile reports whether the head of a long run may be the head of
// something: text, or any bytes that are written in all of the alphabet.
func worthwhile(head []byte, kinds uint8) bool {
	if textual12(head) {
		return true
	}
	return kinds&^anyHex == 0 || kinds&anyLetter == anyLetter && kinds&isNumber != 0
}

// trackLike reports whether hexadecimal text begins as a track 2 in text does,
// which the scanner reads.
func trackLike(text []byte) bool {
	n := 0
	for n < len(text) && text[n] >= '0' && text[n] <= '9' {
		n++
	}
	return n >= minDigits && n <= maxDigits && n < len(text) && text[n]|0x20 == 'd' && len(text) <= 40
}

// hexStretch returns where the first stretch of hexadecimal digits that is long
// enough begins, or the length.
func hexStretch(b []byte) int {
	for i := 0; i+shortestHex <= len(b); {
		j := i + shortestHex - 1
		for j >= i && nibbleOf[b[j]] <= 15 {
			j--
		}
		if j < i {
			return i
		}
		i = j + 1
	}
	return len(b)
}

// hexInside looks for hexadecimal text inside a word of other characters. It
// returns where to go on if there was a run, else 0.
func (e *embed) hexInside(start, end int) (next int, err error) {
	text := e.p.text
	for i := start + hexStretch(text[start:end]); i < end; i += hexStretch(text[i:end]) {
		stop := i + shortestHex
		for stop < end && nibbleOf[text[stop]] <= 15 {
			stop++
		}
		for _, c := range [...]candidate{{i, stop, anyHex, true}, {i + 1, stop, anyHex, true}} {
			if next, took, err := e.try(c); took || err != nil {
				return next, err
			}
		}
		i = stop
	}
	return 0, nil
}
