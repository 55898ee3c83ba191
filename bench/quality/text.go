package quality

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/stanch/stanch/card"
	"github.com/stanch/stanch/internal/tenant"
)

// A Text is what was found at high confidence in real text, where no card is.
type Text struct {
	Distinct []Stranger // without published test numbers
	Tests    int        // distinct published test numbers
	Medium   int        // distinct findings at medium confidence, test numbers included
	Refused  int
}

// A Stranger is one distinct value, and where it was first met.
type Stranger struct {
	Class, Masked, Path string
	Line, Places        int
}

// RealText scans folders of real text.
func RealText(ctx context.Context, binary string, targets []string) (*Text, error) {
	medium := map[string]bool{}
	s, err := runScan(ctx, binary, targets, func(m *match) bool {
		if m.Confidence == "medium" {
			medium[m.Token] = true
		}
		return m.Confidence == "high"
	})
	if err != nil {
		return nil, err
	}
	t := &Text{Medium: len(medium), Refused: len(s.refused)}
	seen, tests := map[string]int{}, map[string]bool{}
	for i := range s.matches {
		m := &s.matches[i]
		if at, again := seen[m.Token]; again {
			t.Distinct[at].Places++
			continue
		}
		if tests[m.Token] || s.isTest(m) {
			tests[m.Token] = true
			continue
		}
		seen[m.Token] = len(t.Distinct)
		t.Distinct = append(t.Distinct, Stranger{Class: m.Class, Masked: m.Masked, Path: m.Path, Line: m.Line, Places: 1})
	}
	t.Tests = len(tests)
	slices.SortFunc(t.Distinct, func(a, b Stranger) int { return b.Places - a.Places })
	return t, nil
}

// isTest reads the number where it was found, because the report shows it
// masked, and looks whether it is published for tests. What lies in a container
// cannot be read like that; there the report's own word counts.
func (s *scan) isTest(m *match) bool {
	if strings.Contains(m.Path, "!") {
		return m.Test
	}
	file, err := os.Open(m.Path)
	if err != nil {
		return false
	}
	defer file.Close()
	raw := make([]byte, min(max(m.Length, 0), longestRun))
	if _, err := file.ReadAt(raw, m.Offset); err != nil && err != io.EOF {
		return false
	}
	digits := strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, string(raw))
	return card.IsTest([]byte(digits)) && string(s.tokens.Token(string(tenant.Default), []byte(digits))) == m.Token
}

// longestRun is more than any number takes, separators included.
const longestRun = 256

// Print lists the strangers.
func (t *Text) Print(w io.Writer) {
	for _, s := range t.Distinct {
		fmt.Fprintf(w, "%-12s %-20s %4d places, first %s:%d\n", s.Class, s.Masked, s.Places, s.Path, s.Line)
	}
	fmt.Fprintf(w, "%d distinct at high confidence that are no published test numbers (want at most 5); %d test numbers; %d distinct at medium; %d lines name what was not examined\n",
		len(t.Distinct), t.Tests, t.Medium, t.Refused)
}
