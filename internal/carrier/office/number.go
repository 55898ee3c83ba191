package office

import "bytes"

// maxInteger is how many digits a number may have to be written out.
const maxInteger = 19

// AppendNumber appends a stored number as a person would write it: an integer
// of up to 19 digits without exponent and without a fraction of zeros. Any
// other value is appended as it is.
func AppendNumber(dst, value []byte) []byte {
	trimmed := bytes.TrimSpace(value)
	sign := 0
	if len(trimmed) > 0 && (trimmed[0] == '-' || trimmed[0] == '+') {
		sign = 1
	}
	mantissa, exponent := trimmed[sign:], 0
	if i := bytes.IndexAny(mantissa, "eE"); i >= 0 {
		var ok bool
		if exponent, ok = smallInteger(mantissa[i+1:]); !ok {
			return append(dst, value...)
		}
		mantissa = mantissa[:i]
	}
	whole, fraction, _ := bytes.Cut(mantissa, []byte("."))
	fraction = bytes.TrimRight(fraction, "0")
	if !decimal(whole) || !decimal(fraction) || len(whole) == 0 || len(fraction) > exponent || len(whole)+exponent > maxInteger+1 {
		return append(dst, value...)
	}
	if sign == 1 && trimmed[0] == '-' {
		dst = append(dst, '-')
	}
	start := len(dst)
	dst = append(append(dst, whole...), fraction...)
	for range exponent - len(fraction) {
		dst = append(dst, '0')
	}
	for start < len(dst)-1 && dst[start] == '0' { // 0.4E+2
		dst = append(dst[:start], dst[start+1:]...)
	}
	return dst
}

func decimal(b []byte) bool {
	for _, c := range b {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}

// smallInteger reads an exponent of at most two digits that is not negative.
func smallInteger(b []byte) (int, bool) {
	b = bytes.TrimPrefix(b, []byte("+"))
	b = bytes.TrimLeft(b, "0")
	if len(b) > 2 || !decimal(b) {
		return 0, false
	}
	n := 0
	for _, c := range b {
		n = n*10 + int(c-'0')
	}
	return n, true
}
