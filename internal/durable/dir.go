package durable

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// MkdirAll makes the folder at path and all that are missing above it. Each new
// name is durable when it returns. A folder that is there already keeps its mode.
func MkdirAll(path string, mode fs.FileMode) error {
	path = filepath.Clean(path)
	switch info, err := os.Stat(path); {
	case err == nil && info.IsDir():
		return nil
	case err == nil:
		return fmt.Errorf("make folder %s: a file is in its place", path)
	case !errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("make folder %s: %w", path, cause(err))
	}
	parent := filepath.Dir(path)
	if parent != path {
		if err := MkdirAll(parent, mode); err != nil {
			return err
		}
	}
	if err := os.Mkdir(path, mode); err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("make folder %s: %w", path, cause(err))
	}
	Step("dir-made")
	return SyncDir(parent)
}

// Remove removes the file or empty folder at path; its absence is durable on
// return. A path that is not there gives an error that is [fs.ErrNotExist].
func Remove(path string) error {
	if err := os.Remove(path); err != nil {
		return fmt.Errorf("remove %s: %w", path, cause(err))
	}
	Step("file-removed")
	return SyncDir(filepath.Dir(path))
}

// Rename moves a file to a new name on the same file system, replacing what is
// there. The new name is durable before the old folder is flushed, so a crash
// may leave the file under its old name or its new one, never under none.
func Rename(from, to string) error {
	if err := replace(from, to); err != nil {
		return fmt.Errorf("rename %s: %w", from, cause(err))
	}
	Step("file-renamed")
	if err := SyncDir(filepath.Dir(to)); err != nil {
		return err
	}
	if filepath.Dir(from) == filepath.Dir(to) {
		return nil
	}
	return SyncDir(filepath.Dir(from))
}

// SyncDir makes the names in a folder durable. Windows has no such call and
// needs none: there the renames themselves are written through.
func SyncDir(path string) error {
	if err := syncDir(path); err != nil {
		return fmt.Errorf("flush folder %s: %w", path, cause(err))
	}
	Step("dir-synced")
	return nil
}

// FreeSpace returns how many bytes this process may still write to the file
// system that holds path.
func FreeSpace(path string) (uint64, error) {
	n, err := freeSpace(path)
	if err != nil {
		return 0, fmt.Errorf("measure free space of %s: %w", path, cause(err))
	}
	return n, nil
}
