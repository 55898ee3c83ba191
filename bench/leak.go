//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/stanch/stanch/card"
	"github.com/stanch/stanch/card/cardtest"
)

// A leak is a debug log with the track of one card: enough to open a case.
type leak struct {
	path string
	text []byte
}

// leakIn returns leak n for a folder. No two n have the same card.
func leakIn(dir string, n uint64) leak {
	pan := cardtest.Number(card.UnionPay, 16, n)
	return leak{
		path: filepath.Join(dir, "debug.log"),
		text: fmt.Appendf(nil, "2026-01-05 12:00:00 DEBUG reader track2=%s\n", cardtest.Track2(pan, n)),
	}
}

func (l leak) write() error { return os.WriteFile(l.path, l.text, 0o644) }

const (
	lookEvery = 2 * time.Millisecond
	lookLimit = time.Minute
)

var errNotFound = errors.New("a leak was not found within a minute")

// toCase writes a leak and returns the time until the API shows its finding
// in a case.
func (c *centre) toCase(ctx context.Context, l leak) (time.Duration, error) {
	began := time.Now()
	if err := l.write(); err != nil {
		return 0, err
	}
	for time.Since(began) < lookLimit {
		list, _, err := c.findings(ctx, "", 5)
		if err != nil {
			return 0, err
		}
		for _, f := range list {
			if f.Path == l.path && f.Case != "" {
				return time.Since(began), nil
			}
		}
		time.Sleep(lookEvery)
	}
	return 0, errNotFound
}

// toCases writes leaks from-to one after the other, each in a folder of its
// own that is there before.
func (c *centre) toCases(ctx context.Context, group string, from, to uint64) ([]time.Duration, error) {
	var leaks []leak
	for n := from; n < to; n++ {
		dir, err := c.folder(fmt.Sprintf("%s/%d", group, n))
		if err != nil {
			return nil, err
		}
		leaks = append(leaks, leakIn(dir, n))
	}
	time.Sleep(500 * time.Millisecond) // the folders are followed by then
	var took []time.Duration
	for _, l := range leaks {
		d, err := c.toCase(ctx, l)
		if err != nil {
			return nil, err
		}
		took = append(took, d)
	}
	return took, nil
}
