package card

import "strings"

const (
	shownFirst = 6 // the BIN, as PCI DSS 3.4.1 lets it be shown
	shownLast  = 4
)

// Mask returns the number as it may be shown: the first six digits, one * for
// each hidden digit, and the last four. What is no card number by its length,
// or holds a byte that is no digit, is hidden entirely.
func Mask(digits []byte) string {
	if len(digits) < minDigits || len(digits) > maxDigits || !allDigits(digits) {
		return strings.Repeat("*", len(digits))
	}
	var b strings.Builder
	b.Grow(len(digits))
	b.Write(digits[:shownFirst])
	for range len(digits) - shownFirst - shownLast {
		b.WriteByte('*')
	}
	b.Write(digits[len(digits)-shownLast:])
	return b.String()
}

func allDigits(b []byte) bool {
	for _, c := range b {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}
