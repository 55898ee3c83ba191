package office

import (
	"bytes"
	"io"
)

// maxAside bounds what is put off until a paragraph is over.
const maxAside = 64 << 10

// maxDepth bounds how deep the elements that matter are counted. What is
// nested deeper is read, but as plain text.
const maxDepth = 1 << 20

// Markup returns the text of a WordprocessingML, DrawingML, SpreadsheetML or
// OpenDocument part. Its bytes are UTF-8.
func Markup(r io.Reader, open bool) *Text { return &Text{from: newFlow(newTokens(r), open)} }

// A flow writes running text. What stands beside a paragraph (remarks, text
// boxes, attributes with many digits) waits until the paragraph is over, so
// that it cuts no number in two.
type flow struct {
	t    *tokens
	open bool // OpenDocument: all character data in a paragraph is text

	aside     written // put off
	asides    int     // elements beside the paragraph that are open
	paragraph int     // paragraphs that are open
	cells     int     // cells of tables that are open
	runs      int     // elements with text that are open
	number    bool    // the text is a stored number
	loose     bool    // text was written outside any paragraph
	skipping  int     // elements of a string that is left out
	space     bool    // a space is due before the next text

	choice   written // text of the last choice among alternatives
	choosing bool
	fallback int // where text of a fallback begins in aside, -1 outside

	strings int                  // shared strings so far
	skip    func(index int) bool // which of them to leave out
}

func newFlow(t *tokens, open bool) *flow { return &flow{t: t, open: open, fallback: -1} }

// roles are the elements that mean something to running text.
const (
	roleNone = iota
	roleParagraph
	roleRow
	roleCell
	roleTab
	roleBreak
	roleSpace
	roleHyphen
	roleRun
	roleLine
	roleAside
	roleChoice
	roleFallback
	roleString
)

// roleOf tells the role of an element by its local name: the same word means
// the same in all of these languages.
func roleOf(name []byte) int {
	switch string(name) {
	case "p", "h":
		return roleParagraph
	case "tr", "table-row", "Row":
		return roleRow
	case "tc", "table-cell", "covered-table-cell", "Cell":
		return roleCell
	case "tab", "ptab":
		return roleTab
	case "br", "cr", "line-break":
		return roleBreak
	case "s", "soft-page-break":
		return roleSpace
	case "noBreakHyphen":
		return roleHyphen
	case "t", "delText", "instrText", "delInstrText", "Data": // the last in workbooks of Excel 2003
		return roleRun
	case "comment", "text":
		return roleLine
	case "txbxContent", "text-box", "note", "annotation", "rPh", "Comment":
		return roleAside
	case "Choice":
		return roleChoice
	case "Fallback":
		return roleFallback
	case "si":
		return roleString
	}
	return roleNone
}

// fill writes what the next token says.
func (f *flow) fill(w *written) error {
	tok, err := f.t.next()
	if err != nil {
		f.flush(w)
		return err
	}
	if f.skipping > 0 && (tok.kind == tokenText || tok.kind == tokenRaw) {
		return nil
	}
	switch tok.kind {
	case tokenText:
		f.text(w, &tok)
	case tokenRaw:
		f.raw(&tok)
	case tokenOpen:
		if f.skipping == 0 {
			tok.tellingAttributes(func(name, value []byte) {
				if string(name) == "value" {
					value = AppendNumber(nil, value)
				}
				f.beside(name, tok.at)
				f.beside([]byte("="), tok.at)
				f.remark(value, tok.at)
			})
		}
		f.begin(w, &tok)
		if tok.alone && (f.open || len(tok.attrs) == 0 || roleOf(tok.name) != roleTab) { // else a tab stop
			f.finish(w, tok.name)
		}
	case tokenClose:
		f.finish(w, tok.name)
	}
	if len(f.aside.bytes) > maxAside || f.asides == 0 && f.paragraph == 0 && f.cells == 0 && len(f.aside.bytes) > 0 {
		f.flush(w)
	}
	return nil
}

// to returns where text goes: into the document, or beside it.
func (f *flow) to(w *written) *written {
	if f.asides > 0 {
		return &f.aside
	}
	return w
}

// text writes character data.
func (f *flow) text(w *written, tok *token) {
	inRun := f.runs > 0 || f.open && f.paragraph > 0
	switch blank := len(bytes.TrimSpace(tok.text)) == 0; {
	case blank && !inRun:
	case inRun:
		to := f.to(w)
		if f.space && !blank {
			to.add([]byte(" "), tok.at, 0)
		}
		f.space = f.space && blank
		if f.number {
			tok.text = AppendNumber(nil, tok.text)
		}
		to.add(tok.text, tok.at, tok.size)
		if f.choosing && len(f.choice.bytes) < maxAside {
			f.choice.bytes = append(f.choice.bytes, tok.text...)
		}
	case f.paragraph > 0:
		if telling(tok.text) {
			f.remark(tok.text, tok.at)
		}
	default:
		f.loose = true
		w.add(tok.text, tok.at, tok.size)
	}
}

// raw puts a remark beside the document, unless it is short and cannot hold a
// number.
func (f *flow) raw(tok *token) {
	switch {
	case tok.part && !tok.last:
		f.beside(tok.text, tok.at)
	case tok.part || telling(tok.text):
		f.remark(tok.text, tok.at)
	}
}

// remark puts something beside the document on a line of its own.
func (f *flow) remark(text []byte, at int64) {
	f.beside(text, at)
	f.beside([]byte("\n"), at+int64(len(text)))
}

func (f *flow) beside(text []byte, at int64) { f.aside.add(text, at, int64(len(text))) }

func (f *flow) begin(w *written, tok *token) {
	switch roleOf(tok.name) {
	case roleParagraph:
		f.paragraph = min(f.paragraph+1, maxDepth)
	case roleCell:
		f.cells = min(f.cells+1, maxDepth)
	case roleRun:
		f.runs = min(f.runs+1, maxDepth)
		f.number = string(tok.attribute("Type")) == "Number"
	case roleAside:
		f.asides = min(f.asides+1, maxDepth)
	case roleChoice:
		f.choosing, f.choice.bytes = true, f.choice.bytes[:0]
	case roleFallback:
		f.asides++
		f.choosing, f.fallback = false, len(f.aside.bytes)
	case roleString:
		if f.skip != nil && f.skip(f.strings) {
			f.skipping++
		}
		f.strings++
	}
}

// finish ends an element. Ends without a beginning are let pass.
func (f *flow) finish(w *written, name []byte) {
	at := f.t.base + int64(f.t.pos)
	switch roleOf(name) {
	case roleParagraph:
		f.paragraph = max(0, f.paragraph-1)
		f.endParagraph(w, at)
	case roleRow:
		f.endRow(w, at)
	case roleCell:
		f.space = false
		f.cells = max(0, f.cells-1)
		f.mark(w, "\t", at)
	case roleTab:
		f.mark(w, "\t", at)
	case roleBreak:
		f.mark(w, "\n", at)
	case roleSpace:
		f.mark(w, " ", at)
	case roleHyphen:
		f.mark(w, "-", at)
	case roleRun:
		f.runs, f.number = max(0, f.runs-1), false
	case roleAside:
		f.endLine(f.to(w), at)
		f.asides = max(0, f.asides-1)
	case roleChoice:
		f.choosing = false
	case roleFallback:
		f.endFallback(at)
	case roleString:
		f.skipping = 0
		f.endLine(w, at)
	case roleLine:
		f.endLine(f.to(w), at)
	default:
		if f.loose {
			f.endLine(w, at)
			f.loose = false
		}
	}
}

// mark writes what divides text within a paragraph.
func (f *flow) mark(w *written, divider string, at int64) {
	if f.skipping > 0 {
		return
	}
	f.to(w).add([]byte(divider), at, 0)
}

func (f *flow) endLine(w *written, at int64) {
	if w.last != '\n' && w.last != 0 {
		w.add([]byte("\n"), at, 0)
	}
}

// endParagraph ends a line, or within a cell only asks for a space.
func (f *flow) endParagraph(w *written, at int64) {
	if f.cells > 0 {
		f.space = true
		return
	}
	to := f.to(w)
	to.add([]byte("\n"), at, 0)
	if f.asides == 0 && f.paragraph == 0 {
		f.flush(w)
	}
}

// endRow ends a line, or within the cell of another table only asks for a space.
func (f *flow) endRow(w *written, at int64) {
	if f.cells > 0 {
		f.space = true
		return
	}
	f.endLine(f.to(w), at)
	if f.asides == 0 {
		f.flush(w)
	}
}

// endFallback drops the text of a fallback that says the same as the choice it
// stands in for.
func (f *flow) endFallback(at int64) {
	f.asides = max(0, f.asides-1)
	if f.fallback < 0 || f.fallback > len(f.aside.bytes) {
		f.fallback = -1
		return
	}
	said := bytes.Join(bytes.Fields(f.aside.bytes[f.fallback:]), nil)
	if bytes.Equal(said, bytes.Join(bytes.Fields(f.choice.bytes), nil)) {
		f.aside.cut(f.fallback)
	} else {
		f.endLine(&f.aside, at)
	}
	f.fallback = -1
}

// flush writes what was put off.
func (f *flow) flush(w *written) {
	if len(f.aside.bytes) == 0 {
		return
	}
	f.endLine(w, f.aside.pieces[0].at)
	w.join(&f.aside)
	f.endLine(w, w.Origin(w.end()))
	f.fallback = -1
}
