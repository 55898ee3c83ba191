package filetree

import (
	"context"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

const (
	manyDirs  = 400
	manyFiles = 500 // in each
)

// countSink marks files without reading them and keeps nothing but one call.
type countSink struct {
	read atomic.Int64
	last chan string
	mark []Mark // what Known yields
	keep bool
	mu   sync.Mutex
}

func (s *countSink) Known(context.Context, string) iter.Seq2[Mark, error] {
	return func(yield func(Mark, error) bool) {
		for _, m := range s.mark {
			if !yield(m, nil) {
				return
			}
		}
	}
}

func (s *countSink) Examine(_ context.Context, job Job) (Mark, error) {
	m, err := job.Mark(job.Size, job.From.Line+1, false)
	if err == nil && s.keep {
		s.mu.Lock()
		s.mark = append(s.mark, m)
		s.mu.Unlock()
	}
	if n := s.read.Add(1); n == manyDirs*manyFiles || !job.New {
		s.last <- job.Path
	}
	return m, err
}

func (*countSink) Moved(context.Context, Mark, Mark) error { return nil }
func (*countSink) Gone(context.Context, Mark) error        { return nil }
func (*countSink) Trouble(context.Context, Trouble) error  { return nil }

// 200,000 files are taken in once and, after a restart, compared with their
// marks; a change in one of them is seen while all of it is being walked again.
func TestManyFiles(t *testing.T) {
	if testing.Short() {
		t.Skip("make test runs this without the race detector: it has the size of others, and takes no other path")
	}
	dir := plant(t)
	sink := &countSink{last: make(chan string, 1), keep: true}
	began := time.Now()
	w := start(t, sink, Options{}, Root{Path: dir})
	take(t, sink.last)
	w.live()
	t.Logf("first read of %d files: %v", manyDirs*manyFiles, time.Since(began).Round(time.Millisecond))
	w.stop()

	marks := sink.mark
	sink = &countSink{last: make(chan string, 1), mark: marks}
	before := heapBytes()
	began = time.Now()
	w = start(t, sink, Options{ReconcileEvery: time.Millisecond}, Root{Path: dir})
	s := w.live()
	t.Logf("restart: %v, walk %v, %d watches", time.Since(began).Round(time.Millisecond), s.WalkTook.Round(time.Millisecond), s.Watches)
	if got, want := s.Files, manyDirs*manyFiles; got != want {
		t.Errorf("files: got %d want %d", got, want)
	}
	each := float64(heapBytes()-before) / (manyDirs * manyFiles)
	t.Logf("memory: %.0f bytes a file", each)
	if each > 400 {
		t.Errorf("memory: got %.0f bytes a file want 400 at most", each)
	}
	for i := range 5 {
		began = time.Now()
		appendTo(t, filepath.Join(dir, fmt.Sprintf("d%03d", i*70), "f007"), "more\n")
		take(t, sink.last)
		t.Logf("write to read, with a walk every so often: %v", time.Since(began).Round(time.Millisecond))
	}
	if got := sink.read.Load(); got != 5 {
		t.Errorf("reads after the restart: got %d want 5", got)
	}
	runtime.KeepAlive(marks)
}

func plant(t *testing.T) string {
	t.Helper()
	base := ""
	if info, err := os.Stat("/dev/shm"); err == nil && info.IsDir() {
		base = "/dev/shm" // keeps 200,000 files off the disk
	}
	dir, err := os.MkdirTemp(base, "filetree")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	var group sync.WaitGroup
	for part := range 4 {
		group.Go(func() {
			for i := part; i < manyDirs; i += 4 {
				d := filepath.Join(dir, fmt.Sprintf("d%03d", i))
				os.Mkdir(d, 0o755)
				for j := range manyFiles {
					os.WriteFile(filepath.Join(d, fmt.Sprintf("f%03d", j)), []byte("x\n"), 0o644)
				}
			}
		})
	}
	group.Wait()
	return dir
}

func take(t *testing.T, from chan string) {
	t.Helper()
	select {
	case <-from:
	case <-time.After(3 * deadline):
		t.Fatal("nothing came")
	}
}

func heapBytes() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
