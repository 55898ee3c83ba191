package cell

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/stanch/stanch/card"
	"github.com/stanch/stanch/internal/carrier"
	"github.com/stanch/stanch/internal/finding"
	"github.com/stanch/stanch/scan"
)

// Limits bound what one input may cost a worker. A zero field takes its value
// from DefaultLimits.
type Limits struct {
	Wall    time.Duration // for one input, start to end
	Silence time.Duration // without a single question or answer
	Memory  int64         // bytes held by the worker, at most 1 GiB
	Budget  carrier.Budget
}

// DefaultLimits lets a large backup through and ends a loop within a minute.
func DefaultLimits() Limits {
	return Limits{Wall: 15 * time.Minute, Silence: time.Minute, Memory: maxMemory, Budget: carrier.DefaultBudget()}
}

// Options configure an Examiner.
type Options struct {
	Tokenizer *card.Tokenizer // required
	Tenant    string          // whose tokens these are
	Workers   int             // at most so many at once; 0 means two
	Limits    Limits
	// Classes and Least say what to report, as in scan.Options.
	Classes []scan.Class
	Least   scan.Confidence
	Plain   bool // as in carrier.Options
	// Command starts a worker: program, then arguments. Empty means this very
	// program with the single argument "worker".
	Command []string
	// Registry decides what is hostile; nil means carrier.Builtin. A worker
	// uses its own.
	Registry *carrier.Registry
}

// An Input is what Examine reads. The caller keeps R open until it returns.
type Input struct {
	Name  string
	R     io.ReaderAt
	Size  int64         // negative if not known before the end
	Start scan.Position // where to go on in a text that was read before
}

// An Examiner examines inputs, several at once if it is called so. It starts
// workers when the first container needs one and keeps them warm.
type Examiner struct {
	options Options
	pool    *pool
}

// New returns an Examiner. Close it when done.
func New(o Options) *Examiner {
	d := DefaultLimits()
	if o.Limits.Wall <= 0 {
		o.Limits.Wall = d.Wall
	}
	if o.Limits.Silence <= 0 {
		o.Limits.Silence = d.Silence
	}
	if o.Limits.Memory <= 0 || o.Limits.Memory > d.Memory {
		o.Limits.Memory = d.Memory
	}
	if o.Workers <= 0 {
		o.Workers = 2
	}
	if o.Registry == nil {
		o.Registry = carrier.Builtin()
	}
	return &Examiner{options: o, pool: newPool(o.Command, o.Workers)}
}

// Close ends every worker and waits until none is left. Examinations under way
// end with the cause worker_died.
func (e *Examiner) Close() { e.pool.close() }

// Examine reads in and calls emit for each match, from the calling goroutine.
// It returns the report and the position from which a text that grows is to be
// read next; a zero position means from the start. The error is nil unless ctx
// was cancelled, the Examiner closed, or no worker could be started; the
// report then still accounts for the input.
func (e *Examiner) Examine(ctx context.Context, in Input, emit func(finding.Match)) (carrier.Report, scan.Position, error) {
	if err := ctx.Err(); err != nil {
		return carrier.Report{}, scan.Position{}, err
	}
	seal := sealer{tokens: e.options.Tokenizer, tenant: e.options.Tenant, emit: emit}
	var report carrier.Report
	var err error
	if e.kind(in).Hostile() {
		report, err = e.apart(ctx, in, e.options.Limits, seal.match)
	} else {
		report, err = e.here(ctx, in, &seal)
	}
	return report, report.Resume, err
}

// RandomAccess reports whether in must be readable at any place; a stream of
// such a kind has to be held first.
func (e *Examiner) RandomAccess(head []byte, name string) bool {
	return e.options.Registry.Sniff(head, name).RandomAccess()
}

// kind sniffs in. What cannot be read counts as plain, and fails there.
func (e *Examiner) kind(in Input) carrier.Kind {
	size := int64(carrier.HeadSize)
	if in.Size >= 0 {
		size = min(size, in.Size)
	}
	head := make([]byte, size)
	n, _ := in.R.ReadAt(head, 0)
	return e.options.Registry.Sniff(head[:n], in.Name)
}

// here examines plain bytes in this process.
func (e *Examiner) here(ctx context.Context, in Input, seal *sealer) (report carrier.Report, err error) {
	defer func() {
		if fault := recover(); fault != nil {
			if seal.outside {
				panic(fault) // not ours: the caller's emit
			}
			report = refused(in, carrier.WorkerDied)
		}
	}()
	o := carrier.Options{
		Budget: e.options.Limits.Budget, Start: in.Start, Registry: e.options.Registry, Apart: e.Inside,
		Plain: e.options.Plain, Scan: scan.Options{Classes: e.options.Classes, Least: e.options.Least},
	}
	return carrier.Examine(ctx, carrier.Input{Name: in.Name, R: in.R, Size: in.Size}, o, func(m *carrier.Match) {
		seal.match(&m.Match, m.Path, m.Encoding)
	})
}

// Inside examines a container that came to light in plain bytes: those were
// read here, and it may not be. Emit gets matches in clear, as
// [carrier.Options.Apart] does: it must neither keep nor pass on their digits.
func (e *Examiner) Inside(ctx context.Context, in carrier.Input, budget carrier.Budget, emit func(*carrier.Match)) (carrier.Report, error) {
	limits := e.options.Limits
	limits.Budget = budget
	return e.apart(ctx, Input{Name: in.Name, R: in.R, Size: in.Size}, limits, func(m *scan.Match, path string, encoding []string) {
		emit(&carrier.Match{Match: *m, Path: path, Encoding: encoding})
	})
}

// apart examines in with a worker.
func (e *Examiner) apart(ctx context.Context, in Input, limits Limits, take take) (carrier.Report, error) {
	w, err := e.pool.take(ctx)
	if err != nil {
		if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
			return refused(in, carrier.Timeout), err
		}
		return refused(in, carrier.WorkerDied), fmt.Errorf("start worker: %w", err)
	}
	fit := false
	defer func() { e.pool.give(w, fit) }() // also when emit panics
	var report carrier.Report
	o := e.options
	o.Limits = limits
	report, fit = w.examine(ctx, in, o, take)
	return report, ctx.Err()
}

// refused is the report of an input that gave no report of its own.
func refused(in Input, cause carrier.Cause) carrier.Report {
	var r carrier.Report
	r.Refuse(carrier.Unexamined{Path: card.MaskText(in.Name), Cause: cause, Bytes: max(in.Size, -1)})
	return r
}
