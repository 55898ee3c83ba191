package server

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"syscall"

	"github.com/stanch/stanch/internal/casefile"
	"github.com/stanch/stanch/internal/source/filetree"
)

// Errors of folders in which nothing can be proved now.
var (
	errRootAway    = fmt.Errorf("the watched folder is away, or another stands in its place: %w", casefile.ErrAway)
	errNotRecalled = fmt.Errorf("the folder is to be watched, and the watcher has not begun: %w", casefile.ErrAway)
)

// A rootFolder is a folder that is to be watched.
type rootFolder struct {
	path     string          // real
	id       filetree.FileID // of the folder that files were read from; zero if it was never seen
	recalled bool            // the watcher has begun
	away     bool            // the watcher cannot reach it
	back     bool            // it was away, and nothing has been read from it since
}

// Expect takes in that a folder is to be watched, before the watcher asks what
// is known of it.
func (w *Watch) Expect(root string) {
	shown := shownPath(root)
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.roots[shown] == nil {
		w.roots[shown] = &rootFolder{path: root}
	}
}

// rootTrouble takes in what the watcher says of a root itself.
func (w *Watch) rootTrouble(t filetree.Trouble) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if r := w.roots[shownPath(t.Root)]; r != nil && t.Path == "" {
		r.back = r.away && t.Cause == filetree.Recovered
		r.away = t.Cause != filetree.Recovered
	}
}

// reached takes in that the watcher read a file of a root. One that was away
// may have come back under other numbers, as a mount does; the file says that
// it is no empty mount point.
func (w *Watch) reached(root string) {
	w.mu.Lock()
	r := w.roots[shownPath(root)]
	back := r != nil && r.back
	w.mu.Unlock()
	if !back {
		return
	}
	at, err := filetree.IdentifyRoot(root)
	w.mu.Lock()
	defer w.mu.Unlock()
	if err == nil && !r.away {
		r.id, r.back = at, false
	}
}

// rootOf returns a root by its shown path, as it is now.
func (w *Watch) rootOf(shown string) (rootFolder, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	r := w.roots[shown]
	switch {
	case r == nil:
		return rootFolder{}, ErrNotWatched
	case !r.recalled:
		return rootFolder{}, fmt.Errorf("%s: %w", shown, errNotRecalled)
	case r.away:
		return rootFolder{}, fmt.Errorf("%s: %w", shown, errRootAway)
	}
	return *r, nil
}

// open opens the folder, if it is the one that files were read from.
func (r rootFolder) open() (*os.Root, error) {
	away := fmt.Errorf("%s: %w", shownPath(r.path), errRootAway)
	root, err := os.OpenRoot(r.path)
	if err != nil {
		return nil, away
	}
	self, err := root.Open(".")
	if err != nil {
		root.Close()
		return nil, away
	}
	defer self.Close()
	if at, err := filetree.Identify(self); err != nil || r.id != (filetree.FileID{}) && at != r.id {
		root.Close()
		return nil, away
	}
	return root, nil
}

// mounted makes sure that what is left of the way to a file is on the device
// that the file was on: a mount point with nothing mounted is an empty folder.
func mounted(root *os.Root, file string, device uint64) error {
	for dir := path.Dir(file); ; dir = path.Dir(dir) {
		f, err := root.OpenFile(filepath.FromSlash(dir), os.O_RDONLY|syscall.O_NONBLOCK, 0)
		if dir != "." && (errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)) {
			continue
		}
		switch {
		case err != nil && dir == ".":
			return errRootAway
		case err != nil:
			return bare(err)
		}
		holds := filetree.MayHold(f, device)
		f.Close()
		if !holds {
			return errRootAway
		}
		return nil
	}
}
