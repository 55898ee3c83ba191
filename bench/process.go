//go:build linux

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// build builds a package of this module as the product is built.
func (b *bench) build(ctx context.Context, pkg string) (string, error) {
	out := filepath.Join(b.dir, filepath.Base(pkg))
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-o", out, pkg)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if text, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build %s: %w: %s", pkg, err, text)
	}
	return out, nil
}

// A usage is what a process and its children cost.
type usage struct {
	cpu  time.Duration
	wall time.Duration
	code int
}

// spend runs a program to its end without its output.
func spend(ctx context.Context, name string, args ...string) (usage, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = append(os.Environ(), "LC_ALL=C")
	cmd.Stdout = unread{} // a pipe: into /dev/null grep would stop at its first match
	began := time.Now()
	err := cmd.Run()
	u := usage{wall: time.Since(began)}
	var ended *exec.ExitError
	if err != nil && !errors.As(err, &ended) {
		return u, err
	}
	u.cpu, u.code = cmd.ProcessState.UserTime()+cmd.ProcessState.SystemTime(), cmd.ProcessState.ExitCode()
	return u, nil
}

// unread takes what a program prints.
type unread struct{}

// Write implements [io.Writer].
func (unread) Write(p []byte) (int, error) { return len(p), nil }

// alternate runs programs in turn, so that a busy moment hits all of them, and
// returns the median of what each cost.
func alternate(ctx context.Context, rounds int, good []int, commands ...[]string) ([]usage, error) {
	cpu, wall := make([][]time.Duration, len(commands)), make([][]time.Duration, len(commands))
	for range rounds {
		for i, c := range commands {
			u, err := spend(ctx, c[0], c[1:]...)
			if err != nil {
				return nil, err
			}
			if u.code != good[i] {
				return nil, fmt.Errorf("%s ended with %d, want %d", filepath.Base(c[0]), u.code, good[i])
			}
			cpu[i], wall[i] = append(cpu[i], u.cpu), append(wall[i], u.wall)
		}
	}
	out := make([]usage, len(commands))
	for i := range out {
		out[i] = usage{cpu: median(cpu[i]), wall: median(wall[i])}
	}
	return out, nil
}

// peakOf returns the most memory that a short program held. The parent's own
// size would show in what wait reports, so the program is held at its last
// word, by a full pipe, and the system is asked.
func peakOf(ctx context.Context, name string, args ...string) (int64, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return 0, err
	}
	defer r.Close()
	filled, err := fill(w)
	if err != nil {
		return 0, errors.Join(err, w.Close())
	}
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Stdout = w
	err = cmd.Start()
	_ = w.Close()
	if err != nil {
		return 0, err
	}
	peak := settled(cmd.Process.Pid)
	rest, err := io.ReadAll(r)
	if err = errors.Join(err, cmd.Wait()); err != nil {
		return 0, err
	}
	if len(rest) <= filled {
		return 0, fmt.Errorf("%s printed nothing", filepath.Base(name))
	}
	return peak, nil
}

// fill writes to a pipe until it takes no more.
func fill(w *os.File) (int, error) {
	raw, err := w.SyscallConn()
	if err != nil {
		return 0, err
	}
	total, chunk := 0, bytes.Repeat([]byte{'\n'}, 4096)
	var failed error
	err = raw.Write(func(fd uintptr) bool {
		for {
			n, err := syscall.Write(int(fd), chunk)
			if errors.Is(err, syscall.EAGAIN) {
				return true
			}
			if err != nil {
				failed = err
				return true
			}
			total += n
		}
	})
	return total, errors.Join(err, failed)
}

// settled returns the peak of a process once it has not grown for a while, or
// is gone.
func settled(pid int) (peak int64) {
	for still := 0; still < 20; still++ {
		now := peakMemory(pid)
		if now > peak {
			peak, still = now, 0
		}
		time.Sleep(10 * time.Millisecond)
	}
	return peak
}

// peakMemory returns the most that a process has held, 0 if it is gone.
func peakMemory(pid int) int64 { return statusOf(pid, "VmHWM:") }

func statusOf(pid int, key string) int64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		if value, ok := strings.CutPrefix(line, key); ok {
			n, _ := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 10, 64)
			return n << 10
		}
	}
	return 0
}

// children returns the processes that a process has started.
func children(pid int) []int {
	lists, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	var out []int
	for _, list := range lists {
		text, err := os.ReadFile(list)
		if err != nil {
			continue
		}
		for word := range strings.FieldsSeq(string(text)) {
			if n, err := strconv.Atoi(word); err == nil {
				out = append(out, n)
			}
		}
	}
	return out
}

func loadAverage() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	return strings.Fields(string(text))[0]
}
