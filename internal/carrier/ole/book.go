package ole

import (
	"bytes"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/stanch/stanch/internal/carrier/office"
)

// Limits of a workbook.
const (
	maxSheets = 4096
	maxColumn = 256
)

// A Book is the workbook in a stream: MS-XLS.
type Book struct {
	stream *Stream
	shared *office.Strings
	names  map[int64]string // of sheets, by where they begin
}

// OpenBook reads the names of the sheets and at most room bytes of the shared
// strings. A workbook older than Excel 97 is ErrBroken.
func OpenBook(s *Stream, room int) (*Book, error) {
	b := &Book{stream: s, shared: new(office.Strings), names: make(map[int64]string)}
	r := newRecords(s)
	if !r.read() || r.kind != recBegin || r.word(0) != 0x0600 {
		return nil, ErrBroken
	}
	for r.read() && r.kind != recEOF {
		switch r.kind {
		case recPassword:
			return nil, ErrEncrypted
		case recSheet:
			if len(r.body) > 8 && len(b.names) < maxSheets {
				b.names[int64(r.long(0))] = r.text(8, int(r.body[6]), r.body[7]&1 != 0)
			}
		case recSST:
			r.sharedStrings(func(text string) bool { return b.shared.Add(text, room) })
		}
	}
	return b, nil
}

// Held returns how many bytes of memory the shared strings take.
func (b *Book) Held() int64 { return b.shared.Held() }

// Sheets calls visit for each sheet with its name and its text, and then
// without a name for the shared strings that no sheet has shown. An error from
// visit is returned as it is.
func (b *Book) Sheets(visit func(name string, text io.Reader) error) error {
	r := newRecords(b.stream)
	for r.read() && r.kind != recEOF {
	}
	for r.read() {
		if r.kind != recBegin {
			continue
		}
		name := b.names[r.at]
		if name == "" {
			name = "sheet at " + strconv.FormatInt(r.at, 10)
		}
		text := &grid{book: b, r: r, depth: 1, column: -1}
		if err := visit(name, text); err != nil {
			return err
		}
		if _, err := io.Copy(io.Discard, text); err != nil {
			return err
		}
	}
	return b.leftover(visit)
}

// maxLeftover is how much text of shared strings is visited at once.
const maxLeftover = 256 << 10

// leftover reads the shared strings once more.
func (b *Book) leftover(visit func(name string, text io.Reader) error) error {
	var out []byte
	var stop error
	r := newRecords(b.stream)
	n := 0
	for stop == nil && r.read() && r.kind != recEOF {
		if r.kind != recSST {
			continue
		}
		r.sharedStrings(func(text string) bool {
			if !b.shared.Shown(n) {
				out = append(append(out, text...), '\n')
			}
			n++
			if len(out) > maxLeftover {
				stop = visit("", bytes.NewReader(out))
				out = out[:0]
			}
			return stop == nil
		})
	}
	if stop != nil || len(out) == 0 {
		return stop
	}
	return visit("", bytes.NewReader(out))
}

// A grid is the text of one sheet: line n is row n.
type grid struct {
	book   *Book
	r      *records
	depth  int // substreams that are open: a chart may lie in a sheet
	line   int // line feeds so far
	column int // of the last cell in the line, -1 before the first
	inText bool
	await  bool // the last formula's string comes in a record of its own
	notes  []byte
	out    []byte
	rest   []byte
}

func (g *grid) Read(p []byte) (int, error) {
	for len(g.rest) == 0 {
		if g.depth == 0 || !g.r.read() {
			if len(g.notes) == 0 {
				return 0, io.EOF
			}
			g.rest, g.notes = append([]byte("\n"), g.notes...), nil
			continue
		}
		g.out = g.out[:0]
		g.record()
		if len(g.notes) > 64<<10 {
			g.out = append(append(g.out, '\n'), g.notes...)
			g.line, g.notes = math.MaxInt, nil
		}
		g.rest = g.out
	}
	n := copy(p, g.rest)
	g.rest = g.rest[n:]
	return n, nil
}

// record takes one record.
func (g *grid) record() {
	r := g.r
	text := r.kind == recText || g.inText && r.kind == recContinue
	switch r.kind {
	case recBegin:
		g.depth++
	case recEOF:
		g.depth--
	case recLabelSST:
		g.cell(string(g.book.shared.Show(int(r.long(6)))))
	case recLabel, recRString:
		g.cell(r.string(6))
	case recNumber:
		g.number(r.double(6))
	case recRK:
		g.number(decodeRK(r.long(6)))
	case recMulRK:
		g.many()
	case recFormula:
		g.formula()
	case recString:
		if g.await {
			g.put(r.string(0))
		}
		g.await = false
	case recHeader, recFooter:
		g.note(r.string(0))
	case recContinue:
		if g.inText && len(r.body) > 1 {
			g.note(r.text(1, len(r.body), r.body[0]&1 != 0))
		}
	case recLink:
		g.note(r.text(0, len(r.body)/2, true))
	}
	g.inText = text
}

func (g *grid) many() {
	row, column := g.r.word(0), g.r.word(2)
	for at := 4; at+6 <= len(g.r.body)-2; at += 6 {
		g.place(row, column)
		g.put(formatted(decodeRK(g.r.long(at + 2))))
		column++
	}
}

func (g *grid) formula() {
	if g.r.word(12) == 0xffff {
		g.await = len(g.r.body) > 6 && g.r.body[6] == 0
		g.cell("")
		return
	}
	g.number(g.r.double(6))
}

// cell writes the cell of the record.
func (g *grid) cell(text string) {
	g.place(g.r.word(0), g.r.word(2))
	g.put(text)
}

func (g *grid) number(n float64) { g.cell(formatted(n)) }

// place writes the line feeds and tabs before a cell.
func (g *grid) place(row, column int) {
	for ; g.line < row; g.line++ {
		g.out = append(g.out, '\n')
		g.column = -1
	}
	if g.line > row && g.line != math.MaxInt {
		g.out, g.column = append(g.out, '\n'), -1
	}
	tabs := min(column, maxColumn) - max(g.column, 0)
	if g.column >= 0 {
		tabs = max(tabs, 1)
	}
	for range tabs {
		g.out = append(g.out, '\t')
	}
	g.column = max(g.column, min(column, maxColumn))
}

var flat = strings.NewReplacer("\t", " ", "\r", " ", "\n", " ")

func (g *grid) put(text string) { g.out = append(g.out, flat.Replace(text)...) }

// note keeps what is no cell for the end.
func (g *grid) note(text string) {
	if text != "" {
		g.notes = append(append(g.notes, text...), '\n')
	}
}

func (b *records) double(at int) float64 {
	return math.Float64frombits(uint64(b.long(at)) | uint64(b.long(at+4))<<32)
}

// decodeRK reads a number of four bytes: MS-XLS 2.5.217.
func decodeRK(n uint32) float64 {
	value := float64(int32(n) >> 2)
	if n&2 == 0 {
		value = math.Float64frombits(uint64(n&^3) << 32)
	}
	if n&1 != 0 {
		value /= 100
	}
	return value
}

// formatted writes a number without exponent if it is an integer.
func formatted(n float64) string {
	if n == math.Trunc(n) && math.Abs(n) < 1e19 {
		return strconv.FormatFloat(n, 'f', 0, 64)
	}
	return strconv.FormatFloat(n, 'g', 15, 64)
}
