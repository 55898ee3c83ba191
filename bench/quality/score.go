package quality

import (
	"context"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/stanch/stanch/bench/corpus"
	"github.com/stanch/stanch/internal/tenant"
)

// A Score is a line of the table.
type Score struct {
	Class   string
	Group   corpus.Group
	Planted int
	Found   int // planted things reported at medium or high; look-alikes: lines reported so
	High    int // look-alikes: lines reported at high
	False   int // distinct tokens of cards, reported at medium or high, that nobody planted
	Files   int // encrypted: files
	Named   int // encrypted: files named as such
	Missing string

	missed []corpus.Plant
}

// Recall returns the share of what was planted that was found.
func (s Score) Recall() float64 { return share(s.Found, s.Planted) }

// Precision returns the share of what was reported that was planted.
func (s Score) Precision() float64 {
	if s.Found+s.False == 0 {
		return 1
	}
	return share(s.Found, s.Found+s.False)
}

func share(a, b int) float64 {
	if b == 0 {
		return 0
	}
	return float64(a) / float64(b)
}

// A Table is the judgement of one corpus.
type Table struct {
	Family  corpus.Family
	Seed    uint64
	Scores  []Score
	Refused int // lines on standard error that name something not examined
}

// Judge scans the corpus in dir with a built stanch and compares.
func Judge(ctx context.Context, binary, dir string) (*Table, error) {
	truth, err := corpus.Read(dir)
	if err != nil {
		return nil, err
	}
	root := filepath.Join(dir, corpus.FilesFolder)
	s, err := runScan(ctx, binary, []string{root}, func(*match) bool { return true })
	if err != nil {
		return nil, err
	}
	return tabulate(truth, s, root), nil
}

func tabulate(truth *corpus.Truth, s *scan, root string) *Table {
	j := newJudge(truth, s, root)
	t := &Table{Family: truth.Family, Seed: truth.Seed, Refused: len(s.refused)}
	for _, c := range corpus.Classes() {
		if plants := j.plants[c.Name]; len(plants) > 0 {
			t.Scores = append(t.Scores, j.score(c, plants))
		}
	}
	return t
}

// A judge has both sides, by class and by file.
type judge struct {
	truth   *corpus.Truth
	plants  map[string][]corpus.Plant // by class
	matches map[string][]match        // by file
	refused []string
	token   func(digits string) string
}

func newJudge(truth *corpus.Truth, s *scan, root string) *judge {
	j := &judge{
		truth: truth, plants: map[string][]corpus.Plant{}, matches: map[string][]match{}, refused: s.refused,
		token: func(v string) string { return string(s.tokens.Token(string(tenant.Default), []byte(v))) },
	}
	for _, p := range truth.Plants {
		j.plants[p.Class] = append(j.plants[p.Class], p)
	}
	for _, m := range s.matches {
		file, _, _ := strings.Cut(m.Path, "!")
		file = filepath.ToSlash(strings.TrimPrefix(strings.TrimPrefix(file, root), string(filepath.Separator)))
		j.matches[file] = append(j.matches[file], m)
	}
	return j
}

func (j *judge) score(c corpus.Class, plants []corpus.Plant) Score {
	s := Score{Class: c.Name, Group: c.Group, Planted: len(plants), Missing: j.truth.Missing[c.Name]}
	byFile := map[string][]corpus.Plant{}
	for _, p := range plants {
		byFile[p.File] = append(byFile[p.File], p)
	}
	for _, file := range slices.Sorted(maps.Keys(byFile)) {
		list := byFile[file]
		switch c.Group {
		case corpus.LookAlike:
			high, medium := j.taken(j.matches[file], list, c.Reported)
			s.High, s.Found = s.High+high, s.Found+medium
		case corpus.Encrypted:
			s.Files++
			if j.namedEncrypted(file) {
				s.Named++
			}
		default:
			missed := j.missed(j.matches[file], list)
			s.Found += len(list) - len(missed)
			s.missed = append(s.missed, missed...)
			s.False += j.strange(j.matches[file], list)
		}
	}
	return s
}

func sure(m *match) bool { return m.Confidence == "medium" || m.Confidence == "high" }

// taken counts the look-alikes of one file that were taken for something, at
// high confidence and at medium or high: those in whose line a match stands,
// or whose value's token it is.
func (j *judge) taken(matches []match, plants []corpus.Plant, rightly []string) (high, medium int) {
	highs, mediums := map[any]bool{}, map[any]bool{}
	for i := range matches {
		m := &matches[i]
		if !sure(m) || slices.Contains(rightly, m.Class) {
			continue
		}
		mediums[m.Line], mediums[m.Token] = true, true
		if m.Confidence == "high" {
			highs[m.Line], highs[m.Token] = true, true
		}
	}
	for _, p := range plants {
		token := j.token(p.Value)
		if mediums[p.Line] || mediums[token] {
			medium++
		}
		if highs[p.Line] || highs[token] {
			high++
		}
	}
	return high, medium
}

// namedEncrypted reports whether the file is named as encrypted.
func (j *judge) namedEncrypted(file string) bool {
	return slices.ContainsFunc(j.refused, func(line string) bool {
		return strings.Contains(line, "/"+file) && strings.Contains(line, "encrypted")
	})
}

// missed returns the plants of one file that were not reported in it.
func (j *judge) missed(matches []match, plants []corpus.Plant) []corpus.Plant {
	byToken, byLine := map[string][]*match{}, map[int][]*match{}
	for i := range matches {
		if m := &matches[i]; sure(m) {
			byToken[m.Token] = append(byToken[m.Token], m)
			byLine[m.Line] = append(byLine[m.Line], m)
		}
	}
	var out []corpus.Plant
	for _, p := range plants {
		var near []*match
		if p.Value != "" {
			near = append(near, byToken[j.token(p.Value)]...)
		}
		if p.Kind != "pan" && p.Partner != "" {
			near = append(near, byToken[j.token(p.Partner)]...)
		}
		if p.Kind != "pan" && p.Line > 0 {
			near = append(near, byLine[p.Line]...)
		}
		if !slices.ContainsFunc(near, func(m *match) bool { return p.Kind == "pan" || m.is(p.Kind) }) {
			out = append(out, p)
		}
	}
	return out
}

// cardClasses are the classes that claim a card number.
var cardClasses = []string{"pan", "track1", "track2", "emv"}

// strange counts distinct tokens of cards in a file that nobody planted there.
func (j *judge) strange(matches []match, plants []corpus.Plant) int {
	ours := map[string]bool{}
	for _, p := range plants {
		for _, v := range []string{p.Value, p.Partner} {
			if v != "" {
				ours[j.token(v)] = true
			}
		}
	}
	other := map[string]bool{}
	for i := range matches {
		if m := &matches[i]; sure(m) && slices.Contains(cardClasses, m.Class) && !ours[m.Token] {
			other[m.Token] = true
		}
	}
	return len(other)
}
