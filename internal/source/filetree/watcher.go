// Package filetree watches declared folders. Roots and the marks of what was
// read before go in; out come, to a [Sink], open files with the place to read
// on from, and the news that a file moved, went, or cannot be read. The state of each
// root says honestly how far the watch can be relied on.
//
// The package never follows a symbolic link, never opens anything but regular
// files, never leaves a root, and never looks at content beyond the fingerprints
// in a [Mark]. It logs no path: a file name can hold a card number.
package filetree

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// A Root is a folder that is watched with all that is in it.
type Root struct {
	Path string
	Skip []string // absolute folders never entered, such as Stanch's own; known by identity too
}

// Options tune a Watcher. The zero value is what production uses.
type Options struct {
	Now            func() time.Time
	Logger         *slog.Logger
	ReconcileEvery time.Duration // between full walks; 10 minutes
	PollEvery      time.Duration // between looks at what cannot be watched; 2 seconds
	Settle         time.Duration // from an event to the look at its file; 20 milliseconds
	MinGap         time.Duration // between two reads of one file; 100 milliseconds
	Workers        int           // files read at once, one of them never a large one; 4
	WatchLimit     int           // watches of all roots together; 0 leaves it to the system
	BigFile        int64         // unread bytes that make a file a large one; 8 MiB
}

func (o Options) withDefaults() Options {
	or := func(d *time.Duration, v time.Duration) {
		if *d <= 0 {
			*d = v
		}
	}
	or(&o.ReconcileEvery, 10*time.Minute)
	or(&o.PollEvery, 2*time.Second)
	or(&o.Settle, 20*time.Millisecond)
	or(&o.MinGap, 100*time.Millisecond)
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Workers <= 0 {
		o.Workers = 4
	}
	o.Workers = max(o.Workers, 2)
	if o.BigFile <= 0 {
		o.BigFile = 8 << 20
	}
	return o
}

// A Watcher watches some roots. Each root has one goroutine that owns its tree,
// so that a root on a dead network mount holds up no other; the files of all
// are read by a few shared workers.
type Watcher struct {
	keepers []*keeper
	crew    *crew

	mu      sync.Mutex // guards status and changed; held with no other lock
	status  []RootStatus
	changed chan struct{}
}

// New checks the roots and returns a Watcher that has not touched them yet. A
// root need not exist. A root inside another is left out of the outer one.
func New(roots []Root, sink Sink, opts Options) (*Watcher, error) {
	opts = opts.withDefaults()
	w := &Watcher{changed: make(chan struct{}), crew: newCrew(sink, opts)}
	clean := make([]Root, len(roots))
	seen := map[string]bool{}
	for i, r := range roots {
		if !filepath.IsAbs(r.Path) {
			return nil, fmt.Errorf("watch root %d: path is not absolute", i+1)
		}
		clean[i] = Root{Path: filepath.Clean(r.Path), Skip: r.Skip}
		if seen[clean[i].Path] {
			return nil, fmt.Errorf("watch root %d: named twice", i+1)
		}
		seen[clean[i].Path] = true
	}
	budget := &watchBudget{limit: opts.WatchLimit}
	for i, r := range clean {
		skip := append([]string(nil), r.Skip...)
		for _, other := range clean {
			if other.Path != r.Path && within(r.Path, other.Path) {
				skip = append(skip, other.Path)
			}
		}
		k := newKeeper(Root{r.Path, skip}, sink, opts, w.crew, budget, len(clean) > 1)
		k.publish = func(s RootStatus) { w.publish(i, s) }
		w.keepers = append(w.keepers, k)
		w.status = append(w.status, RootStatus{Root: r.Path, State: StateStarting, Since: opts.Now().UTC()})
	}
	return w, nil
}

// Run watches until ctx ends and then returns nil, or until the sink cannot say
// what it knows, and then returns that error. No goroutine outlives it. It must
// be called once.
func (w *Watcher) Run(ctx context.Context) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var group sync.WaitGroup
	w.crew.start(ctx, &group)
	for _, k := range w.keepers {
		group.Go(func() {
			if err := k.run(ctx); err != nil {
				stop(err)
			}
		})
	}
	group.Wait()
	if err := context.Cause(ctx); !errors.Is(err, ctx.Err()) {
		return err
	}
	return nil
}

// Status returns the state of each root, in the order they were given.
func (w *Watcher) Status() []RootStatus {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]RootStatus(nil), w.status...)
}

// Changed returns a channel that closes when some root's state, reasons,
// troubles or last walk differ from what they are now.
func (w *Watcher) Changed() <-chan struct{} {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.changed
}

func (w *Watcher) publish(i int, s RootStatus) {
	w.mu.Lock()
	defer w.mu.Unlock()
	old := w.status[i]
	s.Since = old.Since
	if s.State != old.State {
		s.Since = s.at
	}
	w.status[i] = s
	if !s.like(old) {
		close(w.changed)
		w.changed = make(chan struct{})
	}
}

func within(outer, inner string) bool {
	rel, err := filepath.Rel(outer, inner)
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(os.PathSeparator))
}
