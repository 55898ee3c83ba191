package server

import (
	"cmp"
	"context"
	"path/filepath"
	"slices"
	"strings"

	"github.com/stanch/stanch/card"
	"github.com/stanch/stanch/internal/carrier"
	"github.com/stanch/stanch/internal/source/filetree"
	"github.com/stanch/stanch/internal/store"
)

// mostTroubles is how many parts of one file are named; the rest is counted.
const mostTroubles = 20

// Trouble implements [filetree.Sink].
func (w *Watch) Trouble(ctx context.Context, t filetree.Trouble) error {
	w.rootTrouble(t)
	name := troubleName{store.Access, shownPath(t.Root), shownPath(filepath.Join(t.Root, filepath.FromSlash(t.Path)))}
	if t.Cause == filetree.Recovered {
		return w.queue.tell(ctx, name, nil)
	}
	return w.queue.tell(ctx, name, []store.Trouble{{Cause: string(t.Cause), Parts: 1, Bytes: -1, Since: t.Since.UnixMicro()}})
}

// tellContent keeps what of a file could not be examined, or takes back what
// was kept.
func (w *Watch) tellContent(ctx context.Context, job filetree.Job, r carrier.Report) error {
	name := troubleName{store.Content, shownPath(job.Root), shownPath(job.Name())}
	rows := troublesOf(r, card.MaskText(job.Name()), w.o.Now().UnixMicro())
	w.mu.Lock()
	before := w.troubled[name]
	if len(rows) > 0 {
		w.troubled[name] = true
	} else {
		delete(w.troubled, name)
	}
	w.mu.Unlock()
	// A read from the middle of a text says nothing of what came before.
	if len(rows) == 0 && !before {
		return nil
	}
	return w.queue.tell(ctx, name, rows)
}

// harmless reports whether what was refused can hold no data.
func harmless(c carrier.Cause) bool { return c == carrier.Symlink || c == carrier.Special }

// troublesOf sums a report up.
func troublesOf(r carrier.Report, masked string, now int64) []store.Trouble {
	type place struct {
		member string
		cause  carrier.Cause
	}
	byPlace := map[place]*store.Trouble{}
	add := func(at place, parts, bytes int64) {
		t := byPlace[at]
		if t == nil && at.member != "" && len(byPlace) >= mostTroubles {
			at.member = ""
			t = byPlace[at]
		}
		if t == nil {
			t = &store.Trouble{Member: at.member, Cause: string(at.cause), Since: now}
			byPlace[at] = t
		}
		t.Parts += parts
		if bytes < 0 || t.Bytes < 0 {
			t.Bytes = -1
		} else {
			t.Bytes += bytes
		}
	}
	named := map[carrier.Cause]int64{}
	for _, u := range r.Unexamined {
		if named[u.Cause]++; !harmless(u.Cause) {
			add(place{storedText(memberOf(u.Path, masked)), u.Cause}, 1, u.Bytes)
		}
	}
	for cause, n := range r.Causes {
		if beyond := n - named[cause]; beyond > 0 && !harmless(cause) {
			add(place{"", cause}, beyond, -1)
		}
	}
	out := make([]store.Trouble, 0, len(byPlace))
	for _, t := range byPlace {
		out = append(out, *t)
	}
	slices.SortFunc(out, func(a, b store.Trouble) int {
		return cmp.Or(cmp.Compare(a.Member, b.Member), cmp.Compare(a.Cause, b.Cause))
	})
	return out
}

// storedText drops what a database takes in no text.
func storedText(s string) string { return strings.ReplaceAll(s, "\x00", "\ufffd") }

// refused is what of a file could not be examined.
type refused struct {
	members map[string]bool
	beyond  bool // more than the report lists
}

// refusals returns what of a file a report says was not examined.
func refusals(r carrier.Report, masked string) refused {
	out := refused{members: map[string]bool{}, beyond: r.Beyond > 0}
	for _, u := range r.Unexamined {
		if !harmless(u.Cause) {
			out.members[memberOf(u.Path, masked)] = true
		}
	}
	return out
}

// covers reports whether a member, or anything it lies in, was not examined.
// The container itself stands for all that is in it.
func (r refused) covers(member string) bool {
	if r.beyond || r.members[""] || r.members[member] || member == "" && len(r.members) > 0 {
		return true
	}
	for outer := range r.members {
		if strings.HasPrefix(member, outer+"!") {
			return true
		}
	}
	return false
}

// Troubles lists what could not be examined, the latest first, and counts it
// by cause.
func (w *Watch) Troubles(ctx context.Context, most int) ([]store.Trouble, map[string]int64, error) {
	counts, err := w.o.Store.CountTroubles(ctx, w.o.Tenant)
	if err != nil {
		return nil, nil, err
	}
	list, err := w.o.Store.Troubles(ctx, w.o.Tenant, most)
	return list, counts, err
}
