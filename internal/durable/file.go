// Package durable keeps files whole through a crash or a power cut. Bytes and
// paths go in; what a call has reported done is on the disk when it returns,
// and a file replaced through this package is at every moment either the old
// one or the new one, complete. The package never interprets what it writes,
// never logs, and never leaves a half-written file under the final name.
//
// Every step that a crash could fall after calls [Step], so that a test of the
// whole program can stop it there.
package durable

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

const (
	tempPrefix = ".stanch-"
	tempSuffix = ".tmp"
)

// A File is a new version of a file in the making. It has a temporary name in
// the folder of the final one until Commit. Use it from one goroutine.
type File struct {
	f    *os.File
	path string
	mode fs.FileMode
	err  error // the first failed write: such a file must not be committed
	done bool
}

// Create starts a new version of the file at path, whether or not one is there.
// The folder must exist. The caller ends it with Commit or Abort; Abort after
// Commit does nothing, so it can be deferred.
func Create(path string, mode fs.FileMode) (*File, error) {
	f, err := os.CreateTemp(filepath.Dir(path), tempPrefix+"*"+tempSuffix)
	if err != nil {
		return nil, fmt.Errorf("create %s: %w", path, cause(err))
	}
	Step("file-created")
	return &File{f: f, path: path, mode: mode}, nil
}

// Write appends p to the new version. After a failed write Commit fails too.
func (w *File) Write(p []byte) (int, error) {
	n, err := w.f.Write(p)
	if err != nil {
		w.err = fmt.Errorf("write %s: %w", w.path, cause(err))
		return n, w.err
	}
	return n, nil
}

// Commit puts the new version in the place of the old one. When it returns nil
// both the bytes and the name are durable. When it fails before the rename the
// old file is untouched; when only the folder could not be flushed the new file
// is in place and the error says so.
func (w *File) Commit() error {
	if w.done {
		return fmt.Errorf("commit %s: %w", w.path, fs.ErrClosed)
	}
	if err := w.settle(); err != nil {
		w.Abort()
		return err
	}
	w.done = true
	if err := replace(w.f.Name(), w.path); err != nil {
		os.Remove(w.f.Name())
		return fmt.Errorf("replace %s: %w", w.path, cause(err))
	}
	Step("file-renamed")
	return SyncDir(filepath.Dir(w.path))
}

// settle brings bytes and mode to the disk under the temporary name.
func (w *File) settle() error {
	if w.err != nil {
		return w.err
	}
	Step("file-written")
	if err := w.f.Chmod(w.mode); err != nil && !errors.Is(err, errors.ErrUnsupported) {
		return fmt.Errorf("set mode of %s: %w", w.path, cause(err))
	}
	if err := w.f.Sync(); err != nil {
		return fmt.Errorf("flush %s: %w", w.path, cause(err))
	}
	Step("file-synced")
	if err := w.f.Close(); err != nil {
		return fmt.Errorf("close %s: %w", w.path, cause(err))
	}
	return nil
}

// Abort drops the new version and leaves the old file as it was.
func (w *File) Abort() {
	if w.done {
		return
	}
	w.done = true
	w.f.Close()
	os.Remove(w.f.Name())
}

// WriteFile replaces the file at path with data, or makes it. A symbolic link
// at path is replaced, not followed.
func WriteFile(path string, data []byte, mode fs.FileMode) error {
	f, err := Create(path, mode)
	if err != nil {
		return err
	}
	defer f.Abort()
	if _, err := f.Write(data); err != nil {
		return err
	}
	return f.Commit()
}

// Sweep removes from dir the temporary files that a crash left behind, and
// returns how many. Only the holder of the folder's [Lock] may call it.
func Sweep(dir string) (int, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return 0, fmt.Errorf("sweep %s: %w", dir, cause(err))
	}
	n := 0
	for _, e := range entries {
		name := e.Name()
		if !e.Type().IsRegular() || !strings.HasPrefix(name, tempPrefix) || !strings.HasSuffix(name, tempSuffix) {
			continue
		}
		if err := os.Remove(filepath.Join(dir, name)); err != nil {
			return n, fmt.Errorf("sweep %s: %w", dir, cause(err))
		}
		n++
	}
	return n, nil
}

// cause strips the path and the call from an error of the os package; the
// messages here name the path themselves, once.
func cause(err error) error {
	if pe, ok := errors.AsType[*fs.PathError](err); ok {
		return pe.Err
	}
	if le, ok := errors.AsType[*os.LinkError](err); ok {
		return le.Err
	}
	if se, ok := errors.AsType[*os.SyscallError](err); ok {
		return se.Err
	}
	return err
}
