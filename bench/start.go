//go:build linux

package main

import (
	"context"
	"path/filepath"
	"time"
)

// startRuns is how often a centre is started.
const startRuns = 7

// start compares a start on an existing installation with opening its
// database and no more.
func (b *bench) start(ctx context.Context) error {
	in, err := b.manyCases(ctx)
	if err != nil {
		return err
	}
	open, err := b.build(ctx, "./bench/peer/open")
	if err != nil {
		return err
	}
	var ours, theirs []time.Duration
	for range startRuns {
		c, err := b.serve(ctx, in)
		if err != nil {
			return err
		}
		ours = append(ours, c.ready)
		if err := c.stop(); err != nil {
			return err
		}
		u, err := spend(ctx, open, filepath.Join(in.data(), "stanch.db"))
		if err != nil {
			return err
		}
		theirs = append(theirs, u.wall)
	}
	b.add("start", "start_to_ready", ratio(median(ours), median(theirs)), "ratio",
		"Go program that opens the same database and asks for one row: %.0f ms; stanch serve to /readyz, %d cases: %.0f ms; medians of %d",
		ms(median(theirs)), b.stock, ms(median(ours)), startRuns)
	return nil
}
