//go:build linux

package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// A measurement adds rows to the report.
type measurement struct {
	name string
	do   func(*bench, context.Context) error
}

// measurements lists all, in the order in which they run: what a busy machine
// disturbs most comes first.
func measurements() []measurement {
	return []measurement{
		{"version", (*bench).version},
		{"duty", (*bench).duty},
		{"latency", (*bench).latency},
		{"entries", (*bench).entries},
		{"cases", (*bench).cases},
		{"start", (*bench).start},
		{"scan", (*bench).scan},
		{"quality", (*bench).quality},
		{"growth", (*bench).growth},
		{"kills", (*bench).kills},
	}
}

// A setting is what the command line says.
type setting struct {
	out     string
	only    string
	binary  string
	soak    bool
	stock   int
	bytes   int64 // of the file that grows
	log     int64 // bytes of the log that is scanned
	crashes int
	seed    uint64
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run measures and returns the exit code: 0 all bounds held, 1 one did not,
// 3 something could not be measured.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	s, err := parse(args, stderr)
	if err != nil {
		return 3
	}
	b, err := newBench(ctx, s, stderr)
	if err != nil {
		fmt.Fprintf(stderr, "bench: %v\n", err)
		return 3
	}
	defer b.close()
	failed := b.measure(ctx)
	if err := writeReport(s.out, b.rows); err != nil {
		failed = errors.Join(failed, err)
	}
	printReport(stdout, b.rows)
	if failed != nil {
		fmt.Fprintf(stderr, "bench: %v\n", failed)
		return 3
	}
	for _, r := range b.rows {
		if !r.OK {
			return 1
		}
	}
	return 0
}

func parse(args []string, stderr io.Writer) (setting, error) {
	var s setting
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&s.out, "out", "bench/out/report.json", "write the report to `FILE`")
	flags.StringVar(&s.only, "only", "", "measure only these, by `NAMES` with commas: "+strings.Join(names(), ","))
	flags.StringVar(&s.binary, "binary", "", "measure this `FILE` in place of a fresh build")
	flags.BoolVar(&s.soak, "soak", false, "measure crashes only, 1,000 of them")
	flags.IntVar(&s.stock, "cases", 16_000, "cases in the list that is measured")
	flags.Int64Var(&s.bytes, "bytes", 2<<30, "size of the file that grows")
	flags.Int64Var(&s.log, "log-bytes", 1<<30, "size of the log that is scanned")
	flags.IntVar(&s.crashes, "kills", 25, "crashes at random times")
	flags.Uint64Var(&s.seed, "seed", uint64(time.Now().UnixNano()), "seed of the random times")
	if err := flags.Parse(args); err != nil {
		return s, err
	}
	if s.soak {
		s.only = "kills"
		set := false
		flags.Visit(func(f *flag.Flag) { set = set || f.Name == "kills" })
		if !set {
			s.crashes = 1000
		}
	}
	for name := range strings.SplitSeq(s.only, ",") {
		if name != "" && !contains(names(), name) {
			fmt.Fprintf(stderr, "bench: -only: there is no measurement %q\n", name)
			return s, errors.New("unknown measurement")
		}
	}
	return s, nil
}

func names() []string {
	var out []string
	for _, m := range measurements() {
		out = append(out, m.name)
	}
	return out
}

func contains(list []string, word string) bool {
	for _, w := range list {
		if w == word {
			return true
		}
	}
	return false
}

// A bench is one run.
type bench struct {
	setting
	dir    string // scratch, removed at the end
	stanch string // the program under measurement
	stderr io.Writer
	rows   []row

	many   *installation   // with many cases; made by the first who asks
	opened []time.Duration // from the first to each thousandth of its cases
	taken  int             // scratch folders handed out
}

func newBench(ctx context.Context, s setting, stderr io.Writer) (*bench, error) {
	dir, err := os.MkdirTemp("", "stanch-bench-")
	if err != nil {
		return nil, err
	}
	b := &bench{setting: s, dir: dir, stanch: s.binary, stderr: stderr}
	if s.binary == "" {
		b.stanch, err = b.build(ctx, "./cmd/stanch")
	} else {
		b.stanch, err = filepath.Abs(s.binary)
	}
	if err != nil {
		b.close()
		return nil, err
	}
	return b, nil
}

func (b *bench) close() { _ = os.RemoveAll(b.dir) }

// measure runs what was asked for. One that fails does not stop the rest.
func (b *bench) measure(ctx context.Context) error {
	var failed error
	for _, m := range measurements() {
		if b.only != "" && !contains(strings.Split(b.only, ","), m.name) {
			continue
		}
		b.say("%s: begins, %s runnable", m.name, loadAverage())
		began := time.Now()
		if err := m.do(b, ctx); err != nil {
			failed = errors.Join(failed, fmt.Errorf("measure %s: %w", m.name, err))
			b.say("%s: %v", m.name, err)
		}
		b.say("%s: took %.0f s", m.name, time.Since(began).Seconds())
		if ctx.Err() != nil {
			break
		}
	}
	return failed
}

func (b *bench) say(format string, args ...any) { fmt.Fprintf(b.stderr, format+"\n", args...) }

// scratch makes a new folder that lasts as long as the run.
func (b *bench) scratch(name string) (string, error) {
	b.taken++
	dir := filepath.Join(b.dir, fmt.Sprintf("%s%d", name, b.taken))
	return dir, os.Mkdir(dir, 0o755)
}
