package pdf

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// glyphs are the names of the characters of ASCII that are not named by
// themselves.
var glyphs = map[string]byte{
	"space": ' ', "exclam": '!', "quotedbl": '"', "numbersign": '#', "dollar": '$', "percent": '%', "ampersand": '&',
	"quotesingle": '\'', "quoteright": '\'', "parenleft": '(', "parenright": ')', "asterisk": '*', "plus": '+', "comma": ',',
	"hyphen": '-', "minus": '-', "endash": '-', "emdash": '-', "sfthyphen": '-', "period": '.', "slash": '/', "zero": '0', "one": '1', "two": '2',
	"three": '3', "four": '4', "five": '5', "six": '6', "seven": '7', "eight": '8', "nine": '9', "colon": ':',
	"semicolon": ';', "less": '<', "equal": '=', "greater": '>', "question": '?', "at": '@', "bracketleft": '[',
	"backslash": '\\', "bracketright": ']', "asciicircum": '^', "underscore": '_', "grave": '`', "quoteleft": '`',
	"braceleft": '{', "bar": '|', "braceright": '}', "asciitilde": '~', "nbspace": ' ', "nonbreakingspace": ' ',
}

// glyphText returns the text that a glyph's name stands for, "" if unknown.
// Old-style and tabular digits are named as zero.oldstyle or one.tf.
func glyphText(name string) string {
	name, _, _ = strings.Cut(name, ".")
	if c, ok := glyphs[name]; ok {
		return string(rune(c))
	}
	if len(name) == 1 {
		return name
	}
	for _, prefix := range []string{"uni", "u"} {
		if hex, ok := strings.CutPrefix(name, prefix); ok && len(hex) >= 4 && len(hex) <= 6 {
			if n, err := strconv.ParseUint(hex, 16, 32); err == nil && n <= utf8.MaxRune {
				return string(rune(n))
			}
		}
	}
	for _, suffix := range []string{"oldstyle", "inferior", "superior"} {
		if plain, ok := strings.CutSuffix(name, suffix); ok && glyphs[plain] != 0 {
			return string(rune(glyphs[plain]))
		}
	}
	return ""
}

// winAnsi are the characters 0x80 to 0x9f of the usual encoding.
var winAnsi = [32]rune{'€', 0, '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', 0, 'Ž', 0, 0, '\'', '\'', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', 0, 'ž', 'Ÿ'}

// latin returns the character of a byte in a font that says nothing else.
func latin(c byte) rune {
	if c >= 0x80 && c < 0xa0 && winAnsi[c-0x80] != 0 {
		return winAnsi[c-0x80]
	}
	return rune(c)
}

// Widths of the standard fonts, which need not tell them, from space to tilde.
var (
	helvetica = [95]uint16{278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556,
		556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667,
		556, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556, 333, 556, 556, 500,
		556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334,
		260, 334, 584}
	times = [95]uint16{250, 333, 408, 500, 500, 833, 778, 180, 333, 333, 500, 564, 250, 333, 250, 278, 500, 500, 500, 500,
		500, 500, 500, 500, 500, 500, 278, 278, 564, 564, 564, 444, 921, 722, 667, 667, 722, 611, 556, 722, 722, 333, 389, 722,
		611, 889, 722, 722, 556, 722, 667, 556, 611, 722, 722, 944, 722, 722, 611, 333, 278, 333, 469, 500, 333, 444, 500, 444,
		500, 444, 333, 500, 500, 278, 278, 500, 278, 778, 500, 500, 500, 500, 333, 389, 278, 500, 500, 722, 500, 500, 444, 480,
		200, 480, 541}
)

// standardWidth returns the width of a character in a font that tells none.
func standardWidth(font string, c uint32) float64 {
	switch {
	case strings.Contains(font, "Courier"), strings.Contains(font, "Mono"):
		return 600
	case c < ' ' || c > '~':
		return 556
	case strings.Contains(font, "Times"), strings.Contains(font, "Serif"):
		return float64(times[c-' '])
	}
	return float64(helvetica[c-' '])
}
