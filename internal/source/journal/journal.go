package journal

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
)

// What can go wrong with a journal as a whole.
var (
	ErrNoTool = errors.New("there is no journalctl here; scan the .journal files on a system with systemd")
	ErrNone   = errors.New("there is no journal there, or the account may not read it; run as root or in the group systemd-journal")
	ErrTool   = errors.New("journalctl gave up before the end")
)

// Scheme reports whether address is one of this package's.
func Scheme(address string) bool { return strings.HasPrefix(address, "journal:") }

// A Journal is being read.
type Journal struct {
	reader *reader
	cmd    *exec.Cmd
	out    io.ReadCloser
	ended  bool
	any    bool
}

// Open begins to read a journal: a folder of journal files, one such file, or
// for the address "journal:" that of this system.
func Open(ctx context.Context, address string) (*Journal, error) {
	tool, err := exec.LookPath("journalctl")
	if err != nil {
		return nil, ErrNoTool
	}
	args := []string{"--output=export", "--no-pager", "--quiet"}
	if place := strings.TrimPrefix(address, "journal:"); place != "" {
		info, err := os.Stat(place)
		switch {
		case err != nil:
			return nil, ErrNone
		case info.IsDir():
			args = append(args, "--directory="+place)
		default:
			args = append(args, "--file="+place)
		}
	}
	j := &Journal{cmd: exec.CommandContext(ctx, tool, args...)}
	j.cmd.Env = append(os.Environ(), "LC_ALL=C", "SYSTEMD_LOG_LEVEL=err")
	if j.out, err = j.cmd.StdoutPipe(); err != nil {
		return nil, fmt.Errorf("start journalctl: %w", ErrTool)
	}
	if err := j.cmd.Start(); err != nil {
		return nil, ErrNoTool
	}
	j.reader = newReader(j.out)
	return j, nil
}

// Next returns the next field, io.EOF after the last. A journal of which
// journalctl cannot read anything is ErrNone.
func (j *Journal) Next() (Field, error) {
	f, err := j.reader.next()
	if err == nil {
		j.any = true
		return f, nil
	}
	if j.ended {
		return Field{}, err
	}
	j.ended = true
	failed := j.cmd.Wait() != nil
	switch {
	case err != io.EOF && !failed:
		return Field{}, ErrForm
	case failed && !j.any:
		return Field{}, ErrNone
	case failed:
		return Field{}, ErrTool
	}
	return Field{}, io.EOF
}

// Close ends journalctl if it still runs.
func (j *Journal) Close() {
	if !j.ended {
		j.ended = true
		j.cmd.Process.Kill()
		j.cmd.Wait()
	}
}
