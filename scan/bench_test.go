package scan

import (
	"fmt"
	"strings"
	"testing"
)

// webLog is an access log in the usual form, a third of it digits.
func webLog(size int) []byte {
	r := source(11)
	var b strings.Builder
	for b.Len() < size {
		fmt.Fprintf(&b, "%d.%d.%d.%d - - [22/Nov/2026:%02d:%02d:%02d +0800] \"GET /api/v1/orders/%d?page=%d HTTP/1.1\" %d %d \"-\" \"Mozilla/5.0 (X11; Linux x86_64) Chrome/%d.0.%d.%d\" %d\n",
			r.IntN(256), r.IntN(256), r.IntN(256), r.IntN(256), r.IntN(24), r.IntN(60), r.IntN(60), r.IntN(1e9), r.IntN(99),
			200+r.IntN(300), r.IntN(1e6), 90+r.IntN(40), r.IntN(9999), r.IntN(300), r.IntN(1e6))
	}
	return []byte(b.String())
}

// posLog is a log of payment messages without cards, two thirds digits.
func posLog(size int) []byte {
	r := source(12)
	var b strings.Builder
	for b.Len() < size {
		fmt.Fprintf(&b, "20261122%06d.%03d 0200 STAN=%06d RRN=632611%06d TID=%08d MID=%015d AMT=%012d REF=20261122%010d\n",
			r.IntN(240000), r.IntN(1000), r.IntN(1e6), r.IntN(1e6), r.IntN(1e8), r.Int64N(1e15), r.IntN(1e7), r.Int64N(1e10))
	}
	return []byte(b.String())
}

func BenchmarkScan(b *testing.B) {
	const size = 8 << 20
	var list strings.Builder
	for n := uint64(0); list.Len() < size; n++ {
		list.WriteString(visa(n) + "\n")
	}
	prose := []byte(strings.Repeat("The quick brown fox jumps over the lazy dog, and so on.\n", size/56))
	texts := []struct {
		name string
		text []byte
	}{
		{"web", webLog(size)}, {"pos", posLog(size)}, {"prose", prose},
		{"digits", []byte(strings.Repeat("7", size))}, {"cards", []byte(mixture(5, size))}, {"list", []byte(list.String())},
	}
	for _, tt := range texts {
		b.Run(tt.name, func(b *testing.B) {
			b.SetBytes(int64(len(tt.text)))
			for b.Loop() {
				s := New(Options{}, func(*Match) {})
				for at := 0; at < len(tt.text); at += 256 << 10 {
					s.Write(tt.text[at:min(len(tt.text), at+256<<10)])
				}
				s.Close()
			}
		})
	}
}
