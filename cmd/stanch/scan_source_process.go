package main

import (
	"strconv"
	"strings"

	"github.com/stanch/stanch/card"
	"github.com/stanch/stanch/internal/finding"
	"github.com/stanch/stanch/internal/source/procmem"
)

// processOf returns the process that a target names.
func processOf(target string) (pid int, ok bool) {
	text, ok := strings.CutPrefix(target, "proc:")
	pid, err := strconv.Atoi(text)
	return pid, ok && err == nil && pid > 0
}

// process yields a job for each region of a process's memory.
func (w *walk) process(target string) {
	pid, _ := processOf(target)
	p, err := procmem.Open(pid)
	if err != nil {
		w.unread(target, err)
		return
	}
	w.sources.closed = append(w.sources.closed, func() { p.Close() })
	for _, r := range p.Regions {
		if !w.yieldJob(target+"!"+r.Shown(), func(j *sourceJob) error { return j.region(p, r) }) {
			return
		}
	}
}

// region scans a region as plain bytes: what it begins with is chance.
func (j *sourceJob) region(p *procmem.Process, r procmem.Region) error {
	marked, added := j.walk.sources.mark.Before(p.Reader(r))
	shown := card.MaskText(j.path)
	return j.examine(j.path, marked, r.End-r.Start+added, func(m *finding.Match) bool {
		if m.Path == shown && m.Encoding != "name" {
			m.Line, m.Column, m.Offset = 0, 0, m.Offset-added
		}
		return true
	})
}
