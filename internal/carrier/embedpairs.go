package carrier

import "bytes"

// pairRun marks the bytes of which bytes written in hexadecimal are made: with
// separators, escapes or the columns of a dump. Letters tell it from prose.
var pairRun = func() (s [256]uint8) {
	for c, v := range nibbleOf {
		if v <= 15 {
			s[c] = 1
		}
	}
	for _, c := range []byte(` :-,xX\|`) {
		s[c] = 1
	}
	return s
}()

const (
	pairStretch = 24 // bytes of the shortest run of pairs that is looked at
	minPairs    = 8  // bytes in it
)

// A pairs finds bytes that are written in hexadecimal one by one: dumps, with
// an offset before each line, and rows of pairs with something between.
type pairs struct {
	p    *probe
	at   int64 // lines that begin before have been looked at
	out  *unwrapping
	dump dumpShape
	last row
	cut  bool // the row goes on where it was cut, not on the next line
}

// find looks at the lines that begin before text[to] of the sight. A line ends
// within the sight, or is cut.
func (f *pairs) find(to int) error {
	for i := int(f.at - f.p.base); i < to; {
		if f.out != nil {
			next, err := f.goOn(i)
			if err != nil {
				return err
			}
			if next > i {
				i = next
				f.at = f.p.base + int64(i)
				continue
			}
		}
		hit := f.p.kinds.pairs(i, to)
		if hit >= to {
			f.at = f.p.base + int64(to)
			break
		}
		start, end := f.line(hit)
		if start < i {
			start = i
		}
		if err := f.begin(start, hit, end); err != nil {
			return err
		}
		if i = end + 1; f.out != nil && f.cut {
			i = f.last.end
		}
		f.at = f.p.base + int64(i)
	}
	if f.p.end {
		return f.finish()
	}
	return nil
}

// pairs returns where a stretch of bytes in hexadecimal may begin that does so
// before to, the length if none does.
func (k *kindMap) pairs(from, to int) int {
	for {
		from = k.run(ofPair, pairStretch, from, to)
		if from == k.size {
			return from
		}
		if digits := k.count(ofHex, from, pairStretch); digits >= pairStretch/2-2 && digits < pairStretch && inRows(k.window(ofHex, from)) {
			return from
		}
		from += pairStretch - minPairs
	}
}

// inRows reports whether hexadecimal digits stand in groups of two, four or
// eight at one distance, for as many bytes as the shortest card number fills. A
// date with a time is five groups of two.
func inRows(digits uint64) bool {
	begins := digits &^ (digits << 1)
	two := digits & (digits >> 1)
	four := two & (two >> 2)
	eight := four & (four >> 4)
	pairs, fours, eights := begins&two&^(digits>>2), begins&four&^(digits>>4), begins&eight&^(digits>>8)
	return spaced(pairs, 3, 6) || spaced(pairs, 4, 6) || spaced(pairs, 5, 6) || spaced(pairs, 6, 6) ||
		spaced(fours, 5, 3) || spaced(fours, 6, 3) || spaced(fours, 8, 3) || spaced(eights, 9, 3) || spaced(eights, 10, 3) || spaced(eights, 12, 3)
}

// spaced reports whether n bits are set at one distance.
func spaced(bits uint64, distance, n int) bool {
	for ; n > 1 && bits != 0; n-- {
		bits &= bits >> distance
	}
	return bits != 0
}

// longestLine is how much of a line is looked at.
const longestLine = 1 << 10

// line returns the bounds of the line around text[at].
func (f *pairs) line(at int) (start, end int) {
	text := f.p.text
	from := max(0, at-longestLine/2)
	start = from + bytes.LastIndexByte(text[from:at], '\n') + 1
	end = min(len(text), at+longestLine)
	if n := bytes.IndexByte(text[at:end], '\n'); n >= 0 {
		end = at + n
	}
	return start, end
}

// begin looks for a dump or a row of pairs on the line text[start:end], in
// which pairs may stand at text[hit].
func (f *pairs) begin(start, hit, end int) error {
	text := f.p.text
	if f.p.f.covered.holds(f.p.base + int64(hit)) {
		return nil
	}
	if l, ok := firstDumpLine(text[start:end]); ok {
		f.dump = l.shape
		f.out = f.p.unwrap("hexdump", start)
		return f.dumped(l, start, end)
	}
	for i := hit; i < end; {
		r := rowAt(text[:end], i)
		if len(r.bytes) < minPairs {
			i = max(r.end, i+1)
			continue
		}
		f.out = f.p.unwrap("hex", i)
		f.dump = dumpShape{}
		f.last = r
		if err := f.out.take(r.bytes, f.p.base+int64(r.end)); err != nil {
			return err
		}
		if f.cut = isCut(text, r.end, end); f.cut || r.goesOn(text, end) && !r.isCard() {
			return nil // a card number by itself is one in a list of them
		}
		if err := f.finish(); err != nil {
			return err
		}
		i = r.end
	}
	return nil
}

// isCut reports whether a row that ends at text[at] may go on behind what was
// looked at of its line.
func isCut(text []byte, at, end int) bool {
	const longestToken = 16
	return at > end-longestToken && end < len(text) && text[end] != '\n'
}

// goOn reads the next line if it belongs to what is open, else ends that. It
// returns where the line after begins, or i.
func (f *pairs) goOn(i int) (next int, err error) {
	text := f.p.text
	if i >= len(text) {
		return i, f.finish()
	}
	_, end := f.line(i)
	if f.dump.width > 0 {
		l, ok := f.dump.next(text[i:end])
		if !ok {
			return i, f.finish()
		}
		return end + 1, f.dumped(l, i, end)
	}
	if f.cut {
		return f.afterCut(i, end)
	}
	start := i
	for start < end && (text[start] == ' ' || text[start] == '\t' || text[start] == '"') {
		start++
	}
	r := rowAt(text[:end], start)
	if len(r.bytes) == 0 || !r.follows(f.last) {
		return i, f.finish()
	}
	if err := f.out.take(r.bytes, f.p.base+int64(r.end)); err != nil {
		return i, err
	}
	f.last = r
	if !r.goesOn(text, end) {
		err = f.finish()
	}
	return end + 1, err
}

// afterCut reads on in a row that was cut at text[i].
func (f *pairs) afterCut(i, end int) (next int, err error) {
	text := f.p.text
	start := i
	if n := afterSeparator(text, i); n >= 0 {
		start = n
	}
	r := rowAt(text[:end], start)
	if len(r.bytes) == 0 || r.prefix != f.last.prefix || r.group != f.last.group {
		f.cut = false
		return i, f.finish()
	}
	if err := f.out.take(r.bytes, f.p.base+int64(r.end)); err != nil {
		return i, err
	}
	f.last = r
	if f.cut = isCut(text, r.end, end); !f.cut && !r.goesOn(text, end) {
		return r.end, f.finish()
	}
	if f.cut {
		return r.end, nil
	}
	return end + 1, nil
}

// dumped takes a line of a dump.
func (f *pairs) dumped(l dumpLine, start, end int) error {
	f.dump = l.shape
	if l.gutter {
		f.p.f.covered.add(f.p.base+int64(start), f.p.base+int64(end))
	}
	return f.out.take(l.bytes, f.p.base+int64(start+l.end))
}

func (f *pairs) finish() error {
	if f.out == nil {
		return nil
	}
	out := f.out
	f.out, f.dump, f.cut = nil, dumpShape{}, false
	return out.finish()
}

// A row is bytes in hexadecimal with one separator between.
type row struct {
	bytes     []byte
	prefix    int    // characters before each: \x or 0x
	separator string // between them
	group     int    // bytes that stand together
	end       int
}

// rowAt reads the row that begins at text[i], which has no bytes if there is
// none.
func rowAt(text []byte, i int) (r row) {
	r.end = i
	if i > 0 && alnum(text[i-1]) {
		return r
	}
	r.prefix = prefixAt(text, i)
	for {
		n := hexDigits(text, i+r.prefix)
		if r.group == 0 {
			r.group = n / 2
		}
		if n == 0 || n != 2*r.group || r.group > 4 || r.group == 3 || n%2 == 1 {
			return r
		}
		for k := range r.group {
			r.bytes = append(r.bytes, nibbleOf[text[i+r.prefix+2*k]]<<4|nibbleOf[text[i+r.prefix+2*k+1]])
		}
		i += r.prefix + n
		r.end = i
		next := afterSeparator(text, i)
		if r.prefix > 0 && i < len(text) && prefixAt(text, i) == r.prefix {
			next = i
		}
		if next < 0 || prefixAt(text, next) != r.prefix {
			return r
		}
		between := string(text[i:next])
		if len(r.bytes) == r.group {
			r.separator = between
		}
		if between != r.separator && !(r.separator == " " && (between == "  " || between == "-" || between == " - ")) {
			return r
		}
		i = next
	}
}

// prefixAt returns the length of what may stand before a byte in hexadecimal.
func prefixAt(text []byte, i int) int {
	if i+1 < len(text) && (text[i] == '\\' && text[i+1] == 'x' || text[i] == '0' && text[i+1]|0x20 == 'x') {
		return 2
	}
	return 0
}

// hexDigits returns how many hexadecimal digits begin at text[i].
func hexDigits(text []byte, i int) int {
	n := 0
	for i+n < len(text) && n <= 16 && nibbleOf[text[i+n]] <= 15 {
		n++
	}
	return n
}

// afterSeparator returns where the next value begins after the separator at
// text[i], negative if there is none.
func afterSeparator(text []byte, i int) int {
	const longest = 3
	start := i
	for i < len(text) && i-start <= longest {
		switch text[i] {
		case ' ', ':', '-', ',', '|':
			i++
		default:
			if i == start {
				return -1
			}
			return i
		}
	}
	return -1
}

// goesOn reports whether a row may go on on the next line: it ends its line,
// after a comma or with as many bytes as programs write on one.
func (r row) goesOn(text []byte, end int) bool {
	rest := bytes.TrimRight(text[r.end:end], " \r\t\"\\")
	if string(rest) == "," {
		return true
	}
	if len(rest) > 0 || r.prefix > 0 && r.separator != "" {
		return false
	}
	switch len(r.bytes) {
	case 8, 16, 20, 24, 32, 48, 64:
		return true
	}
	return false
}

// isCard reports whether a row is a card number and nothing else.
func (r row) isCard() bool {
	var h heldNumber
	return h.readPAN(r.bytes, len(r.bytes), inASCII) || h.readPAN(r.bytes, len(r.bytes), inEBCDIC)
}

// follows reports whether a row goes on where another ended.
func (r row) follows(last row) bool {
	return r.prefix == last.prefix && r.group == last.group && len(r.bytes) <= len(last.bytes) &&
		(r.separator == last.separator || r.separator == "" || last.separator == "")
}
