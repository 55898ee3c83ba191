package office

import (
	"bytes"
	"unicode/utf8"
)

// reference appends what a character reference stands for.
func reference(dst, name []byte) ([]byte, bool) {
	switch string(name) {
	case "amp":
		return append(dst, '&'), true
	case "lt":
		return append(dst, '<'), true
	case "gt":
		return append(dst, '>'), true
	case "quot":
		return append(dst, '"'), true
	case "apos":
		return append(dst, '\''), true
	case "nbsp":
		return append(dst, ' '), true
	}
	if len(name) < 2 || name[0] != '#' {
		return dst, false
	}
	base, digits := rune(10), name[1:]
	if digits[0] == 'x' || digits[0] == 'X' {
		base, digits = 16, digits[1:]
	}
	var r rune
	for _, c := range digits {
		d, ok := hexDigit(c)
		if !ok || rune(d) >= base || r > utf8.MaxRune {
			return dst, false
		}
		r = r*base + rune(d)
	}
	return utf8.AppendRune(dst, r), len(digits) > 0
}

func hexDigit(c byte) (byte, bool) {
	switch {
	case '0' <= c && c <= '9':
		return c - '0', true
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10, true
	case 'A' <= c && c <= 'F':
		return c - 'A' + 10, true
	}
	return 0, false
}

// attributes walks over the attributes of a start tag.
type attributes struct {
	rest  []byte
	name  []byte // without its prefix
	value []byte // references not decoded
}

func (a *attributes) next() bool {
	for {
		equals := bytes.IndexByte(a.rest, '=')
		if equals < 0 {
			return false
		}
		name := bytes.TrimSpace(a.rest[:equals])
		after := bytes.TrimLeft(a.rest[equals+1:], " \t\r\n")
		if len(after) == 0 {
			return false
		}
		if after[0] != '"' && after[0] != '\'' {
			a.rest = after
			continue
		}
		end := bytes.IndexByte(after[1:], after[0])
		if end < 0 {
			return false
		}
		a.name, a.value, a.rest = local(name), after[1:1+end], after[end+2:]
		return true
	}
}

// attribute returns the value of the attribute of that name, decoded; nil if
// there is none.
func (t *token) attribute(name string) []byte {
	a := attributes{rest: t.attrs}
	for a.next() {
		if string(a.name) == name {
			return unescape(a.value)
		}
	}
	return nil
}

// unescape decodes the references in a value. It returns the value itself if
// there are none.
func unescape(value []byte) []byte {
	if bytes.IndexByte(value, '&') < 0 {
		return value
	}
	out := make([]byte, 0, len(value))
	for i := 0; i < len(value); i++ {
		if value[i] == '&' {
			window := value[i:min(len(value), i+maxEntity)]
			if n := bytes.IndexByte(window, ';'); n > 0 {
				if decoded, ok := reference(out, window[1:n]); ok {
					out, i = decoded, i+n
					continue
				}
			}
		}
		out = append(out, value[i])
	}
	return out
}

// tellingDigits is how many digits a value must hold to be shown although it
// is not text of the document: no card number has fewer.
const tellingDigits = 12

// telling reports whether b could hold a card number.
func telling(b []byte) bool {
	if len(b) < tellingDigits {
		return false
	}
	n := 0
	for _, c := range b {
		if '0' <= c && c <= '9' {
			n++
		}
	}
	return n >= tellingDigits
}

// tellingAttributes calls show for each attribute that could hold a number,
// and for whatever else in the tag could.
func (t *token) tellingAttributes(show func(name, value []byte)) {
	if telling(t.name) {
		show(nil, t.name)
	}
	if len(t.attrs) < tellingDigits {
		return
	}
	a := attributes{rest: t.attrs}
	for a.next() {
		if value := unescape(a.value); telling(value) || telling(a.name) {
			show(a.name, value)
		}
	}
	if telling(a.rest) {
		show(nil, a.rest)
	}
}
