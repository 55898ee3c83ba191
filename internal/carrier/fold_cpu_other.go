//go:build purego || !amd64

package carrier

// markTriggers sets a bit in masks for each place of text[i:] that may be a
// trigger. There must be a byte before, and wordAhead bytes behind.
func markTriggers(masks []uint64, text []byte, i int) { portableTriggers(masks, text, i) }

// markKinds sets the masks of text, 64 bytes for each.
func markKinds(masks []kindMasks, text []byte) { portableKinds(masks, text) }
