package carrier

import "math/bits"

// kindMasks says of 64 bytes which are of a kind, a bit for each.
type kindMasks [5]uint64

// The kinds of bytes that the probe asks for.
const (
	ofWord    = iota // characters of base64, in either alphabet
	ofHex            // hexadecimal digits
	ofPair           // those, and what stands between bytes in hexadecimal
	ofControl        // control characters but for line ends and tabs
	ofEBCDIC         // the digits of EBCDIC
)

// byteKinds has a bit for each kind that a byte is of.
var byteKinds = func() (kinds [256]uint8) {
	for i := range kinds {
		c := byte(i)
		set := func(kind int, is bool) {
			if is {
				kinds[i] |= 1 << kind
			}
		}
		set(ofWord, base64Run[c] != 0)
		set(ofHex, nibbleOf[c] <= 15)
		set(ofPair, pairRun[c] != 0)
		set(ofControl, c < ' ' && c != '\n' && c != '\r' && c != '\t')
		set(ofEBCDIC, c >= 0xf0 && c <= 0xf9)
	}
	return kinds
}()

// A kindMap knows the kinds of all bytes of a text.
type kindMap struct {
	masks []kindMasks
	size  int
}

// read looks at text, and forgets what it looked at before.
func (k *kindMap) read(text []byte) {
	k.size = len(text)
	words := (len(text) + wordBytes - 1) / wordBytes
	if cap(k.masks) < words+1 {
		k.masks = make([]kindMasks, words+1)
	}
	k.masks = k.masks[:words+1]
	whole := len(text) / wordBytes
	markKinds(k.masks[:whole], text)
	k.masks[words] = kindMasks{}
	if whole < words {
		k.masks[whole] = kindMasks{}
		markSome(&k.masks[whole], text[whole*wordBytes:])
	}
}

// portableKinds does by a table what the processor does 32 bytes at a time.
func portableKinds(masks []kindMasks, text []byte) {
	for w := range masks {
		masks[w] = kindMasks{}
		markSome(&masks[w], text[w*wordBytes:(w+1)*wordBytes])
	}
}

func markSome(masks *kindMasks, text []byte) {
	for i, c := range text {
		for kinds := byteKinds[c]; kinds != 0; kinds &= kinds - 1 {
			masks[bits.TrailingZeros8(kinds)] |= 1 << i
		}
	}
}

// run returns where in text[from:] the first n bytes of a kind side by side
// begin, if they do so before to, else the length. N is at most 64.
func (k *kindMap) run(kind, n, from, to int) int {
	for w := from / wordBytes; w*wordBytes < to; w++ {
		word, next := k.masks[w][kind], k.masks[w+1][kind]
		if word == 0 || n >= 15 && !eightFilled(word, next) {
			continue
		}
		starts := runStarts(word, next, n)
		if w == from/wordBytes {
			starts &= ^uint64(0) << (from % wordBytes)
		}
		if starts == 0 {
			continue
		}
		if i := w*wordBytes + bits.TrailingZeros64(starts); i < to && i+n <= k.size {
			return i
		}
		return k.size
	}
	return k.size
}

// eightFilled reports whether eight bytes of a kind lie side by side at a multiple
// of eight, as they do wherever fifteen do, in a word or at its end.
func eightFilled(word, next uint64) bool {
	return (^word-ones)&word&highs != 0 || byte(next) == 0xff
}

// runStarts sets the bits of this word where n set bits begin, the next word's
// among them.
func runStarts(word, next uint64, n int) uint64 {
	have := 1
	for ; 2*have <= n && word != 0; have *= 2 {
		word &= word>>have | next<<(64-have)
		next &= next >> have
	}
	if rest := n - have; rest > 0 {
		word &= word>>rest | next<<(64-rest)
	}
	return word
}

// count returns how many of n bytes at from are of a kind. N is at most 64.
func (k *kindMap) count(kind, from, n int) int {
	return bits.OnesCount64(k.window(kind, from) << (wordBytes - n))
}

// window returns which of the 64 bytes at from are of a kind.
func (k *kindMap) window(kind, from int) uint64 {
	w, off := from/wordBytes, from%wordBytes
	return k.masks[w][kind]>>off | k.masks[w+1][kind]<<(wordBytes-off)
}

// any reports whether a byte of text[from:to] is of a kind.
func (k *kindMap) any(kind, from, to int) bool { return k.run(kind, 1, from, to) < k.size }

// textual reports whether text[from:to] holds none of the bytes that binary
// structures have: control characters, or digits of EBCDIC side by side.
func (k *kindMap) textual(from, to int) bool {
	return !k.any(ofControl, from, to) && k.run(ofEBCDIC, 2, from, max(from, to-1)) == k.size
}
