package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/stanch/stanch/card"
	"github.com/stanch/stanch/internal/config"
	"github.com/stanch/stanch/internal/console"
	"github.com/stanch/stanch/internal/finding"
	"github.com/stanch/stanch/internal/record"
	"github.com/stanch/stanch/internal/rest"
	"github.com/stanch/stanch/internal/source/filetree"
)

// Errors of folders to watch.
var (
	errNotFolder = errors.New("it is not a folder that this program may read")
	errOwnFolder = errors.New("it is Stanch's own folder, or holds one")
	errNumber    = errors.New("its path holds a card number; rename the folder first")
	errWatched   = errors.New("it is watched already, or lies in a folder that is")
)

// A patrol runs the watchers: one for the folders known at the start, and one
// more for each that is added while it runs.
type patrol struct {
	watch *Watch
	own   []string
	now   func() time.Time
	log   *slog.Logger

	mu       sync.Mutex // guards what follows; no other lock is taken while it is held
	roots    []filetree.Root
	watchers []*filetree.Watcher
	begin    chan *filetree.Watcher // to Run
}

func newPatrol(watch *Watch, roots []config.Root, own []string, now func() time.Time, log *slog.Logger) *patrol {
	p := &patrol{watch: watch, own: own, now: now, log: log, begin: make(chan *filetree.Watcher, 64)}
	for _, r := range roots {
		watch.Expect(r.Path)
		p.roots = append(p.roots, filetree.Root{Path: r.Path, Skip: append(slices.Clone(r.Skip), own...)})
	}
	return p
}

// paths returns the watched folders: all that may be acted on.
func (p *patrol) paths() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	var out []string
	for _, r := range p.roots {
		out = append(out, r.Path)
	}
	return out
}

// Run watches until ctx ends.
func (p *patrol) Run(ctx context.Context) error {
	p.mu.Lock()
	roots := slices.Clone(p.roots)
	p.mu.Unlock()
	if err := p.start(roots); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var running sync.WaitGroup
	defer running.Wait()
	failed := make(chan error, 1)
	for {
		select {
		case <-ctx.Done():
			return nil
		case err := <-failed:
			cancel()
			return fmt.Errorf("watch folders: %w", err)
		case w := <-p.begin:
			running.Go(func() {
				if err := w.Run(ctx); err != nil && ctx.Err() == nil {
					select {
					case failed <- err:
					default:
					}
				}
			})
		}
	}
}

// start makes a watcher of some roots and hands it to Run.
func (p *patrol) start(roots []filetree.Root) error {
	if len(roots) == 0 {
		return nil
	}
	w, err := filetree.New(roots, p.watch, filetree.Options{Now: p.now, Logger: p.log})
	if err != nil {
		return fmt.Errorf("watch folders: %w", err)
	}
	p.mu.Lock()
	p.watchers = append(p.watchers, w)
	p.mu.Unlock()
	p.begin <- w
	return nil
}

// add enters one more folder and then begins to watch it. What cannot be
// entered is not watched: nobody would know that it is.
func (p *patrol) add(path string, enter func(path string) error) error {
	root, err := p.claim(path)
	if err != nil {
		return err
	}
	if err := enter(root.Path); err != nil {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.roots = slices.DeleteFunc(p.roots, func(r filetree.Root) bool { return r.Path == root.Path })
		return err
	}
	p.watch.Expect(root.Path)
	return p.start([]filetree.Root{root})
}

// claim finds out whether a folder can be watched, and keeps its place.
func (p *patrol) claim(path string) (root filetree.Root, err error) {
	if path, err = filepath.Abs(strings.TrimSpace(path)); err != nil {
		return root, fmt.Errorf("%w: %w", console.ErrFolder, errNotFolder)
	}
	if info, err := os.Stat(path); err != nil || !info.IsDir() {
		return root, fmt.Errorf("%w: %w", console.ErrFolder, errNotFolder)
	}
	if card.HoldsPAN(path) {
		return root, fmt.Errorf("%w: %w", console.ErrFolder, errNumber)
	}
	for _, own := range p.own {
		if config.Within(own, path) || config.Within(filetree.RealPath(path), filetree.RealPath(own)) {
			return root, fmt.Errorf("%w: %w", console.ErrFolder, errOwnFolder)
		}
	}
	root = filetree.Root{Path: path, Skip: p.own}
	p.mu.Lock()
	for _, r := range p.roots {
		if config.Within(path, r.Path) || config.Within(r.Path, path) {
			p.mu.Unlock()
			return root, fmt.Errorf("%w: %w", console.ErrFolder, errWatched)
		}
	}
	p.roots = append(p.roots, root)
	p.mu.Unlock()
	return root, nil
}

// statuses returns how every watched folder is.
func (p *patrol) statuses() []filetree.RootStatus {
	p.mu.Lock()
	watchers := slices.Clone(p.watchers)
	p.mu.Unlock()
	var all []filetree.RootStatus
	for _, w := range watchers {
		all = append(all, w.Status()...)
	}
	return all
}

// blind returns the watched folders that cannot be read now.
func (p *patrol) blind() map[string]bool {
	now := map[string]bool{}
	for _, s := range p.statuses() {
		if s.State == filetree.StateVanished || s.State == filetree.StateUnreadable {
			now[s.Root] = true
		}
	}
	return now
}

// Status implements [rest.Watch].
func (p *patrol) Status() []rest.WatchedRoot {
	out := []rest.WatchedRoot{}
	for _, s := range p.statuses() {
		r := rest.WatchedRoot{Root: s.Root, State: string(s.State), Files: s.Files, Unreadable: s.Unreadable, Queued: s.Queued, Since: s.Since}
		for _, reason := range s.Reasons {
			r.Reasons = append(r.Reasons, string(reason))
		}
		out = append(out, r)
	}
	return out
}

// Rescan implements [rest.Watch].
func (p *patrol) Rescan(ctx context.Context, who record.Who, ids []finding.ID) ([]finding.ID, error) {
	return p.watch.Rescan(ctx, who, ids)
}
