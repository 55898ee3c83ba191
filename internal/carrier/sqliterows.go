package carrier

import (
	"bytes"
	wire "encoding/binary"
	"io"
	"math"
	"strconv"
	surrogate "unicode/utf16"
	"unicode/utf8"
)

// sqliteRows is a table as text: a line of column names and a line for each
// row, the values apart by tabs.
type sqliteRows struct {
	s        *sqlitePages
	t        *sqliteTable
	registry *Registry // to know a file in a blob
	visit    func(*Member) error
	cursor   sqliteCursor
	cell     *sqliteCell
	types    []int64 // of the values of the row still to come
	column   int
	started  bool
	value    int64  // bytes to come of a long value
	text     bool   // it is text and not a blob
	begun    bool   // some of it was read
	out      []byte // to be read
	held     []byte // the whole of its room
	scratch  []byte
	err      error
	damaged  bool // the table could not be read to its end
}

const (
	maxSQLiteHeader = 256 << 10 // of a row: nine bytes for each of 32,767 columns
	sqlitePiece     = 32 << 10
)

// start writes the names and opens the tree.
func (r *sqliteRows) start() error {
	for i, name := range r.t.columns {
		if i > 0 {
			r.out = append(r.out, '\t')
		}
		r.out = appendField(r.out, []byte(name))
	}
	r.out = append(r.out, '\n')
	r.cursor.s = r.s
	r.err = r.cursor.open(r.t.root)
	return nil
}

func (r *sqliteRows) Read(p []byte) (int, error) {
	if len(r.out) == 0 {
		r.out = r.held[:0]
		for len(r.out) < gatherSize && r.err == nil {
			r.err = r.step()
		}
		r.held = r.out
	}
	if len(r.out) == 0 {
		r.damaged = r.err != io.EOF
		return 0, r.err
	}
	n := copy(p, r.out)
	r.out = r.out[n:]
	return n, nil
}

// step writes a piece of a value, a value, or the end of a row.
func (r *sqliteRows) step() error {
	switch {
	case r.value > 0:
		return r.piece()
	case len(r.types) > 0:
		if r.column > 0 {
			r.out = append(r.out, '\t')
		}
		kind := r.types[0]
		r.types = r.types[1:]
		r.column++
		return r.begin(kind)
	case r.started:
		r.started = false
		return r.endRow()
	}
	cell, err := r.cursor.next()
	if err != nil {
		return err
	}
	r.cell, r.column, r.started = cell, 0, true
	r.types, err = cell.header(r.types[:0])
	return err
}

// endRow ends the line. A row number that could be a card is written behind.
func (r *sqliteRows) endRow() error {
	if r.t.alias < 0 && r.cell.rowid > 1e11 {
		r.out = strconv.AppendInt(append(r.out, '\t'), r.cell.rowid, 10)
	}
	r.out = append(r.out, '\n')
	return r.cell.skip()
}

// header reads the types of a row's values: file format, 2.1.
func (c *sqliteCell) header(types []int64) ([]int64, error) {
	before := c.left
	size, err := c.varint()
	if err != nil || size < 1 || size > maxSQLiteHeader || size > before {
		return nil, &CauseError{Broken}
	}
	for before-c.left < size {
		kind, err := c.varint()
		if err != nil || kind < 0 {
			return nil, &CauseError{Broken}
		}
		types = append(types, kind)
	}
	if before-c.left != size {
		return nil, &CauseError{Broken}
	}
	return types, nil
}

func (c *sqliteCell) varint() (int64, error) {
	var v uint64
	for i := range 9 {
		b, err := c.ReadByte()
		if err != nil {
			return 0, err
		}
		if i == 8 {
			return int64(v<<8 | uint64(b)), nil
		}
		v = v<<7 | uint64(b&0x7f)
		if b < 0x80 {
			break
		}
	}
	return int64(v), nil
}

// begin writes a value of a type, or starts on a long one.
func (r *sqliteRows) begin(kind int64) error {
	switch {
	case kind == 0:
		if r.column-1 == r.t.alias {
			r.out = strconv.AppendInt(r.out, r.cell.rowid, 10)
		}
		return nil
	case kind >= 12:
		r.value, r.text, r.begun = (kind-12)/2, kind%2 == 1, false
		if r.value > r.cell.left {
			return &CauseError{Broken}
		}
		return nil
	case kind == 8, kind == 9:
		r.out = append(r.out, byte('0'+kind-8))
		return nil
	case kind == 10, kind == 11:
		return &CauseError{Broken}
	}
	var b [8]byte
	size := [8]int{0, 1, 2, 3, 4, 6, 8, 8}[kind]
	if _, err := io.ReadFull(r.cell, b[8-size:]); err != nil {
		return damaged(err)
	}
	if kind == 7 {
		r.out = appendReal(r.out, math.Float64frombits(wire.BigEndian.Uint64(b[:])))
		return nil
	}
	shift := 64 - 8*size
	r.out = strconv.AppendInt(r.out, int64(wire.BigEndian.Uint64(b[:])<<shift)>>shift, 10)
	return nil
}

// appendReal writes a whole number with all its digits: a card number in a
// column of the wrong type is one.
func appendReal(out []byte, v float64) []byte {
	if v == math.Trunc(v) && math.Abs(v) < 1e19 {
		return strconv.AppendFloat(out, v, 'f', 0, 64)
	}
	return strconv.AppendFloat(out, v, 'g', -1, 64)
}

// piece writes a part of a long value. A blob that is a file of its own is
// handed out as one.
func (r *sqliteRows) piece() error {
	if r.scratch == nil {
		r.scratch = make([]byte, sqlitePiece)
	}
	b := r.scratch[:min(r.value, sqlitePiece)]
	if _, err := io.ReadFull(r.cell, b); err != nil {
		return damaged(err)
	}
	r.value -= int64(len(b))
	first := !r.begun
	r.begun = true
	switch {
	case !r.text && first && r.registry.holdsMore(b):
		return r.nested(b)
	case !r.text:
		r.out = append(r.out, b...)
	case r.s.utf16 > 1:
		r.out = appendField(r.out, narrow(b, r.s.utf16 == 3))
	default:
		r.out = appendField(r.out, b)
	}
	return nil
}

// nested hands out a blob that begins with b.
func (r *sqliteRows) nested(b []byte) error {
	column := strconv.Itoa(r.column)
	if r.column <= len(r.t.columns) {
		column = r.t.columns[r.column-1]
	}
	rest := &exactly{r: r.cell, left: r.value}
	size := r.value + int64(len(b))
	m := &Member{Name: r.t.name + "/" + column + "/" + strconv.FormatInt(r.cell.rowid, 10), Stored: size, Size: -1}
	lead := bytes.Clone(b)
	m.Open = func() (io.Reader, error) { return io.MultiReader(bytes.NewReader(lead), rest), nil }
	if err := r.visit(m); err != nil {
		return err
	}
	r.value = 0
	_, err := io.CopyN(io.Discard, r.cell, rest.left)
	return err
}

// appendField writes text without what divides fields and lines.
func appendField(out, text []byte) []byte {
	for _, c := range text {
		if c == '\t' || c == '\n' || c == '\r' {
			c = ' '
		}
		out = append(out, c)
	}
	return out
}

// narrow turns UTF-16 into UTF-8.
func narrow(b []byte, big bool) []byte {
	units := make([]uint16, len(b)/2)
	for i := range units {
		if big {
			units[i] = wire.BigEndian.Uint16(b[2*i:])
		} else {
			units[i] = wire.LittleEndian.Uint16(b[2*i:])
		}
	}
	var out []byte
	for _, r := range surrogate.Decode(units) {
		out = utf8.AppendRune(out, r)
	}
	return out
}

// sqliteFree is what no row uses: free pages, the gaps in the others, and what
// was freed within them. Deleted rows stay there until they are overwritten.
type sqliteFree struct {
	s    *sqlitePages
	next uint32
	page []byte
	out  []byte // to be read
	held []byte // the whole of its room
}

func (f *sqliteFree) Read(p []byte) (int, error) {
	if len(f.out) == 0 {
		f.out = f.held[:0]
	}
	for len(f.out) < gatherSize {
		if f.next >= f.s.count {
			break
		}
		f.next++
		if f.page == nil {
			f.page = make([]byte, f.s.size)
		}
		page, err := f.s.page(f.page, f.next)
		if err != nil {
			return 0, err
		}
		if f.s.used(f.next) {
			f.gaps(page)
		} else {
			f.add(page)
		}
		f.held = f.out
	}
	if len(f.out) == 0 {
		return 0, io.EOF
	}
	n := copy(p, f.out)
	f.out = f.out[n:]
	return n, nil
}

// gaps adds what a page of a tree does not use.
func (f *sqliteFree) gaps(page []byte) {
	l := sqliteLevel{page: page}
	if f.next == 1 {
		l.head = 100
	}
	l.kind, l.cells = page[l.head], int(wire.BigEndian.Uint16(page[l.head+3:]))
	if !l.sound() {
		return // it holds the end of a long value
	}
	begin, end := l.pointers()+2*l.cells, int(wire.BigEndian.Uint16(page[l.head+5:]))
	if end == 0 || end > len(page) {
		end = len(page)
	}
	if begin < end {
		f.add(page[begin:end])
	}
	at := int(wire.BigEndian.Uint16(page[l.head+1:]))
	for range len(page) / 4 {
		if at < begin || at+4 > len(page) {
			return
		}
		next, size := int(wire.BigEndian.Uint16(page[at:])), int(wire.BigEndian.Uint16(page[at+2:]))
		if at+size > len(page) || size < 4 {
			return
		}
		f.add(page[at+4 : at+size])
		if next <= at {
			return
		}
		at = next
	}
}

// add takes bytes without the zeros around them.
func (f *sqliteFree) add(b []byte) {
	for len(b) > 0 && b[0] == 0 {
		b = b[1:]
	}
	for len(b) > 0 && b[len(b)-1] == 0 {
		b = b[:len(b)-1]
	}
	if len(b) > 0 {
		f.out = append(append(f.out, b...), '\n')
	}
}
