package carrier

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"path"
	"slices"

	"github.com/stanch/stanch/card"
	"github.com/stanch/stanch/scan"
)

// maxBlock is how much is read at once at most: what is larger has left the
// nearest cache again when it is scanned.
const maxBlock = 128 << 10

// Examine reads the input and all that it holds, calls emit for each match in
// order, and returns what it read and what it could not. Emit must not keep
// the match or its digits. The error is nil unless ctx was cancelled: whatever
// is wrong with the input is in the report, and never stops the rest of it. A
// deadline on ctx ends the examination with the cause timeout.
func Examine(ctx context.Context, in Input, o Options, emit func(*Match)) (Report, error) {
	x := &examination{
		options:  o,
		registry: o.Registry,
		meter:    meter{ctx: ctx, budget: o.Budget.filled(), input: max(in.Size, 0), sized: in.Size >= 0},
		named:    make(map[string]bool),
	}
	x.emit = func(m *Match) {
		x.emitted++
		emit(m)
	}
	if x.registry == nil {
		x.registry = Builtin()
	}
	src := &source{in: in, m: &x.meter}
	place := place{path: card.MaskText(in.Name), name: path.Base(in.Name)}
	if o.Start.Offset == 0 {
		x.label(place.path, place.name, "name")
	}
	size := in.Size
	if size < 0 {
		size = 1<<63 - 1
	}
	stop := x.part(place, &Part{Name: place.name, R: io.NewSectionReader(src, 0, size), At: src, Size: in.Size})
	if errors.Is(stop, context.Canceled) {
		return x.report, stop
	}
	return x.report, nil
}

// An examination is the work on one input. It belongs to one goroutine.
type examination struct {
	options  Options
	registry *Registry
	emit     func(*Match)
	emitted  int64 // matches, so far
	meter    meter
	report   Report
	blocks   [][]byte        // to read with, one for each flow that is being read
	named    map[string]bool // member folders whose names were reported already
}

// A place is where a part lies.
type place struct {
	path     string   // masked
	name     string   // as it is
	chain    []string // encodings taken off since the last "!"
	depth    int
	run      *run // what the bytes were written in, nil for a part of its own
	rendered bool // the text of a document, made by its decoder
	guess    bool // they are a container only if they read as one
}

// part examines p and counts it once. It returns an error only if nothing
// more of this input may be read.
func (x *examination) part(at place, p *Part) error {
	head, err := peek(p)
	if err != nil {
		return x.close(at, p.Size, err)
	}
	switch d := x.registry.Sniff(head, at.name).decoder.(type) {
	case Container:
		if at.depth >= x.meter.budget.Depth {
			x.refuse(at, OverBudget, p.Size)
			return nil
		}
		return x.container(at, p, d)
	case Encoding:
		return x.encoded(at, p, d, d.Sure(head))
	case Refusal:
		cause, scanned := d.Cause(head)
		size := p.Size
		if scanned {
			if _, err := x.text(at, p.R, scan.Position{}, true); err != nil {
				return x.close(at, p.Size, err)
			}
			size = x.sizeOf(at, p)
		}
		x.refuse(at, cause, size)
		return nil
	case binary:
		return x.plain(at, p, true)
	}
	return x.plain(at, p, false)
}

// peek returns the first bytes of p and leaves its reader at the start.
func peek(p *Part) ([]byte, error) {
	if p.At != nil {
		size := int64(HeadSize)
		if p.Size >= 0 {
			size = min(size, p.Size)
		}
		head := make([]byte, size)
		n, err := p.At.ReadAt(head, 0)
		if err == io.EOF {
			err = nil
		}
		return head[:n], err
	}
	buffered := bufio.NewReaderSize(p.R, HeadSize)
	p.R = buffered
	head, err := buffered.Peek(HeadSize)
	if err == io.EOF {
		err = nil
	}
	if len(head) > 0 {
		err = nil // the fault comes again when it is read
	}
	return bytes.Clone(head), err
}

// plain scans bytes as they are.
func (x *examination) plain(at place, p *Part, binary bool) error {
	start, r := x.start(at, p)
	resume, err := x.text(at, r, start, binary)
	return x.read(at, p, resume, err)
}

// start returns where the scan of a part begins, and a reader from there on.
func (x *examination) start(at place, p *Part) (scan.Position, io.Reader) {
	start := x.options.Start
	if at.depth > 0 || start.Offset <= 0 {
		return scan.Position{}, p.R
	}
	if p.Size < 0 {
		return start, io.NewSectionReader(p.At, start.Offset, 1<<62)
	}
	return start, io.NewSectionReader(p.At, start.Offset, max(0, p.Size-start.Offset))
}

// read ends a part that was scanned up to err.
func (x *examination) read(at place, p *Part, resume scan.Position, err error) error {
	if err != nil || x.meter.fault != "" {
		return x.close(at, p.Size, err)
	}
	if at.depth == 0 {
		x.report.Resume = resume
	}
	x.report.examined(at.depth, x.sizeOf(at, p))
	return nil
}

// sizeOf returns how many bytes a part has that was read to its end.
func (x *examination) sizeOf(at place, p *Part) int64 {
	switch {
	case p.Size >= 0:
		return p.Size
	case p.unpacked != nil:
		return p.unpacked.n
	case at.depth == 0:
		return x.meter.input
	}
	return 0
}

// encoded scans text in another encoding and, unless it is sure of that, the
// bytes as they are as well.
func (x *examination) encoded(at place, p *Part, d Encoding, sure bool) error {
	start, r := x.start(at, p)
	var raw *scan.Scanner
	if !sure {
		raw = x.scanner(&flow{at: at, start: start, binary: true})
		r = io.TeeReader(r, raw)
	}
	decoded := at
	if _, made := d.(interface{ apart() }); made {
		decoded.rendered = true
	}
	decoded.chain = append(slices.Clip(at.chain), d.Name())
	resume, err := x.text(decoded, d.Text(r, start.Offset), start, false)
	if raw != nil {
		raw.Close()
	}
	return x.read(at, p, resume, err)
}

// text feeds r to a scanner and to what listens beside it, and returns where a
// later read may go on.
func (x *examination) text(at place, r io.Reader, start scan.Position, binary bool) (scan.Position, error) {
	f := &flow{at: at, start: start, binary: binary}
	f.decoded, _ = r.(Text)
	s := x.scanner(f)
	var all reader = plainReader{s}
	if !x.options.Plain {
		all = x.readers(f, s)
	}
	block := x.takeBlock()
	defer x.giveBlock(block)
	var err error
	for err == nil {
		var n int
		n, err = r.Read(block)
		x.report.Bytes += int64(n)
		if stop := all.write(block[:n]); stop != nil {
			err = stop
		}
		if alive := x.meter.alive(); alive != nil {
			err = alive
		}
	}
	if err == io.EOF {
		err = nil
	}
	if stop := all.close(); err == nil {
		err = stop
	}
	resume := s.LineStart()
	if f.decoded != nil {
		resume.Offset = f.decoded.Origin(resume.Offset)
	}
	s.Close()
	return resume, err
}

// takeBlock returns a block to read with. A flow that lies in another needs
// one of its own, because the outer one is still being looked at.
func (x *examination) takeBlock() []byte {
	if n := len(x.blocks); n > 0 {
		block := x.blocks[n-1]
		x.blocks = x.blocks[:n-1]
		return block
	}
	return make([]byte, x.blockSize())
}

func (x *examination) giveBlock(block []byte) { x.blocks = append(x.blocks, block) }

// blockSize is how much is read at once: a small input needs no large block.
func (x *examination) blockSize() int64 {
	if x.meter.sized && x.meter.input < maxBlock && x.meter.unpacked == 0 {
		return max(x.meter.input, 512)
	}
	return maxBlock
}

// close ends a part that err interrupted: it is refused under its cause, and
// the error goes on upwards if it ends the whole examination.
func (x *examination) close(at place, size int64, err error) error {
	if errors.Is(err, context.Canceled) {
		return err
	}
	cause := x.meter.cause(err)
	x.refuse(at, cause, size)
	if x.meter.fault != "" || x.meter.spent() || cause == Timeout {
		return &CauseError{cause}
	}
	return nil
}

// refuse names a part that was not examined. What only looked like a container
// and does not read as one was none.
func (x *examination) refuse(at place, cause Cause, bytes int64) {
	if at.guess && cause == Broken {
		return
	}
	x.report.refuse(Unexamined{Path: at.path, Cause: cause, Bytes: max(bytes, -1)}, at.depth, bytes)
}
