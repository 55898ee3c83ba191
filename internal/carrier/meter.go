package carrier

import (
	"context"
	"errors"
	"io"
	"io/fs"
)

// A meter keeps the budget of one examination. Once it is spent it stays spent.
type meter struct {
	ctx      context.Context
	budget   Budget
	input    int64 // bytes of the input: its size, or what was read so far
	sized    bool
	unpacked int64
	members  int64
	buffered int64
	fault    Cause // what happened to the input itself
}

// ratioFloor is how many unpacked bytes are allowed whatever the ratio: short
// files of one repeated line pack a thousandfold.
const ratioFloor = 64 << 20

func (m *meter) spend(n int) error {
	m.unpacked += int64(n)
	if m.spent() {
		return &CauseError{OverBudget}
	}
	return m.alive()
}

// spent reports whether nothing more of the input may be unpacked. A part that
// is over a budget of its own, as one that asks for too much memory, does not
// stop the others.
func (m *meter) spent() bool {
	return m.unpacked > m.budget.Bytes || m.unpacked > ratioFloor && m.unpacked/m.budget.Ratio > m.input ||
		m.members > m.budget.Members
}

// alive turns the end of the context into an error.
func (m *meter) alive() error {
	err := m.ctx.Err()
	if errors.Is(err, context.DeadlineExceeded) {
		return &CauseError{Timeout}
	}
	return err
}

// cause names what err means to the part being read.
func (m *meter) cause(err error) Cause {
	var named *CauseError
	switch {
	case m.fault != "":
		return m.fault
	case errors.As(err, &named):
		return named.Cause
	case errors.Is(err, context.DeadlineExceeded):
		return Timeout
	}
	return Broken
}

// unpacking reads a member and charges the budget for it.
type unpacking struct {
	r io.Reader
	m *meter
	n int64
}

func (u *unpacking) Read(p []byte) (int, error) {
	n, err := u.r.Read(p)
	u.n += int64(n)
	if spent := u.m.spend(n); spent != nil {
		return n, spent
	}
	return n, err
}

// source reads the input and notes how it failed, because decoders above it
// turn any error into "damaged".
type source struct {
	in Input
	m  *meter
}

func (s *source) ReadAt(p []byte, off int64) (int, error) {
	if err := s.m.alive(); err != nil {
		return 0, err
	}
	n, err := s.in.R.ReadAt(p, off)
	if !s.m.sized {
		s.m.input = max(s.m.input, off+int64(n))
	}
	switch {
	case err == nil:
	case errors.Is(err, io.EOF):
		if s.in.Size >= 0 && off+int64(n) < s.in.Size && n < len(p) {
			s.m.fault = Shrank
		}
	case errors.Is(err, fs.ErrNotExist):
		s.m.fault = Vanished
	case errors.Is(err, context.Canceled):
	default:
		s.m.fault = Unreadable
	}
	return n, err
}
