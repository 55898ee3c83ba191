package scan

import (
	"encoding/binary"
	"math/bits"

	"github.com/stanch/stanch/card"
)

// issued holds, for each first pair of digits, a bit for each length of the
// card numbers and resident IDs that begin so. It is wider than card.BrandOf
// and never narrower; a test holds it to that.
var issued = func() (lengths [256]uint32) {
	const (
		long = 1<<16 | 1<<17 | 1<<18 | 1<<19
		any  = 1<<12 | 1<<13 | 1<<14 | 1<<15 | long
		id   = 1<<idDigits | 1<<(idDigits-1)
	)
	for _, r := range []struct {
		low, high int
		lengths   uint32
	}{
		{22, 22, long}, {23, 27, 1 << 16}, {30, 30, 1 << 14}, {34, 34, 1 << 15}, {35, 35, long},
		{36, 36, 1<<14 | 1<<16}, {37, 37, 1 << 15}, {38, 39, 1<<14 | 1<<16}, {40, 49, 1<<13 | 1<<16 | 1<<19},
		{50, 50, any}, {51, 55, 1 << 16}, {56, 56, any}, {58, 58, any}, {60, 60, long}, {62, 62, long},
		{63, 63, any}, {64, 65, long}, {67, 67, any}, {81, 81, long},
		{11, 15, id}, {21, 23, id}, {31, 37, id}, {41, 46, id}, {50, 54, id}, {61, 65, id}, {71, 71, id}, {81, 83, id}, {91, 91, id},
	} {
		for pair := r.low; pair <= r.high; pair++ {
			lengths[pair] |= r.lengths
		}
	}
	return lengths
}()

// promising drops the runs that nobody issues by their first two digits and
// their length, unless they end as the number of a track does. Most runs of a
// payment log go here, so there is nothing to mispredict.
func promising(window []byte, at int, runs, low, high uint64) (kept uint64) {
	for ; runs != 0; runs &= runs - 1 {
		bit := bits.TrailingZeros64(runs)
		n := runLength(low, high, bit)
		first, second := window[at+bit]-'0', window[at+bit+1]-'0'
		keep := issued[first*10+second] >> (n & 63) & 1
		end := min(at+bit+n, len(window)-1)
		kept |= uint64(keep|tracks[window[end]]) << bit
	}
	return kept
}

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
var tracks = [256]uint32{'^': 1, '=': 1, 'D': 1, 'd': 1}

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
