package carrier

// A byteSet marks bytes by what they are good for.
type byteSet [256]uint8

// What a byte of a run of text may be.
const (
	isUpper = 1 << iota // G to Z
	isLower             // g to z
	isNumber
	isHexUpper // A to F
	isHexLower // a to f
	isStandard // + and /
	isURL      // - and _

	anyHex     = isNumber | isHexUpper | isHexLower
	anyLetter  = isUpper | isLower | isHexUpper | isHexLower
	anySpecial = isStandard | isURL
)

// base64Run marks the bytes of base64, in both alphabets.
var base64Run = func() (s byteSet) {
	for c := range s {
		switch {
		case c >= '0' && c <= '9':
			s[c] = isNumber
		case c >= 'A' && c <= 'F':
			s[c] = isHexUpper
		case c >= 'a' && c <= 'f':
			s[c] = isHexLower
		case c >= 'A' && c <= 'Z':
			s[c] = isUpper
		case c >= 'a' && c <= 'z':
			s[c] = isLower
		case c == '+' || c == '/':
			s[c] = isStandard
		case c == '-' || c == '_':
			s[c] = isURL
		}
	}
	return s
}()

// shortestRun is how many characters a run must have to be looked at.
const shortestRun = 16

// base64Value is the value of a character in either alphabet of RFC 4648, above
// 63 for others.
var base64Value = func() (v [256]byte) {
	for i := range v {
		v[i] = 0xff
	}
	for i, c := range []byte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/") {
		v[c] = byte(i)
	}
	v['-'], v['_'] = 62, 63
	return v
}()

// A textRun decodes base64 or hexadecimal text that may go on over lines and
// hold escapes. It can stop anywhere and go on.
type textRun struct {
	values *[256]byte
	bits   int  // of a character
	other  byte // characters of the other alphabet end the run
	acc    uint32
	have   int // bits in acc
	width  int // of the first line, 0 while that goes on
	column int // characters on this line
	out    []byte
}

func newTextRun(hexadecimal bool, specials uint8) *textRun {
	if hexadecimal {
		return &textRun{values: &nibbleOf, bits: 4}
	}
	r := &textRun{values: &base64Value, bits: 6, other: isURL}
	if specials&isURL != 0 {
		r.other = isStandard
	}
	return r
}

// read decodes text from text[i] up to text[to], and reports whether the run
// has ended before. It looks up to escapeReach bytes ahead.
func (r *textRun) read(text []byte, i, to int) (next int, ended bool) {
	for i < to {
		c := text[i]
		if v := r.values[c]; v < 64 && base64Run[c]&r.other == 0 {
			r.put(v)
			i++
			continue
		}
		n, ended := r.escape(text, i)
		if ended {
			return i + n, true
		}
		i += n
	}
	return i, false
}

func (r *textRun) put(v byte) {
	r.acc = r.acc<<r.bits | uint32(v)
	r.column++
	if r.have += r.bits; r.have >= 8 {
		r.have -= 8
		r.out = append(r.out, byte(r.acc>>r.have))
	}
}

// escapeReach is how far ahead escape looks.
const escapeReach = 512

// escape reads what is no plain character: an escaped one, padding, or the
// break of a line. The run ends at anything else.
func (r *textRun) escape(text []byte, i int) (n int, ended bool) {
	if r.bits == 6 {
		if c, n := escaped64(text[i:]); n > 0 {
			if c != '=' {
				r.put(base64Value[c])
				return n, false
			}
			for more := n; more > 0; n += more {
				if c, more = escaped64(text[i+n:]); c != '=' {
					break
				}
			}
			return n, true
		}
	}
	n = breakLength(text[i:])
	if n == 0 || r.column < shortestLine || r.column%4 != 0 || r.width != 0 && r.column != r.width || !wrapsAt(r.column) {
		return 0, true
	}
	for i+n < len(text) && n < 40 && (text[i+n] == ' ' || text[i+n] == '\t') {
		n++
	}
	length := 0
	for i+n+length < len(text) && length <= r.column && r.values[text[i+n+length]] < 64 {
		length++
	}
	if length == 0 || length > r.column || text[i+n] == '-' || length < r.column && i+n+length < len(text) && alnum(text[i+n+length]) {
		return 0, true
	}
	r.width, r.column = r.column, 0
	return n, false
}

// shortestLine is how many characters stand on a line of wrapped text at least.
const shortestLine = 60

// wrapsAt reports whether programs wrap at a column.
func wrapsAt(column int) bool {
	switch column {
	case 60, 64, 72, 76, 80, 100, 120, 128:
		return true
	}
	return false
}

// escaped64 reads a character of base64 that other text escapes, or padding.
func escaped64(b []byte) (c byte, n int) {
	if len(b) == 0 {
		return 0, 0
	}
	switch b[0] {
	case '=':
		return '=', 1
	case '\\':
		if len(b) >= 2 && b[1] == '/' {
			return '/', 2
		}
		if len(b) >= 6 && b[1] == 'u' && b[2] == '0' && b[3] == '0' {
			return special64(nibbleOf[b[4]]<<4|nibbleOf[b[5]]&15, 6)
		}
	case '%':
		if len(b) >= 3 {
			return special64(nibbleOf[b[1]]<<4|nibbleOf[b[2]]&15, 3)
		}
	case '&':
		if len(b) >= 6 && b[1] == '#' && b[2]|0x20 == 'x' && b[5] == ';' {
			return special64(nibbleOf[b[3]]<<4|nibbleOf[b[4]]&15, 6)
		}
		if len(b) >= 5 && b[1] == '#' && b[4] == ';' && nibbleOf[b[2]] <= 9 && nibbleOf[b[3]] <= 9 {
			return special64(10*nibbleOf[b[2]]+nibbleOf[b[3]], 5)
		}
	}
	return 0, 0
}

// special64 returns a character that is worth escaping in base64.
func special64(c byte, n int) (byte, int) {
	switch c {
	case '+', '/', '=', '-', '_':
		return c, n
	}
	return 0, 0
}

// breakLength returns the length of the line break b begins with, escaped or not.
func breakLength(b []byte) int {
	for _, mark := range [...]string{"\r\n", "\n", `\r\n`, `\n`, "%0D%0A", "%0A", "&#13;\n", "&#10;", "=\r\n", "=\n"} {
		if len(b) >= len(mark) && string(b[:len(mark)]) == mark {
			return len(mark)
		}
	}
	return 0
}

func alnum(c byte) bool { return base64Run[c]&(anyLetter|isNumber) != 0 }
