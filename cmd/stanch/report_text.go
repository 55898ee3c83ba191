package main

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/stanch/stanch/internal/carrier"
	"github.com/stanch/stanch/internal/finding"
)

// reportText is for a person at a terminal: a line for each match, and what it
// came to.
type reportText struct {
	w       *bufio.Writer
	explain bool // say why each match is one
}

func newReportText(w io.Writer, explain bool) report {
	return &reportText{bufio.NewWriterSize(w, 64<<10), explain}
}

func (t *reportText) begin() error { return nil }

func (t *reportText) match(m *finding.Match) error {
	fmt.Fprintf(t.w, "%s  %s  %s", position(m), m.Class, m.Masked)
	for _, word := range []string{string(m.Brand), m.Confidence} {
		if word != "" {
			fmt.Fprintf(t.w, "  %s", word)
		}
	}
	if len(m.Also) > 0 {
		fmt.Fprintf(t.w, "  with %s", strings.Join(m.Also, ", "))
	}
	if m.Encoding != "" {
		fmt.Fprintf(t.w, "  in %s", printable(m.Encoding))
	}
	if m.Test {
		fmt.Fprint(t.w, "  (published test number)")
	}
	_, err := fmt.Fprintln(t.w)
	if t.explain {
		writeGrounds(t.w, m.Context)
	}
	return err
}

// position is where a match stands, as editors write it.
func position(m *finding.Match) string {
	path := printable(m.Path)
	switch {
	case m.Line > 0:
		return fmt.Sprintf("%s:%d:%d", path, m.Line, m.Column)
	case m.Encoding == "name" || m.Encoding == "comment":
		return path
	}
	return fmt.Sprintf("%s@%d", path, m.Offset)
}

func (t *reportText) end(s *scanSummary) error {
	if s.Matches > 0 {
		fmt.Fprintln(t.w)
	}
	fmt.Fprintf(t.w, "%s in %s; %s scanned, %s examined", count(s.Matches, "match", "matches"),
		count(s.FilesFound, "file", "files"), count(s.Files, "file", "files"), count(s.Report.Examined, "part", "parts"))
	if s.Report.Refused > 0 {
		fmt.Fprintf(t.w, ", %d not examined (%s)", s.Report.Refused, causeCounts(s.Report))
	}
	fmt.Fprintln(t.w, ".")
	for depth, l := range s.Report.Layers {
		fmt.Fprintln(t.w, layerLine(depth, l))
	}
	if s.Unchanged > 0 {
		fmt.Fprintf(t.w, "%s unchanged since the last scan and not read again.\n", count(s.Unchanged, "file is", "files are"))
	}
	if s.Accepted > 0 {
		fmt.Fprintf(t.w, "The baseline accepts %s more.\n", count(s.Accepted, "match", "matches"))
	}
	fmt.Fprintf(t.w, "Result sha256:%s\n", s.Digest)
	if s.Matches > 0 && !s.Lasting {
		fmt.Fprintln(t.w, "No token key was found here, so tokens of this run mean nothing to the next.")
	}
	return t.w.Flush()
}

func count(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// layerLine is a line of the coverage ledger: what lies at one depth.
func layerLine(depth int, l carrier.Layer) string {
	where := "as stored"
	if depth > 0 {
		where = fmt.Sprintf("unpacked, layer %d", depth)
	}
	line := fmt.Sprintf("Bytes %s: %d found = %d examined + %d refused", where, l.Found, l.Examined, l.Refused)
	if l.Unsized > 0 {
		line += fmt.Sprintf(", and %s of unknown size", count(l.Unsized, "refused part", "refused parts"))
	}
	return line + "."
}
