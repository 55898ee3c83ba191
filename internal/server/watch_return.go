package server

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"

	"github.com/stanch/stanch/internal/actuator/filelock"
	"github.com/stanch/stanch/internal/casefile"
	"github.com/stanch/stanch/internal/finding"
	"github.com/stanch/stanch/internal/record"
	"github.com/stanch/stanch/internal/source/filetree"
	"github.com/stanch/stanch/internal/store"
)

// Returns takes in that a file which was locked comes back. It is another file
// to the system, and the same place to the findings: without this there would
// be two of one leak. It implements the follower of plans. What it says is
// kept with the file's mark once the file has been read; a crash before that
// gives the file a finding of its own.
func (w *Watch) Returns(ctx context.Context, ids []finding.ID, file *os.File) error {
	spots, order, err := w.spots(ctx, ids)
	if err != nil || len(order) == 0 {
		return err
	}
	at := order[0]
	now, err := filetree.Identify(file)
	if err != nil {
		return err
	}
	w.mu.Lock()
	root := w.roots[at.root]
	w.mu.Unlock()
	if root == nil {
		return nil // no longer watched, so nobody will look at it
	}
	key := fileKey{root.path, now}
	if err := w.part(ctx, key, at, spots[at]); err != nil {
		return err
	}
	if err := w.dropMark(ctx, key, at.file); err != nil {
		return err
	}
	return w.comesBack(ctx, key, at, spots[at])
}

// dropMark forgets where the file was that comes back as another. The watcher
// takes leave of it later, and until then a scan would look for it there.
func (w *Watch) dropMark(ctx context.Context, back fileKey, origin string) error {
	if err := w.queue.flush(ctx); err != nil {
		return err
	}
	mark, err := w.o.Store.MarkOf(ctx, w.o.Tenant, back.root, origin)
	if errors.Is(err, record.ErrNone) || err == nil && mark.File == identity(back.id) {
		return nil
	}
	if err != nil {
		return err
	}
	return w.queue.remove(ctx, markName{mark.Root, mark.Path}, mark.File)
}

// A findingSet is a set of findings, by id.
type findingSet map[finding.ID]bool

// comesBack gives a file the identity of the one that it was. If the watcher
// was quicker and took it for a file of its own, that is over.
func (w *Watch) comesBack(ctx context.Context, key fileKey, at spot, found []*finding.Finding) error {
	f := w.hold(key)
	defer w.release(f)
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := w.saveNow(ctx, f); err != nil {
		return err
	}
	if w.origin(key) != at.file {
		found, err := w.findings(ctx, key)
		if err == nil {
			err = w.leave(ctx, found)
		}
		if err != nil {
			return err
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if at.file != identity(key.id) {
		w.origins[key] = at.file
	}
	with := findingSet{}
	for _, f := range found {
		with[f.ID] = true
	}
	w.returned[key] = with
	w.found[at.root+"\x00"+at.file] = true
	return nil
}

// part makes a file that took the place of one that comes back a file of its
// own: whatever is in it is no part of what was locked. It is read again whole,
// and what was found in it since counts for it.
func (w *Watch) part(ctx context.Context, back fileKey, at spot, found []*finding.Finding) error {
	for _, key := range w.heirs(back, at.file) {
		path, _, err := w.locate(ctx, key.root, at, found[0])
		if err != nil {
			return err
		}
		if err := w.cutLoose(ctx, key); err != nil {
			return err
		}
		if err = w.readAlone(ctx, key, path); err == nil {
			err = w.leaveLater(ctx, at, found)
		}
		if err != nil {
			w.mu.Lock()
			w.origins[key] = at.file // to be parted again
			w.mu.Unlock()
			return err
		}
	}
	return nil
}

// parted reports whether a file that has the name of another is no heir of it,
// because that came back, by a plan, as a third.
func (w *Watch) parted(from, to fileKey) bool {
	if from == to {
		return false
	}
	_, own := w.ownOrigin(to)
	return !own && w.livesOn(from)
}

// heirs returns the files that stand for another, but for one.
func (w *Watch) heirs(but fileKey, origin string) (heirs []fileKey) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for key, of := range w.origins {
		if of == origin && key.root == but.root && key != but {
			heirs = append(heirs, key)
		}
	}
	return heirs
}

// cutLoose saves what is pending of a file and gives it an identity of its own.
func (w *Watch) cutLoose(ctx context.Context, key fileKey) error {
	f := w.hold(key)
	defer w.release(f)
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := w.saveNow(ctx, f); err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.origins, key)
	return nil
}

// readAlone examines a file as one that nothing is known of, if it still is at
// the path. One that is not, or that is being written anew, the watcher reads.
func (w *Watch) readAlone(ctx context.Context, key fileKey, path string) error {
	root, err := os.OpenRoot(key.root)
	if err != nil {
		return bare(err)
	}
	defer root.Close()
	file, size, err := openPlain(root, filepath.FromSlash(path))
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, errNotPlain) {
		return nil
	}
	if err != nil {
		return err
	}
	defer file.Close()
	id, err := filetree.Identify(file)
	if err != nil || id != key.id {
		return err
	}
	st, err := file.Stat()
	if err != nil {
		return bare(err)
	}
	info := filetree.Info{ID: id, Size: size, ModTime: st.ModTime().UnixMicro(), Kind: filetree.Regular}
	from := filetree.Mark{Root: key.root, Path: path, ID: id, Line: 1, Generation: 1}
	_, err = w.examine(ctx, filetree.Job{Root: key.root, Path: path, File: file, Info: info, Size: size, From: from, New: true})
	if errors.Is(err, filetree.ErrShrunk) {
		return nil
	}
	return err
}

// leaveLater ends the findings that were made, under the identity of a file
// that comes back, in the one that had its place.
func (w *Watch) leaveLater(ctx context.Context, at spot, back []*finding.Finding) error {
	all, err := w.o.Store.FindingsAt(ctx, w.o.Tenant, at.root, at.file)
	if err != nil {
		return err
	}
	later := func(f *finding.Finding) bool {
		return slices.ContainsFunc(back, func(b *finding.Finding) bool {
			return b.Place.Member == f.Place.Member && b.Place.Generation < f.Place.Generation
		}) && !slices.ContainsFunc(back, func(b *finding.Finding) bool { return b.ID == f.ID })
	}
	return w.leave(ctx, slices.DeleteFunc(all, func(f *finding.Finding) bool { return !later(f) }))
}

// leave says of findings that their file is gone.
func (w *Watch) leave(ctx context.Context, found []*finding.Finding) error {
	batch := casefile.Batch{Settled: map[finding.ID]finding.State{}}
	for _, f := range found {
		if present(f.State) {
			batch.Settled[f.ID] = finding.Gone
		}
	}
	if len(batch.Settled) == 0 {
		return nil
	}
	return w.o.Desk.Take(ctx, w.who, batch)
}

// ownOrigin returns the first identity of a file that is known to have another.
func (w *Watch) ownOrigin(key fileKey) (origin string, ok bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	origin, ok = w.origins[key]
	return origin, ok
}

func (w *Watch) returnedWith(key fileKey) findingSet {
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

// ownPath returns where a file belongs, and whether its name is a private one
// of the actuator's.
func ownPath(name string) (own string, private bool) {
	dir, base := path.Split(name)
	base, private = filelock.Private(base)
	return dir + base, private
}

// adopt takes a file with a private name that nothing is known of for what it
// is: one that was locked, on its way back by a plan that was cut off, or that
// has not said so yet.
func (x *examination) adopt() error {
	if !x.private || !x.job.New {
		return nil
	}
	if _, ok := x.w.ownOrigin(x.f.key); ok {
		return nil
	}
	origin, err := x.w.lockedAt(x.ctx, shownPath(x.job.Root), shownPath(x.job.Name()))
	if err != nil || origin == "" {
		return err
	}
	x.w.mu.Lock()
	defer x.w.mu.Unlock()
	if _, ok := x.w.origins[x.f.key]; !ok {
		x.w.origins[x.f.key] = origin
	}
	return nil
}

// lockedAt returns the file that was locked last at a path, or nothing.
func (w *Watch) lockedAt(ctx context.Context, root, path string) (origin string, err error) {
	const page = 1000
	for filter := (store.FindingFilter{State: finding.Locked, Limit: page}); ; {
		locked, err := w.o.Store.Findings(ctx, w.o.Tenant, filter)
		if err != nil {
			return "", err
		}
		for _, f := range locked {
			if f.Place.Root == root && f.Place.Path == path {
				return f.Place.File, nil
			}
		}
		if len(locked) < page {
			return "", nil
		}
		last := locked[page-1]
		filter.Before, filter.After = last.LastSeen, last.ID
	}
}

// moved returns the findings of a file that came back beside its old name,
// which another file has by now.
func (x *examination) moved() (map[finding.ID]string, error) {
	moved := map[finding.ID]string{}
	if _, known := x.w.ownOrigin(x.f.key); !known || !x.job.New || x.private {
		return moved, nil
	}
	if err := x.load(); err != nil {
		return nil, err
	}
	path := shownPath(x.job.Name())
	for _, f := range x.current {
		if f.State != finding.Gone && f.Place.Path != path {
			moved[f.ID] = path
		}
	}
	return moved, nil
}
