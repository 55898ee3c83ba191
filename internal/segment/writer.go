package segment

import (
	"bufio"
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/stanch/stanch/card"
	"github.com/stanch/stanch/internal/finding"
)

const (
	mostSegments  = 8    // of one finding and key
	mergedAtOnce  = 5    // of them, the smallest, once there are more
	keptAlways    = 4096 // records that a writer may buffer whatever others do
	searchFactor  = 64   // a batch this many times smaller is searched for, not merged
	rewriteFactor = 4    // a batch at least this part of what is there is merged with it into one file
)

// A Delta is what a batch added to a finding: distinct cards that were not
// there. Low and High differ only if the scratch space did not suffice.
type Delta struct {
	Low, High int64
	Judged    int64 // cards that the policy counts and that did not count before
	Brands    map[string]int64
	Issuers   map[string]int64
}

// None reports whether nothing was added.
func (d Delta) None() bool { return d.High == 0 && d.Judged == 0 }

// AddTo adds the delta to the counts of a finding.
func (d Delta) AddTo(c *finding.Counts) {
	if d.None() {
		return
	}
	c.Low += d.Low
	c.High += d.High
	c.Judged += d.Judged
	if c.Brands == nil {
		c.Brands = map[string]int64{}
	}
	for brand, n := range d.Brands {
		c.Brands[brand] += n
	}
	if c.Issuers == nil {
		c.Issuers = map[string]int64{}
	}
	addIssuers(c.Issuers, d.Issuers)
}

// A Writer collects the cards of one finding until Commit. Use it from one
// goroutine at a time, and Close it.
type Writer struct {
	store   *Store
	keyID   string
	buffer  []record
	ordered int // the first records of buffer, sorted and without repeats
	scratch *os.File
	runs    []run
	spilled int64
	lost    int64
	err     error // of a spill; Commit returns it
}

// A run is a sorted stretch of the scratch file.
type run struct{ at, records int64 }

// Writer returns a new writer.
func (s *Store) Writer() *Writer { return &Writer{store: s} }

// Add takes the card of a match. Judged says that it counts for the policy. A
// match without a token, and one of what is no card, adds nothing.
func (w *Writer) Add(m finding.Match, judged bool) {
	var r record
	if m.Class == "resident_id" || m.Class == "phone" || m.Class == "bank_account" || !r.parseToken(m.Token) {
		return
	}
	if id := m.Token.KeyID(); w.keyID == "" {
		w.keyID = id
	} else if w.keyID != id {
		w.err = errKeys
	}
	r.parseBIN(m.Masked)
	r[tokenSize] = w.brand(m.Brand) | flag(judged)
	w.add(r)
}

func (w *Writer) brand(b card.Brand) byte { return w.store.brandIndex(b) }

func (w *Writer) add(r record) {
	if len(w.buffer) > 0 && compare(&w.buffer[len(w.buffer)-1], &r) == 0 {
		w.buffer[len(w.buffer)-1].judge(r.judged())
		w.ordered = min(w.ordered, len(w.buffer)-1)
		return
	}
	w.buffer = append(w.buffer, r)
	held := w.store.held.Add(1)
	if len(w.buffer) < w.store.opts.Buffer && (len(w.buffer) < keptAlways || held < int64(w.store.opts.Shared)) {
		return
	}
	// A log names the same cards again and again: a buffer that shrinks by
	// half is worth keeping, a growing one is not sorted each time.
	w.compact()
	if len(w.buffer) > w.store.opts.Buffer/2 || held >= int64(w.store.opts.Shared) && len(w.buffer) > keptAlways/2 {
		w.spill()
	}
}

func (w *Writer) compact() {
	if w.ordered == len(w.buffer) {
		return
	}
	before := len(w.buffer)
	w.buffer = compact(w.buffer)
	w.ordered = len(w.buffer)
	w.store.held.Add(int64(w.ordered - before))
}

// spill moves the buffer to the scratch file as one run.
func (w *Writer) spill() {
	n := int64(len(w.buffer))
	if w.spilled+n*recordSize > w.store.opts.Scratch {
		w.lost += n
	} else if err := w.tryspill(); err != nil {
		w.err = cmp.Or(w.err, err)
	}
	w.store.held.Add(-n)
	w.buffer, w.ordered = w.buffer[:0], 0
}

func (w *Writer) tryspill() (err error) {
	n := int64(len(w.buffer))
	if err := w.store.room(n * recordSize); err != nil {
		return err
	}
	if w.scratch == nil {
		if w.scratch, err = os.CreateTemp(filepath.Join(w.store.dir, scratchDir), "run-*"); err != nil {
			return fmt.Errorf("spill cards: %w", err)
		}
	}
	out := bufio.NewWriterSize(io.NewOffsetWriter(w.scratch, w.spilled), 4*readBlock)
	for i := range w.buffer {
		if _, err := out.Write(w.buffer[i][:]); err != nil {
			return fmt.Errorf("spill cards: %w", full(err))
		}
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("spill cards: %w", full(err))
	}
	w.runs = append(w.runs, run{w.spilled, n})
	w.spilled += n * recordSize
	return nil
}

// Close drops what was not committed.
func (w *Writer) Close() {
	w.reset()
	w.buffer = nil
}

func (w *Writer) reset() {
	w.store.held.Add(-int64(len(w.buffer)))
	w.buffer, w.ordered, w.runs, w.spilled, w.lost, w.err, w.keyID = w.buffer[:0], 0, nil, 0, 0, nil, ""
	if w.scratch != nil {
		w.scratch.Close()
		os.Remove(w.scratch.Name())
		w.scratch = nil
	}
}

// Empty reports whether nothing was added since the last Commit.
func (w *Writer) Empty() bool {
	return len(w.buffer) == 0 && len(w.runs) == 0 && w.lost == 0 && w.err == nil
}

// Commit writes the cards that the existing segments lack, durably, and
// returns the segments that hold all, and what was new. The writer is empty
// then. If it fails, the writer keeps what it has and Commit can be tried
// again; a failed spill stays failed until Close.
func (w *Writer) Commit(ctx context.Context, existing []finding.Segment) ([]finding.Segment, Delta, error) {
	if w.err != nil {
		return nil, Delta{}, w.err
	}
	if w.Empty() {
		return existing, Delta{}, nil
	}
	w.compact()
	b := &batch{w: w, s: w.store}
	defer b.close()
	if err := b.openAll(existing); err != nil {
		return nil, Delta{}, err
	}
	after, err := b.commit(ctx)
	if err != nil {
		return nil, Delta{}, err
	}
	b.s.follow(existing, after, b)
	delta := b.delta()
	w.reset()
	return after, delta, nil
}

// size returns how many records the writer holds, repeats among runs included.
func (w *Writer) size() int64 { return w.spilled/recordSize + int64(len(w.buffer)) }

func (w *Writer) streams() []*stream {
	out := []*stream{{mem: w.buffer}}
	for _, r := range w.runs {
		out = append(out, &stream{in: bufio.NewReaderSize(io.NewSectionReader(w.scratch, r.at, r.records*recordSize), readBlock)})
	}
	return out
}

// A batch is one Commit under way.
type batch struct {
	w       *Writer
	s       *Store
	other   []finding.Segment // of other keys, or lost: left as they are
	blind   bool              // some are lost, so that new cards may be old ones
	same    []finding.Segment
	readers []*reader // of same
	total   int64     // records in same
	new     tally     // fresh cards
	judged  int64     // cards that count only now
	fresh   []record  // the fresh cards, while they are few
	many    bool      // they are not
}

func (b *batch) openAll(existing []finding.Segment) error {
	for _, seg := range existing {
		r, err := b.s.open(seg)
		if lost(err) {
			b.other, b.blind = append(b.other, seg), true
			continue
		}
		if err != nil {
			return err
		}
		if r.head.keyID != b.w.keyID {
			r.close()
			b.other = append(b.other, seg)
			continue
		}
		b.same, b.readers, b.total = append(b.same, seg), append(b.readers, r), b.total+r.cards
	}
	return nil
}

func (b *batch) close() {
	for _, r := range b.readers {
		r.close()
	}
}

func (b *batch) delta() Delta {
	d := Delta{Low: b.new.cards, High: b.new.cards + b.w.lost, Judged: b.new.judged + b.judged + b.w.lost, Issuers: b.new.issuers(), Brands: map[string]int64{}}
	if b.blind {
		d.Low = 0
	}
	b.s.nameBrands(&b.new, d.Brands)
	return d
}

// commit writes what is new and returns all segments.
func (b *batch) commit(ctx context.Context) ([]finding.Segment, error) {
	n := b.w.size()
	if b.total > 0 && n*rewriteFactor >= b.total {
		return b.rewrite(ctx)
	}
	seg, _, err := b.s.write(ctx, head{keyID: b.w.keyID, lost: b.w.lost}, n, func(add func(*record) error) error {
		if len(b.w.runs) == 0 && n*searchFactor < b.total {
			return b.search(add)
		}
		return merge(ctx, append(b.w.streams(), b.old()...), func(u *union) error {
			if !b.count(u) {
				return nil
			}
			return add(&u.rec)
		})
	})
	if err != nil {
		return nil, err
	}
	all := append(slices.Clone(b.other), b.same...)
	if seg.Digest == "" {
		return all, nil
	}
	if len(b.same)+1 > mostSegments {
		return b.thin(ctx, seg)
	}
	return append(all, seg), nil
}

// rewrite makes one segment of everything.
func (b *batch) rewrite(ctx context.Context) ([]finding.Segment, error) {
	h := head{keyID: b.w.keyID, lost: b.w.lost}
	for _, r := range b.readers {
		h.lost += r.head.lost
	}
	seg, _, err := b.s.write(ctx, h, b.total+b.w.size(), func(add func(*record) error) error {
		return merge(ctx, append(b.w.streams(), b.old()...), func(u *union) error {
			b.count(u)
			return add(&u.rec)
		})
	})
	if err != nil {
		return nil, err
	}
	return append(slices.Clone(b.other), seg), nil
}

// thin merges the smallest segments, so that a finding never has many and
// each card is rewritten a few times only.
func (b *batch) thin(ctx context.Context, newest finding.Segment) ([]finding.Segment, error) {
	all := append(slices.Clone(b.same), newest)
	slices.SortStableFunc(all, func(a, c finding.Segment) int { return cmp.Compare(c.Cards, a.Cards) })
	kept, small := all[:len(all)-mergedAtOnce], all[len(all)-mergedAtOnce:]
	h, from, most := head{keyID: b.w.keyID}, []*stream{}, int64(0)
	for _, seg := range small {
		r, err := b.s.open(seg)
		if err != nil {
			return nil, err
		}
		defer r.close()
		h.lost += r.head.lost
		most += r.cards
		from = append(from, r.stream())
	}
	seg, _, err := b.s.write(ctx, h, most, func(add func(*record) error) error {
		return merge(ctx, from, func(u *union) error { return add(&u.rec) })
	})
	if err != nil {
		return nil, err
	}
	return append(append(slices.Clone(b.other), kept...), seg), nil
}

func (b *batch) old() []*stream {
	out := make([]*stream, len(b.readers))
	for i, r := range b.readers {
		out[i] = r.stream()
	}
	return out
}

// search looks each card of a small batch up in the segments.
func (b *batch) search(add func(*record) error) error {
	low := make([]int64, len(b.readers))
	for i := range b.w.buffer {
		u := union{rec: b.w.buffer[i]}
		for k, r := range b.readers {
			at, rec, ok, err := r.find(&u.rec, low[k])
			if err != nil {
				return fmt.Errorf("read segment %s: %w", b.same[k].Digest, err)
			}
			low[k] = at
			u.old = u.old || ok
			u.oldJudged = u.oldJudged || ok && rec.judged()
		}
		if !b.count(&u) {
			continue
		}
		if err := add(&u.rec); err != nil {
			return err
		}
	}
	return nil
}

// count takes a card into the delta and reports whether there is news of it.
func (b *batch) count(u *union) bool {
	switch {
	case u.fresh():
		b.new.add(&u.rec)
		if len(b.fresh) < mostFresh {
			b.fresh = append(b.fresh, u.rec)
		} else {
			b.many = true
		}
		return true
	case u.upgraded():
		b.judged++
		return true
	}
	return false
}
