package durable

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

func TestWriteFileReplaces(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "f")
	for _, want := range []string{"first", "", "the third is longer"} {
		if err := WriteFile(path, []byte(want), 0o640); err != nil {
			t.Fatal(err)
		}
		if got := read(t, path); got != want {
			t.Errorf("got %q want %q", got, want)
		}
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := info.Mode().Perm(), fs.FileMode(0o640); got != want {
		t.Errorf("mode: got %v want %v", got, want)
	}
	wantNames(t, dir, "f")
}

func TestWriteFileReplacesLinkItself(t *testing.T) {
	dir := t.TempDir()
	other, path := filepath.Join(dir, "other"), filepath.Join(dir, "f")
	os.WriteFile(other, []byte("untouched"), 0o600)
	if err := os.Symlink(other, path); err != nil {
		t.Skip("no symbolic links here")
	}
	if err := WriteFile(path, []byte("new"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, want := read(t, other), "untouched"; got != want {
		t.Errorf("link target: got %q want %q", got, want)
	}
}

func TestAbortLeavesTheOldFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "f")
	WriteFile(path, []byte("old"), 0o600)
	f, err := Create(path, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	f.Write([]byte("new"))
	f.Abort()
	if err := f.Commit(); !errors.Is(err, fs.ErrClosed) {
		t.Errorf("commit after abort: got %v want %v", err, fs.ErrClosed)
	}
	if got, want := read(t, path), "old"; got != want {
		t.Errorf("got %q want %q", got, want)
	}
	wantNames(t, dir, "f")
}

func TestFailedWriteIsNeverCommitted(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "f")
	WriteFile(path, []byte("old"), 0o600)
	f, err := Create(path, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	f.f.Close() // every write from here on fails
	if _, err := f.Write([]byte("new")); err == nil {
		t.Fatal("write to a closed file: got nil")
	}
	if err := f.Commit(); err == nil {
		t.Error("commit after a failed write: got nil")
	}
	if got, want := read(t, path), "old"; got != want {
		t.Errorf("got %q want %q", got, want)
	}
	wantNames(t, dir, "f")
}

func TestFullDisk(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip("no /dev/full here")
	}
	defer full.Close()
	f := &File{f: full, path: "f"}
	if _, err := f.Write(bytes.Repeat([]byte("x"), 4096)); err == nil {
		t.Error("file: got nil want an error")
	}
	if err := f.settle(); err == nil {
		t.Error("settle after a failed write: got nil")
	}
	a := &AppendFile{f: full, path: "a"}
	if n, err := a.Write([]byte("x")); n != 0 || err == nil {
		t.Errorf("append: got %d, %v want 0 and an error", n, err)
	}
}

func TestSweepTakesOnlyLeftovers(t *testing.T) {
	dir := t.TempDir()
	f, err := Create(filepath.Join(dir, "f"), 0o600)
	if err != nil {
		t.Fatal(err)
	}
	f.f.Close()
	os.WriteFile(filepath.Join(dir, "mine.tmp"), nil, 0o600)
	os.Mkdir(filepath.Join(dir, tempPrefix+"dir"+tempSuffix), 0o700)
	if n, err := Sweep(dir); n != 1 || err != nil {
		t.Errorf("got %d, %v want 1, nil", n, err)
	}
	wantNames(t, dir, tempPrefix+"dir"+tempSuffix, "mine.tmp")
}

func TestMkdirAll(t *testing.T) {
	dir := t.TempDir()
	deep := filepath.Join(dir, "a", "b", "c")
	for range 2 {
		if err := MkdirAll(deep, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	file := filepath.Join(dir, "file")
	os.WriteFile(file, nil, 0o600)
	if err := MkdirAll(file, 0o700); err == nil {
		t.Error("over a file: got nil")
	}
	if err := MkdirAll(filepath.Join(file, "under"), 0o700); err == nil {
		t.Error("under a file: got nil")
	}
}

func TestRemove(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	WriteFile(path, nil, 0o600)
	if err := Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := Remove(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v want %v", err, fs.ErrNotExist)
	}
}

func TestRename(t *testing.T) {
	dir := t.TempDir()
	from, to := filepath.Join(dir, "from"), filepath.Join(dir, "sub", "to")
	MkdirAll(filepath.Dir(to), 0o700)
	WriteFile(from, []byte("x"), 0o600)
	WriteFile(to, []byte("old"), 0o600)
	if err := Rename(from, to); err != nil {
		t.Fatal(err)
	}
	if got, want := read(t, to), "x"; got != want {
		t.Errorf("got %q want %q", got, want)
	}
	wantNames(t, dir, "sub")
}

func TestAppend(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	for _, part := range []string{"one\n", "two\n"} {
		a, err := OpenAppend(path, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := a.Write([]byte(part)); err != nil {
			t.Fatal(err)
		}
		if err := a.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := read(t, path), "one\ntwo\n"; got != want {
		t.Errorf("got %q want %q", got, want)
	}
	a, err := OpenAppend(path, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	if got, want := a.Size(), int64(8); got != want {
		t.Errorf("size: got %d want %d", got, want)
	}
}

func TestAppendRefusesLinks(t *testing.T) {
	dir := t.TempDir()
	if err := os.Symlink(filepath.Join(dir, "target"), filepath.Join(dir, "log")); err != nil {
		t.Skip("no symbolic links here")
	}
	if a, err := OpenAppend(filepath.Join(dir, "log"), 0o600); err == nil {
		a.Close()
		t.Error("got nil want an error")
	}
	wantNames(t, dir, "log")
}

func TestFreeSpace(t *testing.T) {
	if n, err := FreeSpace(t.TempDir()); err != nil || n == 0 {
		t.Errorf("got %d, %v want more than 0, nil", n, err)
	}
	if _, err := FreeSpace(filepath.Join(t.TempDir(), "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v want %v", err, fs.ErrNotExist)
	}
}

func BenchmarkStepUnset(b *testing.B) {
	for b.Loop() {
		Step("bench")
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func wantNames(t *testing.T, dir string, want ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	if len(got) != len(want) {
		t.Fatalf("names: got %q want %q", got, want)
	}
	for i := range got {
		if got[i] != want[i] {
			t.Errorf("names: got %q want %q", got, want)
		}
	}
}
