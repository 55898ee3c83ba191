package cardtest

import (
	"fmt"
	"time"
)

// expiry returns year (two digits) and month of card n.
func expiry(n uint64) (year, month uint64) { return 27 + n%8, 1 + n%12 }

// Expiry returns the expiry date of card n as it is printed: MM/YY.
func Expiry(n uint64) string {
	year, month := expiry(n)
	return fmt.Sprintf("%02d/%02d", month, year)
}

// CVV returns the three-digit card verification value of card n.
func CVV(n uint64) string { return fmt.Sprintf("%03d", (n*769+101)%1000) }

// Track1 returns track 1 of card n as ISO/IEC 7813 lays it out, from start to
// end sentinel.
func Track1(pan string, n uint64) string {
	year, month := expiry(n)
	return fmt.Sprintf("%%B%s^SYNTHETIC/CARD^%02d%02d201%010d?", pan, year, month, n%1e10)
}

// Track2 returns track 2 of card n as ISO/IEC 7813 lays it out, from start to
// end sentinel.
func Track2(pan string, n uint64) string {
	year, month := expiry(n)
	return fmt.Sprintf(";%s=%02d%02d201%08d?", pan, year, month, n%1e8)
}

// ResidentID returns China resident ID n by GB 11643: a real date and a right
// check character, under a code that stands for a whole province and is in
// nobody's ID.
func ResidentID(n uint64) string {
	regions := [...]string{"110000", "310000", "440000", "510000", "620000"}
	born := time.Date(1950, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, int(n*37%20000))
	id := fmt.Appendf(nil, "%s%s%03d", regions[n%uint64(len(regions))], born.Format("20060102"), n/20000%1000)
	return string(append(id, checkCharacter(id)))
}

// checkCharacter computes ISO 7064 MOD 11-2.
func checkCharacter(id []byte) byte {
	p := 0
	for _, c := range id {
		p = (p + int(c-'0')) * 2 % 11
	}
	return "0123456789X"[(12-p)%11]
}
