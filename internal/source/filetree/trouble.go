package filetree

import (
	"slices"
	"time"
)

// trouble notes that a path cannot be examined, and tells the sink once.
func (k *keeper) trouble(path string, c Cause) {
	if k.troubles[path].Cause == c {
		return
	}
	t := Trouble{Root: k.root.Path, Path: path, Cause: c, Since: k.opts.Now().UTC()}
	k.count(k.troubles[path].Cause, -1)
	k.count(c, 1)
	k.troubles[path] = t
	k.notes = append(k.notes, t)
}

// clear takes a trouble back, if there was one.
func (k *keeper) clear(path string) {
	t, ok := k.troubles[path]
	if !ok {
		return
	}
	delete(k.troubles, path)
	k.count(t.Cause, -1)
	t.Cause, t.Since = Recovered, k.opts.Now().UTC()
	k.notes = append(k.notes, t)
}

func (k *keeper) count(c Cause, n int) {
	if c == Unreadable || c == Broken {
		k.unreadable += n
	}
}

func (k *keeper) inTrouble(path string) bool {
	if len(k.troubles) == 0 {
		return false
	}
	_, ok := k.troubles[path]
	return ok
}

func (k *keeper) troubled(f *file) bool { return len(k.troubles) > 0 && k.inTrouble(f.path()) }

// noted takes in that the sink was told of a trouble, or could not be.
func (k *keeper) noted(r result) {
	k.noting = false
	if r.err != nil {
		k.noteAt = k.opts.Now().Add(time.Second)
		return
	}
	k.notes = k.notes[1:]
}

// status sums the root up.
func (k *keeper) status() RootStatus {
	now := k.opts.Now().UTC()
	s := RootStatus{
		Root: k.root.Path, State: k.state(), at: now,
		Dirs: k.tree.nDirs, Files: k.tree.nFiles,
		Unreadable: k.unreadable, Troubles: len(k.troubles),
		Queued: k.flying, Overflows: k.overflows,
		Walking: k.trip.full, LastReconcile: k.lastWalk, WalkTook: k.walkTook,
	}
	for r := range k.reasons {
		s.Reasons = append(s.Reasons, r)
	}
	if k.at != nil {
		s.Watches, s.Mounts = k.at.watches, k.tree.nMounts
		for r, n := range k.at.polledBy {
			if n > 0 && r != "" {
				s.Reasons = append(s.Reasons, r)
			}
		}
	}
	slices.Sort(s.Reasons)
	for in := range lanes {
		s.Queued += len(k.queues[in])
	}
	if f := k.head(fresh); f != nil {
		s.Lag = now.Sub(f.work.since)
	}
	if s.State == StateLive && len(s.Reasons) > 0 {
		s.State = StatePolling
	}
	return s
}

func (k *keeper) state() State {
	root, away := k.troubles[""]
	switch {
	case away && root.Cause == Vanished:
		return StateVanished
	case k.unreadable > 0:
		return StateUnreadable
	case k.lastWalk.IsZero():
		return StateStarting
	}
	return StateLive
}
