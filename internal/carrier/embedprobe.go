package carrier

import (
	"io"
	"slices"

	"github.com/stanch/stanch/scan"
)

// A probe is the tap for what is written in bytes in another form than digits
// in a row: the structures of payment, and runs of text that stand for bytes.
type probe struct {
	sight
	kinds kindMap // of the bytes in sight
	x     *examination
	f     *flow
	wire  wireReader
	rows  pairs
	runs  embed
}

// probe returns the probe of a flow.
func (x *examination) probe(f *flow) *probe {
	p := &probe{x: x, f: f}
	p.base = f.start.Offset
	p.lines, p.lineStart = max(f.start.Line, 1), p.base-max(f.start.Column, 1)+1
	p.rows = pairs{p: p, at: p.base}
	p.runs = embed{p: p, at: p.base}
	p.wire.kinds = &p.kinds
	p.wire.nested = f.at.run != nil
	p.wire.emit = p.found
	p.wire.cover = f.covered.add
	return p
}

func (p *probe) write(block []byte) error {
	for len(block) > 0 {
		if p.full() {
			if err := p.judge(); err != nil {
				return err
			}
			p.slide()
		}
		block = p.fill(block)
	}
	return nil
}

func (p *probe) close() error {
	p.end = true
	err := p.judge()
	p.wipe()
	p.wire.arrays = arrays{}
	return err
}

// judge looks at what can be seen whole.
func (p *probe) judge() error {
	limit := p.limit()
	p.kinds.read(p.text)
	p.wire.find(p.text, p.base, p.next, limit)
	err := p.rows.find(limit)
	if err == nil {
		err = p.runs.find(limit)
	}
	p.next = limit
	return err
}

// found passes on what stands in a payment structure of the flow.
func (p *probe) found(m *scan.Match, form ...string) {
	line, start := p.position(max(0, int(m.Offset-p.base)))
	m.Line, m.Column = line, m.Offset-start+1
	p.x.found(p.f, m, form...)
}

// A lag hands on what is written to it when so much more has been written that
// a tap must have seen it.
type lag struct {
	to   io.Writer
	held []byte
}

func (l *lag) write(b []byte) {
	if over := len(l.held) + len(b) - sightSize; over >= len(l.held) {
		l.to.Write(l.held)
		l.to.Write(b[:over-len(l.held)])
		l.held, b = l.held[:0], b[over-len(l.held):]
	} else if over > 0 {
		l.to.Write(l.held[:over])
		l.held = l.held[:copy(l.held, l.held[over:])]
	}
	l.held = append(l.held, b...)
}

// close hands on the rest.
func (l *lag) close() {
	l.to.Write(l.held)
	clear(l.held[:cap(l.held)])
	l.held = nil
}

// spans are stretches of a flow, in order.
type spans []span

type span struct{ from, to int64 }

const maxSpans = 4096 // of the latest; more do not fit between a tap and the scanner

// add takes a stretch. Stretches come roughly in order.
func (s *spans) add(from, to int64) {
	list := *s
	if len(list) == 2*maxSpans {
		list = list[:copy(list, list[maxSpans:])]
	}
	i := len(list)
	for i > 0 && list[i-1].from > from {
		i--
	}
	if i > 0 && from <= list[i-1].to+1 {
		list[i-1].to = max(list[i-1].to, to)
	} else {
		list = slices.Insert(list, i, span{from, to})
	}
	*s = list
}

// holds reports whether a byte lies in one of the stretches.
func (s spans) holds(at int64) bool {
	i, exact := slices.BinarySearchFunc(s, at, func(e span, at int64) int { return int(e.from - at) })
	if !exact {
		i--
	}
	return i >= 0 && i < len(s) && at < s[i].to
}

// meets reports whether one of the stretches shares bytes with another.
func (s spans) meets(from, to int64) bool {
	if len(s) == 0 || s[len(s)-1].to <= from {
		return false
	}
	if s.holds(from) {
		return true
	}
	i, _ := slices.BinarySearchFunc(s, from, func(e span, at int64) int { return int(e.from - at) })
	return i < len(s) && s[i].from < to
}
