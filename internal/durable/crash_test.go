package durable

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// The test binary runs itself as the program that is killed.
func TestMain(m *testing.M) {
	switch dir := os.Getenv("DURABLE_TEST_DIR"); os.Getenv("DURABLE_TEST_CHILD") {
	case "write":
		victim(dir)
	case "lock":
		holdLock(dir)
	default:
		os.Exit(m.Run())
	}
}

const oldText, newText = "the old text", "the new text, longer than the old one"

// victim passes every kind of step once and says "done" after each durable call.
func victim(dir string) {
	say := func(what string, err error) {
		if err != nil {
			fmt.Println(err)
			os.Exit(3)
		}
		fmt.Println(what)
	}
	say("replaced", WriteFile(filepath.Join(dir, "f"), []byte(newText), 0o600))
	say("made", MkdirAll(filepath.Join(dir, "d", "e"), 0o700))
	a, err := OpenAppend(filepath.Join(dir, "log"), 0o600)
	say("opened", err)
	a.Write([]byte("record\n"))
	say("appended", a.Sync())
	say("removed", Remove(filepath.Join(dir, "victim")))
}

func TestKilledAtEveryStep(t *testing.T) {
	log := filepath.Join(t.TempDir(), "steps")
	scene := newScene(t)
	if out, err := runVictim(scene, "STANCH_CRASH_LOG="+log); err != nil {
		t.Fatalf("without a kill: %v: %s", err, out)
	}
	steps := strings.Fields(read(t, log))
	if got, want := len(steps), 15; got != want {
		t.Fatalf("steps: got %d want %d: %q", got, want, steps)
	}
	seen := map[string]int{}
	for _, name := range steps {
		seen[name]++
		at := fmt.Sprintf("%s:%d", name, seen[name])
		t.Run(at, func(t *testing.T) {
			scene := newScene(t)
			out, err := runVictim(scene, "STANCH_CRASH_AT="+at)
			wantKilled(t, err)
			judge(t, scene, out)
		})
	}
}

// judge knows only what the victim said before it died.
func judge(t *testing.T, scene, said string) {
	t.Helper()
	has := func(what string) bool { return strings.Contains(said, what) }
	text := read(t, filepath.Join(scene, "f"))
	if text != newText && (has("replaced") || text != oldText) {
		t.Errorf("file after %q: got %q", said, text)
	}
	if _, err := os.Stat(filepath.Join(scene, "d", "e")); has("made") && err != nil {
		t.Errorf("folder after %q: %v", said, err)
	}
	record, _ := os.ReadFile(filepath.Join(scene, "log"))
	if has("appended") && string(record) != "record\n" {
		t.Errorf("log after %q: got %q", said, record)
	}
	if _, err := os.Stat(filepath.Join(scene, "victim")); has("removed") && err == nil {
		t.Errorf("removed file is back after %q", said)
	}
	if _, err := Sweep(scene); err != nil {
		t.Error(err)
	}
	left, _ := filepath.Glob(filepath.Join(scene, tempPrefix+"*"))
	if len(left) != 0 {
		t.Errorf("left over after sweep: %q", left)
	}
}

// The order is the whole promise: bytes before the name, the name before we return.
func TestOrderOfSteps(t *testing.T) {
	log := filepath.Join(t.TempDir(), "steps")
	if out, err := runVictim(newScene(t), "STANCH_CRASH_LOG="+log); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	want := "file-created file-written file-synced file-renamed dir-synced " +
		"dir-made dir-synced dir-made dir-synced " +
		"append-created dir-synced append-written append-synced file-removed dir-synced"
	got := strings.Join(strings.Fields(read(t, log)), " ")
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestTrapSyntax(t *testing.T) {
	tests := []struct {
		at, log, name string
		left          int
	}{
		{"commit:3", "", "commit", 3},
		{"store:commit:2", "", "store:commit", 2},
		{"commit", "", "", 0},
		{":1", "", "", 0},
		{"commit:x", "", "commit", 0},
	}
	for _, tt := range tests {
		trap := newTrap(tt.at, tt.log)
		if trap.name != tt.name || trap.left != tt.left {
			t.Errorf("%q: got %q %d want %q %d", tt.at, trap.name, trap.left, tt.name, tt.left)
		}
	}
	if newTrap("", "") != nil {
		t.Error("unset: got a trap want nil")
	}
}

func holdLock(dir string) {
	l, err := Lock(dir)
	fmt.Println(err)
	os.Stdin.Read(make([]byte, 1))
	if l != nil {
		l.Unlock()
	}
}

func TestLockExcludes(t *testing.T) {
	dir := t.TempDir()
	l, err := Lock(dir)
	if err != nil {
		t.Fatal(err)
	}
	_, err = Lock(dir)
	var held *LockedError
	if !errors.As(err, &held) || !errors.Is(err, ErrLocked) {
		t.Fatalf("second lock: got %v want %v", err, ErrLocked)
	}
	if got, want := held.PID, os.Getpid(); got != want {
		t.Errorf("holder: got %d want %d", got, want)
	}
	if err := l.Unlock(); err != nil {
		t.Fatal(err)
	}
	l, err = Lock(dir)
	if err != nil {
		t.Fatalf("after unlock: %v", err)
	}
	l.Unlock()
}

func TestLockEndsWithItsProcess(t *testing.T) {
	dir := t.TempDir()
	child := command("lock", dir)
	in, _ := child.StdinPipe()
	defer in.Close()
	out, _ := child.StdoutPipe()
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	var line [64]byte
	n, _ := out.Read(line[:])
	if got, want := string(line[:n]), "<nil>\n"; got != want {
		t.Fatalf("child: got %q want %q", got, want)
	}
	_, err := Lock(dir)
	if held, ok := errors.AsType[*LockedError](err); !ok || held.PID != child.Process.Pid {
		t.Errorf("got %v want process %d", err, child.Process.Pid)
	}
	child.Process.Kill()
	child.Wait()
	l, err := Lock(dir)
	if err != nil {
		t.Fatalf("after the holder was killed: %v", err)
	}
	l.Unlock()
}

func newScene(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	os.WriteFile(filepath.Join(dir, "f"), []byte(oldText), 0o600)
	os.WriteFile(filepath.Join(dir, "victim"), nil, 0o600)
	return dir
}

func command(child, dir string, env ...string) *exec.Cmd {
	c := exec.Command(os.Args[0])
	c.Env = append(os.Environ(), "DURABLE_TEST_CHILD="+child, "DURABLE_TEST_DIR="+dir)
	c.Env = append(c.Env, env...)
	return c
}

func runVictim(dir string, env ...string) (string, error) {
	out, err := command("write", dir, env...).Output()
	return string(out), err
}

func wantKilled(t *testing.T, err error) {
	t.Helper()
	exit, ok := errors.AsType[*exec.ExitError](err)
	if !ok {
		t.Fatalf("got %v want a killed process", err)
	}
	if runtime.GOOS != "windows" && exit.String() != "signal: killed" {
		t.Errorf("got %v want signal: killed", exit)
	}
}
