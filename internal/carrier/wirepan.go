package carrier

// An alphabet is how digits are written.
type alphabet uint8

const (
	inNibbles alphabet = iota // two in a byte: BCD
	inASCII
	inEBCDIC
)

// size returns how many bytes n digits fill.
func (a alphabet) size(n int) int {
	if a == inNibbles {
		return (n + 1) / 2
	}
	return n
}

// digit returns the digit in a byte of ASCII or EBCDIC, or a value above 9.
func (a alphabet) digit(c byte) byte {
	if a == inEBCDIC {
		return c - 0xf0
	}
	return c - '0'
}

// all reports whether b holds digits only.
func (a alphabet) all(b []byte) bool {
	for _, c := range b {
		if a == inNibbles && (c>>4 > 9 || c&15 > 9) || a != inNibbles && a.digit(c) > 9 {
			return false
		}
	}
	return true
}

// append adds the digits of b to to, in ASCII.
func (a alphabet) append(to, b []byte) []byte {
	for _, c := range b {
		if a == inNibbles {
			to = append(to, '0'+c>>4, '0'+c&15)
		} else {
			to = append(to, '0'+a.digit(c))
		}
	}
	return to
}

// number returns the value of a few digits.
func (a alphabet) number(b []byte) int {
	n := 0
	for _, c := range b {
		if a == inNibbles {
			n = 100*n + 10*int(c>>4) + int(c&15)
		} else {
			n = 10*n + int(a.digit(c))
		}
	}
	return n
}

// A held number is digits read from somewhere.
type heldNumber struct {
	digits [40]byte
	n      int
}

func (h *heldNumber) bytes() []byte { return h.digits[:h.n] }

// nibble returns nibble i of b.
func nibble(b []byte, i int) byte {
	if i&1 == 0 {
		return b[i/2] >> 4
	}
	return b[i/2] & 15
}

// readPAN reads a card number of n digits from the start of text. In nibbles
// an odd number has a filler before it (0) or after it (F or 0).
func (h *heldNumber) readPAN(text []byte, n int, a alphabet) bool {
	if n < minDigits || n > maxDigits || a.size(n) > len(text) {
		return false
	}
	text = text[:a.size(n)]
	if a != inNibbles {
		if !a.all(text) {
			return false
		}
		h.n = len(a.append(h.digits[:0], text))
		return isCard(h.bytes())
	}
	if n%2 == 0 {
		return h.readNibbles(text, 0, n)
	}
	last := text[len(text)-1] & 15
	if text[0]>>4 == 0 && h.readNibbles(text, 1, n) {
		return true
	}
	return (last == 0xf || last == 0) && h.readNibbles(text, 0, n)
}

// readNibbles reads a card number of n digits from nibble from on.
func (h *heldNumber) readNibbles(text []byte, from, n int) bool {
	for i := range n {
		c := nibble(text, from+i)
		if c > 9 {
			return false
		}
		h.digits[i] = '0' + c
	}
	h.n = n
	return isCard(h.bytes())
}

// readFilled reads a card number that fills text but for Fs at its end.
func (h *heldNumber) readFilled(text []byte) bool {
	n := 2 * len(text)
	for n > 0 && nibble(text, n-1) == 0xf {
		n--
	}
	return n >= minDigits && n <= maxDigits && (h.readNibbles(text, 0, n) || n%2 == 0 && text[0]>>4 == 0 && h.readNibbles(text, 1, n-1))
}

// readTrack2 reads a track 2 of ISO/IEC 7813 in nibbles: number, D, expiry
// date, service code, discretionary data, Fs. It returns how many nibbles it
// fills, 0 if it is none. A filler may stand before it.
func (h *heldNumber) readTrack2(text []byte) int {
	for from := range 2 {
		if from == 1 && (len(text) == 0 || text[0]>>4 != 0) {
			return 0
		}
		if n := h.readTrack2At(text, from); n > 0 {
			return n
		}
	}
	return 0
}

func (h *heldNumber) readTrack2At(text []byte, from int) int {
	end := 2 * len(text)
	i := from
	for i < end && nibble(text, i) <= 9 {
		i++
	}
	n := i - from
	if n < minDigits || n > maxDigits || i+5 > end || nibble(text, i) != 0xd || !h.readNibbles(text, from, n) {
		return 0
	}
	month := 0
	for k := 1; k <= 4; k++ {
		c := int(nibble(text, i+k))
		if c > 9 {
			return 0
		}
		month = (10*month + c) % 100
	}
	if month < 1 || month > 12 {
		return 0
	}
	i += 5
	for i < end && nibble(text, i) <= 9 {
		i++
	}
	return i
}
