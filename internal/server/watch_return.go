package server

import (
	"context"
	"os"

	"github.com/stanch/stanch/internal/finding"
	"github.com/stanch/stanch/internal/source/filetree"
)

// Returns takes in that a file which was locked comes back. It is another file
// to the system, and the same place to the findings: without this there would
// be two of one leak. It implements the follower of plans. What it says is
// kept with the file's mark once the file has been read; a crash before that
// gives the file a finding of its own.
func (w *Watch) Returns(ctx context.Context, ids []finding.ID, file *os.File) error {
	_, order, err := w.spots(ctx, ids)
	if err != nil || len(order) == 0 {
		return err
	}
	at := order[0]
	now, err := filetree.Identify(file)
	if err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	root := w.roots[at.root]
	if root == nil {
		return nil // no longer watched, so nobody will look at it
	}
	key := fileKey{root.path, now}
	if at.file != identity(now) {
		w.origins[key] = at.file
	}
	w.returned[key] = true
	w.found[at.root+"\x00"+at.file] = true
	return nil
}

// ownOrigin returns the first identity of a file that is known to have another.
func (w *Watch) ownOrigin(key fileKey) (origin string, ok bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	origin, ok = w.origins[key]
	return origin, ok
}

func (w *Watch) isReturned(key fileKey) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.returned[key]
}

// settleReturned ends the return of a file that has been read.
func (w *Watch) settleReturned(key fileKey) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.returned, key)
}

// livesOn reports whether the findings of a file are those of another by now:
// the watcher takes leave of a file some time after it went, and a plan may
// have brought it back meanwhile.
func (w *Watch) livesOn(key fileKey) bool {
	origin := w.origin(key)
	w.mu.Lock()
	defer w.mu.Unlock()
	for other, of := range w.origins {
		if of == origin && other.root == key.root && other != key {
			return true
		}
	}
	return false
}
