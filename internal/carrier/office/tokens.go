package office

import (
	"bytes"
	"io"
)

// bufferSize is the longest tag or remark that is seen whole.
const bufferSize = 64 << 10

// tokenKind says what a token is.
type tokenKind uint8

const (
	tokenText  tokenKind = iota // decoded text, or a part of it
	tokenOpen                   // a start tag
	tokenClose                  // an end tag
	tokenRaw                    // a remark, a declaration or an overlong tag, as it is
)

// A token is one piece of markup. Its bytes are good until the next one.
type token struct {
	kind  tokenKind
	name  []byte // of a tag, without its prefix
	attrs []byte // of a start tag, from after the name
	alone bool   // the start tag is its own end
	text  []byte
	at    int64 // where text begins in the source
	size  int64 // bytes of the source that text stands for
	part  bool  // raw bytes that are not all there is
	last  bool  // raw bytes to the end
}

// tokens cuts markup into pieces. It checks nothing and never fails but with
// the error of its reader.
type tokens struct {
	r     io.Reader
	buf   []byte
	pos   int
	end   int
	base  int64 // offset of buf[0] in the source
	err   error
	until string // inside raw bytes or CDATA: what ends them
	begun bool   // some of them were returned
	cdata bool
	ent   [4]byte
}

func newTokens(r io.Reader) *tokens { return &tokens{r: r, buf: make([]byte, bufferSize)} }

// more reads on, keeping what is unread. It reports whether bytes came.
func (t *tokens) more() bool {
	if t.err != nil {
		return false
	}
	if t.pos > 0 {
		copy(t.buf, t.buf[t.pos:t.end])
		t.base += int64(t.pos)
		t.end -= t.pos
		t.pos = 0
	}
	if t.end == len(t.buf) {
		return false
	}
	for t.err == nil {
		n, err := t.r.Read(t.buf[t.end:])
		t.end += n
		t.err = err
		if n > 0 {
			return true
		}
	}
	return false
}

// next returns the next token, or the reader's error after the last.
func (t *tokens) next() (token, error) {
	for {
		if t.pos == t.end && !t.more() {
			return token{}, t.err
		}
		if t.until != "" {
			if tok, ok := t.inside(); ok {
				return tok, nil
			}
			continue
		}
		switch t.buf[t.pos] {
		case '<':
			if tok, ok := t.tag(); ok {
				return tok, nil
			}
		case '&':
			return t.entity(), nil
		default:
			return t.take(tokenText, t.textEnd()), nil
		}
	}
}

// textEnd returns how long the text at the next byte is: up to markup or a
// reference, or as much as the buffer holds.
func (t *tokens) textEnd() int {
	for seen := 0; ; {
		rest := t.buf[t.pos+seen : t.end]
		n := bytes.IndexByte(rest, '<')
		if n >= 0 {
			rest = rest[:n]
		}
		if m := bytes.IndexByte(rest, '&'); m >= 0 {
			return seen + m
		}
		if n >= 0 {
			return seen + n
		}
		seen += len(rest)
		if !t.more() {
			return seen
		}
	}
}

// take cuts off the next n bytes as they are.
func (t *tokens) take(kind tokenKind, n int) token {
	tok := token{kind: kind, text: t.buf[t.pos : t.pos+n], at: t.base + int64(t.pos), size: int64(n)}
	t.pos += n
	return tok
}

// inside returns a piece of what ends with t.until: all of it, if the buffer
// has room.
func (t *tokens) inside() (token, bool) {
	kind := tokenRaw
	if t.cdata {
		kind = tokenText
	}
	n := bytes.Index(t.buf[t.pos:t.end], []byte(t.until))
	for n < 0 {
		seen := max(0, t.end-t.pos-len(t.until))
		if !t.more() {
			break
		}
		if n = bytes.Index(t.buf[t.pos+seen:t.end], []byte(t.until)); n >= 0 {
			n += seen
		}
	}
	if n >= 0 {
		tok := t.take(kind, n)
		tok.part, tok.last = t.begun, true
		t.pos += len(t.until)
		t.until, t.cdata, t.begun = "", false, false
		return tok, n > 0 || tok.part
	}
	rest := t.end - t.pos
	if t.err == nil {
		rest -= len(t.until) // what ends it may be cut in two
	}
	tok := t.take(kind, rest)
	tok.part, t.begun = true, true
	return tok, true
}

// tag reads a tag, or enters a remark or a section.
func (t *tokens) tag() (token, bool) {
	for t.end-t.pos < len("<![CDATA[") && t.more() {
	}
	if rest := t.buf[t.pos:t.end]; len(rest) > 1 && (rest[1] == '!' || rest[1] == '?') {
		t.enter(rest)
		return token{}, false
	}
	n := closing(t.buf[t.pos:t.end])
	for n < 0 && t.more() {
		n = closing(t.buf[t.pos:t.end])
	}
	if n < 0 { // longer than the buffer, or cut off: shown as it is
		t.pos++
		t.until = ">"
		return token{}, false
	}
	body := t.buf[t.pos+1 : t.pos+n]
	tok := token{kind: tokenOpen, at: t.base + int64(t.pos), size: int64(n + 1)}
	t.pos += n + 1
	if len(body) > 0 && body[0] == '/' {
		tok.kind, body = tokenClose, body[1:]
	}
	if len(body) > 0 && body[len(body)-1] == '/' {
		tok.alone, body = true, body[:len(body)-1]
	}
	end := bytes.IndexAny(body, " \t\r\n")
	if end < 0 {
		end = len(body)
	}
	tok.name, tok.attrs = local(body[:end]), body[end:]
	return tok, true
}

// enter begins what is no tag: a remark, a section or a declaration.
func (t *tokens) enter(rest []byte) {
	begin := 2
	switch {
	case bytes.HasPrefix(rest, []byte("<!--")):
		begin, t.until = 4, "-->"
	case bytes.HasPrefix(rest, []byte("<![CDATA[")):
		begin, t.until, t.cdata = 9, "]]>", true
	case rest[1] == '?':
		t.until = "?>"
	default:
		t.until = ">"
	}
	t.pos += begin
}

// closing returns where the tag at the start of b ends, -1 if it does not. A
// ">" in quotes does not end it.
func closing(b []byte) int {
	for i := 0; i < len(b); i++ {
		switch b[i] {
		case '>':
			return i
		case '"', '\'':
			n := bytes.IndexByte(b[i+1:], b[i])
			if n < 0 {
				return -1
			}
			i += n + 1
		}
	}
	return -1
}

// local takes the prefix off a name.
func local(name []byte) []byte { return name[bytes.IndexByte(name, ':')+1:] }

// maxEntity is the longest reference that is understood, from & to ;.
const maxEntity = 12

// entity decodes the reference at the next byte; what is none is text.
func (t *tokens) entity() token {
	for t.end-t.pos < maxEntity && t.more() {
	}
	rest := t.buf[t.pos:min(t.end, t.pos+maxEntity)]
	n := bytes.IndexByte(rest, ';')
	if n < 0 {
		return t.take(tokenText, 1)
	}
	decoded, ok := reference(t.ent[:0], rest[1:n])
	if !ok {
		return t.take(tokenText, 1)
	}
	tok := t.take(tokenText, n+1)
	tok.text = decoded
	return tok
}
