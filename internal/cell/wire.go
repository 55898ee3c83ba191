package cell

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
	"slices"

	"github.com/stanch/stanch/card"
	"github.com/stanch/stanch/internal/carrier"
	"github.com/stanch/stanch/scan"
)

// The two processes speak in frames: a kind, a length, a payload.
const (
	frameJob    = 'J' // parent: name, size, budget, time
	frameData   = 'D' // parent: offset, status, bytes
	frameRead   = 'R' // worker: offset, length
	frameMatch  = 'M' // worker: a match with its digits
	frameMissed = 'U' // worker: one unexamined part
	frameEnd    = 'E' // worker: the counts
	frameFault  = 'F' // worker: the parser panicked; the worker ends
)

const (
	blockSize = 256 << 10
	maxFrame  = blockSize + 64
)

// errWire reports a frame that is cut short, too long or does not parse. It
// carries nothing of the frame.
var errWire = errors.New("read frame: not in the agreed form")

// writeFrame sends one frame in one write.
func writeFrame(w io.Writer, kind byte, payload []byte) error {
	frame := make([]byte, 5, 5+len(payload))
	frame[0] = kind
	binary.LittleEndian.PutUint32(frame[1:], uint32(len(payload)))
	frame = append(frame, payload...)
	_, err := w.Write(frame)
	clear(frame)
	return err
}

// readFrame reads one frame into buf, whose length bounds it. It returns
// io.EOF between frames and errWire for anything else that is short.
func readFrame(r *bufio.Reader, buf []byte) (byte, []byte, error) {
	kind, err := r.ReadByte()
	if err != nil {
		return 0, nil, io.EOF
	}
	var size [4]byte
	if _, err := io.ReadFull(r, size[:]); err != nil {
		return 0, nil, errWire
	}
	n := binary.LittleEndian.Uint32(size[:])
	if int64(n) > int64(len(buf)) {
		return 0, nil, errWire
	}
	if _, err := io.ReadFull(r, buf[:n]); err != nil {
		return 0, nil, errWire
	}
	return kind, buf[:n], nil
}

// A packer appends fields to a payload.
type packer struct{ b []byte }

func (p *packer) num(n int64)    { p.b = binary.AppendVarint(p.b, n) }
func (p *packer) bytes(s []byte) { p.num(int64(len(s))); p.b = append(p.b, s...) }
func (p *packer) text(s string)  { p.num(int64(len(s))); p.b = append(p.b, s...) }
func (p *packer) flag(is bool) {
	if is {
		p.num(1)
	} else {
		p.num(0)
	}
}
func (p *packer) list(s []string) {
	p.num(int64(len(s)))
	for _, each := range s {
		p.text(each)
	}
}

// An unpacker takes fields off a payload. After the first fault all fields are
// zero and bad is set.
type unpacker struct {
	b   []byte
	bad bool
}

func (u *unpacker) num() int64 {
	n, size := binary.Varint(u.b)
	if size <= 0 {
		u.b, u.bad = nil, true
		return 0
	}
	u.b = u.b[size:]
	return n
}

func (u *unpacker) flag() bool {
	n := u.num()
	if n != 0 && n != 1 {
		u.b, u.bad = nil, true
	}
	return n == 1
}

// bytes returns a part of the payload itself, at most limit long.
func (u *unpacker) bytes(limit int) []byte {
	n := u.num()
	if n < 0 || n > int64(limit) || n > int64(len(u.b)) {
		u.b, u.bad = nil, true
		return nil
	}
	field := u.b[:n]
	u.b = u.b[n:]
	return field
}

func (u *unpacker) text(limit int) string { return string(u.bytes(limit)) }

// words reads a list of short plain words: labels, encodings, classes. What a
// worker sends under these must not be copied text, so anything else is bad.
func (u *unpacker) words() []string {
	n := u.num()
	if n < 0 || n > maxWords {
		u.bad = true
		return nil
	}
	var list []string
	for range n {
		list = append(list, u.word())
	}
	return list
}

const (
	maxWords  = 64
	maxWord   = 48
	maxDigits = 64
	maxPath   = 64 << 10
)

func (u *unpacker) word() string {
	word := u.bytes(maxWord)
	for _, c := range word {
		if c < '0' || c > '9' && c < 'A' || c > 'Z' && c < 'a' && c != '_' || c > 'z' {
			if c != '-' && c != '.' {
				u.bad = true
				return ""
			}
		}
	}
	if card.HoldsPAN(string(word)) {
		u.bad = true
		return ""
	}
	return string(word)
}

// packMatch writes a match as the worker found it; path is relative to the
// input.
func packMatch(m *carrier.Match, path string) []byte {
	var p packer
	p.text(string(m.Class))
	p.num(int64(len(m.Also)))
	for _, class := range m.Also {
		p.text(string(class))
	}
	p.num(m.Offset)
	p.num(m.Length)
	p.num(m.Line)
	p.num(m.Column)
	p.bytes(m.Digits)
	p.text(string(m.Brand))
	p.num(int64(m.Confidence))
	test := int64(0)
	if m.Test {
		test = 1
	}
	p.num(test)
	p.list(m.Context)
	p.text(path)
	p.list(m.Encoding)
	return p.b
}

// unpackMatch reads what packMatch wrote. The digits are part of payload.
func unpackMatch(payload []byte) (m scan.Match, path string, encoding []string, err error) {
	u := unpacker{b: payload}
	m.Class = scan.Class(u.word())
	for _, class := range u.words() {
		m.Also = append(m.Also, scan.Class(class))
	}
	m.Offset, m.Length, m.Line, m.Column = u.num(), u.num(), u.num(), u.num()
	m.Digits = u.bytes(maxDigits)
	m.Brand = card.Brand(u.word())
	m.Confidence = scan.Confidence(min(max(u.num(), int64(scan.Low)), int64(scan.High)))
	m.Test = u.num() == 1
	m.Context = u.words()
	path = u.text(maxPath)
	encoding = u.words()
	if u.bad || len(u.b) > 0 || !known(&m) || path != "" && path[0] != '!' {
		return scan.Match{}, "", nil, errWire
	}
	return m, path, encoding, nil
}

// known reports whether a match names only classes and labels that there are.
func known(m *scan.Match) bool {
	classes, labels := scan.Classes(), scan.Labels()
	return slices.Contains(classes, m.Class) &&
		!slices.ContainsFunc(m.Also, func(c scan.Class) bool { return !slices.Contains(classes, c) }) &&
		!slices.ContainsFunc(m.Context, func(id string) bool { return !slices.Contains(labels, id) })
}
