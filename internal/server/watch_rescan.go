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
// the watcher. Where a watched folder is away or not read yet, nothing is
// proved, and the error names it. It implements the prober of plans.
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
	file, size, name, err := w.open(ctx, at, found[0])
	switch {
	case errors.Is(err, errRootAway), errors.Is(err, errNotRecalled), errors.Is(err, errUnknown):
		return nil, err
	case errors.Is(err, fs.ErrNotExist):
		for _, f := range found {
			clean[f.Place.Member] = finding.Gone
		}
		return clean, nil
	case err != nil:
		w.o.Logger.WarnContext(ctx, "place not scanned again", "finding", found[0].ID, "cause", err)
		return clean, nil
	}
	defer file.Close()
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

// errUnknown says that the store could not tell where a file is.
var errUnknown = errors.New("the store does not answer")

// open opens a file where it is now, and returns its name. The error is
// [fs.ErrNotExist] only if the folder is there and the file is not.
func (w *Watch) open(ctx context.Context, at spot, f *finding.Finding) (file *os.File, size int64, name string, err error) {
	folder, err := w.rootOf(at.root)
	if err != nil {
		return nil, 0, "", err
	}
	path, device, err := w.locate(ctx, folder.path, at, f)
	if err != nil {
		return nil, 0, "", err
	}
	root, err := folder.open()
	if err != nil {
		return nil, 0, "", err
	}
	defer root.Close()
	if err := mounted(root, path, device); err != nil {
		return nil, 0, "", fmt.Errorf("%s: %w", at.root, err)
	}
	file, size, err = openPlain(root, filepath.FromSlash(path))
	return file, size, filepath.Join(folder.path, filepath.FromSlash(path)), err
}

// locate returns where under its root a file is now, as far as the watcher
// knows, and on which device, 0 if that is not known.
func (w *Watch) locate(ctx context.Context, root string, at spot, f *finding.Finding) (path string, device uint64, err error) {
	// The newest mark may be on its way.
	if err := w.queue.flush(ctx); err != nil {
		return "", 0, errors.Join(errUnknown, err)
	}
	mark, err := w.o.Store.MarkOf(ctx, w.o.Tenant, root, at.file)
	if err != nil && !errors.Is(err, record.ErrNone) {
		return "", 0, errors.Join(errUnknown, err)
	}
	marked := err == nil
	if id, ok := parseIdentity(mark.File); ok && marked {
		device = id.Dev
	} else if id, ok = parseIdentity(at.file); ok && present(f.State) {
		// The numbers of devices change when a machine starts. A file that the
		// watcher took leave of is not held to one of long ago.
		device = id.Dev
	}
	w.mu.Lock()
	path, named := w.named[at.root+"\x00"+at.file]
	w.mu.Unlock()
	if named {
		return path, device, nil
	}
	if marked && !strings.Contains(mark.Path, "\x00") {
		return mark.Path, device, nil
	}
	rel, err := filepath.Rel(at.root, f.Place.Path)
	if err != nil || !filepath.IsLocal(rel) {
		return "", 0, ErrNotWatched
	}
	return filepath.ToSlash(rel), device, nil
}

// errNotPlain says that a name leads to something that is never opened.
var errNotPlain = errors.New("not a regular file")

// openPlain opens a regular file under a root. No link on the way is followed
// out of the root, and nothing that could block is opened.
func openPlain(r *os.Root, path string) (*os.File, int64, error) {
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
