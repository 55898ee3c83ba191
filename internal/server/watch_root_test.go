package server

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/stanch/stanch/internal/finding"
)

// rescan looks at one finding again.
func (s *shop) rescan(id finding.ID) ([]finding.ID, error) {
	return s.watch.Rescan(s.t.Context(), s.watch.who, []finding.ID{id})
}

// TestRescanRootAway takes the watched folder away: nothing is clean because
// nobody can look.
func TestRescanRootAway(t *testing.T) {
	s := newShop(t, "sqlite")
	s.write("logs/a.log", lines(0, 1))
	s.start()
	id := s.has("logs/a.log", finding.Open, 1, 1).ID
	s.settled()
	refused := func(what string) {
		t.Helper()
		if clean, err := s.rescan(id); !errors.Is(err, errRootAway) || len(clean) != 0 {
			t.Errorf("%s: got %v, %v; want %v", what, clean, err, errRootAway)
		}
	}
	away := filepath.Join(s.base, "away")
	s.must(os.Rename(s.root, away))
	refused("renamed")
	s.must(os.Mkdir(s.root, 0o755))
	refused("an empty folder in its place")
	s.must(errors.Join(os.Remove(s.root), os.Rename(away, s.root)))
	s.until("the folder is back", func() bool { _, err := s.rescan(id); return err == nil })
	if clean, err := s.rescan(id); err != nil || len(clean) != 0 || s.at("logs/a.log").State != finding.Open {
		t.Errorf("got %v, %v; want nothing clean", clean, err)
	}
	s.must(os.RemoveAll(s.path("logs")))
	// The watcher may hear only now that the folder was away a moment ago.
	s.until("it is gone", func() bool { clean, err := s.rescan(id); return err == nil && len(clean) == 1 })
}

// TestRescanNotRecalled asks before the watcher has begun.
func TestRescanNotRecalled(t *testing.T) {
	s := newShop(t, "sqlite")
	s.write("a.log", lines(0, 1))
	s.start()
	id := s.has("a.log", finding.Open, 1, 1).ID
	s.settled()
	running := s.watch
	defer func() { s.watch = running }()
	var err error
	s.watch, err = NewWatch(running.o)
	s.must(err)
	if clean, err := s.rescan(id); err != nil || len(clean) != 0 {
		t.Errorf("got %v, %v for a folder that is watched no more; want nothing clean", clean, err)
	}
	s.watch.Expect(s.root)
	if clean, err := s.rescan(id); !errors.Is(err, errNotRecalled) || len(clean) != 0 {
		t.Errorf("got %v, %v; want %v", clean, err, errNotRecalled)
	}
}
