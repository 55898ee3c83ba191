// Package pack writes archives that come out the same wherever and whenever
// they are built. In go files and one time; out come tar.gz, zip and Debian
// packages. It never looks at owners, clocks or the order of a folder, and it
// never writes an entry that it was not given.
package pack

import (
	"archive/tar"
	"archive/zip"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"
)

// A File is one entry of an archive. Name is relative, with slashes.
type File struct {
	Name string
	Mode fs.FileMode
	Body []byte
}

// TarGz writes files, and the folders they stand in, as a compressed tar owned
// by root.
func TarGz(w io.Writer, files []File, at time.Time) error {
	z, err := gzip.NewWriterLevel(w, gzip.BestCompression)
	if err != nil {
		return err
	}
	t := tar.NewWriter(z)
	for _, f := range withFolders(files) {
		if err := tarEntry(t, f, at); err != nil {
			return fmt.Errorf("pack %s: %w", f.Name, err)
		}
	}
	return errors.Join(t.Close(), z.Close())
}

func tarEntry(t *tar.Writer, f File, at time.Time) error {
	h := &tar.Header{
		Typeflag: tar.TypeReg, Name: "./" + f.Name, Mode: int64(f.Mode.Perm()), Size: int64(len(f.Body)),
		ModTime: at, Uname: "root", Gname: "root", Format: tar.FormatGNU,
	}
	if f.Mode.IsDir() {
		h.Typeflag, h.Name = tar.TypeDir, h.Name+"/"
	}
	if err := t.WriteHeader(h); err != nil {
		return err
	}
	_, err := t.Write(f.Body)
	return err
}

// Zip writes files as a zip, which is what Windows opens.
func Zip(w io.Writer, files []File, at time.Time) error {
	z := zip.NewWriter(w)
	for _, f := range sorted(files) {
		h := &zip.FileHeader{Name: f.Name, Method: zip.Deflate, Modified: at}
		h.SetMode(f.Mode)
		entry, err := z.CreateHeader(h)
		if err != nil {
			return fmt.Errorf("pack %s: %w", f.Name, err)
		}
		if _, err := entry.Write(f.Body); err != nil {
			return fmt.Errorf("pack %s: %w", f.Name, err)
		}
	}
	return z.Close()
}

func sorted(files []File) []File {
	files = slices.Clone(files)
	slices.SortFunc(files, func(a, b File) int { return strings.Compare(a.Name, b.Name) })
	return files
}

// withFolders adds the folders above each file that were not given themselves.
func withFolders(files []File) []File {
	known := map[string]bool{}
	for _, f := range files {
		known[f.Name] = true
	}
	all := slices.Clone(files)
	for _, f := range files {
		for dir := path.Dir(f.Name); dir != "." && !known[dir]; dir = path.Dir(dir) {
			known[dir] = true
			all = append(all, File{Name: dir, Mode: fs.ModeDir | 0o755})
		}
	}
	return sorted(all)
}
