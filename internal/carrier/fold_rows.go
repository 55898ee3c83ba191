package carrier

import (
	"bytes"
	"unicode/utf8"
)

// inRows reports whether the two lines look like rows of a table or a log,
// with a number text[from:to] only by chance.
func (b *lineBreak) inRows(text []byte, from, to int) bool {
	if b.start < 0 {
		return false
	}
	first := b.start + b.margin
	end := lineEnd(text, b.right)
	if from <= first && to >= end {
		return digitLine(text, lineStart(text, b.start-1)) || digitLine(text, end+1) // a list
	}
	if n, next := digitRun(text[first:]), digitRun(text[b.right:]); from > first && n > 0 && text[first+n] == text[min(b.right+next, len(text)-1)] {
		if n == next || !b.sameLength(text) {
			return true
		}
	}
	return to < end && sameEnding(text, b.left, end)
}

// sameEnding reports whether two lines end in as many digits after the same
// bytes.
func sameEnding(text []byte, left, right int) bool {
	const before = 2
	n, m := digitsEnding(text[:left]), digitsEnding(text[:right])
	return n == m && n+before <= left && bytes.Equal(text[left-n-before:left-n], text[right-m-before:right-m])
}

func digitRun(text []byte) int {
	n := 0
	for n < min(len(text), wrapReach) && decimal(text[n]) {
		n++
	}
	return n
}

func digitsEnding(text []byte) int {
	n := 0
	for n < min(len(text), wrapReach) && decimal(text[len(text)-1-n]) {
		n++
	}
	return n
}

// lineEnd returns where the line ends that goes through text[i].
func lineEnd(text []byte, i int) int {
	to := min(len(text), i+wrapReach)
	if n := bytes.IndexByte(text[i:to], '\n'); n >= 0 {
		to = i + n
		if n > 0 && text[to-1] == '\r' {
			to--
		}
	}
	return to
}

// lineStart returns where the line begins that ends before text[end].
func lineStart(text []byte, end int) int {
	if end <= 0 {
		return -1
	}
	from := max(0, end-wrapReach)
	return from + bytes.LastIndexByte(text[from:end], '\n') + 1
}

// digitLine reports whether the line at text[i] begins with a digit.
func digitLine(text []byte, i int) bool {
	if i < 0 || i >= len(text) {
		return false
	}
	if text[i] == '\n' {
		i++
	}
	i += marginOf(text[i:])
	return i < len(text) && decimal(text[i])
}

// separators reports whether the number text[from:to] holds a separator
// besides the break.
func (b *lineBreak) separators(text []byte, from, to int) bool {
	return bytes.ContainsAny(text[from:b.left], " -") || bytes.ContainsAny(text[b.right:to], " -")
}

// wrapped reports whether the left line speaks for a wrap: both lines are
// marked as quoted, or it is as long as lines are cut to.
func (b *lineBreak) wrapped(text []byte) bool {
	if b.start < 0 {
		return false
	}
	if b.marked || b.sameLength(text) {
		return true
	}
	line := text[b.start:b.left]
	return usualWidth(len(line)) || usualWidth(utf8.RuneCount(line)) || usualWidth(columns(line))
}

func usualWidth(n int) bool { return n >= 60 && n <= 80 || n == 100 || n == 120 || n == 132 }

// columns is how wide a line is on a screen: Chinese takes two columns.
func columns(line []byte) int {
	n := 0
	for _, r := range string(line) {
		n++
		if r >= 0x2e80 {
			n++
		}
	}
	return n
}

// sameLength reports whether the line before or after is as long as the left
// line, to the byte or to the character.
func (b *lineBreak) sameLength(text []byte) bool {
	const shortest = 24
	line := text[b.start:b.left]
	if len(line) < shortest {
		return false
	}
	same := func(other []byte) bool {
		return len(other) == len(line) || utf8.RuneCount(other) == utf8.RuneCount(line)
	}
	if at := lineStart(text, b.start-1); at >= 0 && same(bytes.TrimRight(text[at:b.start-1], "\r")) {
		return true
	}
	next := b.left + bytes.IndexByte(text[b.left:], '\n') + 1
	return same(text[next:lineEnd(text, next)])
}
