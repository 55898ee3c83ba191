//go:build !purego

package carrier

import "golang.org/x/sys/cpu"

// markTriggers sets a bit in masks for each place of text[i:] that may be a
// trigger. There must be a byte before, and wordAhead bytes behind.
func markTriggers(masks []uint64, text []byte, i int) {
	if len(masks) == 0 {
		return
	}
	_ = text[i-1 : i+len(masks)*wordBytes+wordAhead]
	if cpu.X86.HasAVX2 {
		triggersAVX2(&masks[0], &text[i], len(masks))
	} else {
		portableTriggers(masks, text, i)
	}
}

// markKinds sets the masks of text, 64 bytes for each.
func markKinds(masks []kindMasks, text []byte) {
	if len(masks) == 0 {
		return
	}
	_ = text[:len(masks)*wordBytes]
	if cpu.X86.HasAVX2 {
		kindsAVX2(&masks[0][0], &text[0], len(masks))
	} else {
		portableKinds(masks, text)
	}
}
