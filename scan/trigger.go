package scan

import "math/bits"

// A trigger is a set of three bytes in a row with which labels of values
// begin: one byte of each string, in either case.
type trigger [3]string

// triggers are what is looked for. There is a bit for each in a table entry,
// so there are eight at most; each also fires for a few strings that it does
// not name, because the tables know halves of bytes only.
var triggers = [...]trigger{
	{"p", "aw", "sd"},    // password, passwd, pwd
	{"s", "e", "c"},      // secret
	{"k", "e", "y"},      // …_key
	{"tz", "mpead", "k"}, // tmk, tpk, zmk, zpk, tek, tak, …
	{"bkl", "dem", "k"},  // bdk, kek, lmk
	{"pb", "ia", "n"},    // pinblock, bank account
	{"df", "e50", "520"}, // de52, de052, f52, f052
	{"\xe5\xe8", "\xaf\x8f\xb4", "\x86\xa3\xa6"}, // 密, 口, 账
}

// A nibbles holds, for half a byte, a bit for each trigger that it fits.
type nibbles [16]uint8

// triggerTable holds the low and the high half of each of three bytes.
type triggerTable [6]nibbles

var triggerHalves = func() (t triggerTable) {
	for i, trigger := range triggers {
		for place, set := range trigger {
			for _, c := range []byte(set) {
				for _, each := range []byte{c, upperOf(c)} {
					t[2*place][each&15] |= 1 << i
					t[2*place+1][each>>4] |= 1 << i
				}
			}
		}
	}
	return t
}()

// triggerBytes holds, for each of three bytes, the triggers that it fits.
var triggerBytes = func() (t [3][256]uint8) {
	for place := range t {
		for c := range t[place] {
			t[place][c] = triggerHalves[2*place][c&15] & triggerHalves[2*place+1][c>>4]
		}
	}
	return t
}()

func upperOf(c byte) byte {
	if letter(c) {
		return c &^ 0x20
	}
	return c
}

// triggered sets a bit in masks for each byte of text at which a label could
// begin.
func triggered(masks []uint64, text []byte) {
	const after = 2 // bytes that are read behind the last word
	whole := max(0, min((len(text)-after)/wordBytes, len(masks)))
	triggerMasks(masks[:whole], text)
	clear(masks[whole:])
	for i := whole; i < len(masks) && i*wordBytes < len(text); i++ {
		var last [wordBytes + after]byte
		copy(last[:], text[i*wordBytes:])
		triggerMasks(masks[i:i+1], last[:])
	}
}

// portableTriggers is triggerMasks where there is no kernel for the processor.
func portableTriggers(masks []uint64, text []byte) {
	for i := range masks {
		block := text[i*wordBytes:][:wordBytes+2]
		var mask uint64
		for k := range wordBytes {
			hit := triggerBytes[0][block[k]] & triggerBytes[1][block[k+1]] & triggerBytes[2][block[k+2]]
			mask |= uint64(bits.Len8(hit)+7) >> 3 & 1 << k
		}
		masks[i] = mask
	}
}
