package scan

import (
	"encoding/binary"

	"github.com/stanch/stanch/card"
)

// issued holds, for each first pair of digits, a bit for each length of the
// numbers that brands give out under it. It is wider than card.BrandOf and
// never narrower; a test holds it to that.
var issued = func() (lengths [100]uint32) {
	const (
		long = 1<<16 | 1<<17 | 1<<18 | 1<<19
		any  = 1<<12 | 1<<13 | 1<<14 | 1<<15 | long
	)
	set := func(low, high int, bits uint32) {
		for pair := low; pair <= high; pair++ {
			lengths[pair] |= bits
		}
	}
	set(22, 22, long)
	set(23, 27, 1<<16)
	set(30, 30, 1<<14)
	set(34, 34, 1<<15)
	set(35, 35, long)
	set(36, 39, 1<<14|1<<16)
	set(37, 37, 1<<15)
	set(40, 49, 1<<13|1<<16|1<<19)
	set(50, 50, any)
	set(51, 55, 1<<16)
	set(56, 56, any)
	set(58, 58, any)
	set(60, 60, long)
	set(62, 62, long)
	set(63, 63, any)
	set(64, 65, long)
	set(67, 67, any)
	set(81, 81, long)
	return lengths
}()

// plausible reports whether CardScorer may accept the run of digits at
// window[start:end]. Nine in ten runs of a payment log end here, so it is
// quick and looks at little.
func plausible(window []byte, start, end int) bool {
	first, second := window[start]-'0', window[start+1]-'0'
	n := end - start
	if issued[first*10+second]>>n&1 == 1 {
		unionPay := second == 2 && first == 6 || second == 1 && first == 8
		if unionPay || luhnAt(window, start, end) {
			return true
		}
	}
	if n == idDigits && provinces[first]>>second&1 == 1 && validID(window[start:end]) {
		return true
	}
	return end < len(window) && tracks[window[end]]
}

// tracks holds the bytes that end the number of a magnetic track.
var tracks = [256]bool{'^': true, '=': true, 'D': true, 'd': true}

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
