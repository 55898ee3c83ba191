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
	lostGrace  = 5           // settles that a lost file is waited for under another name
	drainMost  = 1024        // events taken before anything else is done
	backoffMax = time.Minute // between reads of a file that keeps failing
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

// want has a file read as soon as may be, or again if it is being read.
func (k *keeper) want(f *file, in lane, unread int64) {
	w := f.work
	if w == nil {
		w = &work{since: k.opts.Now()}
		f.work = w
	}
	if unread >= 0 {
		w.unread = unread
	}
	if w.unread > k.opts.BigFile {
		in = large
	}
	switch w.state {
	case flying, cooling:
		w.again = true
		return
	case queued:
		if in == w.lane || w.lane == fresh {
			return
		}
	}
	w.state, w.lane = queued, in
	k.queues[in] = append(k.queues[in], f)
}

// head returns the first file that waits in a lane. A file that has left the
// lane since is dropped on the way.
func (k *keeper) head(in lane) *file {
	q := k.queues[in]
	for len(q) > 0 {
		if f := q[0]; f.work != nil && f.work.state == queued && f.work.lane == in {
			break
		}
		q[0] = nil
		q = q[1:]
	}
	k.queues[in] = q
	if len(q) == 0 {
		k.queues[in] = nil // lets the backlog of a first walk go
		return nil
	}
	return q[0]
}

// offer returns the channel to send the next task of some lanes on, or nil if
// there is none or the root has its share of the crew.
func (k *keeper) offer(to chan task, from ...lane) (chan task, task) {
	if k.flying >= k.share() {
		return nil, task{}
	}
	now := k.opts.Now()
	if to == k.crew.small && len(k.notes) > 0 && !k.noting && !now.Before(k.noteAt) {
		note := k.notes[0]
		return to, task{k: k, note: &note, issued: now}
	}
	if k.at == nil {
		return nil, task{}
	}
	for _, in := range from {
		f := k.head(in)
		if f == nil || in == large && k.heavy >= max(1, k.share()-1) {
			continue
		}
		t := task{k: k, root: k.at.root, file: f, known: f.mark(k.root.Path), path: f.path(),
			id: f.id, read: f.known, tried: f.tried, gone: f.lost, heavy: in == large, issued: now}
		return to, t
	}
	return nil, task{}
}

// share is how many workers the root may hold at once, one of them with no
// large file. A dead network mount holds those it has for ever, so it gets one.
func (k *keeper) share() int {
	switch {
	case k.tree.top.network:
		return 1
	case k.shared:
		return max(2, k.opts.Workers-1)
	}
	return k.opts.Workers
}

func (k *keeper) sent(t task) {
	k.flying++
	if t.note != nil {
		k.noting = true
		return
	}
	if t.heavy {
		k.heavy++
	}
	t.file.work.state = flying
	t.file.work.again = false
}

// finish takes a result in.
func (k *keeper) finish(r result) {
	k.flying--
	if r.note != nil {
		k.noted(r)
		return
	}
	if r.heavy {
		k.heavy--
	}
	f, w := r.file, r.file.work
	if r.mark != nil {
		f.learn(*r.mark)
	}
	if c := fate(r.err); r.err != nil && (c == Failed || c == Shrunk) {
		f.tried = !f.known
	}
	if f.known || f.tried {
		k.reconcileNames(f, r)
	}
	if r.err != nil {
		k.failed(f, r)
	} else {
		w.fails = 0
		k.clear(r.path)
		if r.gone {
			k.buried(f)
			return
		}
	}
	if f.lost {
		w.state = idle
		k.lost = append(k.lost, lostFile{f, k.opts.Now().Add(backoff(w.fails))})
		return
	}
	k.cool(f, r)
}

// reconcileNames notes where the sink now believes the file to be, if the tree
// has moved on while the task was in flight.
func (k *keeper) reconcileNames(f *file, r result) {
	w := f.work
	w.told, w.was = "", FileID{}
	if r.at != f.path() {
		w.told = r.at
	}
	if r.atID != f.id {
		w.was = r.atID
	}
	if w.told != "" || w.was != (FileID{}) {
		w.again = true
	}
}

// cool keeps a file from being read again at once: ten times a second is enough
// for a log, and one that takes long to read gets half a worker at most.
func (k *keeper) cool(f *file, r result) {
	w := f.work
	took := r.ended.Sub(r.issued)
	wait := max(k.opts.MinGap, 2*took)
	wait = max(wait, backoff(w.fails))
	w.state = cooling
	w.since = r.issued
	w.ready = r.issued.Add(wait)
	k.due.push(dueItem{at: w.ready, file: f})
}

// backoff is how long to wait after a number of failures in a row.
func backoff(fails int) time.Duration {
	if fails == 0 {
		return 0
	}
	return min(time.Second<<min(fails-1, 6), backoffMax)
}

// warm lets a file be read again whose pause is over.
func (k *keeper) warm(f *file) {
	w := f.work
	switch {
	case w == nil || w.state != cooling:
		return
	case f.lost:
		w.state = idle // its loss is taken care of elsewhere
		return
	}
	if !w.again {
		f.work = nil
		return
	}
	w.again, w.state = false, idle
	k.want(f, fresh, w.unread)
}

// failed decides what a failed task means for its file.
func (k *keeper) failed(f *file, r result) {
	w := f.work
	switch c := fate(r.err); c {
	case Recovered:
		k.mark(f.dir, f.name)
	case Unreadable, Broken:
		k.trouble(r.path, c) // an event or the next walk tries again
	case Shrunk, Failed:
		w.fails++
		w.again = true
		if c == Failed || w.fails > 1 {
			k.trouble(r.path, c)
		}
		if c == Failed {
			k.log.Warn("sink failed; will try again", "tries", w.fails)
		}
	}
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
