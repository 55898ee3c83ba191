//go:build linux

package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/stanch/stanch/bench/corpus"
	"github.com/stanch/stanch/bench/quality"
)

// corpusSeed makes the published corpus. Another seed makes another one of the
// same kind: go run ./bench/corpus/cmd/corpus.
const corpusSeed = 1

// quality measures what a scan finds in a corpus whose truth is known, and what
// it takes for a card where none is. The corpus is of the family on which no
// rule is made.
func (b *bench) quality(ctx context.Context) error {
	dir, err := b.scratch("corpus")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	truth, err := corpus.Write(dir, corpus.Report, corpusSeed, nil)
	if err != nil {
		return err
	}
	for class, why := range truth.Missing {
		b.say("quality: %s is not made and counts as not found: %s", class, why)
	}
	table, err := quality.Judge(ctx, b.stanch, dir)
	if err != nil {
		return err
	}
	table.Print(b.stderr)
	peer, err := quality.JudgePlain(dir)
	if err != nil {
		return err
	}
	b.recall(table, peer)
	b.precision(table, peer)
	return b.realText(ctx)
}

const percent = 100

// recall adds the rows that say how much was found.
func (b *bench) recall(t, peer *quality.Table) {
	macro, _ := t.Mean()
	of := fmt.Sprintf("family %s, seed %d", t.Family, t.Seed)
	plain := func(groups ...corpus.Group) string {
		mean, n := peer.Mean(groups...)
		return fmt.Sprintf("a pattern with check digit and brand: %.1f %%; means over %d classes, %s", percent*mean, n, of)
	}
	b.atLeast(95, "quality", "recall_macro", percent*macro, "%", "%s", plain())
	ordinary, _ := t.Mean(corpus.Ordinary)
	b.atLeast(99.5, "quality", "recall_ordinary", percent*ordinary, "%", "%s", plain(corpus.Ordinary))
	wire, _ := t.Mean(corpus.Wire)
	b.atLeast(98, "quality", "recall_wire", percent*wire, "%", "%s", plain(corpus.Wire))
	zero := t.Zero()
	b.atMost(0, "quality", "recall_zero", float64(len(zero)), "classes", "classes of which nothing was found: %s; %s", orNone(zero), of)
	for _, s := range t.Scores {
		if s.Group == corpus.LookAlike || s.Group == corpus.POS || s.Group == corpus.Encrypted {
			continue
		}
		b.add("quality", "recall_"+s.Class, percent*s.Recall(), "%", "the pattern: %.1f %%; planted: %d, found: %d, and %d more that nobody planted",
			percent*peer.Class(s.Class).Recall(), s.Planted, s.Found, s.False)
	}
	named, files := t.Encrypted()
	b.atMost(0, "quality", "encrypted_unnamed", float64(files-named), "files", "encrypted files: %d, named as not examined: %d", files, named)
}

// precision adds the rows that say what was taken for a card.
func (b *bench) precision(t, peer *quality.Table) {
	high, medium, worst := t.LookAlikes()
	theirs, _, _ := peer.LookAlikes()
	b.atMost(0.5, "quality", "lookalike_high", percent*high, "%", "look-alikes that the pattern reports: %.2f %%; at medium or high: %.2f %%", percent*theirs, percent*medium)
	b.atMost(2, "quality", "lookalike_worst", percent*float64(worst.High)/float64(max(worst.Planted, 1)), "%", "the class with the largest share: %s, %d of %d", worst.Class, worst.High, worst.Planted)
	for _, s := range t.Scores {
		if s.Group == corpus.LookAlike {
			b.add("quality", "lookalike_"+s.Class, percent*float64(s.High)/float64(s.Planted), "%", "planted: %d, at high: %d, at medium or high: %d", s.Planted, s.High, s.Found)
		}
	}
	pos, plain := t.Class("pos_log"), peer.Class("pos_log")
	b.atLeast(0.995, "quality", "pos_precision", pos.Precision(), "share", "the pattern: %.3f; distinct cards reported of a POS log: %d, planted ones among them: %d", plain.Precision(), pos.Found+pos.False, pos.Found)
	b.atLeast(0.99, "quality", "pos_recall", pos.Recall(), "share", "the pattern: %.3f; distinct cards planted in a POS log: %d, found: %d", plain.Recall(), pos.Planted, pos.Found)
}

// realText scans what this machine has of text in which no card stands.
func (b *bench) realText(ctx context.Context) error {
	out, err := exec.CommandContext(ctx, "go", "env", "GOMODCACHE").Output()
	if err != nil {
		return fmt.Errorf("find the module cache: %w", err)
	}
	var targets []string
	for _, dir := range []string{strings.TrimSpace(string(out)), "/usr/share/doc", "/usr/lib"} {
		if _, err := os.Stat(dir); err != nil {
			b.say("quality: %s is not here and is left out", filepath.Base(dir))
			continue
		}
		targets = append(targets, dir)
	}
	found, err := quality.RealText(ctx, b.stanch, targets)
	if err != nil {
		return err
	}
	found.Print(b.stderr)
	b.atMost(5, "quality", "real_text_high", float64(len(found.Distinct)), "findings",
		"distinct at high confidence in the module cache, /usr/share/doc and /usr/lib; besides %d published test numbers; at medium: %d", found.Tests, found.Medium)
	return nil
}

func orNone(list []string) string {
	if len(list) == 0 {
		return "none"
	}
	return strings.Join(list, " ")
}
