package carrier

import (
	"bytes"
	"unicode/utf8"
)

const (
	longestTag  = 256
	longestName = 24
)

// markupAt reads a tag or a comment that does not separate what stands on its
// two sides. Cells, rows, blocks and tags of unknown meaning are not read:
// they end a number.
func markupAt(text []byte, i int) element {
	plain := element{1, '<', 0}
	window := text[i:min(len(text), i+longestTag)]
	if bytes.HasPrefix(window, []byte("<!--")) {
		if end := bytes.Index(window[4:], []byte("-->")); end >= 0 {
			return element{end + 7, nothing, oddMarkup}
		}
		return plain
	}
	if !joins(window) {
		return plain
	}
	if end := tagEnd(window); end > 0 {
		return element{end, nothing, oddMarkup}
	}
	return plain
}

// joins reports whether tag begins a tag that stands inside a line of text.
func joins(tag []byte) bool {
	var room [longestName]byte
	name, at := room[:0], 1
	if at < len(tag) && tag[at] == '/' {
		at++
	}
	for ; at < len(tag) && len(name) < longestName; at++ {
		c := tag[at]
		if latin(c) {
			c |= 0x20
		} else if c != ':' && !decimal(c) {
			break
		}
		name = append(name, c)
	}
	if at == len(tag) || len(name) == longestName {
		return false
	}
	switch tag[at] {
	case '>', '/', ' ', '\t', '\n', '\r':
		return inline(name)
	}
	return false
}

// tagEnd returns the length of a tag, with its quoted values; 0 if it does
// not end.
func tagEnd(tag []byte) int {
	quote := byte(0)
	for i := 1; i < len(tag); i++ {
		switch c := tag[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '>':
			return i + 1
		case c == '<':
			return 0
		}
	}
	return 0
}

// inline reports whether a tag of that name joins what it stands between.
func inline(name []byte) bool {
	switch string(name) {
	case "b", "i", "u", "s", "a", "em", "strong", "span", "font", "code", "mark", "small", "big", "sup", "sub", "tt", "kbd",
		"samp", "var", "abbr", "acronym", "cite", "q", "del", "ins", "strike", "bdi", "bdo", "wbr", "nobr", "tspan", "dfn", "data":
		return true
	case "w:p", "w:tc", "w:tr", "w:tbl", "w:tab", "w:br", "w:cr", "w:body", "w:sectpr", "w:instrtext",
		"a:p", "a:tc", "a:tr", "a:br", "a:tab":
		return false
	}
	return bytes.HasPrefix(name, []byte("w:")) || bytes.HasPrefix(name, []byte("a:")) || string(name) == "text:span"
}

// entityAt reads &nbsp; &#52; &#x34; and the like.
func entityAt(text []byte, i int) element {
	plain := element{1, '&', 0}
	if i+2 >= len(text) {
		return plain
	}
	if text[i+1] == '#' {
		return numericEntity(text, i)
	}
	if !latin(text[i+1]) {
		return plain
	}
	const longest = 18
	for end := i + 2; end < min(len(text), i+longest); end++ {
		if c := text[end]; c == ';' {
			if out, ok := entityNamed(string(text[i+1 : end])); ok {
				return element{end + 1 - i, out, oddMarkup}
			}
			return plain
		} else if !latin(c) {
			return plain
		}
	}
	return plain
}

func entityNamed(name string) (rune, bool) {
	switch name {
	case "nbsp", "ensp", "emsp", "thinsp", "hairsp", "numsp", "puncsp", "ThinSpace", "VeryThinSpace", "MediumSpace", "NonBreakingSpace":
		return ' ', true
	case "hyphen", "dash", "ndash", "mdash", "minus", "horbar":
		return '-', true
	case "shy", "zwj", "zwnj", "lrm", "rlm", "ZeroWidthSpace", "NoBreak", "NegativeThinSpace":
		return nothing, true
	case "amp", "AMP":
		return '&', true
	case "lt", "LT":
		return '<', true
	case "gt", "GT":
		return '>', true
	case "quot", "QUOT":
		return '"', true
	case "apos":
		return '\'', true
	case "equals":
		return '=', true
	case "Tab":
		return '\t', true
	case "NewLine":
		return '\n', true
	}
	return 0, false
}

// numericEntity reads &#52; or &#x34;. The semicolon may be missing.
func numericEntity(text []byte, i int) element {
	at, base := i+2, rune(10)
	if text[at]|0x20 == 'x' {
		at, base = at+1, 16
	}
	const longest = 7
	code, end := rune(0), at
	for ; end < len(text) && end-at < longest; end++ {
		d := hexDigit(text[end])
		if d < 0 || rune(d) >= base {
			break
		}
		code = code*base + rune(d)
	}
	if code == 0 || code > utf8.MaxRune {
		return element{1, '&', 0}
	}
	if end < len(text) && text[end] == ';' {
		end++
	}
	return element{end - i, plainRune(code), oddMarkup}
}
