package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestProgressSaysRateAndTimeLeft(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"a", "b"} {
		if err := os.WriteFile(filepath.Join(dir, name), make([]byte, 3<<20), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var p progress
	p.expect(t.Context(), []string{dir, filepath.Join(dir, "missing")})
	p.bytes.Store(2 << 20)
	p.files.Store(1)
	if got, want := p.line(2*time.Second), "1 files, 2 MB, 1 MB/s, 0 matches, 33 %, 4s left"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	p.bytes.Store(7 << 20) // grew meanwhile
	if got := p.line(2 * time.Second); strings.Contains(got, "left") {
		t.Errorf("got %q, want no time left", got)
	}
	var silent *progress
	silent.expect(t.Context(), []string{dir})
	silent.read(1)
	silent.file()
	silent.match()
	silent.end()
}

// TestThrottle reads three seconds' worth by two readers in three seconds.
func TestThrottle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := &throttle{rate: 1000}
		began := time.Now()
		done := make(chan bool)
		for range 2 {
			go func() {
				for range 15 {
					slow.wait(t.Context(), 100)
				}
				done <- true
			}()
		}
		<-done
		<-done
		if took := time.Since(began); took < 2800*time.Millisecond || took > 3100*time.Millisecond {
			t.Errorf("got %v, want 3s", took)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		began = time.Now()
		slow.wait(ctx, 1_000_000)
		if took := time.Since(began); took != 0 {
			t.Errorf("after the end: got %v, want no wait", took)
		}
	})
}

func TestParseRate(t *testing.T) {
	for text, want := range map[string]int64{"500K": 500 << 10, "20M": 20 << 20, "1g": 1 << 30, "7": 7, "20MB": 20 << 20, "20MB/s": 20 << 20} {
		if got, err := parseRate(text); err != nil || got != want {
			t.Errorf("%s: got %d, %v, want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"", "fast", "-1", "0", "1T", "K", "99999999999999999999"} {
		if got, err := parseRate(text); err == nil {
			t.Errorf("%s: got %d, want it refused", text, got)
		}
	}
}
