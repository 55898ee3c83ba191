package obligation

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/stanch/stanch/internal/datafile"
)

// Gravity says how much something that is found in the packs weighs.
type Gravity string

// The gravities: a fault makes answers wrong, so nothing is loaded; a problem is
// worth repair; a remark is worth knowing.
const (
	Fault   Gravity = "fault"
	Problem Gravity = "problem"
	Remark  Gravity = "remark"
)

// A Finding is one thing that is wrong or worth knowing in a file.
type Finding struct {
	Gravity Gravity `json:"gravity"`
	File    string  `json:"file"`
	Line    int     `json:"line,omitempty"`
	Key     string  `json:"key,omitempty"`
	Text    string  `json:"text"`
}

// Err returns the finding as the error of whoever reads the file.
func (f Finding) Err() error {
	return &datafile.FileError{File: f.File, Line: f.Line, Key: f.Key, Problem: f.Text}
}

// findings gathers what is found in one file.
type findings struct {
	src *datafile.File
	all *[]Finding
}

func (r *findings) addf(g Gravity, key, format string, args ...any) {
	*r.all = append(*r.all, Finding{g, r.src.Name, r.src.Line(key), key, fmt.Sprintf(format, args...)})
}

func (r *findings) faultf(key, format string, args ...any) { r.addf(Fault, key, format, args...) }
func (r *findings) warnf(key, format string, args ...any)  { r.addf(Problem, key, format, args...) }

func (r *findings) need(ok bool, key, format string, args ...any) {
	if !ok {
		r.faultf(key, format, args...)
	}
}

// text holds both languages of a text to be there.
func (r *findings) text(t Text, key string) {
	if part, problem := t.Fault(); part != "" {
		r.faultf(key+"."+part, "%s", problem)
	}
}

// optional holds a text that may be left out to be there whole.
func (r *findings) optional(t Text, key string) {
	if t != (Text{}) {
		r.text(t, key)
	}
}

// one holds a word to be one of a list.
func (r *findings) one(word string, list []string, key string) {
	r.need(slices.Contains(list, word), key, "is not one of %v", list)
}

// date holds a word to be a date; empty is none.
func (r *findings) date(word, key string) {
	if _, _, ok := dates(word); word != "" && !ok || len(word) > len("2006-01-02") {
		r.faultf(key, "is no date; write it like 2026-11-22")
	}
}

// inOrder sorts findings as a reader meets them, those in the reader's own files first.
func inOrder(all []Finding, own map[string]bool) {
	theirs := func(f Finding) int {
		if own[f.File] {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(all, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(theirs(a), theirs(b)), cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line))
	})
}
