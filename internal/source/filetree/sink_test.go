package filetree

import (
	"bytes"
	"context"
	"errors"
	"io"
	"iter"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// deadline is how long a test waits for something that must happen.
const deadline = 20 * time.Second

// A call is one call of the sink.
type call struct {
	what  string // examine, moved, gone, trouble
	path  string
	from  string // of moved: the path before
	text  string // of examine: what was new
	job   Job
	cause Cause
	at    time.Time
}

// fakeSink remembers marks as a store would, and tells each call it gets.
type fakeSink struct {
	calls chan call
	wait  chan struct{} // if set, every Examine of a file named slow waits for it

	mu    sync.Mutex
	marks map[string]Mark // by root and path
	fail  error           // what Examine returns instead
	quiet bool
}

func newSink() *fakeSink {
	return &fakeSink{calls: make(chan call, 1<<16), marks: map[string]Mark{}}
}

func key(m Mark) string { return m.Root + "\x00" + m.Path }

func (s *fakeSink) Known(_ context.Context, root string) iter.Seq2[Mark, error] {
	s.mu.Lock()
	defer s.mu.Unlock()
	var marks []Mark
	for _, m := range s.marks {
		if m.Root == root {
			marks = append(marks, m)
		}
	}
	return func(yield func(Mark, error) bool) {
		for _, m := range marks {
			if !yield(m, nil) {
				return
			}
		}
	}
}

func (s *fakeSink) Examine(ctx context.Context, job Job) (Mark, error) {
	at := time.Now()
	if s.wait != nil && strings.HasPrefix(filepath.Base(job.Path), "slow") {
		s.calls <- call{what: "begin", path: job.Path}
		select {
		case <-s.wait:
		case <-ctx.Done():
			return Mark{}, ctx.Err()
		}
	}
	s.mu.Lock()
	fail, quiet := s.fail, s.quiet
	s.mu.Unlock()
	if fail != nil {
		s.calls <- call{what: "failed", path: job.Path}
		return Mark{}, fail
	}
	text, err := io.ReadAll(job.Reader())
	if err != nil {
		return Mark{}, err
	}
	end := bytes.LastIndexByte(text, '\n') + 1
	line := job.From.Line + int64(bytes.Count(text, []byte("\n")))
	whole := strings.HasSuffix(job.Path, ".zip")
	m, err := job.Mark(job.From.Offset+int64(end), line, whole)
	if err != nil {
		return Mark{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if job.New && s.marks[key(m)].Generation != 0 && s.marks[key(m)].ID == m.ID {
		return Mark{}, errors.New("a known file came as a new one")
	}
	s.marks[key(m)] = m
	if !quiet {
		s.calls <- call{what: "examine", path: job.Path, text: string(text), job: job, at: at}
	}
	return m, nil
}

func (s *fakeSink) Moved(_ context.Context, from, to Mark) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if old, ok := s.marks[key(from)]; ok && old.ID == from.ID {
		delete(s.marks, key(from))
	}
	s.marks[key(to)] = to
	s.calls <- call{what: "moved", path: to.Path, from: from.Path}
	return nil
}

func (s *fakeSink) Gone(_ context.Context, last Mark) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.marks[key(last)].ID == last.ID {
		delete(s.marks, key(last))
	}
	s.calls <- call{what: "gone", path: last.Path}
	return nil
}

func (s *fakeSink) Trouble(_ context.Context, t Trouble) error {
	s.calls <- call{what: "trouble", path: t.Path, cause: t.Cause}
	return nil
}

func (s *fakeSink) set(change func(*fakeSink)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(s)
}

// next returns the next call, which must come.
func (s *fakeSink) next(t *testing.T) call {
	t.Helper()
	select {
	case c := <-s.calls:
		return c
	case <-time.After(deadline):
		t.Fatal("nothing came")
		panic("unreachable")
	}
}

// await passes over calls until one of a kind comes for a path.
func (s *fakeSink) await(t *testing.T, what, path string) call {
	t.Helper()
	var passed []string
	for end := time.After(deadline); ; {
		select {
		case c := <-s.calls:
			if c.what == what && c.path == path {
				return c
			}
			passed = append(passed, c.what+" "+c.path)
		case <-end:
			t.Fatalf("no %s of %q came, but %q", what, path, passed)
		}
	}
}

// none fails if a call is waiting. It is used when all that could come has come.
func (s *fakeSink) none(t *testing.T) {
	t.Helper()
	for {
		select {
		case c := <-s.calls:
			t.Errorf("unwanted: %s %q %q reset=%v new=%v from %d", c.what, c.path, c.text, c.job.Reset, c.job.New, c.job.From.Offset)
		default:
			return
		}
	}
}

// running is a watcher at work.
type running struct {
	*Watcher
	t    *testing.T
	stop func()
}

func start(t *testing.T, sink Sink, opts Options, roots ...Root) *running {
	t.Helper()
	if testing.Verbose() {
		opts.Logger = slog.New(slog.NewTextHandler(os.Stderr, nil))
	}
	w, err := New(roots, sink, opts)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- w.Run(ctx) }()
	var once sync.Once
	stop := func() {
		once.Do(func() {
			cancel()
			select {
			case err := <-ended:
				if err != nil {
					t.Errorf("run: got %v want nil", err)
				}
			case <-time.After(deadline):
				t.Error("run did not end")
			}
		})
	}
	t.Cleanup(stop)
	return &running{w, t, stop}
}

// until waits for the first root's status to be as wanted.
func (r *running) until(want string, ok func(RootStatus) bool) RootStatus {
	r.t.Helper()
	for end := time.After(deadline); ; {
		changed := r.Changed()
		s := r.Status()[0]
		if ok(s) {
			return s
		}
		select {
		case <-changed:
		case <-end:
			r.t.Fatalf("status: got %+v want %s", s, want)
		}
	}
}

func (r *running) live() RootStatus {
	r.t.Helper()
	return r.until("live", func(s RootStatus) bool { return s.State == StateLive })
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func appendTo(t *testing.T, path, text string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY|os.O_CREATE, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteString(text); err != nil {
		t.Fatal(err)
	}
}

func rename(t *testing.T, from, to string) {
	t.Helper()
	if err := os.Rename(from, to); err != nil {
		t.Fatal(err)
	}
}
