package scan

import (
	"bytes"

	"github.com/stanch/stanch/card"
)

// Doubts explain a number that passes for a card as something else. A doubt
// from the bytes that touch the number stands against any label. One from its
// value or its company gives way to a label.

// touching returns the doubt that the bytes around the number raise, "" if
// they are clean. A label that ends at the number does not count as glue.
func touching(text []byte, c Candidate, labelled bool) string {
	left, right := text[:c.Start], text[c.End:]
	if escaped(left) {
		left = nil
	}
	switch {
	case decimal(left, right):
		return ctxDecimal
	case hexBeside(left, right):
		return ctxHex
	case c.Shape == Run && iban(left, text[c.Start:c.End]):
		return ctxIBAN
	case len(right) > 0 && letter(right[0]), len(left) > 0 && letter(left[len(left)-1]) && !labelled:
		return ctxGlued
	case dialled(left):
		return ctxCompound
	}
	if c.Shape == Grouped {
		return chained(text, c)
	}
	if uuidBefore(left) {
		return ctxHex
	}
	return ""
}

// iban reports whether left ends in the country of an international bank
// account number and the digits are the rest of it, by ISO 7064 MOD 97-10.
func iban(left, digits []byte) bool {
	n := len(left)
	if n < 2 || !upper(left[n-1]) || !upper(left[n-2]) || n > 2 && alphanumeric(left[n-3]) {
		return false
	}
	rest := 0
	for _, d := range digits[2:] {
		rest = (rest*10 + int(d-'0')) % 97
	}
	for _, c := range left[n-2:] {
		rest = (rest*100 + int(c-'A') + 10) % 97
	}
	return (rest*100+number(digits[:2]))%97 == 1
}

// escaped reports whether left ends in an escape for one byte that is no part
// of the number: \n of a quoted text, %3D of a query.
func escaped(left []byte) bool {
	n := len(left)
	if n >= 2 && left[n-2] == '\\' && letter(left[n-1]) {
		return true
	}
	return n >= 3 && left[n-3] == '%' && digit(left[n-2]) && letter(left[n-1])
}

// dialled reports whether left ends in the + of a phone number. After a word
// it is the space of a query.
func dialled(left []byte) bool {
	n := len(left)
	return n > 0 && left[n-1] == '+' && (n == 1 || !alphanumeric(left[n-2]))
}

// decimal reports whether the number is part of a number with a point or an
// exponent. A table program writes .0 after a card number, so that is none.
func decimal(left, right []byte) bool {
	if n := len(left); n >= 2 && left[n-1] == '.' && digit(left[n-2]) {
		return true
	}
	if len(right) >= 2 && right[0]|0x20 == 'e' && (digit(right[1]) || right[1] == '+' || right[1] == '-') {
		return true
	}
	if len(right) < 2 || right[0] != '.' || !digit(right[1]) {
		return false
	}
	end := 1
	for end < len(right) && right[end] == '0' {
		end++
	}
	return end < len(right) && (alphanumeric(right[end]) || right[end] == '.')
}

// hexBeside reports whether the number is part of a word in hex: within four
// bytes on one side there are letters a to f and no others.
func hexBeside(left, right []byte) bool {
	const look = 4
	hexLetters, others := 0, 0
	count := func(c byte) bool {
		switch {
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			hexLetters++
		case letter(c):
			others++
		case !digit(c):
			return false
		}
		return true
	}
	for i := len(left) - 1; i >= max(0, len(left)-look) && count(left[i]); i-- {
	}
	for i := 0; i < min(look, len(right)) && count(right[i]); i++ {
	}
	return hexLetters > 0 && others == 0
}

// uuidBefore reports whether left ends as a UUID does before its last group.
func uuidBefore(left []byte) bool {
	n := len(left)
	if n < 6 || left[n-1] != '-' || left[n-6] != '-' {
		return false
	}
	return fourHex(left[n-5 : n-1])
}

// fourHex reports whether word is four digits, decimal or hex.
func fourHex(word []byte) bool {
	for _, c := range word {
		if !digit(c) && (c|0x20 < 'a' || c|0x20 > 'f') {
			return false
		}
	}
	return len(word) == 4
}

// chained looks whether a grouped number is a piece of a longer chain: a
// table of numbers, an IBAN, a reference in parts.
func chained(text []byte, c Candidate) string {
	separator := separatorOf(text, c)
	before := tokenBefore(text, c.Start, separator)
	after := tokenAfter(text, c.End, separator)
	switch {
	case len(before) == 4 && upper(before[0]) && upper(before[1]) && allDigits(before[2:]):
		return ctxIBAN
	case fourHex(before), fourHex(after):
		return ctxChain
	case tight(separator) && (len(before) > 0 || len(after) > 0):
		return ctxCompound
	case odd(separator) && c.Start > 0 && text[c.Start-1] == separator:
		return ctxCompound
	}
	return ""
}

// tight reports whether a separator holds the parts of a name or a version
// together, so that a further part speaks against a card number.
func tight(separator byte) bool { return separator == '-' || odd(separator) }

// odd reports whether cards are seldom written with this separator, and other
// things often: addresses, versions, file names.
func odd(separator byte) bool { return separator == '.' || separator == '_' || separator == '/' }

// inTable reports whether a grouped number has further groups of four digits
// on both sides.
func inTable(text []byte, c Candidate) bool {
	separator := separatorOf(text, c)
	before, after := tokenBefore(text, c.Start, separator), tokenAfter(text, c.End, separator)
	return len(before) == 4 && allDigits(before) && len(after) == 4 && allDigits(after)
}

func separatorOf(text []byte, c Candidate) byte {
	for _, b := range text[c.Start:c.End] {
		if !digit(b) {
			return b
		}
	}
	return 0
}

// tokenBefore returns the word that ends one separator before text[i].
func tokenBefore(text []byte, i int, separator byte) []byte {
	const longest = 16
	if i < 2 || text[i-1] != separator {
		return nil
	}
	start := i - 1
	for start > 0 && i-start <= longest && alphanumeric(text[start-1]) {
		start--
	}
	return text[start : i-1]
}

// tokenAfter returns the word that begins one separator after text[:i].
func tokenAfter(text []byte, i int, separator byte) []byte {
	const longest = 16
	if i+1 >= len(text) || text[i] != separator {
		return nil
	}
	end := i + 1
	for end < len(text) && end-i <= longest && alphanumeric(text[end]) {
		end++
	}
	return text[i+1 : end]
}

// byValue returns the doubt that the digits raise by themselves.
func byValue(digits []byte) string {
	switch {
	case dateTime(digits):
		return ctxDate
	case reference(digits):
		return ctxReference
	case article(digits):
		return ctxEAN
	case repeated(digits) && !card.IsTest(digits):
		return ctxRepeated
	}
	return ""
}

// dateTime reports whether digits begin with a date and time: YYMMDDhhmmss
// followed by a message type or the like, or DDMMYYYYhhmmss alone.
func dateTime(digits []byte) bool {
	if len(digits) == 14 && clock(digits[8:]) && number(digits[4:8]) >= 1990 && number(digits[4:8]) <= 2050 {
		return month(number(digits[2:4])) && number(digits[:2]) <= 31
	}
	y, d := number(digits[:2]), number(digits[4:6])
	return y >= 15 && y <= 32 && month(number(digits[2:4])) && d >= 1 && d <= 31 && clock(digits[6:])
}

// clock reports whether digits begin with hhmmss.
func clock(digits []byte) bool {
	return number(digits[:2]) < 24 && number(digits[2:4]) < 60 && number(digits[4:6]) < 60
}

// reference reports whether digits are a retrieval reference number (last
// digit of the year, day, hour, trace), alone or with its trace after it.
func reference(digits []byte) bool {
	if !dayOfYear(digits) || number(digits[4:6]) > 23 {
		return false
	}
	return len(digits) == 12 || len(digits) == 18 && bytes.Equal(digits[6:12], digits[12:])
}

// article reports whether 13 digits are an article number: GS1 has given out
// their first three, and the check digit is right.
func article(digits []byte) bool {
	if len(digits) != 13 || !eanCheck(digits) {
		return false
	}
	switch prefix := number(digits[:3]); {
	case prefix > 440 && prefix < 450, prefix > 560 && prefix < 569, prefix >= 580 && prefix < 590, prefix >= 670 && prefix < 680:
		return false
	}
	return true
}

// eanCheck reports whether the last of 13 digits is the check digit of EAN-13.
func eanCheck(digits []byte) bool {
	sum := 0
	for i, c := range digits {
		sum += int(c-'0') * (1 + 2*(i%2))
	}
	return sum%10 == 0
}

// repeated reports whether digits hold no more than two different ones.
func repeated(digits []byte) bool {
	set := 0
	for _, c := range digits {
		set |= 1 << (c - '0')
	}
	set &= set - 1
	return set&(set-1) == 0
}
