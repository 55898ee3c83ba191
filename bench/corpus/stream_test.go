package corpus

import (
	"bytes"
	"io"
	"testing"
	"testing/iotest"
)

func TestStreams(t *testing.T) {
	for _, test := range []struct {
		name      string
		make      func(seed uint64, size int64) io.Reader
		low, high float64 // share of digits
	}{{"web", WebLog, 0.27, 0.33}, {"pos", POSLog, 0.60, 0.66}} {
		t.Run(test.name, func(t *testing.T) {
			const size = 1 << 20
			text, err := io.ReadAll(test.make(7, size))
			if err != nil || len(text) != size {
				t.Fatalf("got %d bytes, %v; want %d", len(text), err, size)
			}
			digits := 0
			for _, c := range text {
				if c >= '0' && c <= '9' {
					digits++
				}
			}
			if got := float64(digits) / size; got < test.low || got > test.high {
				t.Errorf("got %.3f of the bytes digits, want %v to %v", got, test.low, test.high)
			}
			again, _ := io.ReadAll(iotest.OneByteReader(test.make(7, 5000)))
			if !bytes.Equal(again, text[:5000]) {
				t.Error("a shorter stream of the same seed, read in single bytes, is another one")
			}
			if other, _ := io.ReadAll(test.make(8, 5000)); bytes.Equal(other, again) {
				t.Error("another seed gives the same stream")
			}
		})
	}
}
