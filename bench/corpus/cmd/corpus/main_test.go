package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stanch/stanch/bench/corpus"
)

func TestRun(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "c")
	var out bytes.Buffer
	if err := run(t.Context(), []string{"-family", "report", "-only", "plain,ebcdic", "-seed", "4", "-out", dir}, &out, io.Discard); err != nil {
		t.Fatal(err)
	}
	truth, err := corpus.Read(dir)
	if err != nil || truth.Family != corpus.Report || truth.Seed != 4 || len(truth.Plants) != 800 {
		t.Errorf("got %v with %d plants, want 800 of report, seed 4", err, len(truth.Plants))
	}
	entries, _ := os.ReadDir(filepath.Join(dir, corpus.FilesFolder))
	if len(entries) != 2 {
		t.Errorf("got %d folders, want 2", len(entries))
	}
	out.Reset()
	if err := run(t.Context(), []string{"-list"}, &out, io.Discard); err != nil || strings.Count(out.String(), "\n") != len(corpus.Classes()) {
		t.Errorf("list: got %d lines, %v; want %d", strings.Count(out.String(), "\n"), err, len(corpus.Classes()))
	}
}

func TestRunRefuses(t *testing.T) {
	for _, args := range [][]string{{}, {"-family", "other", "-out", filepath.Join(t.TempDir(), "c")}, {"-nothing"}, {"-judge", "/nowhere/stanch", "-in", "/nowhere"}} {
		if err := run(t.Context(), args, io.Discard, io.Discard); err == nil {
			t.Errorf("%v: got no error", args)
		}
	}
}
