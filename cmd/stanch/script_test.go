package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/stanch/stanch/card"
	"github.com/stanch/stanch/card/cardtest"
	"github.com/stanch/stanch/internal/store/storetest"
)

// withPostgres stops the database cluster that a test started, after all ran.
type withPostgres struct{ m *testing.M }

// Run implements [testscript.TestingM].
func (w withPostgres) Run() int { return storetest.Main(w.m) }

func TestMain(m *testing.M) {
	testscript.Main(withPostgres{m}, map[string]func(){"stanch": main})
}

func TestScript(t *testing.T) {
	files, err := filepath.Glob("testdata/script/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	if testing.Short() { // under the race detector: those in which the program does many things at once
		files = slices.DeleteFunc(files, func(path string) bool {
			name := filepath.Base(path)
			return !strings.HasPrefix(name, "serve") && name != "drill_postgres.txtar" && name != "disk_full.txtar" && name != "scan_state.txtar"
		})
	}
	testscript.Run(t, testscript.Params{
		Files: files,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"cards": cards, "fails": fails, "centre": centreUp, "stopped": centreDown, "listens": listens, "sql": runSQL,
			"tmpfs": tmpfs, "readonly": readOnly, "fill": fill, "api": callAPI, "postgres": postgres, "says": says, "soon": soon, "readenv": readEnv,
			"sameresult": sameResult, "likewise": likewise, "tear": tear,
			"tables": tables, "keeper": keeper, "bucket": bucket,
		},
		Condition: func(word string) (bool, error) {
			return word == "root" && os.Getuid() == 0, nil
		},
		Setup: func(env *testscript.Env) error {
			env.Setenv("HOME", env.WorkDir+"/home")
			env.Setenv("XDG_CONFIG_HOME", env.WorkDir+"/config")
			env.Values[seatKey{}] = map[any]any{}
			env.Values[testKey{}] = env.T()
			return os.MkdirAll(env.WorkDir+"/home", 0o700)
		},
	})
}

// fails CODE PROGRAM [ARG]... runs a program that has to end with this exit
// code and exactly one line of standard error, which names the program.
func fails(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: fails CODE PROGRAM [ARG]...")
	}
	err := ts.Exec(args[1], args[2:]...)
	exit, ok := err.(*exec.ExitError)
	if got := ts.ReadFile("stderr"); !ok || strconv.Itoa(exit.ExitCode()) != args[0] {
		ts.Fatalf("got %v and %q, want exit %s", err, got, args[0])
	} else if strings.Count(got, "\n") != 1 || !strings.HasPrefix(got, "stanch: ") {
		ts.Fatalf("standard error: got %q, want one line that begins with the program's name", got)
	}
}

// cards FILE BRAND N [FORMAT] appends N synthetic card numbers to FILE, a line
// each. In FORMAT, {pan}, {track1}, {track2}, {cvv} and {exp} stand for the
// number and what belongs to it.
func cards(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 {
		ts.Fatalf("usage: cards FILE BRAND N [FORMAT]")
	}
	count, err := strconv.Atoi(args[2])
	ts.Check(err)
	format := "{pan}"
	if len(args) > 3 {
		format = strings.Join(args[3:], " ")
	}
	file, err := os.OpenFile(ts.MkAbs(args[0]), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	ts.Check(err)
	defer file.Close()
	for i := range count {
		n := uint64(i)
		pan := cardtest.Number(card.Brand(args[1]), 16, n)
		line := strings.NewReplacer("{pan}", pan, "{track1}", cardtest.Track1(pan, n), "{track2}", cardtest.Track2(pan, n),
			"{cvv}", cardtest.CVV(n), "{exp}", cardtest.Expiry(n)).Replace(format)
		_, err := file.WriteString(line + "\n")
		ts.Check(err)
	}
}
