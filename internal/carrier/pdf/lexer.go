package pdf

import (
	"errors"
	"io"
	"strconv"
)

// Limits of one object, or of one operator with its operands.
const (
	maxNesting    = 64
	maxObjectSize = 8 << 20 // bytes of memory
	objectCost    = 96      // of each value in it
)

// ErrTooLarge is the error of what is over a limit of this package.
var ErrTooLarge = errors.New("read pdf: over the limit")

var errSyntax = errors.New("read object: broken")

// A lexer reads objects and words.
type lexer struct {
	r    io.Reader
	buf  []byte
	pos  int
	end  int
	base int64 // bytes before buf
	err  error
	left int // of maxObjectSize

	stack []object // values of the collections that are being read
}

func newLexer(r io.Reader, size int) *lexer { return &lexer{r: r, buf: make([]byte, size)} }

// offset returns how many bytes were read.
func (l *lexer) offset() int64 { return l.base + int64(l.pos) }

func (l *lexer) fill() bool {
	if l.err != nil {
		return false
	}
	l.base += int64(l.pos)
	l.pos, l.end = 0, 0
	for l.end == 0 && l.err == nil {
		l.end, l.err = l.r.Read(l.buf)
	}
	return l.end > 0
}

// peek returns the next byte, -1 at the end.
func (l *lexer) peek() int {
	if l.pos == l.end && !l.fill() {
		return -1
	}
	return int(l.buf[l.pos])
}

func (l *lexer) take() int {
	c := l.peek()
	if c >= 0 {
		l.pos++
	}
	return c
}

func blank(c int) bool {
	return c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == '\f' || c == 0
}

func delimiter(c int) bool {
	switch c {
	case '(', ')', '<', '>', '[', ']', '{', '}', '/', '%':
		return true
	}
	return false
}

// skip passes over blanks and remarks.
func (l *lexer) skip() {
	for {
		c := l.peek()
		switch {
		case blank(c):
			l.pos++
		case c == '%':
			for c >= 0 && c != '\n' && c != '\r' {
				l.pos++
				c = l.peek()
			}
		default:
			return
		}
	}
}

// next returns the next object, word or closing bracket. The error is that of
// the reader, or one of this package's.
func (l *lexer) next() (object, error) {
	l.left = maxObjectSize
	return l.value(0)
}

func (l *lexer) value(depth int) (object, error) {
	if l.left -= objectCost; l.left < 0 || depth > maxNesting {
		return object{}, ErrTooLarge
	}
	l.skip()
	switch c := l.take(); c {
	case -1:
		return object{}, l.err
	case '/':
		return l.name()
	case '(':
		return l.literal()
	case '[':
		return l.collection(depth, isArray, ']')
	case ']', '}', ')', '{':
		return object{kind: isClose, text: []byte{byte(c)}}, nil
	case '<':
		if l.peek() == '<' {
			l.pos++
			return l.collection(depth, isDict, '>')
		}
		return l.hex()
	case '>':
		if l.peek() == '>' {
			l.pos++
		}
		return object{kind: isClose, text: []byte{'>'}}, nil
	default:
		return l.plain(byte(c)), nil
	}
}

// collection reads an array or a dictionary. A stray bracket ends nothing.
func (l *lexer) collection(depth int, k kind, end byte) (object, error) {
	start := len(l.stack)
	err := l.elements(depth, start, end)
	o := object{kind: k}
	if n := len(l.stack) - start; n > 0 {
		o.list = make([]object, n)
		copy(o.list, l.stack[start:])
		clear(l.stack[start:])
	}
	l.stack = l.stack[:start]
	return o, err
}

// elements puts the values up to the closing bracket on the stack.
func (l *lexer) elements(depth, start int, end byte) error {
	for {
		v, err := l.value(depth + 1)
		if err != nil {
			return err
		}
		switch n := len(l.stack); {
		case v.kind == isClose && v.text[0] == end:
			return nil
		case v.kind == isClose:
			continue
		case v.word("R") && n >= start+2 && l.stack[n-1].kind == isNumber && l.stack[n-2].kind == isNumber:
			gen := int32(l.stack[n-1].integer())
			l.stack = l.stack[:n-1]
			l.stack[n-2] = object{kind: isRef, num: l.stack[n-2].num, gen: gen}
			continue
		case v.word("endobj") || v.word("stream"): // the bracket is missing
			return errSyntax
		case v.kind == isWord:
			v = object{}
		}
		l.stack = append(l.stack, v)
	}
}

// name reads what follows a slash.
func (l *lexer) name() (object, error) {
	o := object{kind: isName}
	for c := l.peek(); c >= 0 && !blank(c) && !delimiter(c); c = l.peek() {
		l.pos++
		if c == '#' {
			high, ok := hexDigit(l.peek())
			if ok {
				l.pos++
				if low, ok := hexDigit(l.peek()); ok {
					l.pos++
					c = high<<4 | low
				}
			}
		}
		if l.left--; l.left < 0 {
			return o, ErrTooLarge
		}
		o.text = append(o.text, byte(c))
	}
	return o, nil
}

// plain reads a number or a word that begins with c.
func (l *lexer) plain(c byte) object {
	var room [64]byte
	word := append(room[:0], c)
	for c := l.peek(); c >= 0 && !blank(c) && !delimiter(c) && len(word) < cap(word); c = l.peek() {
		l.pos++
		word = append(word, byte(c))
	}
	if c == '+' || c == '-' || c == '.' || '0' <= c && c <= '9' {
		if n, ok := number(word); ok {
			return object{kind: isNumber, num: n}
		}
	}
	switch string(word) {
	case "null":
		return object{}
	case "true":
		return object{kind: isBool, num: 1}
	case "false":
		return object{kind: isBool}
	}
	return object{kind: isWord, text: append([]byte(nil), word...)}
}

// number reads a number as readers do, leniently: "--3" and "1.2.3" occur.
func number(word []byte) (float64, bool) {
	negative, whole, i := false, 0.0, 0
	for i < len(word) && (word[i] == '-' || word[i] == '+') {
		negative = negative || word[i] == '-'
		i++
	}
	digits := 0
	for ; i < len(word) && '0' <= word[i] && word[i] <= '9'; i++ {
		whole = whole*10 + float64(word[i]-'0')
		digits++
	}
	if i < len(word) && word[i] == '.' {
		scale := 0.1
		for i++; i < len(word) && '0' <= word[i] && word[i] <= '9'; i++ {
			whole += float64(word[i]-'0') * scale
			scale /= 10
			digits++
		}
	}
	if i < len(word) && word[i] != '.' && word[i] != '-' {
		return 0, false
	}
	if negative {
		whole = -whole
	}
	return whole, digits > 0 || i == len(word)
}

// literal reads a string in parentheses.
func (l *lexer) literal() (object, error) {
	o := object{kind: isString}
	for depth := 1; ; {
		if n := plainRun(l.buf[l.pos:l.end]); n > 0 {
			if l.left -= n; l.left < 0 {
				return o, ErrTooLarge
			}
			o.text = append(o.text, l.buf[l.pos:l.pos+n]...)
			l.pos += n
		}
		c := l.take()
		switch c {
		case -1:
			return o, l.err
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return o, nil
			}
		case '\\':
			if c = l.escape(); c < 0 {
				continue
			}
		}
		if l.left--; l.left < 0 {
			return o, ErrTooLarge
		}
		o.text = append(o.text, byte(c))
	}
}

// plainRun returns how many bytes at the start of b mean themselves in a string.
func plainRun(b []byte) int {
	for i, c := range b {
		if c == '(' || c == ')' || c == '\\' {
			return i
		}
	}
	return len(b)
}

// escape reads what follows a backslash, -1 if it stands for nothing.
func (l *lexer) escape() int {
	switch c := l.take(); c {
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	case 't':
		return '\t'
	case 'b':
		return '\b'
	case 'f':
		return '\f'
	case '\r':
		if l.peek() == '\n' {
			l.pos++
		}
		return -1
	case '\n':
		return -1
	case '0', '1', '2', '3', '4', '5', '6', '7':
		n := c - '0'
		for range 2 {
			if d := l.peek(); '0' <= d && d <= '7' {
				n = n<<3 | (d - '0')
				l.pos++
			}
		}
		return n & 0xff
	default:
		return c
	}
}

// hex reads a string between angle brackets.
func (l *lexer) hex() (object, error) {
	o := object{kind: isString}
	half, high := false, 0
	for {
		c := l.take()
		if c == -1 {
			return o, l.err
		}
		d, ok := hexDigit(c)
		switch {
		case c == '>':
			if half {
				o.text = append(o.text, byte(high<<4))
			}
			return o, nil
		case !ok:
			continue
		case !half:
			high = d
		default:
			if l.left--; l.left < 0 {
				return o, ErrTooLarge
			}
			o.text = append(o.text, byte(high<<4|d))
		}
		half = !half
	}
}

func hexDigit(c int) (int, bool) {
	switch {
	case '0' <= c && c <= '9':
		return c - '0', true
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10, true
	case 'A' <= c && c <= 'F':
		return c - 'A' + 10, true
	}
	return 0, false
}

// digits reads a decimal number of at most ten digits from b, -1 if there is
// none.
func digits(b []byte) int64 {
	n, err := strconv.ParseInt(string(b), 10, 64)
	if err != nil || len(b) > 10 {
		return -1
	}
	return n
}
