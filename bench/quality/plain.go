package quality

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/stanch/stanch/bench/corpus"
	"github.com/stanch/stanch/card"
	"github.com/stanch/stanch/internal/tenant"
)

// pattern is what most tools look for: digits, with single blanks or dashes.
var pattern = regexp.MustCompile(`\d(?:[ -]?\d){11,18}`)

// JudgePlain judges the peer: a pattern, the check digit and the brand's
// prefix, in the bytes of each file as they lie there.
func JudgePlain(dir string) (*Table, error) {
	truth, err := corpus.Read(dir)
	if err != nil {
		return nil, err
	}
	tokens, err := card.NewTokenizer("plain", make([]byte, 32))
	if err != nil {
		return nil, err
	}
	root, s := filepath.Join(dir, corpus.FilesFolder), &scan{tokens: tokens}
	err = filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if err == nil {
			s.plain(path, string(data))
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return tabulate(truth, s, root), nil
}

func (s *scan) plain(path, text string) {
	line, counted := 1, 0
	for _, at := range pattern.FindAllStringIndex(text, -1) {
		line += strings.Count(text[counted:at[0]], "\n")
		counted = at[0]
		digits := []byte(strings.NewReplacer(" ", "", "-", "").Replace(text[at[0]:at[1]]))
		if card.Luhn(digits) && card.BrandOf(digits) != "" {
			token := s.tokens.Token(string(tenant.Default), digits)
			s.matches = append(s.matches, match{Class: "pan", Path: path, Line: line, Confidence: "high", Token: string(token)})
		}
	}
}
