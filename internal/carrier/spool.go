package carrier

import (
	"bufio"
	"io"
)

// A spool reads an archive whose members lie one behind the other in the open,
// front to back. Where the archive can be read at any place its members can,
// too, so that an archive in it need not be held.
type spool struct {
	p *Part
	r *bufio.Reader
	n int64 // offset of the next byte
}

// newSpool starts behind the first skip bytes, which are known.
func newSpool(p *Part, skip int64) *spool {
	s := &spool{p: p, r: bufio.NewReaderSize(p.R, 32<<10)}
	s.skip(skip)
	return s
}

func (s *spool) Read(b []byte) (int, error) {
	n, err := s.r.Read(b)
	s.n += int64(n)
	return n, err
}

// skip passes over n bytes. It returns io.EOF only if there was not one more.
func (s *spool) skip(n int64) error {
	if n <= 0 {
		return nil
	}
	if s.p.At != nil && s.p.Size >= 0 && n > int64(s.r.Buffered()) {
		if s.n+n > s.p.Size {
			return io.ErrUnexpectedEOF
		}
		s.n += n
		s.r.Reset(io.NewSectionReader(s.p.At, s.n, s.p.Size-s.n))
		return nil
	}
	done, err := io.CopyN(io.Discard, s.r, n)
	s.n += done
	if err == io.EOF && done > 0 {
		err = io.ErrUnexpectedEOF
	}
	return err
}

// member visits a member that is the next size bytes, and passes over them.
func (s *spool) member(m *Member, size int64, visit func(*Member) error) error {
	at := s.n
	m.Size = -1
	if s.p.At != nil && at+size <= s.p.Size {
		m.At, m.Size = io.NewSectionReader(s.p.At, at, size), size
	}
	content := &exactly{r: s, left: size}
	m.Open = func() (io.Reader, error) { return content, nil }
	if err := visit(m); err != nil {
		return err
	}
	return s.skip(at + size - s.n)
}

// exactly reads a known number of bytes; fewer are a fault.
type exactly struct {
	r    io.Reader
	left int64
}

func (e *exactly) Read(p []byte) (int, error) {
	if e.left <= 0 {
		return 0, io.EOF
	}
	n, err := e.r.Read(p[:min(int64(len(p)), e.left)])
	e.left -= int64(n)
	if err == io.EOF && e.left > 0 {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

// gathered reads r until there is enough to be worth scanning: a scanner that
// is fed line by line is slow.
type gathered struct {
	r   io.Reader
	err error
}

const gatherSize = 16 << 10

func (g *gathered) Read(p []byte) (int, error) {
	n := 0
	for n < min(len(p), gatherSize) && g.err == nil {
		var m int
		m, g.err = g.r.Read(p[n:])
		n += m
	}
	if n > 0 {
		return n, nil
	}
	return 0, g.err
}
