package carrier

// A wrap is a line break inside a number, with what begins the next line.
type wrap struct {
	at   int64 // offset of the break
	n    int   // bytes of the break and of what begins the next line
	out  rune  // blank or nothing
	weak bool  // nothing but the digits speaks for it
}

// checkWrap looks at a line break.
func (t *fold) checkWrap(p int) int { return p + 1 }

// weak reports whether a number at these offsets rests on a weak wrap.
func (t *fold) weak(from, to int64) bool {
	for _, w := range t.region.wraps {
		if w.weak && w.at >= from && w.at < to {
			return true
		}
	}
	return false
}
