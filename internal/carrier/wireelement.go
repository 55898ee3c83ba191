package carrier

// A kind says how a data element of ISO 8583 is laid out.
type elementKind uint8

const (
	unknownKind elementKind = iota
	digitsFixed             // n
	textFixed               // a, an, ans: one byte a character
	bitsFixed               // b, size in bytes
	signedFixed             // x+n: a sign and digits
	digitsVar               // a length of two digits, then digits
	trackVar                // a length of two digits, then track 2
	textVar                 // a length of two digits, then characters
	textVar3                // a length of three digits, then characters
	bitsVar3                // a length of three digits, then bytes
	trackVar3               // a length of three digits, then track 3
)

type isoElement struct {
	kind elementKind
	size int
}

// elements1987 are the data elements of ISO 8583:1987, which UnionPay's and
// most other dialects follow.
var elements1987 = [65]isoElement{
	2: {digitsVar, 19}, 3: {digitsFixed, 6}, 4: {digitsFixed, 12}, 5: {digitsFixed, 12}, 6: {digitsFixed, 12},
	7: {digitsFixed, 10}, 8: {digitsFixed, 8}, 9: {digitsFixed, 8}, 10: {digitsFixed, 8}, 11: {digitsFixed, 6},
	12: {digitsFixed, 6}, 13: {digitsFixed, 4}, 14: {digitsFixed, 4}, 15: {digitsFixed, 4}, 16: {digitsFixed, 4},
	17: {digitsFixed, 4}, 18: {digitsFixed, 4}, 19: {digitsFixed, 3}, 20: {digitsFixed, 3}, 21: {digitsFixed, 3},
	22: {digitsFixed, 3}, 23: {digitsFixed, 3}, 24: {digitsFixed, 3}, 25: {digitsFixed, 2}, 26: {digitsFixed, 2},
	27: {digitsFixed, 1}, 28: {signedFixed, 8}, 29: {signedFixed, 8}, 30: {signedFixed, 8}, 31: {signedFixed, 8},
	32: {digitsVar, 11}, 33: {digitsVar, 11}, 34: {textVar, 28}, 35: {trackVar, 37}, 36: {trackVar3, 104},
	37: {textFixed, 12}, 38: {textFixed, 6}, 39: {textFixed, 2}, 40: {textFixed, 3}, 41: {textFixed, 8},
	42: {textFixed, 15}, 43: {textFixed, 40}, 44: {textVar, 99}, 45: {textVar, 79}, 46: {textVar3, 999},
	47: {textVar3, 999}, 48: {textVar3, 999}, 49: {textFixed, 3}, 50: {textFixed, 3}, 51: {textFixed, 3},
	52: {bitsFixed, 8}, 53: {digitsFixed, 16}, 54: {textVar3, 120}, 55: {bitsVar3, 999}, 56: {textVar3, 999},
	57: {textVar3, 999}, 58: {textVar3, 999}, 59: {textVar3, 999}, 60: {textVar3, 999}, 61: {textVar3, 999},
	62: {textVar3, 999}, 63: {textVar3, 999}, 64: {bitsFixed, 8},
}

// elements1993 are those that ISO 8583:1993 lays out in another way.
var elements1993 = func() [65]isoElement {
	e := elements1987
	for de, other := range map[int]isoElement{
		12: {digitsFixed, 12}, 22: {textFixed, 12}, 25: {digitsFixed, 4}, 26: {digitsFixed, 4}, 28: {digitsFixed, 6},
		29: {digitsFixed, 3}, 30: {digitsFixed, 24}, 31: {textVar, 99}, 39: {digitsFixed, 3}, 43: {textVar, 99},
		49: {digitsFixed, 3}, 50: {digitsFixed, 3}, 51: {digitsFixed, 3},
	} {
		e[de] = other
	}
	return e
}()

// elementOf returns the layout of an element of this message.
func (m *message) elementOf(number int) isoElement {
	if m.version == 1 {
		return elements1993[number]
	}
	return elements1987[number]
}
