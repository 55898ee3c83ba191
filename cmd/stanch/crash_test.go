package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// crashTime bounds how long occurrences after the first of each step are
// tried. STANCH_CRASH_TIME sets another, for a soak.
func crashTime(t *testing.T) time.Duration {
	if text := os.Getenv("STANCH_CRASH_TIME"); text != "" {
		d, err := time.ParseDuration(text)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	return 20 * time.Second
}

// TestKilledAtEveryStep kills a serving centre at each durable step of a whole
// case, once without warning, starts it again, and judges by what the API had
// acknowledged: all of it is there, the ledger is intact, no finding is told
// twice, and every file is at its place or comes back from evidence bit for
// bit. First it kills the first start at each of its steps.
func TestKilledAtEveryStep(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("locking files away is for Linux so far")
	}
	if testing.Short() {
		t.Skip("make test runs this without the race detector, which its children would not see anyway")
	}
	base := prepare(t)
	t.Run("first start", func(t *testing.T) {
		log := filepath.Join(t.TempDir(), "steps")
		firstStart(t, "STANCH_CRASH_LOG="+log)
		trials(t, steps(t, log), func(t *testing.T, at string) bool { return firstStart(t, "STANCH_CRASH_AT="+at) })
	})
	t.Run("case", func(t *testing.T) {
		log := filepath.Join(t.TempDir(), "steps")
		if base.live(t, "STANCH_CRASH_LOG="+log) {
			t.Fatal("the centre died without a kill")
		}
		trials(t, steps(t, log), func(t *testing.T, at string) bool { return base.live(t, "STANCH_CRASH_AT="+at) })
	})
}

// steps counts how often each step was reached.
func steps(t *testing.T, log string) map[string]int {
	t.Helper()
	text, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	for _, name := range strings.Fields(string(text)) {
		seen[name]++
	}
	if len(seen) < 5 {
		t.Fatalf("got %v, want more steps", seen)
	}
	return seen
}

// trials runs try at the first occurrence of each step, and then at later ones
// drawn by lot until the time is up. It wants most kills to have happened: how
// often a step is reached differs from run to run.
func trials(t *testing.T, seen map[string]int, try func(t *testing.T, at string) (died bool)) {
	t.Helper()
	var first, later []string
	for _, name := range slices.Sorted(maps.Keys(seen)) {
		first = append(first, name+":1")
		for n := 2; n <= seen[name]; n++ {
			later = append(later, fmt.Sprintf("%s:%d", name, n))
		}
	}
	rand.Shuffle(len(later), func(i, j int) { later[i], later[j] = later[j], later[i] })
	var mu sync.Mutex // guards what follows
	tried, died := 0, 0
	queue := make(chan string)
	go func() {
		defer close(queue)
		for _, at := range first {
			queue <- at
		}
		for end, i := time.Now().Add(crashTime(t)), 0; i < len(later) && time.Now().Before(end); i++ {
			queue <- later[i]
		}
	}()
	var running sync.WaitGroup
	for range 2 {
		running.Go(func() {
			for at := range queue {
				t.Run(at, func(t *testing.T) {
					killed := try(t, at)
					mu.Lock()
					defer mu.Unlock()
					if tried++; killed {
						died++
					}
				})
			}
		})
	}
	running.Wait()
	t.Logf("%d steps, %d occurrences; tried %d, killed %d", len(first), len(first)+len(later), tried, died)
	if died*10 < tried*7 {
		t.Errorf("got %d kills in %d trials, want more", died, tried)
	}
}

// firstStart begins an installation under env, and again without if that one
// was killed. The second start has to give the link of the first run.
func firstStart(t *testing.T, env string) (died bool) {
	t.Helper()
	dir := t.TempDir()
	words := []string{"serve", "--data", "data", "--keys", "keys", "--listen", "127.0.0.1:0"}
	s, err := takeSeat(t.Context(), program(t), dir, scratch(t, dir, env), words...)
	if err == nil {
		err = s.leave()
	}
	if err == nil {
		return false
	}
	wantKill(t, err, s)
	s, err = takeSeat(t.Context(), program(t), dir, scratch(t, dir), words...)
	if err != nil {
		t.Fatalf("second start: %v: %s", err, s.errs.String())
	}
	if s.link == "" {
		t.Error("second start: got no link")
	}
	if err := s.leave(); err != nil {
		t.Errorf("second start ends: %v: %s", err, s.errs.String())
	}
	intact(t, dir)
	return true
}

// scratch is what a child sees of the environment.
func scratch(t *testing.T, dir string, more ...string) []string {
	t.Helper()
	tmp := filepath.Join(dir, "tmp")
	if err := os.MkdirAll(tmp, 0o700); err != nil {
		t.Fatal(err)
	}
	return append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + tmp, "TMPDIR=" + tmp, "XDG_CONFIG_HOME=" + tmp}, more...)
}

// wantKill wants a process to have ended by SIGKILL.
func wantKill(t *testing.T, err error, s *seat) {
	t.Helper()
	exit, ok := errors.AsType[*exec.ExitError](err)
	if !ok || exit.String() != "signal: killed" {
		t.Fatalf("got %v, want a kill: %s", err, s.errs.String())
	}
}

// intact verifies the ledger, and wants nothing half written to be left.
func intact(t *testing.T, dir string) {
	t.Helper()
	for _, part := range []string{"data", "keys"} {
		_ = filepath.WalkDir(filepath.Join(dir, part), func(path string, d fs.DirEntry, err error) error {
			// Segments and incoming evidence are swept while the centre runs.
			if err != nil || strings.HasSuffix(path, ".tmp") && !strings.Contains(path, "segments") && !strings.Contains(path, "incoming") {
				t.Errorf("left behind: %s %v", path, err)
			}
			return nil
		})
	}
	code, out, errs := runOnce(context.Background(), program(t), dir, scratch(t, dir), "ledger", "verify", "--deep", "--data", "data", "--keys", "keys")
	if code != 0 {
		t.Errorf("ledger verify: got exit %d: %s%s", code, out, errs)
	}
}
