package scan

import (
	"slices"
	"strings"
	"testing"
)

// FuzzScanSplit cuts a text in blocks in any way and expects the same matches
// with sane places.
func FuzzScanSplit(f *testing.F) {
	for seed := range uint64(8) {
		f.Add([]byte(mixture(seed, 2400)), uint16(seed*37), uint16(1+seed))
	}
	f.Add([]byte(strings.Repeat("4444 ", 40)), uint16(3), uint16(9))
	f.Add([]byte("%B"+visa(1)+"^A^2712"), uint16(3), uint16(9))
	f.Fuzz(func(t *testing.T, text []byte, first, second uint16) {
		whole := scanBlocks(text, Options{}, len(text)+1)
		cut := scanBlocks(text, Options{}, int(first)+1, int(second)+1)
		if got, want := lines(cut), lines(whole); got != want {
			t.Fatalf("got\n%s\nwant\n%s", got, want)
		}
		if got, want := lines(scanWindow(text, ahead+behind+1+int(first)%200)), lines(whole); got != want {
			t.Fatalf("small window: got\n%s\nwant\n%s", got, want)
		}
		if got, want := lines(scanLent(text, ahead+behind+int(second)%300)), lines(whole); got != want {
			t.Fatalf("lent: got\n%s\nwant\n%s", got, want)
		}
		for _, m := range whole {
			check(t, text, m)
		}
		for i := 1; i < len(whole); i++ {
			if whole[i].Offset < whole[i-1].Offset {
				t.Errorf("matches are out of order")
			}
		}
	})
}

// check expects a match to lie in the text and to name its parts.
func check(t *testing.T, text []byte, m seen) {
	t.Helper()
	if m.Offset < 0 || m.Length <= 0 || m.Offset+m.Length > int64(len(text)) || len(m.Parts) == 0 {
		t.Fatalf("got %s in %d bytes", m.line(), len(text))
	}
	if m.Confidence < Low || m.Confidence > High || slices.Contains(m.Also, m.Class) {
		t.Errorf("got %s", m.line())
	}
	for _, p := range m.Parts {
		if p.Offset < 0 || p.Length <= 0 || p.Offset+p.Length > int64(len(text)) {
			t.Errorf("got part %v in %d bytes", p, len(text))
		}
	}
	for _, id := range m.Context {
		if !slices.Contains(Labels(), id) {
			t.Errorf("got context %q, which is not in the list", id)
		}
	}
	line := 1 + strings.Count(string(text[:m.Offset]), "\n")
	column := int(m.Offset) - strings.LastIndexByte(string(text[:m.Offset]), '\n')
	if m.Line != int64(line) || m.Column != int64(column) {
		t.Errorf("got %d:%d, want %d:%d", m.Line, m.Column, line, column)
	}
}
