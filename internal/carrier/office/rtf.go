package office

import (
	"bytes"
	"io"
	"unicode/utf8"
)

// Limits of RTF: groups inside each other whose destination is remembered,
// and the longest control word.
const (
	maxGroups = 1000
	maxWord   = 32
)

// RTF returns the text of a document in the Rich Text Format.
func RTF(r io.Reader) *Text {
	return &Text{from: &rtf{t: &tokens{r: r, buf: make([]byte, bufferSize)}, groups: []group{{skip: 1}}}}
}

// A group is what stands between braces.
type group struct {
	beside bool // its text stands beside the paragraph
	quiet  bool // its text is shown only if it could hold a number
	hidden bool // its text is the bytes of a picture
	skip   int  // characters that follow one in Unicode for older readers
}

type rtf struct {
	t       *tokens // only its buffer is used
	groups  []group
	deeper  int  // groups past maxGroups
	starred bool // the next word begins a destination that may be unknown
	pending int  // characters yet to be skipped
	raw     int  // bytes of \bin yet to be skipped
	high    rune // the first half of a surrogate pair
	aside   written
	begun   int // where the text of the innermost quiet group begins in aside
}

func (f *rtf) now() *group { return &f.groups[len(f.groups)-1] }

// peek returns the next byte, -1 at the end.
func (f *rtf) peek() int {
	if f.t.pos == f.t.end && !f.t.more() {
		return -1
	}
	return int(f.t.buf[f.t.pos])
}

func (f *rtf) at() int64 { return f.t.base + int64(f.t.pos) }

// fill reads one control, or text up to the next.
func (f *rtf) fill(w *written) error {
	c := f.peek()
	switch {
	case c < 0:
		f.flush(w)
		return f.t.err
	case f.raw > 0:
		n := min(f.raw, f.t.end-f.t.pos)
		f.t.pos += n
		f.raw -= n
	case c == '{':
		f.t.pos++
		f.open()
	case c == '}':
		f.t.pos++
		f.close()
	case c == '\\':
		f.control(w)
	case c == '\r' || c == '\n':
		f.t.pos++
		if f.now().beside {
			f.write(w, []byte("\n"), f.at(), 0)
		}
	default:
		f.text(w)
	}
	if len(f.aside.bytes) > maxAside {
		f.flush(w)
	}
	return nil
}

func (f *rtf) open() {
	f.pending = 0
	if len(f.groups) >= maxGroups {
		f.deeper++
		return
	}
	f.groups = append(f.groups, *f.now())
}

func (f *rtf) close() {
	f.pending, f.starred = 0, false
	if f.deeper > 0 {
		f.deeper--
		return
	}
	if len(f.groups) == 1 {
		return
	}
	ended := *f.now()
	f.groups = f.groups[:len(f.groups)-1]
	if !ended.beside || f.now().beside {
		return
	}
	if ended.quiet && f.begun <= len(f.aside.bytes) && !telling(f.aside.bytes[f.begun:]) {
		f.aside.cut(f.begun)
		return
	}
	f.aside.add([]byte("\n"), f.at(), 0)
}

// text reads up to the next control.
func (f *rtf) text(w *written) {
	rest := f.t.buf[f.t.pos:f.t.end]
	n := bytes.IndexAny(rest, "\\{}\r\n")
	if n < 0 {
		n = len(rest)
	}
	skipped := min(f.pending, n)
	f.pending -= skipped
	at := f.at()
	f.t.pos += n
	f.write(w, rest[skipped:n], at+int64(skipped), int64(n-skipped))
}

func (f *rtf) write(w *written, text []byte, at, size int64) {
	switch g := f.now(); {
	case len(text) == 0 || g.hidden:
	case g.beside:
		f.aside.add(text, at, size)
	default:
		w.add(text, at, size)
	}
}

// control reads a control word or symbol.
func (f *rtf) control(w *written) {
	at := f.at()
	f.t.pos++
	c := f.peek()
	if c < 0 {
		return
	}
	if lower := c | 0x20; lower < 'a' || lower > 'z' {
		f.t.pos++
		f.symbol(w, byte(c), at)
		return
	}
	var room [maxWord]byte
	word := room[:0]
	for c >= 0 && 'a' <= c|0x20 && c|0x20 <= 'z' && len(word) < maxWord {
		word = append(word, byte(c))
		f.t.pos++
		c = f.peek()
	}
	negative, number, given := false, 0, false
	if c == '-' {
		negative = true
		f.t.pos++
		c = f.peek()
	}
	for '0' <= c && c <= '9' && number < 1<<40 {
		number, given = number*10+c-'0', true
		f.t.pos++
		c = f.peek()
	}
	if negative {
		number = -number
	}
	if c == ' ' {
		f.t.pos++
	}
	f.word(w, string(word), number, given, at)
}

// symbol carries out a control of one character.
func (f *rtf) symbol(w *written, c byte, at int64) {
	switch c {
	case '\'':
		high, ok := hexByte(f.peek())
		if !ok {
			return
		}
		f.t.pos++
		low, ok := hexByte(f.peek())
		if !ok {
			return
		}
		f.t.pos++
		f.character(w, rune(high<<4|low), at)
	case '*':
		f.starred = true
	case '~':
		f.character(w, ' ', at)
	case '_':
		f.character(w, '-', at)
	case '\\', '{', '}':
		f.character(w, rune(c), at)
	case '\r', '\n':
		f.divide(w, "\n", at)
	}
}

func hexByte(c int) (byte, bool) {
	if c < 0 {
		return 0, false
	}
	return hexDigit(byte(c))
}

// character writes a character that was written as a control.
func (f *rtf) character(w *written, r rune, at int64) {
	if f.pending > 0 {
		f.pending--
		return
	}
	f.write(w, utf8.AppendRune(nil, r), at, f.at()-at)
}

func (f *rtf) word(w *written, word string, number int, given bool, at int64) {
	starred := f.starred
	f.starred = false
	switch word {
	case "par", "line", "row", "sect", "page", "nestrow":
		f.divide(w, "\n", at)
	case "tab", "cell", "nestcell":
		f.divide(w, "\t", at)
	case "emdash", "endash":
		f.character(w, '-', at)
	case "u":
		f.unicode(w, number, at)
	case "uc":
		f.now().skip = max(0, min(number, 16))
	case "bin":
		f.raw = max(0, number)
	case "pict":
		f.beside(false, true)
	case "objdata", "header", "footer", "headerl", "headerr", "headerf", "footerl", "footerr", "footerf", "footnote",
		"annotation", "info", "shptxt":
		f.beside(false, false)
	case "fonttbl", "colortbl", "stylesheet":
		f.beside(true, false)
	case "shppict", "nonshppict":
	default:
		if starred {
			f.beside(true, false)
		}
	}
}

// beside makes the group one whose text stands beside the paragraph.
func (f *rtf) beside(quiet, hidden bool) {
	g := f.now()
	if quiet && !g.beside {
		f.begun = len(f.aside.bytes)
	}
	g.quiet = quiet && (g.quiet || !g.beside)
	g.beside, g.hidden = true, g.hidden || hidden
}

// unicode writes a character of \u, which is a signed number of 16 bits.
func (f *rtf) unicode(w *written, number int, at int64) {
	r := rune(uint16(number))
	f.pending = 0
	switch {
	case 0xd800 <= r && r < 0xdc00:
		f.high = r
	case 0xdc00 <= r && r < 0xe000:
		f.character(w, 0x10000+(f.high-0xd800)<<10+(r-0xdc00), at)
	default:
		f.character(w, r, at)
	}
	f.pending = f.now().skip
}

// divide writes what ends a line or a cell. Notes follow a line.
func (f *rtf) divide(w *written, divider string, at int64) {
	f.write(w, []byte(divider), at, 0)
	if divider == "\n" && !f.now().beside {
		f.flush(w)
	}
}

func (f *rtf) flush(w *written) {
	if len(f.aside.bytes) > 0 {
		if w.last != '\n' && w.last != 0 {
			w.add([]byte("\n"), f.at(), 0)
		}
		w.join(&f.aside)
	}
	f.begun = 0
}
