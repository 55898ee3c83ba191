package scan

import "encoding/binary"

//go:generate sh -c "cd asm && go run . -out ../kernel_amd64.s -stubs ../kernel_amd64.go -pkg scan"

// wordBytes is how many bytes of text one word of masks stands for.
const wordBytes = 64

// classify sets a bit in masks for each digit of text. A word past the end of
// the text is zero. Whatever finds numbers looks at the masks alone, so it
// finds the same on every machine.
func classify(masks []uint64, text []byte) {
	whole := min(len(text)/wordBytes, len(masks))
	digitMasks(masks[:whole], text)
	if whole == len(masks) {
		return
	}
	clear(masks[whole:])
	var last [wordBytes]byte
	copy(last[:], text[whole*wordBytes:])
	digitMasks(masks[whole:whole+1], last[:])
}

// portable is digitMasks where there is no kernel for the processor.
func portable(masks []uint64, text []byte) {
	for i := range masks {
		block := text[i*wordBytes : (i+1)*wordBytes]
		var mask uint64
		for k := 0; k < wordBytes; k += 8 {
			mask |= eight(binary.LittleEndian.Uint64(block[k:])) << k
		}
		masks[i] = mask
	}
}

// eight returns a bit for each of eight bytes that is a digit.
func eight(bytes uint64) uint64 {
	const (
		ones = 0x0101010101010101
		high = 0x80 * ones
	)
	value := bytes ^ '0'*ones
	digits := ^((value&^high + (0x80-10)*ones) | value) & high
	return digits >> 7 * 0x0102040810204080 >> 56
}
