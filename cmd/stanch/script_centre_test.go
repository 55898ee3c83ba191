package main

import (
	"context"
	"database/sql"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/stanch/stanch/internal/store/storetest"
)

// seatKey is where a script keeps its running centre, and testKey its test.
type (
	seatKey struct{}
	testKey struct{}
)

// The commands below are for scripts about a running centre.

// centreUp starts `stanch serve` with these flags and waits until it answers.
// It sets BASE and LINK, and the script's end ends it.
func centreUp(ts *testscript.TestScript, neg bool, args []string) {
	program := lookPath(ts, "stanch")
	ctx, cancel := context.WithCancel(context.Background())
	s, err := takeSeat(ctx, program, ts.MkAbs("."), environ(ts), append([]string{"serve"}, args...)...)
	ts.Defer(func() {
		cancel()
		if s != nil {
			<-s.over
			ts.Logf("[the centre said]\n%s", s.errs.String())
		}
	})
	if neg || err != nil {
		ts.Fatalf("start centre: %v: %s", err, s.errs.String())
	}
	ts.Setenv("BASE", s.base)
	ts.Setenv("LINK", s.link)
	seats(ts)[seatKey{}] = s
}

// seats returns what the script keeps.
func seats(ts *testscript.TestScript) map[any]any { return ts.Value(seatKey{}).(map[any]any) }

// centreDown stops the centre, which has to end with exit 0, and leaves what
// it said in the files serve.out and serve.err.
func centreDown(ts *testscript.TestScript, neg bool, args []string) {
	s, _ := seats(ts)[seatKey{}].(*seat)
	if s == nil || neg || len(args) > 0 {
		ts.Fatalf("usage: stopped, after centre")
	}
	err := s.leave()
	ts.Check(os.WriteFile(ts.MkAbs("serve.out"), []byte(s.out.String()), 0o600))
	ts.Check(os.WriteFile(ts.MkAbs("serve.err"), []byte(s.errs.String()), 0o600))
	if err != nil {
		ts.Fatalf("stop centre: %v: %s", err, s.errs.String())
	}
}

// says PATTERN waits until the running centre's log has a line like this.
func says(ts *testscript.TestScript, neg bool, args []string) {
	s, _ := seats(ts)[seatKey{}].(*seat)
	if s == nil || neg || len(args) != 1 {
		ts.Fatalf("usage: says PATTERN, after centre")
	}
	pattern := regexp.MustCompile(args[0])
	for range 1000 {
		if pattern.MatchString(s.errs.String()) {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	ts.Fatalf("got %q, want a line like %q", s.errs.String(), args[0])
}

// callAPI asks the running centre, with the bearer token in TOKEN, if set. The
// answer goes to the file answer; its status has to be STATUS.
func callAPI(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 {
		ts.Fatalf("usage: api STATUS METHOD PATH [BODY]")
	}
	var sent io.Reader
	if len(args) > 3 {
		sent = strings.NewReader(args[3])
	}
	r, err := http.NewRequest(args[1], ts.Getenv("BASE")+args[2], sent)
	ts.Check(err)
	r.Header.Set("Content-Type", "application/json")
	if token := strings.TrimSpace(ts.Getenv("TOKEN")); token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	answer, err := http.DefaultClient.Do(r)
	ts.Check(err)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs("answer"), text, 0o600))
	if strconv.Itoa(answer.StatusCode) != args[0] {
		ts.Fatalf("got %s and %s, want %s", answer.Status, text, args[0])
	}
}

func lookPath(ts *testscript.TestScript, name string) string {
	for _, dir := range filepath.SplitList(ts.Getenv("PATH")) {
		if path := filepath.Join(dir, name); exists(path) {
			return path
		}
	}
	ts.Fatalf("no %s in PATH", name)
	return ""
}

// environ is what a script lets its programs see.
func environ(ts *testscript.TestScript) []string {
	var env []string
	for _, name := range []string{"HOME", "XDG_CONFIG_HOME", "PATH", "TMPDIR", "STANCH_CRASH_AT", "STANCH_CRASH_LOG"} {
		if value := ts.Getenv(name); value != "" {
			env = append(env, name+"="+value)
		}
	}
	return env
}

// listens takes a free port, sets PORT, and holds it to the script's end.
func listens(ts *testscript.TestScript, neg bool, args []string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	ts.Defer(func() { l.Close() })
	ts.Setenv("PORT", strconv.Itoa(l.Addr().(*net.TCPAddr).Port))
}

// runSQL FILE STATEMENT changes a SQLite file behind the program's back.
func runSQL(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: sql FILE STATEMENT")
	}
	db, err := sql.Open("sqlite", ts.MkAbs(args[0]))
	ts.Check(err)
	defer db.Close()
	done, err := db.Exec(args[1])
	ts.Check(err)
	if n, err := done.RowsAffected(); err != nil || n == 0 {
		ts.Fatalf("the statement changed nothing: %v", err)
	}
}

// postgres sets DATABASE to the address of a new, empty PostgreSQL database.
func postgres(ts *testscript.TestScript, neg bool, args []string) {
	ts.Setenv("DATABASE", storetest.Postgres(ts.Value(testKey{}).(testing.TB)))
}

// tmpfs DIR SIZE mounts a small disk that is unmounted at the end.
func tmpfs(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: tmpfs DIR SIZE")
	}
	dir := ts.MkAbs(args[0])
	ts.Check(os.MkdirAll(dir, 0o755))
	ts.Check(ts.Exec("mount", "-t", "tmpfs", "-o", "size="+args[1], "none", dir))
	ts.Defer(func() { _ = exec.Command("umount", "-l", dir).Run() })
}

// readOnly DIR mounts the disk at DIR again for reading only.
func readOnly(ts *testscript.TestScript, neg bool, args []string) {
	mode := "remount,ro"
	if neg {
		mode = "remount,rw"
	}
	ts.Check(ts.Exec("mount", "-o", mode, ts.MkAbs(args[0])))
}

// fill FILE writes until the disk that holds FILE is full.
func fill(ts *testscript.TestScript, neg bool, args []string) {
	file, err := os.Create(ts.MkAbs(args[0]))
	ts.Check(err)
	defer file.Close()
	for _, size := range []int{1 << 16, 1 << 12, 1} {
		block := make([]byte, size)
		for err = nil; err == nil; _, err = file.Write(block) {
		}
	}
	var full *os.PathError
	if !errors.As(err, &full) {
		ts.Fatalf("fill disk: %v", err)
	}
}

// readEnv NAME FILE sets NAME to what FILE holds, without the line's end.
func readEnv(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: readenv NAME FILE")
	}
	ts.Setenv(args[0], strings.TrimSpace(ts.ReadFile(args[1])))
}

// soon TEXT PROGRAM [ARG]... runs a program again and again until it ends well
// with TEXT in its standard output.
func soon(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: soon TEXT PROGRAM [ARG]...")
	}
	for range 200 {
		if err := ts.Exec(args[1], args[2:]...); err == nil && strings.Contains(ts.ReadFile("stdout"), args[0]) {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	ts.Fatalf("never came")
}
