package filetree

import (
	"crypto/sha256"
	"errors"
	"io"
)

// A FileID is what a file is, whatever it is called: it survives a rename. Born
// tells apart two files that were given one inode number after each other; it
// is zero where the file system does not say.
type FileID struct {
	Dev, Ino uint64
	Born     int64 // Unix microseconds
}

// A Print is the first half of a SHA-256 over some bytes of a file.
type Print [16]byte

// printSpan is how many bytes a Print covers at most.
const printSpan = 4096

// A Mark is what has been read of a file. Offset is the start of the first line
// that had not ended, where the next read begins. Paths are relative to the
// root, with slashes. The zero Mark stands for a file never read; the
// Generation of one that was is at least 1 and grows when its content is replaced.
type Mark struct {
	Root, Path string
	ID         FileID
	Size       int64 // bytes looked at
	Offset     int64
	Line       int64 // of Offset, from 1
	ModTime    int64 // Unix microseconds, as it was when the read began
	Head       Print // of the first HeadLen bytes
	HeadLen    int64 // min(4096, Size)
	Tail       Print // of the last bytes before Offset, min(4096, Offset) of them
	Generation int64
	Whole      bool // the file cannot be read on from the middle, as an archive cannot
}

// An Info is what the file system says of one name, links not followed.
type Info struct {
	ID      FileID
	Size    int64
	ModTime int64 // Unix microseconds
	Kind    Kind
}

// A Kind is what a name stands for.
type Kind uint8

// The kinds. Other is everything that is never opened: links, pipes, sockets, devices.
const (
	Other Kind = iota
	Regular
	Folder
)

// printOf fingerprints n bytes at off. A file that is shorter gives ErrShrunk.
func printOf(r io.ReaderAt, off, n int64) (p Print, err error) {
	if n == 0 {
		return p, nil
	}
	buf := make([]byte, n)
	defer clear(buf) // it may hold card data
	if got, err := r.ReadAt(buf, off); int64(got) < n {
		if err == nil || errors.Is(err, io.EOF) {
			return p, ErrShrunk
		}
		return p, err
	}
	sum := sha256.Sum256(buf)
	copy(p[:], sum[:])
	return p, nil
}

// fingerprint fills Head and Tail from the content; Size and Offset are set.
func (m *Mark) fingerprint(r io.ReaderAt) (err error) {
	m.HeadLen = min(printSpan, m.Size)
	if m.Head, err = printOf(r, 0, m.HeadLen); err != nil {
		return err
	}
	n := min(printSpan, m.Offset)
	m.Tail, err = printOf(r, m.Offset-n, n)
	return err
}

// stillBegins reports whether the content begins as it did when m was made.
func (m Mark) stillBegins(r io.ReaderAt) (bool, error) {
	head, err := printOf(r, 0, m.HeadLen)
	if err != nil || head != m.Head {
		return false, err
	}
	n := min(printSpan, m.Offset)
	tail, err := printOf(r, m.Offset-n, n)
	return tail == m.Tail, err
}
