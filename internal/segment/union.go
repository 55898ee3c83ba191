package segment

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/stanch/stanch/internal/casefile"
	"github.com/stanch/stanch/internal/finding"
)

const (
	mostFresh    = 1 << 14 // fresh cards that a lineage remembers
	mostLineages = 32
	mostUnions   = 256
	mostOpen     = 128 // files merged at once
)

// A cached union, and when it was last used.
type cached struct {
	casefile.Union
	used int64
}

// A lineage says how a set of segments came from another: the cards fresh were
// added. So the union of a case that has grown by a few cards is found without
// reading the case's files again.
type lineage struct {
	from, to []string // digests, sorted
	fresh    []record
	lost     int64
}

// follow remembers the lineage of a commit, and the union of the finding's own
// segments if that is known.
func (s *Store) follow(before, after []finding.Segment, b *batch) {
	from, to := digests(before), digests(after)
	if slices.Equal(from, to) || len(b.other) > 0 {
		return // nothing new, or counts over two keys, which are ranges
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	old, ok := s.unions[key(from)]
	if ok || len(from) == 0 {
		u := old.clone()
		s.add(&u, &b.new, b.w.lost)
		s.keep(key(to), u)
	}
	if b.many {
		return
	}
	if len(s.lineages) >= mostLineages {
		s.lineages = append(s.lineages[:0], s.lineages[1:]...)
	}
	s.lineages = append(s.lineages, lineage{from, to, b.fresh, b.w.lost})
}

func digests(all []finding.Segment) []string {
	out := make([]string, len(all))
	for i, seg := range all {
		out[i] = seg.Digest
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// key names a sorted set of digests.
func key(digests []string) string {
	sum := sha256.New()
	for _, d := range digests {
		io.WriteString(sum, d)
	}
	return string(sum.Sum(nil))
}

func (c cached) clone() casefile.Union {
	u := c.Union
	u.Brands, u.Issuers = maps.Clone(u.Brands), maps.Clone(u.Issuers)
	if u.Brands == nil {
		u.Brands, u.Issuers = map[string]int64{}, map[string]int64{}
	}
	return u
}

// keep caches a union. The caller holds mu.
func (s *Store) keep(key string, u casefile.Union) {
	if len(s.unions) >= mostUnions {
		oldest := ""
		for k, c := range s.unions {
			if oldest == "" || c.used < s.unions[oldest].used {
				oldest = k
			}
		}
		delete(s.unions, oldest)
	}
	s.turn++
	s.unions[key] = cached{u, s.turn}
}

// add adds a tally to a union. The caller holds mu.
func (s *Store) add(u *casefile.Union, t *tally, lost int64) {
	u.Low += t.cards
	u.High += t.cards + lost
	s.named(t, u.Brands)
	addIssuers(u.Issuers, t.issuers())
}

func (s *Store) named(t *tally, into map[string]int64) {
	for i, n := range t.brands {
		switch {
		case n == 0:
		case i < len(s.brands):
			into[string(s.brands[i])] += n
		default:
			into[""] += n
		}
	}
}

func (s *Store) nameBrands(t *tally, into map[string]int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.named(t, into)
}

// Union implements [casefile.Cards]. Over segments of one token key it is
// exact; cards under two keys cannot be told apart, so low takes them to be
// the same and high to be different ones. The same holds for a file that is
// missing or damaged, of which only the number of cards is known: a count is
// derived, and must not keep a leak from being told.
func (s *Store) Union(ctx context.Context, segments []finding.Segment) (casefile.Union, error) {
	set := map[string]finding.Segment{}
	for _, seg := range segments {
		set[seg.Digest] = seg
	}
	if u, ok, err := s.grown(ctx, set); !lost(err) && (err != nil || ok) {
		return u, err
	}
	byKey, gone := map[string][]finding.Segment{}, []finding.Segment(nil)
	for _, digest := range slices.Sorted(maps.Keys(set)) {
		sum, err := s.summary(set[digest])
		if lost(err) {
			gone = append(gone, set[digest])
			continue
		}
		if err != nil {
			return casefile.Union{}, err
		}
		byKey[sum.keyID] = append(byKey[sum.keyID], set[digest])
	}
	all := casefile.Union{Brands: map[string]int64{}, Issuers: map[string]int64{}}
	low := int64(0)
	for _, id := range slices.Sorted(maps.Keys(byKey)) {
		t, over, err := s.count(ctx, byKey[id])
		if lost(err) {
			gone = append(gone, byKey[id]...)
			continue
		}
		if err != nil {
			return casefile.Union{}, err
		}
		low = max(low, t.cards)
		s.mu.Lock()
		s.add(&all, t, over)
		s.mu.Unlock()
	}
	for _, seg := range gone {
		low, all.High = max(low, seg.Cards), all.High+seg.Cards
	}
	all.Low, all.Lost = low, len(gone)
	if all.Lost > 0 {
		return all, nil // and is not kept: a backup may bring the files back
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.keep(key(slices.Sorted(maps.Keys(set))), all)
	return cached{Union: all}.clone(), nil
}

// lost reports whether a file that counts were derived from cannot be read any
// more.
func lost(err error) bool { return errors.Is(err, ErrMissing) || errors.Is(err, ErrDamaged) }

// A step leads from one set of segments to a larger one: its cards are those of
// the smaller and the lineage's fresh ones that no other segment holds.
type step struct {
	lineage
	others map[string]finding.Segment
}

// mostSteps is how far a union is looked for; past it, counting is quicker.
const mostSteps = 8

// grown finds the union in the cache, or reaches it from one in the cache by
// the lineages.
func (s *Store) grown(ctx context.Context, set map[string]finding.Segment) (casefile.Union, bool, error) {
	s.mu.Lock()
	lineages := slices.Clone(s.lineages)
	s.mu.Unlock()
	u, steps, ok := s.cachedBase(set, lineages)
	if !ok || len(steps) == 0 {
		return u, ok, nil
	}
	for _, next := range slices.Backward(steps) {
		if ok, err := s.addFresh(ctx, &u, next); err != nil || !ok {
			return u, false, err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.keep(key(slices.Sorted(maps.Keys(set))), u)
	return cached{Union: u}.clone(), true, nil
}

// cachedBase undoes lineages, the newest first, until the union is in the
// cache. It returns that and the steps back up.
func (s *Store) cachedBase(set map[string]finding.Segment, lineages []lineage) (u casefile.Union, steps []step, ok bool) {
	for {
		if u, ok = s.cachedUnion(set); ok {
			return u, steps, true
		}
		i := len(lineages) - 1
		for i >= 0 && slices.ContainsFunc(lineages[i].to, func(d string) bool { _, in := set[d]; return !in }) {
			i--
		}
		if i < 0 || len(steps) == mostSteps {
			return u, nil, false
		}
		l := lineages[i]
		lineages = lineages[:i]
		others := maps.Clone(set)
		for _, d := range l.to {
			delete(others, d)
		}
		steps = append(steps, step{l, others})
		set = maps.Clone(others)
		for _, d := range l.from {
			set[d] = finding.Segment{Digest: d}
		}
	}
}

func (s *Store) cachedUnion(set map[string]finding.Segment) (casefile.Union, bool) {
	name := key(slices.Sorted(maps.Keys(set)))
	s.mu.Lock()
	defer s.mu.Unlock()
	c, ok := s.unions[name]
	if !ok {
		return casefile.Union{}, false
	}
	s.turn++
	s.unions[name] = cached{c.Union, s.turn}
	return c.clone(), true
}

// addFresh adds to u those of the lineage's cards that no other segment holds.
// It reports false if two token keys meet: then counts are ranges.
func (s *Store) addFresh(ctx context.Context, u *casefile.Union, l step) (bool, error) {
	left := slices.Clone(l.fresh)
	mine, err := s.summary(finding.Segment{Digest: l.to[0]})
	if err != nil {
		return false, err
	}
	for _, seg := range l.others {
		r, err := s.open(seg)
		if err != nil {
			return false, err
		}
		if r.head.keyID != mine.keyID {
			r.close()
			return false, nil
		}
		left, err = r.without(ctx, left)
		r.close()
		if err != nil {
			return false, fmt.Errorf("read segment %s: %w", seg.Digest, err)
		}
	}
	var t tally
	for i := range left {
		t.add(&left[i])
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.add(u, &t, l.lost)
	return true, nil
}

// without returns the cards, sorted, that r does not hold. It reuses cards.
func (r *reader) without(ctx context.Context, cards []record) ([]record, error) {
	kept := cards[:0]
	if int64(len(cards))*searchFactor < r.cards {
		low := int64(0)
		for i := range cards {
			at, _, ok, err := r.find(&cards[i], low)
			if err != nil {
				return nil, err
			}
			if low = at; !ok {
				kept = append(kept, cards[i])
			}
		}
		return kept, nil
	}
	in := &stream{mem: slices.Clone(cards)}
	err := merge(ctx, []*stream{in, r.stream()}, func(u *union) error {
		if u.fresh() {
			kept = append(kept, u.rec)
		}
		return nil
	})
	return kept, err
}

// summary returns what is known of a segment, and checks it if nothing is.
func (s *Store) summary(seg finding.Segment) (*summary, error) {
	s.mu.Lock()
	sum := s.known[seg.Digest]
	s.mu.Unlock()
	if sum != nil {
		return sum, nil
	}
	r, err := s.open(seg)
	if err != nil {
		return nil, err
	}
	r.close()
	return &summary{keyID: r.head.keyID, cards: r.cards, lost: r.head.lost}, nil
}

// count reads segments of one key. Large ones are merged as they lie; the many
// small ones go through a writer, which keeps memory and open files bounded.
func (s *Store) count(ctx context.Context, segments []finding.Segment) (*tally, int64, error) {
	w := s.Writer()
	defer w.Close()
	var from []*stream
	var lost int64
	for _, seg := range segments {
		r, err := s.open(seg)
		if err != nil {
			return nil, 0, err
		}
		lost += r.head.lost
		if r.cards > keptAlways && len(from) < mostOpen {
			defer r.close()
			from = append(from, r.stream())
			continue
		}
		err = merge(ctx, []*stream{r.stream()}, func(u *union) error { w.add(u.rec); return nil })
		r.close()
		if err != nil {
			return nil, 0, fmt.Errorf("read segment %s: %w", seg.Digest, err)
		}
	}
	if w.err != nil {
		return nil, 0, w.err
	}
	w.compact()
	t := &tally{}
	err := merge(ctx, append(from, w.streams()...), func(u *union) error { t.add(&u.rec); return nil })
	return t, lost + w.lost, err
}
