package carrier

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stanch/stanch/scan"
)

// oddTexts is text of numbers in every odd writing, whole and in pieces, with
// noise between.
func oddTexts(seed uint64, size int) []byte {
	r := rand.New(rand.NewPCG(seed, 3))
	var b strings.Builder
	between := []string{"", "", "&nbsp;", "<b>", "</b>", "%20", "+", `\u00a0`, "\x1b[1m", "=\n", "\n", "\n> ", "\u00a0", "\u200b", " ", "-", "<td>", "<!--", `\\`, "%25", "&amp;"}
	forms := []func(string) string{
		func(s string) string { return s }, func(s string) string { return each(s, "&#%d;") },
		func(s string) string { return each(s, "%%%x") }, func(s string) string { return each(s, `\u%04x`) },
		func(s string) string { return each(s, "=%x") }, func(s string) string { return wideDigits(s, '０') },
		func(s string) string { return ebcdic(s) }, gbkDigits, shiftDigits,
		func(s string) string { return string(wideText16(s, false, false)) },
		func(s string) string { return string(wideText16(s, true, false)) },
		func(s string) string { return each(s, "%c\x00\x00\x00") },
	}
	for b.Len() < size {
		number, form := pan(r.Uint64N(1e6)), forms[r.IntN(len(forms))]
		cut := 1 + r.IntN(len(number)-1)
		joint := between[r.IntN(len(between))]
		switch r.IntN(5) {
		case 0:
			b.WriteString(form(number[:cut]) + joint + forms[r.IntN(len(forms))](number[cut:]))
		case 1:
			b.WriteString(fours(number, joint))
		case 2:
			b.WriteString(form(number) + joint)
		case 3:
			b.WriteString(form(number[:cut]) + joint + form(number[cut:]))
		default:
			b.Write(noise(r.IntN(60)))
		}
		b.WriteString([]string{"\n", " card ", "", strings.Repeat("x", r.IntN(90)), strings.Repeat(joint, r.IntN(900))}[r.IntN(5)])
	}
	return []byte(b.String())
}

// Whatever the blocks, and wherever in them a number lies, the same is found.
func TestFoldAnyCut(t *testing.T) {
	for seed := range uint64(12) {
		text := oddTexts(seed, 60_000)
		want := foldBlocks(text, &flow{}, len(text))
		if len(want) < 20 {
			t.Fatalf("seed %d: got %d matches, want more", seed, len(want))
		}
		for _, m := range want {
			checkPlace(t, text, m)
		}
		r := rand.New(rand.NewPCG(seed, 4))
		for _, sizes := range [][]int{{1}, {r.IntN(300) + 1, r.IntN(3) + 1}, {24_576}, {24_575, 24_577, 1}, {r.IntN(60_000) + 1, r.IntN(60_000) + 1}, {r.IntN(20_000) + 24_000}} {
			if got := foldBlocks(text, &flow{}, sizes...); !slices.Equal(got, want) {
				t.Fatalf("seed %d, blocks of %v: got %d matches, want %d", seed, sizes, len(got), len(want))
			}
		}
	}
}

// A region is scanned before its bytes are gone, and what is kept is bounded.
func TestFoldBounds(t *testing.T) {
	odd := "card " + each(pan(1), "&#%d;") + "\n"
	quiet := strings.Repeat("x", 300_000)
	for name, text := range map[string]string{
		"quiet after": odd + quiet, "quiet around": quiet + odd + quiet, "between": odd + quiet + odd + quiet,
		"entities": odd + strings.Repeat("&#52;", 60_000), "tags": strings.Repeat("1<b>", 60_000) + "\n" + odd,
		"gaps": odd + strings.Repeat("<b>", 100_000) + odd, "cards": strings.Repeat(odd, 3000), "wraps": strings.Repeat("1234567\n", 40_000) + odd,
	} {
		var want int
		for _, size := range []int{len(text), 1 << 18, 30_000, 24_576, 9_999, 1} {
			n := 0
			x := &examination{emit: func(*Match) { n++ }}
			f := x.newFold(&flow{})
			for at := 0; at < len(text); at += size {
				f.write([]byte(text[at:min(len(text), at+size)]))
			}
			if cap(f.carry) > 128<<10 || cap(f.page.out) > 64<<10 || cap(f.chain.out) > 1<<10 {
				t.Errorf("%s: got %d, %d and %d bytes kept", name, cap(f.carry), cap(f.page.out), cap(f.chain.out))
			}
			f.close()
			if size == len(text) {
				want = n
			}
			if n == 0 || n != want {
				t.Errorf("%s, blocks of %d: got %d matches, want %d", name, size, n, want)
			}
		}
	}
}

func FuzzFold(f *testing.F) {
	for seed := range uint64(8) {
		f.Add(oddTexts(seed, 1500), uint16(seed*311), uint16(1+seed))
	}
	f.Add([]byte("&#;&#x;%2%%25\\u{}\\\\\\=\n=\r\x1b[\x1b]\x1b\\<!--<b \xef\xbc\xa3"), uint16(1), uint16(2))
	f.Fuzz(func(t *testing.T, text []byte, first, second uint16) {
		whole := foldBlocks(text, &flow{}, len(text)+1)
		if cut := foldBlocks(text, &flow{}, int(first)+1, int(second)+1); !slices.Equal(cut, whole) {
			t.Fatalf("cut: got %d matches, want %d", len(cut), len(whole))
		}
		far := foldBlocks(text, &flow{start: scan.Position{Offset: 1 << 20, Line: 9, Column: 3}}, int(second)+1)
		for _, m := range far {
			if m.offset < 1<<20 || m.line < 9 {
				t.Fatalf("got offset %d, line %d after a start", m.offset, m.line)
			}
		}
		for _, m := range whole {
			checkPlace(t, text, m)
		}
	})
}
