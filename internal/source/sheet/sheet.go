// Package sheet writes rows of cells as one text for the scanner and
// remembers which row and cell each byte came from. In go column names and
// rows, out come a line of names and a line for each row, cells divided by
// tabs, and for an offset in that text the cell that it lies in. It keeps
// about the last megabyte's places and no cell, and never logs.
package sheet

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/stanch/stanch/scan"
)

// A Column is what a table says about one of its columns.
type Column struct {
	Name    string
	Comment string
}

// A Row is one row: its number, counted from 1, and a cell for each column. A
// nil cell has nothing to read.
type Row struct {
	Number int64
	Cells  [][]byte
}

// A Cell is a place in a sheet. Row 0 is the line of column names.
type Cell struct {
	Row    int64
	Column int   // index of the column
	Offset int64 // from the start of the cell
}

// A Sheet is a text made of rows. It is for one goroutine.
type Sheet struct {
	next    func() (Row, error)
	pending []byte // written, and read up to read
	read    int
	at      int64 // offset of pending's end in the text
	spans   []span
	err     error
}

// A span is a cell's place in the text.
type span struct {
	at, row int64
	column  int32
}

// kept is how much text behind the last byte written can be located: more
// than a window of the scanner and what is read ahead of it.
const kept = 1 << 20

// New returns a sheet that asks next for its rows, until that returns io.EOF.
// The row belongs to next again with the following call.
func New(mark Mark, columns []Column, next func() (Row, error)) *Sheet {
	s := &Sheet{next: next}
	names := header(len(mark), columns)
	s.pending = append(s.pending, mark...)
	s.at = int64(len(mark))
	s.write(Row{Cells: names})
	return s
}

// Read returns the text, as many rows as fit. An error of next ends it, after
// what came before.
func (s *Sheet) Read(p []byte) (int, error) {
	for len(s.pending)-s.read < min(len(p), readMost) && s.err == nil {
		row, err := s.next()
		if err != nil {
			s.err = err
			break
		}
		s.write(row)
	}
	n := copy(p, s.pending[s.read:])
	if n == 0 && len(p) > 0 {
		return 0, s.err
	}
	clear(s.pending[s.read : s.read+n])
	if s.read += n; s.read == len(s.pending) {
		s.pending, s.read = s.pending[:0], 0
	}
	return n, nil
}

// readMost is how much one Read returns.
const readMost = 64 << 10

// Err returns what ended the sheet, nil for the end of the rows.
func (s *Sheet) Err() error {
	if errors.Is(s.err, io.EOF) {
		return nil
	}
	return s.err
}

// Locate returns the cell that the byte at offset lies in. It returns false
// for a byte of no cell, and for one too far back.
func (s *Sheet) Locate(offset int64) (Cell, bool) {
	i, exact := slices.BinarySearchFunc(s.spans, offset, func(sp span, at int64) int {
		switch {
		case sp.at < at:
			return -1
		case sp.at > at:
			return 1
		}
		return 0
	})
	if !exact {
		i--
	}
	if i < 0 {
		return Cell{}, false
	}
	sp := s.spans[i]
	return Cell{Row: sp.row, Column: int(sp.column), Offset: offset - sp.at}, true
}

// write turns a row into text.
func (s *Sheet) write(row Row) {
	if s.read > 0 && len(s.pending)+lengthOf(row) > cap(s.pending) {
		s.pending, s.read = append(s.pending[:0], s.pending[s.read:]...), 0
	}
	from := len(s.pending)
	base := s.at
	s.pending = slices.Grow(s.pending, lengthOf(row))
	for i, cell := range row.Cells {
		s.pending = append(s.pending, '\t')
		if len(cell) == 0 {
			continue
		}
		s.spans = append(s.spans, span{base + int64(len(s.pending)-from), row.Number, int32(i)})
		s.pending = appendCell(s.pending, cell)
	}
	s.pending = append(s.pending, '\n')
	s.at = base + int64(len(s.pending)-from)
	s.forget()
}

func lengthOf(row Row) int {
	n := 1
	for _, cell := range row.Cells {
		n += len(cell) + 2
	}
	return n
}

// appendCell writes a cell byte for byte, so that offsets stay. What would end
// the cell or the row stands as white space, and a single quote mark is paired:
// a reader of such lines would take all up to the next one for one value.
func appendCell(to, cell []byte) []byte {
	quotes := 0
	for _, c := range cell {
		switch c {
		case '\t', '\r', 0:
			c = ' '
		case '\n':
			c = '\v'
		case '"':
			quotes++
		}
		to = append(to, c)
	}
	if quotes%2 == 1 {
		to = append(to, '"')
	}
	return to
}

// forget drops the places that are too far back, now and then.
func (s *Sheet) forget() {
	if len(s.spans) == 0 || s.spans[0].at > s.at-2*kept {
		return
	}
	i, _ := slices.BinarySearchFunc(s.spans, s.at-kept, func(sp span, at int64) int { return int(max(-1, min(1, sp.at-at))) })
	s.spans = append(s.spans[:0], s.spans[i:]...)
}

// header returns the names of the columns as cells, with comments if the line
// stays short enough to be read as a header.
func header(mark int, columns []Column) [][]byte {
	for _, room := range []int{64, 24, 0} {
		cells, size := make([][]byte, len(columns)), mark+1
		for i, c := range columns {
			cells[i] = heading(c, room)
			size += len(cells[i]) + 1
		}
		if size <= scan.Reach || room == 0 {
			return cells
		}
	}
	return nil
}

// heading writes a column's name, and room bytes of its comment. A comment is
// text that somebody typed: its digits are no part of a name.
func heading(c Column, room int) []byte {
	name := strings.Map(func(r rune) rune {
		if strings.ContainsRune(",;|\"'", r) || r < ' ' {
			return ' '
		}
		return r
	}, c.Name)
	comment := strings.Map(func(r rune) rune {
		if r < ' ' || strings.ContainsRune("0123456789,;|\"'", r) {
			return ' '
		}
		return r
	}, c.Comment)
	comment = strings.TrimSpace(strings.ToValidUTF8(comment[:min(len(comment), room)], ""))
	if comment == "" {
		return []byte(name)
	}
	return bytes.Join([][]byte{[]byte(name), []byte(comment)}, []byte(" "))
}
