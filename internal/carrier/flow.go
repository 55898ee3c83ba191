package carrier

import (
	"slices"

	"github.com/stanch/stanch/scan"
)

// A flow is a stream of bytes on its way through a scanner.
type flow struct {
	at      place
	start   scan.Position // of its first byte in the part
	binary  bool          // lines and columns mean nothing
	decoded Text          // knows where the bytes came from; nil if they are the part's own
	covered spans         // what a tap has read in another form
}

// A run is where an encoded value stands in the part that holds it, as far out
// as the innermost member: what is found in it has no better place.
type run struct {
	offset, length int64
	line, column   int64
}

// origin returns where a byte of the flow stands in the part.
func (f *flow) origin(offset int64) int64 {
	if f.decoded == nil {
		return offset
	}
	return f.decoded.Origin(offset)
}

// scanner returns a scanner that emits what it finds in a flow.
func (x *examination) scanner(f *flow) *scan.Scanner {
	o := x.options.Scan
	o.Start = f.start
	return scan.New(o, func(m *scan.Match) {
		if !f.covered.holds(m.Offset) {
			x.found(f, m)
		}
	})
}

// found passes on a match in a flow. The further encodings are those that
// were taken off inside it, outermost first.
func (x *examination) found(f *flow, m *scan.Match, further ...string) {
	found := Match{Match: *m, Path: f.at.path, Encoding: f.at.chain}
	if len(further) > 0 {
		found.Encoding = append(slices.Clip(f.at.chain), further...)
	}
	if f.decoded != nil {
		found.Offset, found.Length = f.traced(m.Offset, m.Length)
		found.Parts = make([]scan.Part, len(m.Parts))
		for i, p := range m.Parts {
			at, length := f.traced(p.Offset, p.Length)
			found.Parts[i] = scan.Part{Class: p.Class, Offset: at, Length: length}
		}
	}
	if f.binary {
		found.Line, found.Column = 0, 0
	}
	if r := f.at.run; r != nil {
		found.Offset, found.Length, found.Line, found.Column = r.offset, r.length, r.line, r.column
		found.Parts = []scan.Part{{Class: m.Class, Offset: r.offset, Length: r.length}}
	}
	x.emit(&found)
}

// traced returns where a piece of decoded text stands in the encoded bytes.
func (f *flow) traced(offset, length int64) (int64, int64) {
	at := f.decoded.Origin(offset)
	if t, ok := f.decoded.(interface{ End(decoded int64) int64 }); ok {
		return at, t.End(offset+length) - at // it leaves bytes out, so the next byte's origin may lie further on
	}
	return at, f.decoded.Origin(offset+length) - at
}
