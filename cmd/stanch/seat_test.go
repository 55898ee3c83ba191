package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"sync"
	"time"
)

// A seat is a centre that runs as a process of its own, as people run it.
type seat struct {
	cmd  *exec.Cmd
	link string // of the first run; empty once there is an owner
	base string // how a browser reaches it
	out  tape
	errs tape
	over chan struct{} // closed once the process has ended
	end  error
}

// A tape keeps what a process says while it still runs.
type tape struct {
	mu   sync.Mutex // guards text
	text bytes.Buffer
}

// Write implements [io.Writer].
func (t *tape) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.text.Write(p)
}

// String returns all that was said so far.
func (t *tape) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.text.String()
}

var greeting = regexp.MustCompile(`(https?://[^/\s]+)(/link/\S+)?\n\n`)

// takeSeat starts the program with these words in dir and waits until it says
// where it answers. If it ends before, the error is how.
func takeSeat(ctx context.Context, program, dir string, env []string, args ...string) (*seat, error) {
	s := &seat{cmd: exec.CommandContext(ctx, program, args...), over: make(chan struct{})}
	s.cmd.Dir, s.cmd.Env = dir, env
	s.cmd.Stdout, s.cmd.Stderr = &s.out, &s.errs
	s.cmd.WaitDelay = 5 * time.Second
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		s.end = s.cmd.Wait()
		close(s.over)
	}()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	late := time.After(time.Minute)
	for {
		if m := greeting.FindStringSubmatch(s.out.String()); m != nil {
			s.base, s.link = m[1], m[2]
			return s, nil
		}
		select {
		case <-s.over:
			return s, errors.Join(errors.New("it ended at once"), s.end)
		case <-late:
			return s, errors.Join(errors.New("it does not answer"), s.kill())
		case <-tick.C:
		}
	}
}

// leave tells the centre to stop and waits until it has.
func (s *seat) leave() error {
	if err := s.cmd.Process.Signal(os.Interrupt); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	select {
	case <-s.over:
		return s.end
	case <-time.After(time.Minute):
		return errors.Join(errors.New("it does not stop"), s.kill())
	}
}

// kill ends the centre as a power cut does.
func (s *seat) kill() error {
	if err := s.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	<-s.over
	return nil
}

// runOnce runs the program once and returns its exit code and what it said.
func runOnce(ctx context.Context, program, dir string, env []string, args ...string) (code int, out, errs string) {
	cmd := exec.CommandContext(ctx, program, args...)
	var stdout, stderr bytes.Buffer
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = dir, env, &stdout, &stderr
	err := cmd.Run()
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		code = exit.ExitCode()
	case err != nil:
		return -1, "", fmt.Sprint(err)
	}
	return code, stdout.String(), stderr.String()
}
