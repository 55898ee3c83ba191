package carrier

import (
	"unicode"
	"unicode/utf8"
)

// An element is what one or more bytes of a text stand for.
type element struct {
	n    int  // bytes it takes
	out  rune // what it stands for, nothing if it joins what is beside it
	kind odd  // how it is written, 0 if as itself
}

// nothing is what a tag or a soft break stands for.
const nothing rune = -1

// odd is a set of ways to write text oddly.
type odd uint16

const (
	oddUTF16LE odd = 1 << iota
	oddUTF16BE
	oddUTF32LE
	oddUTF32BE
	oddEBCDIC
	oddQP
	oddWrap
	oddANSI
	oddPercent
	oddEscape
	oddMarkup
	oddUnicode
	oddGBK
	oddShiftJIS
)

// oddNames are the names of encodings, in the order in which they come off.
var oddNames = [...]string{
	"utf16le", "utf16be", "utf32le", "utf32be", "ebcdic", "qp", "wrap", "ansi", "percent", "json", "html",
	"unicode", "gbk", "shiftjis",
}

// names lists the ways in the set.
func (o odd) names() []string {
	var all []string
	for i, name := range oddNames {
		if o>>i&1 == 1 {
			all = append(all, name)
		}
	}
	return all
}

// elementAt reads what stands at text[i]. What is no odd writing is an element
// of its own bytes, with kind 0.
func elementAt(text []byte, i int) element {
	c := text[i]
	if elementClass[c] == 0 {
		return element{1, rune(c), 0}
	}
	e := simpleAt(text, i)
	if e.kind != 0 && nests(e.out) {
		return nested(text, i, e)
	}
	if e.kind == 0 && e.n == 1 {
		switch c {
		case '<':
			return markupAt(text, i)
		case escByte:
			return ansiAt(text, i)
		}
	}
	return e
}

// elementClass marks the bytes that an odd element can begin with.
var elementClass = func() (table [256]uint8) {
	for _, c := range []byte("<&%+\\=\x1b") {
		table[c] = 1
	}
	for c := 0x80; c < 0x100; c++ {
		table[c] = 1
	}
	return table
}()

const escByte = 0x1b

// simpleAt reads an element that stands for one character.
func simpleAt(text []byte, i int) element {
	switch c := text[i]; {
	case c == '&':
		return entityAt(text, i)
	case c == '%':
		return percentAt(text, i)
	case c == '\\':
		return escapeAt(text, i)
	case c == '=':
		return quotedAt(text, i)
	case c == '+':
		if i > 0 && i+1 < len(text) && decimal(text[i-1]) && decimal(text[i+1]) {
			return element{1, ' ', oddPercent}
		}
	case c >= 0x80:
		return highAt(text, i)
	}
	return element{1, rune(text[i]), 0}
}

// nests reports whether c, itself written oddly, may begin another element.
func nests(c rune) bool {
	return c == '<' || c == '&' || c == '%' || c == '\\' || c == escByte
}

// nested reads an element that is itself written oddly, as a tag inside JSON
// or an escape inside a query; first is its first character.
func nested(text []byte, i int, first element) element {
	const most = 72
	var plain [most]byte
	var ends [most]int
	plain[0], ends[0] = byte(first.out), i+first.n
	n, kind := 1, first.kind
	for at := ends[0]; n < most && at < len(text); n++ {
		e := simpleAt(text, at)
		if e.out == nothing || e.out >= utf8.RuneSelf || e.out < ' ' || e.out == '<' || !plausible(plain[0], byte(e.out), n) {
			break
		}
		at += e.n
		plain[n], ends[n] = byte(e.out), at
		if plain[0] != '<' && n >= 24 || plain[0] == '<' && e.out == '>' {
			n++
			break
		}
	}
	inner := elementAt(plain[:n], 0)
	if inner.kind == 0 {
		return first
	}
	return element{ends[inner.n-1] - i, inner.out, inner.kind | kind}
}

// plausible reports whether c can stand n characters after the beginning of
// an element.
func plausible(begin, c byte, n int) bool {
	if n > 1 {
		return true
	}
	switch begin {
	case '<':
		return latin(c) || c == '/' || c == '!'
	case '&':
		return latin(c) || c == '#'
	case '%':
		return hexDigit(c) >= 0 || c == 'u'
	case '\\':
		return decimal(c) || c == 'u' || c == 'x' || c == '\\'
	}
	return c == '[' || c == ']'
}

// highAt reads a character that is not ASCII: a digit, a blank or a dash of
// Unicode, or of the Chinese and Japanese code pages.
func highAt(text []byte, i int) element {
	if r, size := utf8.DecodeRune(text[i:]); size > 1 {
		if plain := plainRune(r); plain != r {
			return element{size, plain, oddUnicode}
		}
		return element{size, r, 0}
	}
	c := text[i]
	if i+1 < len(text) {
		switch next := text[i+1]; {
		case c == 0xa3 && next >= 0xb0 && next <= 0xb9:
			return element{2, rune(next - 0x80), oddGBK}
		case c == 0xa3 && next == 0xad, c == 0xa1 && next == 0xaa:
			return element{2, '-', oddGBK}
		case c == 0xa1 && next == 0xa1:
			return element{2, ' ', oddGBK}
		case c == 0x82 && next >= 0x4f && next <= 0x58:
			return element{2, rune(next - 0x4f + '0'), oddShiftJIS}
		case i > 0 && decimal(text[i-1]) && decimal(next):
			return latinAt(c)
		}
	}
	return element{1, rune(c), 0}
}

// latinAt reads a byte of Latin-1 or Windows-1252 that stands between digits.
func latinAt(c byte) element {
	switch c {
	case 0xa0:
		return element{1, ' ', oddUnicode}
	case 0xad:
		return element{1, nothing, oddUnicode}
	case 0x96, 0x97:
		return element{1, '-', oddUnicode}
	}
	return element{1, rune(c), 0}
}

// plainRune returns the ASCII character that r stands for: a digit, a blank or
// a dash; nothing for what has no width; r itself for all else.
func plainRune(r rune) rune {
	switch {
	case r < 0xa0:
		return r
	case r == 0xa0, r >= 0x2000 && r <= 0x200a, r == 0x202f, r == 0x205f, r == 0x3000:
		return ' '
	case r == 0xad, r >= 0x200b && r <= 0x200f, r >= 0x202a && r <= 0x202e, r >= 0x2060 && r <= 0x2069, r == 0xfeff:
		return nothing
	case r >= 0x2010 && r <= 0x2015, r == 0x2212, r == 0xfe58, r == 0xfe63, r == 0xff0d:
		return '-'
	case r >= 0xff10 && r <= 0xff19:
		return r - 0xff10 + '0'
	case r >= 0x2e80 && r <= 0xa4ff:
		return r // Chinese, Japanese: no digits among them
	}
	return decimalRune(r)
}

// decimalRune returns the ASCII digit for a decimal digit of another script.
// Unicode lays them out in tens, each from zero up.
func decimalRune(r rune) rune {
	if r <= 0xffff {
		for _, t := range unicode.Nd.R16 {
			if r <= rune(t.Hi) {
				if r >= rune(t.Lo) {
					return '0' + (r-rune(t.Lo))%10
				}
				return r
			}
		}
	}
	for _, t := range unicode.Nd.R32 {
		if r <= rune(t.Hi) {
			if r >= rune(t.Lo) {
				return '0' + (r-rune(t.Lo))%10
			}
			return r
		}
	}
	return r
}

func decimal(c byte) bool { return c-'0' < 10 }

func latin(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

// hexDigit returns the value of a hexadecimal digit, -1 if c is none.
func hexDigit(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return int(c|0x20-'a') + 10
	}
	return -1
}

// hexValue reads text[i:i+n] as a hexadecimal number, -1 if it is none.
func hexValue(text []byte, i, n int) rune {
	if i+n > len(text) {
		return -1
	}
	v := rune(0)
	for _, c := range text[i : i+n] {
		d := hexDigit(c)
		if d < 0 {
			return -1
		}
		v = v<<4 | rune(d)
	}
	return v
}
