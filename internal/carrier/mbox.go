package carrier

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strconv"
)

// mboxFile reads a mailbox: messages one behind the other, each after a line
// that begins with "From ".
type mboxFile struct{}

func (mboxFile) Name() string { return "mbox" }

func (mboxFile) Sniff(head []byte, _ string) bool {
	line, rest, _ := bytes.Cut(head, []byte("\n"))
	if !mboxLine(line) {
		return false
	}
	known, _ := mailHeader(rest)
	return known >= 2
}

// mboxLine knows the line between messages: a sender, and a date that ends in
// a year or a zone.
func mboxLine(line []byte) bool {
	if !bytes.HasPrefix(line, []byte("From ")) || len(line) > 512 {
		return false
	}
	fields := bytes.Fields(line)
	if len(fields) < 6 {
		return false
	}
	clock := false
	for _, field := range fields[2:] {
		clock = clock || len(field) >= 5 && field[2] == ':' && field[0] >= '0' && field[0] <= '2'
	}
	return clock
}

// Walk visits each message.
func (mboxFile) Walk(p *Part, visit func(*Member) error) error {
	b := &mailbox{in: bufio.NewReaderSize(p.R, 64<<10)}
	if err := b.first(); err != nil {
		return err
	}
	for n := 1; !b.done; n++ {
		b.ended, b.blank, b.inside = false, false, false
		m := &Member{Name: "message-" + strconv.Itoa(n) + ".eml", Labels: []string{b.line}, Stored: -1, Size: -1}
		m.Open = func() (io.Reader, error) { return &gathered{r: b}, nil }
		if err := visit(m); err != nil {
			return err
		}
		if _, err := io.Copy(io.Discard, b); err != nil {
			return err
		}
	}
	return nil
}

// A mailbox reads one message after the other.
type mailbox struct {
	in      *bufio.Reader
	line    string // between this message and the one before
	inside  bool   // of a line
	blank   bool   // the line before was empty
	ended   bool   // the message
	done    bool   // the mailbox
	pending []byte
}

func (b *mailbox) first() error {
	line, err := b.in.ReadSlice('\n')
	if err != nil && err != io.EOF {
		return &CauseError{Broken}
	}
	b.line = string(line)
	return nil
}

func (b *mailbox) Read(p []byte) (int, error) {
	for len(b.pending) == 0 {
		if b.ended {
			return 0, io.EOF
		}
		line, err := b.in.ReadSlice('\n')
		if err != nil && err != io.EOF && !errors.Is(err, bufio.ErrBufferFull) {
			return 0, err
		}
		if err == io.EOF {
			b.ended, b.done = true, true
		}
		if !b.inside && b.blank && mboxLine(line) {
			b.line, b.ended = string(line), true
			return 0, io.EOF
		}
		b.blank = !b.inside && len(bytes.TrimRight(line, "\r\n")) == 0
		b.inside = !bytes.HasSuffix(line, []byte("\n"))
		b.pending = line
	}
	n := copy(p, b.pending)
	b.pending = b.pending[n:]
	return n, nil
}
