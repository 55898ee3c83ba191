//go:build linux

package main

import (
	"context"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/stanch/stanch/internal/obligation"
	"github.com/stanch/stanch/packs"
)

const (
	dutyMost  = 2.0 // ms of CPU for all packs on one case
	dutyRuns  = 2_000
	dutyCases = 16_000
)

// duty measures what it takes to work every rule of every pack out on one case,
// and on as many cases as a pack that changed would have to be applied to.
func (b *bench) duty(_ context.Context) error {
	before := cpuOfSelf()
	book, err := obligation.Load(packs.Obligations(), nil)
	if err != nil {
		return err
	}
	loaded := cpuOfSelf() - before
	cases, err := workedCases(book)
	if err != nil {
		return err
	}
	at := time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
	all := obligation.Options{At: at, Before: true, Preview: true}
	before = cpuOfSelf()
	for i := range dutyRuns {
		book.Eval(cases[i%len(cases)], all)
	}
	one := ms(cpuOfSelf()-before) / dutyRuns
	b.atMost(dutyMost, "duty", "duty_eval", one, "ms of CPU",
		"%d rules on each of the %d worked cases in turn, mean of %d; reading the packs took %.0f ms once", len(book.Rules), len(cases), dutyRuns, ms(loaded))
	before = cpuOfSelf()
	began := time.Now()
	shifts := 0
	for i := range dutyCases {
		answer := book.Eval(cases[i%len(cases)], obligation.Options{At: at})
		shifts += len(obligation.Shifts(answer, answer))
	}
	b.add("duty", "duty_again", (cpuOfSelf() - before).Seconds(), "s of CPU",
		"%d cases worked out again and compared one by one on one core, %.1f s of time, %d shifts, as nothing had changed", dutyCases, time.Since(began).Seconds(), shifts)
	return nil
}

// workedCases reads the cases whose answers the tests know.
func workedCases(book *obligation.Rulebook) ([]*obligation.Facts, error) {
	files, err := filepath.Glob("internal/obligation/testdata/golden/*.yaml")
	if err != nil {
		return nil, err
	}
	var cases []*obligation.Facts
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		facts, err := book.ReadFacts(file, data)
		if err != nil {
			return nil, err
		}
		cases = append(cases, facts)
	}
	if len(cases) == 0 {
		return nil, os.ErrNotExist
	}
	return cases, nil
}

// cpuOfSelf returns the CPU time that this process has used.
func cpuOfSelf() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
