package main

import (
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/stanch/stanch/card"
	"github.com/stanch/stanch/card/cardtest"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"stanch": main})
}

func TestScript(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:  "testdata/script",
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"cards": cards},
		Setup: func(env *testscript.Env) error {
			env.Setenv("HOME", env.WorkDir+"/home")
			env.Setenv("XDG_CONFIG_HOME", env.WorkDir+"/config")
			return os.MkdirAll(env.WorkDir+"/home", 0o700)
		},
	})
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
