package pdf

import (
	"strings"
	"unicode/utf8"
)

// Limits of the fonts of a file.
const (
	maxFonts  = 64 // held at once
	maxWidths = 1 << 16
)

// A font turns the codes of a string into text and widths.
type font struct {
	name     string
	codes    *cmap      // how codes are cut
	text     *cmap      // what they stand for, nil if the file does not say
	plain    [256]glyph // of a font of single bytes, made when first met
	names    [256]string
	wide     bool // a composite font
	identity bool // its codes are glyphs
	unicode  bool // its codes are UTF-16
	widths   map[uint32]float64
	missing  float64 // width of what widths does not list, 0 if the font is a standard one
	scale    float64 // of a width to the text's unit
}

// A glyph is what one code stands for.
type glyph struct {
	made  bool
	text  string
	width float64
}

// font returns the font of that name in the resources.
func (f *file) font(fonts map[int]*font, resources *object, name string) *font {
	all := f.resolve(resources.get("Font"))
	ref := all.get(name)
	if ref.kind == isRef {
		if known := fonts[int(ref.num)]; known != nil {
			return known
		}
	}
	dict := f.resolve(ref)
	loaded := f.readFont(&dict)
	if ref.kind == isRef {
		if len(fonts) >= maxFonts {
			clear(fonts)
		}
		fonts[int(ref.num)] = loaded
	}
	return loaded
}

func (f *file) readFont(dict *object) *font {
	n := &font{name: string(f.resolve(dict.get("BaseFont")).text), scale: 0.001, widths: make(map[uint32]float64)}
	if s := f.resolve(dict.get("ToUnicode")); s.kind == isStream {
		f.see(int(s.num))
		if r, err := f.unpack(&s); err == nil {
			n.text = readCMap(r)
		}
	}
	if f.resolve(dict.get("Subtype")).is("Type0") {
		f.readComposite(n, dict)
		return n
	}
	if m := f.list(dict.get("FontMatrix")); len(m) == 6 && f.resolve(dict.get("Subtype")).is("Type3") {
		n.scale = f.resolve(m[0]).num
	}
	first := f.resolve(dict.get("FirstChar")).integer()
	for i, w := range f.list(dict.get("Widths")) {
		if i >= 256 {
			break
		}
		n.widths[uint32(first+i)] = f.resolve(w).num
	}
	descriptor := f.resolve(dict.get("FontDescriptor"))
	n.missing = f.resolve(descriptor.get("MissingWidth")).num
	encoding := f.resolve(dict.get("Encoding"))
	at := 0
	for _, o := range f.list(encoding.get("Differences")) {
		switch o = f.resolve(o); {
		case o.kind == isNumber:
			at = o.integer()
		case o.kind == isName && at >= 0 && at < 256:
			n.names[at] = string(o.text)
			at++
		}
	}
	return n
}

// readComposite reads what a font of many characters says.
func (f *file) readComposite(n *font, dict *object) {
	n.wide, n.missing = true, 1000
	n.codes = &cmap{wide: true}
	switch encoding := f.resolve(dict.get("Encoding")); encoding.kind {
	case isStream:
		if r, err := f.unpack(&encoding); err == nil {
			n.codes = readCMap(r)
			n.codes.wide = true
		}
		n.identity = true
	case isName:
		name := string(encoding.text)
		n.identity = strings.HasPrefix(name, "Identity")
		n.unicode = strings.Contains(name, "UCS2") || strings.Contains(name, "UTF16")
		if !n.identity && !n.unicode {
			n.codes = mixedCodes
		}
	}
	for _, o := range f.list(dict.get("DescendantFonts"))[:min(1, len(f.list(dict.get("DescendantFonts"))))] {
		child := f.resolve(o)
		if w := f.resolve(child.get("DW")); w.kind == isNumber {
			n.missing = w.num
		}
		f.readWidths(n, f.list(child.get("W")))
	}
}

// mixedCodes cuts the codes of the older East Asian encodings: ASCII stands
// for itself.
var mixedCodes = &cmap{spaces: []codeSpace{{1, 0, 0x80}, {2, 0x8100, 0xffff}}}

// readWidths reads "first [w w w]" and "first last w".
func (f *file) readWidths(n *font, w []object) {
	for i := 0; i+1 < len(w) && len(n.widths) < maxWidths; {
		first := f.resolve(w[i]).integer()
		second := f.resolve(w[i+1])
		if second.kind == isArray {
			for j, o := range second.list[:min(len(second.list), maxWidths)] {
				n.widths[uint32(first+j)] = f.resolve(o).num
			}
			i += 2
			continue
		}
		if i+2 >= len(w) {
			return
		}
		last, width := second.integer(), f.resolve(w[i+2]).num
		for c := first; c <= last && len(n.widths) < maxWidths; c++ {
			n.widths[uint32(c)] = width
		}
		i += 3
	}
}

// next cuts a code off a string and appends its text. It returns how wide the
// glyph is and how many bytes the code has.
func (n *font) next(dst, b []byte) (text []byte, width float64, c uint32, size int) {
	if n.wide {
		c, size = n.codes.next(b)
		return n.appendText(dst, c, size), n.width(c), c, size
	}
	g := &n.plain[b[0]]
	if !g.made {
		c := uint32(b[0])
		*g = glyph{true, string(n.appendText(nil, c, 1)), n.width(c)}
	}
	return append(dst, g.text...), g.width, uint32(b[0]), 1
}

func (n *font) width(c uint32) float64 {
	width, ok := n.widths[c]
	switch {
	case ok:
	case n.missing != 0:
		width = n.missing
	default:
		width = standardWidth(n.name, c)
	}
	return width * n.scale
}

func (n *font) appendText(dst []byte, c uint32, size int) []byte {
	if out, ok := n.text.append(dst, c); ok {
		return out
	}
	switch {
	case !n.wide:
		if name := n.names[c&0xff]; name != "" {
			if text := glyphText(name); text != "" {
				return append(dst, text...)
			}
		}
		return utf8.AppendRune(dst, latin(byte(c)))
	case n.unicode:
		return utf8.AppendRune(dst, rune(c))
	case n.identity && c >= firstGlyph && c < firstGlyph+95:
		return append(dst, byte(c-firstGlyph+' '))
	case size == 1 && c < 0x80:
		return append(dst, byte(c))
	}
	return utf8.AppendRune(dst, utf8.RuneError)
}

// firstGlyph is the number of the space in most TrueType fonts, in which ASCII
// follows in order. It is a guess for files that do not say what glyphs mean.
const firstGlyph = 3
