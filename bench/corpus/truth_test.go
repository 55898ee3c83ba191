package corpus

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// random classes hold what differs from run to run: salts of encryption.
var random = []string{"zip_encrypted"}

func TestWrite(t *testing.T) {
	for _, family := range Families() {
		t.Run(string(family), func(t *testing.T) {
			one, two := filepath.Join(t.TempDir(), "one"), filepath.Join(t.TempDir(), "two")
			truth, err := Write(one, family, 3, nil)
			if err != nil {
				t.Fatal(err)
			}
			for class, why := range truth.Missing {
				t.Errorf("%s: %s", class, why)
			}
			checkCounts(t, truth)
			if _, err := Write(two, family, 3, nil); err != nil {
				t.Fatal(err)
			}
			compare(t, one, two)
			read, err := Read(one)
			if err != nil || !slices.Equal(read.Plants, truth.Plants) {
				t.Errorf("the truth that was read is not the one written: %v", err)
			}
			if _, err := Write(one, family, 3, nil); err == nil {
				t.Error("write over a corpus: got no error")
			}
		})
	}
}

// checkCounts wants 400 cards of each class in text, 100 in containers, and
// 2,000 of each look-alike and of the POS log.
func checkCounts(t *testing.T, truth *Truth) {
	t.Helper()
	got := map[string]int{}
	for _, p := range truth.Plants {
		got[p.Class]++
	}
	seen := map[string]bool{}
	for _, c := range Classes() {
		want := 400
		switch c.Group {
		case Archive, Document, Store, Encrypted:
			want = 100
		case LookAlike, POS:
			want = 2000
		}
		if got[c.Name] != want {
			t.Errorf("%s: got %d plants, want %d", c.Name, got[c.Name], want)
		}
		if seen[c.Name] {
			t.Errorf("two classes are named %s", c.Name)
		}
		seen[c.Name] = true
	}
}

func compare(t *testing.T, one, two string) {
	t.Helper()
	files := 0
	err := filepath.WalkDir(filepath.Join(one, FilesFolder), func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		files++
		rel, _ := filepath.Rel(one, path)
		a, errA := os.ReadFile(path)
		b, errB := os.ReadFile(filepath.Join(two, rel))
		same := bytes.Equal(a, b) || slices.Contains(random, filepath.Base(filepath.Dir(path)))
		if errA != nil || errB != nil || !same {
			t.Errorf("%s differs between two runs of one seed: %v %v", rel, errA, errB)
		}
		return nil
	})
	if err != nil || files < 4*90 {
		t.Errorf("got %d files, %v", files, err)
	}
}

func TestWriteRefuses(t *testing.T) {
	if _, err := Write(filepath.Join(t.TempDir(), "c"), "other", 1, nil); err == nil {
		t.Error("an unknown family: got no error")
	}
	if _, err := Write(filepath.Join(t.TempDir(), "c"), Tuning, 1, []string{"nothing"}); err == nil {
		t.Error("an unknown class: got no error")
	}
}

func TestSeedMakesOthers(t *testing.T) {
	values := func(seed uint64) map[string]bool {
		truth, err := Write(filepath.Join(t.TempDir(), "c"), Tuning, seed, []string{"plain"})
		if err != nil {
			t.Fatal(err)
		}
		out := map[string]bool{}
		for _, p := range truth.Plants {
			out[p.Value] = true
		}
		return out
	}
	one, same := values(1), 0
	for v := range values(2) {
		if one[v] {
			same++
		}
	}
	if same > len(one)/10 {
		t.Errorf("two seeds share %d of %d numbers", same, len(one))
	}
}

// TestMissingToolIsSaid wants a class whose tool is not here to say so.
func TestMissingToolIsSaid(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	truth, err := Write(filepath.Join(t.TempDir(), "c"), Tuning, 1, []string{"xz", "plain"})
	if err != nil {
		t.Fatal(err)
	}
	if why := truth.Missing["xz"]; !strings.Contains(why, "xz-utils") {
		t.Errorf("got %q, want the package named", why)
	}
	n := 0
	for _, p := range truth.Plants {
		if p.Class == "xz" {
			n++
		}
	}
	if n != 100 || truth.Missing["plain"] != "" {
		t.Errorf("got %d plants of xz, want 100 that nobody can find", n)
	}
}
