package segment

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stanch/stanch/internal/finding"
)

// TestMain lets the test binary be the process that is killed.
func TestMain(m *testing.M) {
	if dir := os.Getenv("SEGMENT_CRASH_DIR"); dir != "" {
		crashing(dir)
		return
	}
	os.Exit(m.Run())
}

// crashing commits one small and one large batch.
func crashing(dir string) {
	s, err := Open(dir, Options{Buffer: 10_000})
	if err != nil {
		os.Exit(3)
	}
	for _, n := range []uint64{10, 60_000} {
		w := s.Writer()
		fill(w, 0, n)
		if _, _, err := w.Commit(context.Background(), nil); err != nil {
			os.Exit(3)
		}
	}
}

// TestCrash kills the process at each durable step. Whatever it leaves, a file
// under its name is whole, and the next start sweeps the rest.
func TestCrash(t *testing.T) {
	log := filepath.Join(t.TempDir(), "steps")
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), "SEGMENT_CRASH_DIR="+t.TempDir(), "STANCH_CRASH_LOG="+log)
	if out, err := child.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	raw, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	for _, step := range strings.Fields(string(raw)) {
		seen[step]++
		dir := t.TempDir()
		child := exec.Command(os.Args[0])
		child.Env = append(os.Environ(), "SEGMENT_CRASH_DIR="+dir, "STANCH_CRASH_AT="+step+":"+strconv.Itoa(seen[step]))
		if err := child.Run(); err == nil || child.ProcessState.ExitCode() == 3 {
			t.Fatalf("%s %d: got %v, want a kill", step, seen[step], err)
		}
		checkAfterCrash(t, dir, step)
	}
	if len(seen) < 4 {
		t.Fatalf("got steps %v, want more", seen)
	}
}

func checkAfterCrash(t *testing.T, dir, step string) {
	t.Helper()
	s := open(t, dir, Options{})
	left, err := os.ReadDir(filepath.Join(dir, scratchDir))
	if err != nil || len(left) != 0 {
		t.Fatalf("after %s: got %d files in the scratch folder, %v", step, len(left), err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "??", "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if strings.HasSuffix(f, ".tmp") {
			continue // never named; GC takes it once it is old
		}
		if _, err := s.Union(t.Context(), []finding.Segment{{Digest: filepath.Base(f)}}); err != nil {
			t.Fatalf("after %s: %v", step, err)
		}
	}
	// What was lost can be done again, and the orphan is taken up.
	if segs, d := commit(t, filled(s, 0, 10), nil); d.Low != 10 || len(segs) != 1 {
		t.Fatalf("after %s: got %d cards, want 10", step, d.Low)
	}
}
