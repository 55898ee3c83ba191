package corpus

import (
	"fmt"
	"math/bits"
	"math/rand/v2"

	"github.com/stanch/stanch/card"
)

// A kind is one of the fifteen pairs of brand and length of which every class
// has its share. A kind with several lengths takes them in turn.
type kind struct {
	brand   card.Brand
	lengths []int
	bins    map[Family][]string // of published test cards
}

// kinds lists them. No BIN serves both families, but for brands of which few
// test cards are published.
var kinds = []kind{
	{card.Visa, []int{16}, bins("411111 424242 400002", "401288 400005 444433")},
	{card.Visa, []int{13}, bins("422222", "491761")},
	{card.Visa, []int{19}, bins("424242 400000", "498843 416667")},
	{card.Mastercard, []int{16}, bins("555555 510510", "520082 545454 542400")},
	{card.Mastercard, []int{16}, bins("222300 222240", "222241 272099")},
	{card.Amex, []int{15}, bins("378282 345177", "371449 378734 370000")},
	{card.Discover, []int{16}, bins("601111 644564", "601100 601160")},
	{card.JCB, []int{16}, bins("353011", "356600 356999")},
	{card.Diners, []int{14}, bins("305693 362272", "385200 360066")},
	{card.UnionPay, []int{16}, bins("620000", "621234 625094")},
	{card.UnionPay, []int{19}, bins("620000 621094", "621234 624303")},
	{card.UnionPay, []int{17, 18}, bins("621094", "625094")},
	{card.UnionPay, []int{16, 19, 17, 18}, bins("817199", "817149")},
	{card.Mir, []int{16}, bins("220000", "220138")},
	{card.Maestro, []int{16, 19, 18, 13, 17, 12, 15, 14}, bins("675964 501800", "677179 630400")},
}

func bins(tuning, report string) map[Family][]string {
	return map[Family][]string{Tuning: words(tuning), Report: words(report)}
}

// A deck deals card numbers, no number twice.
type deck struct {
	family Family
	order  []int
	base   uint64
	dealt  uint64
}

func newDeck(family Family, random *rand.Rand) *deck {
	return &deck{family: family, order: random.Perm(len(kinds)), base: random.Uint64N(1 << 40)}
}

// deal returns n numbers, the kinds in turn.
func (d *deck) deal(n int) []string {
	out := make([]string, 0, n)
	for len(out) < n {
		which := d.order[d.dealt%uint64(len(kinds))]
		k := kinds[which]
		round := d.dealt / uint64(len(kinds))
		list := k.bins[d.family]
		pan := number(list[round%uint64(len(list))], k.lengths[round%uint64(len(k.lengths))], d.base+uint64(which)<<24+round)
		d.dealt++
		if !card.IsTest([]byte(pan)) {
			out = append(out, pan)
		}
	}
	return out
}

// spread is prime and shares no factor with a power of ten, so that n times
// spread visits each account number once.
const spread = 2147483647

// number returns number n under a BIN, with a right check digit.
func number(bin string, length int, n uint64) string {
	free := length - len(bin) - 1
	space := uint64(1)
	for range free {
		space *= 10
	}
	high, low := bits.Mul64(n%space, spread%space)
	return withCheck(fmt.Sprintf("%s%0*d", bin, free, (bits.Rem64(high, low, space)+3)%space))
}

// withCheck puts the check digit after digits.
func withCheck(digits string) string {
	out := append([]byte(digits), '0')
	for !card.Luhn(out) {
		out[len(out)-1]++
	}
	return string(out)
}

// without returns digits with a last digit that is not the right one.
func without(digits string, by int) string {
	out := []byte(digits)
	last := &out[len(out)-1]
	*last = '0' + (*last-'0'+byte(1+by%9))%10
	return string(out)
}
