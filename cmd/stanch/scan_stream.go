package main

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"os"
	"sync"

	"github.com/stanch/stanch/internal/carrier"
	"github.com/stanch/stanch/internal/cell"
)

// maxHeld bounds an archive on standard input that can only be read from its
// end and so has to be held in memory.
const maxHeld = 256 << 20

// stream yields a job for bytes that come once and in order.
func (w *walk) stream(path string, r io.Reader) {
	if f, ok := r.(*os.File); ok {
		if info, err := f.Stat(); err == nil && info.Mode().IsRegular() {
			w.yield(&scanJob{path: path, open: func() (cell.Input, func(), error) {
				return cell.Input{R: f, Size: info.Size()}, func() {}, nil
			}})
			return
		}
	}
	w.yield(&scanJob{path: path, open: func() (cell.Input, func(), error) { return w.streamed(path, r) }})
}

// errTooLarge says that a stream must be held and is too large for it.
var errTooLarge = errors.New("too large to hold")

func (w *walk) streamed(path string, r io.Reader) (cell.Input, func(), error) {
	closed := func() {
		if c, ok := r.(io.Closer); ok {
			c.Close()
		}
	}
	buffered := bufio.NewReaderSize(r, carrier.HeadSize)
	head, err := buffered.Peek(carrier.HeadSize)
	if err != nil && err != io.EOF {
		closed()
		return cell.Input{}, nil, err
	}
	if !w.examiner.RandomAccess(head, path) {
		return cell.Input{R: &streamWindow{r: buffered}, Size: -1}, closed, nil
	}
	var held bytes.Buffer
	n, err := io.Copy(&held, io.LimitReader(buffered, maxHeld+1))
	if err == nil && n > maxHeld {
		err = errTooLarge
	}
	if err != nil {
		closed()
		return cell.Input{}, nil, err
	}
	return cell.Input{R: bytes.NewReader(held.Bytes()), Size: n}, closed, nil
}

// windowKept is how far back a stream can be read again.
const windowKept = 1 << 20

// errBehind says that a stream was asked for bytes that are gone.
var errBehind = errors.New("read stream: bytes are gone")

// A streamWindow gives a stream the form of an io.ReaderAt for a reader that
// goes forwards, looking back a little.
type streamWindow struct {
	r    io.Reader
	mu   sync.Mutex // guards all below
	at   int64      // offset of kept[0]
	kept []byte
	err  error
}

// ReadAt reads on as far as needed. It returns errBehind for what was dropped.
func (s *streamWindow) ReadAt(p []byte, off int64) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if off < s.at {
		return 0, errBehind
	}
	end := off + int64(len(p))
	for s.at+int64(len(s.kept)) < end && s.err == nil {
		s.fill()
	}
	from := off - s.at
	if from >= int64(len(s.kept)) {
		return 0, s.err
	}
	n := copy(p, s.kept[from:])
	if n < len(p) {
		return n, s.err
	}
	return n, nil
}

// fill reads once more, and forgets what lies too far back.
func (s *streamWindow) fill() {
	const step = 256 << 10
	if over := len(s.kept) - windowKept; over > step {
		s.kept = append(s.kept[:0], s.kept[over:]...)
		s.at += int64(over)
	}
	size := len(s.kept)
	s.kept = append(s.kept, make([]byte, step)...)
	n, err := s.r.Read(s.kept[size:])
	s.kept, s.err = s.kept[:size+n], err
}
