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

	"github.com/stanch/stanch/card"
	"github.com/stanch/stanch/internal/carrier"
	"github.com/stanch/stanch/internal/cell"
	"github.com/stanch/stanch/internal/durable"
	"github.com/stanch/stanch/internal/finding"
	"github.com/stanch/stanch/internal/keyring"
	"github.com/stanch/stanch/internal/tenant"
	"github.com/stanch/stanch/scan"
)

// scanCmd looks for card data once and reports it.
type scanCmd struct {
	Format           string   `enum:"text,jsonl,sarif,csv,html" default:"text" help:"Form of the report: text, jsonl, sarif, csv or html. / 报告格式。"`
	JSON             bool     `name:"json" help:"The same as --format jsonl. / 等同于 --format jsonl。"`
	Out              string   `placeholder:"FILE" help:"Write the report to FILE, whole or not at all. / 报告写入文件。"`
	MinConfidence    string   `enum:"low,medium,high" default:"medium" help:"Report matches from this confidence on; it decides exit 1, too. / 最低置信度。"`
	Classes          []string `placeholder:"LIST" help:"Report these classes only: pan, track1, track2, cvv, expiry, resident_id, … / 只报告这些类别。"`
	Baseline         string   `placeholder:"FILE" help:"Leave out what FILE accepts: a JSON object a line with token or path, and reason. / 已接受的发现。"`
	AcceptUnexamined []string `sep:"none" placeholder:"CAUSE" help:"Do not end with exit 2 for this cause: encrypted, picture, … Repeatable. / 不因该原因返回 2。"`
	Keys             string   `placeholder:"DIR" help:"Folder of the token key; without one, tokens are good for this run only. / 密钥目录。"`
	Targets          []string `arg:"" name:"target" help:"File, folder, or - for standard input. / 文件、目录或标准输入。"`
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
	summary := &scanSummary{Lasting: lasting}
	examiner := cell.New(cell.Options{Tokenizer: tokens, Tenant: string(tenant.Default), Workers: scanWorkers})
	defer examiner.Close()
	run := &scanRun{
		io: io, examiner: examiner, wanted: wanted, summary: summary,
		report: newReport(c.format(), out.w), progress: newProgress(io.Err),
	}
	if err := run.targets(c.Targets); err != nil {
		return scanUsage(err)
	}
	if err := out.commit(); err != nil {
		return scanUsage(fmt.Errorf("write report: %w", err))
	}
	return c.verdict(io, summary)
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
		if scheme := foreignScheme(target); scheme != "" {
			return nil, fmt.Errorf("scan %s…: this release reads files, folders and standard input; databases and object stores come later", scheme)
		}
	}
	if c.Baseline != "" {
		f.baseline, err = readBaseline(c.Baseline)
	}
	return f, err
}

// foreignScheme returns the scheme of a target that is no path.
func foreignScheme(target string) string {
	if _, err := os.Lstat(target); err == nil {
		return ""
	}
	if scheme, _, ok := strings.Cut(target, "://"); ok && strings.Trim(scheme, "abcdefghijklmnopqrstuvwxyz0123456789+-.") == "" && scheme != "" {
		return scheme + "://"
	}
	if strings.HasPrefix(target, "sqlite:") {
		return "sqlite:"
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
