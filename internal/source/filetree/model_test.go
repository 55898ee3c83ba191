package filetree

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// A mirror is a sink that keeps what it read, so that it can be
// compared with the disk. It is slow and obvious, and loses everything that the watcher does
// not tell it.
type mirror struct {
	mu    sync.Mutex
	files map[place]mirrored
	news  chan struct{}
	fail  int // of so many calls of Examine one fails, after its effect or before
	calls int
}

type place struct {
	path string
	id   FileID
}

func placeOf(m Mark) place { return place{m.Path, m.ID} }

type mirrored struct {
	mark Mark
	text string
}

var errFlaky = errors.New("store is busy")

func (m *mirror) Known(context.Context, string) iter.Seq2[Mark, error] {
	return func(yield func(Mark, error) bool) {
		m.mu.Lock()
		var all []Mark
		for _, f := range m.files {
			all = append(all, f.mark)
		}
		m.mu.Unlock()
		for _, mark := range all {
			if !yield(mark, nil) {
				return
			}
		}
	}
}

func (m *mirror) Examine(_ context.Context, job Job) (Mark, error) {
	text, err := io.ReadAll(job.Reader())
	if err != nil {
		return Mark{}, err
	}
	whole := string(text)
	m.mu.Lock()
	defer m.mu.Unlock()
	defer m.tell()
	m.calls++
	flaky := m.fail > 0 && m.calls%m.fail == 0
	if flaky && m.calls%2 == 0 {
		return Mark{}, errFlaky
	}
	if !job.New && !job.Reset {
		whole = m.files[placeOf(job.From)].text[:job.From.Offset] + whole
	}
	end := int64(strings.LastIndexByte(whole, '\n') + 1)
	mark, err := job.Mark(end, int64(strings.Count(whole, "\n"))+1, false)
	if err != nil {
		return Mark{}, err
	}
	m.files[placeOf(mark)] = mirrored{mark, whole}
	if flaky {
		return Mark{}, errFlaky
	}
	return mark, nil
}

func (m *mirror) Moved(_ context.Context, from, to Mark) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	defer m.tell()
	f, ok := m.files[placeOf(from)]
	if !ok {
		return fmt.Errorf("no such file: %s", from.Path)
	}
	delete(m.files, placeOf(from))
	m.files[placeOf(to)] = mirrored{to, f.text}
	return nil
}

func (m *mirror) Gone(_ context.Context, last Mark) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	defer m.tell()
	delete(m.files, placeOf(last))
	return nil
}

func (m *mirror) Trouble(context.Context, Trouble) error { return nil }

func (m *mirror) tell() {
	select {
	case m.news <- struct{}{}:
	default:
	}
}

// differs says what the mirror and the disk do not agree on.
func (m *mirror) differs(dir string) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	known := map[string]mirrored{}
	var wrong []string
	for _, f := range m.files {
		if _, twice := known[f.mark.Path]; twice {
			wrong = append(wrong, "known twice: "+f.mark.Path)
		}
		known[f.mark.Path] = f
	}
	filepath.WalkDir(dir, func(p string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return nil
		}
		rel, _ := filepath.Rel(dir, p)
		rel = filepath.ToSlash(rel)
		text, _ := os.ReadFile(p)
		if f, ok := known[rel]; !ok {
			wrong = append(wrong, "unread "+rel)
		} else if f.text != string(text) {
			wrong = append(wrong, fmt.Sprintf("%s: has %q want %q", rel, f.text, text))
		}
		delete(known, rel)
		return nil
	})
	for p := range known {
		wrong = append(wrong, "not on disk: "+p)
	}
	return strings.Join(wrong, "\n")
}

// agree waits until the mirror shows the disk.
func (m *mirror) agree(t *testing.T, dir string) {
	t.Helper()
	for end := time.After(deadline); ; {
		wrong := m.differs(dir)
		if wrong == "" {
			return
		}
		select {
		case <-m.news:
		case <-end:
			t.Fatalf("never agreed:\n%s", wrong)
		}
	}
}

// vandal changes files at random, as programs and people do.
type vandal struct {
	dir string
	r   *rand.Rand
	n   int
}

func (v *vandal) path() string {
	parts := []string{v.dir}
	for range v.r.IntN(3) {
		parts = append(parts, fmt.Sprint("d", v.r.IntN(3)))
	}
	return filepath.Join(append(parts, fmt.Sprint("f", v.r.IntN(4)))...)
}

// text never has a length twice: a rewrite of the same size in the same tick of
// the file system's clock cannot be seen by polling.
func (v *vandal) text() string {
	v.n++
	return strings.Repeat(fmt.Sprint(v.n%10), v.n) + []string{"\n", ""}[v.r.IntN(2)]
}

func (v *vandal) act() {
	p, q := v.path(), v.path()
	os.MkdirAll(filepath.Dir(p), 0o755)
	switch v.r.IntN(12) {
	case 0, 1, 2, 3:
		if f, err := os.OpenFile(p, os.O_APPEND|os.O_WRONLY|os.O_CREATE, 0o644); err == nil {
			f.WriteString(v.text())
			f.Close()
		}
	case 4:
		os.WriteFile(p, []byte(v.text()), 0o644)
	case 5:
		os.Remove(p)
	case 6, 7:
		os.Rename(p, q)
	case 8: // rotation
		os.Remove(p + ".2")
		os.Rename(p+".1", p+".2")
		os.Rename(p, p+".1")
		os.WriteFile(p, []byte(v.text()), 0o644)
	case 9: // saved by an editor
		os.WriteFile(p+".new", []byte(v.text()), 0o644)
		os.Rename(p+".new", p)
	case 10:
		os.Rename(filepath.Dir(p), filepath.Dir(q))
	case 11:
		if filepath.Dir(p) != v.dir && v.r.IntN(3) == 0 {
			os.RemoveAll(filepath.Dir(p))
		}
	}
}

// Whatever happens, in the end the sink has read exactly what is on the disk,
// with events, without, with a failing store, and over restarts.
func TestMirror(t *testing.T) {
	quick := Options{PollEvery: 20 * time.Millisecond, MinGap: 5 * time.Millisecond, Settle: 2 * time.Millisecond}
	few := quick
	few.WatchLimit = 2
	walks := quick
	walks.ReconcileEvery = time.Millisecond
	seeds := uint64(1)
	if n, err := strconv.ParseUint(os.Getenv("FILETREE_SEEDS"), 10, 32); err == nil {
		seeds = n // for a longer run by hand
	}
	tests := []struct {
		name string
		opts Options
		fail int
	}{
		{"events", quick, 0},
		{"few watches", few, 0},
		{"always walking", walks, 0},
		{"as shipped", Options{}, 0},
		{"failing store", quick, 41},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for seed := range seeds {
				dir := t.TempDir()
				m := &mirror{files: map[place]mirrored{}, news: make(chan struct{}, 1), fail: tt.fail}
				v := &vandal{dir: dir, r: rand.New(rand.NewPCG(seed, 1))}
				for range 3 { // runs
					w := start(t, m, tt.opts, Root{Path: dir})
					for range 4 {
						for range v.r.IntN(60) {
							v.act()
						}
						m.agree(t, dir)
						if t.Failed() {
							t.Fatalf("seed %d", seed)
						}
					}
					w.stop()
					for range v.r.IntN(20) { // while Stanch is down
						v.act()
					}
				}
			}
		})
	}
}
