package corpus

import (
	"strings"
	"testing"

	"github.com/stanch/stanch/card"
	"github.com/stanch/stanch/card/cardtest"
)

func TestLookAlikesAreNoCards(t *testing.T) {
	for _, family := range Families() {
		m := newMaker(family, 9, "looks")
		for range 500 {
			if pan := noLuhn(m); card.Luhn([]byte(pan)) || card.BrandOf([]byte(pan)) == "" || len(pan) != 16 {
				t.Fatal("no_luhn: valid, or of no brand")
			}
			if pan := unassigned(m); !card.Luhn([]byte(pan)) || card.BrandOf([]byte(pan)) != "" {
				t.Fatalf("unassigned: not valid, or of brand %q", card.BrandOf([]byte(pan)))
			}
			if s := masked(m); card.Luhn([]byte(s)) {
				t.Fatal("masked: is a number")
			}
			if s := imei(m); len(s) != 15 || !card.Luhn([]byte(s)) {
				t.Fatal("imei: not fifteen digits with a check digit")
			}
			if s := resident62(m); !card.Luhn([]byte(s)) || !strings.HasPrefix(s, "62") || residentCheck(s[:17]) != s[17:] {
				t.Fatal("resident_62: not both a resident ID and a number with a check digit")
			}
			if s := iban(m); rest97(s[4:]+s[:4]) != 1 {
				t.Fatal("iban: wrong check digits")
			}
			if s := hexOf(m); len(s) != 40 || strings.Trim(strings.ToLower(s), hexDigits) != "" || longestDigits(s) < 13 {
				t.Fatal("git_sha: not forty hex digits with a long run of digits")
			}
		}
	}
}

func hexOf(m *maker) string { return m.hexWithRun(40) }

func longestDigits(s string) (most int) {
	n := 0
	for _, c := range s {
		if n++; c < '0' || c > '9' {
			n = 0
		}
		most = max(most, n)
	}
	return most
}

func rest97(s string) (rest int) {
	for _, c := range s {
		if c >= 'A' {
			rest = (rest*100 + int(c-'A') + 10) % 97
		} else {
			rest = (rest*10 + int(c-'0')) % 97
		}
	}
	return rest
}

func TestResidentCheck(t *testing.T) {
	for n := range uint64(200) {
		if id := cardtest.ResidentID(n); residentCheck(id[:17]) != id[17:] {
			t.Errorf("ID %d: got %s, want %s", n, residentCheck(id[:17]), id[17:])
		}
	}
}

// Each look-alike stands in the line that the truth names, alone in its class
// and among the others.
func TestLookAlikesStandWhereTheTruthSays(t *testing.T) {
	var looks []Class
	for _, c := range Classes() {
		if c.look != nil {
			looks = append(looks, c)
		}
	}
	files := mixed(looks, Report, 4)
	for _, c := range looks {
		files = append(files, c.make(newMaker(Report, 4, c.Name), 50))
	}
	for _, f := range files {
		all := strings.Split(string(f.data), "\n")
		for _, p := range f.plants {
			if p.Line < 1 || p.Line > len(all) || !strings.Contains(all[p.Line-1], p.Value) {
				t.Fatalf("%s: line %d does not hold what was planted", p.Class, p.Line)
			}
		}
	}
}
