package server

import (
	"errors"
	"io"
	"log/slog"
	"os"
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
