package corpus

import (
	"fmt"
	"io"
	"math/rand/v2"

	"github.com/stanch/stanch/card"
	"github.com/stanch/stanch/card/cardtest"
)

// A stream makes a log line by line for as long as it is read.
type stream struct {
	random *rand.Rand
	left   int64
	line   []byte // not yet read
	buf    []byte
	n      uint64
	write  func(s *stream, to []byte) []byte
}

// WebLog returns size bytes of a web server's log, three bytes in ten of them
// digits. One line in ten thousand has a card, one in a thousand a long number
// that is none. The same seed gives the same bytes, for any size.
func WebLog(seed uint64, size int64) io.Reader { return newStream(seed, size, (*stream).webLine) }

// POSLog returns size bytes of a terminal host's log, six bytes in ten of them
// digits. One line in a hundred has a card; the rest has what looks like one.
func POSLog(seed uint64, size int64) io.Reader { return newStream(seed, size, (*stream).posLine) }

func newStream(seed uint64, size int64, write func(s *stream, to []byte) []byte) io.Reader {
	return &stream{random: rand.New(rand.NewPCG(seed, seed+1)), left: size, write: write}
}

// Read implements [io.Reader].
func (s *stream) Read(p []byte) (int, error) {
	if s.left <= 0 {
		return 0, io.EOF
	}
	if int64(len(p)) > s.left {
		p = p[:s.left]
	}
	done := 0
	for done < len(p) {
		if len(s.line) == 0 {
			s.buf = s.write(s, s.buf[:0])
			s.line = s.buf
			s.n++
		}
		n := copy(p[done:], s.line)
		s.line = s.line[n:]
		done += n
	}
	s.left -= int64(done)
	return done, nil
}

var (
	webPaths  = []string{"/api/v2/orders/", "/static/app-", "/img/products/", "/search?q=", "/cart/items/"}
	webAgents = []string{"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)", "okhttp/4.12.0", "curl/8.14.1", "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X)"}
)

func (s *stream) webLine(to []byte) []byte {
	r := s.random
	to = fmt.Appendf(to, "10.%d.%d.%d - - [05/Jan/2026:%02d:%02d:%02d +0800] \"GET %s%d?session=%08x HTTP/1.1\" %d %d \"https://shop.example/list?page=%d\" \"%s\" %d",
		r.IntN(256), r.IntN(256), r.IntN(256), s.n/36e4%24, s.n/6e3%60, s.n/100%60, webPaths[r.IntN(len(webPaths))], r.IntN(1e7), r.Uint32(),
		200+r.IntN(3)*100+r.IntN(5), r.IntN(1e5), r.IntN(500), webAgents[r.IntN(len(webAgents))], r.IntN(1e6))
	switch {
	case s.n%10_000 == 0:
		to = fmt.Appendf(to, " card=%s", cardtest.Number(card.Visa, 16, s.n/10_000))
	case s.n%1000 == 0:
		to = fmt.Appendf(to, " trace=9%017d", r.Uint64N(1e17))
	}
	return append(to, '\n')
}

func (s *stream) posLine(to []byte) []byte {
	r := s.random
	to = fmt.Appendf(to, "202601%02d%02d%02d%02d%03d ", 1+s.n/9e6%28, s.n/36e4%24, s.n/6e3%60, s.n/100%60, r.IntN(1000))
	switch {
	case s.n%100 == 0:
		return fmt.Appendf(to, "0200 PAN=%s STAN=%06d RRN=60%010d AMT=%012d\n", cardtest.Number(card.UnionPay, 16, s.n/100), s.n%1e6, r.Uint64N(1e10), r.IntN(1e6))
	case s.n%3 == 0:
		return fmt.Appendf(to, "0210 STAN=%06d RRN=60%010d RC=%02d TID=%08d MID=1234567%08d\n", s.n%1e6, r.Uint64N(1e10), r.IntN(2)*5, r.IntN(1e8), r.IntN(1e8))
	case s.n%7 == 0:
		return fmt.Appendf(to, "BATCH %06d TOTAL %012d COUNT %d SEQ %018d host %d.%d\n", r.IntN(1e6), r.IntN(1e9), r.IntN(500), r.Uint64N(1e18), r.IntN(100), r.IntN(100))
	}
	return fmt.Appendf(to, "AUTH %06d 60%010d AMT %012d 0200 260105%06d card ************%04d approved\n", s.n%1e6, r.Uint64N(1e10), r.IntN(1e6), r.IntN(240000), r.IntN(10000))
}
