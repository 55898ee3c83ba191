//go:build !purego

package scan

// vector says that the processor has AVX2, and that the system saves its
// registers.
var vector = hasAVX2()

func hasAVX2() bool {
	const (
		osxsave, avx = 1 << 27, 1 << 28 // leaf 1, c
		avx2         = 1 << 5           // leaf 7, b
		saved        = 1<<1 | 1<<2      // XMM and YMM
	)
	if most, _, _, _ := cpuid(0, 0); most < 7 {
		return false
	}
	if _, _, c, _ := cpuid(1, 0); c&osxsave == 0 || c&avx == 0 || xgetbv()&saved != saved {
		return false
	}
	_, b, _, _ := cpuid(7, 0)
	return b&avx2 != 0
}

// digitMasks sets a bit in masks for each digit of text, which holds 64 bytes
// for each mask.
func digitMasks(masks []uint64, text []byte) {
	switch {
	case len(masks) == 0:
	case vector && len(text) >= len(masks)*wordBytes:
		digitsAVX2(&masks[0], &text[0], len(masks))
	default:
		portable(masks, text)
	}
}

// triggerMasks sets a bit in masks for each byte of text at which a label
// could begin. Text holds 64 bytes for each mask, and two more.
func triggerMasks(masks []uint64, text []byte) {
	switch {
	case len(masks) == 0:
	case vector && len(text) >= len(masks)*wordBytes+2:
		triggersAVX2(&masks[0], &text[0], len(masks), &triggerHalves[0][0])
	default:
		portableTriggers(masks, text)
	}
}
