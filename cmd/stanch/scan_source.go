package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"sync"

	"github.com/stanch/stanch/card"
	"github.com/stanch/stanch/internal/carrier"
	"github.com/stanch/stanch/internal/cell"
	"github.com/stanch/stanch/internal/finding"
	"github.com/stanch/stanch/internal/source/journal"
	"github.com/stanch/stanch/internal/source/objectstore"
	"github.com/stanch/stanch/internal/source/sheet"
	"github.com/stanch/stanch/internal/source/sqltable"
)

// sourceFlags say how targets are read that are no files.
type sourceFlags struct {
	Sample        int64  `placeholder:"N" help:"Read N rows of each table only, the first and the last by key. / 每表只抽样 N 行。"`
	RowsPerSecond int64  `placeholder:"N" help:"Read at most N rows of tables a second. / 数据库每秒最多读取行数。"`
	S3Endpoint    string `name:"s3-endpoint" placeholder:"URL" help:"Where s3:// is, if not at Amazon. / S3 兼容存储的地址。"`
	S3Credentials string `name:"s3-credentials" placeholder:"FILE" help:"Credentials file of the AWS tools, if not the usual one. / S3 凭证文件。"`
	S3Versions    bool   `name:"s3-versions" help:"Read older versions of objects, too. / 同时读取对象的历史版本。"`
}

// sources is what a walk needs for targets that are no files.
type sources struct {
	flags  sourceFlags
	mark   sheet.Mark // begins what a source wrote itself
	pace   *sqltable.Pace
	tally  *sourceTally
	closed []func()
	state  *scanState // nil if nothing is remembered
	paced  func(context.Context, io.ReaderAt) io.ReaderAt
}

func newSources(flags sourceFlags, mark sheet.Mark, tally *sourceTally) *sources {
	return &sources{flags: flags, mark: mark, pace: sqltable.NewPace(flags.RowsPerSecond), tally: tally}
}

// close gives free what was opened, once nothing is read any more.
func (s *sources) close() {
	for _, closed := range s.closed {
		closed()
	}
}

// A sourceTally counts how tables were read.
type sourceTally struct {
	mu             sync.Mutex // guards all below
	whole, sampled int64
}

func (t *sourceTally) table(sampled bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if sampled {
		t.sampled++
	} else {
		t.whole++
	}
}

// String says how tables were read, nothing if there were none.
func (t *sourceTally) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case t.sampled > 0:
		return fmt.Sprintf("%s sampled, %d read whole", count(t.sampled, "table", "tables"), t.whole)
	case t.whole > 0:
		return count(t.whole, "table", "tables") + " read whole"
	}
	return ""
}

// sourceScheme reports whether target is read by one of the sources.
func sourceScheme(target string) bool {
	_, process := processOf(target)
	return process || sqltable.Scheme(target) || objectstore.Scheme(target) || journal.Scheme(target)
}

// source yields the jobs of a target that is no file. It returns false if
// target is none. A file of that name is a file.
func (w *walk) source(target string) bool {
	if w.sources == nil || !sourceScheme(target) {
		return false
	}
	if _, err := os.Lstat(target); err == nil {
		return false
	}
	switch {
	case sqltable.Scheme(target):
		w.database(target)
	case objectstore.Scheme(target):
		w.bucket(target)
	case journal.Scheme(target):
		w.journal(target)
	default:
		w.process(target)
	}
	return true
}

// unread yields a place that cannot be read, and why.
func (w *walk) unread(path string, err error) bool {
	return w.yield(&scanJob{path: path, cause: sourceCause(err), fault: readFault(path, err)})
}

func readFault(path string, err error) error {
	return fmt.Errorf("read %s: %w", card.MaskText(path), err)
}

// sourceCause names what an error of a source means.
func sourceCause(err error) carrier.Cause {
	switch {
	case errors.Is(err, sqltable.ErrVanished), errors.Is(err, fs.ErrNotExist):
		return carrier.Vanished
	case errors.Is(err, objectstore.ErrEncrypted):
		return carrier.Encrypted
	case errors.Is(err, objectstore.ErrChanged):
		return carrier.Shrank
	}
	return carrier.Unreadable
}

// A sourceJob examines what a source yields as one job: a table, an object, a
// journal. It belongs to one worker.
type sourceJob struct {
	walk   *walk
	path   string
	ctx    context.Context
	emit   func(finding.Match)
	report carrier.Report
}

// yieldJob yields a job that read carries out.
func (w *walk) yieldJob(path string, read func(*sourceJob) error) bool {
	return w.yield(&scanJob{path: path, run: func(ctx context.Context, emit func(finding.Match)) (carrier.Report, error) {
		j := &sourceJob{walk: w, path: path, ctx: ctx, emit: emit}
		err := read(j)
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		return j.report, err
	}})
}

// failed reports that nothing of the job could be read.
func (j *sourceJob) failed(err error) error {
	j.refuse(j.path, sourceCause(err), -1)
	return readFault(j.path, err)
}

func (j *sourceJob) refuse(path string, cause carrier.Cause, bytes int64) {
	j.report.Refuse(carrier.Unexamined{Path: card.MaskText(path), Cause: cause, Bytes: bytes})
}

// examine scans bytes under a path. If place is given it may change a match,
// or drop it by returning false.
func (j *sourceJob) examine(path string, r io.ReaderAt, size int64, place func(*finding.Match) bool) error {
	report, _, err := j.walk.examiner.Examine(j.ctx, cell.Input{Name: path, R: j.walk.sources.paced(j.ctx, r), Size: size}, func(m finding.Match) {
		if place == nil || place(&m) {
			j.emit(m)
		}
	})
	j.report.Add(report)
	return err
}

// part scans what stands alone inside of the job. The name it has there was
// scanned with the job.
func (j *sourceJob) part(path string, r io.ReaderAt, size int64) {
	shown := card.MaskText(path)
	j.examine(path, r, size, func(m *finding.Match) bool { return m.Encoding != "name" || m.Path != shown })
}

// say scans what something is explained with.
func (j *sourceJob) say(path, comment string) {
	if comment == "" {
		return
	}
	shown := card.MaskText(path)
	j.examine(path, strings.NewReader(comment), int64(len(comment)), func(m *finding.Match) bool {
		if m.Path == shown {
			if m.Encoding == "name" {
				return false
			}
			m.Encoding, m.Line, m.Column = strings.TrimSuffix("comment>"+m.Encoding, ">"), 0, 0
		}
		return true
	})
}

// name scans a name that stands at the end of a path and nowhere else.
func (j *sourceJob) name(path, name string) {
	if card.HoldsPAN(name) {
		j.examine(path, bytes.NewReader(nil), 0, nil)
	}
}

// holdsMore reports whether bytes with this head are a container.
func holdsMore(head []byte) bool { return carrier.Sniff(head, "").Hostile() }
