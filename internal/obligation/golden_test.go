package obligation_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/goccy/go-yaml"

	"github.com/stanch/stanch/internal/obligation"
	"github.com/stanch/stanch/packs"
)

func rulebook(t testing.TB) *obligation.Rulebook {
	t.Helper()
	b, err := obligation.Load(packs.Obligations(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// expected is what a worked case says of itself.
type expected struct {
	Expect struct {
		GradeCAC    *string `yaml:"grade_cac"`
		Obligations []struct{ Rule, Status, Due string }
	}
}

// TestGolden holds the worked cases to their answers, in both directions: what is
// expected is there, and nothing else applies or may apply.
func TestGolden(t *testing.T) {
	b := rulebook(t)
	files, err := filepath.Glob("testdata/golden/*.yaml")
	if err != nil || len(files) != 4 {
		t.Fatalf("got %d worked cases, want 4 (%v)", len(files), err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) { golden(t, b, file) })
	}
}

func golden(t *testing.T, b *obligation.Rulebook, file string) {
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var want expected
	if err := yaml.Unmarshal(data, &want); err != nil {
		t.Fatal(err)
	}
	facts, err := b.ReadFacts(file, data)
	if err != nil {
		t.Fatal(err)
	}
	answer := b.Eval(facts, obligation.Options{})
	grade, ok := answer.Grade("grading.cac")
	if ok != (want.Expect.GradeCAC != nil) || ok && grade != *want.Expect.GradeCAC {
		t.Errorf("got CAC grades %v", answer.Grades["grading.cac"])
	}
	owed := map[string]obligation.Duty{}
	for _, d := range answer.Duties {
		if d.Status != obligation.NotApplicable {
			owed[d.Rule] = d
		}
	}
	for _, w := range want.Expect.Obligations {
		d, ok := owed[w.Rule]
		if !ok || string(d.Status) != w.Status || d.Due.String() != w.Due {
			t.Errorf("%s: got %s %s (%s), want %s %s", w.Rule, d.Status, d.Due, d.Why, w.Status, w.Due)
		}
		delete(owed, w.Rule)
	}
	for rule, d := range owed {
		t.Errorf("%s: got %s %s (%s), want nothing", rule, d.Status, d.Due, d.Why)
	}
	for _, n := range answer.Notes {
		t.Errorf("got note %s about %s", n.Code, n.About)
	}
}
