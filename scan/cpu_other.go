//go:build purego || !amd64

package scan

// digitMasks sets a bit in masks for each digit of text, which holds 64 bytes
// for each mask.
func digitMasks(masks []uint64, text []byte) { portable(masks, text) }

// triggerMasks sets a bit in masks for each byte of text at which a label
// could begin. Text holds 64 bytes for each mask, and two more.
func triggerMasks(masks []uint64, text []byte) { portableTriggers(masks, text) }
