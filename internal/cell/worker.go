package cell

import (
	"bufio"
	"context"
	"io"
	"os"
	"path"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/stanch/stanch/card"
	"github.com/stanch/stanch/internal/carrier"
	"github.com/stanch/stanch/scan"
)

// Worker is the main of a worker process: it gives up everything the process
// could reach, then examines one input after the other until stdin ends, at
// which the process exits at once, whatever a parser may be doing. It returns
// only if it cannot go on.
func Worker(ctx context.Context, stdin io.Reader, stdout io.Writer) error {
	return work(ctx, stdin, stdout, carrier.Builtin())
}

// maxMemory is what the kernel holds a worker to; a job may allow less, and
// the parent's watch sees to that.
const maxMemory = 1 << 30

func work(ctx context.Context, stdin io.Reader, stdout io.Writer, registry *carrier.Registry) error {
	debug.SetTraceback("none") // a trace must not quote what was parsed
	runtime.GOMAXPROCS(2)
	fence(maxMemory)
	w := &workerSide{out: stdout, registry: registry, jobs: make(chan job), data: make(chan block, maxAhead+1)}
	go w.listen(bufio.NewReaderSize(stdin, 64<<10))
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case j, open := <-w.jobs:
			if !open {
				return nil
			}
			if err := w.examine(ctx, j); err != nil {
				return err
			}
		}
	}
}

// A workerSide answers jobs. Its input is the pipe; one goroutine listens, so
// that the parent never blocks on a worker that is busy.
type workerSide struct {
	out      io.Writer
	registry *carrier.Registry
	jobs     chan job
	data     chan block // never holds more than was asked for
}

// listen sorts what the parent sends. When the parent is gone there is nobody
// to work for, so the process ends, even out of a parser that loops.
func (w *workerSide) listen(in *bufio.Reader) {
	buf := make([]byte, maxFrame)
	for {
		kind, payload, err := readFrame(in, buf)
		if err != nil {
			os.Exit(0)
		}
		switch kind {
		case frameJob:
			j, err := unpackJob(payload)
			if err != nil {
				os.Exit(1)
			}
			w.jobs <- j
		case frameData:
			b, err := unpackBlock(payload)
			if err != nil {
				os.Exit(1)
			}
			w.data <- b
		default:
			os.Exit(1)
		}
	}
}

// examine runs one job. A parser that panics is reported without its words,
// and ends the process, because nobody knows what state it left.
func (w *workerSide) examine(ctx context.Context, j job) error {
	defer func() {
		if recover() != nil {
			writeFrame(w.out, frameFault, nil)
			os.Exit(1)
		}
	}()
	debug.SetMemoryLimit(j.memory * 3 / 4)
	ctx, cancel := context.WithTimeout(ctx, j.wall)
	defer cancel()
	name := path.Base(j.name)
	shown := card.MaskText(name)
	remote := newRemote(w)
	in := carrier.Input{Name: name, R: remote, Size: j.size}
	var broken error
	o := carrier.Options{Budget: j.budget, Registry: w.registry, Plain: j.plain, Scan: scan.Options{Classes: j.classes, Least: j.least}}
	report, err := carrier.Examine(ctx, in, o, func(m *carrier.Match) {
		payload := packMatch(m, strings.TrimPrefix(m.Path, shown))
		if err := writeFrame(w.out, frameMatch, payload); err != nil {
			broken = err
		}
		clear(payload)
	})
	remote.drain()
	if err != nil || broken != nil {
		return errWire
	}
	for _, missed := range report.Unexamined {
		if err := writeFrame(w.out, frameMissed, packMissed(missed, strings.TrimPrefix(missed.Path, shown))); err != nil {
			return err
		}
	}
	return writeFrame(w.out, frameEnd, packEnd(report))
}
