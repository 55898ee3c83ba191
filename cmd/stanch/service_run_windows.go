package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/windows/svc"
)

// logFile is what the centre writes in place of a terminal.
func logFile(dir string) string { return filepath.Join(dir, "stanch.log") }

// logKept is how long a log may be before a start moves it aside.
const logKept = 32 << 20

// Run serves under the service manager.
func (c *serviceRunCmd) Run(io *stdio) error {
	if is, err := svc.IsWindowsService(); err != nil || !is {
		return &exitError{exitUsage, errors.Join(err, errors.New("run service: the service manager starts this; use stanch serve"))}
	}
	dir, err := stateFolder()
	if err != nil {
		return fmt.Errorf("run service: %w", err)
	}
	log, err := openLog(logFile(dir))
	if err != nil {
		return fmt.Errorf("run service: %w", err)
	}
	h := &serviceHandler{log: log, serve: func(ctx context.Context) error {
		serve := &serveCmd{where: where{Config: c.Config}}
		return serve.Run(&stdio{Ctx: ctx, In: strings.NewReader(""), Out: log, Err: log})
	}}
	return errors.Join(svc.Run(serviceName, h), log.Close())
}

// openLog opens the log, whose folder is closed to others: the link of the
// first start stands in it.
func openLog(path string) (*os.File, error) {
	if info, err := os.Stat(path); err == nil && info.Size() > logKept {
		if err := os.Rename(path, path+".1"); err != nil {
			return nil, fmt.Errorf("move log aside: %w", err)
		}
	}
	return os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
}

// A serviceHandler runs serve until the service manager says stop.
type serviceHandler struct {
	log   *os.File
	serve func(context.Context) error
}

// failed is the service's own exit code after an error; the log has the text.
const failed = 1

// Execute implements [svc.Handler].
func (h *serviceHandler) Execute(_ []string, asked <-chan svc.ChangeRequest, told chan<- svc.Status) (own bool, code uint32) {
	const accepts = svc.AcceptStop | svc.AcceptShutdown
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- h.serve(ctx) }()
	told <- svc.Status{State: svc.Running, Accepts: accepts}
	for {
		select {
		case err := <-ended:
			told <- svc.Status{State: svc.StopPending}
			if err != nil {
				fmt.Fprintf(h.log, "stanch: %v\n", err)
				return true, failed
			}
			return false, 0
		case r := <-asked:
			switch r.Cmd {
			case svc.Interrogate:
				told <- r.CurrentStatus
			case svc.Stop, svc.Shutdown:
				// The centre finishes open requests first: five seconds at most.
				told <- svc.Status{State: svc.StopPending, WaitHint: 30_000}
				stop()
			}
		}
	}
}
