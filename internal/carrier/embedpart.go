package carrier

import (
	"bytes"
	"io"
	"iter"
	"slices"
)

// maxHeld is how many decoded bytes of a run are held before they are given
// on. A run that decodes to more is given on piece by piece, and what is found
// in it has the place from its start to the end of the piece.
const maxHeld = 1 << 20

// An unwrapping turns a run of a flow into a part of its own.
type unwrapping struct {
	p          *probe
	name       string // of the encoding
	start, end int64  // offsets in the flow
	run        *run   // where it stands in the part; that of the outer run if there is one
	own        bool   // run is ours to lengthen
	held       []byte
	surely     bool // it is a part, whatever is in it
	feed       *feed
}

// unwrap begins a run at text[at].
func (p *probe) unwrap(name string, at int) *unwrapping {
	u := &unwrapping{p: p, name: name, start: p.base + int64(at), run: p.f.at.run}
	if u.run == nil {
		u.own = true
		u.run = &run{offset: p.f.origin(u.start)}
		if !p.f.binary {
			line, start := p.position(at)
			u.run.line, u.run.column = line, u.start-start+1
		}
	}
	return u
}

// take adds decoded bytes. The run goes up to offset end by now.
func (u *unwrapping) take(b []byte, end int64) error {
	u.end = end
	for len(b) > 0 {
		n := min(len(b), maxHeld-len(u.held))
		u.held = append(u.held, b[:n]...)
		b = b[n:]
		if len(u.held) == maxHeld {
			if err := u.pass(); err != nil {
				return err
			}
		}
	}
	return nil
}

// pass gives on what is held.
func (u *unwrapping) pass() error {
	if u.feed == nil {
		u.feed = newFeed(func(r io.Reader) error { return u.part(&Part{R: r, Size: -1}, false) })
	}
	u.lengthen()
	err := u.feed.push(u.held)
	u.held = u.held[:0]
	return err
}

func (u *unwrapping) lengthen() {
	if u.own {
		u.run.length = u.p.f.origin(u.end) - u.run.offset
	}
}

// finish ends the run: if it may hold something it is examined.
func (u *unwrapping) finish() error {
	defer func() { clear(u.held[:cap(u.held)]) }()
	if u.feed != nil {
		if len(u.held) > 0 {
			if err := u.pass(); err != nil {
				u.feed.end()
				return err
			}
		}
		return u.feed.end()
	}
	if !u.surely && !u.p.promising(u.held) {
		return nil
	}
	u.lengthen()
	size := int64(len(u.held))
	return u.part(&Part{R: bytes.NewReader(u.held), At: bytes.NewReader(u.held), Size: size}, size < surelyContainer)
}

// surelyContainer is from how many bytes on a container that does not read as
// one is called broken: shorter runs may begin like one by chance.
const surelyContainer = 1 << 10

// part examines what was decoded.
func (u *unwrapping) part(part *Part, guess bool) error {
	f, x := u.p.f, u.p.x
	at := place{path: f.at.path, chain: append(slices.Clip(f.at.chain), u.name), depth: f.at.depth + 1, run: u.run, guess: guess}
	if at.depth > x.meter.budget.Depth {
		x.refuse(at, OverBudget, part.Size)
		return nil
	}
	part.unpacked = &unpacking{r: part.R, m: &x.meter}
	part.R = part.unpacked
	before := x.emitted
	err := x.part(at, part)
	if x.emitted > before {
		f.covered.add(u.start, u.end)
	}
	return err
}

// A feed runs an examination that reads what is pushed to it, on the same
// goroutine's time.
type feed struct {
	next    func() (struct{}, bool)
	stop    func()
	pending []byte
	ended   bool
	err     error
}

func newFeed(examine func(io.Reader) error) *feed {
	f := &feed{}
	f.next, f.stop = iter.Pull(func(yield func(struct{}) bool) {
		f.err = examine(&feedReader{f, yield})
	})
	return f
}

// push gives b to the examination, which has read it all or needs no more when
// push returns.
func (f *feed) push(b []byte) error {
	f.pending = b
	if _, more := f.next(); !more {
		f.ended = true
	}
	return f.err
}

// end says that there is no more, and returns what came of it.
func (f *feed) end() error {
	f.pending, f.ended = nil, true
	for more := true; more; {
		_, more = f.next()
	}
	f.stop()
	return f.err
}

type feedReader struct {
	f     *feed
	yield func(struct{}) bool
}

func (r *feedReader) Read(b []byte) (int, error) {
	for len(r.f.pending) == 0 {
		if r.f.ended || !r.yield(struct{}{}) {
			return 0, io.EOF
		}
	}
	n := copy(b, r.f.pending)
	r.f.pending = r.f.pending[n:]
	return n, nil
}
