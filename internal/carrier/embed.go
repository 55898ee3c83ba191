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
		start, end := nextRun(text, i, to, &base64Run)
		if start >= to {
			break
		}
		next, err := e.look(start, end, to)
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
func (e *embed) look(start, end, to int) (next int, err error) {
	text := e.p.text
	limit := min(len(text), start+farthest)
	var kinds uint8
	for _, c := range text[start:end] {
		kinds |= base64Run[c]
	}
	for end < limit && base64Run[text[end]] != 0 {
		kinds |= base64Run[text[end]]
		end++
	}
	if e.p.f.covered.holds(e.p.base + int64(start)) {
		return end, nil
	}
	if kinds&^anyHex != 0 {
		if next, err := e.hexInside(start, end); next > 0 || err != nil {
			return next, err
		}
	}
	for _, c := range candidates(text, start, end, kinds) {
		next, took, err := e.try(c)
		if took || err != nil {
			return next, err
		}
	}
	e.skip = end == limit && end < len(text)
	return end, nil
}

// A candidate is a stretch that may be the head of a run.
type candidate struct {
	start, end int
	kinds      uint8
	hex        bool
}

// candidates lists what a word of base64 characters may be.
func candidates(text []byte, start, end int, kinds uint8) []candidate {
	if kinds&^anyHex == 0 {
		if end-start < shortestHex {
			return nil
		}
		list := []candidate{{start, end, kinds, true}}
		return append(list, candidate{start + 1, end, kinds, true})
	}
	var list []candidate
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
	for i := start; i < end; i++ {
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
	} else if c.kinds&isURL != 0 {
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

// likely reports whether the first characters of a candidate speak for it.
func (c candidate) likely(text []byte) bool {
	if c.hex {
		return c.end-c.start >= shortestHex && !trackLike(text[c.start:c.end])
	}
	head := textRun{values: &base64Value, bits: 6}
	var room [16]byte
	head.out = room[:0]
	head.read(text[:c.end], c.start, min(c.end, c.start+shortestRun))
	if textual12(head.out) {
		return true
	}
	mixed := c.kinds&(isUpper|isHexUpper) != 0 && c.kinds&(isLower|isHexLower) != 0 && c.kinds&(isNumber|anySpecial) != 0
	return mixed && c.end-c.start >= shortestHex
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

// hexInside looks for hexadecimal text inside a word of other characters. It
// returns where to go on if there was a run, else 0.
func (e *embed) hexInside(start, end int) (next int, err error) {
	text := e.p.text
	for i := start; i+shortestHex <= end; {
		j := i + shortestHex - 1
		for j >= i && hexValue[text[j]] <= 15 {
			j--
		}
		if j >= i {
			i = j + 1
			continue
		}
		stop := i + shortestHex
		for stop < end && hexValue[text[stop]] <= 15 {
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
