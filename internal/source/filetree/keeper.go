package filetree

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"strings"
	"time"

	"github.com/fsnotify/fsnotify"

	"github.com/stanch/stanch/card"
)

const (
	lostGrace = 5    // settles that a lost file is waited for under another name
	drainMost = 1024 // events taken before anything else is done
)

// A keeper watches one root. One goroutine runs it and owns all it holds; it
// hears from the crew through done and from the system through events.
type keeper struct {
	root    Root
	sink    Sink
	opts    Options
	crew    *crew
	budget  *watchBudget
	shared  bool // other roots want workers too
	publish func(RootStatus)
	log     *slog.Logger

	tree     *tree
	due      dueHeap
	marked   map[spotKey]bool      // what due holds, so that a name is in it once
	suspects map[spotKey]time.Time // names to be looked at twice, and since when
	queues   [lanes][]*file
	lost     []lostFile
	later    []spotKey // names that changed hands, for when a walk has seen everything
	done     chan result
	flying   int // tasks the crew has
	heavy    int // of them, with large files

	at         *attachment // nil while the root cannot be reached
	trip       trip
	reasons    map[Reason]bool
	troubles   map[string]Trouble
	unreadable int       // of them, those that no right or a broken disk keeps us from
	notes      []Trouble // not yet told to the sink, in order
	noting     bool
	noteAt     time.Time

	nextPoll, nextWalk time.Time
	overflows          int
	lastWalk           time.Time
	walkTook           time.Duration
}

type lostFile struct {
	f  *file
	at time.Time
}

func newKeeper(root Root, sink Sink, opts Options, c *crew, b *watchBudget, shared bool) *keeper {
	return &keeper{
		root: root, sink: sink, opts: opts, crew: c, budget: b, shared: shared,
		log:      opts.Logger.With("root", card.MaskText(root.Path)),
		tree:     newTree(),
		marked:   map[spotKey]bool{},
		suspects: map[spotKey]time.Time{},
		done:     make(chan result, opts.Workers),
		reasons:  map[Reason]bool{},
		troubles: map[string]Trouble{},
	}
}

// run watches until ctx ends. Only marks that cannot be had make it fail:
// without them everything would be reported again.
func (k *keeper) run(ctx context.Context) error {
	for m, err := range k.sink.Known(ctx, k.root.Path) {
		if err != nil {
			return err
		}
		if k.tree.load(m) {
			continue
		}
		k.log.WarnContext(ctx, "mark without a usable path left out")
	}
	defer k.detach()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for ctx.Err() == nil {
		k.tick(ctx)
		k.publish(k.status())
		k.turn(ctx, timer)
	}
	return nil
}

var ready = func() chan struct{} { c := make(chan struct{}); close(c); return c }()

// turn waits for the next thing to happen and does it. While a walk is under
// way something always can happen: its next step.
func (k *keeper) turn(ctx context.Context, timer *time.Timer) {
	var step <-chan struct{}
	if k.trip.going() {
		step = ready
	} else {
		timer.Reset(k.sleep())
	}
	var events <-chan fsnotify.Event
	var errs <-chan error
	if k.at != nil && k.at.notifier != nil {
		events, errs = k.at.notifier.events(), k.at.notifier.errors()
	}
	small, smallTask := k.offer(k.crew.small, fresh, backlog)
	big, bigTask := k.offer(k.crew.big, large)
	select {
	case <-ctx.Done():
	case e, ok := <-events:
		k.hear(e, ok)
		for range min(drainMost, len(events)) {
			e, ok := <-events
			k.hear(e, ok)
		}
	case err := <-errs:
		k.fault(err)
	case r := <-k.done:
		k.finish(r)
	case small <- smallTask:
		k.sent(smallTask)
	case big <- bigTask:
		k.sent(bigTask)
	case <-timer.C:
	case <-step:
		k.step()
	}
}

// tick does what has become due.
func (k *keeper) tick(ctx context.Context) {
	now := k.opts.Now()
	if !now.Before(k.nextPoll) {
		k.poll(ctx, now)
	}
	if k.at == nil {
		return
	}
	if !now.Before(k.nextWalk) && !k.trip.full {
		k.walk(now)
	}
	k.look(k.dueNow(now))
	k.giveUp(now)
}

// sleep is how long nothing will be due.
func (k *keeper) sleep() time.Duration {
	next := k.nextPoll
	sooner := func(t time.Time) {
		if t.Before(next) {
			next = t
		}
	}
	if k.at != nil {
		sooner(k.nextWalk)
		if len(k.due) > 0 {
			sooner(k.due[0].at)
		}
		if len(k.lost) > 0 {
			sooner(k.lost[0].at.Add(lostGrace * k.opts.Settle))
		}
	}
	if len(k.notes) > 0 && !k.noting {
		sooner(k.noteAt)
	}
	return max(next.Sub(k.opts.Now()), time.Millisecond)
}

// hear takes one event. It says only that something is new about a name; what
// it is the look will tell, which is right whatever was coalesced or reordered.
func (k *keeper) hear(e fsnotify.Event, ok bool) {
	if !ok {
		k.fault(errors.New("no more events"))
		return
	}
	rel, inside := strings.CutPrefix(e.Name, k.root.Path)
	if !inside || k.at == nil {
		return
	}
	rel = strings.TrimLeft(filepath.ToSlash(rel), "/")
	if rel == "" {
		k.nextPoll = time.Time{} // the root itself: see whether it is still there
		return
	}
	d := k.tree.top
	for {
		name, rest, more := strings.Cut(rel, "/")
		if !more {
			if kid := d.kids[name]; kid != nil && e.Has(fsnotify.Create) {
				k.doubt(kid)
			}
			k.mark(d, strings.Clone(name))
			return
		}
		if d = d.kids[name]; d == nil {
			return // its parent's event is on its way, or was
		}
		rel = rest
	}
}

// doubt forgets what a folder's identity was. Another one has been put in its
// place, maybe with the same number, and the watch went with the old one.
func (k *keeper) doubt(d *dir) {
	if k.tree.dirs[d.id] == d {
		delete(k.tree.dirs, d.id)
	}
	d.id = FileID{}
}

// fault takes a failure of the event source: from now on something may have
// been missed, and only a walk begun from now on can tell.
func (k *keeper) fault(err error) {
	if k.at == nil {
		return
	}
	if !errors.Is(err, fsnotify.ErrEventOverflow) {
		k.loseEvents()
		return
	}
	k.overflows++
	k.reasons[Overflow] = true
	k.walk(k.opts.Now())
}

// dueNow takes from due what is due: names to look at, returned, and files whose
// pause is over.
func (k *keeper) dueNow(now time.Time) []spotKey {
	var keys []spotKey
	for len(k.due) > 0 && !k.due[0].at.After(now) {
		item := k.due.pop()
		if item.file != nil {
			k.warm(item.file)
			continue
		}
		delete(k.marked, item.spot)
		if item.spot.dir.dead {
			delete(k.suspects, item.spot)
			continue
		}
		keys = append(keys, item.spot)
	}
	return keys
}

// mark has a name looked at when it has settled. The time is that of the first
// event and does not move, so a name that never rests is looked at all the same.
func (k *keeper) mark(d *dir, name string) {
	key := spotKey{d, name}
	if k.marked[key] {
		return
	}
	k.marked[key] = true
	k.due.push(dueItem{at: k.opts.Now().Add(k.opts.Settle), spot: key})
}
