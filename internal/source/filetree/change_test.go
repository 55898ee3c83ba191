package filetree

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestAppendedLinesAreReadFromTheLastUnended(t *testing.T) {
	dir, sink := t.TempDir(), newSink()
	log := filepath.Join(dir, "pos.log")
	write(t, log, "one\ntwo\nthr")
	w := start(t, sink, Options{}, Root{Path: dir})
	first := sink.await(t, "examine", "pos.log")
	if !first.job.New || first.job.Reset || first.text != "one\ntwo\nthr" || first.job.From.Line != 1 {
		t.Errorf("first read: got %q new=%v line=%d", first.text, first.job.New, first.job.From.Line)
	}
	w.live()
	appendTo(t, log, "ee\nfour")
	second := sink.await(t, "examine", "pos.log")
	if got, want := second.text, "three\nfour"; got != want {
		t.Errorf("second read: got %q want %q", got, want)
	}
	if got, want := second.job.From.Line, int64(3); got != want {
		t.Errorf("line: got %d want %d", got, want)
	}
	if second.job.New || second.job.Reset || second.job.From.Generation != 1 {
		t.Errorf("second read: got new=%v reset=%v generation=%d", second.job.New, second.job.Reset, second.job.From.Generation)
	}
}

func TestContentReplaced(t *testing.T) {
	long := strings.Repeat("a line of the log that goes on and on\n", 300)
	tests := []struct {
		name   string
		before string
		change func(t *testing.T, path string)
		want   string // what is read then; all of it, as a reset
	}{
		{"truncated", "one\ntwo\n", func(t *testing.T, p string) { os.Truncate(p, 0) }, ""},
		{"copytruncate", "one\ntwo\n", func(t *testing.T, p string) {
			os.Truncate(p, 0)
			appendTo(t, p, "new\n")
		}, "new\n"},
		{"copytruncate, grown past the old end", "one\ntwo\n", func(t *testing.T, p string) {
			write(t, p, "another beginning\nand more\n")
		}, "another beginning\nand more\n"},
		{"same head, other tail, grown", long, func(t *testing.T, p string) {
			write(t, p, long[:len(long)-10]+"different\nmore\n")
		}, long[:len(long)-10] + "different\nmore\n"},
		{"same size, in place", "one\ntwo\n", func(t *testing.T, p string) { overwrite(t, p, "ONE", 0) }, "ONE\ntwo\n"},
		{"same size, in the middle of a long one", long, func(t *testing.T, p string) { overwrite(t, p, "XYZ", 5000) },
			long[:5000] + "XYZ" + long[5003:]},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir, sink := t.TempDir(), newSink()
			path := filepath.Join(dir, "f.log")
			write(t, path, tt.before)
			old := time.Now().Add(-time.Hour)
			os.Chtimes(path, old, old)
			w := start(t, sink, Options{Settle: 50 * time.Millisecond}, Root{Path: dir})
			sink.await(t, "examine", "f.log")
			w.live()
			tt.change(t, path)
			got := sink.await(t, "examine", "f.log")
			if got.text != tt.want || !got.job.Reset || got.job.From.Generation != 2 || got.job.From.Line != 1 {
				t.Errorf("got %d bytes reset=%v generation=%d line=%d want %d bytes, true, 2, 1",
					len(got.text), got.job.Reset, got.job.From.Generation, got.job.From.Line, len(tt.want))
			}
		})
	}
}

func overwrite(t *testing.T, path, text string, at int64) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteAt([]byte(text), at); err != nil {
		t.Fatal(err)
	}
}

func TestTouchedSmallFileIsNotReadAgain(t *testing.T) {
	dir, sink := t.TempDir(), newSink()
	path := filepath.Join(dir, "f")
	write(t, path, "text\n")
	w := start(t, sink, Options{}, Root{Path: dir})
	sink.await(t, "examine", "f")
	w.live()
	later := time.Now().Add(time.Hour)
	os.Chtimes(path, later, later)
	appendTo(t, filepath.Join(dir, "marker"), "x")
	sink.await(t, "examine", "marker")
	sink.none(t)
}

func TestWholeFileIsReadAgainWhole(t *testing.T) {
	dir, sink := t.TempDir(), newSink()
	path := filepath.Join(dir, "a.zip")
	write(t, path, "first\n")
	w := start(t, sink, Options{}, Root{Path: dir})
	sink.await(t, "examine", "a.zip")
	w.live()
	appendTo(t, path, "second\n")
	got := sink.await(t, "examine", "a.zip")
	if got.text != "first\nsecond\n" || !got.job.Reset {
		t.Errorf("got %q reset=%v want all of it, true", got.text, got.job.Reset)
	}
}

func TestRotation(t *testing.T) {
	dir, sink := t.TempDir(), newSink()
	at := func(name string) string { return filepath.Join(dir, name) }
	write(t, at("app.log"), "three\n")
	write(t, at("app.log.1"), "two two\n")
	write(t, at("app.log.2"), "one one one\n")
	w := start(t, sink, Options{}, Root{Path: dir})
	for range 3 {
		if c := sink.next(t); c.what != "examine" {
			t.Fatalf("got %s want examine", c.what)
		}
	}
	w.live()
	os.Remove(at("app.log.2"))
	rename(t, at("app.log.1"), at("app.log.2"))
	rename(t, at("app.log"), at("app.log.1"))
	write(t, at("app.log"), "four\n")
	want := map[string]bool{"moved app.log.1 app.log.2": true, "moved app.log app.log.1": true, "examine  app.log": true, "gone  app.log.2": true}
	for len(want) > 0 {
		c := sink.next(t)
		got := fmt.Sprintf("%s %s %s", c.what, c.from, c.path)
		if !want[got] {
			t.Errorf("got %q want one of %v", got, want)
		}
		if c.what == "examine" && (!c.job.New || c.text != "four\n") {
			t.Errorf("new log: got %q new=%v", c.text, c.job.New)
		}
		delete(want, got)
	}
	appendTo(t, at("app.log.1"), "late\n")
	if got, want := sink.await(t, "examine", "app.log.1").text, "late\n"; got != want {
		t.Errorf("line written after the rotation: got %q want %q", got, want)
	}
	sink.none(t)
}

func TestReplacedByRename(t *testing.T) {
	dir, sink := t.TempDir(), newSink()
	path, side := filepath.Join(dir, "f.csv"), filepath.Join(t.TempDir(), "new")
	write(t, path, "old\n")
	write(t, side, "quite new\n")
	w := start(t, sink, Options{}, Root{Path: dir})
	sink.await(t, "examine", "f.csv")
	w.live()
	rename(t, side, path)
	c := sink.await(t, "moved", "f.csv")
	if c.from != "f.csv" {
		t.Errorf("moved: got from %q want f.csv", c.from)
	}
	got := sink.await(t, "examine", "f.csv")
	if got.text != "quite new\n" || !got.job.Reset || got.job.From.Generation != 2 {
		t.Errorf("got %q reset=%v generation=%d", got.text, got.job.Reset, got.job.From.Generation)
	}
	sink.none(t)
}

func TestRenames(t *testing.T) {
	dir, sink := t.TempDir(), newSink()
	at := func(name string) string { return filepath.Join(dir, filepath.FromSlash(name)) }
	write(t, at("a/one"), "1\n")
	write(t, at("a/deep/two"), "2\n")
	write(t, at("b/keep"), "3\n")
	w := start(t, sink, Options{}, Root{Path: dir})
	for range 3 {
		sink.next(t)
	}
	w.live()

	rename(t, at("a/one"), at("b/uno"))
	if got, want := sink.await(t, "moved", "b/uno").from, "a/one"; got != want {
		t.Errorf("file: got from %q want %q", got, want)
	}
	rename(t, at("a"), at("b/c"))
	if got, want := sink.await(t, "moved", "b/c/deep/two").from, "a/deep/two"; got != want {
		t.Errorf("folder: got from %q want %q", got, want)
	}
	appendTo(t, at("b/c/deep/two"), "more\n")
	if got, want := sink.await(t, "examine", "b/c/deep/two").text, "more\n"; got != want {
		t.Errorf("after the move: got %q want %q", got, want)
	}
	// An old name is free again, and what appears there is another file.
	write(t, at("a/deep/two"), "other\n")
	if got := sink.await(t, "examine", "a/deep/two"); !got.job.New {
		t.Errorf("old name: got new=%v want true", got.job.New)
	}
	if err := os.RemoveAll(at("b")); err != nil {
		t.Fatal(err)
	}
	gone := map[string]bool{}
	for len(gone) < 3 {
		c := sink.next(t)
		if c.what != "gone" {
			t.Fatalf("got %s %s want gone", c.what, c.path)
		}
		gone[c.path] = true
	}
	sink.none(t)
}

func TestHardLinkIsReadOnce(t *testing.T) {
	dir, sink := t.TempDir(), newSink()
	one, two := filepath.Join(dir, "one"), filepath.Join(dir, "two")
	write(t, one, "x\n")
	w := start(t, sink, Options{}, Root{Path: dir})
	sink.await(t, "examine", "one")
	w.live()
	if err := os.Link(one, two); err != nil {
		t.Fatal(err)
	}
	appendTo(t, two, "through the other name\n")
	if got, want := sink.await(t, "examine", "one").text, "through the other name\n"; got != want {
		t.Errorf("got %q want %q", got, want)
	}
	os.Remove(one)
	if c := sink.next(t); c.what != "moved" || c.path != "two" {
		t.Errorf("got %s %s want moved two", c.what, c.path)
	}
	os.Remove(two)
	sink.await(t, "gone", "two")
}

func TestNewFoldersFilledAtOnce(t *testing.T) {
	dir, sink := t.TempDir(), newSink()
	w := start(t, sink, Options{}, Root{Path: dir})
	w.live()
	want := map[string]bool{}
	for i := range 30 {
		for j := range 5 {
			p := fmt.Sprintf("n%d/a/b%d/c/file", i, j)
			write(t, filepath.Join(dir, filepath.FromSlash(p)), "x\n")
			want[p] = true
		}
	}
	for len(want) > 0 {
		c := sink.next(t)
		if c.what != "examine" || !want[c.path] {
			t.Fatalf("got %s %s, unwanted or twice", c.what, c.path)
		}
		delete(want, c.path)
	}
	sink.none(t)
}

func TestRestartReadsOnlyWhatChanged(t *testing.T) {
	dir, sink := t.TempDir(), newSink()
	at := func(name string) string { return filepath.Join(dir, filepath.FromSlash(name)) }
	for _, name := range []string{"same", "grown", "sub/moved", "sub/removed", "rewritten", "replaced"} {
		write(t, at(name), "text of "+name+"\n")
	}
	w := start(t, sink, Options{}, Root{Path: dir})
	for range 6 {
		sink.next(t)
	}
	w.live()
	w.stop()
	sink.none(t)

	appendTo(t, at("grown"), "more\n")
	os.MkdirAll(at("other"), 0o755)
	rename(t, at("sub/moved"), at("other/moved"))
	os.Remove(at("sub/removed"))
	write(t, at("rewritten"), "brand new and longer than before\n")
	write(t, at("beside"), "another file\n")
	rename(t, at("beside"), at("replaced"))
	write(t, at("fresh"), "fresh\n")

	w = start(t, sink, Options{}, Root{Path: dir})
	want := map[string]string{
		"examine grown": "more\n", "moved other/moved": "", "gone sub/removed": "",
		"examine rewritten": "brand new and longer than before\n",
		"moved replaced":    "", "examine replaced": "another file\n", "examine fresh": "fresh\n",
	}
	for len(want) > 0 {
		c := sink.next(t)
		text, ok := want[c.what+" "+c.path]
		if !ok || text != c.text {
			t.Fatalf("got %s %s %q want one of %q", c.what, c.path, c.text, want)
		}
		delete(want, c.what+" "+c.path)
	}
	w.live()
	w.stop()
	sink.none(t)

	w = start(t, sink, Options{}, Root{Path: dir})
	w.live()
	sink.none(t)
}

func TestFileSystemThatRenumbers(t *testing.T) {
	dir, sink := t.TempDir(), newSink()
	write(t, filepath.Join(dir, "f"), "text\n")
	w := start(t, sink, Options{}, Root{Path: dir})
	sink.await(t, "examine", "f")
	w.live()
	w.stop()
	sink.set(func(s *fakeSink) {
		for k, m := range s.marks {
			m.ID.Dev += 7 // as after a reboot, on some file systems
			s.marks[k] = m
		}
	})
	w = start(t, sink, Options{}, Root{Path: dir})
	if c := sink.next(t); c.what != "moved" || c.from != "f" || c.path != "f" {
		t.Errorf("got %s %s want moved f", c.what, c.path)
	}
	w.live()
	appendTo(t, filepath.Join(dir, "f"), "more\n")
	if got, want := sink.await(t, "examine", "f").text, "more\n"; got != want {
		t.Errorf("got %q want %q", got, want)
	}
}

type deafSink struct{ *fakeSink }

func (deafSink) Known(context.Context, string) iter.Seq2[Mark, error] {
	return func(yield func(Mark, error) bool) { yield(Mark{}, errStore) }
}

var errStore = errors.New("store is closed")

func TestNoMarksNoWatch(t *testing.T) {
	w, err := New([]Root{{Path: t.TempDir()}}, deafSink{newSink()}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Run(t.Context()); !errors.Is(err, errStore) {
		t.Errorf("got %v want %v", err, errStore)
	}
}

func TestSinkFailureIsTriedAgain(t *testing.T) {
	dir, sink := t.TempDir(), newSink()
	sink.fail = errStore
	write(t, filepath.Join(dir, "f"), "text\n")
	w := start(t, sink, Options{}, Root{Path: dir})
	if got, want := sink.await(t, "trouble", "f").cause, Failed; got != want {
		t.Errorf("cause: got %s want %s", got, want)
	}
	sink.set(func(s *fakeSink) { s.fail = nil })
	if got, want := sink.await(t, "examine", "f").text, "text\n"; got != want {
		t.Errorf("got %q want %q", got, want)
	}
	if got, want := sink.await(t, "trouble", "f").cause, Recovered; got != want {
		t.Errorf("cause: got %s want %s", got, want)
	}
	w.until("no trouble", func(s RootStatus) bool { return s.Troubles == 0 })
}

func TestNewRefuses(t *testing.T) {
	for _, roots := range [][]Root{{{Path: "relative"}}, {{Path: "/a"}, {Path: "/a/"}}} {
		if _, err := New(roots, newSink(), Options{}); err == nil {
			t.Errorf("%v: got nil want an error", roots)
		}
	}
}
