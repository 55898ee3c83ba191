package card

import "unicode/utf8"

// HoldsPAN reports whether s holds a card number, whole or in groups. It would
// rather err than let one through: it is for names and typed text.
func HoldsPAN(s string) bool {
	for at := 0; at < len(s); {
		run, end := nextRun(s, at)
		if run.hit() {
			return true
		}
		at = end
	}
	return false
}

// MaskText returns s with the middle digits of each card number in it turned
// to *, for a path, a label or a text that someone typed. Numbers may be whole
// or in groups with a space, dash, dot, underscore or plus between, and in
// full-width digits. Two numbers that share digits are both masked.
func MaskText(s string) string {
	var out []byte
	for at := 0; at < len(s); {
		run, end := nextRun(s, at)
		for run.hit() {
			if out == nil {
				out = []byte(s)
			}
			run.mask(out)
			run = run.left(out)
		}
		at = end
	}
	if out == nil {
		return s
	}
	return squeeze(out, s)
}

// hidden marks the further bytes of a full-width digit that was turned to *.
// No digit holds such a byte.
const hidden = 0xff

// A figure is one digit of a run: where it stands, and whether a separator
// stands before it.
type figure struct {
	at    int
	size  int8
	value byte // '0' to '9', or '*' when hidden
	first bool // begins a group
}

// A run is a chain of digits in which at most one separator stands between
// two neighbours.
type run struct {
	figures []figure
	masks   []bool
}

// nextRun returns the first run at or after at, and where to go on.
func nextRun(s string, at int) (run, int) {
	var r run
	gap := true
	for at < len(s) {
		value, size := digitAt(s, at)
		switch {
		case value != 0:
			r.figures = append(r.figures, figure{at, int8(size), value, gap})
			gap = false
		case len(r.figures) > 0 && (gap || !separates(s[at])):
			return r, at + size
		default:
			gap = true
		}
		at += size
	}
	return r, at
}

// digitAt decodes a digit, ASCII or full-width. The value is 0 if there is none.
func digitAt(s string, at int) (value byte, size int) {
	c := s[at]
	if c < utf8.RuneSelf {
		if c >= '0' && c <= '9' {
			return c, 1
		}
		return 0, 1
	}
	r, size := utf8.DecodeRuneInString(s[at:])
	if r >= '０' && r <= '９' {
		return byte(r-'０') + '0', size
	}
	return 0, size
}

func separates(c byte) bool {
	return c == ' ' || c == '-' || c == '.' || c == '_' || c == '+' || c == '\t'
}

// hit looks for card numbers and marks their middle digits. It looks at each
// stretch inside one group, and at each stretch made of whole groups.
func (r *run) hit() bool {
	n := len(r.figures)
	if n < minDigits {
		return false
	}
	digits := make([]byte, n)
	for i, f := range r.figures {
		digits[i] = f.value
	}
	r.masks = make([]bool, n)
	found := false
	for i := range n {
		for l := minDigits; l <= maxDigits && i+l <= n; l++ {
			if r.isCard(digits[i:i+l], i, i+l) && r.fits(i, i+l) {
				found = true
				for k := i + shownFirst; k < i+l-shownLast; k++ {
					r.masks[k] = true
				}
			}
		}
	}
	return found
}

// fits reports whether figures i to j are whole groups, or lie in one group.
func (r *run) fits(i, j int) bool {
	if r.whole(i, j) {
		return true
	}
	for k := i + 1; k < j; k++ {
		if r.figures[k].first {
			return false
		}
	}
	return true
}

func (r *run) whole(i, j int) bool {
	return r.figures[i].first && (j == len(r.figures) || r.figures[j].first)
}

// isCard reports whether digits pass for a card. A whole UnionPay number
// passes without a check digit, because old ones have none.
func (r *run) isCard(digits []byte, i, j int) bool {
	brand := BrandOf(digits)
	if brand == "" || !allDigits(digits) {
		return false
	}
	return Luhn(digits) || brand == UnionPay && r.whole(i, j)
}

// mask turns the marked digits to * in out.
func (r *run) mask(out []byte) {
	for i, f := range r.figures {
		if !r.masks[i] {
			continue
		}
		out[f.at] = '*'
		for k := 1; k < int(f.size); k++ {
			out[f.at+k] = hidden
		}
	}
}

// left returns what is left of the run after masking. What is hidden counts as
// the end of a group, so that a number which shows only now is found too.
func (r *run) left(out []byte) run {
	var rest run
	for i, f := range r.figures {
		if r.masks[i] || f.value == '*' {
			f.value = '*'
		} else if i > 0 && rest.figures[i-1].value == '*' {
			f.first = true
		}
		rest.figures = append(rest.figures, f)
	}
	return rest
}

// squeeze drops the marks that mask left in out where s has digits.
func squeeze(out []byte, s string) string {
	kept := make([]byte, 0, len(out))
	for i, c := range out {
		if c != hidden || s[i] == hidden {
			kept = append(kept, c)
		}
	}
	return string(kept)
}
