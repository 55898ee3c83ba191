package scan

import (
	"encoding/binary"
	"math/bits"

	"github.com/stanch/stanch/card"
)

// issued holds, for each first four digits, a bit for each length from 12 on
// of the card numbers and resident IDs that begin so. It says of cards what
// card.BrandOf says; a test holds it to that.
var issued = func() (lengths [1 << 14]uint8) {
	const (
		n13, n14, n15, n16, n17, n18, n19 = 1 << 1, 1 << 2, 1 << 3, 1 << 4, 1 << 5, 1 << 6, 1 << 7

		long = n16 | n17 | n18 | n19
		any  = 1 | n13 | n14 | n15 | long
	)
	for _, r := range []struct {
		low, high int
		lengths   uint8
	}{
		{2200, 2204, long}, {2221, 2720, n16}, {3000, 3059, n14}, {3095, 3095, n14}, {3400, 3499, n15}, {3528, 3589, long},
		{3600, 3699, n14 | n16}, {3700, 3799, n15}, {3800, 3999, n14 | n16}, {4000, 4999, n13 | n16 | n19},
		{5018, 5018, any}, {5020, 5020, any}, {5038, 5038, any}, {5100, 5599, n16}, {5600, 5699, any}, {5893, 5893, any},
		{6011, 6011, long}, {6200, 6299, long}, {6304, 6304, any}, {6440, 6599, long}, {6700, 6799, any}, {8100, 8199, long},
	} {
		for prefix := r.low; prefix <= r.high; prefix++ {
			lengths[prefix] |= r.lengths
		}
	}
	for prefix := range 10_000 {
		if provinces[prefix/1000]>>(prefix/100%10)&1 == 1 {
			lengths[prefix] |= n17 | n18
		}
	}
	return lengths
}()

// promising drops the runs that nobody issues by their first digits and their
// length, unless they end as the number of a track does. Most runs of a
// payment log go here, so it decides little that could be mispredicted.
func promising(window []byte, at int, runs, low, high uint64) (kept uint64) {
	for ; runs != 0; runs &= runs - 1 {
		bit := bits.TrailingZeros64(runs)
		start := at + bit
		if unassigned(window[start], window[start+1]) {
			continue // amounts and dates: a few in each line, always the same ones
		}
		n := runLength(low, high, bit)
		keep := issued[prefixOf(binary.LittleEndian.Uint32(window[start:]))] >> ((n - minRun) & 63) & 1
		end := min(start+n, len(window)-1)
		kept |= uint64(keep|tracks[window[end]]) << (bit & 63)
	}
	return kept
}

// prefixOf returns the number that four digits are.
func prefixOf(digits uint32) uint32 {
	digits &= 0x0f0f0f0f
	digits = (digits*10 + digits>>8) & 0x00ff00ff
	return (digits*100 + digits>>16) & (1<<14 - 1)
}

// unassigned reports whether no issuer, not even of a card for one shop, has
// numbers that begin with these two digits.
func unassigned(first, second byte) bool { return first == '0' || first == '2' && second == '0' }

// plausible reports whether CardScorer may accept the run of digits at
// window[start:end].
func plausible(window []byte, start, end int) bool {
	run := window[start:end]
	brand := card.BrandOf(run)
	if brand != "" && (brand == card.UnionPay || luhnAt(window, start, end)) {
		return true
	}
	if len(run) == idDigits && validID(run) {
		return true
	}
	return end < len(window) && tracks[window[end]] == 1
}

// tracks holds the bytes that end the number of a magnetic track.
var tracks = [256]uint8{'^': 1, '=': 1, 'D': 1, 'd': 1}

// luhnAt is card.Luhn of the digits window[start:end], eight at a time.
func luhnAt(window []byte, start, end int) bool {
	if end < 24 {
		return card.Luhn(window[start:end])
	}
	sum := uint64(0)
	for ; end-start >= 8; end -= 8 {
		sum += luhnEight(binary.LittleEndian.Uint64(window[end-8:]))
	}
	if rest := end - start; rest > 0 {
		before := 8 * (8 - rest) // bits of the bytes before the number
		sum += luhnEight(binary.LittleEndian.Uint64(window[end-8:]) >> before << before)
	}
	return sum%10 == 0
}

// luhnEight adds up what eight digits count, of which the last is not doubled.
func luhnEight(text uint64) uint64 {
	const each = 0x0001000100010001
	single, double := text>>8&(0x0f*each), text&(0x0f*each)*2
	nines := (double + 0x76*each) >> 7 & each // where doubling gave ten or more
	return (single + double - 9*nines) * each >> 48
}
