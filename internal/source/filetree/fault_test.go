package filetree

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"
)

func TestWatchLimitPollsTheRest(t *testing.T) {
	dir, sink := t.TempDir(), newSink()
	for i := range 10 {
		write(t, filepath.Join(dir, fmt.Sprint("d", i), "f"), "x\n")
	}
	w := start(t, sink, Options{WatchLimit: 4, PollEvery: 50 * time.Millisecond}, Root{Path: dir})
	for range 10 {
		sink.next(t)
	}
	s := w.until("polling", func(s RootStatus) bool { return s.State == StatePolling })
	if s.Watches != 4 || !slices.Equal(s.Reasons, []Reason{WatchLimit}) || s.Dirs != 11 {
		t.Errorf("got %d watches of %d, reasons %v want 4 of 11, watch_limit", s.Watches, s.Dirs, s.Reasons)
	}
	for i := range 10 {
		appendTo(t, filepath.Join(dir, fmt.Sprint("d", i), "f"), "more\n")
	}
	for range 10 {
		if c := sink.next(t); c.what != "examine" || c.text != "more\n" {
			t.Errorf("got %s %s %q", c.what, c.path, c.text)
		}
	}
	write(t, filepath.Join(dir, "d9", "new", "deep", "f"), "x\n")
	sink.await(t, "examine", "d9/new/deep/f")
	// Watches that become free go to folders that had none.
	for i := range 8 {
		os.RemoveAll(filepath.Join(dir, fmt.Sprint("d", i)))
	}
	os.RemoveAll(filepath.Join(dir, "d9"))
	w.until("live", func(s RootStatus) bool { return s.State == StateLive && s.Watches == 2 })
}

func TestRootVanishesAndReturns(t *testing.T) {
	base, sink := t.TempDir(), newSink()
	dir, away := filepath.Join(base, "root"), filepath.Join(base, "away")
	write(t, filepath.Join(dir, "sub", "f"), "one\n")
	w := start(t, sink, Options{PollEvery: 20 * time.Millisecond}, Root{Path: dir})
	sink.await(t, "examine", "sub/f")
	w.live()
	rename(t, dir, away)
	if got, want := sink.await(t, "trouble", "").cause, Vanished; got != want {
		t.Errorf("cause: got %s want %s", got, want)
	}
	w.until("vanished", func(s RootStatus) bool { return s.State == StateVanished })
	appendTo(t, filepath.Join(away, "sub", "f"), "two\n")
	rename(t, away, dir)
	if got, want := sink.await(t, "trouble", "").cause, Recovered; got != want {
		t.Errorf("cause: got %s want %s", got, want)
	}
	if got, want := sink.await(t, "examine", "sub/f").text, "two\n"; got != want {
		t.Errorf("got %q want %q", got, want)
	}
	w.live()

	// Another folder takes the name at once: what was in the first is gone.
	rename(t, dir, away)
	write(t, filepath.Join(dir, "other"), "x\n")
	sink.await(t, "gone", "sub/f")
	w.live()
	appendTo(t, filepath.Join(dir, "other"), "y\n")
	sink.await(t, "examine", "other")
}

func TestRootThatIsNotThereYet(t *testing.T) {
	dir, sink := filepath.Join(t.TempDir(), "root"), newSink()
	w := start(t, sink, Options{PollEvery: 20 * time.Millisecond}, Root{Path: dir})
	w.until("vanished", func(s RootStatus) bool { return s.State == StateVanished })
	write(t, filepath.Join(dir, "f"), "x\n")
	sink.await(t, "examine", "f")
	w.live()
}

func TestFileInPlaceOfRoot(t *testing.T) {
	dir, sink := filepath.Join(t.TempDir(), "root"), newSink()
	write(t, dir, "a file")
	w := start(t, sink, Options{PollEvery: 20 * time.Millisecond}, Root{Path: dir})
	w.until("vanished", func(s RootStatus) bool { return s.State == StateVanished })
}

func TestBigFilesHoldNobodyUp(t *testing.T) {
	one, two, sink := t.TempDir(), t.TempDir(), newSink()
	sink.wait = make(chan struct{})
	for i := range 8 {
		write(t, filepath.Join(one, fmt.Sprint("slow", i)), "0123456789 more than counts as big here\n")
	}
	write(t, filepath.Join(one, "quick"), "x\n")
	write(t, filepath.Join(two, "quick"), "x\n")
	w := start(t, sink, Options{BigFile: 10}, Root{Path: one}, Root{Path: two})
	for began := 0; began < 2; {
		if sink.next(t).what == "begin" {
			began++ // as many as one of two roots may have at once
		}
	}
	for range 5 {
		appendTo(t, filepath.Join(two, "quick"), "y\n")
		sink.await(t, "examine", "quick")
		appendTo(t, filepath.Join(one, "quick"), "y\n")
		sink.await(t, "examine", "quick")
	}
	if got := w.Status()[0].Queued; got < 8 {
		t.Errorf("queued: got %d want 8 or more", got)
	}
	close(sink.wait)
	for range 8 {
		for sink.next(t).what != "examine" {
		}
	}
}

func TestFileShrinksWhileRead(t *testing.T) {
	dir, sink := t.TempDir(), newSink()
	sink.wait = make(chan struct{})
	path := filepath.Join(dir, "slow")
	write(t, path, "a long line that will not be there\n")
	w := start(t, sink, Options{}, Root{Path: dir})
	sink.await(t, "begin", "slow")
	os.Truncate(path, 3)
	close(sink.wait)
	c := sink.await(t, "examine", "slow")
	if got, want := c.text, "a l"; got != want {
		t.Errorf("got %q want %q", got, want)
	}
	write(t, filepath.Join(dir, "other"), "x\n")
	sink.await(t, "examine", "other")
	w.live()
}

func TestFileVanishesWhileRead(t *testing.T) {
	dir, sink := t.TempDir(), newSink()
	sink.wait = make(chan struct{})
	path := filepath.Join(dir, "slow")
	write(t, path, "text\n")
	w := start(t, sink, Options{}, Root{Path: dir})
	sink.await(t, "begin", "slow")
	os.Remove(path)
	close(sink.wait)
	sink.await(t, "examine", "slow") // an open file can be read to its end
	sink.await(t, "gone", "slow")
	w.live()
}

func TestFileRenamedWhileRead(t *testing.T) {
	dir, sink := t.TempDir(), newSink()
	sink.wait = make(chan struct{})
	write(t, filepath.Join(dir, "slow"), "text\n")
	w := start(t, sink, Options{}, Root{Path: dir})
	sink.await(t, "begin", "slow")
	rename(t, filepath.Join(dir, "slow"), filepath.Join(dir, "renamed"))
	// The keeper has seen the rename when it has seen what came after it.
	write(t, filepath.Join(dir, "later"), "x\n")
	sink.await(t, "examine", "later")
	close(sink.wait)
	sink.await(t, "examine", "slow")
	if got, want := sink.await(t, "moved", "renamed").from, "slow"; got != want {
		t.Errorf("got from %q want %q", got, want)
	}
	w.live()
	sink.none(t)
}

func TestSkipByPathAndIdentity(t *testing.T) {
	dir, sink := t.TempDir(), newSink()
	for _, p := range []string{"own/f", "data/f", "sub/f"} {
		write(t, filepath.Join(dir, filepath.FromSlash(p)), "x\n")
	}
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(filepath.Join(dir, "data"), link); err != nil {
		t.Fatal(err)
	}
	w := start(t, sink, Options{}, Root{Path: dir, Skip: []string{filepath.Join(dir, "own"), link}})
	sink.await(t, "examine", "sub/f")
	if s := w.live(); s.Dirs != 2 || s.Files != 1 {
		t.Errorf("got %d folders, %d files want 2, 1", s.Dirs, s.Files)
	}
	rename(t, filepath.Join(dir, "data"), filepath.Join(dir, "sub", "elsewhere"))
	write(t, filepath.Join(dir, "marker"), "x\n")
	sink.await(t, "examine", "marker")
	w.until("the move to be seen", func(s RootStatus) bool { return s.Files == 2 })
	sink.none(t)
}

func TestRootInsideAnother(t *testing.T) {
	outer, sink := t.TempDir(), newSink()
	inner := filepath.Join(outer, "in")
	write(t, filepath.Join(inner, "f"), "x\n")
	write(t, filepath.Join(outer, "g"), "x\n")
	w := start(t, sink, Options{}, Root{Path: outer}, Root{Path: inner})
	got := map[string]string{}
	for range 2 {
		c := sink.next(t)
		got[c.path] = c.job.Root
	}
	if got["f"] != inner || got["g"] != outer {
		t.Errorf("got %v", got)
	}
	w.live()
	sink.none(t)
}

// A log written a hundred times a second is read soon after each line, and not
// more than about ten times a second.
func TestBusyLog(t *testing.T) {
	dir, sink := t.TempDir(), newSink()
	path := filepath.Join(dir, "busy.log")
	write(t, path, "")
	w := start(t, sink, Options{}, Root{Path: dir})
	sink.await(t, "examine", "busy.log")
	w.live()
	const lines = 200
	var mu sync.Mutex
	var wrote []time.Time
	var writer sync.WaitGroup
	began := time.Now()
	writer.Go(func() {
		tick := time.NewTicker(10 * time.Millisecond)
		defer tick.Stop()
		for i := range lines {
			<-tick.C
			appendTo(t, path, fmt.Sprintf("%06d\n", i))
			mu.Lock()
			wrote = append(wrote, time.Now())
			mu.Unlock()
		}
	})
	var late []time.Duration
	reads := 0
	for read := 0; read < lines; reads++ {
		c := sink.await(t, "examine", "busy.log")
		n := len(c.text) / 7
		mu.Lock()
		for i := read; i < min(read+n, len(wrote)); i++ {
			late = append(late, c.at.Sub(wrote[i]))
		}
		mu.Unlock()
		read += n
	}
	writer.Wait()
	took := time.Since(began)
	slices.Sort(late)
	t.Logf("%d reads in %v; write to read: p50 %v, p99 %v, worst %v", reads, took.Round(time.Millisecond),
		late[len(late)/2], late[len(late)*99/100], late[len(late)-1])
	if most := int(took/(100*time.Millisecond)) + 2; reads > most {
		t.Errorf("reads: got %d want %d at most", reads, most)
	}
	if reads < 5 {
		t.Errorf("reads: got %d, so lines waited for the log to rest", reads)
	}
}

// TestRootThatLeadsIntoSkipped watches a link into a folder to skip: it is not
// read, and not called clean.
func TestRootThatLeadsIntoSkipped(t *testing.T) {
	base := t.TempDir()
	own, link := filepath.Join(base, "data"), filepath.Join(base, "pos")
	write(t, filepath.Join(own, "deep", "stanch.db-wal"), "x\n")
	if err := os.Symlink(filepath.Join(own, "deep"), link); err != nil {
		t.Skip(err)
	}
	w := start(t, newSink(), Options{}, Root{Path: link, Skip: []string{own}})
	w.until("unreadable", func(s RootStatus) bool { return s.State == StateUnreadable && s.Files == 0 })
}
