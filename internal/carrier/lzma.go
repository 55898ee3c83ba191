package carrier

import (
	"bufio"
	"bytes"
	wire "encoding/binary"
	"errors"
	"io"
	"math"

	"github.com/ulikunitz/xz/lzma"
)

// lzmaFile reads the old LZMA form, which has no magic.
func lzmaFile() squeezed {
	return squeezed{name: "lzma", sniff: looksLZMA, open: newLZMA}
}

// looksLZMA knows the form by its usual properties, a dictionary as encoders
// make them, a believable size and the zero that every range coder begins with.
func looksLZMA(head []byte) bool {
	if len(head) < lzma.HeaderLen+5 || head[0] != 0x5d || head[lzma.HeaderLen] != 0 {
		return false
	}
	dictionary := wire.LittleEndian.Uint32(head[1:])
	for power := uint32(1 << 12); ; power <<= 1 {
		if dictionary == power || power < 1<<31 && dictionary == power+power/2 || dictionary == math.MaxUint32 {
			break
		}
		if power == 1<<31 {
			return false
		}
	}
	size := wire.LittleEndian.Uint64(head[5:])
	return size == math.MaxUint64 || size < 1<<40
}

func newLZMA(r io.Reader) (io.Reader, error) {
	z, err := lzma.ReaderConfig{DictCap: maxDictionary}.NewReader(bufio.NewReaderSize(r, 32<<10))
	var large *lzma.ErrDictSize
	if errors.As(err, &large) {
		return nil, &CauseError{OverBudget}
	}
	if err != nil {
		return nil, err
	}
	return &salvaged{r: z}, nil
}

// salvaged gives out what the library had decoded when it met damage: its
// reader keeps that, and gives it when it is asked again.
type salvaged struct {
	r   io.Reader
	err error
}

func (s *salvaged) Read(p []byte) (int, error) {
	if s.err != nil {
		n, err := s.r.Read(p)
		if n > 0 && err != nil {
			return n, nil
		}
		return n, s.err
	}
	n, err := s.r.Read(p)
	if err != nil && err != io.EOF {
		s.err = err
		return n, nil
	}
	return n, err
}

// rawLZMA unpacks an LZMA stream whose five bytes of properties are kept
// elsewhere, as zip and 7z do. A negative size means that an end mark follows.
func rawLZMA(r io.Reader, properties []byte, size int64) (io.Reader, error) {
	if len(properties) != 5 {
		return nil, &CauseError{Broken}
	}
	header := wire.LittleEndian.AppendUint64(bytes.Clone(properties), uint64(size))
	return newLZMA(io.MultiReader(bytes.NewReader(header), r))
}
