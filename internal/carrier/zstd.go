package carrier

import (
	"errors"
	"io"

	"github.com/klauspost/compress/zstd"
)

// zstdFile reads Zstandard, all its frames one after the other.
func zstdFile() squeezed {
	return squeezed{
		name:  "zstd",
		sniff: func(head []byte) bool { return frameMagic(head, "\x28\xb5\x2f\xfd") },
		open:  newZstd,
	}
}

// newZstd opens a decoder that works in this goroutine alone, because a second
// one gains nothing here and holds blocks of its own.
func newZstd(r io.Reader) (io.Reader, error) {
	z, err := zstdDecoder(r)
	if err != nil {
		return nil, zstdCause(err)
	}
	return &translated{z, zstdCause}, nil
}

func zstdDecoder(r io.Reader) (*zstd.Decoder, error) {
	return zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
		zstd.WithDecoderMaxWindow(maxDictionary), zstd.WithDecoderMaxMemory(maxDictionary))
}

func zstdCause(err error) error {
	switch {
	case errors.Is(err, zstd.ErrWindowSizeExceeded), errors.Is(err, zstd.ErrDecoderSizeExceeded):
		return &CauseError{OverBudget}
	case errors.Is(err, zstd.ErrUnknownDictionary):
		return &CauseError{UnknownCompression}
	}
	return err
}

// frameMagic reports whether head begins with a frame of the given magic, or
// with skippable frames, which zstd and lz4 share, and then with that one.
func frameMagic(head []byte, want string) bool {
	for len(head) >= 8 && head[0]&0xf0 == 0x50 && (magic{1, "*M\x18"}).in(head) {
		size := uint64(head[4]) | uint64(head[5])<<8 | uint64(head[6])<<16 | uint64(head[7])<<24
		if 8+size > uint64(len(head)) {
			return false
		}
		head = head[8+size:]
	}
	return magic{0, want}.in(head)
}

// A translated reader gives a decoder's faults the causes of this package.
type translated struct {
	r     io.Reader
	cause func(error) error
}

func (t *translated) Read(p []byte) (int, error) {
	n, err := t.r.Read(p)
	if err != nil && err != io.EOF {
		err = t.cause(err)
	}
	return n, err
}
