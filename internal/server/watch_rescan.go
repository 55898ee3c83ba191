package server

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/stanch/stanch/card"
	"github.com/stanch/stanch/internal/casefile"
	"github.com/stanch/stanch/internal/cell"
	"github.com/stanch/stanch/internal/finding"
	"github.com/stanch/stanch/internal/record"
)

// A spot is one file that findings are to be looked for in again.
type spot struct{ root, file string }

// Rescan examines the places of findings whole, as they are now, and returns
// those where no card data is left: clean, masked or gone. It settles those
// findings. What cannot be examined is not clean, and what is new is left to
// the watcher. It implements the prober of plans.
func (w *Watch) Rescan(ctx context.Context, who record.Who, ids []finding.ID) ([]finding.ID, error) {
	spots, order, err := w.spots(ctx, ids)
	if err != nil {
		return nil, fmt.Errorf("scan again: %w", err)
	}
	var clean []finding.ID
	for _, at := range order {
		state, err := w.look(ctx, at, spots[at])
		if err != nil {
			return clean, fmt.Errorf("scan again: %w", err)
		}
		batch := casefile.Batch{Settled: map[finding.ID]finding.State{}}
		for _, f := range spots[at] {
			s, ok := state[f.Place.Member]
			if !ok {
				continue
			}
			clean = append(clean, f.ID)
			if present(f.State) {
				batch.Settled[f.ID] = s
			}
		}
		if len(batch.Settled) == 0 {
			continue
		}
		if err := w.o.Desk.Take(ctx, who, batch); err != nil {
			return clean, err
		}
	}
	return clean, nil
}

// spots reads the findings and sorts them by file.
func (w *Watch) spots(ctx context.Context, ids []finding.ID) (map[spot][]*finding.Finding, []spot, error) {
	spots := map[spot][]*finding.Finding{}
	var order []spot
	for _, id := range ids {
		thing, err := w.o.Store.Read(ctx, w.o.Tenant, id.Subject())
		if err != nil {
			return nil, nil, err
		}
		f := thing.(*finding.Finding)
		at := spot{f.Place.Root, f.Place.File}
		if spots[at] == nil {
			order = append(order, at)
		}
		spots[at] = append(spots[at], f)
	}
	return spots, order, nil
}

// look examines one file and returns the state of each member of the findings
// that holds no card data any more.
func (w *Watch) look(ctx context.Context, at spot, found []*finding.Finding) (map[string]finding.State, error) {
	clean := map[string]finding.State{}
	var file *os.File
	var size int64
	root, path, err := w.locate(ctx, at, found[0])
	switch {
	case err == nil:
		file, size, err = openPlain(root, path)
	case !errors.Is(err, ErrNotWatched):
		return nil, err
	}
	if errors.Is(err, fs.ErrNotExist) {
		for _, f := range found {
			clean[f.Place.Member] = finding.Gone
		}
		return clean, nil
	}
	if err != nil {
		w.o.Logger.WarnContext(ctx, "place not scanned again", "finding", found[0].ID, "cause", err)
		return clean, nil
	}
	defer file.Close()
	name := filepath.Join(root, filepath.FromSlash(path))
	masked, dirty := card.MaskText(name), map[string]bool{}
	report, _, err := w.o.Examiner.Examine(ctx, cell.Input{Name: name, R: file, Size: size}, func(m finding.Match) {
		if member := memberOf(m.Path, masked); len(dirty) < mostPlaces || dirty[member] {
			dirty[member] = true
		} else {
			dirty[""] = true
		}
	})
	if err != nil {
		return nil, err
	}
	r := refusals(report, masked)
	for _, f := range found {
		member := f.Place.Member
		// A container's own place may stand for members past the first thousand.
		folded := len(dirty) >= mostPlaces || member == "" && len(dirty) > 0
		if !dirty[member] && !folded && !r.covers(member) {
			clean[member] = finding.Clean
		}
	}
	return clean, nil
}

// locate returns where a file is now, as far as the watcher knows.
func (w *Watch) locate(ctx context.Context, at spot, f *finding.Finding) (root, path string, err error) {
	w.mu.Lock()
	root, known := w.roots[at.root]
	path, named := w.named[at.root+"\x00"+at.file]
	w.mu.Unlock()
	if !known {
		return "", "", ErrNotWatched
	}
	if named {
		return root, path, nil
	}
	// The newest mark may be on its way.
	if err := w.queue.flush(ctx); err != nil {
		return "", "", err
	}
	mark, err := w.o.Store.MarkOf(ctx, w.o.Tenant, root, at.file)
	if err == nil && !strings.Contains(mark.Path, "\x00") {
		return root, mark.Path, nil
	}
	if err != nil && !errors.Is(err, record.ErrNone) {
		return "", "", err
	}
	rel, err := filepath.Rel(at.root, f.Place.Path)
	if err != nil || !filepath.IsLocal(rel) {
		return "", "", ErrNotWatched
	}
	return root, filepath.ToSlash(rel), nil
}

// errNotPlain says that a name leads to something that is never opened.
var errNotPlain = errors.New("not a regular file")

// openPlain opens a regular file under a root. No link on the way is followed
// out of the root, and nothing that could block is opened.
func openPlain(root, path string) (*os.File, int64, error) {
	r, err := os.OpenRoot(root)
	if err != nil {
		return nil, 0, bare(err)
	}
	defer r.Close()
	path = filepath.FromSlash(path)
	info, err := r.Lstat(path)
	if err != nil {
		return nil, 0, bare(err)
	}
	if !info.Mode().IsRegular() {
		return nil, 0, errNotPlain
	}
	file, err := r.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, 0, bare(err)
	}
	now, err := file.Stat()
	if err == nil && (!now.Mode().IsRegular() || !os.SameFile(info, now)) {
		err = errNotPlain
	}
	if err != nil {
		file.Close()
		return nil, 0, bare(err)
	}
	return file, now.Size(), nil
}

// bare strips the path from an error: it may hold a card number.
func bare(err error) error {
	if pe, ok := errors.AsType[*fs.PathError](err); ok {
		return pe.Err
	}
	return err
}
