//go:build linux

package main

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"time"
)

// A searcher is a program that searches a file for a pattern.
type searcher struct {
	name    string
	command []string
	says    string
	bound   float64 // of the scanner's CPU to this one's; 0: nothing is promised
}

// searchers lists the peers that are installed. What is missing is said and
// not measured.
func (b *bench) searchers(ctx context.Context, path string) ([]searcher, error) {
	var list []searcher
	if grep, err := exec.LookPath("grep"); err == nil {
		list = append(list, searcher{"grep", []string{grep, "-c", "-E", scanPattern, path}, "grep -c -E '" + scanPattern + "', C locale", 0})
	}
	if rg, err := exec.LookPath("rg"); err == nil {
		list = append(list, searcher{"ripgrep", []string{rg, "-o", "--no-mmap", scanPattern, path}, "ripgrep -o '" + scanPattern + "'", 1.0 / 5})
	} else {
		b.say("scan: ripgrep is not installed, so it is not measured")
	}
	if search, err := b.hyperscan(ctx); err == nil {
		list = append(list, searcher{"hyperscan", []string{search, scanPattern, path}, "Hyperscan '" + scanPattern + "'", 1.0 / 3})
	} else {
		b.say("scan: Hyperscan is not measured: %v", err)
	}
	return list, nil
}

// hyperscan builds the small driver of the library.
func (b *bench) hyperscan(ctx context.Context) (string, error) {
	out := filepath.Join(b.dir, "hyperscan")
	text, err := exec.CommandContext(ctx, "cc", "-O2", "-o", out, "bench/peer/hyperscan/search.c", "-lhs").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("build it: %w: %.200s", err, text)
	}
	return out, nil
}

// heldBy runs a program to its end and returns the most memory that it held.
func heldBy(ctx context.Context, good int, name string, args ...string) (peak int64, err error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Stdout = unread{}
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			peak = max(peak, peakMemory(cmd.Process.Pid))
		case err = <-ended:
			if code := cmd.ProcessState.ExitCode(); code != good {
				return 0, fmt.Errorf("%s ended with %d, want %d", filepath.Base(name), code, good)
			}
			return peak, nil
		}
	}
}

// atOnce runs a program several times at once and returns the time to the last
// one's end.
func atOnce(ctx context.Context, times int, name string, args ...string) (time.Duration, error) {
	began := time.Now()
	failed := make(chan error, times)
	for range times {
		go func() {
			_, err := spend(ctx, name, args...)
			failed <- err
		}()
	}
	for range times {
		if err := <-failed; err != nil {
			return 0, err
		}
	}
	return time.Since(began), nil
}
