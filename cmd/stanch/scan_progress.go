package main

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/mattn/go-isatty"
)

// progress shows how far a scan is, on a terminal only. A nil one is silent.
type progress struct {
	w       io.Writer
	mu      sync.Mutex // guards all below
	files   int64
	bytes   int64
	matches int64
	shown   time.Time
}

func newProgress(w io.Writer) *progress {
	f, ok := w.(*os.File)
	if !ok || !isatty.IsTerminal(f.Fd()) {
		return nil
	}
	return &progress{w: w}
}

// add counts one file.
func (p *progress) add(bytes int64) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.files++
	p.bytes += bytes
	if time.Since(p.shown) < 200*time.Millisecond {
		return
	}
	p.shown = time.Now()
	fmt.Fprintf(p.w, "\r\x1b[K%d files, %d MB, %d matches", p.files, p.bytes>>20, p.matches)
}

// match counts one match.
func (p *progress) match() {
	if p == nil {
		return
	}
	p.mu.Lock()
	p.matches++
	p.mu.Unlock()
}

// end clears the line.
func (p *progress) end() {
	if p == nil {
		return
	}
	fmt.Fprint(p.w, "\r\x1b[K")
}
