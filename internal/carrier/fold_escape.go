package carrier

import (
	"bytes"
	surrogate "unicode/utf16"
	"unicode/utf8"
)

// percentAt reads a character of a query or a path: %34, %C2%A0, %u0034.
func percentAt(text []byte, i int) element {
	if i+1 < len(text) && text[i+1]|0x20 == 'u' {
		if r := hexValue(text, i+2, 4); r >= 0 {
			return element{6, plainRune(r), oddPercent}
		}
	}
	return hexBytesAt(text, i, '%', oddPercent)
}

// hexBytesAt reads a character written as a mark and two hexadecimal digits
// for each of its bytes.
func hexBytesAt(text []byte, i int, mark byte, kind odd) element {
	b := hexValue(text, i+1, 2)
	switch {
	case b < 0:
		return element{1, rune(text[i]), 0}
	case b < utf8.RuneSelf:
		return element{3, b, kind}
	}
	var bytes [utf8.UTFMax]byte
	n := 0
	for at := i; n < len(bytes) && at < len(text) && text[at] == mark; at += 3 {
		b := hexValue(text, at+1, 2)
		if b < utf8.RuneSelf {
			break
		}
		bytes[n] = byte(b)
		n++
	}
	if r, size := utf8.DecodeRune(bytes[:n]); size > 1 {
		return element{3 * size, plainRune(r), kind}
	}
	if b == 0xa0 {
		return element{3, ' ', kind}
	}
	return element{3, utf8.RuneError, kind}
}

// quotedAt reads quoted-printable: a soft break, a blank, a digit. So many
// texts have a number after an = that only what cannot be such is read.
func quotedAt(text []byte, i int) element {
	plain := element{1, '=', 0}
	if i+1 >= len(text) {
		return plain
	}
	switch next := text[i+1]; {
	case next == '\n':
		return element{2, nothing, oddQP}
	case next == '\r' && i+2 < len(text) && text[i+2] == '\n':
		return element{3, nothing, oddQP}
	}
	b := hexValue(text, i+1, 2)
	switch {
	case b >= '0' && b <= '9':
		if quotedByte(text, i-3) || quotedByte(text, i+3) {
			return element{3, b, oddQP}
		}
	case b == ' ' || b == '-':
		if n := digitsBefore(text, i); n > 0 && n <= longestGroup || quotedByte(text, i-3) {
			return element{3, b, oddQP}
		}
	case b >= utf8.RuneSelf:
		if e := hexBytesAt(text, i, '=', oddQP); e.out < utf8.RuneSelf {
			return e
		}
	}
	return plain
}

// longestGroup is how many digits stand together in a grouped number, but for
// its last group.
const longestGroup = 6

// quotedByte reports whether text[i:] begins with =XX.
func quotedByte(text []byte, i int) bool {
	return i >= 0 && i < len(text) && text[i] == '=' && hexValue(text, i+1, 2) >= 0
}

// digitsBefore counts the digits that end before text[i], up to one more than
// a group has.
func digitsBefore(text []byte, i int) int {
	n := 0
	for n <= longestGroup && i > n && decimal(text[i-n-1]) {
		n++
	}
	return n
}

// escapeAt reads an escape of JSON, JavaScript, Java, C or CSS. JSON inside
// JSON doubles the backslash, each time.
func escapeAt(text []byte, i int) element {
	const deepest = 8
	at := i
	for at < len(text) && at-i < deepest && text[at] == '\\' {
		at++
	}
	if at == len(text) {
		return element{1, '\\', 0}
	}
	e := afterBackslash(text, at)
	if e.kind == 0 {
		return element{1, '\\', 0}
	}
	e.n += at - i
	return e
}

// afterBackslash reads what follows the backslashes.
func afterBackslash(text []byte, i int) element {
	switch c := text[i]; c {
	case 'u':
		return unicodeEscape(text, i)
	case 'x':
		if r := hexValue(text, i+1, 2); r >= 0 {
			return element{3, plainRune(r), oddEscape}
		}
	case '0', '1', '2', '3':
		return octalEscape(text, i)
	case '/', '-', '"', '\'':
		return element{1, rune(c), oddEscape}
	case 'n':
		return element{1, '\n', oddEscape}
	case 't':
		return element{1, '\t', oddEscape}
	case 'e':
		if i+1 < len(text) && text[i+1] == '[' {
			return element{1, escByte, oddEscape}
		}
	case '\n':
		return element{1, nothing, oddWrap}
	case '\r':
		if i+1 < len(text) && text[i+1] == '\n' {
			return element{2, nothing, oddWrap}
		}
	}
	return element{}
}

// unicodeEscape reads u0034, u{34} and a pair of surrogates.
func unicodeEscape(text []byte, i int) element {
	if i+1 < len(text) && text[i+1] == '{' {
		end := bytes.IndexByte(text[i:min(len(text), i+10)], '}')
		if end > 2 {
			if r := hexValue(text, i+2, end-2); r >= 0 {
				return element{end + 1, plainRune(r), oddEscape}
			}
		}
		return element{}
	}
	r := hexValue(text, i+1, 4)
	if r < 0 {
		return element{}
	}
	if surrogate.IsSurrogate(r) && i+6 < len(text) && text[i+5] == '\\' && text[i+6] == 'u' {
		if pair := surrogate.DecodeRune(r, hexValue(text, i+7, 4)); pair != utf8.RuneError {
			return element{11, plainRune(pair), oddEscape}
		}
	}
	return element{5, plainRune(r), oddEscape}
}

// octalEscape reads 064, and 000034 as CSS writes it.
func octalEscape(text []byte, i int) element {
	if bytes.HasPrefix(text[i:], []byte("0000")) {
		if r := hexValue(text, i+4, 2); r >= 0 {
			return element{6, plainRune(r), oddEscape}
		}
	}
	if i+3 > len(text) {
		return element{}
	}
	r := rune(0)
	for _, c := range text[i : i+3] {
		if c < '0' || c > '7' {
			return element{}
		}
		r = r<<3 | rune(c-'0')
	}
	return element{3, plainRune(r), oddEscape}
}

// ansiAt reads a sequence that steers a terminal: a colour, a title.
func ansiAt(text []byte, i int) element {
	plain := element{1, escByte, 0}
	if i+1 >= len(text) {
		return plain
	}
	switch text[i+1] {
	case '[':
		return controlSequence(text, i)
	case ']':
		return systemCommand(text, i)
	case '(', ')':
		if i+2 < len(text) {
			return element{3, nothing, oddANSI}
		}
	}
	return plain
}

// controlSequence reads ECMA-48 CSI: parameters, then one final byte.
func controlSequence(text []byte, i int) element {
	const longest = 64
	for at := i + 2; at < min(len(text), i+longest); at++ {
		switch c := text[at]; {
		case c >= 0x40 && c <= 0x7e:
			return element{at + 1 - i, nothing, oddANSI}
		case c < 0x20 || c > 0x3f:
			return element{1, escByte, 0}
		}
	}
	return element{1, escByte, 0}
}

// systemCommand reads ECMA-48 OSC, up to BEL or ESC backslash.
func systemCommand(text []byte, i int) element {
	const longest = 256
	for at := i + 2; at < min(len(text), i+longest); at++ {
		switch text[at] {
		case 0x07:
			return element{at + 1 - i, nothing, oddANSI}
		case escByte:
			if at+1 < len(text) && text[at+1] == '\\' {
				return element{at + 2 - i, nothing, oddANSI}
			}
			return element{1, escByte, 0}
		}
	}
	return element{1, escByte, 0}
}
