package redact

import (
	"cmp"
	"slices"

	"github.com/stanch/stanch/internal/carrier"
)

// maxSpans bounds how many pieces of one file are masked: their places are
// held in memory.
const maxSpans = 2_000_000

// A form says how a number is written, and so what of it is masked.
type form uint8

const (
	formPlain  form = iota // letters and digits
	formFolded             // and what is no ASCII, but not the tags in between
	formRun                // and what an encoding uses besides
	formWhole              // everything but blanks
)

// A span is a piece of a file that is to be masked.
type span struct {
	off, end int64
	keep     bool // first six and last four stay
	form     form
	star     byte // if it is another than that of ASCII
}

// folds are the encodings that write a number digit by digit.
var folds = map[string]bool{
	"qp": true, "wrap": true, "ansi": true, "percent": true, "json": true, "html": true, "unicode": true,
	"gbk": true, "shiftjis": true, "ebcdic": true, "utf16le": true, "utf16be": true, "utf32le": true, "utf32be": true,
}

// whole are the encodings that a part has from its first byte to its last.
var whole = map[string]bool{"utf16le": true, "utf16be": true, "ooxml": true, "odf": true}

// spansOf returns the pieces of a record.
func spansOf(m *carrier.Match) []span {
	how, star := formOf(m.Encoding)
	var all []span
	for _, p := range m.Pieces() {
		all = append(all, span{p.Offset, p.Offset + p.Length, p.Number && how == formPlain, how, star})
	}
	return all
}

// formOf tells how a number is written from the encodings that were taken off.
func formOf(encoding []string) (how form, star byte) {
	for i, name := range encoding {
		switch {
		case i == 0 && whole[name]:
		case !folds[name]:
			return formRun, 0
		default:
			how = formFolded
			if name == "ebcdic" {
				star = 0x5c
			}
		}
	}
	return how, star
}

// merge takes found into known: both come out by offset and not overlapping.
// What was partly shown before and is found again is hidden whole.
func merge(known, found []span) []span {
	for i, s := range found {
		for _, k := range overlapping(known, s.off, s.end) {
			found[i].keep = false
			if k.form != formPlain {
				found[i].form = formWhole
			}
		}
	}
	all := append(slices.Clone(known), found...)
	slices.SortFunc(all, func(a, b span) int { return cmp.Compare(a.off, b.off) })
	merged := all[:0:0]
	for _, s := range all {
		if last := len(merged) - 1; last >= 0 && s.off < merged[last].end {
			m := &merged[last]
			same := m.off == s.off && m.end == s.end
			m.keep = m.keep && s.keep && same
			m.end, m.form = max(m.end, s.end), max(m.form, s.form)
			continue
		}
		merged = append(merged, s)
	}
	return merged
}

// overlapping returns the spans that touch the bytes from off to end.
func overlapping(spans []span, off, end int64) []span {
	first, _ := slices.BinarySearchFunc(spans, off, func(s span, off int64) int { return cmp.Compare(s.end, off+1) })
	last := first
	for last < len(spans) && spans[last].off < end {
		last++
	}
	return spans[first:last]
}
