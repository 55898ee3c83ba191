package server

import (
	"context"
	"errors"
	"path/filepath"

	"github.com/stanch/stanch/internal/casefile"
	"github.com/stanch/stanch/internal/finding"
	"github.com/stanch/stanch/internal/record"
	"github.com/stanch/stanch/internal/source/filetree"
	"github.com/stanch/stanch/internal/store"
)

// Moved implements [filetree.Sink].
func (w *Watch) Moved(ctx context.Context, from, to filetree.Mark) error {
	key := fileKey{from.Root, from.ID}
	f := w.hold(key)
	defer w.release(f)
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := w.saveNow(ctx, f); err != nil {
		return err
	}
	if w.parted(key, fileKey{to.Root, to.ID}) {
		// What was under the name lives on under another: this is a new file.
		err := w.queue.remove(ctx, markName{from.Root, keptPath(from.Path, from.ID)}, identity(from.ID))
		return errors.Join(err, w.readAlone(ctx, fileKey{to.Root, to.ID}, to.Path))
	}
	origin := w.origin(key)
	if own, ok := w.ownOrigin(fileKey{to.Root, to.ID}); ok {
		origin = own // it came back into the place of the copy that stood for it
	}
	before, kept := markName{from.Root, keptPath(from.Path, from.ID)}, w.keep(to)
	kept.Origin = origin
	batch, err := w.renamed(ctx, key, to)
	if err != nil {
		return err
	}
	if len(batch.Moved) == 0 {
		err = w.queue.put(ctx, kept, before)
	} else {
		w.queue.take(before)
		w.queue.take(nameOf(kept))
		batch.Also = func(ctx context.Context, tx record.Tx) error { return w.o.Store.MoveMark(ctx, tx, before.path, kept) }
		err = w.o.Desk.Take(ctx, w.who, batch)
	}
	if err != nil {
		return err
	}
	w.follow(key, fileKey{to.Root, to.ID}, origin)
	w.learnName(fileKey{to.Root, to.ID}, to.Path)
	w.reached(to.Root)
	return w.moveTroubles(ctx, from, to)
}

// saveNow saves what is pending of a file, if anything is. The caller holds f.mu.
func (w *Watch) saveNow(ctx context.Context, f *watched) error {
	if f.pending == nil {
		return nil
	}
	return w.save(ctx, f)
}

// renamed returns the findings of a file whose path is another now.
func (w *Watch) renamed(ctx context.Context, key fileKey, to filetree.Mark) (casefile.Batch, error) {
	found, err := w.findings(ctx, key)
	if err != nil {
		return casefile.Batch{}, err
	}
	path := shownName(to)
	batch := casefile.Batch{Moved: map[finding.ID]string{}}
	if _, private := ownPath(to.Path); private {
		return batch, nil // a plan is at it, and the place stays what people know it as
	}
	for _, f := range found {
		if f.State != finding.Gone && f.Place.Path != path {
			batch.Moved[f.ID] = path
		}
	}
	return batch, nil
}

func shownName(m filetree.Mark) string {
	return shownPath(filepath.Join(m.Root, filepath.FromSlash(m.Path)))
}

// follow takes in that a file has another identity.
func (w *Watch) follow(from, to fileKey, origin string) {
	if from == to {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.origins, from)
	if origin != identity(to.id) {
		w.origins[to] = origin
	}
}

func (w *Watch) moveTroubles(ctx context.Context, from, to filetree.Mark) error {
	old := troubleName{store.Content, shownPath(from.Root), shownName(from)}
	now := troubleName{store.Content, shownPath(to.Root), shownName(to)}
	w.mu.Lock()
	any := w.troubled[old] && old != now
	w.mu.Unlock()
	if !any {
		return nil
	}
	if err := w.queue.flush(ctx); err != nil {
		return err
	}
	err := w.o.Store.Update(ctx, w.who, func(ctx context.Context, tx record.Tx) error {
		return w.o.Store.MoveTroubles(ctx, tx, old.layer, old.root, old.path, now.path)
	})
	if err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.troubled, old)
	w.troubled[now] = true
	return nil
}

// Gone implements [filetree.Sink].
func (w *Watch) Gone(ctx context.Context, last filetree.Mark) error {
	key := fileKey{last.Root, last.ID}
	if w.livesOn(key) {
		// The findings are the other file's, and the mark too if it has the name.
		w.mu.Lock()
		delete(w.origins, key)
		w.mu.Unlock()
		return w.queue.remove(ctx, markName{last.Root, keptPath(last.Path, last.ID)}, identity(last.ID))
	}
	f := w.hold(key)
	defer w.release(f)
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.pending != nil {
		clear(f.pending.settle) // gone, not clean
	}
	if err := w.saveNow(ctx, f); err != nil {
		return err
	}
	found, err := w.findings(ctx, key)
	if err != nil {
		return err
	}
	batch := casefile.Batch{Settled: map[finding.ID]finding.State{}}
	for _, f := range found {
		if present(f.State) {
			batch.Settled[f.ID] = finding.Gone
		}
	}
	name := markName{last.Root, keptPath(last.Path, last.ID)}
	if len(batch.Settled) == 0 {
		err = w.queue.remove(ctx, name, identity(last.ID))
	} else {
		w.queue.take(name)
		batch.Also = func(ctx context.Context, tx record.Tx) error {
			return w.o.Store.RemoveMark(ctx, tx, name.root, name.path, identity(last.ID))
		}
		err = w.o.Desk.Take(ctx, w.who, batch)
	}
	if err != nil {
		return err
	}
	return w.bury(ctx, key, last)
}

// bury forgets a file.
func (w *Watch) bury(ctx context.Context, key fileKey, last filetree.Mark) error {
	place := w.placeKey(key)
	name := troubleName{store.Content, shownPath(last.Root), shownName(last)}
	w.mu.Lock()
	delete(w.origins, key)
	delete(w.named, place)
	troubled := w.troubled[name]
	delete(w.troubled, name)
	w.mu.Unlock()
	if !troubled {
		return nil
	}
	return w.queue.tell(ctx, name, nil)
}
