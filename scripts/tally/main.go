// Command tally reads what `go test -json` writes and prints what a person
// wants of it: a line for each package, the whole output of what failed, and
// what was skipped. It appends its counts to a file for the end of a long run.
// It runs nothing itself, and exits 1 if anything failed.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

// An event is one line of test2json's output.
type event struct {
	Action     string
	Package    string
	ImportPath string
	Test       string
	Output     string
	Elapsed    float64
	// FailedBuild names what could not be built, so that the package could not run.
	FailedBuild string
}

// A tally is what was counted so far.
type tally struct {
	out                     io.Writer
	passed, failed, skipped int
	held                    map[string]*strings.Builder // output of unfinished tests, by package and test
	bad                     map[string]bool             // packages with a failed test
	why                     []string                    // skipped tests, with the reason they gave
}

func main() {
	counts := flag.String("counts", "", "append `passed failed skipped` to this file")
	flag.Parse()
	t := &tally{out: os.Stdout, held: map[string]*strings.Builder{}, bad: map[string]bool{}}
	if err := t.read(os.Stdin); err != nil {
		fmt.Fprintf(os.Stderr, "tally: read test events: %v\n", err)
		os.Exit(2)
	}
	t.close()
	if err := t.save(*counts); err != nil {
		fmt.Fprintf(os.Stderr, "tally: save counts: %v\n", err)
		os.Exit(2)
	}
	if t.failed > 0 {
		os.Exit(1)
	}
}

// read counts events until the end. A line that is no event is printed: it
// comes from the go tool itself.
func (t *tally) read(r io.Reader) error {
	lines := bufio.NewReader(r)
	for {
		line, err := lines.ReadBytes('\n')
		if len(line) > 0 {
			var e event
			if json.Unmarshal(line, &e) != nil || e.Action == "" {
				fmt.Fprint(t.out, string(line))
			} else {
				t.take(e)
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func (t *tally) take(e event) {
	switch e.Action {
	case "output":
		t.hold(e).WriteString(e.Output)
	case "build-output":
		fmt.Fprint(t.out, e.Output)
	case "build-fail":
		t.failed++
	case "pass", "fail", "skip":
		if e.Test == "" {
			t.endPackage(e)
		} else {
			t.endTest(e)
		}
	}
}

func (t *tally) hold(e event) *strings.Builder {
	key := e.Package + " " + e.Test
	if t.held[key] == nil {
		t.held[key] = &strings.Builder{}
	}
	return t.held[key]
}

func (t *tally) endTest(e event) {
	text := t.hold(e).String()
	delete(t.held, e.Package+" "+e.Test)
	switch e.Action {
	case "pass":
		t.passed++
	case "skip":
		t.skipped++
		t.why = append(t.why, e.Package+" "+e.Test+": "+reason(text))
	case "fail":
		t.failed++
		t.bad[e.Package] = true
		fmt.Fprint(t.out, text)
	}
}

// endPackage prints a package's line. A package that fails without a failed
// test (it panicked, ran out of time, could not start) counts as one failure.
func (t *tally) endPackage(e event) {
	rest := t.hold(e).String()
	delete(t.held, e.Package+" ")
	switch {
	case e.Action == "skip":
		return // holds no tests
	case e.Action == "fail":
		if !t.bad[e.Package] && e.FailedBuild == "" {
			t.failed++
			t.flush(e.Package)
		}
		fmt.Fprint(t.out, rest)
	}
	fmt.Fprintf(t.out, "%-4s %7.1fs  %s\n", e.Action, e.Elapsed, e.Package)
}

// flush prints what unfinished tests of a package had written.
func (t *tally) flush(pkg string) {
	for key, text := range t.held {
		if strings.HasPrefix(key, pkg+" ") {
			fmt.Fprint(t.out, text.String())
			delete(t.held, key)
		}
	}
}

// reason is the last line that a skipped test logged.
func reason(text string) string {
	last := ""
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "---") && !strings.HasPrefix(line, "===") {
			last = line
		}
	}
	return last
}

// close prints what was not run, so that a skip is never silent.
func (t *tally) close() {
	slices.Sort(t.why)
	for _, line := range t.why {
		fmt.Fprintln(t.out, "skip           ", line)
	}
}

func (t *tally) save(path string) error {
	if path == "" {
		return nil
	}
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintln(f, t.passed, t.failed, t.skipped); err != nil {
		return err
	}
	return f.Close()
}
