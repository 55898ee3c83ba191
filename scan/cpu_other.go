//go:build purego || !amd64

package scan

// digitMasks sets a bit in masks for each digit of text, which holds 64 bytes
// for each mask.
func digitMasks(masks []uint64, text []byte) { portable(masks, text) }
