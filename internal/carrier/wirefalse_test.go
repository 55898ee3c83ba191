package carrier

import (
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/stanch/stanch/scan"
)

// quietly counts what a wire finds in bytes.
func quietly(b []byte, base int64, w *wireReader) {
	for at := 0; at < len(b); at += sightSize {
		w.find(b, base, at, min(at+sightSize, len(b)))
	}
}

// TestNoNumbersInNoise looks for payment structures where there are none.
func TestNoNumbersInNoise(t *testing.T) {
	size := 100 << 20
	if testing.Short() {
		size = 4 << 20
	}
	found := 0
	w := &wireReader{emit: func(m *scan.Match, form ...string) {
		found++
		t.Errorf("got %s %v in noise, confidence %s", m.Class, form, m.Confidence)
	}}
	r := rand.NewChaCha8([32]byte{1})
	block := make([]byte, 1<<20)
	for at := 0; at < size; at += len(block) {
		r.Read(block)
		quietly(block, int64(at), w)
	}
}

// TestNoNumbersInPrograms does so in the libraries of the machine.
func TestNoNumbersInPrograms(t *testing.T) {
	if os.Getenv("STANCH_LIBRARIES") == "" {
		t.Skip("set STANCH_LIBRARIES to a folder of programs")
	}
	var total int64
	filepath.WalkDir(os.Getenv("STANCH_LIBRARIES"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return nil
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return nil
		}
		total += int64(len(b))
		w := &wireReader{emit: func(m *scan.Match, form ...string) {
			t.Errorf("%s: got %s %v at %d, confidence %s, test number %v, %s", path, m.Class, form, m.Offset, m.Confidence, m.Test, m.Masked())
		}}
		quietly(b, 0, w)
		return nil
	})
	t.Logf("looked at %d bytes", total)
}

func BenchmarkWireNoise(b *testing.B) {
	benchWire(b, randomBytes(1<<20, 5))
}

func BenchmarkWireText(b *testing.B) {
	benchWire(b, webLog(1<<20))
}

func benchWire(b *testing.B, content []byte) {
	w := &wireReader{emit: func(*scan.Match, ...string) {}}
	b.SetBytes(int64(len(content)))
	for b.Loop() {
		w.covered = 0
		quietly(content, 0, w)
	}
}

// webLog makes lines of a web server's log.
func webLog(size int) []byte {
	r := rand.New(rand.NewPCG(1, 2))
	paths := []string{"/", "/index.html", "/static/js/application-bundle.min.js", "/api/v1/orders/%d/items", "/blog/2024/03/how-to-choose-a-terminal/", "/assets/img/products/photo_%d_large.jpg", "/search?q=pos+terminal&page=%d"}
	var out []byte
	for len(out) < size {
		path := fmtPath(paths[r.IntN(len(paths))], r.IntN(1e6))
		out = fmtAppend(out, "%d.%d.%d.%d - - [%02d/Mar/2026:%02d:%02d:%02d +0800] \"GET %s HTTP/1.1\" 200 %d \"https://shop.example.com%s\" \"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/122.0.0.0 Safari/537.36\"\n",
			r.IntN(256), r.IntN(256), r.IntN(256), r.IntN(256), 1+r.IntN(28), r.IntN(24), r.IntN(60), r.IntN(60), path, r.IntN(100000), path)
	}
	return out[:size]
}
