package redact

import (
	"bytes"
	"cmp"
	"html"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/stanch/stanch/internal/carrier"
	"github.com/stanch/stanch/internal/carrier/office"
)

// A part is the markup of one part of a document that is being masked.
type part struct {
	*document
	src   []byte
	lines *outline
	edits []edit
}

// An edit puts other bytes in the place of some.
type edit struct {
	from, to int
	with     string
}

// mask returns the part without what was found in it, nil if nothing was.
func (p *part) mask() ([]byte, error) {
	spans, _, err := find(p.ctx, bytes.NewReader(p.src), int64(len(p.src)), p.o)
	if err != nil {
		return nil, err
	}
	isSheet := p.isSheet()
	var texts *office.Cells
	var rows []span
	if isSheet {
		if texts, rows, err = p.readRows(); err != nil {
			return nil, err
		}
		defer clear(texts.Text())
	}
	if len(spans)+len(rows) == 0 {
		return nil, nil
	}
	if head := p.src[:min(len(p.src), carrier.HeadSize)]; strings.HasPrefix(carrier.Sniff(head, "").String(), "utf16") {
		return nil, ErrKind
	}
	p.lines = outlineOf(p.src, isSheet)
	for _, s := range merge(nil, spans) {
		if err := p.hide(p.sterner(s)); err != nil {
			return nil, err
		}
	}
	for _, s := range rows {
		p.hideInCells(texts, p.sterner(s))
	}
	return p.apply(), nil
}

// sterner hides whole what was masked before and still was found.
func (p *part) sterner(s span) span {
	if p.again {
		s.keep = false
		if s.form != formPlain {
			s.form = formWhole
		}
	}
	return s
}

// isSheet reports whether the part is a worksheet: its rows say more than its
// cells do one by one.
func (p *part) isSheet() bool {
	head := p.src[:min(len(p.src), carrier.HeadSize)]
	return bytes.Contains(head, []byte("<worksheet")) || bytes.Contains(head, []byte(":worksheet"))
}

// readRows returns the text of the rows, and what is to be masked in it.
func (p *part) readRows() (*office.Cells, []span, error) {
	texts, err := office.ReadCells(bytes.NewReader(p.src), p.strings)
	if err != nil {
		return nil, nil, ErrKind
	}
	found, _, err := find(p.ctx, bytes.NewReader(texts.Text()), int64(len(texts.Text())), p.o)
	return texts, merge(nil, found), err
}

// hideInCells masks a piece of the rows' text in the cells that show it.
func (p *part) hideInCells(texts *office.Cells, s span) {
	var last *cell
	piece := s // in the text of the last cell
	texts.Between(s.off, s.end, func(t office.CellText) {
		c := p.lines.cellAt(int(t.At))
		if last != nil && c != last {
			p.hideText(piece)
			last = nil
		}
		switch {
		case c == nil:
		case c.kind == "s" && p.isStarred(c, texts.Text()[t.Begin:t.End]):
		case c.holdsText():
			off, end := t.At, t.At+t.Size
			if t.Size == t.End-t.Begin {
				off, end = off+max(0, s.off-t.Begin), end-max(0, t.End-s.end)
			}
			if last == nil {
				last, piece.off = c, off
			}
			piece.end = end
		default:
			shown := bytes.Clone(texts.Text()[t.Begin:t.End])
			within := s
			within.off, within.end = max(s.off, t.Begin)-t.Begin, min(s.end, t.End)-t.Begin
			stars(shown[within.off:within.end], within)
			p.retype(c, shown)
		}
	})
	if last != nil {
		p.hideText(piece)
	}
}

// isStarred reports whether the shared string that a cell shows was masked
// where it stands, so that the cell may go on showing it.
func (p *part) isStarred(c *cell, shown []byte) bool {
	n, err := strconv.Atoi(string(bytes.TrimSpace(p.src[c.value.from:c.value.to])))
	return err == nil && !p.again && !bytes.Equal(p.starred.Show(n), shown)
}

// retype makes a cell show text instead of a number or a shared string.
func (p *part) retype(c *cell, shown []byte) {
	tag := p.src[c.tag.from:c.tag.to]
	named := false
	for _, a := range attributes(tag) {
		if a.name == "t" {
			p.edit(c.tag.from+a.begin, c.tag.from+a.end, "str")
			named = true
		}
	}
	if !named {
		p.edit(c.tag.to-1, c.tag.to-1, ` t="str"`)
	}
	p.edit(c.value.from, c.value.to, escaped(shown))
}

var escapes = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

func escaped(b []byte) string { return escapes.Replace(string(b)) }

// hide masks a piece of the markup: text, or the attributes of the tag that it
// begins in.
func (p *part) hide(s span) error {
	touched := p.lines.between(int(s.off), int(s.end))
	if len(touched) > 0 && touched[0].tag {
		return p.hideAttributes(touched[0])
	}
	if c := p.lines.cellAt(int(s.off)); c != nil && !c.holdsText() {
		shown := office.AppendNumber(nil, p.src[c.value.from:c.value.to])
		stars(shown, s)
		p.retype(c, shown)
		return nil
	}
	p.hideText(s)
	return nil
}

// hideAttributes masks what is found in the attributes of a tag.
func (p *part) hideAttributes(s stretch) error {
	tag := p.src[s.from:s.to]
	name := tagName(tag)
	for _, a := range attributes(tag) {
		found, err := p.findIn(a, tag[a.begin:a.end])
		switch {
		case err != nil:
			return err
		case len(found) == 0:
		case name == "n" && a.name == "v":
			return ErrKind // of a pivot table: what it counts on must be a number
		case a.name == "value" && name == "table-cell":
			p.untype(s.from, tag, a)
		default:
			value := stretch{from: s.from + a.begin, to: s.from + a.end}
			for _, f := range found {
				f.off, f.end = f.off+int64(value.from), f.end+int64(value.from)
				p.hideGlyphs(p.sterner(f), value)
			}
		}
	}
	return nil
}

// findIn returns what is to be masked in the value of an attribute.
func (p *part) findIn(a attr, value []byte) ([]span, error) {
	all := span{end: int64(len(value))}
	number := office.AppendNumber(nil, []byte(html.UnescapeString(string(value))))
	if digits(number) < 12 {
		return nil, nil
	}
	text := append([]byte(a.name+"="), number...)
	found, _, err := find(p.ctx, bytes.NewReader(text), int64(len(text)), p.o)
	switch shift := int64(len(a.name) + 1); {
	case err != nil:
		return nil, err
	case p.again, len(found) > 0 && !bytes.Equal(number, value):
		return []span{all}, nil
	default:
		for i := range found {
			found[i].off, found[i].end = max(0, found[i].off-shift), found[i].end-shift
		}
		return merge(nil, found), nil
	}
}

func digits(b []byte) (n int) {
	for _, c := range b {
		if c >= '0' && c <= '9' {
			n++
		}
	}
	return n
}

// untype makes a cell of an OpenDocument sheet show its text, and drops the
// number that it stores.
func (p *part) untype(at int, tag []byte, value attr) {
	for _, a := range attributes(tag) {
		if a.name == "value-type" {
			p.edit(at+a.begin, at+a.end, "string")
		}
	}
	p.edit(at+value.from, at+value.to, "")
}

// A glyph is a character of text as it is written in markup.
type glyph struct {
	from, to int
	tells    bool
}

// hideText masks the text in a piece of the markup and leaves the tags.
func (p *part) hideText(s span) {
	var texts []stretch
	for _, t := range p.lines.between(int(s.off), int(s.end)) {
		if !t.tag {
			texts = append(texts, t)
		}
	}
	p.hideGlyphs(s, texts...)
}

// hideGlyphs masks what stands of a piece in these stretches. In a formula it
// puts zeros, for a star would mean a product there.
func (p *part) hideGlyphs(s span, texts ...stretch) {
	var glyphs []glyph
	star := "*"
	for _, t := range texts {
		if t.formula {
			star, s.keep = "0", false
		}
		for i := max(t.from, int(s.off)); i < min(t.to, int(s.end)); {
			g := p.glyph(i, t.to, s.form)
			if g.tells {
				glyphs = append(glyphs, g)
			}
			i = g.to
		}
	}
	keep := s.keep && len(glyphs) >= 12
	for seen, g := range glyphs {
		if !keep || seen >= 6 && seen < len(glyphs)-4 {
			p.edit(g.from, g.to, star)
		}
	}
}

// glyph reads the character at i of text that goes up to end.
func (p *part) glyph(i, end int, f form) glyph {
	if c := p.src[i]; c == '&' {
		if n := bytes.IndexByte(p.src[i:min(end, i+12)], ';'); n > 0 {
			c, ok := reference(p.src[i+1 : i+n])
			return glyph{i, i + n + 1, ok && f.tells(c)}
		}
	} else if c < 0x80 {
		return glyph{i, i + 1, f.tells(c)}
	}
	_, n := utf8.DecodeRune(p.src[i:end])
	return glyph{i, i + n, f.tells(p.src[i])}
}

// reference decodes a reference to a character by its number; 0xff stands for
// all that are no ASCII.
func reference(b []byte) (c byte, ok bool) {
	if len(b) < 2 || b[0] != '#' {
		return 0, false
	}
	base, digits := 10, string(b[1:])
	if digits[0]|0x20 == 'x' {
		base, digits = 16, digits[1:]
	}
	n, err := strconv.ParseUint(digits, base, 32)
	if err != nil {
		return 0, false
	}
	return byte(min(n, 0xff)), true
}

func (p *part) edit(from, to int, with string) { p.edits = append(p.edits, edit{from, to, with}) }

// apply makes the edits and returns nil if there are none. Of two in one place the one that reaches further
// counts.
func (p *part) apply() []byte {
	if len(p.edits) == 0 {
		return nil
	}
	slices.SortStableFunc(p.edits, func(a, b edit) int {
		return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(b.to, a.to))
	})
	out := make([]byte, 0, len(p.src)+len(p.edits)*4)
	at := 0
	for i, e := range p.edits {
		if e.from < at || i > 0 && e == p.edits[i-1] {
			continue
		}
		out = append(append(out, p.src[at:e.from]...), e.with...)
		at = e.to
	}
	return append(out, p.src[at:]...)
}
