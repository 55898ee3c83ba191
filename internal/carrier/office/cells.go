package office

import "io"

// nowhere is the origin of text that stands in no cell.
const nowhere = -1

// Cells is the text of a worksheet, all of it, that remembers which cell each
// byte came from.
type Cells struct{ written written }

// A CellText is a stretch of a worksheet's text that came from one value.
type CellText struct {
	Begin, End int64 // in the text
	At, Size   int64 // of the value, or a piece of it, in the source
}

// ReadCells reads a worksheet as [Sheet] does, and holds text and origins: r
// must be bounded. It returns the error of r.
func ReadCells(r io.Reader, shared *Strings) (*Cells, error) {
	c := new(Cells)
	s := &sheet{t: newTokens(r), shared: shared}
	for {
		switch err := s.fill(&c.written); err {
		case nil:
		case io.EOF:
			return c, nil
		default:
			return nil, err
		}
	}
}

// Text returns the text. It belongs to the cells.
func (c *Cells) Text() []byte { return c.written.bytes }

// Between calls visit for each stretch of a cell that the text from begin to
// end touches, in order.
func (c *Cells) Between(begin, end int64, visit func(CellText)) {
	for at := begin; at < end; {
		n := c.written.after(at)
		p, next := c.written.pieces[n-1], c.written.end()
		if n < len(c.written.pieces) {
			next = c.written.pieces[n].text
		}
		if p.at != nowhere {
			visit(CellText{p.text, next, p.at, p.size})
		}
		at = next
	}
}
