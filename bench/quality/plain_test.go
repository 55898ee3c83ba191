package quality

import (
	"path/filepath"
	"testing"

	"github.com/stanch/stanch/bench/corpus"
)

// The peer must find ordinary text, or the corpus asks what nobody can do, and
// must be misled, or the look-alikes are too easy.
func TestPlainPeer(t *testing.T) {
	for _, family := range corpus.Families() {
		dir := filepath.Join(t.TempDir(), "c")
		if _, err := corpus.Write(dir, family, 2, []string{"plain", "csv", "spaced", "ebcdic", "date_mti", "resident_62", "no_luhn", "pos_log"}); err != nil {
			t.Fatal(err)
		}
		table, err := JudgePlain(dir)
		if err != nil {
			t.Fatal(err)
		}
		for class, least := range map[string]float64{"plain": 0.85, "csv": 0.99, "spaced": 0.9, "pos_log": 0.6} {
			if got := table.Class(class).Recall(); got < least {
				t.Errorf("%s, %s: got recall %.3f, want at least %v", family, class, got, least)
			}
		}
		if s := table.Class("ebcdic"); s.Found > 0 {
			t.Errorf("%s: %d numbers stand in clear in EBCDIC", family, s.Found)
		}
		for class, least := range map[string]int{"date_mti": 100, "resident_62": 1900} {
			if s := table.Class(class); s.High < least {
				t.Errorf("%s, %s: the pattern takes %d for cards, want at least %d", family, class, s.High, least)
			}
		}
		if s := table.Class("pos_log"); s.Precision() > 0.98 {
			t.Errorf("%s: the pattern is right in %.3f of the POS log: too easy", family, s.Precision())
		}
	}
}
