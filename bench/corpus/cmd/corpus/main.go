// Command corpus makes a corpus with known truth, judges a built stanch by it,
// or both. It prints a table: class, planted, found, recall, false.
//
//	go run ./bench/corpus/cmd/corpus -family tuning -out /tmp/c          make one: files below /tmp/c/files, the truth beside
//	go run ./bench/corpus/cmd/corpus -judge bin/stanch -in /tmp/c        judge a program by it
//	go run ./bench/corpus/cmd/corpus -family tuning -judge bin/stanch    make one in a scratch folder, judge, remove it
//	go run ./bench/corpus/cmd/corpus -judge bin/stanch -only ebcdic,pcap these classes alone
//	go run ./bench/corpus/cmd/corpus -judge bin/stanch -text /usr/lib    real text: what is found at high confidence there
//	go run ./bench/corpus/cmd/corpus -judge plain                        the peer: a pattern with check digit and brand
//	go run ./bench/corpus/cmd/corpus -list                               name the classes
//
// -missed N prints up to N plants of each class that were not found, and -seed
// makes other numbers. Rules are made on the tuning family alone.
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

	"github.com/stanch/stanch/bench/corpus"
	"github.com/stanch/stanch/bench/quality"
)

// A setting is what the command line says.
type setting struct {
	family, out, in, judge, only, text string
	seed                               uint64
	missed                             int
	list                               bool
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		if !errors.Is(err, flag.ErrHelp) {
			fmt.Fprintf(os.Stderr, "corpus: %v\n", err)
		}
		os.Exit(3)
	}
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	var s setting
	flags := flag.NewFlagSet("corpus", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&s.family, "family", string(corpus.Tuning), "templates and seeds: tuning, or report")
	flags.StringVar(&s.out, "out", "", "make the corpus in this `DIR`, which must be empty or missing")
	flags.StringVar(&s.in, "in", "", "judge by the corpus in this `DIR`")
	flags.StringVar(&s.judge, "judge", "", "judge this stanch `BINARY`, or the plain peer")
	flags.StringVar(&s.only, "only", "", "make these classes alone, by `NAMES` with commas")
	flags.StringVar(&s.text, "text", "", "scan these folders of real text, by `PATHS` with commas, in place of a corpus")
	flags.Uint64Var(&s.seed, "seed", 1, "seed of all numbers")
	flags.IntVar(&s.missed, "missed", 0, "print up to `N` plants of each class that were not found")
	flags.BoolVar(&s.list, "list", false, "name the classes and end")
	if err := flags.Parse(args); err != nil {
		return flag.ErrHelp
	}
	switch {
	case s.list:
		for _, c := range corpus.Classes() {
			fmt.Fprintf(stdout, "%-22s %s\n", c.Name, c.Group)
		}
		return nil
	case s.text != "" && s.judge != "":
		return judgeText(ctx, s, stdout)
	case s.judge == "" && s.out == "":
		return errors.New("name a folder with -out, a program with -judge, or both; -h lists the flags")
	}
	return measure(ctx, s, stdout)
}

// measure makes a corpus unless one is named, and judges if asked.
func measure(ctx context.Context, s setting, stdout io.Writer) error {
	dir := s.in
	if dir == "" {
		dir = s.out
		if dir == "" {
			scratch, err := os.MkdirTemp("", "corpus-")
			if err != nil {
				return err
			}
			defer os.RemoveAll(scratch)
			dir = scratch
		}
		truth, err := corpus.Write(dir, corpus.Family(s.family), s.seed, names(s.only))
		if err != nil {
			return err
		}
		fmt.Fprintf(stdout, "%s: %d plants\n", dir, len(truth.Plants))
	}
	if s.judge == "" {
		return nil
	}
	table, err := judge(ctx, s.judge, dir)
	if err != nil {
		return err
	}
	table.Print(stdout)
	if s.missed > 0 {
		table.PrintMissed(stdout, s.missed)
	}
	return nil
}

// judge judges a program, or the pattern that stands for most others.
func judge(ctx context.Context, program, dir string) (*quality.Table, error) {
	if program == "plain" {
		return quality.JudgePlain(dir)
	}
	binary, err := filepath.Abs(program)
	if err != nil {
		return nil, err
	}
	return quality.Judge(ctx, binary, dir)
}

func judgeText(ctx context.Context, s setting, stdout io.Writer) error {
	binary, err := filepath.Abs(s.judge)
	if err != nil {
		return err
	}
	found, err := quality.RealText(ctx, binary, names(s.text))
	if err != nil {
		return err
	}
	found.Print(stdout)
	return nil
}

func names(list string) []string {
	if list == "" {
		return nil
	}
	return strings.Split(list, ",")
}
