package office

import (
	"bytes"
	"io"
)

// Tables calls visit for each table of an OpenDocument part with its name and
// its text: line n is row n, and cells stand between tabs. A number is written
// as it is stored, not as it is shown. What stands in no table is visited
// without a name, at the end or when there is much of it. An error from visit is returned as it is.
func Tables(r io.Reader, visit func(name string, text *Text) error) error {
	t := &table{t: newTokens(r)}
	t.aside.blind = true
	for {
		tok, err := t.t.next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		if tok.kind == tokenOpen && string(tok.name) == "table" && !tok.alone {
			if err := t.visit(string(tok.attribute("name")), visit); err != nil {
				return err
			}
			continue
		}
		t.outside(&tok)
		if len(t.aside.bytes) > maxAside {
			if err := t.others(visit); err != nil {
				return err
			}
		}
	}
	return t.others(visit)
}

// others visits what stood in no table so far.
func (t *table) others(visit func(string, *Text) error) error {
	text := &Text{written: written{blind: true}, from: &rest{t.aside.bytes}}
	t.aside = written{blind: true}
	return visit("", text)
}

// rest is text that is all there.
type rest struct{ text []byte }

func (r *rest) fill(w *written) error {
	w.add(r.text, 0, 0)
	r.text = nil
	return io.EOF
}

// A table writes the rows of one table of a part.
type table struct {
	t     *tokens
	depth int // tables that are open

	rows, tabs  int // due before the next text
	repeatRow   int
	repeatCell  int
	inCell      bool
	stored      []byte // the number of the cell
	shown       []byte // and how it is shown
	paragraphs  int    // in the cell
	notes       int    // annotations that are open
	aside       written
	ended, said bool // said: the cell has text
}

// visit visits one table, and passes over what visit does not read.
func (t *table) visit(name string, visit func(string, *Text) error) error {
	t.depth, t.ended, t.rows, t.tabs, t.inCell, t.notes = 1, false, 0, 0, false, 0
	text := &Text{written: written{blind: true}, from: t}
	if err := visit(name, text); err != nil {
		return err
	}
	_, err := io.Copy(io.Discard, text)
	return err
}

// outside keeps what stands in no table.
func (t *table) outside(tok *token) {
	switch tok.kind {
	case tokenText, tokenRaw:
		if len(bytes.TrimSpace(tok.text)) > 0 {
			t.aside.add(tok.text, 0, 0)
		}
	case tokenOpen:
		tok.tellingAttributes(t.note)
	case tokenClose:
		if t.aside.last != '\n' && t.aside.last != 0 {
			t.aside.add([]byte("\n"), 0, 0)
		}
	}
}

func (t *table) note(name, value []byte) {
	t.aside.add(name, 0, 0)
	t.aside.add([]byte(" "), 0, 0)
	t.aside.add(value, 0, 0)
	t.aside.add([]byte("\n"), 0, 0)
}

// fill reads one token of the table.
func (t *table) fill(w *written) error {
	if t.ended {
		return io.EOF
	}
	tok, err := t.t.next()
	if err != nil {
		t.endCell(w)
		return err
	}
	switch tok.kind {
	case tokenText:
		t.text(w, tok.text)
	case tokenRaw:
		if tok.part || telling(tok.text) {
			t.note(nil, tok.text)
		}
	case tokenOpen:
		t.begin(w, &tok)
		if tok.alone {
			t.finish(w, tok.name)
		}
	case tokenClose:
		t.finish(w, tok.name)
	}
	if len(t.aside.bytes) > maxAside {
		w.join(&t.aside)
		t.aside.blind = true
	}
	return nil
}

func (t *table) begin(w *written, tok *token) {
	switch string(tok.name) {
	case "table":
		t.depth++
	case "table-row":
		t.repeatRow = max(1, index(tok.attribute("number-rows-repeated")))
		t.tabs = 0
	case "table-cell", "covered-table-cell":
		t.repeatCell = max(1, index(tok.attribute("number-columns-repeated")))
		t.inCell, t.said, t.paragraphs = true, false, 0
		t.stored, t.shown = append(t.stored[:0], tok.attribute("value")...), t.shown[:0]
		if len(t.stored) > maxValue {
			t.stored = t.stored[:0]
		}
	case "annotation":
		t.notes++
	case "p":
		if t.paragraphs++; t.paragraphs > 1 && t.notes == 0 {
			t.text(w, []byte(" "))
		}
	case "s", "tab", "line-break":
		t.text(w, []byte(" "))
	}
	tok.tellingAttributes(func(name, value []byte) {
		if !t.inCell || string(name) != "value" {
			t.note(name, value)
		}
	})
}

// text takes character data.
func (t *table) text(w *written, text []byte) {
	switch {
	case !t.inCell || t.notes > 0:
		if len(bytes.TrimSpace(text)) > 0 {
			t.aside.add(text, 0, 0)
		}
	case t.paragraphs == 0:
	case len(t.stored) > 0:
		if t.shown = append(t.shown, text...); len(t.shown) > maxAside {
			t.note(nil, t.shown)
			t.shown = t.shown[:0]
		}
	default:
		t.write(w, text)
	}
}

// write writes text of the cell, and first the rows and cells before it.
func (t *table) write(w *written, text []byte) {
	for ; t.rows > 0; t.rows-- {
		w.add([]byte("\n"), 0, 0)
	}
	for ; t.tabs > 0; t.tabs-- {
		w.add([]byte("\t"), 0, 0)
	}
	t.said = true
	for len(text) > 0 {
		n := bytes.IndexAny(text, "\t\r\n")
		if n < 0 {
			n = len(text) - 1
			w.add(text, 0, 0)
		} else {
			w.add(text[:n], 0, 0)
			w.add([]byte(" "), 0, 0)
		}
		text = text[n+1:]
	}
}

func (t *table) finish(w *written, name []byte) {
	switch string(name) {
	case "table":
		if t.depth--; t.depth == 0 {
			t.endCell(w)
			w.add([]byte("\n"), 0, 0)
			t.ended = true
		}
	case "table-row":
		t.endCell(w)
		t.rows = min(t.rows+t.repeatRow, maxRow)
		t.repeatRow, t.tabs = 0, 0
	case "table-cell", "covered-table-cell":
		t.endCell(w)
		t.tabs = min(t.tabs+t.repeatCell, maxColumn)
	case "annotation":
		t.notes = max(0, t.notes-1)
		t.aside.add([]byte("\n"), 0, 0)
	}
}

// endCell writes the number of a cell, and what it shows if that is another.
func (t *table) endCell(w *written) {
	if t.inCell && len(t.stored) > 0 {
		t.write(w, AppendNumber(nil, t.stored))
		if telling(t.shown) && !bytes.Equal(onlyDigits(t.shown), onlyDigits(AppendNumber(nil, t.stored))) {
			t.note(nil, t.shown)
		}
	}
	t.inCell, t.notes = false, 0
}

func onlyDigits(b []byte) []byte {
	var out []byte
	for _, c := range b {
		if '0' <= c && c <= '9' {
			out = append(out, c)
		}
	}
	return out
}
