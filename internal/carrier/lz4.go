package carrier

import (
	"io"

	"github.com/klauspost/compress/s2"
	"github.com/pierrec/lz4/v4"
)

// lz4File reads LZ4 frames and the legacy form.
func lz4File() squeezed {
	return squeezed{
		name: "lz4",
		sniff: func(head []byte) bool {
			return frameMagic(head, "\x04\x22\x4d\x18") || magic{0, "\x02\x21\x4c\x18"}.in(head)
		},
		open: func(r io.Reader) (io.Reader, error) {
			z := lz4.NewReader(r)
			return z, z.Apply(lz4.ConcurrencyOption(1))
		},
	}
}

// snappyFile reads the framed forms of Snappy and S2.
func snappyFile() squeezed {
	return squeezed{
		name: "snappy",
		sniff: func(head []byte) bool {
			return anyMagic(head, []magic{{0, "\xff\x06\x00\x00sNaPpY"}, {0, "\xff\x06\x00\x00S2sTwO"}})
		},
		open: func(r io.Reader) (io.Reader, error) { return s2.NewReader(r, s2.ReaderAllocBlock(64<<10)), nil },
	}
}
