package scan

import "time"

// idDigits is the length of a China resident ID by GB 11643: region, date of
// birth, order, check character.
const idDigits = 18

// provinces holds a bit for each first pair of digits that is in use.
var provinces = [10]uint16{
	1: 1<<1 | 1<<2 | 1<<3 | 1<<4 | 1<<5,
	2: 1<<1 | 1<<2 | 1<<3,
	3: 1<<1 | 1<<2 | 1<<3 | 1<<4 | 1<<5 | 1<<6 | 1<<7,
	4: 1<<1 | 1<<2 | 1<<3 | 1<<4 | 1<<5 | 1<<6,
	5: 1<<0 | 1<<1 | 1<<2 | 1<<3 | 1<<4,
	6: 1<<1 | 1<<2 | 1<<3 | 1<<4 | 1<<5,
	7: 1 << 1,
	8: 1<<1 | 1<<2 | 1<<3,
	9: 1 << 1,
}

// validID reports whether id, 17 digits and a digit or X, is a resident ID:
// a province, a date that was, and the check character of ISO 7064 MOD 11-2.
func validID(id []byte) bool {
	if len(id) != idDigits || provinces[id[0]-'0']>>(id[1]-'0')&1 == 0 {
		return false
	}
	if !validDate(number(id[6:10]), number(id[10:12]), number(id[12:14])) {
		return false
	}
	p := 0
	for _, c := range id[:idDigits-1] {
		p = (p + int(c-'0')) * 2 % 11
	}
	return id[idDigits-1] == "0123456789X"[(12-p)%11]
}

// validDate reports whether the date is real and a person alive today may
// have been born on it. There is no clock here, so the end is generous.
func validDate(year, month, day int) bool {
	if year < 1900 || year > 2050 || month < 1 || month > 12 || day < 1 {
		return false
	}
	return day <= time.Date(year, time.Month(month)+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

func number(digits []byte) int {
	n := 0
	for _, c := range digits {
		n = n*10 + int(c-'0')
	}
	return n
}
