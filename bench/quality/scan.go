package quality

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/stanch/stanch/card"
	"github.com/stanch/stanch/internal/keyring"
)

// A match is a line of the report, as far as the judge reads it.
type match struct {
	Class      string   `json:"class"`
	Also       []string `json:"also"`
	Path       string   `json:"path"`
	Line       int      `json:"line"`
	Offset     int64    `json:"offset"`
	Length     int64    `json:"length"`
	Confidence string   `json:"confidence"`
	Token      string   `json:"token"`
	Masked     string   `json:"masked"`
	Test       bool     `json:"test"`
}

// is reports whether the match is of a class, itself or with what it joins.
func (m *match) is(class string) bool {
	if m.Class == class {
		return true
	}
	for _, also := range m.Also {
		if also == class {
			return true
		}
	}
	return false
}

// A scan is what the program said.
type scan struct {
	tokens  *card.Tokenizer
	matches []match
	refused []string // lines that name what was not examined
}

// runScan scans targets with a key of its own, and takes in the matches that
// keep wants.
func runScan(ctx context.Context, binary string, targets []string, keep func(*match) bool) (*scan, error) {
	dir, err := os.MkdirTemp("", "quality-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	keys := filepath.Join(dir, "keys")
	ring, err := keyring.Create(keys, "stanch/quality")
	if err != nil {
		return nil, err
	}
	s := &scan{tokens: ring.Tokenizer}
	cmd := exec.CommandContext(ctx, binary, append([]string{"scan", "--format", "jsonl", "--min-confidence", "low", "--keys", keys}, targets...)...)
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	read := s.read(out, keep)
	err = cmd.Wait()
	var ended *exec.ExitError
	if code := cmd.ProcessState.ExitCode(); err != nil && (!errors.As(err, &ended) || code != 1 && code != 2) {
		return nil, fmt.Errorf("run %s scan: exit %d: %s", filepath.Base(binary), code, lastLine(said.String()))
	}
	for line := range strings.Lines(said.String()) {
		if strings.Contains(line, "not examined: ") {
			s.refused = append(s.refused, strings.TrimSpace(line))
		}
	}
	return s, read
}

func (s *scan) read(in io.Reader, keep func(*match) bool) error {
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var m match
		if err := json.Unmarshal(lines.Bytes(), &m); err != nil {
			_, _ = io.Copy(io.Discard, in)
			return errors.New("read report: a line is no JSON")
		}
		if keep(&m) {
			s.matches = append(s.matches, m)
		}
	}
	return lines.Err()
}

func lastLine(text string) string {
	all := strings.Split(strings.TrimSpace(text), "\n")
	return all[len(all)-1]
}
