//go:build linux

package filetree

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// setting lowers a kernel limit for the length of a test.
func setting(t *testing.T, name, value string) {
	t.Helper()
	path := "/proc/sys/fs/inotify/" + name
	old, err := os.ReadFile(path)
	if err == nil {
		err = os.WriteFile(path, []byte(value), 0)
	}
	if err != nil {
		t.Skipf("cannot set %s: only root may", name)
	}
	t.Cleanup(func() { os.WriteFile(path, old, 0) })
}

func TestQueueOverflow(t *testing.T) {
	setting(t, "max_queued_events", "4")
	dir, sink := t.TempDir(), newSink()
	w := start(t, sink, Options{}, Root{Path: dir})
	w.live()
	n := 0
	for end := time.Now().Add(deadline); w.Status()[0].Overflows == 0; n++ {
		if time.Now().After(end) {
			t.Fatal("no overflow")
		}
		write(t, filepath.Join(dir, fmt.Sprint("f", n)), "x\n")
	}
	for seen := map[string]bool{}; len(seen) < n; {
		c := sink.next(t)
		if c.what == "examine" {
			seen[c.path] = true
		}
	}
	if s := w.live(); s.Overflows == 0 || len(s.Reasons) != 0 {
		t.Errorf("after the walk: got %d overflows, reasons %v", s.Overflows, s.Reasons)
	}
}

// While lost events have not been made up for, the state says so.
func TestOverflowShows(t *testing.T) {
	k := newKeeper(Root{Path: t.TempDir()}, newSink(), Options{}.withDefaults(), newCrew(newSink(), Options{}), &watchBudget{}, false)
	now := time.Now()
	k.poll(t.Context(), now)
	defer k.detach()
	for k.trip.going() {
		k.step()
	}
	if s := k.status(); s.State != StateLive {
		t.Fatalf("before: got %s want live", s.State)
	}
	k.fault(overflowForTest)
	if s := k.status(); s.State != StatePolling || !slices.Equal(s.Reasons, []Reason{Overflow}) || s.Overflows != 1 {
		t.Errorf("after: got %s %v %d want polling, overflow, 1", s.State, s.Reasons, s.Overflows)
	}
	k.fault(overflowForTest) // during the walk: one more must follow
	for walks := 0; k.trip.going(); {
		before := k.lastWalk
		k.step()
		if k.lastWalk != before {
			walks++
		}
		if s := k.status(); k.trip.going() && s.State != StatePolling {
			t.Fatalf("walk %d: got %s want polling", walks, s.State)
		}
	}
	if s := k.status(); s.State != StateLive || k.trip.again {
		t.Errorf("in the end: got %s want live", s.State)
	}
}

func TestEventsEnd(t *testing.T) {
	dir, sink := t.TempDir(), newSink()
	k := newKeeper(Root{Path: dir}, sink, Options{}.withDefaults(), newCrew(sink, Options{}), &watchBudget{}, false)
	k.poll(t.Context(), time.Now())
	defer k.detach()
	for k.trip.going() {
		k.step()
	}
	k.at.notifier.close()
	_, ok := <-k.at.notifier.events()
	if ok {
		t.Fatal("an event after close")
	}
	k.fault(os.ErrClosed)
	if s := k.status(); s.State != StatePolling || !slices.Equal(s.Reasons, []Reason{NoEvents}) || s.Watches != 0 {
		t.Errorf("got %s %v %d watches want polling, no_events, 0", s.State, s.Reasons, s.Watches)
	}
}

func TestSystemWatchLimit(t *testing.T) {
	dir, sink := t.TempDir(), newSink()
	for i := range 40 {
		write(t, filepath.Join(dir, fmt.Sprint("d", i), "f"), "x\n")
	}
	setting(t, "max_user_watches", "20")
	w := start(t, sink, Options{PollEvery: 50 * time.Millisecond}, Root{Path: dir})
	s := w.until("polling", func(s RootStatus) bool { return s.State == StatePolling })
	if s.Watches > 20 || !slices.Equal(s.Reasons, []Reason{WatchLimit}) {
		t.Errorf("got %d watches, reasons %v want at most 20, watch_limit", s.Watches, s.Reasons)
	}
	for range 40 {
		sink.next(t)
	}
	for i := range 40 {
		appendTo(t, filepath.Join(dir, fmt.Sprint("d", i), "f"), "more\n")
	}
	for range 40 {
		if c := sink.next(t); c.text != "more\n" {
			t.Errorf("got %s %s %q", c.what, c.path, c.text)
		}
	}
}

func TestNoInotifyAtAll(t *testing.T) {
	setting(t, "max_user_instances", "0")
	dir, sink := t.TempDir(), newSink()
	write(t, filepath.Join(dir, "f"), "x\n")
	w := start(t, sink, Options{PollEvery: 50 * time.Millisecond}, Root{Path: dir})
	sink.await(t, "examine", "f")
	s := w.until("polling", func(s RootStatus) bool { return s.State == StatePolling })
	if !slices.Equal(s.Reasons, []Reason{NoEvents}) {
		t.Errorf("got %v want no_events", s.Reasons)
	}
	appendTo(t, filepath.Join(dir, "f"), "y\n")
	sink.await(t, "examine", "f")
}

// What is written through a memory map raises no event; the walk finds it.
func TestReconcileFindsWhatRaisedNoEvent(t *testing.T) {
	dir, sink := t.TempDir(), newSink()
	path := filepath.Join(dir, "f")
	write(t, path, "one\n")
	old := time.Now().Add(-time.Hour)
	os.Chtimes(path, old, old)
	start(t, sink, Options{ReconcileEvery: 50 * time.Millisecond}, Root{Path: dir}).live()
	sink.await(t, "examine", "f")
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	page, err := syscall.Mmap(int(f.Fd()), 0, 4, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED)
	if err != nil {
		t.Fatal(err)
	}
	copy(page, "two\n")
	if err := syscall.Munmap(page); err != nil {
		t.Fatal(err)
	}
	f.Sync()
	if got := sink.await(t, "examine", "f"); got.text != "two\n" || !got.job.Reset {
		t.Errorf("got %q reset=%v want two, true", got.text, got.job.Reset)
	}
}

// asNobody gives up root's right to read everything, for the whole process.
func asNobody(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		return
	}
	if err := syscall.Seteuid(65534); err != nil {
		t.Skip("cannot give up root")
	}
	t.Cleanup(func() { syscall.Seteuid(0) })
}

func open(t *testing.T, base string) string {
	t.Helper()
	for d := base; d != "/" && d != os.TempDir(); d = filepath.Dir(d) {
		os.Chmod(d, 0o755)
	}
	os.Chmod(base, 0o777)
	return base
}

func TestUnreadableIsNotClean(t *testing.T) {
	dir, sink := open(t, t.TempDir()), newSink()
	asNobody(t)
	write(t, filepath.Join(dir, "ok"), "x\n")
	write(t, filepath.Join(dir, "shut", "f"), "x\n")
	write(t, filepath.Join(dir, "file"), "x\n")
	os.Chmod(filepath.Join(dir, "shut"), 0)
	os.Chmod(filepath.Join(dir, "file"), 0)
	w := start(t, sink, Options{PollEvery: 50 * time.Millisecond}, Root{Path: dir})
	causes := map[string]Cause{}
	for len(causes) < 2 {
		if c := sink.next(t); c.what == "trouble" {
			causes[c.path] = c.cause
		}
	}
	if causes["shut"] != Unreadable || causes["file"] != Unreadable {
		t.Errorf("got %v want both unreadable", causes)
	}
	w.until("unreadable", func(s RootStatus) bool {
		return s.State == StateUnreadable && s.Unreadable == 2 && !s.LastReconcile.IsZero()
	})
	os.Chmod(filepath.Join(dir, "file"), 0o644)
	sink.await(t, "examine", "file")
	os.Chmod(filepath.Join(dir, "shut"), 0o755)
	sink.await(t, "examine", "shut/f")
	w.live()

	// A folder that becomes unreadable keeps what is known of it.
	os.Chmod(filepath.Join(dir, "shut"), 0)
	w.until("unreadable", func(s RootStatus) bool { return s.State == StateUnreadable })
	os.Chmod(filepath.Join(dir, "shut"), 0o755)
	s := w.live()
	if got, want := s.Files, 3; got != want {
		t.Errorf("files: got %d want %d", got, want)
	}
	for _, c := range drain(sink) {
		if c.what != "trouble" {
			t.Errorf("unwanted: %s %s", c.what, c.path)
		}
	}
}

func drain(s *fakeSink) (calls []call) {
	for {
		select {
		case c := <-s.calls:
			calls = append(calls, c)
		default:
			return calls
		}
	}
}

func TestUnreadableRoot(t *testing.T) {
	base, sink := open(t, t.TempDir()), newSink()
	dir := filepath.Join(base, "root")
	asNobody(t)
	write(t, filepath.Join(dir, "f"), "x\n")
	os.Chmod(dir, 0)
	w := start(t, sink, Options{PollEvery: 20 * time.Millisecond}, Root{Path: dir})
	if got, want := sink.await(t, "trouble", "").cause, Unreadable; got != want {
		t.Errorf("got %s want %s", got, want)
	}
	w.until("unreadable", func(s RootStatus) bool { return s.State == StateUnreadable })
	os.Chmod(dir, 0o755)
	sink.await(t, "examine", "f")
	w.live()
}

func TestNeverOpened(t *testing.T) {
	dir, outside, sink := t.TempDir(), t.TempDir(), newSink()
	write(t, filepath.Join(outside, "secret"), "x\n")
	at := func(name string) string { return filepath.Join(dir, name) }
	for from, to := range map[string]string{
		"loop": dir, "up": "..", "self": "self", "file": filepath.Join(outside, "secret"), "folder": outside, "inside": "real",
	} {
		if err := os.Symlink(to, at(from)); err != nil {
			t.Fatal(err)
		}
	}
	if err := syscall.Mkfifo(at("pipe"), 0o666); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("unix", at("socket"))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	write(t, at("real/f"), "x\n")
	w := start(t, sink, Options{}, Root{Path: dir})
	if c := sink.next(t); c.path != "real/f" {
		t.Errorf("got %s %s", c.what, c.path)
	}
	if s := w.live(); s.Files != 1 || s.Dirs != 2 {
		t.Errorf("got %d files, %d folders want 1, 2", s.Files, s.Dirs)
	}
	// A file that turns into a pipe or a link is gone, and nobody waits for it.
	os.Remove(at("real/f"))
	if err := syscall.Mkfifo(at("real/f"), 0o666); err != nil {
		t.Fatal(err)
	}
	sink.await(t, "gone", "real/f")
	os.RemoveAll(at("real"))
	os.Symlink(outside, at("real"))
	appendTo(t, filepath.Join(outside, "secret"), "y\n")
	write(t, at("marker"), "x\n")
	sink.await(t, "examine", "marker")
	if s := w.Status()[0]; s.Files != 1 || s.Dirs != 1 {
		t.Errorf("in the end: got %d files, %d folders want 1, 1", s.Files, s.Dirs)
	}
	sink.none(t)
}

// The name is swapped between the look and the opening.
func TestOpenOfSwappedName(t *testing.T) {
	dir := t.TempDir()
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	path := filepath.Join(dir, "f")
	write(t, path, "x")
	d, err := openFolder(root, "")
	if err != nil {
		t.Fatal(err)
	}
	defer d.close()
	info, err := d.lstat("f")
	if err != nil {
		t.Fatal(err)
	}
	swap := map[string]func(){
		"pipe":  func() { syscall.Mkfifo(path, 0o666) },
		"link":  func() { os.Symlink("/etc/hostname", path) },
		"other": func() { write(t, path, "y") },
		"dir":   func() { os.Mkdir(path, 0o755) },
	}
	keep := filepath.Join(dir, "keep") // holds the inode number, so that none of them gets it
	os.Link(path, keep)
	for name, put := range swap {
		os.RemoveAll(path)
		put()
		tk := task{root: root, path: "f", id: info.ID}
		if f, _, err := tk.open(); err == nil {
			f.Close()
			t.Errorf("%s: got nil want an error", name)
		}
		if f, err := d.open("f"); err == nil {
			if got, err := identify(f); err == nil && got.ID == info.ID {
				t.Errorf("%s: got the old file", name)
			}
			f.Close()
		} else if name != "link" {
			t.Errorf("%s: got %v: opening must not block, nor fail", name, err)
		}
	}
}

func TestRunLeavesNothingBehind(t *testing.T) {
	before := runtime.NumGoroutine()
	files := openFiles(t)
	for range 5 {
		dir, sink := t.TempDir(), newSink()
		sink.wait = make(chan struct{})
		for i := range 20 {
			write(t, filepath.Join(dir, fmt.Sprint("d", i), "slow"), "x\n")
		}
		w := start(t, sink, Options{}, Root{Path: dir}, Root{Path: filepath.Join(dir, "d3")}, Root{Path: "/none"})
		sink.next(t) // stopped in the middle of a read
		w.stop()
	}
	for end := time.Now().Add(deadline); runtime.NumGoroutine() > before; runtime.Gosched() {
		if time.Now().After(end) {
			buf := make([]byte, 1<<16)
			t.Fatalf("goroutines: got %d want %d\n%s", runtime.NumGoroutine(), before, buf[:runtime.Stack(buf, true)])
		}
	}
	if got := openFiles(t); got > files {
		t.Errorf("open files: got %d want %d", got, files)
	}
}

func openFiles(t *testing.T) int {
	t.Helper()
	names, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Skip("no /proc here")
	}
	return len(names)
}

func TestUnmountedBelowRoot(t *testing.T) {
	dir, sink := t.TempDir(), newSink()
	at := filepath.Join(dir, "m")
	os.Mkdir(at, 0o755)
	if err := syscall.Mount("none", at, "tmpfs", 0, "size=1m"); err != nil {
		t.Skip("cannot mount: only root may")
	}
	mounted := true
	defer func() {
		if mounted {
			syscall.Unmount(at, syscall.MNT_DETACH)
		}
	}()
	write(t, filepath.Join(at, "f"), "x\n")
	w := start(t, sink, Options{PollEvery: 20 * time.Millisecond}, Root{Path: dir})
	sink.await(t, "examine", "m/f")
	if s := w.live(); s.Mounts != 1 {
		t.Errorf("mounts: got %d want 1", s.Mounts)
	}
	if err := syscall.Unmount(at, syscall.MNT_DETACH); err != nil {
		t.Fatal(err)
	}
	mounted = false
	sink.await(t, "gone", "m/f")
	write(t, filepath.Join(at, "below"), "x\n")
	sink.await(t, "examine", "m/below")
}

func TestBindMountIsReadOnce(t *testing.T) {
	dir, sink := t.TempDir(), newSink()
	write(t, filepath.Join(dir, "a", "f"), "x\n")
	at := filepath.Join(dir, "b")
	os.Mkdir(at, 0o755)
	if err := syscall.Mount(filepath.Join(dir, "a"), at, "", syscall.MS_BIND, ""); err != nil {
		t.Skip("cannot mount: only root may")
	}
	defer syscall.Unmount(at, syscall.MNT_DETACH)
	w := start(t, sink, Options{}, Root{Path: dir})
	first := sink.next(t)
	if !strings.HasSuffix(first.path, "/f") {
		t.Errorf("got %s %s", first.what, first.path)
	}
	w.live()
	appendTo(t, filepath.Join(at, "f"), "y\n")
	if got, want := sink.await(t, "examine", first.path).text, "y\n"; got != want {
		t.Errorf("got %q want %q", got, want)
	}
	sink.none(t)
}

// TestUnmountedRootAtStart begins to watch the empty folder that a disk is
// mounted on: its files are away, not gone, and are read on when it is back.
func TestUnmountedRootAtStart(t *testing.T) {
	base, sink := t.TempDir(), newSink()
	disk, dir := filepath.Join(base, "disk"), filepath.Join(base, "root")
	os.Mkdir(disk, 0o755)
	os.Mkdir(dir, 0o755)
	mount := func(from, at, kind string, flags uintptr) {
		t.Helper()
		if err := syscall.Mount(from, at, kind, flags, ""); err != nil {
			t.Skip("cannot mount: only root may")
		}
		t.Cleanup(func() { syscall.Unmount(at, syscall.MNT_DETACH) })
	}
	mount("none", disk, "tmpfs", 0)
	mount(disk, dir, "", syscall.MS_BIND)
	write(t, filepath.Join(dir, "f"), "one\n")
	w := start(t, sink, Options{}, Root{Path: dir})
	sink.await(t, "examine", "f")
	w.live()
	w.stop()
	if err := syscall.Unmount(dir, 0); err != nil {
		t.Fatal(err)
	}
	w = start(t, sink, Options{PollEvery: 20 * time.Millisecond}, Root{Path: dir})
	w.until("vanished", func(s RootStatus) bool { return s.State == StateVanished })
	if c := sink.next(t); c.what != "trouble" || c.cause != Vanished {
		t.Errorf("got %s %s %s, want trouble vanished", c.what, c.path, c.cause)
	}
	sink.none(t)
	appendTo(t, filepath.Join(disk, "f"), "two\n")
	mount(disk, dir, "", syscall.MS_BIND)
	if got, want := sink.await(t, "examine", "f").text, "two\n"; got != want {
		t.Errorf("got %q want %q", got, want)
	}
}
