package carrier

import (
	wire "encoding/binary"
	"io"
)

// Kinds of pages in a tree.
const (
	sqliteIndexInner = 2
	sqliteTableInner = 5
	sqliteIndexLeaf  = 10
	sqliteTableLeaf  = 13
)

// maxSQLiteDepth is more than a tree of the largest file has.
const maxSQLiteDepth = 40

// A sqliteCursor goes over the cells of one tree in order. Each level holds
// its page.
type sqliteCursor struct {
	s      *sqlitePages
	cell   sqliteCell // the current one
	levels []sqliteLevel
	spare  [][]byte
}

// A sqliteLevel is a page of the way down to the current cell.
type sqliteLevel struct {
	page   []byte
	head   int // where the page's header begins
	kind   byte
	cells  int
	next   int
	inside bool // of an inner index page: the child was visited, the cell comes
}

func (c *sqliteCursor) open(root uint32) error { return c.down(root) }

// down enters a page.
func (c *sqliteCursor) down(n uint32) error {
	if len(c.levels) >= maxSQLiteDepth {
		return &CauseError{Broken}
	}
	if err := c.s.claim(n); err != nil {
		return err
	}
	var buf []byte
	if len(c.spare) > 0 {
		buf, c.spare = c.spare[len(c.spare)-1], c.spare[:len(c.spare)-1]
	} else {
		buf = make([]byte, c.s.size)
	}
	page, err := c.s.page(buf, n)
	if err != nil {
		return err
	}
	l := sqliteLevel{page: page}
	if n == 1 {
		l.head = 100
	}
	l.kind, l.cells = page[l.head], int(wire.BigEndian.Uint16(page[l.head+3:]))
	if !l.sound() {
		return &CauseError{Broken}
	}
	c.levels = append(c.levels, l)
	return nil
}

// sound reports whether the page is one of a tree and has room for its cells.
func (l *sqliteLevel) sound() bool {
	switch l.kind {
	case sqliteIndexInner, sqliteTableInner, sqliteIndexLeaf, sqliteTableLeaf:
		return l.pointers()+2*l.cells <= len(l.page)
	}
	return false
}

// pointers returns where the places of the cells are listed.
func (l *sqliteLevel) pointers() int {
	if l.kind == sqliteIndexInner || l.kind == sqliteTableInner {
		return l.head + 12
	}
	return l.head + 8
}

// cell returns the bytes from cell i on.
func (l *sqliteLevel) cell(i int) ([]byte, error) {
	at := int(wire.BigEndian.Uint16(l.page[l.pointers()+2*i:]))
	if at < l.pointers()+2*l.cells || at >= len(l.page) {
		return nil, &CauseError{Broken}
	}
	return l.page[at:], nil
}

// next returns the next cell with content, or io.EOF. The cell is good until
// the next call.
func (c *sqliteCursor) next() (*sqliteCell, error) {
	for len(c.levels) > 0 {
		l := &c.levels[len(c.levels)-1]
		switch l.kind {
		case sqliteTableLeaf, sqliteIndexLeaf:
			if l.next < l.cells {
				l.next++
				return c.content(l, l.next-1, 0)
			}
		default:
			cell, child, err := c.inner(l)
			if cell != nil || err != nil {
				return cell, err
			}
			if child != 0 {
				if err := c.down(child); err != nil {
					return nil, err
				}
				continue
			}
		}
		c.spare = append(c.spare, l.page)
		c.levels = c.levels[:len(c.levels)-1]
	}
	return nil, io.EOF
}

// inner takes a step on an inner page: a cell, the child before it, or neither
// at the end.
func (c *sqliteCursor) inner(l *sqliteLevel) (*sqliteCell, uint32, error) {
	if l.inside {
		l.inside = false
		l.next++
		cell, err := c.content(l, l.next-1, 4)
		return cell, 0, err
	}
	switch {
	case l.next > l.cells:
		return nil, 0, nil
	case l.next == l.cells:
		l.next++
		return nil, wire.BigEndian.Uint32(l.page[l.head+8:]), nil
	}
	b, err := l.cell(l.next)
	if err != nil || len(b) < 4 {
		return nil, 0, &CauseError{Broken}
	}
	if l.kind == sqliteIndexInner {
		l.inside = true
	} else {
		l.next++
	}
	return nil, wire.BigEndian.Uint32(b), nil
}

// content reads the head of a cell that has a payload.
func (c *sqliteCursor) content(l *sqliteLevel, i, skip int) (*sqliteCell, error) {
	b, err := l.cell(i)
	if err != nil || len(b) < skip {
		return nil, &CauseError{Broken}
	}
	b = b[skip:]
	cell := &c.cell
	*cell = sqliteCell{s: c.s}
	size, n := sqliteVarint(b)
	b = b[n:]
	if l.kind == sqliteTableLeaf {
		cell.rowid, n = sqliteVarint(b)
		b = b[n:]
	}
	if n == 0 || size < 0 {
		return nil, &CauseError{Broken}
	}
	local := c.s.local(size, l.kind == sqliteTableLeaf)
	if local > int64(len(b)) {
		return nil, &CauseError{Broken}
	}
	cell.here, cell.left = b[:local], size
	if local < size {
		if int64(len(b)) < local+4 {
			return nil, &CauseError{Broken}
		}
		cell.more = wire.BigEndian.Uint32(b[local:])
	}
	return cell, nil
}

// local returns how much of a payload lies in the cell: file format, 1.6.
func (s *sqlitePages) local(size int64, table bool) int64 {
	u := int64(s.usable)
	largest := u - 35
	if !table {
		largest = (u-12)*64/255 - 23
	}
	if size <= largest {
		return size
	}
	least := (u-12)*32/255 - 23
	if k := least + (size-least)%(u-4); k <= largest {
		return k
	}
	return least
}

// A sqliteCell is one payload, read from its page and the overflow pages.
type sqliteCell struct {
	s     *sqlitePages
	rowid int64
	here  []byte
	left  int64 // of the payload, here included
	more  uint32
}

func (c *sqliteCell) Read(p []byte) (int, error) {
	if c.left <= 0 {
		return 0, io.EOF
	}
	if len(c.here) == 0 {
		if err := c.overflow(); err != nil {
			return 0, err
		}
	}
	n := copy(p[:min(int64(len(p)), c.left)], c.here)
	c.here = c.here[n:]
	c.left -= int64(n)
	return n, nil
}

func (c *sqliteCell) ReadByte() (byte, error) {
	if c.left <= 0 {
		return 0, io.EOF
	}
	for len(c.here) == 0 {
		if err := c.overflow(); err != nil {
			return 0, err
		}
	}
	b := c.here[0]
	c.here = c.here[1:]
	c.left--
	return b, nil
}

// overflow goes to the next page of the chain.
func (c *sqliteCell) overflow() error {
	if err := c.s.claim(c.more); err != nil {
		return err
	}
	page, err := c.s.page(c.s.buf, c.more)
	if err != nil {
		return err
	}
	c.more = wire.BigEndian.Uint32(page)
	c.here = page[4:c.s.usable]
	return nil
}

// skip claims what is left of the chain without reading it all.
func (c *sqliteCell) skip() error {
	if c.left <= int64(len(c.here)) {
		return nil
	}
	_, err := io.Copy(io.Discard, c)
	return err
}

// sqliteVarint reads a number of one to nine bytes, most significant first. A
// length of zero means that it is cut off.
func sqliteVarint(b []byte) (int64, int) {
	var v uint64
	for i, c := range b[:min(len(b), 9)] {
		if i == 8 {
			return int64(v<<8 | uint64(c)), 9
		}
		v = v<<7 | uint64(c&0x7f)
		if c < 0x80 {
			return int64(v), i + 1
		}
	}
	return 0, 0
}
