package carrier

import (
	"hash/crc32"
	"io"
)

// A storedSum is the CRC-32 that an archive keeps of a member, if it does.
type storedSum struct {
	known bool
	value uint32
}

func (s storedSum) fits(b []byte) bool {
	return len(b) > 0 && (!s.known || crc32.ChecksumIEEE(b) == s.value)
}

// summed reads one member and checks its length and sum at the end.
type summed struct {
	r    io.Reader
	left uint64
	want storedSum
	crc  uint32
	err  error
}

func (s *summed) Read(p []byte) (int, error) {
	if s.err != nil {
		return 0, s.err
	}
	n, err := s.r.Read(p)
	s.left -= uint64(n)
	s.crc = crc32.Update(s.crc, crc32.IEEETable, p[:n])
	if err == io.EOF && (s.left > 0 || s.want.known && s.crc != s.want.value) {
		err = &CauseError{Broken}
	}
	s.err = err
	return n, err
}

// pass goes to the end of a member that was not read to it.
func (s *summed) pass() error {
	if s.left > maxSevenSkip {
		return &CauseError{OverBudget}
	}
	if _, err := io.Copy(io.Discard, s); err != nil && s.left > 0 {
		return err
	}
	return nil // a wrong sum is this member's alone
}
