package durable

import (
	"os"
	"strconv"
	"strings"
	"sync"
)

// Step marks a point after which the disk holds more than before. It does
// nothing unless one of two variables was set when the process started:
//
//	STANCH_CRASH_AT=name:N   kill this process, as SIGKILL does, the N-th time
//	                         that it reaches the step of that name
//	STANCH_CRASH_LOG=FILE    append the name of each step reached to FILE
//
// Crash tests first run with the log to learn which steps there are, then once
// for each of them with the kill. A step is logged before it kills. The names
// of this package are file-created, file-written, file-synced, file-renamed,
// file-removed, dir-made, dir-synced, append-created, append-written and
// append-synced; each stands for what has just been done. Other packages mark
// their own points, such as the two sides of a commit, with names of theirs.
// Safe to call at once from several goroutines.
func Step(name string) {
	if t := crashTrap(); t != nil {
		t.reach(name)
	}
}

// crashTrap reads the environment once; this is the only package that does,
// because a kill must not depend on settings having been read.
var crashTrap = sync.OnceValue(func() *trap {
	return newTrap(os.Getenv("STANCH_CRASH_AT"), os.Getenv("STANCH_CRASH_LOG"))
})

// A trap waits for the N-th time that one step is reached.
type trap struct {
	mu   sync.Mutex // guards left and the order of lines in log
	name string
	left int
	log  *os.File
}

func newTrap(at, log string) *trap {
	if at == "" && log == "" {
		return nil
	}
	t := &trap{}
	if i := strings.LastIndexByte(at, ':'); i > 0 {
		t.name = at[:i]
		t.left, _ = strconv.Atoi(at[i+1:])
	}
	if log != "" {
		t.log, _ = os.OpenFile(log, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	}
	return t
}

func (t *trap) reach(name string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.log != nil {
		t.log.WriteString(name + "\n")
	}
	if name != t.name || t.left <= 0 {
		return
	}
	if t.left--; t.left == 0 {
		die()
	}
}

// die ends the process without any deferred call, flush or handler, and with
// the lock held, so that no other step is reached while the signal arrives.
func die() {
	if p, err := os.FindProcess(os.Getpid()); err == nil {
		p.Kill()
	}
	select {}
}
