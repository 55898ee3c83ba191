package module

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const root = "../.."

// TestVendored holds the list of vendored files against the repository: a
// script that somebody adds has to be on it.
func TestVendored(t *testing.T) {
	listed := map[string]bool{}
	for _, v := range vendored() {
		listed[v.file] = true
		text, err := os.ReadFile(filepath.Join(root, v.licence))
		if err != nil {
			t.Fatal(err)
		}
		if got := identify(text); got == "" {
			t.Errorf("licence of %s: got no name, want one", v.Path)
		}
		if body, err := os.ReadFile(filepath.Join(root, v.file)); err != nil {
			t.Error(err)
		} else if v.Path == "htmx.org" && !strings.Contains(string(body), `"`+v.Version+`"`) {
			t.Errorf("%s does not say version %s", v.file, v.Version)
		}
	}
	found, err := filepath.Glob(filepath.Join(root, "internal/*/assets/*.min.*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range found {
		rel, err := filepath.Rel(root, path)
		if err != nil {
			t.Fatal(err)
		}
		if !listed[filepath.ToSlash(rel)] {
			t.Errorf("%s is not in the list of vendored files", rel)
		}
	}
}

func TestIdentify(t *testing.T) {
	tests := []struct{ text, want string }{
		{"Apache License\n Version 2.0, January 2004", "Apache-2.0"},
		{"Permission is hereby granted, free of charge, to any", "MIT"},
		{"Redistribution and use in source and\nbinary forms … Neither the name of", "BSD-3-Clause"},
		{"Redistribution and use in source and binary forms", "BSD-2-Clause"},
		{"Permission to use, copy, modify, and/or distribute this software for any purpose with or without fee is hereby granted.", "0BSD"},
		{"GNU GENERAL PUBLIC LICENSE", ""},
		{"all rights reserved", ""},
	}
	for _, tt := range tests {
		if got := identify([]byte(tt.text)); got != tt.want {
			t.Errorf("got %q, want %q for %q", got, tt.want, tt.text)
		}
	}
}

func TestLegal(t *testing.T) {
	for name, want := range map[string]bool{
		"LICENSE": true, "LICENSE.txt": true, "LICENCE-MIT": true, "COPYING": true, "NOTICE.md": true, "PATENTS": true,
		"licenses.go": false, "README.md": false, "copyright.go": false,
	} {
		if got := legal(name); got != want {
			t.Errorf("%s: got %v, want %v", name, got, want)
		}
	}
}

func TestLicencesMissing(t *testing.T) {
	dir := t.TempDir()
	if _, err := licences(dir); err != errNone {
		t.Errorf("empty folder: got %v, want %v", err, errNone)
	}
	if err := os.WriteFile(filepath.Join(dir, "LICENSE"), []byte("all rights reserved"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := licences(dir); err != errNone {
		t.Errorf("unknown text: got %v, want %v", err, errNone)
	}
}
