// Package cardtest makes synthetic card data for tests, drills and the
// demonstration. In goes a count, out comes the same card data each time. It
// never makes a number that could be a person's: card numbers are made under
// the BINs of published test cards, and resident IDs under region codes that
// are given to nobody.
package cardtest

import (
	"fmt"
	"math/bits"

	"github.com/stanch/stanch/card"
)

// spread is prime and shares no factor with any power of ten, so that n times
// spread visits each account number once.
const spread = 2654435761

// bin returns a BIN that a published test card of the brand has.
func bin(b card.Brand) string {
	switch b {
	case card.Visa:
		return "411111"
	case card.Mastercard:
		return "555555"
	case card.UnionPay:
		return "620000"
	case card.Amex:
		return "378282"
	case card.Discover:
		return "601111"
	case card.JCB:
		return "353011"
	case card.Diners:
		return "305693"
	case card.Mir:
		return "220000"
	case card.Maestro:
		return "675964"
	}
	panic("cardtest: no test BIN for brand " + string(b))
}

// Number returns card number n of a brand and length, with a right check
// digit. Different n below 10^(length-7) give different numbers. It panics if
// the brand issues no such length, because that is a fault of the caller.
func Number(b card.Brand, length int, n uint64) string {
	return under(bin(b), b, length, n)
}

// Series2 returns a Mastercard number of the 2-series, as Number does.
func Series2(n uint64) string { return under("222300", card.Mastercard, 16, n) }

// UnionPay81 returns a UnionPay number that begins with 81, as Number does.
func UnionPay81(length int, n uint64) string { return under("817199", card.UnionPay, length, n) }

func under(bin string, b card.Brand, length int, n uint64) string {
	free := length - len(bin) - 1
	if free < 1 || free > 12 {
		panic(fmt.Sprintf("cardtest: %s has no length %d", b, length))
	}
	space := uint64(1)
	for range free {
		space *= 10
	}
	high, low := bits.Mul64(n%space, spread%space)
	digits := fmt.Appendf(nil, "%s%0*d", bin, free, (bits.Rem64(high, low, space)+7)%space)
	digits = append(digits, '0')
	for !card.Luhn(digits) {
		digits[length-1]++
	}
	if card.BrandOf(digits) != b {
		panic(fmt.Sprintf("cardtest: %s has no length %d", b, length))
	}
	return string(digits)
}
