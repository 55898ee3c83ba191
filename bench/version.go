//go:build linux

package main

import (
	"context"
	"fmt"
)

// versionRuns is how often each program is run.
const versionRuns = 21

// version compares the cheapest command with a program that only prints.
func (b *bench) version(ctx context.Context) error {
	hello, err := b.build(ctx, "./bench/peer/hello")
	if err != nil {
		return err
	}
	cost, err := alternate(ctx, versionRuns, []int{0, 0}, []string{b.stanch, "version"}, []string{hello})
	if err != nil {
		return err
	}
	ours, err := medianPeak(ctx, b.stanch, "version")
	if err != nil {
		return err
	}
	theirs, err := medianPeak(ctx, hello)
	if err != nil {
		return err
	}
	b.add("version", "version_cpu", ratio(cost[0].cpu, cost[1].cpu), "ratio",
		"CPU of a Go program that prints one line: %.1f ms; stanch version: %.1f ms; medians of %d", ms(cost[1].cpu), ms(cost[0].cpu), versionRuns)
	b.add("version", "version_memory", ratio(ours, theirs), "ratio",
		"peak memory of the same program: %.1f MiB; stanch version: %.1f MiB; medians of 5", theirs/mebi, ours/mebi)
	return nil
}

func medianPeak(ctx context.Context, name string, args ...string) (float64, error) {
	var peaks []float64
	for range 5 {
		peak, err := peakOf(ctx, name, args...)
		if err != nil {
			return 0, fmt.Errorf("watch memory: %w", err)
		}
		peaks = append(peaks, float64(peak))
	}
	return median(peaks), nil
}
