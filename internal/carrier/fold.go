package carrier

import (
	"bytes"

	"github.com/stanch/stanch/scan"
)

const (
	foldContext = scan.Reach // bytes on either side of what is folded, for labels
	foldGap     = 1 << 10    // bytes between two numbers that are folded together
	foldRegion  = 4 << 10    // bytes from the first to the last number of a region
	foldBack    = 128        // bytes before a trigger where its number may begin

	foldAhead  = 4 << 10 // bytes that must follow a trigger before it is looked at
	foldBehind = 8 << 10 // bytes that are kept before it
)

// A fold is a tap for numbers that are written oddly: digits as entities or
// escapes, tags and soft breaks between digits, blanks of other kinds, other
// encodings. It looks for triggers, and only where one stands in what may be a
// number are the bytes around it folded back and scanned.
type fold struct {
	x *examination
	f *flow

	text   []byte // what is looked at: carry, or the block that is being written
	base   int64  // offset of text[0] in the flow
	carry  []byte // the last bytes, for the next block
	next   int64  // triggers before this offset have been looked at
	looked int64  // the last one stood before this offset

	finder   finder
	long     reading // of a chain that goes on at next, nil if none does
	longKind odd
	begin    int64 // of the text in another encoding that is looked at

	region region
	owned  int64  // numbers that begin before this offset were scanned
	chain  folded // the number around the last trigger
	page   folded // the last region
	lines  lineCounter
}

// A region is a stretch that holds numbers to be folded.
type region struct {
	open     bool
	begin    int64 // of what is folded
	from, to int64 // of the first and the last number
	read     reading
	kind     odd // that all of it is written in, 0 for text
	wraps    []wrap
}

// A reading is how the bytes of a region are read.
type reading func(text []byte, i int) element

// newFold returns a tap on f.
func (x *examination) newFold(f *flow) *fold {
	t := &fold{x: x, f: f, base: f.start.Offset, next: f.start.Offset, owned: f.start.Offset}
	t.lines = lineCounter{at: t.base, line: max(f.start.Line, 1), start: t.base - max(f.start.Column, 1) + 1}
	return t
}

// write looks at a large block where it lies. Only its ends are copied, to be
// looked at together with the blocks beside it.
func (t *fold) write(block []byte) {
	const kept = foldBehind + foldAhead
	if len(block) < 2*kept {
		t.take(block)
		return
	}
	end := t.base + int64(len(t.carry)) + int64(len(block))
	t.take(block[:kept])
	t.search(len(t.text) - foldAhead)
	t.pass(end - int64(len(block)) - t.base)
	t.text = block
	t.search(len(block) - foldAhead)
	t.pass(int64(len(block) - kept))
	t.carry = append(t.carry[:0], block[len(block)-kept:]...)
	t.text = t.carry
}

// take adds a small block to the carry and looks at what is ripe.
func (t *fold) take(block []byte) {
	const most = 2 * (foldBehind + foldAhead)
	t.carry = append(t.carry, block...)
	t.text = t.carry
	if len(t.carry) <= most {
		return
	}
	t.search(len(t.text) - foldAhead)
	drop := int(t.next-t.base) - foldBehind
	t.pass(int64(drop))
	t.carry = t.carry[:copy(t.carry, t.carry[drop:])]
	t.text = t.carry
}

// pass moves the beginning of the text n bytes on.
func (t *fold) pass(n int64) {
	if !t.f.binary {
		t.lines.advance(t.text, t.base, t.base+n)
	}
	t.base += n
}

// close looks at the rest and wipes it.
func (t *fold) close() {
	t.search(len(t.text))
	t.flush()
	clear(t.carry[:cap(t.carry)])
	clear(t.chain.out[:cap(t.chain.out)])
	clear(t.page.out[:cap(t.page.out)])
	t.text, t.carry, t.finder.text = nil, nil, nil
}

// search looks at the triggers before text[to], each once.
func (t *fold) search(to int) {
	t.finder.text, t.finder.count = t.text, 0
	for i := int(t.next - t.base); i < to; t.next = t.base + int64(i) {
		if t.long != nil {
			t.settle(i)
			i = t.follow(t.long, t.longKind, i)
			continue
		}
		i = t.finder.find(max(i, int(t.looked-t.base)), to)
		if i < to {
			t.looked = t.base + int64(i) + 1
			t.settle(i)
			i = t.check(i)
		}
	}
	t.settle(int(t.next - t.base))
}

// settle scans the region if no trigger from text[p] on can add to it.
func (t *fold) settle(p int) {
	if t.region.open && t.base+int64(p)-foldBack > t.region.to+foldGap {
		t.flush()
	}
}

// hit takes text[from:to], which holds a number, into the region.
func (t *fold) hit(read reading, kind odd, from, to int, wraps ...wrap) {
	r := &t.region
	start, end := t.base+int64(from), t.base+int64(to)
	if r.open && (r.kind != kind || start > r.to+foldGap || end > r.from+foldRegion) {
		t.flush()
	}
	if !r.open {
		*r = region{open: true, begin: max(t.f.start.Offset, start-foldContext), from: start, to: end, read: read, kind: kind, wraps: r.wraps[:0]}
		if kind != 0 {
			r.begin = max(r.begin, t.begin)
		}
	}
	r.from, r.to = min(r.from, start), max(r.to, end)
	r.wraps = append(r.wraps, wraps...)
}

// flush folds the region, scans it and reports the numbers it owns.
func (t *fold) flush() {
	r := &t.region
	if !r.open {
		return
	}
	r.open = false
	from := int(r.begin - t.base)
	to := min(len(t.text), int(r.to-t.base)+foldContext)
	t.page.reset()
	t.page.fold(t.text, from, to, r, t.base)
	o := t.x.options.Scan
	o.Start = scan.Position{}
	if t.base+int64(from) > 0 {
		o.Start.Offset = 1 // no column names here
	}
	s := scan.New(o, func(m *scan.Match) { t.report(m, int(o.Start.Offset)) })
	s.Write(t.page.out)
	s.Close()
	t.owned = max(t.owned, r.to)
}

// report passes on a match in the page, if its number is written oddly and
// belongs to the region.
func (t *fold) report(m *scan.Match, shift int) {
	page := &t.page
	start, end := page.number(int(m.Offset)-shift, len(m.Digits))
	if end < 0 {
		return
	}
	kinds := page.oddness(t.text, start, end)
	at := t.base + int64(page.pieces[start].start)
	if kinds&oddWrap != 0 && t.f.at.rendered {
		return // its lines are paragraphs, cells and rows, and were never wrapped
	}
	if kinds == 0 || at < max(t.owned, t.region.from-longestElement) || at >= t.region.to {
		return
	}
	moved := *m
	moved.Offset, moved.Length = t.traced(int(m.Offset)-shift, int(m.Length))
	if t.f.covered.holds(moved.Offset) {
		return
	}
	moved.Parts = make([]scan.Part, len(m.Parts))
	for i, p := range m.Parts {
		offset, length := t.traced(int(p.Offset)-shift, int(p.Length))
		moved.Parts[i] = scan.Part{Class: p.Class, Offset: offset, Length: length}
	}
	if t.weak(at, t.base+int64(page.pieces[end-1].end)) {
		moved.Confidence = max(moved.Confidence-1, scan.Low)
	}
	if !t.f.binary {
		moved.Line, moved.Column = t.place(moved.Offset)
	}
	t.x.found(t.f, &moved, kinds.names()...)
}

// traced returns where a piece of the page stands in the flow.
func (t *fold) traced(at, length int) (int64, int64) {
	pieces := t.page.pieces[at : at+length]
	start := pieces[0].start
	return t.base + int64(start), int64(pieces[len(pieces)-1].end - start)
}

// place returns line and column of an offset. Matches of one region may come
// out of order by a little, so lines are counted up to the region for good.
func (t *fold) place(offset int64) (line, column int64) {
	t.lines.advance(t.text, t.base, min(offset, t.region.from)-foldContext)
	c := t.lines
	c.advance(t.text, t.base, offset)
	return c.line, offset - c.start + 1
}

// A lineCounter counts lines up to an offset.
type lineCounter struct {
	at    int64 // counted up to here
	line  int64
	start int64 // of the line
}

// advance counts on to the offset to, if that is ahead. The text begins at
// base and holds all that is to be counted.
func (c *lineCounter) advance(text []byte, base, to int64) {
	if to <= c.at {
		return
	}
	passed := text[c.at-base : to-base]
	if n := bytes.Count(passed, []byte{'\n'}); n > 0 {
		c.line += int64(n)
		c.start = c.at + int64(bytes.LastIndexByte(passed, '\n')) + 1
	}
	c.at = to
}
