package main

import (
	"fmt"
	"io"

	"github.com/stanch/stanch/card"
	"github.com/stanch/stanch/internal/finding"
)

// remembered carries out read unless what has this identity was examined
// before, and remembers what came of it.
func (j *sourceJob) remembered(identity string, read func() error) error {
	state := j.walk.sources.state
	if state == nil || identity == "" {
		return read()
	}
	print := state.printOfIdentity(identity)
	if known, ok := state.recall(j.path, print); ok {
		j.report = known.Report
		for _, m := range known.Matches {
			j.emit(m)
		}
		return nil
	}
	var matches []finding.Match
	many, emit := false, j.emit
	j.emit = func(m finding.Match) {
		if many = many || len(matches) >= stateMatches; !many {
			matches = append(matches, m)
		}
		emit(m)
	}
	if err := read(); err != nil || many || j.ctx.Err() != nil {
		return err
	}
	if err := state.keep(j.path, print, j.report, matches); err != nil {
		return fmt.Errorf("remember %s: %w", card.MaskText(j.path), err)
	}
	return nil
}

// printOfIdentity fingerprints what a source says changes with the content.
func (s *scanState) printOfIdentity(identity string) stateKey {
	h := s.hash()
	io.WriteString(h, "identity\x00"+identity)
	return s.sum(h)
}
