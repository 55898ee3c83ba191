package carrier

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestKindsAgree holds the masks to the table, byte by byte, and runs to a slow
// look at the bytes.
func TestKindsAgree(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for size := range 400 {
		text := make([]byte, size)
		for i := range text {
			text[i] = "0123456789abcdefABZz+/-_=:,xX|\\ \n\t\x00\x1b\xf1\xf9\xfa"[random.IntN(38)]
			if random.IntN(4) == 0 {
				text[i] = byte(random.IntN(256))
			}
		}
		var k kindMap
		k.read(text)
		slow := make([]kindMasks, len(k.masks))
		for i, c := range text {
			for kind := range slow[0] {
				if byteKinds[c]>>kind&1 == 1 {
					slow[i/wordBytes][kind] |= 1 << (i % wordBytes)
				}
			}
		}
		if !slices.Equal(k.masks, slow) {
			t.Fatalf("%d bytes: masks differ from the table", size)
		}
		for kind := range slow[0] {
			from, to, n := random.IntN(size+1), random.IntN(size+1), 1+random.IntN(20)
			if got, want := k.run(kind, n, from, to), slowRun(text, kind, n, from, to); got != want {
				t.Fatalf("kind %d, %d bytes from %d to %d of %d: got %d, want %d", kind, n, from, to, size, got, want)
			}
		}
	}
}

func slowRun(text []byte, kind, n, from, to int) int {
	for i := from; i < to && i+n <= len(text); i++ {
		if !slices.ContainsFunc(text[i:i+n], func(c byte) bool { return byteKinds[c]>>kind&1 == 0 }) {
			return i
		}
	}
	return len(text)
}

func TestRunOfEachLength(t *testing.T) {
	for n := 1; n <= wordBytes; n++ {
		text := append(bytes.Repeat([]byte{'.'}, 50), bytes.Repeat([]byte{'7'}, n)...)
		text = append(text, bytes.Repeat([]byte{'.'}, 100)...)
		var k kindMap
		k.read(text)
		if got := k.run(ofHex, n, 0, len(text)); got != 50 {
			t.Errorf("%d digits: got %d, want 50", n, got)
		}
		if n < wordBytes {
			if got := k.run(ofHex, n+1, 0, len(text)); got != len(text) {
				t.Errorf("%d of %d digits: got %d, want none", n+1, n, got)
			}
		}
	}
}
