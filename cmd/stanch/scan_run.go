package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/stanch/stanch/card"
	"github.com/stanch/stanch/internal/carrier"
	"github.com/stanch/stanch/internal/cell"
	"github.com/stanch/stanch/internal/finding"
)

// scanWorkers is how many files are read at once.
const scanWorkers = 2

// A scanRun reads files side by side and reports them in the order in which
// they were met.
type scanRun struct {
	io       *stdio
	examiner *cell.Examiner
	wanted   *scanFilter
	summary  *scanSummary
	report   report
	progress *progress
	state    *scanState // nil if nothing is remembered
	throttle *throttle  // nil if nothing is held back
	sources  *sources
}

// A scanJob is one file on its way through a scan. Its matches are read by the
// reporter while the worker still finds more; a worker far ahead waits.
type scanJob struct {
	path     string
	open     func() (input cell.Input, closed func(), err error)
	cause    carrier.Cause // why open failed, if it did
	matches  chan finding.Match
	modified time.Time // zero if it is no file
	result   carrier.Report
	fault    error

	// run examines what no single input stands for, in place of open.
	run func(ctx context.Context, emit func(finding.Match)) (carrier.Report, error)
}

// matchesAhead is how many matches a file may have waiting for its turn.
const matchesAhead = 1024

// targets scans all targets. The error is for what made the report worthless:
// it could not be written, or the scan was interrupted.
func (r *scanRun) targets(targets []string) error {
	ctx, cancel := context.WithCancel(r.io.Ctx)
	var group sync.WaitGroup
	work, order := make(chan *scanJob), make(chan *scanJob, 8*scanWorkers)
	w := &walk{ctx: ctx, in: r.io.In, examiner: r.examiner, sources: r.sources, yield: func(j *scanJob) bool {
		j.matches = make(chan finding.Match, matchesAhead)
		return send(ctx, order, j) && send(ctx, work, j)
	}}
	if r.sources != nil {
		r.sources.paced, r.sources.state = r.paced, r.state
	}
	defer func() { cancel(); group.Wait(); w.close() }()
	group.Go(func() { r.progress.expect(ctx, targets) })
	group.Go(func() {
		defer close(order)
		defer close(work)
		for _, target := range targets {
			w.target(target)
		}
	})
	for range scanWorkers {
		group.Go(func() {
			for j := range work {
				r.examine(ctx, j)
			}
		})
	}
	return r.collect(ctx, order)
}

func send(ctx context.Context, to chan<- *scanJob, j *scanJob) bool {
	select {
	case to <- j:
		return true
	case <-ctx.Done():
		return false
	}
}

// examine reads one file. It closes the job's matches when it is done.
func (r *scanRun) examine(ctx context.Context, j *scanJob) {
	defer close(j.matches)
	if j.cause != "" {
		j.result.Refuse(carrier.Unexamined{Path: card.MaskText(j.path), Cause: j.cause, Bytes: -1})
		return
	}
	if j.run != nil {
		defer r.progress.file()
		j.result, j.fault = j.run(ctx, func(m finding.Match) { j.tell(ctx, m) })
		return
	}
	in, closed, err := j.open()
	if err != nil {
		j.result.Refuse(carrier.Unexamined{Path: card.MaskText(j.path), Cause: causeOf(err), Bytes: -1})
		return
	}
	defer closed()
	in.Name = j.path
	defer r.progress.file()
	file, _ := in.R.(*os.File)
	if file != nil {
		if info, err := file.Stat(); err == nil {
			j.modified = info.ModTime()
		}
	}
	if file == nil || r.state == nil {
		r.read(ctx, j, in, func(*finding.Match) {})
		return
	}
	if err := r.remembered(ctx, j, in, file); err != nil && j.fault == nil {
		j.fault = fmt.Errorf("remember %s: %w", j.path, err)
	}
}

// read examines an input and tells also of each match.
func (r *scanRun) read(ctx context.Context, j *scanJob, in cell.Input, also func(*finding.Match)) {
	in.R = r.paced(ctx, in.R)
	j.result, _, j.fault = r.examiner.Examine(ctx, in, func(m finding.Match) {
		also(&m)
		j.tell(ctx, m)
	})
}

// paced returns in as it is to be read: counted, and no faster than allowed.
func (r *scanRun) paced(ctx context.Context, in io.ReaderAt) io.ReaderAt {
	if r.throttle == nil && r.progress == nil {
		return in
	}
	return &paced{r: in, ctx: ctx, throttle: r.throttle, read: r.progress.read}
}

func (j *scanJob) tell(ctx context.Context, m finding.Match) {
	select {
	case j.matches <- m:
	case <-ctx.Done():
	}
}

// remembered examines a file only if it is not as it was when it was examined
// before, and remembers it if it was quiet meanwhile.
func (r *scanRun) remembered(ctx context.Context, j *scanJob, in cell.Input, file *os.File) error {
	print, err := r.state.printOf(file)
	if err != nil {
		r.read(ctx, j, in, func(*finding.Match) {})
		return nil // the read has said what is wrong
	}
	if known, ok := r.state.recall(j.path, print); ok {
		j.result = known.Report
		for _, m := range known.Matches {
			j.tell(ctx, m)
		}
		r.progress.read(int(in.Size))
		return nil
	}
	var matches []finding.Match
	many := false
	r.read(ctx, j, in, func(m *finding.Match) {
		if many = many || len(matches) >= stateMatches; !many {
			matches = append(matches, *m)
		}
	})
	after, err := r.state.printOf(file)
	if many || err != nil || after != print || j.fault != nil || ctx.Err() != nil {
		return nil
	}
	return r.state.keep(j.path, print, j.result, matches)
}

// collect writes the report in order.
func (r *scanRun) collect(ctx context.Context, order <-chan *scanJob) error {
	if err := r.report.begin(); err != nil {
		return reportFault(err)
	}
	for {
		select {
		case <-ctx.Done():
			return errors.New("scan: interrupted; the report is not complete")
		case j, open := <-order:
			if !open {
				if ctx.Err() != nil {
					return errors.New("scan: interrupted; the report is not complete")
				}
				r.progress.end()
				if r.state != nil {
					r.summary.Unchanged = r.state.reused
				}
				if err := r.report.end(r.summary); err != nil {
					return reportFault(err)
				}
				return nil
			}
			if err := r.collectOne(ctx, j); err != nil {
				return err
			}
		}
	}
}

func (r *scanRun) collectOne(ctx context.Context, j *scanJob) error {
	found := false
	for {
		select {
		case <-ctx.Done():
			return errors.New("scan: interrupted; the report is not complete")
		case m, open := <-j.matches:
			if !open {
				r.summary.add(j, found)
				return nil
			}
			keep, accepted := r.wanted.keeps(&m)
			if accepted {
				r.summary.Accepted++
			}
			if !keep {
				continue
			}
			found = true
			r.summary.match(&m)
			r.progress.match()
			if err := r.report.match(&m); err != nil {
				return reportFault(err)
			}
		}
	}
}

// reportFault says that the report could not be written. A reader that went
// away is no fault of ours, and still no complete report.
func reportFault(err error) error { return fmt.Errorf("write report: %w", err) }

// A scanSummary is what a scan came to.
type scanSummary struct {
	Files, FilesFound int64
	Matches           int64
	Accepted          int64 // left out by the baseline
	Digest            *resultDigest
	Baseline          *baseline
	Unchanged         int64 // files that were not read again
	Classes           map[string]int64
	Ages              tally // files with matches, by when they were last written
	Report            carrier.Report
	Faults            []error
	Plain             bool // looked for plain digits only
	Lasting           bool // tokens mean the same in the next run
	Tables            sourceTally
}

func (s *scanSummary) match(m *finding.Match) {
	s.Matches++
	s.Digest.match(m)
	if s.Classes == nil {
		s.Classes = make(map[string]int64)
	}
	s.Classes[m.Class]++
}

func (s *scanSummary) add(j *scanJob, found bool) {
	s.Files++
	if found {
		s.FilesFound++
		if !j.modified.IsZero() {
			s.Ages.add(ageOf(j.modified, time.Now()))
		}
	}
	s.Report.Add(j.result)
	s.Digest.report(j.result)
	if j.fault != nil && len(s.Faults) < 3 {
		s.Faults = append(s.Faults, j.fault)
	}
}

// explain names what was not examined, one line each, and counts it.
func (s *scanSummary) explain(w io.Writer) {
	for _, fault := range s.Faults {
		fmt.Fprintf(w, "stanch: %s\n", printable(card.MaskText(fault.Error())))
	}
	if s.Plain {
		fmt.Fprintln(w, "stanch: --plain: numbers in other forms were not looked for: base64, hexadecimal, escapes, odd blanks, payment messages")
	}
	if tables := s.Tables.String(); tables != "" {
		fmt.Fprintf(w, "stanch: %s\n", tables)
	}
	var last carrier.Unexamined
	for _, u := range s.Report.Unexamined {
		if u.Path == last.Path && u.Cause == last.Cause {
			continue // a compressor and its content share a path
		}
		last = u
		fmt.Fprintf(w, "stanch: not examined: %s: %s\n", printable(u.Path), advice(u.Cause))
	}
	if s.Report.Beyond > 0 {
		fmt.Fprintf(w, "stanch: not examined: %d more, not listed\n", s.Report.Beyond)
	}
	if s.Report.Refused > 0 {
		fmt.Fprintf(w, "stanch: not examined: %d in all (%s)\n", s.Report.Refused, causeCounts(s.Report))
	}
}
