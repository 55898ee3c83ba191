package card

// doubled holds what a digit counts when Luhn's rule doubles it.
const doubled = "\x00\x02\x04\x06\x08\x01\x03\x05\x07\x09"

// Luhn reports whether digits end in a right check digit by ISO/IEC 7812-1
// annex B. No digits at all, or a byte that is no digit, is false.
func Luhn(digits []byte) bool {
	sum, double := 0, false
	for i := len(digits) - 1; i >= 0; i-- {
		d := digits[i] - '0'
		if d > 9 {
			return false
		}
		if double {
			d = doubled[d]
		}
		sum += int(d)
		double = !double
	}
	return len(digits) > 0 && sum%10 == 0
}
