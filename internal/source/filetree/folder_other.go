//go:build !linux

package filetree

import (
	"os"
	"path/filepath"
	"syscall"
)

// A folder is one open folder of a root: names are resolved in it, whatever
// happens to the path that led to it.
type folder struct {
	r *os.Root
	f *os.File
}

// openFolder opens a folder by its path under root; "" is the root itself.
func openFolder(root *os.Root, path string) (*folder, error) {
	if path == "" {
		path = "."
	}
	r, err := root.OpenRoot(filepath.FromSlash(path))
	if err != nil {
		return nil, err
	}
	f, err := r.Open(".")
	if err != nil {
		r.Close()
		return nil, err
	}
	return &folder{r, f}, nil
}

func (d *folder) close() {
	d.f.Close()
	d.r.Close()
}

// names returns the next few names in the folder, and io.EOF after the last.
func (d *folder) names(n int) ([]string, error) { return d.f.Readdirnames(n) }

// stat describes the folder itself.
func (d *folder) stat() (Info, error) { return identify(d.f) }

// lstat describes one name in the folder.
func (d *folder) lstat(name string) (Info, error) {
	info, err := d.r.Lstat(name)
	if err != nil {
		return Info{}, err
	}
	i := basic(info)
	if !idNeedsFile || i.Kind == Other {
		i.ID = fileID(info, nil)
		return i, nil
	}
	// A name that cannot be opened has no identity and is told apart by its path.
	if f, err := d.open(name); err == nil {
		i.ID = fileID(info, f)
		f.Close()
	}
	return i, nil
}

// open opens one name for reading. The caller checks what it got.
func (d *folder) open(name string) (*os.File, error) {
	return d.r.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK|noFollow, 0)
}

// identify describes an open file.
func identify(f *os.File) (Info, error) {
	info, err := f.Stat()
	if err != nil {
		return Info{}, err
	}
	i := basic(info)
	i.ID = fileID(info, f)
	return i, nil
}

// statPath describes a path, links followed: a root may be named by one.
func statPath(path string) (Info, error) {
	f, err := os.Open(path)
	if err != nil {
		return Info{}, err
	}
	defer f.Close()
	return identify(f)
}

func basic(info os.FileInfo) Info {
	i := Info{Size: info.Size(), ModTime: info.ModTime().UnixMicro()}
	switch {
	case info.Mode().IsRegular():
		i.Kind = Regular
	case info.IsDir():
		i.Kind = Folder
	}
	return i
}

// layered says no: an overlay as Linux has it is not known here.
func layered(*os.File) bool { return false }
