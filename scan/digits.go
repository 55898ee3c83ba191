package scan

import "math/bits"

// DigitMatcher is the built-in matcher. It yields each run of 12 to 19 digits,
// each run of 17 digits and an X, and each chain of groups that cards are
// written in.
type DigitMatcher struct{}

const (
	minRun = 12 // digits of the shortest card number
	maxRun = 19
)

// separators holds the bytes that may stand between groups of digits.
var separators = [256]bool{' ': true, '-': true, '.': true, '_': true, '/': true, '+': true, '\t': true}

func digit(c byte) bool { return c-'0' < 10 }

// Find implements [Matcher].
func (DigitMatcher) Find(window []byte, from, to int, yield func(Candidate) bool) {
	find(window, from, to, looks{}, yield)
}

// looks say what find is to do beyond what a Matcher does.
type looks struct {
	screen bool // yield only such runs of digits as CardScorer may accept
	phones bool // yield runs of 11 digits that begin with 1
	values bool // yield labels with a value
}

// find yields the candidates that start in window[from:to].
//
// It looks at masks with a bit for each digit. A few shifts leave the bits at
// which a run or a chain of groups could start; those few places are read.
func find(window []byte, from, to int, looks looks, yield func(Candidate) bool) {
	const words = 64
	var masks [words + 1]uint64 // one more to look ahead
	var labels [words]uint64
	before := uint64(0) // the digit before the next word, as its lowest bit
	if from > 0 && digit(window[from-1]) {
		before = 1
	}
	for base := from; base < to; base += words * wordBytes {
		n := min(words, (to-base+wordBytes-1)/wordBytes)
		classify(masks[:n+1], window[base:])
		if looks.values {
			triggered(labels[:n], window[base:])
		}
		for i := range n {
			low, high := masks[i], masks[i+1]
			first := low &^ (low<<1 | before)
			before = low >> (wordBytes - 1)
			hits := labels[i]
			at := base + i*wordBytes
			if low != 0 {
				runs, groups := starts(first, low, high)
				if looks.screen && runs != 0 {
					runs = promising(window, at, runs, low, high)
				}
				if looks.phones {
					hits |= elevens(first, low, high)
				}
				hits |= runs | groups
			}
			for ; hits != 0; hits &= hits - 1 {
				bit := bits.TrailingZeros64(hits)
				start := at + bit
				if start >= to {
					return
				}
				n := runLength(low, high, bit)
				if !candidatesAt(window, start, start+n, looks, yield) {
					return
				}
			}
		}
	}
}

// starts returns at which of the bits in first a run of at least 12 digits
// starts, and at which a chain of groups could: 4-4-4 and on, 4-6-4 and on,
// 4-3-3-3, or 6 and 8 and on. High is the word that follows low.
func starts(first, low, high uint64) (runs, groups uint64) {
	lo2, hi2 := low&right(low, high, 1), high&(high>>1)
	lo4, hi4 := lo2&right(lo2, hi2, 2), hi2&(hi2>>2)
	lo8, hi8 := lo4&right(lo4, hi4, 4), hi4&(hi4>>4)
	runs = first & lo8 & right(lo4, hi4, 8)
	lo3, hi3 := lo2&right(low, high, 2), hi2&(high>>2)
	four := first & lo4 &^ right(low, high, 4) & right(lo3, hi3, 5)
	six := first & lo4 & right(lo2, hi2, 4) &^ right(low, high, 6) & right(lo8, hi8, 7)
	if four|six == 0 {
		return runs, 0
	}
	threes := right(lo3, hi3, 9) & right(lo3, hi3, 13) &^ right(low, high, 8) &^ right(low, high, 12)
	fours := right(lo4, hi4, 10) &^ right(low, high, 9)
	sixes := right(lo4, hi4, 7) & right(lo4, hi4, 12) &^ right(low, high, 11)
	return runs, four&(threes|fours|sixes) | six
}

// elevens returns at which of the bits in first a run of 11 digits starts.
func elevens(first, low, high uint64) uint64 {
	lo2, hi2 := low&right(low, high, 1), high&(high>>1)
	lo4, hi4 := lo2&right(lo2, hi2, 2), hi2&(hi2>>2)
	return first & lo4 & right(lo4, hi4, 4) & right(lo4, hi4, 7) &^ right(low, high, phoneDigits)
}

// right shifts two words right as one, and returns the lower.
func right(low, high uint64, by int) uint64 { return low>>by | high<<(wordBytes-by) }

// runLength returns how many digits stand side by side from a bit on. It
// counts as far as high goes.
func runLength(low, high uint64, bit int) int {
	return bits.TrailingZeros64(^(low>>(bit&63) | high<<1<<(63-bit&63)))
}

// candidatesAt yields what begins with the run window[start:end]. Like the
// others it returns false when yield does.
func candidatesAt(window []byte, start, end int, looks looks, yield func(Candidate) bool) bool {
	switch n := end - start; {
	case n == 0:
		if v, ok := valueAt(window, start); ok {
			return yield(Candidate{start, v.at.end, 0, Labelled})
		}
	case n == phoneDigits:
		return !looks.phones || window[start] != '1' || yield(Candidate{start, end, n, Short})
	case n == 4 || n == 6:
		if end+1 < len(window) && separators[window[end]] && digit(window[end+1]) {
			return groupsAt(window, start, end, yield)
		}
	case n == idDigits-1 && end < len(window) && window[end]|0x20 == 'x':
		return yield(Candidate{start, end + 1, idDigits, RunX}) && yield(Candidate{start, end, n, Run})
	case n >= minRun && n <= maxRun:
		return looks.screen && !plausible(window, start, end) || yield(Candidate{start, end, n, Run})
	}
	return true
}

// groupsAt yields the forms of a card number that begin with this group,
// longest first.
func groupsAt(window []byte, start, end int, yield func(Candidate) bool) bool {
	const most, longest = 5, 13
	var found [most]Candidate
	separator := window[end]
	form, digits, n := end-start, end-start, 0
	for groups := 1; groups < most && end < len(window) && window[end] == separator; groups++ {
		next := end + 1
		end = next
		for end < len(window) && end-next <= longest && digit(window[end]) {
			end++
		}
		length := end - next
		if length == 0 || length > longest {
			break
		}
		form, digits = form<<4|length, digits+length
		if cardForm(form) {
			found[n] = Candidate{start, end, digits, Grouped}
			n++
		}
	}
	for n--; n >= 0; n-- {
		if !yield(found[n]) {
			return false
		}
	}
	return true
}

// cardForm reports whether cards are written in groups of these lengths. Each
// hexadecimal digit of form is the length of a group.
func cardForm(form int) bool {
	switch form {
	case 0x4444, 0x465, 0x464, 0x6d, 0x44443, 0x44442, 0x44441, 0x4445, 0x4441, 0x444, 0x445, 0x4333, 0x6c:
		return true
	}
	return false
}
