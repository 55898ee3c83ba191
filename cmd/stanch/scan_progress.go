package main

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/mattn/go-isatty"
)

// progress shows how far a scan is, on a terminal only. A nil one is silent.
type progress struct {
	w     io.Writer
	began time.Time

	files, bytes, matches atomic.Int64
	total                 atomic.Int64 // bytes to read; 0 while they are being added up

	mu    sync.Mutex // guards shown
	shown time.Time
}

// progressGap is how long a line stands before the next.
const progressGap = 200 * time.Millisecond

func newProgress(w io.Writer) *progress {
	f, ok := w.(*os.File)
	if !ok || !isatty.IsTerminal(f.Fd()) {
		return nil
	}
	return &progress{w: w, began: time.Now()}
}

// expect adds up what is to be read, in the background. Files that come or go
// meanwhile make it a little wrong, and so the time left.
func (p *progress) expect(ctx context.Context, targets []string) {
	if p == nil {
		return
	}
	var sum int64
	for _, target := range targets {
		_ = filepath.WalkDir(target, func(_ string, entry fs.DirEntry, err error) error {
			if ctx.Err() != nil {
				return fs.SkipAll
			}
			if err != nil || !entry.Type().IsRegular() {
				return nil
			}
			if info, err := entry.Info(); err == nil {
				sum += info.Size()
			}
			return nil
		})
	}
	if ctx.Err() == nil {
		p.total.Store(sum)
	}
}

// read counts bytes.
func (p *progress) read(n int) {
	if p == nil {
		return
	}
	p.bytes.Add(int64(n))
	p.show()
}

// file counts one file.
func (p *progress) file() {
	if p == nil {
		return
	}
	p.files.Add(1)
	p.show()
}

// match counts one match.
func (p *progress) match() {
	if p != nil {
		p.matches.Add(1)
	}
}

func (p *progress) show() {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	if now.Sub(p.shown) < progressGap {
		return
	}
	p.shown = now
	fmt.Fprint(p.w, "\r\x1b[K"+p.line(now.Sub(p.began)))
}

// line says how far the scan is after a time: files, bytes, rate, time left.
func (p *progress) line(took time.Duration) string {
	bytes, total := p.bytes.Load(), p.total.Load()
	rate := float64(bytes) / max(took.Seconds(), 0.001)
	line := fmt.Sprintf("%d files, %d MB, %.0f MB/s, %d matches", p.files.Load(), bytes>>20, rate/(1<<20), p.matches.Load())
	if total <= 0 || bytes >= total || rate < 1 {
		return line
	}
	left := time.Duration(float64(total-bytes) / rate * float64(time.Second))
	return fmt.Sprintf("%s, %d %%, %s left", line, bytes*100/total, left.Round(time.Second))
}

// end clears the line.
func (p *progress) end() {
	if p != nil {
		fmt.Fprint(p.w, "\r\x1b[K")
	}
}
