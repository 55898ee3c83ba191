package carrier

import (
	"bufio"
	"bytes"
	"compress/zlib"
	"errors"
	"io"
)

// zlibFile reads one zlib stream.
func zlibFile() squeezed {
	return squeezed{name: "zlib", sniff: looksZlib, open: newZlib}
}

// looksZlib checks the two bytes of the header and, because text may begin with
// them, that what follows unpacks as far as it is shown.
func looksZlib(head []byte) bool {
	if len(head) < 8 || head[0] != 0x78 || (uint(head[0])<<8|uint(head[1]))%31 != 0 || head[1]&0x20 != 0 {
		return false
	}
	z, err := zlib.NewReader(bytes.NewReader(head))
	if err != nil {
		return false
	}
	_, err = io.CopyN(io.Discard, z, 64<<10)
	return err == nil || err == io.EOF || errors.Is(err, io.ErrUnexpectedEOF) && len(head) >= HeadSize
}

// newZlib opens a stream. Whatever comes after its end is not silently left
// out: it makes the input a damaged one.
func newZlib(r io.Reader) (io.Reader, error) {
	buffered := bufio.NewReaderSize(r, 32<<10)
	z, err := zlib.NewReader(buffered)
	if err != nil {
		return nil, err
	}
	return &nothingAfter{z, buffered}, nil
}

// nothingAfter turns the end of r into a fault if its source goes on.
type nothingAfter struct {
	r      io.Reader
	source *bufio.Reader
}

func (e *nothingAfter) Read(p []byte) (int, error) {
	n, err := e.r.Read(p)
	if err == io.EOF {
		if _, more := e.source.Peek(1); more == nil {
			err = &CauseError{Broken}
		}
	}
	return n, err
}
