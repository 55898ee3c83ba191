package carrier

import order "encoding/binary"

// checkWide looks at a zero after a digit: UTF-16 or UTF-32 among other bytes.
func (t *fold) checkWide(p int) int {
	text := t.text
	if p == 0 || !decimal(text[p-1]) {
		return p + 1
	}
	for _, width := range [...]int{2, 4} {
		if first, last := laneAround(text, p-1, width); last > first {
			read, kind, begin := t.wideReading(first, last, width)
			if kind&(oddUTF16BE|oddUTF32BE) != 0 {
				first -= width - 1
			}
			t.begin = t.base + int64(begin)
			return t.follow(read, kind, first)
		}
	}
	return p + 1
}

// laneAround returns the first and the last character of a stretch of digits,
// blanks and dashes with zeros between that holds text[at], or two times at if
// it is too short for a number. A long one is not followed to its ends.
func laneAround(text []byte, at, width int) (first, last int) {
	const shortest, farthest = 12, foldBack
	first, last = at, at
	digits := 1
	for first-width >= 0 && at-first < farthest && laneByte(text[first-width]) && zeros(text[first-width+1:first]) {
		first -= width
		if decimal(text[first]) {
			digits++
		}
	}
	for last+width < len(text) && last-at < farthest && laneByte(text[last+width]) && zeros(text[last+1:last+width]) {
		last += width
		if decimal(text[last]) {
			digits++
		}
	}
	if digits < shortest {
		return at, at
	}
	return first, last
}

func laneByte(c byte) bool { return decimal(c) || c == ' ' || c == '-' }

func zeros(b []byte) bool {
	for _, c := range b {
		if c != 0 {
			return false
		}
	}
	return true
}

// wideReading tells which byte of a unit comes first. Inside a stretch that
// cannot be seen; its ends show it. If they do not, the offset decides: what
// lies in memory is mostly aligned. It also returns where the text begins that
// the stretch stands in: a single letter before it is the end of something else.
func (t *fold) wideReading(first, last, width int) (read reading, kind odd, begin int) {
	text, number := t.text, first
	const farthest = 2 * foldContext
	for at := first; first-width >= 0 && at-first < farthest && printable(text[first-width]) && zeros(text[first-width+1:first]); {
		first -= width
	}
	for at := last; last+width < len(text) && last-at < farthest && printable(text[last+width]) && zeros(text[last+1:last+width]); {
		last += width
	}
	if begin = first; number-first == width {
		begin = number
	}
	little := last+width <= len(text) && zeros(text[last+1:last+width])
	big := first-width+1 >= 0 && zeros(text[first-width+1:first])
	switch {
	case !little:
		little = number-width+1 < 0 || !zeros(text[number-width+1:number])
	case big:
		little = (t.base+int64(first))%int64(width) == 0
	}
	if !little && begin < width-1 {
		begin += width // a unit begins before its character
	}
	switch {
	case width == 2 && little:
		return little16At, oddUTF16LE, begin
	case width == 2:
		return big16At, oddUTF16BE, begin - 1
	case little:
		return little32At, oddUTF32LE, begin
	}
	return big32At, oddUTF32BE, begin - 3
}

func printable(c byte) bool { return c >= ' ' && c < 0x7f || c == '\n' || c == '\r' || c == '\t' }

func little16At(text []byte, i int) element {
	if i+2 > len(text) {
		return element{len(text) - i, 0, oddUTF16LE}
	}
	return element{2, plainRune(rune(order.LittleEndian.Uint16(text[i:]))), oddUTF16LE}
}

func big16At(text []byte, i int) element {
	if i+2 > len(text) {
		return element{len(text) - i, 0, oddUTF16BE}
	}
	return element{2, plainRune(rune(order.BigEndian.Uint16(text[i:]))), oddUTF16BE}
}

func little32At(text []byte, i int) element {
	if i+4 > len(text) {
		return element{len(text) - i, 0, oddUTF32LE}
	}
	return element{4, plainRune(rune(order.LittleEndian.Uint32(text[i:]) & 0x1fffff)), oddUTF32LE}
}

func big32At(text []byte, i int) element {
	if i+4 > len(text) {
		return element{len(text) - i, 0, oddUTF32BE}
	}
	return element{4, plainRune(rune(order.BigEndian.Uint32(text[i:]) & 0x1fffff)), oddUTF32BE}
}
