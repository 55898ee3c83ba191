package office

import (
	"bytes"
	"io"
)

// Limits of a sheet: the rows that Excel allows, the columns up to which cells
// that are left out are counted, and the longest number or index.
const (
	maxRow    = 1 << 20
	maxColumn = 1024
	maxValue  = 64
)

// Sheet returns the text of a worksheet: line n is row n, as long as the rows
// stand in order, and the cells of a row stand between tabs, column by column.
// Numbers are written as AppendNumber does; formulas show what they gave last.
// What is no cell, as a page's footer, follows after the rows.
func Sheet(r io.Reader, shared *Strings) *Text {
	return &Text{written: written{blind: true}, from: &sheet{t: newTokens(r), shared: shared}}
}

type sheet struct {
	t      *tokens
	shared *Strings

	line    int // the row being written
	column  int // of the last cell, -1 before the first
	inRow   bool
	inCell  bool
	kind    cellKind
	within  string // the element of the cell whose text comes
	value   []byte // of the cell, if it is not written as it comes
	from    int64  // where it begins in the source
	size    int64  // and how long it is there
	plain   []byte // room for a number
	formula []byte
	aside   written
	loose   bool // a line of text that stands in no cell was begun
}

// A cellKind says what a cell's value means.
type cellKind uint8

const (
	cellNumber cellKind = iota
	cellShared          // an index into the shared strings
	cellText
)

// fill reads one token.
func (s *sheet) fill(w *written) error {
	tok, err := s.t.next()
	if err != nil {
		s.endRow(w)
		s.flush(w)
		return err
	}
	switch tok.kind {
	case tokenText:
		s.text(w, &tok)
	case tokenRaw:
		if tok.part && !tok.last {
			s.aside.add(tok.text, 0, 0)
		} else if tok.part || telling(tok.text) {
			s.note(nil, tok.text)
		}
	case tokenOpen:
		s.endLoose()
		tok.tellingAttributes(s.note)
		s.begin(w, &tok)
		if tok.alone {
			s.finish(w, tok.name)
		}
	case tokenClose:
		s.endLoose()
		s.finish(w, tok.name)
	}
	if len(s.aside.bytes) > maxAside {
		s.flush(w)
	}
	return nil
}

func (s *sheet) begin(w *written, tok *token) {
	switch string(tok.name) {
	case "row":
		s.beginRow(w, tok)
	case "c":
		s.beginCell(w, tok)
	case "v", "t", "f":
		s.within = string(tok.name)
	case "rPh": // how a string is spoken
		s.write(w, []byte(" "), nowhere, 0)
	}
}

func (s *sheet) finish(w *written, name []byte) {
	switch string(name) {
	case "v", "t", "f":
		s.within = ""
	case "c":
		s.endCell(w)
	case "row":
		s.endRow(w)
	case "sheetData":
		s.endRow(w)
		s.flush(w)
	}
}

// beginRow writes empty lines for the rows that are left out.
func (s *sheet) beginRow(w *written, tok *token) {
	s.endRow(w)
	row := index(tok.attribute("r"))
	for s.line++; s.line < row && row <= maxRow; s.line++ {
		w.add([]byte("\n"), nowhere, 0)
	}
	s.inRow, s.column = true, -1
}

func (s *sheet) endRow(w *written) {
	s.endCell(w)
	if s.inRow {
		w.add([]byte("\n"), nowhere, 0)
	}
	s.inRow = false
}

// beginCell writes the tabs between the last cell and this one.
func (s *sheet) beginCell(w *written, tok *token) {
	s.endCell(w)
	if !s.inRow {
		s.beginRow(w, &token{})
	}
	at := columnOf(tok.attribute("r"))
	if at < 0 {
		at = s.column + 1
	}
	tabs := min(at, maxColumn) - max(s.column, 0)
	if s.column >= 0 {
		tabs = max(tabs, 1)
	}
	for range tabs {
		w.add([]byte("\t"), nowhere, 0)
	}
	s.column = max(s.column, min(at, maxColumn))
	s.inCell, s.kind = true, cellNumber
	switch string(tok.attribute("t")) {
	case "s":
		s.kind = cellShared
	case "str", "inlineStr", "e", "d":
		s.kind = cellText
	}
}

// text takes character data.
func (s *sheet) text(w *written, tok *token) {
	switch text := tok.text; {
	case s.inCell && (s.within == "t" || s.within == "v" && s.kind == cellText):
		s.write(w, text, tok.at, tok.size)
	case s.inCell && s.within == "v":
		if len(s.value) == 0 {
			s.from = tok.at
		}
		s.size = tok.at + tok.size - s.from
		if s.value = append(s.value, text...); len(s.value) > maxValue {
			s.write(w, s.value, s.from, s.size)
			s.value, s.kind = s.value[:0], cellText
		}
	case s.inCell && s.within == "f":
		if s.formula = append(s.formula, text...); len(s.formula) > maxAside {
			s.note(nil, s.formula)
			s.formula = s.formula[:0]
		}
	case s.loose || len(bytes.TrimSpace(text)) > 0:
		s.aside.blind, s.loose = true, true
		s.aside.add(text, 0, 0)
	}
}

// endCell writes what the cell shows.
func (s *sheet) endCell(w *written) {
	if !s.inCell {
		return
	}
	switch {
	case len(s.value) == 0:
	case s.kind == cellShared:
		s.write(w, s.shared.show(index(s.value)), s.from, s.size)
	default:
		s.plain = AppendNumber(s.plain[:0], s.value)
		w.add(s.plain, s.from, s.size)
	}
	if telling(s.formula) {
		s.note(nil, s.formula)
	}
	s.inCell, s.within, s.value, s.formula = false, "", s.value[:0], s.formula[:0]
}

// write writes text of a cell without what would divide rows or cells. It
// stands for size bytes of the source at an offset.
func (s *sheet) write(w *written, text []byte, at, size int64) {
	if bytes.ContainsAny(text, "\t\r\n") {
		text = bytes.Clone(text)
		for i, c := range text {
			if c == '\t' || c == '\r' || c == '\n' {
				text[i] = ' '
			}
		}
	}
	w.add(text, at, size)
}

// note keeps what is no cell for the lines after the rows.
func (s *sheet) note(name, value []byte) {
	s.aside.blind = true
	if len(name) > 0 {
		s.aside.add(name, 0, 0)
		s.aside.add([]byte("="), 0, 0)
	}
	s.aside.add(value, 0, 0)
	s.aside.add([]byte("\n"), 0, 0)
}

// endLoose ends a line of text that stands in no cell.
func (s *sheet) endLoose() {
	if s.loose {
		s.aside.add([]byte("\n"), 0, 0)
		s.loose = false
	}
}

// flush writes the notes.
func (s *sheet) flush(w *written) {
	if len(s.aside.bytes) == 0 {
		return
	}
	s.endRow(w)
	w.add(s.aside.bytes, nowhere, 0)
	s.aside = written{bytes: s.aside.bytes[:0], blind: true}
}

// index reads a row's number or the index of a string, -1 if it is none.
func index(b []byte) int {
	b = bytes.TrimSpace(b)
	if len(b) == 0 || len(b) > 9 || !decimal(b) {
		return -1
	}
	n := 0
	for _, c := range b {
		n = n*10 + int(c-'0')
	}
	return n
}

// columnOf returns the column of a cell's reference, as 1 for B7, -1 if it has
// none.
func columnOf(reference []byte) int {
	n, i := 0, 0
	for ; i < len(reference) && i < 4; i++ {
		c := reference[i] &^ 0x20
		if c < 'A' || c > 'Z' {
			break
		}
		n = n*26 + int(c-'A') + 1
	}
	return n - 1
}
