package carrier

import (
	"bytes"

	"github.com/stanch/stanch/scan"
)

// A wrap is a line break inside a number, with what begins the next line.
type wrap struct {
	at   int64 // offset of the break
	n    int   // bytes of the break and of what begins the next line
	out  rune  // blank or nothing
	weak bool  // little but the digits speaks for it
}

// wrapReach is how far lines are followed on either side of a wrap.
const wrapReach = 512

// checkWrap looks at a line break. Many lines end in digits and many begin
// with some, so a number across the break must be a card by its digits, and
// the lines must not look like rows.
func (t *fold) checkWrap(p int) int {
	if dated(t.text, p+1) {
		return p + 1
	}
	b, ok := breakAt(t.text, p)
	if !ok || !b.mayBeNumber(t.text) {
		return p + 1
	}
	for _, out := range b.ways() {
		from, to := t.across(b, out)
		if to == 0 || !b.findLines(t.text) || b.inRows(t.text, from, to) {
			continue
		}
		n := b.right - b.left
		weak := !(b.separators(t.text, from, to) && (out == ' ' || b.dash) || b.wrapped(t.text)) || amongNumbers(t.text, from, to)
		t.hit(elementAt, 0, from, to, wrap{t.base + int64(b.left), n, out, weak})
		break
	}
	return p + 1
}

// dated reports whether a line begins with a date, a time or an address, as
// most lines of logs do.
func dated(text []byte, line int) bool {
	end := line
	for end < len(text) && decimal(text[end]) {
		if end++; end-line > maxDigits {
			return true
		}
	}
	if end+3 >= len(text) || end == line || !decimal(text[end+1]) {
		return false
	}
	switch text[end] {
	case '.', ':', '/':
		return true
	case '-':
		return decimal(text[end+2]) && text[end+3] == '-'
	}
	return false
}

// A lineBreak stands between two lines, of which one ends with digits and the
// next begins with digits.
type lineBreak struct {
	left, right int  // where the digits end and go on
	dash        bool // the left line ends in one after the digits

	start  int // of the left line's first byte, -1 if that is too far back
	margin int // bytes of what begins the left line: blanks, a quote or comment mark
	indent int // the same of the right line
	marked bool
}

// breakAt reads the break at text[p].
func breakAt(text []byte, p int) (b lineBreak, ok bool) {
	b.left, b.right = p, p+1
	if text[p] == '\r' {
		if b.right == len(text) || text[b.right] != '\n' {
			return b, false
		}
		b.right++
	}
	if p > 1 && text[p-1] == ' ' {
		b.left--
	}
	b.dash = b.left > 1 && text[b.left-1] == '-'
	if last := b.left - 1; last < 1 || !decimal(text[last]) && !(b.dash && decimal(text[last-1])) {
		return b, false
	}
	b.indent = marginOf(text[b.right:])
	b.right += b.indent
	return b, b.right < len(text) && decimal(text[b.right])
}

// mayBeNumber tells most breaks between other numbers: what stands on the two
// sides is too short or too long, or it is one run of digits on each and they
// are no card together.
func (b *lineBreak) mayBeNumber(text []byte) bool {
	left, right := digitsEnding(text[:b.left]), digitRun(text[b.right:])
	if left >= maxDigits || right >= maxDigits {
		return false
	}
	from, to := b.left-left, b.right+right
	if from > 1 && (text[from-1] == ' ' || text[from-1] == '-') && decimal(text[from-2]) || b.dash ||
		to+1 < len(text) && (text[to] == ' ' || text[to] == '-') && decimal(text[to+1]) {
		return true
	}
	if left+right < minDigits || left+right > maxDigits {
		return false
	}
	var room [maxDigits]byte
	return passesForCard(append(append(room[:0], text[from:b.left]...), text[b.right:to]...))
}

// findLines finds out how the two lines begin. It returns false if only one of
// them is quoted or a comment.
func (b *lineBreak) findLines(text []byte) bool {
	from := max(0, b.left-wrapReach)
	b.start = from + bytes.LastIndexByte(text[from:b.left], '\n') + 1
	if b.start == from && from > 0 {
		b.start = -1
		return true
	}
	b.margin = marginOf(text[b.start:])
	mark := bytes.TrimSpace(text[b.right-b.indent : b.right])
	b.marked = len(mark) > 0
	return !b.marked || bytes.Equal(mark, bytes.TrimSpace(text[b.start:b.start+b.margin]))
}

// marginOf returns the length of what may begin a line before its text: blanks,
// and the marks of quotes and comments.
func marginOf(line []byte) int {
	const longest = 40
	for i, c := range line[:min(len(line), longest)] {
		switch c {
		case ' ', '\t', '>', '*', '#', '/', ';', '|':
		default:
			return i
		}
	}
	return 0
}

// ways are what the break may stand for, the likelier first.
func (b *lineBreak) ways() []rune {
	if b.dash {
		return []rune{nothing}
	}
	return []rune{' ', nothing}
}

// across returns where a card number stands that goes over the break, if the
// break stands for out. The end is 0 if there is none.
func (t *fold) across(b lineBreak, out rune) (from, to int) {
	const longest = 2*maxDigits + 8
	text, chain := t.text, &t.chain
	start, end := b.left, b.right
	for start > 0 && b.left-start < longest && inNumber(text[start-1]) {
		start--
	}
	for end < len(text) && end-b.right < longest && inNumber(text[end]) {
		end++
	}
	chain.reset()
	for i := start; i < b.left; i++ {
		chain.append(text[i], i, i+1, 0)
	}
	chain.add(text, b.left, element{b.right - b.left, out, oddWrap})
	for i := b.right; i < end; i++ {
		chain.append(text[i], i, i+1, chain.joined)
	}
	scan.DigitMatcher{}.Find(chain.out, 0, len(chain.out), func(c scan.Candidate) bool {
		first, last := int(chain.pieces[c.Start].start), int(chain.pieces[c.End-1].end)
		if c.Shape == scan.RunX || first >= b.left || last <= b.right || chain.holdsPlain(c.Start, c.End) ||
			!chain.isCard(c) || numberBeside(text, first, last) {
			return true
		}
		from, to = first, last
		return false
	})
	return from, to
}

func inNumber(c byte) bool { return decimal(c) || c == ' ' || c == '-' }

// numberBeside reports whether text[from:to] goes on, before or after, as
// dates, times, amounts and addresses do.
func numberBeside(text []byte, from, to int) bool {
	if from > 1 && decimal(text[from-2]) && bytes.IndexByte([]byte(".:/,-_"), text[from-1]) >= 0 {
		return true
	}
	return to+1 < len(text) && decimal(text[to+1]) && bytes.IndexByte([]byte(".:/-_"), text[to]) >= 0
}

// amongNumbers reports whether a blank and a digit stand before or after
// text[from:to].
func amongNumbers(text []byte, from, to int) bool {
	return from > 1 && text[from-1] == ' ' && decimal(text[from-2]) || to+1 < len(text) && text[to] == ' ' && decimal(text[to+1])
}

// weak reports whether a number at these offsets rests on a weak wrap.
func (t *fold) weak(from, to int64) bool {
	for _, w := range t.region.wraps {
		if w.weak && w.at >= from && w.at < to {
			return true
		}
	}
	return false
}
