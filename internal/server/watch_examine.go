package server

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/stanch/stanch/card"
	"github.com/stanch/stanch/internal/casefile"
	"github.com/stanch/stanch/internal/cell"
	"github.com/stanch/stanch/internal/finding"
	"github.com/stanch/stanch/internal/record"
	"github.com/stanch/stanch/internal/source/filetree"
	"github.com/stanch/stanch/scan"
)

const (
	mostPlaces = 1000     // members of one container with findings of their own; the rest count for the container
	fewPlaces  = 20       // members with a full sample each
	smallRoom  = 5        // sample matches of the others
	longLine   = 1 << 20  // a line this long that has not ended is not read again from its start
	lineTail   = 64 << 10 // but from here before the end
)

// A watched file is one with something unsaved, or that was saved just now.
type watched struct {
	key   fileKey
	users int // guarded by Watch.mu

	mu      sync.Mutex // guards what follows; held while the file is examined
	pending *pending
	due     time.Time // when pending is to be saved
	saved   time.Time // when a version of a finding was saved last
}

// A pending is what was seen of a file and is not saved yet: a finding that
// grows is saved once a second, a place that was cleaned after a while. The
// mark is saved with it and never before.
type pending struct {
	versions map[string]*version // by member
	settle   map[finding.ID]finding.State
	moved    map[finding.ID]string // shown path of findings that lie elsewhere by now
	mark     filetree.Mark
}

func (p *pending) close() {
	for _, v := range p.versions {
		v.close()
	}
}

// hold returns the file of a key; the caller gives it back with release.
func (w *Watch) hold(key fileKey) *watched {
	w.mu.Lock()
	defer w.mu.Unlock()
	f := w.files[key]
	if f == nil {
		f = &watched{key: key}
		w.files[key] = f
	}
	f.users++
	return f
}

func (w *Watch) release(f *watched) {
	w.mu.Lock()
	defer w.mu.Unlock()
	f.users--
	if f.users == 0 && f.mu.TryLock() {
		idle := f.pending == nil && f.saved.IsZero()
		f.mu.Unlock()
		if idle {
			delete(w.files, f.key)
			return
		}
	}
	w.poke() // Run passes over a file that is in hand
}

// Examine implements [filetree.Sink]. What was found is durable when it
// returns, or will be within a second together with the mark; the mark of a
// clean file follows soon. A crash before that means that bytes are read again.
func (w *Watch) Examine(ctx context.Context, job filetree.Job) (filetree.Mark, error) {
	mark, err := w.examine(ctx, job)
	if err != nil && ctx.Err() == nil && !errors.Is(err, filetree.ErrShrunk) {
		// The watcher tells that it failed, and tries again; only we know why.
		w.o.Logger.WarnContext(ctx, "file not examined", "cause", err)
	}
	return mark, err
}

func (w *Watch) examine(ctx context.Context, job filetree.Job) (filetree.Mark, error) {
	key := fileKey{job.Root, job.From.ID}
	f := w.hold(key)
	defer w.release(f)
	f.mu.Lock()
	defer f.mu.Unlock()
	w.learnName(key, job.Path)
	w.reached(job.Root)
	own, private := ownPath(job.Path)
	job.Path = own // a private name is nobody's place; the mark has the real one
	x := &examination{w: w, ctx: ctx, f: f, job: job, private: private, versions: map[string]*version{}, masked: card.MaskText(job.Name()), gap: w.o.Gap}
	x.early = w.o.Now().Add(x.gap)
	x.returned = w.returnedWith(key)
	defer x.end()
	if f.pending != nil {
		x.old = f.pending.versions
	}
	report, resume, err := w.o.Examiner.Examine(ctx, x.input(), x.take)
	if err = errors.Join(x.err, err); err != nil {
		return filetree.Mark{}, err
	}
	mark, err := job.Mark(x.resume(resume))
	if err != nil {
		return filetree.Mark{}, err
	}
	if err := w.tellContent(ctx, job, report); err != nil {
		return filetree.Mark{}, err
	}
	if err := x.finish(ctx, mark, refusals(report, x.masked)); err != nil {
		return mark, err
	}
	if x.returned != nil {
		w.settleReturned(key)
	}
	return mark, nil
}

// An examination is one job under way.
type examination struct {
	w        *Watch
	ctx      context.Context // of the call, for the callback
	f        *watched
	job      filetree.Job
	old      map[string]*version // of pending
	versions map[string]*version // begun now
	current  map[string]*finding.Finding
	loaded   bool
	folded   bool       // some members count for the container
	returned findingSet // with which a plan brought the file back, if it is read for the first time since
	private  bool       // a plan is at the file, which has a name of the actuator's
	err      error
	masked   string // the file's name as it stands in matches

	matches int           // seen
	early   time.Time     // when what was seen so far is to be saved
	gap     time.Duration // from then to the next time
}

func (x *examination) input() cell.Input {
	in := cell.Input{Name: x.job.Name(), R: x.job.File, Size: x.job.Size}
	if from := x.job.From; from.Offset > 0 {
		in.Start = scan.Position{Offset: from.Offset, Line: from.Line, Column: 1}
	}
	return in
}

// resume says where the next read begins, as [filetree.Job.Mark] wants it.
func (x *examination) resume(p scan.Position) (offset, line int64, whole bool) {
	size := x.job.Size
	switch {
	case p == scan.Position{}:
		return size, 1, true
	case size-p.Offset > longLine:
		return (size - lineTail) &^ 1, p.Line, false // even: it may be UTF-16
	}
	return min(p.Offset, size), max(p.Line, 1), false
}

// take is called for each match.
func (x *examination) take(m finding.Match) {
	member := memberOf(m.Path, x.masked)
	v := x.version(member)
	if v == nil {
		return
	}
	defer x.saveEarly()
	judged := x.w.judged(&m)
	if v.writer == nil {
		v.writer = x.w.o.Segments.Writer()
	}
	v.writer.Add(m, judged)
	if x.again(v, &m) {
		return
	}
	room := finding.SampleSize
	if len(x.versions) > fewPlaces {
		room = smallRoom
	}
	v.take(m, judged, x.w.sensitive(&m), room)
}

// saveEarly saves what was seen so far if the reading takes long: a case does
// not wait for the end of a large file. The mark stays where it was, so that a
// crash costs reading the file again; cards are not counted twice then. The
// waits double, because each version of a large finding costs more.
func (x *examination) saveEarly() {
	if x.matches++; x.matches&0xff != 0 {
		return
	}
	now := x.w.o.Now()
	if now.Before(x.early) {
		return
	}
	x.gap *= 2
	x.early = now.Add(x.gap)
	if err := x.saveSeen(); err != nil && x.ctx.Err() == nil {
		x.w.o.Logger.WarnContext(x.ctx, "finding not saved yet", "cause", err)
	}
}

func (x *examination) saveSeen() error {
	if x.old != nil {
		return nil // what is pending goes first, with its own mark
	}
	var batch casefile.Batch
	var saved []*version
	if err := commitCards(x.ctx, x.versions); err != nil {
		return err
	}
	for _, v := range x.versions {
		// What is counted anew is known already, and by more than is counted yet.
		if v.before == nil && v.news() {
			batch.Seen, saved = append(batch.Seen, v.seen()), append(saved, v)
		}
	}
	if len(saved) == 0 {
		return nil
	}
	if err := x.w.o.Desk.Take(x.ctx, x.w.who, batch); err != nil {
		return err
	}
	for i, v := range saved {
		v.saved(batch.Seen[i])
	}
	x.w.sawFinding(x.f)
	return nil
}

// again reports whether a match was counted at the last read: it lies in the
// line that had not ended then, or in the file's name.
func (x *examination) again(v *version, m *finding.Match) bool {
	if x.job.New || x.job.Reset || v.place.Member != "" || !v.knows(m) {
		return false
	}
	return m.Encoding == "name" || m.Offset+m.Length <= x.job.From.Size
}

// version returns the version that a member's matches go to, or nil after an
// error.
func (x *examination) version(member string) *version {
	for range 2 {
		if v := x.old[member]; v != nil {
			return v
		}
		if v := x.versions[member]; v != nil {
			return v
		}
		if len(x.versions) < mostPlaces || member == "" {
			break
		}
		member, x.folded = "", true
	}
	if x.err == nil {
		x.err = x.load()
	}
	if x.err != nil {
		return nil
	}
	current := x.current[member]
	reopened := false
	if current != nil && !continued(current.State) && (x.private || x.returned != nil && current.State == finding.Locked) {
		reopened = x.returned == nil // if it was brought back, the plan says so in a moment
		open := *current
		open.State, current = finding.Open, &open
	}
	place := finding.Place{Root: shownPath(x.job.Root), Path: shownPath(x.job.Name()), Member: member, File: x.w.origin(x.f.key)}
	v := newVersion(x.job, place, current)
	v.reopened = reopened
	if p := x.f.pending; p != nil && p.settle[v.place.ID()] != "" {
		v.rewrite = true // emptied a moment ago, and filled again
	}
	x.versions[member] = v
	return v
}

// load reads the newest finding of each member of the file.
func (x *examination) load() error {
	if x.loaded {
		return nil
	}
	if err := x.adopt(); err != nil {
		return err
	}
	found, err := x.w.findings(x.ctx, x.f.key)
	if err != nil {
		return err
	}
	x.current, x.loaded = map[string]*finding.Finding{}, true
	for _, f := range found {
		old := x.current[f.Place.Member]
		if old == nil || x.rank(old) < x.rank(f) || x.rank(old) == x.rank(f) && old.Place.Generation < f.Place.Generation {
			x.current[f.Place.Member] = f
		}
	}
	return nil
}

// rank says which of two findings of one member goes on: what a plan brings
// back comes before what followed it in another file of that name.
func (x *examination) rank(f *finding.Finding) int {
	switch {
	case x.returned[f.ID], x.private && x.job.New && f.State == finding.Locked:
		return 2
	case continued(f.State):
		return 1
	}
	return 0
}

// findings reads the findings of a file, if there are any.
func (w *Watch) findings(ctx context.Context, key fileKey) ([]*finding.Finding, error) {
	w.mu.Lock()
	root, origin := shownPath(key.root), identity(key.id)
	if known, ok := w.origins[key]; ok {
		origin = known
	}
	any := w.found[root+"\x00"+origin]
	w.mu.Unlock()
	if !any {
		return nil, nil
	}
	return w.o.Store.FindingsAt(ctx, w.o.Tenant, root, origin)
}

// end closes the writers of what was not kept.
func (x *examination) end() {
	for _, v := range x.versions {
		v.close()
	}
}

// finish saves what was seen, now or later.
func (x *examination) finish(ctx context.Context, mark filetree.Mark, r refused) error {
	settle, err := x.cleaned(r)
	if err != nil {
		return err
	}
	moved, err := x.moved()
	if err != nil {
		return err
	}
	f, before := x.f, x.f.pending
	next := &pending{versions: map[string]*version{}, settle: settle, moved: moved, mark: mark}
	if before != nil {
		next.adopt(before, x.job.New || x.job.Reset)
	}
	for member, v := range x.versions {
		if v.touched() {
			next.versions[member] = v
			delete(next.settle, v.place.ID())
		}
	}
	for _, v := range next.versions {
		delete(next.settle, v.place.ID())
	}
	if len(next.versions)+len(next.settle)+len(next.moved) == 0 {
		f.pending = nil
		return x.w.queue.put(ctx, x.w.keep(mark), markName{})
	}
	now := x.w.o.Now()
	f.pending, f.due = next, x.w.dueAt(f, next, before)
	if !now.Before(f.due) {
		err = x.w.save(ctx, f)
		if err != nil && before == nil {
			f.pending = nil // the watcher calls again; x.end closes the writers
			return err
		}
	}
	for member := range next.versions {
		delete(x.versions, member) // pending has them, or save has closed them
	}
	return err
}

// adopt takes over what was pending. What a later read of the whole file says
// of cleanness takes the place of what an earlier one said.
func (p *pending) adopt(before *pending, whole bool) {
	for member, v := range before.versions {
		p.versions[member] = v
	}
	for id, path := range before.moved {
		if p.moved[id] == "" {
			p.moved[id] = path
		}
	}
	if !whole {
		for id, state := range before.settle {
			p.settle[id] = state
		}
	}
}

// dueAt says when a file's pending is to be saved.
func (w *Watch) dueAt(f *watched, next, before *pending) time.Time {
	switch {
	case len(next.versions)+len(next.moved) > 0:
		return f.saved.Add(w.o.Gap)
	case before != nil && len(before.settle) > 0:
		return f.due
	}
	return w.o.Now().Add(w.o.CleanAfter)
}

// cleaned returns the findings of the file that a read of all of it did not
// see again. What could not be examined is not clean.
func (x *examination) cleaned(r refused) (map[finding.ID]finding.State, error) {
	settle := map[finding.ID]finding.State{}
	if !x.job.New && !x.job.Reset || x.folded || x.private {
		return settle, nil
	}
	found, err := x.w.findings(x.ctx, x.f.key)
	if err != nil {
		return nil, err
	}
	for _, f := range found {
		v := x.versions[f.Place.Member]
		if (v == nil || v.place.ID() != f.ID) && present(f.State) && !r.covers(f.Place.Member) {
			settle[f.ID] = finding.Clean
		}
	}
	return settle, nil
}

// present reports whether the data is taken to be there.
func present(s finding.State) bool { return s == finding.Open || s == finding.Sealed }

// save commits what is pending of a file: cards, findings, cases and mark. The
// caller holds f.mu. If it fails, everything stays pending.
func (w *Watch) save(ctx context.Context, f *watched) error {
	p := f.pending
	batch := casefile.Batch{Settled: p.settle, Moved: p.moved}
	if err := commitCards(ctx, p.versions); err != nil {
		return err
	}
	for _, member := range slices.Sorted(maps.Keys(p.versions)) {
		if v := p.versions[member]; v.news() {
			batch.Seen = append(batch.Seen, v.seen())
			delete(p.moved, v.place.ID()) // what was seen says where
		}
	}
	kept := w.keep(p.mark)
	if len(batch.Seen)+len(batch.Settled)+len(batch.Moved) == 0 {
		p.close()
		f.pending = nil
		return w.queue.put(ctx, kept, markName{})
	}
	w.queue.take(nameOf(kept))
	batch.Also = func(ctx context.Context, tx record.Tx) error { return w.o.Store.SaveMarks(ctx, tx, kept) }
	if err := w.o.Desk.Take(ctx, w.who, batch); err != nil {
		return err
	}
	if len(batch.Seen) > 0 {
		w.sawFinding(f)
	}
	p.close()
	f.pending = nil
	return nil
}

// commitsAtOnce is how many segments of one file are made durable together:
// the disk takes many flushes in hardly more time than one.
const commitsAtOnce = 16

// commitCards makes the cards of all versions durable.
func commitCards(ctx context.Context, versions map[string]*version) error {
	var group errgroup.Group
	group.SetLimit(commitsAtOnce)
	for _, v := range versions {
		group.Go(func() error { return v.commit(ctx) })
	}
	return group.Wait()
}

// sawFinding notes that a version of a finding of the file was saved now.
func (w *Watch) sawFinding(f *watched) {
	f.saved = w.o.Now()
	name := w.placeKey(f.key)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.found[name] = true
}
