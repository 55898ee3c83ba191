package server

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/stanch/stanch/internal/finding"
	"github.com/stanch/stanch/internal/segment"
	"github.com/stanch/stanch/internal/source/filetree"
)

// A version is the next state of one finding: what it was, and what has been
// seen since. The distinct cards are in the writer until it is committed.
type version struct {
	place     finding.Place
	known     finding.Counts // as it was; zero if the finding begins, or begins anew
	counts    finding.Counts // known, and the cards committed since
	more      finding.Counts // matches seen since
	sensitive bool
	graver    bool // sensitive only now
	sample    []finding.Match
	shown     []finding.Match // the finding's own sample
	segments  []finding.Segment
	writer    *segment.Writer
	rewrite   bool             // the content was replaced while the finding was open
	before    *finding.Finding // whose counts begin again; nil otherwise
	reopened  bool             // what was locked or gone lies there again
}

// continued reports whether a finding goes on when its file's content was
// replaced: as long as no read has found the place without card data, it is
// the same leak, and its cards add up.
func continued(s finding.State) bool {
	return s == finding.Open || s == finding.Sealed || s == finding.RuledOut
}

// newVersion begins the next version of what was found in one member.
func newVersion(job filetree.Job, place finding.Place, current *finding.Finding) *version {
	v := &version{place: place}
	v.place.Generation = job.From.Generation
	if current == nil {
		return v
	}
	replaced := job.New || job.Reset
	switch {
	case !continued(current.State):
		v.place.Generation = max(v.place.Generation, current.Place.Generation+1)
		return v
	case job.New: // known, but how far it was read was lost
		v.before = current
	default:
		v.known, v.segments, v.sensitive, v.rewrite = current.Counts, current.Segments, current.Sensitive, replaced
	}
	v.place.Generation = current.Place.Generation
	v.shown = current.Sample
	v.counts = v.known
	v.counts.Kinds, v.counts.Brands, v.counts.Issuers = maps.Clone(v.known.Kinds), maps.Clone(v.known.Brands), maps.Clone(v.known.Issuers)
	return v
}

// knows reports whether every kind of a match was seen here before.
func (v *version) knows(m *finding.Match) bool {
	seen := func(class string) bool { return v.counts.Kinds[class]+v.more.Kinds[class] > 0 }
	return seen(m.Class) && !slices.ContainsFunc(m.Also, func(class string) bool { return !seen(class) })
}

// same reports whether two matches are one.
func same(a, b *finding.Match) bool {
	return a.Offset == b.Offset && a.Token == b.Token && a.Class == b.Class && a.Encoding == b.Encoding
}

// take counts a match. Room is how many sample matches may be held.
func (v *version) take(m finding.Match, judged, sensitive bool, room int) {
	if v.more.Kinds == nil {
		v.more.Kinds = map[string]int64{}
	}
	v.more.Matches++
	v.more.Kinds[m.Class]++
	for _, class := range m.Also {
		v.more.Kinds[class]++
	}
	if m.Test {
		v.more.Test++
	}
	if judged && sensitive && !v.sensitive {
		v.sensitive, v.graver = true, true
	}
	if len(v.sample) < min(room, finding.SampleSize-len(v.shown)) && !slices.ContainsFunc(v.shown, func(o finding.Match) bool { return same(&o, &m) }) {
		v.sample = append(v.sample, m)
	}
}

// commit makes the cards durable as segments and takes them into the counts.
// It can be repeated.
func (v *version) commit(ctx context.Context) error {
	if v.writer == nil {
		return nil
	}
	segments, delta, err := v.writer.Commit(ctx, v.segments)
	if err != nil {
		return fmt.Errorf("count cards: %w", err)
	}
	v.segments = segments
	delta.AddTo(&v.counts)
	return nil
}

// news reports whether the version says more than the finding does. A file
// that is rewritten with what it held before says nothing new.
func (v *version) news() bool {
	cards := v.counts.High != v.known.High || v.counts.Judged != v.known.Judged
	if v.before != nil && !v.reopened && reflect.DeepEqual(v.seen().Counts, v.before.Counts) && v.sensitive == v.before.Sensitive {
		return false
	}
	if v.rewrite {
		kinds := slices.ContainsFunc(slices.Collect(maps.Keys(v.more.Kinds)), func(k string) bool { return v.known.Kinds[k] == 0 })
		return cards || kinds || v.graver
	}
	return cards || v.more.Matches > 0
}

// seen returns the version as the body of an entry.
func (v *version) seen() finding.Seen {
	c := v.counts
	c.Kinds = maps.Clone(c.Kinds)
	if c.Kinds == nil {
		c.Kinds = map[string]int64{}
	}
	c.Matches += v.more.Matches
	c.Test += v.more.Test
	for kind, n := range v.more.Kinds {
		c.Kinds[kind] += n
	}
	return finding.Seen{Place: v.place, Counts: c, Sensitive: v.sensitive, Sample: v.sample, Segments: v.segments}
}

// touched reports whether anything was seen that may be news.
func (v *version) touched() bool { return v.more.Matches > 0 || v.writer != nil && !v.writer.Empty() }

func (v *version) close() {
	if v.writer != nil {
		v.writer.Close()
	}
}

// saved takes in that a version was saved while the reading goes on.
func (v *version) saved(as finding.Seen) {
	v.known, v.counts, v.more = as.Counts, as.Counts, finding.Counts{}
	v.counts.Kinds, v.counts.Brands, v.counts.Issuers = maps.Clone(as.Counts.Kinds), maps.Clone(as.Counts.Brands), maps.Clone(as.Counts.Issuers)
	v.shown, v.sample = append(v.shown, v.sample...), nil
	v.before, v.graver, v.rewrite, v.reopened = nil, false, false, false
}

// memberOf returns what stands in a match's path behind the file's own masked
// name.
func memberOf(path, masked string) string {
	return strings.ToValidUTF8(strings.TrimPrefix(strings.TrimPrefix(path, masked), "!"), "\ufffd")
}
