package pdf

import (
	"bytes"
	"io"
)

// Limits of a page's content.
const (
	maxOperands = 128
	maxStates   = 64
	maxForms    = 12 // drawn inside each other
)

// A state is what q saves and Q restores.
type state struct {
	page    matrix
	font    *font
	size    float64
	char    float64 // space added after each glyph
	word    float64 // and after each space
	stretch float64
	leading float64
	rise    float64
}

// A frame is a content stream being read: the page's, or a form's on it.
type frame struct {
	l         *lexer
	resources object
	states    int // depth of saved states when it began
	saved     state
	fonts     map[string]*font // by their names here
}

// A drawing runs the content of a page and notes the text it draws.
type drawing struct {
	f        *file
	fonts    map[int]*font
	none     *font // for text without one
	frames   []frame
	states   []state
	now      state
	text     matrix
	line     matrix
	layout   layout
	operands []object
	glyphs   []byte
	pictures []int // numbers of the pictures drawn, 0 for one in the content
	err      error // the first that ended a stream early
}

func newDrawing(f *file, fonts map[int]*font) *drawing {
	return &drawing{f: f, fonts: fonts, none: &font{scale: 0.001}, now: state{page: identity, size: 1, stretch: 1}, text: identity, line: identity}
}

// push begins a content stream.
func (d *drawing) push(r io.Reader, resources object) {
	d.frames = append(d.frames, frame{l: newLexer(r, 16<<10), resources: resources, states: len(d.states), saved: d.now})
}

// step reads one operand or carries out one operator. It reports whether there
// may be more.
func (d *drawing) step() bool {
	if len(d.frames) == 0 {
		return false
	}
	top := &d.frames[len(d.frames)-1]
	o, err := top.l.next()
	if err != nil {
		if err != io.EOF && d.err == nil {
			d.err = err
		}
		d.states, d.now = d.states[:min(len(d.states), top.states)], top.saved
		d.frames, d.operands = d.frames[:len(d.frames)-1], d.operands[:0]
		return len(d.frames) > 0
	}
	if o.kind != isWord {
		if len(d.operands) < maxOperands {
			d.operands = append(d.operands, o)
		}
		return true
	}
	d.operator(string(o.text))
	d.operands = d.operands[:0]
	return true
}

// number returns an operand, counted from the last.
func (d *drawing) number(back int) float64 {
	if i := len(d.operands) - 1 - back; i >= 0 {
		return d.operands[i].num
	}
	return 0
}

func (d *drawing) operator(word string) {
	switch word {
	case "q":
		if len(d.states) < maxStates {
			d.states = append(d.states, d.now)
		}
	case "Q":
		if n := len(d.states); n > d.frames[len(d.frames)-1].states {
			d.now, d.states = d.states[n-1], d.states[:n-1]
		}
	case "cm":
		d.now.page = matrixOf(d.operands).times(d.now.page)
	case "BT":
		d.text, d.line = identity, identity
	case "Tm":
		d.text = matrixOf(d.operands)
		d.line = d.text
	case "Tf":
		d.setFont()
	case "Tc":
		d.now.char = d.number(0)
	case "Tw":
		d.now.word = d.number(0)
	case "Tz":
		d.now.stretch = d.number(0) / 100
	case "TL":
		d.now.leading = d.number(0)
	case "Ts":
		d.now.rise = d.number(0)
	case "Td":
		d.move(d.number(1), d.number(0))
	case "TD":
		d.now.leading = -d.number(0)
		d.move(d.number(1), d.number(0))
	case "T*":
		d.move(0, -d.now.leading)
	case "Tj", "TJ", "'", "\"":
		d.show(word)
	case "Do":
		d.object()
	case "BI":
		d.inline()
	}
}

func (d *drawing) move(x, y float64) {
	d.line = d.line.moved(x, y)
	d.text = d.line
}

func (d *drawing) setFont() {
	if len(d.operands) < 2 || d.operands[0].kind != isName {
		return
	}
	d.now.size = d.number(0)
	top := &d.frames[len(d.frames)-1]
	name := string(d.operands[0].text)
	known, ok := top.fonts[name]
	if !ok {
		known = d.f.font(d.fonts, &top.resources, name)
		if top.fonts == nil || len(top.fonts) >= maxFonts {
			top.fonts = make(map[string]*font)
		}
		top.fonts[name] = known
	}
	d.now.font = known
}

// show carries out the operators that draw strings.
func (d *drawing) show(word string) {
	if word == "\"" {
		d.now.word, d.now.char = d.number(2), d.number(1)
	}
	if word == "'" || word == "\"" {
		d.move(0, -d.now.leading)
	}
	if len(d.operands) == 0 {
		return
	}
	switch last := d.operands[len(d.operands)-1]; last.kind {
	case isString:
		d.draw(last.text)
	case isArray:
		for _, o := range last.list {
			switch o.kind {
			case isString:
				d.draw(o.text)
			case isNumber:
				d.text = d.text.moved(-o.num/1000*d.now.size*d.now.stretch, 0)
			}
		}
	}
}

// draw notes a string and moves on by its width.
func (d *drawing) draw(s []byte) {
	n := d.now.font
	if n == nil {
		n = d.none
	}
	d.glyphs = d.glyphs[:0]
	var along float64
	scale := matrix{d.now.size * d.now.stretch, 0, 0, d.now.size, 0, d.now.rise}
	for len(s) > 0 {
		text, width, c, size := n.next(d.glyphs, s)
		d.glyphs, s = text, s[size:]
		along += width + d.now.char/nonzero(d.now.size)
		if size == 1 && c == ' ' {
			along += d.now.word / nonzero(d.now.size)
		}
		if len(d.glyphs) > 16<<10 {
			d.put(scale, along)
			along = 0
		}
	}
	d.put(scale, along)
}

func (d *drawing) put(scale matrix, along float64) {
	d.layout.draw(d.glyphs, scale.times(d.text).times(d.now.page), along)
	d.text = d.text.moved(along*d.now.size*d.now.stretch, 0)
	d.glyphs = d.glyphs[:0]
}

func nonzero(x float64) float64 {
	if x == 0 {
		return 1
	}
	return x
}

// object draws a form, or notes a picture.
func (d *drawing) object() {
	if len(d.operands) == 0 || d.operands[0].kind != isName {
		return
	}
	top := &d.frames[len(d.frames)-1]
	all := d.f.resolve(top.resources.get("XObject"))
	s := d.f.resolve(all.get(string(d.operands[0].text)))
	if s.kind != isStream {
		return
	}
	if d.f.resolve(s.get("Subtype")).is("Image") {
		if len(d.pictures) < maxOperands {
			d.pictures = append(d.pictures, int(s.num))
		}
		return
	}
	d.form(&s, top.resources)
}

// form begins the content of a form.
func (d *drawing) form(s *object, resources object) {
	d.f.see(int(s.num))
	if len(d.frames) >= maxForms {
		d.err = ErrTooLarge
		return
	}
	r, err := d.f.unpack(s)
	if err != nil {
		d.err = err
		return
	}
	if own := d.f.resolve(s.get("Resources")); own.kind == isDict {
		resources = own
	}
	d.push(r, resources)
	if m := d.f.list(s.get("Matrix")); len(m) == 6 {
		d.now.page = matrixOf(m).times(d.now.page)
	}
}

// inline passes over a picture in the content: a dictionary without brackets,
// ID, data, EI.
func (d *drawing) inline() {
	d.pictures = append(d.pictures[:min(len(d.pictures), maxOperands)], 0)
	l := d.frames[len(d.frames)-1].l
	for {
		o, err := l.next()
		if err != nil || o.word("EI") {
			return
		}
		if o.word("ID") {
			break
		}
	}
	var last [4]byte
	for c := l.take(); c >= 0; c = l.take() {
		copy(last[:], last[1:])
		last[3] = byte(c)
		if bytes.Equal(last[1:3], []byte("EI")) && blank(int(last[0])) && (blank(c) || delimiter(c)) {
			return
		}
	}
}
