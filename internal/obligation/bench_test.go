package obligation_test

import (
	"os"
	"testing"
	"time"

	"github.com/stanch/stanch/internal/obligation"
	"github.com/stanch/stanch/packs"
)

// BenchmarkEval works all packs out on one case.
func BenchmarkEval(b *testing.B) {
	book := rulebook(b)
	data, err := os.ReadFile("testdata/golden/noodle-shop-skimmer.yaml")
	if err != nil {
		b.Fatal(err)
	}
	facts, err := book.ReadFacts("case.yaml", data)
	if err != nil {
		b.Fatal(err)
	}
	at := time.Date(2026, 11, 20, 2, 0, 0, 0, time.UTC)
	for b.Loop() {
		if a := book.Eval(facts, obligation.Options{At: at, Before: true, Preview: true}); len(a.Duties) == 0 {
			b.Fatal("got no duties")
		}
	}
}

// BenchmarkLoad reads and checks all embedded packs.
func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		if _, err := obligation.Load(packs.Obligations(), nil); err != nil {
			b.Fatal(err)
		}
	}
}
