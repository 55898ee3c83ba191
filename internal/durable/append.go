package durable

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// An AppendFile grows at its end only. What was written before a Sync that
// returned nil survives a power cut; what came after may be there in part, so
// a reader must be able to tell an unfinished record at the end. Use it from
// one goroutine.
type AppendFile struct {
	f    *os.File
	path string
	size int64
}

// OpenAppend opens the file at path for appending, and makes it if it is not
// there; the new name is durable on return. A symbolic link is refused.
func OpenAppend(path string, mode fs.FileMode) (*AppendFile, error) {
	_, err := os.Lstat(path)
	fresh := errors.Is(err, fs.ErrNotExist)
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND|os.O_CREATE|noFollow, mode)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, cause(err))
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New("not a regular file")
	}
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("open %s: %w", path, cause(err))
	}
	if fresh {
		Step("append-created")
		if err := SyncDir(filepath.Dir(path)); err != nil {
			f.Close()
			return nil, err
		}
	}
	return &AppendFile{f: f, path: path, size: info.Size()}, nil
}

// Size returns the length of the file with all that was written to it.
func (a *AppendFile) Size() int64 { return a.size }

// Write appends p. A write that fails half way, as on a full disk, is cut back
// to where it began, so that the next record does not follow a torn one.
func (a *AppendFile) Write(p []byte) (int, error) {
	n, err := a.f.Write(p)
	if err == nil {
		a.size += int64(n)
		return n, nil
	}
	err = fmt.Errorf("write %s: %w", a.path, cause(err))
	if n == 0 {
		return 0, err
	}
	if back := a.f.Truncate(a.size); back != nil {
		a.size += int64(n)
		return n, errors.Join(err, fmt.Errorf("cut back %s: %w", a.path, cause(back)))
	}
	return 0, err
}

// Sync makes all that was written durable.
func (a *AppendFile) Sync() error {
	Step("append-written")
	if err := a.f.Sync(); err != nil {
		return fmt.Errorf("flush %s: %w", a.path, cause(err))
	}
	Step("append-synced")
	return nil
}

// Close makes all that was written durable and closes the file.
func (a *AppendFile) Close() error {
	err := a.Sync()
	if closed := a.f.Close(); err == nil && closed != nil {
		err = fmt.Errorf("close %s: %w", a.path, cause(closed))
	}
	return err
}
