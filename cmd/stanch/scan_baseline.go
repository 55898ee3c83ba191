package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/stanch/stanch/card"
	"github.com/stanch/stanch/internal/finding"
)

// A baseline is what somebody looked at and accepted. Its file holds a JSON
// object a line: a token, a path (as the report prints it; a folder ends in
// "/"), or both, which must then both agree; the reason, who answers for it,
// and the last day on which it counts.
type baseline struct {
	lines []baselineLine
	ended []int // numbers of lines whose day is past
}

type baselineLine struct {
	Token  card.Token `json:"token,omitempty"`
	Path   string     `json:"path,omitempty"`
	Reason string     `json:"reason"`
	Owner  string     `json:"owner,omitempty"`
	Until  string     `json:"until,omitempty"` // 2026-12-31, the last day in local time; empty is for ever
}

// readBaseline reads the file as it counts on a day. An error names the line
// and never quotes it.
func readBaseline(path string, today time.Time) (*baseline, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read baseline: %w", err)
	}
	defer f.Close()
	b := &baseline{}
	lines := bufio.NewScanner(f)
	for n := 1; lines.Scan(); n++ {
		text := strings.TrimSpace(lines.Text())
		if text == "" {
			continue
		}
		var line baselineLine
		if json.Unmarshal([]byte(text), &line) != nil {
			return nil, fmt.Errorf("read baseline %s line %d: not a JSON object", path, n)
		}
		if line.Token == "" && line.Path == "" || line.Reason == "" {
			return nil, fmt.Errorf("read baseline %s line %d: want a token or a path, and a reason", path, n)
		}
		switch counts, err := line.countsOn(today); {
		case err != nil:
			return nil, fmt.Errorf("read baseline %s line %d: want until as a day, such as 2026-12-31", path, n)
		case counts:
			b.lines = append(b.lines, line)
		default:
			b.ended = append(b.ended, n)
		}
	}
	if lines.Err() != nil {
		return nil, fmt.Errorf("read baseline %s: a line is too long", path)
	}
	return b, nil
}

// countsOn reports whether the line's last day is not past.
func (l *baselineLine) countsOn(today time.Time) (bool, error) {
	if l.Until == "" {
		return true, nil
	}
	last, err := time.ParseInLocation(time.DateOnly, l.Until, today.Location())
	return err == nil && today.Before(last.AddDate(0, 0, 1)), err
}

// explain names the lines that no longer count.
func (b *baseline) explain(w io.Writer, path string) {
	for _, n := range b.ended {
		fmt.Fprintf(w, "stanch: baseline %s line %d has ended, so what it accepted is reported; look again, and give it a new day or remove it\n", path, n)
	}
}

// accepts reports whether a line of the baseline covers m.
func (b *baseline) accepts(m *finding.Match) bool {
	for _, line := range b.lines {
		if line.Token != "" && line.Token != m.Token {
			continue
		}
		if line.Path == "" || line.Path == m.Path || strings.HasSuffix(line.Path, "/") && strings.HasPrefix(m.Path, line.Path) {
			return true
		}
	}
	return false
}

// reportBaseline writes a baseline that accepts what was found: each card at
// each path once. Somebody has looked, says why it may be there, and until when.
type reportBaseline struct {
	w    *bufio.Writer
	line baselineLine
	seen map[[2]string]bool
}

func newReportBaseline(w io.Writer, line baselineLine) report {
	return &reportBaseline{w: bufio.NewWriter(w), line: line, seen: map[[2]string]bool{}}
}

func (t *reportBaseline) begin() error { return nil }

func (t *reportBaseline) match(m *finding.Match) error {
	key := [2]string{string(m.Token), m.Path}
	if t.seen[key] {
		return nil
	}
	t.seen[key] = true
	line := t.line
	line.Token, line.Path = m.Token, m.Path
	out, err := plainJSON(line)
	if err != nil {
		return err
	}
	_, err = t.w.Write(append(out, '\n'))
	return err
}

func (t *reportBaseline) end(*scanSummary) error { return t.w.Flush() }
