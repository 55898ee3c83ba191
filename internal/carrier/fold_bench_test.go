package carrier

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// webText is an access log with paths in percent encoding, queries and quotes.
func webText(size int) []byte {
	r := rand.New(rand.NewPCG(1, 2))
	var b strings.Builder
	for b.Len() < size {
		fmt.Fprintf(&b, "%d.%d.%d.%d - - [22/Nov/2026:%02d:%02d:%02d +0800] \"GET /api/v1%%2Forders/%d?page=%d&sort=%%2Bname&q=%d HTTP/1.1\" %d %d \"https://shop.example/a%%2Fb?x=%d\" \"Mozilla/5.0 (X11; Linux x86_64) Chrome/%d.0.%d.%d Safari/537.36\" %d\n",
			r.IntN(256), r.IntN(256), r.IntN(256), r.IntN(256), r.IntN(24), r.IntN(60), r.IntN(60), r.IntN(1e9), r.IntN(99), r.IntN(1e7),
			200+r.IntN(300), r.IntN(1e6), r.IntN(1e6), 90+r.IntN(40), r.IntN(9999), r.IntN(300), r.IntN(1e6))
	}
	return []byte(b.String())
}

// accessText is an access log without odd writing.
func accessText(size int) []byte {
	r := rand.New(rand.NewPCG(9, 9))
	var b strings.Builder
	for b.Len() < size {
		fmt.Fprintf(&b, "%d.%d.%d.%d - - [22/Nov/2026:%02d:%02d:%02d +0800] \"GET /api/v1/orders/%d?page=%d HTTP/1.1\" %d %d \"-\" \"Mozilla/5.0 (X11; Linux x86_64) Chrome/%d.0.%d.%d\" %d\n",
			r.IntN(256), r.IntN(256), r.IntN(256), r.IntN(256), r.IntN(24), r.IntN(60), r.IntN(60), r.IntN(1e9), r.IntN(99),
			200+r.IntN(300), r.IntN(1e6), 90+r.IntN(40), r.IntN(9999), r.IntN(300), r.IntN(1e6))
	}
	return []byte(b.String())
}

// pageText is HTML with a table of numbers and much inline markup.
func pageText(size int) []byte {
	r := rand.New(rand.NewPCG(3, 4))
	var b strings.Builder
	for b.Len() < size {
		fmt.Fprintf(&b, "<tr class=\"row\"><td><b>%d</b></td><td>%04d&nbsp;%04d</td><td><span class=\"n\">%d</span>&#160;<i>CNY</i></td><td><a href=\"/o?id=%d&amp;p=%d\">%d</a></td></tr>\n",
			r.IntN(1e6), r.IntN(1e4), r.IntN(1e4), r.IntN(1e9), r.IntN(1e6), r.IntN(99), r.IntN(1e6))
	}
	return []byte(b.String())
}

// messageText is a log of payment messages, two thirds digits.
func messageText(size int) []byte {
	r := rand.New(rand.NewPCG(5, 6))
	var b strings.Builder
	for b.Len() < size {
		fmt.Fprintf(&b, "20261122%06d.%03d 0200 STAN=%06d RRN=632611%06d TID=%08d MID=%015d AMT=%012d REF=20261122%010d\n",
			r.IntN(240000), r.IntN(1000), r.IntN(1e6), r.IntN(1e6), r.IntN(1e8), r.Int64N(1e15), r.IntN(1e7), r.Int64N(1e10))
	}
	return []byte(b.String())
}

func noise(size int) []byte {
	r := rand.New(rand.NewPCG(7, 8))
	b := make([]byte, size)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}

func repeated(text string, size int) []byte { return []byte(strings.Repeat(text, size/len(text))) }

// benchTexts are what the fold is measured on: usual texts, and the worst.
func benchTexts(size int) []benchText {
	odd := func(format string) []byte {
		var s strings.Builder
		for n := uint64(0); s.Len() < size; n++ {
			s.WriteString("card " + each(pan(n), format) + "\n")
		}
		return []byte(s.String())
	}
	return []benchText{
		{"access log", accessText(size)}, {"web", webText(size)}, {"page", pageText(size)}, {"pos", messageText(size)}, {"noise", noise(size)},
		{"prose", repeated("The quick brown fox jumps over the lazy dog, and so on.\n", size)},
		{"chinese", repeated("银行卡交易记录，请妥善保管，金额 12.50 元。\n", size)},
		{"tags", repeated("1<b>", size)}, {"entities", repeated("&#52;", size)}, {"escapes", repeated(`\u0034`, size)},
		{"percents", repeated("%34", size)}, {"percent signs", repeated("%25", size)}, {"equals", repeated("4=", size)},
		{"wraps", repeated("1234567\n", size)}, {"zeros", repeated("4\x00", size)}, {"backslashes", repeated(`4\\`, size)},
		{"escaped tags", repeated("1&lt;b", size)}, {"blank runs", repeated("4 ", size)}, {"ebcdic", repeated(ebcdic("4111 "), size)},
		{"colours", repeated("1\x1b[1m", size)}, {"full width", repeated("４", size)},
		{"odd cards", odd("&#%d;")}, {"spaced cards", odd("<i>%c</i>")},
	}
}

type benchText struct {
	name string
	text []byte
}

func BenchmarkFold(b *testing.B) {
	for _, tt := range benchTexts(8 << 20) {
		b.Run(tt.name, func(b *testing.B) {
			b.SetBytes(int64(len(tt.text)))
			n := 0
			x := &examination{emit: func(*Match) { n++ }}
			for b.Loop() {
				t := x.newFold(&flow{})
				for at := 0; at < len(tt.text); at += maxBlock {
					t.write(tt.text[at:min(len(tt.text), at+maxBlock)])
				}
				t.close()
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(tt.text)), "ns/B")
			b.ReportMetric(float64(n)/float64(b.N), "matches")
		})
	}
}
