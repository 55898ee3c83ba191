package quality

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stanch/stanch/bench/corpus"
	"github.com/stanch/stanch/card"
	"github.com/stanch/stanch/card/cardtest"
	"github.com/stanch/stanch/internal/tenant"
)

// judged judges matches of one file by plants.
func judged(t *testing.T, class corpus.Class, plants []corpus.Plant, said func(token func(string) string) []match, refused ...string) Score {
	t.Helper()
	tokens, err := card.NewTokenizer("k", make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	token := func(v string) string { return string(tokens.Token(string(tenant.Default), []byte(v))) }
	for i := range plants {
		plants[i].Class, plants[i].File = class.Name, "c/f.txt"
	}
	s := &scan{tokens: tokens, matches: said(token), refused: refused}
	for i := range s.matches {
		if s.matches[i].Path == "" {
			s.matches[i].Path = "/x/files/c/f.txt!inner/a.log"
		}
	}
	return newJudge(&corpus.Truth{Plants: plants}, s, "/x/files").score(class, plants)
}

func TestRecall(t *testing.T) {
	one, two, three := cardtest.Number(card.Visa, 16, 1), cardtest.Number(card.Visa, 16, 2), cardtest.Number(card.Visa, 16, 3)
	plants := []corpus.Plant{{Kind: "pan", Value: one}, {Kind: "pan", Value: two}, {Kind: "pan", Value: three}}
	s := judged(t, corpus.Class{Name: "plain", Group: corpus.Ordinary}, plants, func(token func(string) string) []match {
		return []match{
			{Class: "pan", Confidence: "high", Token: token(one)},
			{Class: "track2", Confidence: "medium", Token: token(one)}, // the same card once more
			{Class: "pan", Confidence: "low", Token: token(two)},
			{Class: "pan", Confidence: "high", Token: token(three), Path: "/x/files/c/other.txt"},
			{Class: "pan", Confidence: "medium", Token: token(cardtest.Number(card.Visa, 16, 4))},
			{Class: "pan", Confidence: "low", Token: token(cardtest.Number(card.Visa, 16, 5))},
		}
	})
	if s.Planted != 3 || s.Found != 1 || s.False != 1 {
		t.Errorf("got %d of %d and %d false, want 1 of 3 and 1", s.Found, s.Planted, s.False)
	}
	if s.Precision() != 0.5 {
		t.Errorf("got precision %v, want 0.5", s.Precision())
	}
}

// What stands beside a card counts by its class, at the card's token, its own,
// or its line.
func TestBeside(t *testing.T) {
	pan := cardtest.Number(card.Visa, 16, 1)
	plants := []corpus.Plant{
		{Kind: "cvv", Partner: pan, Line: 1},
		{Kind: "pin_block", Value: "0412AC89ABCDEF67", Line: 2},
		{Kind: "pin_block", Line: 3, Partner: pan},
		{Kind: "secret", Value: "abc", Line: 4},
	}
	s := judged(t, corpus.Class{Name: "x", Group: corpus.Wanted}, plants, func(token func(string) string) []match {
		return []match{
			{Class: "pan", Also: []string{"cvv"}, Confidence: "high", Token: token(pan), Line: 7},
			{Class: "pin_block", Confidence: "medium", Token: "whatever", Line: 2},
			{Class: "pan", Confidence: "high", Token: "another", Line: 3},
			{Class: "secret", Confidence: "low", Token: token("abc"), Line: 4},
		}
	})
	if s.Found != 2 {
		t.Errorf("got %d found, want the CVV and the first PIN block", s.Found)
	}
}

func TestLookAlikes(t *testing.T) {
	id := cardtest.ResidentID(3)
	plants := []corpus.Plant{{Value: "1", Line: 1}, {Value: "2", Line: 2}, {Value: "3", Line: 3}, {Value: id, Line: 4}}
	class := corpus.Class{Name: "x", Group: corpus.LookAlike, Reported: []string{"resident_id"}}
	s := judged(t, class, plants, func(token func(string) string) []match {
		return []match{
			{Class: "pan", Confidence: "high", Token: "a", Line: 1},
			{Class: "pan", Confidence: "medium", Token: "b", Line: 1},
			{Class: "pan", Confidence: "medium", Token: token("2")},
			{Class: "pan", Confidence: "low", Token: "c", Line: 3},
			{Class: "resident_id", Confidence: "high", Token: token(id), Line: 4},
			{Class: "pan", Confidence: "high", Token: "d", Line: 9}, // no look-alike stands there
		}
	})
	if s.High != 1 || s.Found != 2 {
		t.Errorf("got %d at high and %d at medium or high, want 1 and 2", s.High, s.Found)
	}
}

func TestEncrypted(t *testing.T) {
	class := corpus.Class{Name: "x", Group: corpus.Encrypted}
	none := func(func(string) string) []match { return nil }
	for line, want := range map[string]int{
		"stanch: not examined: /x/files/c/f.txt!a.log: it is encrypted": 1,
		"stanch: not examined: /x/files/c/f.txt!a.log: it is broken":    0,
		"stanch: not examined: /x/files/c/g.txt!a.log: it is encrypted": 0,
	} {
		if s := judged(t, class, []corpus.Plant{{Kind: "pan", Value: "1"}}, none, line); s.Named != want || s.Files != 1 {
			t.Errorf("%q: got %d of %d named, want %d of 1", line, s.Named, s.Files, want)
		}
	}
}

func TestSums(t *testing.T) {
	table := &Table{Scores: []Score{
		{Class: "a", Group: corpus.Ordinary, Planted: 10, Found: 10},
		{Class: "b", Group: corpus.Wire, Planted: 10, Found: 5},
		{Class: "c", Group: corpus.Wanted, Planted: 10},
		{Class: "d", Group: corpus.LookAlike, Planted: 100, High: 1, Found: 9},
		{Class: "e", Group: corpus.LookAlike, Planted: 100, High: 3, Found: 3},
		{Class: "f", Group: corpus.Encrypted, Planted: 10, Files: 4, Named: 3},
		{Class: "pos_log", Group: corpus.POS, Planted: 100, Found: 90, False: 10},
	}}
	if mean, n := table.Mean(); mean != 0.5 || n != 3 {
		t.Errorf("macro: got %v of %d, want 0.5 of 3: no look-alikes, no encrypted, no POS log", mean, n)
	}
	if mean, n := table.Mean(corpus.Wire); mean != 0.5 || n != 1 {
		t.Errorf("wire: got %v of %d", mean, n)
	}
	if zero := table.Zero(); len(zero) != 1 || zero[0] != "c" {
		t.Errorf("zero: got %v, want c", zero)
	}
	if high, medium, worst := table.LookAlikes(); high != 0.02 || medium != 0.06 || worst.Class != "e" {
		t.Errorf("look-alikes: got %v, %v, worst %s", high, medium, worst.Class)
	}
	if named, files := table.Encrypted(); named != 3 || files != 4 {
		t.Errorf("encrypted: got %d of %d", named, files)
	}
	var out bytes.Buffer
	table.Print(&out)
	for _, want := range []string{"macro recall", "50.00 %", "3 of 4 files named", "precision 0.9000"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the table does not say %q", want)
		}
	}
}
