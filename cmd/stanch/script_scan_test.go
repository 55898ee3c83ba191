package main

import (
	"os"
	"regexp"
	"strconv"

	"github.com/rogpeppe/go-internal/testscript"
)

var resultLine = regexp.MustCompile(`Result sha256:[0-9a-f]{64}`)

// sameResult A B: two reports of a scan have the same digest; with ! they have
// different ones.
func sameResult(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: sameresult REPORT REPORT")
	}
	a, b := resultLine.FindString(ts.ReadFile(args[0])), resultLine.FindString(ts.ReadFile(args[1]))
	if a == "" || b == "" || (a == b) == neg {
		ts.Fatalf("got %q and %q", a, b)
	}
}

// likewise FROM TO writes over TO what FROM holds, and gives it back its time.
func likewise(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: likewise FROM TO")
	}
	to := ts.MkAbs(args[1])
	before, err := os.Stat(to)
	ts.Check(err)
	text := ts.ReadFile(args[0])
	if int64(len(text)) != before.Size() {
		ts.Fatalf("%s has another size than %s", args[0], args[1])
	}
	ts.Check(os.WriteFile(to, []byte(text), 0o600))
	ts.Check(os.Chtimes(to, before.ModTime(), before.ModTime()))
}

// tear FILE N cuts N bytes off the end.
func tear(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: tear FILE N")
	}
	n, err := strconv.ParseInt(args[1], 10, 64)
	ts.Check(err)
	info, err := os.Stat(ts.MkAbs(args[0]))
	ts.Check(err)
	ts.Check(os.Truncate(ts.MkAbs(args[0]), info.Size()-n))
}
