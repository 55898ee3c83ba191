package scan

import (
	"bytes"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// obvious is the matcher as one would first write it: it tries every place.
type obvious struct{}

var forms = []*regexp.Regexp{
	regexp.MustCompile(`^\d{12,19}$`),
	regexp.MustCompile(`^\d{17}[xX]$`),
	regexp.MustCompile(`^\d{4}([ ._/+\t-])\d{4}[ ._/+\t-]\d{4}([ ._/+\t-]\d{1,5})?$`),
	regexp.MustCompile(`^\d{4}[ ._/+\t-]\d{4}[ ._/+\t-]\d{5}$`),
	regexp.MustCompile(`^\d{4}[ ._/+\t-]\d{4}[ ._/+\t-]\d{4}[ ._/+\t-]\d{4}[ ._/+\t-]\d{1,3}$`),
	regexp.MustCompile(`^\d{4}[ ._/+\t-]\d{6}[ ._/+\t-]\d{4,5}$`),
	regexp.MustCompile(`^\d{6}[ ._/+\t-]\d{12,13}$`),
	regexp.MustCompile(`^\d{4}[ ._/+\t-]\d{3}[ ._/+\t-]\d{3}[ ._/+\t-]\d{3}$`),
}

func (obvious) Find(window []byte, from, to int, yield func(Candidate) bool) {
	for start := from; start < to; start++ {
		if !digit(window[start]) || start > 0 && digit(window[start-1]) {
			continue
		}
		for end := min(len(window), start+maxRun+4); end > start; end-- {
			text := window[start:end]
			if c := window[end-1]; end < len(window) && digit(window[end]) && digit(c) || !wellFormed(text) {
				continue
			}
			digits := len(text) - countMarks(text)
			if !yield(Candidate{start, end, digits, shapeOf(text)}) {
				return
			}
		}
	}
}

func wellFormed(text []byte) bool {
	if i := bytes.IndexAny(text, marks); i >= 0 && countMarks(text) != bytes.Count(text, text[i:i+1]) {
		return false
	}
	groups := bytes.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(marks, r) })
	if len(groups) == 4 && len(groups[2]) == 4 && len(groups[3]) != 1 && len(groups[3]) < 4 {
		return false
	}
	return slices.ContainsFunc(forms, func(f *regexp.Regexp) bool { return f.Match(text) })
}

// marks are what may stand between groups.
const marks = " -._/+\t"

func countMarks(text []byte) int {
	return len(text) - len(bytes.Map(func(r rune) rune {
		if strings.ContainsRune(marks, r) {
			return -1
		}
		return r
	}, text))
}

func shapeOf(text []byte) Shape {
	switch {
	case bytes.ContainsAny(text, marks):
		return Grouped
	case bytes.ContainsAny(text, "xX"):
		return RunX
	}
	return Run
}

// dense returns text in which digits and separators are as common as letters.
func dense(r *rand.Rand, n int) []byte {
	b := make([]byte, n)
	bias := 2 + r.IntN(60)
	for i := range b {
		switch {
		case r.IntN(bias) > 0:
			b[i] = byte('0' + r.IntN(10))
		default:
			b[i] = " -  x\na-._/+\t:"[r.IntN(14)]
		}
	}
	return b
}

// fours returns groups of mostly four digits.
func fours(r *rand.Rand, n int) []byte {
	var b []byte
	for len(b) < n {
		size := 4
		if r.IntN(4) == 0 {
			size = []int{1, 2, 3, 3, 3, 5, 6, 12, 13}[r.IntN(9)]
		}
		b = append(b, randomDigits(r, size)...)
		b = append(b, "    -  \n..__//++\t\t"[r.IntN(18)])
	}
	return b
}

func findAll(m Matcher, text []byte, from, to int) []Candidate {
	var all []Candidate
	m.Find(text, from, to, func(c Candidate) bool { all = append(all, c); return true })
	return all
}

func TestMatcherAgainstObvious(t *testing.T) {
	r := source(3)
	found := 0
	for range 4000 {
		text := dense(r, 1+r.IntN(300))
		if r.IntN(2) == 0 {
			text = fours(r, 1+r.IntN(300))
		}
		from := r.IntN(len(text))
		to := from + r.IntN(len(text)-from+1)
		for _, span := range [][2]int{{0, len(text)}, {from, to}} {
			got, want := findAll(DigitMatcher{}, text, span[0], span[1]), findAll(obvious{}, text, span[0], span[1])
			if !slices.Equal(got, want) {
				t.Fatalf("%q from %d to %d: got %v, want %v", text, span[0], span[1], got, want)
			}
			found += len(got)
		}
	}
	if found < 1000 {
		t.Errorf("got %d candidates, want the texts to hold more", found)
	}
}

// numbers are the classes that a Matcher finds by digits.
var numbers = []Class{PAN, Track1, Track2, CVV, Expiry, ResidentID}

// The scanner takes any matcher and scorer that keep the contract.
func TestSeam(t *testing.T) {
	text := mixture(9, 200_000)
	want := lines(scanBlocks([]byte(text), Options{Classes: numbers}, 1<<20))
	if got := lines(scanBlocks([]byte(text), Options{Matcher: obvious{}}, 1<<20)); got != want {
		t.Errorf("the obvious matcher finds something else")
	}
	calls := 0
	scanBlocks([]byte(text), Options{Scorer: scorerFunc(func(s *Scene, m *Match) bool {
		calls++
		if at := s.Text[s.At.Start:s.At.End]; !digit(at[0]) || len(s.Text) > 2*Reach+len(at) {
			t.Errorf("got a scene of %d bytes around %d", len(s.Text), len(at))
		}
		return false
	})}, 1000)
	if calls == 0 {
		t.Errorf("the scorer was never asked")
	}
}

type scorerFunc func(*Scene, *Match) bool

func (f scorerFunc) Score(s *Scene, m *Match) bool { return f(s, m) }
