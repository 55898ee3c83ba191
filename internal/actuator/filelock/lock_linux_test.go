package filelock_test

import (
	"archive/zip"
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/stanch/stanch/card/cardtest"
	"github.com/stanch/stanch/internal/actuator/filelock"
	"github.com/stanch/stanch/internal/containment"
)

// A yard is a watch root with a lock over it.
type yard struct {
	*filelock.Lock
	root string
}

func newYard(t *testing.T) *yard {
	t.Helper()
	root := t.TempDir()
	y := &yard{&filelock.Lock{}, root}
	y.Roots = func() []string { return []string{y.root} }
	return y
}

func (y *yard) at(path string) containment.Where {
	return containment.Where{Root: y.root, Path: filepath.Join(y.root, path)}
}

func (y *yard) write(t *testing.T, path, text string) string {
	t.Helper()
	whole := filepath.Join(y.root, path)
	if err := os.MkdirAll(filepath.Dir(whole), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(whole, []byte(text), 0o640); err != nil {
		t.Fatal(err)
	}
	return whole
}

func (y *yard) inspect(t *testing.T, path string) containment.Fingerprint {
	t.Helper()
	seen, err := y.Inspect(t.Context(), y.at(path), containment.Remove)
	if err != nil {
		t.Fatal(err)
	}
	return seen.Print
}

func wantFault(t *testing.T, err error, word string) {
	t.Helper()
	var fault *containment.Fault
	if !errors.As(err, &fault) || fault.Word != word {
		t.Errorf("got %v, want fault %s", err, word)
	}
}

func leak() string {
	var out strings.Builder
	for n := range uint64(20) {
		fmt.Fprintf(&out, "sale %d card %s\n", n, cardtest.Number("visa", 16, n))
	}
	return out.String()
}

var options = containment.Options{Mark: "plan1x0"}

func TestInspectRefuses(t *testing.T) {
	y := newYard(t)
	outside := filepath.Join(t.TempDir(), "secret.log")
	if err := os.WriteFile(outside, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	y.write(t, "bin/tool", "\x7fELF\x02\x01\x01")
	y.write(t, "bin/tool.exe", "MZ")
	y.write(t, "bin/run.sh", "#!/bin/sh\n"+leak())
	y.write(t, "bin/note.sh", "#!/bin/sh\n")
	y.write(t, "lib/x.so.1", "x")
	y.write(t, "db/sales", "SQLite format 3\x00"+leak())
	y.write(t, "db/sales.mdb", leak())
	y.write(t, "pg/PG_VERSION", "17")
	y.write(t, "pg/base/1/1249", leak())
	y.write(t, "own/evidence.txt", leak())
	y.Own = []string{filepath.Join(y.root, "own")}
	check(t, os.Chmod(filepath.Join(y.root, "bin/run.sh"), 0o755))
	check(t, os.Symlink(outside, filepath.Join(y.root, "link.log")))
	check(t, os.Symlink(filepath.Dir(outside), filepath.Join(y.root, "dir")))
	check(t, unix.Mkfifo(filepath.Join(y.root, "pipe"), 0o600))
	check(t, os.Mkdir(filepath.Join(y.root, "folder"), 0o700))
	tests := []struct{ path, want string }{
		{"none.log", containment.FaultGone},
		{"bin/tool", containment.FaultProgram},
		{"bin/tool.exe", containment.FaultProgram},
		{"bin/run.sh", containment.FaultProgram},
		{"bin/note.sh", ""},
		{"lib/x.so.1", containment.FaultProgram},
		{"db/sales", containment.FaultDatabase},
		{"db/sales.mdb", containment.FaultDatabase},
		{"pg/base/1/1249", containment.FaultDatabase},
		{"own/evidence.txt", containment.FaultOwn},
		{"link.log", containment.FaultLink},
		{"dir/secret.log", containment.FaultLink},
		{"pipe", containment.FaultNotFile},
		{"folder", containment.FaultNotFile},
	}
	for _, tt := range tests {
		t.Run(tt.path, func(t *testing.T) {
			_, err := y.Inspect(t.Context(), y.at(tt.path), containment.Remove)
			if tt.want != "" {
				wantFault(t, err, tt.want)
			} else if err != nil {
				t.Errorf("got %v, want none", err)
			}
		})
	}
	for _, at := range []containment.Where{
		{Root: y.root, Path: "/etc/passwd"}, {Root: y.root, Path: "../x"}, {Root: y.root, Path: y.root}, {Root: "/etc", Path: "/etc/passwd"},
	} {
		_, err := y.Inspect(t.Context(), at, "")
		wantFault(t, err, containment.FaultOutside)
	}
	// A seal only reads, so it may copy a database.
	if _, err := y.Inspect(t.Context(), y.at("db/sales"), ""); err != nil {
		t.Errorf("got %v, want a database to be sealed", err)
	}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestMaskedNameIsFound(t *testing.T) {
	y := newYard(t)
	number := cardtest.Number("visa", 16, 7)
	y.write(t, number+"/list-"+number+".txt", leak())
	shown := strings.ReplaceAll(number, number[6:12], "******")
	at := containment.Where{Root: y.root, Path: filepath.Join(y.root, shown, "list-"+shown+".txt")}
	seen, err := y.Inspect(t.Context(), at, containment.Remove)
	if err != nil {
		t.Fatal(err)
	}
	if raw, err := json.Marshal(seen); err != nil || bytes.Contains(raw, []byte(number)) {
		t.Errorf("got %s, %v; want the number masked", raw, err)
	}
	check(t, y.Remove(t.Context(), at, seen.Print, options))
	twin := strings.Replace(number, number[6:8], "11", 1)
	if twin == number {
		t.Skip("the numbers fell together")
	}
	y.write(t, number+"/list-"+number+".txt", leak())
	if y.write(t, number+"/list-"+cardtest.Number("visa", 16, 8)+".txt", leak()); cardtest.Number("visa", 16, 8)[12:] == number[12:] {
		_, err = y.Inspect(t.Context(), at, containment.Remove)
		wantFault(t, err, containment.FaultAmbiguous)
	}
}

func TestRemoveOnlyWhatWasApproved(t *testing.T) {
	tests := []struct {
		name   string
		change func(t *testing.T, y *yard)
		want   string
	}{
		{"appended", func(t *testing.T, y *yard) {
			f, err := os.OpenFile(filepath.Join(y.root, "a.log"), os.O_APPEND|os.O_WRONLY, 0)
			check(t, err)
			_, err = f.WriteString("more")
			check(t, errors.Join(err, f.Close()))
		}, containment.FaultChanged},
		{"same size, same time, other bytes", func(t *testing.T, y *yard) {
			path := filepath.Join(y.root, "a.log")
			info, err := os.Stat(path)
			check(t, err)
			text := []byte(leak())
			text[0] ^= 1
			f, err := os.OpenFile(path, os.O_WRONLY, 0)
			check(t, err)
			_, err = f.Write(text)
			check(t, errors.Join(err, f.Close(), os.Chtimes(path, info.ModTime(), info.ModTime())))
		}, containment.FaultChanged},
		{"replaced by another file", func(t *testing.T, y *yard) {
			check(t, os.Rename(filepath.Join(y.root, "a.log"), filepath.Join(y.root, "a.log.1")))
			y.write(t, "a.log", leak())
		}, containment.FaultChanged},
		{"replaced by a link", func(t *testing.T, y *yard) {
			check(t, os.Rename(filepath.Join(y.root, "a.log"), filepath.Join(y.root, "a.log.1")))
			check(t, os.Symlink("a.log.1", filepath.Join(y.root, "a.log")))
		}, containment.FaultChanged},
		{"folder replaced by a link", func(t *testing.T, y *yard) {
			check(t, os.Rename(filepath.Join(y.root, "sub"), filepath.Join(y.root, "other")))
			check(t, os.Symlink("other", filepath.Join(y.root, "sub")))
		}, containment.FaultChanged},
		{"another hard link", func(t *testing.T, y *yard) {
			check(t, os.Link(filepath.Join(y.root, "sub/b.log"), filepath.Join(y.root, "new.log")))
		}, containment.FaultChanged},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			y := newYard(t)
			y.write(t, "a.log", leak())
			y.write(t, "sub/b.log", leak())
			check(t, os.Link(filepath.Join(y.root, "sub/b.log"), filepath.Join(y.root, "b2.log")))
			path := "a.log"
			if strings.Contains(tt.name, "folder") || strings.Contains(tt.name, "hard") {
				path = "sub/b.log"
			}
			want := y.inspect(t, path)
			tt.change(t, y)
			before := tree(t, y.root)
			wantFault(t, y.Remove(t.Context(), y.at(path), want, options), tt.want)
			if after := tree(t, y.root); after != before {
				t.Errorf("got\n%swant nothing changed:\n%s", after, before)
			}
		})
	}
}

// tree lists names, kinds and contents below a folder.
func tree(t *testing.T, root string) string {
	t.Helper()
	var out strings.Builder
	check(t, filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		fmt.Fprintf(&out, "%s %s", strings.TrimPrefix(path, root), d.Type())
		if d.Type().IsRegular() {
			raw, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			fmt.Fprintf(&out, " %x", raw[:min(8, len(raw))])
		}
		out.WriteString("\n")
		return nil
	}))
	return out.String()
}

// TestRemoveRace swaps the file for a link and back as fast as it can while a
// removal is tried. Whatever happens, a file outside is never touched, and the
// original is either gone by our hand or still there.
func TestRemoveRace(t *testing.T) {
	y := newYard(t)
	secret := filepath.Join(t.TempDir(), "keep")
	check(t, os.WriteFile(secret, []byte("keep"), 0o600))
	path, aside := filepath.Join(y.root, "a.log"), filepath.Join(y.root, "aside")
	for round := range 60 {
		y.write(t, "a.log", leak())
		want := y.inspect(t, "a.log")
		stop, done := make(chan bool), make(chan bool)
		go func() {
			defer close(done)
			for {
				select {
				case <-stop:
					return
				default:
				}
				if unix.Renameat2(unix.AT_FDCWD, path, unix.AT_FDCWD, aside, unix.RENAME_NOREPLACE) != nil {
					continue
				}
				_ = os.Symlink(secret, path)
				_ = os.Remove(path)
				_ = unix.Renameat2(unix.AT_FDCWD, aside, unix.AT_FDCWD, path, unix.RENAME_NOREPLACE)
			}
		}()
		err := y.Remove(t.Context(), y.at("a.log"), want, options)
		close(stop)
		<-done
		if got, err := os.ReadFile(secret); err != nil || string(got) != "keep" {
			t.Fatalf("round %d: got %q, %v; want the file outside untouched", round, got, err)
		}
		original := ""
		for _, name := range entries(t, y.root) {
			if got, err := os.ReadFile(filepath.Join(y.root, name)); err == nil && string(got) == leak() {
				original = name
			}
			_ = os.Remove(filepath.Join(y.root, name))
		}
		if (err == nil) != (original == "") {
			t.Fatalf("round %d: got %v with the original under %q", round, err, original)
		}
	}
}

func entries(t *testing.T, dir string) []string {
	t.Helper()
	all, err := os.ReadDir(dir)
	check(t, err)
	var names []string
	for _, e := range all {
		names = append(names, e.Name())
	}
	return names
}

func TestHardLinks(t *testing.T) {
	y := newYard(t)
	y.write(t, "a.log", leak())
	check(t, os.MkdirAll(filepath.Join(y.root, "old"), 0o755))
	check(t, os.Link(filepath.Join(y.root, "a.log"), filepath.Join(y.root, "old/b.log")))
	away := filepath.Join(filepath.Dir(y.root), "away")
	check(t, os.MkdirAll(away, 0o755))
	check(t, os.Link(filepath.Join(y.root, "a.log"), filepath.Join(away, "c.log")))
	want := y.inspect(t, "a.log")
	links := []string{filepath.Join(y.root, "a.log"), filepath.Join(y.root, "old/b.log")}
	if !slices.Equal(want.Links, links) || want.Elsewhere != 1 {
		t.Fatalf("got links %v and %d elsewhere; want %v and 1", want.Links, want.Elsewhere, links)
	}
	copied, err := y.Prepare(t.Context(), y.at("a.log"), want, options)
	check(t, err)
	check(t, y.Swap(t.Context(), y.at("a.log"), want, copied, options))
	a, err := os.ReadFile(links[0])
	check(t, err)
	b, err := os.ReadFile(links[1])
	check(t, err)
	if !bytes.Equal(a, b) || strings.Contains(string(a), cardtest.Number("visa", 16, 1)) {
		t.Error("got names that are not both masked")
	}
	var sa, sb unix.Stat_t
	check(t, unix.Stat(links[0], &sa))
	if check(t, unix.Stat(links[1], &sb)); sa.Ino != sb.Ino {
		t.Error("got two files, want two names of one")
	}
	now := y.inspect(t, "a.log")
	check(t, y.Remove(t.Context(), y.at("a.log"), now, options))
	if got := tree(t, y.root); strings.Contains(got, "log") {
		t.Errorf("got %s, want both names gone", got)
	}
}

// TestBindMount needs a mount namespace of its own, so it runs itself again.
func TestBindMount(t *testing.T) {
	if os.Getenv("FILELOCK_BIND") == "" {
		if os.Getuid() != 0 {
			t.Skip("needs root")
		}
		cmd := exec.Command("unshare", "-m", "--propagation", "private", os.Args[0], "-test.run=^TestBindMount$", "-test.v")
		cmd.Env = append(os.Environ(), "FILELOCK_BIND=1")
		out, err := cmd.CombinedOutput()
		if err != nil || !bytes.Contains(out, []byte("--- PASS")) {
			t.Fatalf("got %v\n%s", err, out)
		}
		return
	}
	y := newYard(t)
	outside := t.TempDir()
	check(t, os.WriteFile(filepath.Join(outside, "a.log"), []byte(leak()), 0o600))
	check(t, os.Mkdir(filepath.Join(y.root, "mnt"), 0o755))
	check(t, unix.Mount(outside, filepath.Join(y.root, "mnt"), "", unix.MS_BIND, ""))
	defer unix.Unmount(filepath.Join(y.root, "mnt"), 0)
	_, err := y.Inspect(t.Context(), y.at("mnt/a.log"), containment.Remove)
	wantFault(t, err, containment.FaultMount)
	// A file that something is mounted on is not the file of that name.
	y.write(t, "b.log", leak())
	check(t, unix.Mount(filepath.Join(outside, "a.log"), filepath.Join(y.root, "b.log"), "", unix.MS_BIND, ""))
	defer unix.Unmount(filepath.Join(y.root, "b.log"), 0)
	_, err = y.Inspect(t.Context(), y.at("b.log"), containment.Remove)
	wantFault(t, err, containment.FaultMount)
}

func TestHolderIsNamed(t *testing.T) {
	y := newYard(t)
	path := y.write(t, "live.log", leak())
	y.write(t, "live.log.1", leak())
	want := y.inspect(t, "live.log")
	cmd := exec.Command("sleep", "60")
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	check(t, err)
	cmd.Stdout = f
	check(t, cmd.Start())
	f.Close()
	defer cmd.Wait()
	defer cmd.Process.Kill()
	waitFor(t, func() bool { // until the child has become sleep
		comm, err := os.ReadFile(fmt.Sprintf("/proc/%d/comm", cmd.Process.Pid))
		return err == nil && strings.TrimSpace(string(comm)) == "sleep"
	})
	seen, err := y.Inspect(t.Context(), y.at("live.log"), containment.Remove)
	check(t, err)
	if len(seen.Holders) != 1 || seen.Holders[0] != (containment.Holder{PID: cmd.Process.Pid, Name: "sleep", Writes: true}) {
		t.Errorf("got holders %v, want sleep, writing", seen.Holders)
	}
	if seen.Advice == nil || seen.Advice.Old != 1 {
		t.Errorf("got advice %v, want one with one older generation", seen.Advice)
	}
	wantFault(t, y.Remove(t.Context(), y.at("live.log"), want, options), containment.FaultWriters)
	if _, err := os.Stat(path); err != nil {
		t.Errorf("got %v, want the file in its place", err)
	}
	forced := options
	forced.Writers = true
	check(t, y.Remove(t.Context(), y.at("live.log"), want, forced))
}

// TestWriterBehindManyReaders begins to write after more processes read than
// are listed.
func TestWriterBehindManyReaders(t *testing.T) {
	y := newYard(t)
	path := y.write(t, "live.log", leak())
	want := y.inspect(t, "live.log")
	hold := func(flags int) {
		f, err := os.OpenFile(path, flags, 0)
		check(t, err)
		defer f.Close()
		cmd := exec.Command("sleep", "60")
		cmd.ExtraFiles = []*os.File{f}
		check(t, cmd.Start())
		t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	}
	for range 60 {
		hold(os.O_RDONLY)
	}
	hold(os.O_APPEND | os.O_WRONLY)
	seen, err := y.Inspect(t.Context(), y.at("live.log"), containment.Remove)
	check(t, err)
	if n := len(seen.Holders); n != 50 || !seen.Holders[0].Writes || seen.Holders[1].Writes {
		t.Errorf("got %d holders, the first %+v; want 50, the writer first", n, seen.Holders[0])
	}
	wantFault(t, y.Remove(t.Context(), y.at("live.log"), want, options), containment.FaultWriters)
}

func waitFor(t *testing.T, ready func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !ready(); {
		if time.Now().After(deadline) {
			t.Fatal("nothing came")
		}
		time.Sleep(time.Millisecond)
	}
}

// dress gives a file an owner, a mode, an ACL, an attribute and a time.
func dress(t *testing.T, path string) {
	t.Helper()
	if os.Getuid() == 0 {
		check(t, os.Chown(path, 65534, 65534))
	}
	check(t, os.Chmod(path, 0o640))
	check(t, unix.Setxattr(path, "user.till", []byte("7\x00\xff"), 0))
	acl := []byte{2, 0, 0, 0}
	for _, e := range [][3]uint32{{1, 6, ^uint32(0)}, {2, 4, 1000}, {4, 4, ^uint32(0)}, {16, 4, ^uint32(0)}, {32, 0, ^uint32(0)}} {
		acl = append(acl, byte(e[0]), 0, byte(e[1]), 0, byte(e[2]), byte(e[2]>>8), byte(e[2]>>16), byte(e[2]>>24))
	}
	check(t, unix.Setxattr(path, "system.posix_acl_access", acl, 0))
	when := time.Date(2025, 11, 3, 4, 5, 6, 123456789, time.UTC)
	check(t, os.Chtimes(path, when, when))
}

// look returns all that an undo has to bring back.
func look(t *testing.T, path string) string {
	t.Helper()
	var st unix.Stat_t
	check(t, unix.Lstat(path, &st))
	raw, err := os.ReadFile(path)
	check(t, err)
	out := fmt.Sprintf("%o %d %d %d %x", st.Mode, st.Uid, st.Gid, st.Mtim.Nano(), raw)
	for _, key := range []string{"user.till", "system.posix_acl_access"} {
		value := make([]byte, 1024)
		n, err := unix.Getxattr(path, key, value)
		out += fmt.Sprintf(" %x %v", value[:max(n, 0)], err)
	}
	return out
}

type kept struct {
	meta    json.RawMessage
	content []byte
}

func (y *yard) capture(t *testing.T, path string, want containment.Fingerprint) kept {
	t.Helper()
	var k kept
	err := y.Capture(t.Context(), y.at(path), want, func(meta json.RawMessage, size int64, r io.Reader) (err error) {
		k.meta = meta
		k.content, err = io.ReadAll(r)
		if int64(len(k.content)) != size {
			t.Errorf("got %d bytes, want %d", len(k.content), size)
		}
		return err
	})
	check(t, err)
	return k
}

func (y *yard) restore(t *testing.T, path string, want containment.Fingerprint, k kept, present *containment.Fingerprint) (string, error) {
	t.Helper()
	return y.Restore(t.Context(), containment.Restoration{
		At: y.at(path), SHA256: want.SHA256, Meta: k.meta, Content: bytes.NewReader(k.content), Present: present, Mark: options.Mark,
	})
}

func TestUndoIsBitForBit(t *testing.T) {
	for _, mode := range []containment.Mode{containment.Remove, containment.Mask} {
		t.Run(string(mode), func(t *testing.T) {
			y := newYard(t)
			path := y.write(t, "shop/a.log", leak())
			dress(t, path)
			before := look(t, path)
			want := y.inspect(t, "shop/a.log")
			k := y.capture(t, "shop/a.log", want)
			var present *containment.Fingerprint
			if mode == containment.Mask {
				copied, err := y.Prepare(t.Context(), y.at("shop/a.log"), want, options)
				check(t, err)
				check(t, y.Swap(t.Context(), y.at("shop/a.log"), want, copied, options))
				masked := look(t, path)
				if cut := strings.LastIndex(before, " "); masked == before || len(masked) != len(before) || masked[cut:] != before[cut:] {
					t.Errorf("got %s, want the same but for the digits", masked)
				}
				present = &copied
			} else {
				check(t, y.Remove(t.Context(), y.at("shop/a.log"), want, options))
				if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
					t.Fatalf("got %v, want the file gone", err)
				}
			}
			for range 2 { // the second time is a resumed one
				beside, err := y.restore(t, "shop/a.log", want, k, present)
				if err != nil || beside != "" {
					t.Fatalf("got %q, %v; want the file in its place", beside, err)
				}
				if after := look(t, path); after != before {
					t.Errorf("got\n%s\nwant\n%s", after, before)
				}
			}
			if names := entries(t, filepath.Dir(path)); len(names) != 1 {
				t.Errorf("got %v, want one file", names)
			}
		})
	}
}

func TestUndoOverwritesNothingNewer(t *testing.T) {
	for _, mode := range []containment.Mode{containment.Remove, containment.Mask} {
		t.Run(string(mode), func(t *testing.T) {
			y := newYard(t)
			path := y.write(t, "a.log", leak())
			want := y.inspect(t, "a.log")
			k := y.capture(t, "a.log", want)
			var present *containment.Fingerprint
			if mode == containment.Mask {
				copied, err := y.Prepare(t.Context(), y.at("a.log"), want, options)
				check(t, err)
				check(t, y.Swap(t.Context(), y.at("a.log"), want, copied, options))
				present = &copied
			} else {
				check(t, y.Remove(t.Context(), y.at("a.log"), want, options))
			}
			y.write(t, "a.log", "newer")
			beside, err := y.restore(t, "a.log", want, k, present)
			if err != nil || beside != path+".stanch-restored" {
				t.Fatalf("got %q, %v; want it beside", beside, err)
			}
			if got, err := os.ReadFile(path); err != nil || string(got) != "newer" {
				t.Errorf("got %q, %v; want the newer file untouched", got, err)
			}
			if got, err := os.ReadFile(beside); err != nil || string(got) != leak() {
				t.Errorf("got %d bytes, %v; want the original", len(got), err)
			}
		})
	}
}

// TestUndoBesideTwice restores two names of a file that are taken, and again as
// after a crash that came before the first time was recorded; then the names
// are free.
func TestUndoBesideTwice(t *testing.T) {
	y := newYard(t)
	path := y.write(t, "a.log", leak())
	check(t, os.Link(path, filepath.Join(y.root, "b.log")))
	want := y.inspect(t, "a.log")
	k := y.capture(t, "a.log", want)
	check(t, y.Remove(t.Context(), y.at("a.log"), want, options))
	y.write(t, "a.log", "newer")
	y.write(t, "b.log", "newer")
	var first string
	for range 2 {
		beside, err := y.restore(t, "a.log", want, k, nil)
		if first = cmp.Or(first, beside); err != nil || beside == "" || beside != first {
			t.Fatalf("got %q, %v; want what the first time said, %q", beside, err, first)
		}
		names := []string{"a.log", "a.log.stanch-restored", "b.log", "b.log.stanch-restored"}
		if got := entries(t, y.root); !slices.Equal(got, names) {
			t.Errorf("got %v, want %v", got, names)
		}
	}
	check(t, errors.Join(os.Remove(path), os.Remove(filepath.Join(y.root, "b.log"))))
	if beside, err := y.restore(t, "a.log", want, k, nil); err != nil || beside != "" {
		t.Errorf("got %q, %v; want it in its place", beside, err)
	}
	if got := entries(t, y.root); !slices.Equal(got, []string{"a.log", "b.log"}) {
		t.Errorf("got %v, want the two names", got)
	}
}

func TestMaskHidesEverything(t *testing.T) {
	y := newYard(t)
	pan := cardtest.Number("visa", 16, 3)
	text := "name,card number,cvv,expiry\n" +
		"a," + pan + "," + cardtest.CVV(1) + "," + cardtest.Expiry(1) + "\n" +
		cardtest.Track2(pan, 4) + "\n" + cardtest.Track1(pan, 4) + "\n" +
		"grouped " + pan[:4] + " " + pan[4:8] + " " + pan[8:12] + " " + pan[12:] + " end\nphone 1234567\n"
	y.write(t, "a.csv", text)
	want := y.inspect(t, "a.csv")
	copied, err := y.Prepare(t.Context(), y.at("a.csv"), want, options)
	check(t, err)
	check(t, y.Swap(t.Context(), y.at("a.csv"), want, copied, options))
	got, err := os.ReadFile(filepath.Join(y.root, "a.csv"))
	check(t, err)
	if len(got) != len(text) || bytes.Count(got, []byte("\n")) != strings.Count(text, "\n") {
		t.Errorf("got another form:\n%s", got)
	}
	if bytes.Contains(got, []byte(pan)) || bytes.Contains(got, []byte(pan[6:12])) || bytes.Contains(got, []byte(pan[8:12])) {
		t.Errorf("got a number in clear:\n%s", got)
	}
	if !bytes.Contains(got, []byte(pan[:6])) || !bytes.HasSuffix(got, []byte("phone 1234567\n")) {
		t.Errorf("got more hidden than has to be:\n%s", got)
	}
}

func TestMaskRefusesWhatIsNoText(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"nothing to mask", "hello", containment.FaultNotText},
		{"zip", "PK\x03\x04" + leak(), containment.FaultNotText},
		{"binary", "\x00\x01" + leak(), containment.FaultNotText},
		{"picture", "\x89PNG\r\n\x1a\n" + leak(), containment.FaultNotText},
		{"packed", string(packed(t, leak())), containment.FaultNotText},
		{"packed in text", base64.StdEncoding.EncodeToString(packed(t, leak())), containment.FaultNotText},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			y := newYard(t)
			y.write(t, "a", tt.text)
			want := y.inspect(t, "a")
			_, err := y.Prepare(t.Context(), y.at("a"), want, options)
			wantFault(t, err, tt.want)
			if names := entries(t, y.root); len(names) != 1 {
				t.Errorf("got %v, want nothing left behind", names)
			}
		})
	}
}

// packed is a zip archive with one text in it.
func packed(t *testing.T, text string) []byte {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	to, err := w.Create("a.txt")
	check(t, err)
	_, err = io.WriteString(to, text)
	check(t, errors.Join(err, w.Close()))
	return out.Bytes()
}

func TestSettlePutsBack(t *testing.T) {
	y := newYard(t)
	path := y.write(t, "a.log", leak())
	want := y.inspect(t, "a.log")
	copied, err := y.Prepare(t.Context(), y.at("a.log"), want, options)
	check(t, err)
	done := options
	done.Copy = &copied
	check(t, y.Settle(t.Context(), y.at("a.log"), want, done))
	if names := entries(t, y.root); len(names) != 1 {
		t.Errorf("got %v, want the copy gone", names)
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != leak() {
		t.Errorf("got %v, want the original", err)
	}
}

// TestAgainWhereNothingCanBeReached goes on with a removal that was cut off.
func TestAgainWhereNothingCanBeReached(t *testing.T) {
	again := options
	again.Again = true
	t.Run("gone", func(t *testing.T) {
		y := newYard(t)
		path := y.write(t, "logs/a.log", leak())
		want := y.inspect(t, "logs/a.log")
		check(t, os.RemoveAll(filepath.Dir(path)))
		check(t, y.Remove(t.Context(), y.at("logs/a.log"), want, again))
	})
	t.Run("away", func(t *testing.T) {
		y := newYard(t)
		y.write(t, "a.log", leak())
		want := y.inspect(t, "a.log")
		check(t, os.Rename(y.root, y.root+"-away"))
		defer os.Rename(y.root+"-away", y.root)
		wantFault(t, y.Remove(t.Context(), y.at("a.log"), want, again), containment.FaultUnreadable)
		wantFault(t, y.Settle(t.Context(), y.at("a.log"), want, again), containment.FaultUnreadable)
	})
	t.Run("another root away", func(t *testing.T) {
		y := newYard(t)
		path := y.write(t, "a.log", leak())
		want := y.inspect(t, "a.log")
		y.Roots = func() []string { return []string{y.root, y.root + "-none"} }
		check(t, y.Remove(t.Context(), y.at("a.log"), want, again))
		if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("got %v, want it removed", err)
		}
	})
	t.Run("root is a link", func(t *testing.T) {
		y := newYard(t)
		path := y.write(t, "a.log", leak())
		link := filepath.Join(t.TempDir(), "link")
		check(t, os.Symlink(y.root, link))
		y.root = link
		want := y.inspect(t, "a.log")
		check(t, y.Remove(t.Context(), y.at("a.log"), want, again))
		if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("got %v, want it removed", err)
		}
	})
	t.Run("unmounted", func(t *testing.T) {
		y := newYard(t)
		if err := unix.Mount("tmpfs", y.root, "tmpfs", 0, "size=1m"); err != nil {
			t.Skipf("cannot mount: %v", err)
		}
		y.write(t, "logs/a.log", leak())
		want := y.inspect(t, "logs/a.log")
		check(t, unix.Unmount(y.root, unix.MNT_DETACH))
		wantFault(t, y.Remove(t.Context(), y.at("logs/a.log"), want, again), containment.FaultUnreadable)
		wantFault(t, y.Settle(t.Context(), y.at("logs/a.log"), want, again), containment.FaultUnreadable)
	})
}

func TestFullDisk(t *testing.T) {
	if os.Getenv("FILELOCK_FULL") == "" {
		if os.Getuid() != 0 {
			t.Skip("needs root")
		}
		cmd := exec.Command("unshare", "-m", "--propagation", "private", os.Args[0], "-test.run=^TestFullDisk$", "-test.v")
		cmd.Env = append(os.Environ(), "FILELOCK_FULL=1")
		out, err := cmd.CombinedOutput()
		if err != nil || !bytes.Contains(out, []byte("--- PASS")) {
			t.Fatalf("got %v\n%s", err, out)
		}
		return
	}
	y := newYard(t)
	check(t, unix.Mount("tmpfs", y.root, "tmpfs", 0, "size=256k"))
	defer unix.Unmount(y.root, 0)
	text := strings.Repeat(leak(), 240) // more than half of it
	y.write(t, "a.log", text)
	want := y.inspect(t, "a.log")
	_, err := y.Prepare(t.Context(), y.at("a.log"), want, options)
	wantFault(t, err, containment.FaultNoSpace)
	if names := entries(t, y.root); len(names) != 1 {
		t.Errorf("got %v, want nothing left behind", names)
	}
	if got, err := os.ReadFile(filepath.Join(y.root, "a.log")); err != nil || string(got) != text {
		t.Errorf("got %v, want the original whole", err)
	}
}
