package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/stanch/stanch/card"
	"github.com/stanch/stanch/internal/carrier"
	"github.com/stanch/stanch/internal/cell"
	"github.com/stanch/stanch/internal/durable"
	"github.com/stanch/stanch/internal/finding"
	"github.com/stanch/stanch/internal/keyring"
	"github.com/stanch/stanch/internal/source/sheet"
	"github.com/stanch/stanch/internal/tenant"
	"github.com/stanch/stanch/scan"
)

// scanCmd looks for card data once and reports it.
type scanCmd struct {
	Format           string   `enum:"text,jsonl,sarif,csv,html,ocsf,baseline" default:"text" help:"Form of the report: text, jsonl, sarif, csv, html, ocsf (Data Security Findings for a SIEM), or baseline (accepts what is found). / 报告格式。"`
	JSON             bool     `name:"json" help:"The same as --format jsonl. / 等同于 --format jsonl。"`
	Out              string   `placeholder:"FILE" help:"Write the report to FILE, whole or not at all. / 报告写入文件。"`
	MinConfidence    string   `enum:"low,medium,high" default:"medium" help:"Report matches from this confidence on; it decides exit 1, too. / 最低置信度。"`
	Classes          []string `placeholder:"LIST" help:"Report these classes only: pan, track1, track2, cvv, expiry, resident_id, … / 只报告这些类别。"`
	Plain            bool     `help:"Only numbers that stand as digits, also in archives and documents: several times as fast. / 只找直接写出的数字（含压缩包与文档内），快数倍。"`
	Explain          bool     `help:"Say for each match why it is one; for the text report. / 逐条说明判定理由（文本报告）。"`
	Baseline         string   `placeholder:"FILE" help:"Leave out what FILE accepts: a JSON object a line with token or path, and reason. / 已接受的发现。"`
	Reason           string   `placeholder:"TEXT" help:"With --format baseline: why it may be there. / 接受的理由。"`
	Owner            string   `placeholder:"WHO" help:"With --format baseline: who answers for it. / 负责人。"`
	Until            string   `placeholder:"DAY" help:"With --format baseline: the last day it counts, as 2026-12-31. / 有效期至。"`
	AcceptUnexamined []string `sep:"none" placeholder:"CAUSE" help:"Do not end with exit 2 for this cause: encrypted, picture, … Repeatable. / 不因该原因返回 2。"`
	State            string   `placeholder:"DIR" help:"Remember in DIR what was found in each file: a scan that was cut off goes on, the next reads only what changed. / 记录进度：中断后接着扫，下次只读有变化的文件。"`
	Reread           bool     `help:"With --state: read every file again. / 配合 --state：全部重读。"`
	MaxRate          string   `placeholder:"RATE" help:"Read at most so many bytes a second: 500K, 20M, 1G. / 每秒最多读取的字节数。"`
	Idle             bool     `help:"Let every other program go first (Linux). / 让其他程序优先（Linux）。"`
	Keys             string   `placeholder:"DIR" help:"Folder of the token key; without one, tokens are good for this run only. / 密钥目录。"`
	Targets          []string `arg:"" name:"target" help:"File, folder, - for standard input, or sqlite:FILE, postgres://…, mysql://…, s3://…, proc:PID, journal:. / 文件、目录、标准输入、数据库、对象存储、进程内存、系统日志。"`

	sourceFlags
}

// Exit codes of stanch scan.
const (
	exitFound      = 1
	exitUnexamined = 2
)

// Run scans the targets and writes the report.
func (c *scanCmd) Run(io *stdio) error {
	wanted, err := c.wanted()
	if err != nil {
		return scanUsage(err)
	}
	tokens, lasting, err := c.tokenizer()
	if err != nil {
		return scanUsage(err)
	}
	out, err := openReport(c.Out, io.Out)
	if err != nil {
		return scanUsage(fmt.Errorf("write report: %w", err))
	}
	defer out.abort()
	summary := &scanSummary{Baseline: wanted.baseline, Lasting: lasting, Plain: c.Plain, Digest: newResultDigest(lasting), Ages: tally{}}
	state, slow, err := c.work(tokens, lasting)
	if err != nil {
		return scanUsage(err)
	}
	defer state.close()
	mark := sheet.NewMark()
	asked := cell.Options{
		Tokenizer: tokens, Tenant: string(tenant.Default), Workers: scanWorkers, Registry: carrier.Builtin(mark),
		Plain: c.Plain,
	}
	if state == nil { // which remembers all there is
		asked.Classes, asked.Least = wanted.looked(), wanted.least
	}
	examiner := cell.New(asked)
	defer examiner.Close()
	run := &scanRun{
		io: io, examiner: examiner, wanted: wanted, summary: summary,
		report: c.newReport(out.w), progress: newProgress(io.Err), state: state, throttle: slow,
		sources: newSources(c.sourceFlags, mark, &summary.Tables),
	}
	if err := run.targets(c.Targets); err != nil {
		return scanUsage(err)
	}
	if state != nil {
		if err := state.finish(); err != nil {
			return scanUsage(err)
		}
	}
	if err := out.commit(); err != nil {
		return scanUsage(fmt.Errorf("write report: %w", err))
	}
	return c.verdict(io, summary)
}

// work sets up how the scan is to go about it.
func (c *scanCmd) work(tokens *card.Tokenizer, lasting bool) (state *scanState, p *throttle, err error) {
	if c.MaxRate != "" {
		rate, err := parseRate(c.MaxRate)
		if err != nil {
			return nil, nil, fmt.Errorf("read --max-rate: %w", err)
		}
		p = &throttle{rate: rate}
	}
	if c.Idle {
		if err := goIdle(); err != nil {
			return nil, nil, err
		}
	}
	switch {
	case c.State == "" && c.Reread:
		return nil, nil, errors.New("--reread goes with --state")
	case c.State != "" && c.Plain:
		return nil, nil, errors.New("--state remembers all that a file holds; leave out --plain")
	case c.State != "" && !lasting:
		return nil, nil, errors.New("--state needs a token key that lasts; name its folder with --keys")
	case c.format() == "baseline" && !lasting:
		return nil, nil, errors.New("--format baseline needs a token key that lasts; name its folder with --keys")
	case c.State != "":
		state, err = openState(c.State, tokens, c.Reread)
	}
	return state, p, err
}

// scanUsage ends the scan with exit 3. A path in the error may be named after
// a card.
func scanUsage(err error) error {
	return &exitError{Code: exitUsage, Err: errors.New(printable(card.MaskText(err.Error())))}
}

func (c *scanCmd) format() string {
	if c.JSON {
		return "jsonl"
	}
	return c.Format
}

// verdict says on standard error what was not examined, and picks the exit code.
func (c *scanCmd) verdict(io *stdio, s *scanSummary) error {
	s.explain(io.Err)
	if c.Baseline != "" {
		s.Baseline.explain(io.Err, c.Baseline)
	}
	if c.format() == "jsonl" && !s.Lasting && s.Matches > 0 {
		fmt.Fprintln(io.Err, "stanch: no token key here, so tokens are good for this run only; name its folder with --keys")
	}
	for cause := range s.Report.Causes {
		if cause != carrier.Special && !slices.Contains(c.AcceptUnexamined, string(cause)) {
			return &exitError{Code: exitUnexamined}
		}
	}
	if s.Matches > 0 {
		return &exitError{Code: exitFound}
	}
	return nil
}

// wanted checks the words of the command line that kong cannot check.
func (c *scanCmd) wanted() (*scanFilter, error) {
	f := &scanFilter{}
	for _, word := range c.Classes {
		if !slices.Contains(scan.Classes(), scan.Class(word)) {
			return nil, fmt.Errorf("read --classes: no class is named %q", card.MaskText(word))
		}
		f.classes = append(f.classes, word)
	}
	for _, word := range c.AcceptUnexamined {
		if !carrier.Cause(word).Valid() {
			return nil, fmt.Errorf("read --accept-unexamined: no cause is named %q; there are %v", card.MaskText(word), carrier.Causes())
		}
	}
	var err error
	if f.least, err = scan.ParseConfidence(c.MinConfidence); err != nil {
		return nil, fmt.Errorf("read --min-confidence: %w", err)
	}
	for _, target := range c.Targets {
		if scheme := foreignScheme(target); scheme != "" && !sourceScheme(target) {
			return nil, fmt.Errorf("scan %s…: there is nothing to read this with; see stanch scan --help", scheme)
		}
	}
	if c.Baseline != "" {
		f.baseline, err = readBaseline(c.Baseline, time.Now())
	}
	if err == nil {
		err = c.checkAccepting()
	}
	return f, err
}

// checkAccepting checks the words of a new baseline.
func (c *scanCmd) checkAccepting() error {
	if c.format() != "baseline" {
		if c.Reason+c.Owner+c.Until != "" {
			return errors.New("--reason, --owner and --until go with --format baseline")
		}
		return nil
	}
	line := baselineLine{Until: c.Until}
	_, err := line.countsOn(time.Now())
	switch {
	case c.Reason == "" || c.Owner == "":
		return errors.New("--format baseline needs --reason and --owner: somebody answers for what is accepted")
	case err != nil:
		return errors.New("read --until: want a day, such as 2026-12-31")
	}
	return nil
}

// newReport returns what writes the report.
func (c *scanCmd) newReport(w io.Writer) report {
	if c.format() == "baseline" {
		return newReportBaseline(w, baselineLine{Reason: c.Reason, Owner: c.Owner, Until: c.Until})
	}
	return newReport(c.format(), w, c.Explain)
}

// foreignScheme returns the scheme of a target that is no path.
func foreignScheme(target string) string {
	if _, err := os.Lstat(target); err == nil {
		return ""
	}
	if scheme, _, ok := strings.Cut(target, "://"); ok && strings.Trim(scheme, "abcdefghijklmnopqrstuvwxyz0123456789+-.") == "" && scheme != "" {
		return scheme + "://"
	}
	return ""
}

// tokenizer returns the centre's tokenizer if its key is at hand, and one for
// this run alone if not. A folder named with --keys must hold the key.
func (c *scanCmd) tokenizer() (t *card.Tokenizer, lasting bool, err error) {
	dir := c.Keys
	if dir == "" {
		if data, err := keyring.DefaultData(); err == nil {
			dir, _ = keyring.DefaultDir(data)
		}
	}
	if dir != "" {
		t, err := keyring.Tokenizer(dir)
		if err == nil {
			return t, true, nil
		}
		if c.Keys != "" || !errors.Is(err, keyring.ErrNoKey) && !errors.Is(err, fs.ErrPermission) {
			return nil, false, err
		}
	}
	key := make([]byte, 32)
	rand.Read(key)
	t, err = card.NewTokenizer("tmp", key)
	return t, false, err
}

// A scanFilter picks the matches to report.
type scanFilter struct {
	classes  []string
	least    scan.Confidence
	baseline *baseline
}

// looked returns the classes to look for, nil for all.
func (f *scanFilter) looked() []scan.Class {
	var classes []scan.Class
	for _, word := range f.classes {
		classes = append(classes, scan.Class(word))
	}
	return classes
}

// keeps reports whether m is to be reported, and whether only the baseline
// speaks against it.
func (f *scanFilter) keeps(m *finding.Match) (keep, accepted bool) {
	sure, err := scan.ParseConfidence(m.Confidence)
	if err != nil || sure < f.least {
		return false, false
	}
	if len(f.classes) > 0 && !slices.Contains(f.classes, m.Class) &&
		!slices.ContainsFunc(m.Also, func(class string) bool { return slices.Contains(f.classes, class) }) {
		return false, false
	}
	if f.baseline != nil && f.baseline.accepts(m) {
		return false, true
	}
	return true, false
}

// A reportFile is where the report goes: standard output, or a file that
// appears whole.
type reportFile struct {
	w      io.Writer
	commit func() error
	abort  func()
}

func openReport(path string, stdout io.Writer) (*reportFile, error) {
	if path == "" {
		return &reportFile{w: stdout, commit: func() error { return nil }, abort: func() {}}, nil
	}
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		f, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err != nil {
			return nil, err
		}
		return &reportFile{w: f, commit: f.Close, abort: func() { f.Close() }}, nil
	}
	f, err := durable.Create(path, 0o600)
	if err != nil {
		return nil, err
	}
	return &reportFile{w: f, commit: f.Commit, abort: func() { f.Abort() }}, nil
}
