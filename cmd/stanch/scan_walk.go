package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/stanch/stanch/card"
	"github.com/stanch/stanch/internal/carrier"
	"github.com/stanch/stanch/internal/cell"
)

// A walk turns targets into jobs. It opens folders as roots, so that nothing
// outside of them is ever read, follows no symbolic link inside them, and
// opens no pipe, socket or device that it was not told to open by name.
type walk struct {
	ctx      context.Context
	in       io.Reader
	examiner *cell.Examiner
	yield    func(*scanJob) bool // false ends the walk
	roots    []*os.Root
	sources  *sources // nil reads files only
}

func (w *walk) target(target string) {
	if target == "-" {
		w.stream("-", w.in)
		return
	}
	if w.source(target) {
		return
	}
	info, err := os.Stat(target)
	switch {
	case err != nil:
		w.refuse(target, causeOf(err))
	case info.IsDir():
		w.folder(target)
	case info.Mode().IsRegular():
		w.yield(&scanJob{path: target, open: func() (cell.Input, func(), error) { return opened(os.Open(target)) }})
	case info.Mode()&fs.ModeSocket != 0:
		w.refuse(target, carrier.Unreadable)
	default:
		f, err := os.Open(target)
		if err != nil {
			w.refuse(target, causeOf(err))
			return
		}
		w.stream(target, f)
	}
}

func (w *walk) refuse(path string, cause carrier.Cause) bool {
	return w.yield(&scanJob{path: path, cause: cause})
}

// folder yields a job for each file below dir, in the order of names.
func (w *walk) folder(dir string) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		w.refuse(dir, causeOf(err))
		return
	}
	w.roots = append(w.roots, root)
	fs.WalkDir(root.FS(), ".", func(name string, entry fs.DirEntry, err error) error {
		shown := filepath.Join(dir, filepath.FromSlash(name))
		more := true
		switch {
		case w.ctx.Err() != nil:
			return fs.SkipAll
		case err != nil:
			more = w.refuse(shown, causeOf(err))
		case entry.IsDir():
			if name != "." && card.HoldsPAN(entry.Name()) {
				more = w.name(shown)
			}
		case entry.Type()&fs.ModeSymlink != 0:
			// Its target is read where it lies, or lies outside of what was asked.
		case !entry.Type().IsRegular():
			more = w.refuse(shown, carrier.Special)
		default:
			more = w.yield(w.job(root, shown, name))
		}
		if !more {
			return fs.SkipAll
		}
		return nil
	})
}

// name yields a job that has a name and no bytes, for a folder that is called
// after a card.
func (w *walk) name(path string) bool {
	return w.yield(&scanJob{path: path, open: func() (cell.Input, func(), error) {
		return cell.Input{R: bytes.NewReader(nil)}, func() {}, nil
	}})
}

// job opens a file below a root without following a link in its place, and
// without waiting for the far end of a pipe.
func (w *walk) job(root *os.Root, shown, name string) *scanJob {
	return &scanJob{path: shown, open: func() (cell.Input, func(), error) {
		return opened(root.OpenFile(name, os.O_RDONLY|openFlags, 0))
	}}
}

// errNotRegular says that something else lies where a file was seen.
var errNotRegular = errors.New("not a regular file")

// opened makes an input of a file that was just opened.
func opened(f *os.File, err error) (cell.Input, func(), error) {
	if err != nil {
		return cell.Input{}, nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = errNotRegular
	}
	if err != nil {
		f.Close()
		return cell.Input{}, nil, err
	}
	return cell.Input{R: f, Size: info.Size()}, func() { f.Close() }, nil
}

// close closes the folders that were walked, once nothing is read any more.
func (w *walk) close() {
	for _, root := range w.roots {
		root.Close()
	}
	if w.sources != nil {
		w.sources.close()
	}
}

// causeOf names why a path could not be opened.
func causeOf(err error) carrier.Cause {
	switch {
	case errors.Is(err, errNotRegular):
		return carrier.Special
	case errors.Is(err, fs.ErrNotExist):
		return carrier.Vanished
	case errors.Is(err, errTooLarge):
		return carrier.OverBudget
	}
	return carrier.Unreadable
}
