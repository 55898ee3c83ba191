//go:build purego || !amd64

package carrier

// markTriggers sets a bit in masks for each place of text[i:] that may be a
// trigger. There must be a byte before, and wordAhead bytes behind.
func markTriggers(masks []uint64, text []byte, i int) { portableTriggers(masks, text, i) }
