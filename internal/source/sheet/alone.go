package sheet

import (
	"bytes"
	"unicode/utf8"
)

const (
	linesMost  = 128 // bytes of a cell with line ends that stands in a row
	sniffLeast = 64  // bytes; a shorter cell is no container
)

// Alone reports whether a cell is to be examined on its own: it has lines that
// mean something, is a container by holds, or was stored as bytes and is no
// text. Holds may be nil.
func Alone(cell []byte, blob bool, holds func(head []byte) bool) bool {
	return blob && !plain(cell) || len(cell) > linesMost && bytes.IndexByte(cell, '\n') >= 0 ||
		len(cell) >= sniffLeast && holds != nil && holds(cell)
}

// plain reports whether bytes are text that may stand in a line.
func plain(b []byte) bool {
	for _, c := range b {
		if c < ' ' && c != '\n' && c != '\r' && c != '\t' {
			return false
		}
	}
	return utf8.Valid(b)
}
