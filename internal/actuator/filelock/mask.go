package filelock

import (
	"cmp"
	"context"
	"errors"
	"io"
	"slices"

	"github.com/stanch/stanch/internal/carrier"
	"github.com/stanch/stanch/scan"
)

// maxSpans bounds how many pieces of one file are masked: their places are
// held in memory.
const maxSpans = 2_000_000

// maxPasses is how often a file is looked through until nothing more is found.
const maxPasses = 5

// Why a file cannot be masked.
var (
	errNotText = errors.New("not plain text")
	errTooMany = errors.New("too many numbers")
	errRemains = errors.New("a number remains")
)

// A span is a piece of a file that is to be masked.
type span struct {
	off, end int64
	keep     bool // first six and last four stay
}

// A masker finds what is to be masked in a file, and reads it masked.
type masker struct {
	r     io.ReaderAt
	size  int64
	spans []span // by offset, not overlapping
}

// newMasker looks through a file until its masked form holds nothing more that
// reads as card data.
func newMasker(ctx context.Context, r io.ReaderAt, size int64) (*masker, error) {
	head := make([]byte, min(size, carrier.HeadSize))
	if _, err := r.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	defer clear(head)
	if carrier.Sniff(head, "").String() != "plain" {
		return nil, errNotText
	}
	m := &masker{r: r, size: size}
	for range maxPasses {
		found, err := m.find(ctx)
		if err != nil {
			return nil, err
		}
		if len(found) == 0 {
			if len(m.spans) == 0 {
				return nil, errNotText // what was found here is not written as text
			}
			return m, nil
		}
		m.add(found)
	}
	return nil, errRemains
}

// find scans the masked form.
func (m *masker) find(ctx context.Context) ([]span, error) {
	var found []span
	var fail error
	report, err := carrier.Examine(ctx, carrier.Input{R: m, Size: m.size}, carrier.Options{}, func(match *carrier.Match) {
		switch {
		case len(match.Encoding) > 0:
			fail = errNotText
		case len(found)+len(m.spans) > maxSpans:
			fail = errTooMany
		default:
			found = append(found, spansOf(&match.Match)...)
		}
	})
	if err != nil {
		return nil, err
	}
	if fail == nil && report.Refused > 0 {
		fail = errNotText
	}
	return found, fail
}

// spansOf returns the pieces of a record. Personal data that is no card data
// stays as it is: a lock takes away what must not be there at all.
func spansOf(m *scan.Match) []span {
	parts := m.Parts
	if len(parts) == 0 {
		parts = []scan.Part{{Class: m.Class, Offset: m.Offset, Length: m.Length}}
	}
	var all []span
	for _, p := range parts {
		switch p.Class {
		case scan.Phone, scan.BankAccount, scan.Secret:
			continue
		}
		all = append(all, span{p.Offset, p.Offset + p.Length, p.Class == scan.PAN || p.Class == scan.ResidentID})
	}
	return all
}

// add takes in more spans. What was partly shown before and is found again is
// hidden whole.
func (m *masker) add(found []span) {
	for i := range found {
		if len(m.overlapping(found[i].off, found[i].end)) > 0 {
			found[i].keep = false
		}
	}
	all := append(slices.Clone(m.spans), found...)
	slices.SortFunc(all, func(a, b span) int { return cmp.Compare(a.off, b.off) })
	m.spans = all[:0:0]
	for _, s := range all {
		last := len(m.spans) - 1
		if last >= 0 && s.off < m.spans[last].end {
			m.spans[last].end = max(m.spans[last].end, s.end)
			m.spans[last].keep = false
			continue
		}
		m.spans = append(m.spans, s)
	}
}

// overlapping returns the spans that touch the bytes from off to end.
func (m *masker) overlapping(off, end int64) []span {
	first, _ := slices.BinarySearchFunc(m.spans, off, func(s span, off int64) int { return cmp.Compare(s.end, off+1) })
	last := first
	for last < len(m.spans) && m.spans[last].off < end {
		last++
	}
	return m.spans[first:last]
}

// ReadAt reads the masked form.
func (m *masker) ReadAt(p []byte, off int64) (int, error) {
	n, err := m.r.ReadAt(p, off)
	for _, s := range m.overlapping(off, off+int64(n)) {
		if fail := m.hide(p[:n], off, s); fail != nil {
			return 0, fail
		}
	}
	return n, err
}

// hide masks one span in p, which begins at off. A span is short, so it is
// read whole: which digit is which depends on all of them.
func (m *masker) hide(p []byte, off int64, s span) error {
	whole := make([]byte, s.end-s.off)
	defer clear(whole)
	if _, err := m.r.ReadAt(whole, s.off); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	maskBytes(whole, s.keep)
	from := max(s.off, off)
	copy(p[from-off:], whole[from-s.off:])
	return nil
}

// maskBytes puts a star for each letter and digit, but for the first six and
// last four of a number. Separators stay, so the text keeps its form.
func maskBytes(b []byte, keep bool) {
	total := 0
	for _, c := range b {
		if isWord(c) {
			total++
		}
	}
	keep = keep && total >= 12
	seen := 0
	for i, c := range b {
		if !isWord(c) {
			continue
		}
		if !keep || seen >= 6 && seen < total-4 {
			b[i] = '*'
		}
		seen++
	}
}

func isWord(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}
