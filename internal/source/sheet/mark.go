package sheet

import (
	"bytes"
	"crypto/rand"
)

// A Mark is what a text begins with that a source made up. It is made anew for
// each run, so that no stranger's bytes can begin with it, and as a decoder it
// keeps such a text from being taken for whatever its first cell looks like.
type Mark []byte

// markLetters make up no label of any language, and no digit.
const markLetters = "qxzjvwk"

// NewMark makes a mark.
func NewMark() Mark {
	m := make(Mark, 16)
	rand.Read(m)
	for i := range m {
		m[i] = markLetters[int(m[i])%len(markLetters)]
	}
	return m
}

// Name implements carrier.Decoder.
func (Mark) Name() string { return "plain" }

// Sniff reports whether head begins with the mark.
func (m Mark) Sniff(head []byte, _ string) bool {
	return len(m) > 0 && bytes.HasPrefix(head, m)
}
