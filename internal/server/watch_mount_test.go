//go:build linux

package server

import (
	"errors"
	"os"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/stanch/stanch/internal/finding"
)

// TestRescanUnmounted leaves an empty mount point under the watched folder.
func TestRescanUnmounted(t *testing.T) {
	s := newShop(t, "sqlite")
	stick := s.path("stick")
	s.must(os.Mkdir(stick, 0o755))
	if err := unix.Mount("tmpfs", stick, "tmpfs", 0, "size=1m"); err != nil {
		t.Skipf("cannot mount: %v", err)
	}
	t.Cleanup(func() { _ = unix.Unmount(stick, unix.MNT_DETACH) })
	s.write("stick/logs/a.log", lines(0, 1))
	s.start()
	id := s.has("stick/logs/a.log", finding.Open, 1, 1).ID
	s.settled()
	// An open file keeps the file system alive, so that the watcher hears of
	// nothing before the scan.
	open, err := os.Open(s.path("stick/logs/a.log"))
	s.must(err)
	defer open.Close()
	s.must(unix.Unmount(stick, unix.MNT_DETACH))
	if clean, err := s.rescan(id); !errors.Is(err, errRootAway) || len(clean) != 0 {
		t.Errorf("got %v, %v; want %v", clean, err, errRootAway)
	}
}
