package server

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stanch/stanch/internal/console"
)

// TestAddIsEnteredFirst adds folders that can be entered, and that cannot.
func TestAddIsEnteredFirst(t *testing.T) {
	s := newShop(t, "sqlite")
	s.start()
	p := newPatrol(s.watch, nil, nil, time.Now, slog.New(slog.DiscardHandler))
	refuse := func(string) error { return io.ErrShortWrite }
	if err := p.add(s.root, refuse); !errors.Is(err, io.ErrShortWrite) {
		t.Errorf("got %v, want %v", err, io.ErrShortWrite)
	}
	if got := p.paths(); len(got) != 0 || len(p.begin) != 0 {
		t.Errorf("got %v and %d watchers of what was not entered, want none", got, len(p.begin))
	}
	watched := -1
	s.must(p.add(s.root, func(string) error { watched = len(p.begin); return nil }))
	if watched != 0 || len(p.begin) != 1 || !slices.Equal(p.paths(), []string{s.root}) {
		t.Errorf("got %d watchers before it was entered and %d after, of %v; want 0 and 1", watched, len(p.begin), p.paths())
	}
	number := s.base + "/" + pan(3)
	s.must(os.Mkdir(number, 0o755))
	for _, path := range []string{s.root, s.base + "/none", number} {
		if err := p.add(path, refuse); !errors.Is(err, console.ErrFolder) {
			t.Errorf("got %v, want %v", err, console.ErrFolder)
		}
	}
}

// TestEveryBlindFolderIsTold rings again for a folder that went blind while an
// alarm was held back, as soon as one goes out.
func TestEveryBlindFolderIsTold(t *testing.T) {
	told, rung, quiet := map[string]bool{}, 0, false
	look := func(fault error, blind ...string) {
		t.Helper()
		now := map[string]bool{}
		for _, root := range blind {
			now[root] = true
		}
		var err error
		told, err = tellBlind(t.Context(), now, told, func(context.Context) (bool, error) {
			if quiet || fault != nil {
				return false, fault
			}
			rung++
			return true, nil
		})
		if !errors.Is(err, fault) {
			t.Fatalf("got %v, want %v", err, fault)
		}
	}
	want := func(when string, n int) {
		t.Helper()
		if rung != n {
			t.Fatalf("%s: got %d rings, want %d", when, rung, n)
		}
	}
	look(errors.New("database"), "/a")
	want("a ring that failed", 0)
	look(nil, "/a")
	look(nil, "/a")
	want("one folder", 1)
	quiet = true
	look(nil, "/a", "/b")
	want("held back", 1)
	quiet = false
	look(nil, "/a", "/b")
	look(nil, "/a", "/b")
	want("the second folder", 2)
	look(nil, "/b")
	look(nil, "/a", "/b")
	want("the first went blind again", 3)
}

// TestLinkToOwnFolder refuses a link that leads into Stanch's own folders.
func TestLinkToOwnFolder(t *testing.T) {
	base := t.TempDir()
	own, link := filepath.Join(base, "data"), filepath.Join(base, "pos")
	if err := errors.Join(os.MkdirAll(filepath.Join(own, "evidence"), 0o700), os.Symlink(filepath.Join(own, "evidence"), link)); err != nil {
		t.Skip(err)
	}
	p := newPatrol(nil, nil, []string{own}, time.Now, slog.New(slog.DiscardHandler))
	if _, err := p.claim(link); !errors.Is(err, errOwnFolder) {
		t.Errorf("got %v, want %v", err, errOwnFolder)
	}
}
