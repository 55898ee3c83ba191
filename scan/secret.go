package scan

import (
	"bytes"

	"github.com/stanch/stanch/card"
)

// labelled judges a value behind a label.
func labelled(s *Scene, m *Match) bool {
	v, ok := valueAt(s.Text, s.At.Start)
	if !ok {
		return false
	}
	m.Digits = nil
	text := s.Text[v.at.start:v.at.end]
	switch v.kind {
	case password:
		m.Class, m.Confidence = Secret, passwordConfidence(text, v.bare, 8)
		m.Context = append(m.Context, ctxPassword)
	case keyWord:
		m.Class, m.Confidence = Secret, passwordConfidence(text, v.bare, 16)
		m.Context = append(m.Context, ctxKey)
	case key:
		m.Class, m.Confidence = Secret, keyConfidence(text, s.Text[v.at.end:])
		m.Context = append(m.Context, ctxKey)
	case pinBlock, pinField:
		m.Class, m.Confidence = PINBlock, High
		m.Context = append(m.Context, ctxPIN)
		if variety(text) < 4 {
			m.Confidence = Low
			m.Context = append(m.Context, ctxRepeated)
		}
	case account:
		var room [maxRun]byte
		if digits := onlyDigits(room[:0], text); card.BrandOf(digits) != "" && card.Luhn(digits) {
			return false // it is a card number, and found as one
		}
		m.Class, m.Confidence = BankAccount, Medium
		m.Context = append(m.Context, ctxAccount)
	}
	m.Offset, m.Length = s.Offset+int64(v.at.start), int64(v.at.end-v.at.start)
	m.Parts = []Part{{m.Class, m.Offset, m.Length}}
	return m.Confidence > 0
}

// onlyDigits copies the digits of text as far as there is room for a card.
func onlyDigits(to, text []byte) []byte {
	for _, c := range text {
		if digit(c) {
			to = append(to, c)
		}
	}
	return to
}

// keyConfidence judges the hex digits of a key. A check value behind it shows
// that it is one; one that counts up or repeats was made up for a test.
func keyConfidence(text, after []byte) Confidence {
	after = after[:min(len(after), 64)]
	switch {
	case variety(text) < 6 || counts(text):
		return Low
	case hasWord(after, "kcv") || hasWord(after, "checkvalue") || hasWord(after, "check value") || bytes.Contains(after, []byte("校验值")):
		return High
	case len(text) == 16:
		return Low
	}
	return Medium
}

// hasWord looks for a word in small letters in text of any case.
func hasWord(text []byte, word string) bool {
	for i := range text {
		if hasPrefixFold(text[i:], word) {
			return true
		}
	}
	return false
}

// variety counts the different bytes of text, in either case.
func variety(text []byte) int {
	var seen [256]bool
	n := 0
	for _, c := range text {
		if !seen[lower[c]] {
			seen[lower[c]] = true
			n++
		}
	}
	return n
}

// counts reports whether hex digits count up or down in most places.
func counts(text []byte) bool {
	steps := 0
	for i := 1; i < len(text); i++ {
		if d := hexValue(text[i]) - hexValue(text[i-1]); d == 1 || d == -1 || d == 0 {
			steps++
		}
	}
	return steps*4 > len(text)*3
}

func hexValue(c byte) int {
	if digit(c) {
		return int(c - '0')
	}
	return int(c|0x20-'a') + 10
}

// stand are words that stand in a text in place of a password.
var stand = [...]string{
	"password", "passwd", "secret", "change", "example", "your", "xxx", "****", "....", "todo", "none", "null", "true", "false",
	"undefined", "redacted", "hidden", "dummy", "placeholder", "${", "{{", "$(", "%(", "://", "getenv", "environ",
}

// passwordConfidence judges a word that is given to a name for passwords. It
// is medium if it is long enough and mixed as only passwords are, and zero if
// it is a word that stands for one, or code.
func passwordConfidence(text []byte, bare bool, length int) Confidence {
	const shortest, longest = 6, 64
	if len(text) < shortest || len(text) > longest || !letter(text[0]) && !digit(text[0]) && bytes.IndexByte([]byte("!#@+-_=^~?"), text[0]) < 0 {
		return 0
	}
	for _, word := range stand {
		if hasWord(text, word) {
			return 0
		}
	}
	kinds, digits := mixed(text)
	switch {
	case kinds == 0 || variety(text) < 5:
		return 0
	case bare && bytes.ContainsAny(text, "(){}[]|\\`"):
		return 0
	case len(text) >= length && jumbled(text):
		return Medium
	case bare && digits == 0 && path(text):
		return 0
	case kinds >= 3 && len(text) >= length:
		return Medium
	case kinds >= 2 && digits > 0:
		return Low
	}
	return 0
}

// mixed counts the kinds of bytes in a word: small letters, capitals, digits,
// marks. It is zero if one is no byte of a password.
func mixed(text []byte) (kinds, digits int) {
	var small, capital, mark int
	for _, c := range text {
		switch {
		case digit(c):
			digits = 1
		case upper(c):
			capital = 1
		case letter(c):
			small = 1
		case c <= ' ' || c >= 0x7f:
			return 0, 0
		default:
			mark = 1
		}
	}
	return small + capital + digits + mark, digits
}

// jumbled reports whether capitals stand in a word as no name in a program has
// them: many, and not at the beginning of its parts alone.
func jumbled(text []byte) bool {
	changes, letters := 0, 0
	for i, c := range text {
		if !letter(c) {
			continue
		}
		letters++
		if i > 0 && letter(text[i-1]) && upper(c) != upper(text[i-1]) {
			changes++
		}
	}
	return letters >= 6 && changes*5 >= letters*2
}

// path reports whether text is a name in a program: words with dots, dashes
// and arrows between.
func path(text []byte) bool {
	for _, c := range text {
		if !alphanumeric(c) && c != '_' && c != '.' && c != '-' && c != '>' && c != ':' && c != '/' && c != '*' && c != '&' {
			return false
		}
	}
	return true
}
