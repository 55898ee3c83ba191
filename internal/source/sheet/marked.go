package sheet

import "io"

// Before puts the mark before the bytes of r, so that they are scanned as they
// are, whatever they begin with. It returns how many bytes it added.
func (m Mark) Before(r io.ReaderAt) (marked io.ReaderAt, added int64) {
	head := append(append([]byte{}, m...), '\n')
	return &after{head, r}, int64(len(head))
}

// after is a head, then the bytes of r.
type after struct {
	head []byte
	r    io.ReaderAt
}

func (a *after) ReadAt(p []byte, off int64) (int, error) {
	n := 0
	if off < int64(len(a.head)) {
		n = copy(p, a.head[off:])
		if n == len(p) {
			return n, nil
		}
	}
	more, err := a.r.ReadAt(p[n:], off+int64(n)-int64(len(a.head)))
	return n + more, err
}
