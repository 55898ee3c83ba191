package server

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/stanch/stanch/card"
	"github.com/stanch/stanch/internal/casefile"
	"github.com/stanch/stanch/internal/cell"
	"github.com/stanch/stanch/internal/finding"
	"github.com/stanch/stanch/internal/record"
	"github.com/stanch/stanch/internal/segment"
	"github.com/stanch/stanch/internal/source/filetree"
	"github.com/stanch/stanch/internal/store"
	"github.com/stanch/stanch/internal/tenant"
	"github.com/stanch/stanch/packs"
	"github.com/stanch/stanch/scan"
)

// WatchOptions are what a Watch works with. All but the last group is needed.
type WatchOptions struct {
	Tenant    tenant.ID
	Store     *store.Store
	Desk      *casefile.Desk
	Segments  *segment.Store // of this tenant alone
	Examiner  *cell.Examiner
	Tokenizer *card.Tokenizer
	Packs     *packs.Packs

	Now        func() time.Time // nil is time.Now
	Logger     *slog.Logger     // nil discards
	Gap        time.Duration    // between two versions of a finding that grows; 1 second
	CleanAfter time.Duration    // that a place is without card data before it counts as clean; 5 seconds
	SaveEvery  time.Duration    // between commits of the marks of clean files; 200 milliseconds
}

// A Watch is where the watcher's files end: each is examined, what was found
// becomes findings and cases, and how far it was read is kept in the same
// commit. It implements [filetree.Sink].
//
// Run it before the watcher starts and until the watcher has ended.
type Watch struct {
	o      WatchOptions
	who    record.Who
	least  scan.Confidence // that the policy counts
	prints cipher.Block    // hides the fingerprints in stored marks
	queue  *markQueue
	wake   chan struct{}

	// mu guards what follows; nothing is waited for while it is held.
	mu       sync.Mutex
	roots    map[string]*rootFolder // by shown path
	files    map[fileKey]*watched   // those with something unsaved, or saved just now
	origins  map[fileKey]string     // first identity, of files that have another now
	returned map[fileKey]findingSet // files that a plan brings back, until they are read, and what comes back with them
	named    map[string]string      // real path, by shown root and origin, where the mark cannot say it
	found    map[string]bool        // files with findings, by shown root and origin
	troubled map[troubleName]bool   // files with parts that were not understood
}

// A fileKey is a file as the watcher knows it.
type fileKey struct {
	root string
	id   filetree.FileID
}

var _ filetree.Sink = (*Watch)(nil)

// NewWatch returns a Watch that has done nothing yet.
func NewWatch(o WatchOptions) (*Watch, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	standard := func(d *time.Duration, v time.Duration) {
		if *d <= 0 {
			*d = v
		}
	}
	standard(&o.Gap, time.Second)
	standard(&o.CleanAfter, 5*time.Second)
	standard(&o.SaveEvery, 200*time.Millisecond)
	least, err := scan.ParseConfidence(o.Packs.Policy.MinConfidence)
	if err != nil {
		return nil, fmt.Errorf("begin to watch: %w", err)
	}
	w := &Watch{
		o: o, who: record.Who{Tenant: o.Tenant, Actor: record.System}, least: least, wake: make(chan struct{}, 1),
		roots: map[string]*rootFolder{}, files: map[fileKey]*watched{}, origins: map[fileKey]string{}, returned: map[fileKey]findingSet{}, named: map[string]string{},
		found: map[string]bool{}, troubled: map[troubleName]bool{},
	}
	w.queue = newMarkQueue(w)
	// A fingerprint of a short file beside the masked number in it would give
	// the number back, so marks are stored under a key made by the tokenizer,
	// for a name that no tenant can have.
	sum := sha256.Sum256([]byte(o.Tokenizer.Token("marks of "+string(o.Tenant), nil)))
	if w.prints, err = aes.NewCipher(sum[:]); err != nil {
		return nil, fmt.Errorf("begin to watch: %w", err)
	}
	return w, nil
}

// sweepEvery is how often segments that no finding names are removed.
const sweepEvery = time.Hour

// Run saves what the watcher's calls left for later. When ctx ends it saves
// the rest and returns nil; what it cannot save will be read again.
func (w *Watch) Run(ctx context.Context) error {
	timer := time.NewTimer(0)
	defer timer.Stop()
	sweep := w.o.Now().Add(time.Minute)
	for {
		select {
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
			defer cancel()
			w.saveDue(last, true)
			return nil
		case <-w.wake:
		case <-timer.C:
		}
		w.saveDue(ctx, false)
		if now := w.o.Now(); now.After(sweep) {
			sweep = now.Add(sweepEvery)
			w.sweep(ctx)
		}
		timer.Reset(min(w.untilDue(), sweep.Sub(w.o.Now())))
	}
}

// sweep removes the segments that no finding names any more, nor one that is
// still to be saved: the database may have refused it for hours.
func (w *Watch) sweep(ctx context.Context) {
	unsaved, ok := w.unsavedSegments()
	if !ok {
		return // a file is being examined; the next sweep comes
	}
	used, err := w.o.Store.SegmentsInUse(ctx, w.o.Tenant)
	if err == nil {
		maps.Copy(used, unsaved)
		_, err = w.o.Segments.GC(func(digest string) bool { return used[digest] })
	}
	if err != nil && ctx.Err() == nil {
		w.o.Logger.WarnContext(ctx, "segments not swept", "err", err)
	}
}

// unsavedSegments returns the segments of what is pending. It reports false if
// a file is held, whose pending cannot be looked at.
func (w *Watch) unsavedSegments() (digests map[string]bool, ok bool) {
	digests = map[string]bool{}
	for _, f := range w.waiting() {
		if !f.mu.TryLock() {
			return nil, false
		}
		if f.pending != nil {
			for _, v := range f.pending.versions {
				for _, seg := range v.segments {
					digests[seg.Digest] = true
				}
			}
		}
		f.mu.Unlock()
	}
	return digests, true
}

// poke makes Run look at what is due.
func (w *Watch) poke() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// retryAfter is how long a save that failed waits.
const retryAfter = time.Second

// saveDue saves marks and findings whose time has come, or all.
func (w *Watch) saveDue(ctx context.Context, all bool) {
	now := w.o.Now()
	if all || w.queue.due(now) {
		if err := w.queue.flush(ctx); err != nil && ctx.Err() == nil {
			w.o.Logger.ErrorContext(ctx, "marks not saved", "err", err)
		}
	}
	for _, f := range w.waiting() {
		// A file that is being examined saves itself at the end.
		if !f.mu.TryLock() {
			continue
		}
		if f.pending != nil && (all || !now.Before(f.due)) {
			if err := w.save(ctx, f); err != nil && ctx.Err() == nil {
				f.due = now.Add(retryAfter)
				w.o.Logger.ErrorContext(ctx, "finding not saved", "err", err)
			}
		}
		f.mu.Unlock()
	}
	w.forget(now)
}

// waiting returns the files that hold something unsaved.
func (w *Watch) waiting() []*watched {
	w.mu.Lock()
	defer w.mu.Unlock()
	out := make([]*watched, 0, len(w.files))
	for _, f := range w.files {
		out = append(out, f)
	}
	return out
}

// untilDue is how long nothing has to be saved.
func (w *Watch) untilDue() time.Duration {
	now := w.o.Now()
	next := time.Minute
	if at, any := w.queue.next(); any {
		next = at.Sub(now)
	}
	for _, f := range w.waiting() {
		if f.mu.TryLock() {
			if f.pending != nil {
				next = min(next, f.due.Sub(now))
			} else {
				next = min(next, f.saved.Add(w.o.Gap).Sub(now))
			}
			f.mu.Unlock()
		}
	}
	return max(next, 10*time.Millisecond)
}

// forget drops what is known of files that were saved long enough ago.
func (w *Watch) forget(now time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for key, f := range w.files {
		if f.mu.TryLock() {
			if f.pending == nil && f.users == 0 && now.Sub(f.saved) >= w.o.Gap {
				delete(w.files, key)
			}
			f.mu.Unlock()
		}
	}
}

// Known implements [filetree.Sink].
func (w *Watch) Known(ctx context.Context, root string) iter.Seq2[filetree.Mark, error] {
	return func(yield func(filetree.Mark, error) bool) {
		if err := w.recall(ctx, root); err != nil {
			yield(filetree.Mark{}, err)
			return
		}
		for kept, err := range w.o.Store.Marks(ctx, w.o.Tenant, root) {
			if err != nil {
				yield(filetree.Mark{}, err)
				return
			}
			m, ok := w.openMark(kept)
			if !ok {
				continue // read again
			}
			if kept.Origin != kept.File {
				w.mu.Lock()
				w.origins[fileKey{root, m.ID}] = kept.Origin
				w.mu.Unlock()
			}
			if !yield(m, nil) {
				return
			}
		}
	}
}

// recall takes in what is known of the files under a root.
func (w *Watch) recall(ctx context.Context, root string) error {
	shown := shownPath(root)
	files, err := w.o.Store.FilesWithFindings(ctx, w.o.Tenant, shown)
	if err != nil {
		return err
	}
	paths, err := w.o.Store.TroubledPaths(ctx, w.o.Tenant, store.Content, shown)
	if err != nil {
		return err
	}
	// The watcher tells anew what it cannot get at.
	err = w.o.Store.Update(ctx, w.who, func(ctx context.Context, tx record.Tx) error {
		return w.o.Store.ClearTroubles(ctx, tx, store.Access, shown)
	})
	if err != nil {
		return err
	}
	at, _ := filetree.IdentifyRoot(root) // of none if it is not there
	w.Expect(root)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.roots[shown].recalled, w.roots[shown].id = true, at
	for _, origin := range files {
		w.found[shown+"\x00"+origin] = true
	}
	for _, path := range paths {
		w.troubled[troubleName{store.Content, shown, path}] = true
	}
	return nil
}

// judged reports whether the policy counts a match.
func (w *Watch) judged(m *finding.Match) bool {
	y := &w.o.Packs.Policy
	if m.Test && !y.CountsTestNumbers() {
		return false
	}
	if c, err := scan.ParseConfidence(m.Confidence); err != nil || c < w.least {
		return false
	}
	return y.Counts(m.Class) || slices.ContainsFunc(m.Also, y.Counts)
}

// sensitive reports whether a match that counts is authentication data.
func (w *Watch) sensitive(m *finding.Match) bool {
	return w.o.Packs.SAD(m.Class) || slices.ContainsFunc(m.Also, w.o.Packs.SAD)
}

// shownPath returns a path as it may be shown and stored as text.
func shownPath(path string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(card.MaskText(path), "\ufffd"), "\x00", "\ufffd")
}

// ErrNotWatched says that a finding lies where nothing is watched.
var ErrNotWatched = errors.New("the place lies under no watched folder")
