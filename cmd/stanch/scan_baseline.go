package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"github.com/stanch/stanch/card"
	"github.com/stanch/stanch/internal/finding"
)

// A baseline is what somebody looked at and accepted. Its file holds a JSON
// object a line: a token, a path (as the report prints it; a folder ends in
// "/"), or both, which must then both agree; and the reason.
type baseline struct{ lines []baselineLine }

type baselineLine struct {
	Token  card.Token `json:"token"`
	Path   string     `json:"path"`
	Reason string     `json:"reason"`
}

// readBaseline reads the file. An error names the line and never quotes it.
func readBaseline(path string) (*baseline, error) {
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
		b.lines = append(b.lines, line)
	}
	if lines.Err() != nil {
		return nil, fmt.Errorf("read baseline %s: a line is too long", path)
	}
	return b, nil
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
