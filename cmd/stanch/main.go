// Command stanch finds leaked card data, holds the cases about it, and acts on
// what people approve. Each subcommand is one file; main parses the words and
// calls it.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/stanch/stanch/card"
)

// stdio is what a subcommand may touch of the process it runs in.
type stdio struct {
	Ctx context.Context
	In  io.Reader
	Out io.Writer
	Err io.Writer
}

// An exitError ends the program with Code after printing Err, if there is one,
// as the last line of standard error.
type exitError struct {
	Code int
	Err  error
}

func (e *exitError) Error() string {
	if e.Err == nil {
		return fmt.Sprintf("exit %d", e.Code)
	}
	return e.Err.Error()
}

func (e *exitError) Unwrap() error { return e.Err }

// exitUsage is the exit code for a wrong flag or an internal fault. Codes 1
// and 2 belong to results: see the contract of each subcommand.
const exitUsage = 3

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// run parses args, runs the subcommand they name and returns the exit code.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	var words commandLine
	ended := -1
	parser, err := kong.New(&words,
		kong.Name("stanch"),
		kong.Description("Stanch (止漏) stops card-data leaks at the point of sale.\n发现、止住并处置 POS 银行卡数据泄露。"),
		kong.UsageOnError(),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, Tree: true}),
		kong.Writers(stdout, stderr),
		kong.Exit(func(code int) { ended = code }),
	)
	if err != nil {
		fmt.Fprintf(stderr, "stanch: read own command line: %v\n", err)
		return exitUsage
	}
	chosen, err := parser.Parse(args)
	if ended >= 0 {
		return ended
	}
	if err != nil {
		fmt.Fprintf(stderr, "stanch: %s; see stanch --help\n", oneLine(err))
		return exitUsage
	}
	return exitCode(chosen.Run(&stdio{Ctx: ctx, In: stdin, Out: stdout, Err: stderr}), stderr)
}

// exitCode prints what ended the subcommand and returns its exit code.
func exitCode(err error, stderr io.Writer) int {
	var coded *exitError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &coded):
		if coded.Err != nil {
			fmt.Fprintf(stderr, "stanch: %s\n", oneLine(coded.Err))
		}
		return coded.Code
	default:
		fmt.Fprintf(stderr, "stanch: %s\n", oneLine(err))
		return exitUsage
	}
}

// oneLine returns an error as one line. Errors may quote words of the command
// line, so card numbers in them are masked.
func oneLine(err error) string {
	return card.MaskText(strings.ReplaceAll(err.Error(), "\n", "; "))
}
