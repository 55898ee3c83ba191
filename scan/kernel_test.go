package scan

import (
	"encoding/binary"
	"slices"
	"testing"

	"github.com/stanch/stanch/card"
)

// slowly is classify as one would first write it.
func slowly(masks []uint64, text []byte) {
	clear(masks)
	for i, c := range text {
		if i < len(masks)*wordBytes && digit(c) {
			masks[i/wordBytes] |= 1 << (i % wordBytes)
		}
	}
}

func sameMasks(t *testing.T, text []byte) {
	t.Helper()
	for _, n := range []int{len(text)/wordBytes + 2, len(text) / wordBytes, 1} {
		got, want := make([]uint64, n), make([]uint64, n)
		slowly(want, text)
		if classify(got, text); !slices.Equal(got, want) {
			t.Fatalf("classify %d bytes: got %x, want %x", len(text), got, want)
		}
		whole := min(n, len(text)/wordBytes)
		if portable(got[:whole], text); !slices.Equal(got[:whole], want[:whole]) {
			t.Fatalf("portable %d bytes: got %x, want %x", len(text), got, want)
		}
	}
}

// sameTriggers compares the kernel with the portable path and both with the
// tables.
func sameTriggers(t *testing.T, text []byte) {
	t.Helper()
	n := len(text)/wordBytes + 2
	got, want := make([]uint64, n), make([]uint64, n)
	for i := range text {
		hit := uint8(0xff)
		for place := range 3 {
			c := byte(0)
			if i+place < len(text) {
				c = text[i+place]
			}
			hit &= triggerBytes[place][c]
		}
		if hit != 0 {
			want[i/wordBytes] |= 1 << (i % wordBytes)
		}
	}
	if triggered(got, text); !slices.Equal(got, want) {
		t.Fatalf("triggered %d bytes: got %x, want %x", len(text), got, want)
	}
	whole := max(0, (len(text)-2)/wordBytes)
	if portableTriggers(got[:whole], text); !slices.Equal(got[:whole], want[:whole]) {
		t.Fatalf("portable triggers in %d bytes: got %x, want %x", len(text), got, want)
	}
}

// The kernel, where there is one, and the portable path say the same of each
// byte in each place.
func TestClassify(t *testing.T) {
	for c := range 256 {
		text := make([]byte, 3*wordBytes)
		for i := range text {
			text[i] = byte(c + i*(1+c%3))
		}
		for from := range wordBytes {
			sameMasks(t, text[from:])
			sameTriggers(t, text[from:])
		}
	}
}

// Every trigger fires in either case.
func TestTriggers(t *testing.T) {
	for _, word := range []string{"password", "passwd", "pwd", "secret", "key", "tmk", "zpk", "tek", "bdk", "kek", "lmk", "pin", "ban",
		"de52", "de052", "f52", "f052", "密码", "口令", "账号", "PASSWORD", "Secret", "TMK", "DE52"} {
		masks := make([]uint64, 1)
		if triggered(masks, []byte(word)); masks[0]&1 == 0 {
			t.Errorf("%q: got no hit", word)
		}
	}
}

func FuzzClassify(f *testing.F) {
	f.Add([]byte(mixture(1, 500)))
	f.Add([]byte("0123456789:/\x00\xff\x80\xb0"))
	f.Add([]byte("PassWord=x tmk secret 密码 账号 api_key de52 pin"))
	f.Fuzz(func(t *testing.T, text []byte) {
		sameMasks(t, text)
		sameTriggers(t, text)
	})
}

// The screen lets through all that the scorer accepts.
func TestIssued(t *testing.T) {
	for n := minRun; n <= maxRun; n++ {
		digits := []byte("0000111122223333444")[:n]
		for prefix := range 10_000 {
			for i, d := 3, prefix; i >= 0; i, d = i-1, d/10 {
				digits[i] = '0' + byte(d%10)
			}
			if got := prefixOf(binary.LittleEndian.Uint32(digits)); got != uint32(prefix) {
				t.Fatalf("prefix of %s: got %d", digits, got)
			}
			id := provinces[prefix/1000]>>(prefix/100%10)&1 == 1 && (n == idDigits || n == idDigits-1)
			want := card.BrandOf(digits) != "" || id
			if got := issued[prefix]>>(n-minRun)&1 == 1; got != want {
				t.Fatalf("%d digits beginning with %04d: got %v, want %v", n, prefix, got, want)
			}
		}
	}
}

// What the scorer finds without a screen it finds with one.
func TestScreen(t *testing.T) {
	for seed := range uint64(4) {
		text := []byte(mixture(seed, 100_000))
		want := lines(scanBlocks(text, Options{Matcher: DigitMatcher{}, Scorer: CardScorer{}}, 1<<20))
		if got := lines(scanBlocks(text, Options{Classes: numbers}, 1<<20)); got != want {
			t.Fatalf("seed %d: the screen changes what is found", seed)
		}
	}
}

func TestLuhnAt(t *testing.T) {
	r := source(21)
	for range 200_000 {
		window := []byte(randomDigits(r, 24+r.IntN(8)))
		end := len(window) - r.IntN(5)
		start := max(0, end-minRun-r.IntN(8))
		if got, want := luhnAt(window, start, end), card.Luhn(window[start:end]); got != want {
			t.Fatalf("luhn of %s: got %v, want %v", window[start:end], got, want)
		}
	}
}
