//go:build linux

package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// leaksTimed is how many leaks are timed one by one.
const leaksTimed = 200

// latency times leaks from the write to the case that the API shows.
func (b *bench) latency(ctx context.Context) error {
	in, err := b.installation("latency")
	if err != nil {
		return err
	}
	c, err := b.serve(ctx, in)
	if err != nil {
		return err
	}
	defer c.kill()
	if _, err := c.toCases(ctx, "warm", 0, 10); err != nil {
		return err
	}
	took, err := c.toCases(ctx, "till", 1000, 1000+leaksTimed)
	if err != nil {
		return err
	}
	if err := c.stop(); err != nil {
		return err
	}
	least, err := b.floor(leaksTimed)
	if err != nil {
		return fmt.Errorf("time bare events: %w", err)
	}
	slow := 0
	for _, d := range took {
		if d >= time.Second {
			slow++
		}
	}
	const peer = "inotify event, read of the file, append and fsync of one line"
	for _, q := range []struct {
		name string
		at   float64
	}{{"leak_to_case_p50", 0.5}, {"leak_to_case_p99", 0.99}} {
		ours, theirs := quantile(took, q.at), quantile(least, q.at)
		b.add("latency", q.name, ratio(ours, theirs), "ratio", "%s: %.1f ms; write to case shown by the API: %.0f ms; %d leaks each", peer, ms(theirs), ms(ours), leaksTimed)
	}
	b.add("latency", "leak_to_case_late", float64(slow), "leaks", "%d leaks, each to be a case within one second; slowest %.0f ms", leaksTimed, ms(quantile(took, 1)))
	return nil
}

// floor times the least that anybody must do who sees a file written and
// keeps a durable note of it.
func (b *bench) floor(n int) ([]time.Duration, error) {
	dir, err := b.scratch("floor")
	if err != nil {
		return nil, err
	}
	watch, err := newEvents(dir)
	if err != nil {
		return nil, err
	}
	defer watch.Close()
	journal, err := os.Create(filepath.Join(b.dir, "journal"))
	if err != nil {
		return nil, err
	}
	defer journal.Close()
	var took []time.Duration
	for i := range n {
		l := leak{path: filepath.Join(dir, fmt.Sprint(i)), text: leakIn(dir, uint64(i)).text}
		began := time.Now()
		failed := make(chan error, 1)
		go func() { failed <- l.write() }()
		if err := noteEvent(watch, l.path, journal); err != nil {
			return nil, err
		}
		took = append(took, time.Since(began))
		if err := <-failed; err != nil {
			return nil, err
		}
	}
	return took, nil
}

// newEvents returns a file from which the events of a folder are read: one
// each time a file that was written is closed.
func newEvents(dir string) (*os.File, error) {
	fd, err := syscall.InotifyInit1(syscall.IN_CLOEXEC)
	if err != nil {
		return nil, err
	}
	if _, err := syscall.InotifyAddWatch(fd, dir, syscall.IN_CLOSE_WRITE); err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(fd), "inotify"), nil
}

// noteEvent waits for an event, reads the file and writes one durable line.
func noteEvent(watch *os.File, path string, journal *os.File) error {
	if _, err := watch.Read(make([]byte, 4096)); err != nil {
		return err
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(journal, "%s %d\n", path, len(text)); err != nil {
		return err
	}
	return journal.Sync()
}
