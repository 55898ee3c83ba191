package filetree

import (
	"errors"
	"io"
	"time"
)

// visitChunk is how many names are looked at in one step of a walk, so that
// events wait for a millisecond and not for the walk.
const visitChunk = 256

// A visit lists one folder.
type visit struct {
	dir    *dir
	folder *folder
	stamp  uint32
}

// A trip is what remains to be visited. New folders go first, because files may
// have been written there before the watch was set; the walk of all, or of what
// must be polled, goes on when there are none.
type trip struct {
	urgent, deep []*dir
	cur          [2]*visit // of urgent, of deep
	stamp, last  uint32    // of the visit that is taking names in, 0 between; and the last given
	full         bool      // deep is a walk of everything
	again        bool      // and another must follow
	began        time.Time
}

func (t *trip) going() bool {
	return t.cur[0] != nil || t.cur[1] != nil || len(t.urgent)+len(t.deep) > 0
}

// walk begins a walk of the whole root, or has another follow the one under
// way: what that has passed may have changed since.
func (k *keeper) walk(now time.Time) {
	if k.trip.full {
		k.trip.again = true
		return
	}
	k.findSkipped()
	k.trip.full, k.trip.again, k.trip.began = true, false, now
	k.trip.deep = append(k.trip.deep, k.tree.top)
}

// step does a small part of the trip.
func (k *keeper) step() {
	if k.at == nil {
		k.abandon()
		return
	}
	t := &k.trip
	if t.cur[0] != nil || len(t.urgent) > 0 {
		k.advance(0, &t.urgent, fresh)
		return
	}
	k.advance(1, &t.deep, backlog)
	if t.cur[1] == nil && len(t.deep) == 0 {
		k.arrive()
	}
}

// advance begins a visit, or takes in the next names of one, or ends it.
func (k *keeper) advance(i int, rest *[]*dir, in lane) {
	t := &k.trip
	v := t.cur[i]
	if v == nil {
		last := len(*rest) - 1
		d := (*rest)[last]
		*rest = (*rest)[:last]
		if !d.dead {
			t.cur[i] = k.begin(d)
		}
		return
	}
	names, err := v.folder.names(visitChunk)
	if v.dir.dead {
		err = io.EOF
	} else {
		k.visited(v, names, in)
	}
	if err == nil {
		return
	}
	v.folder.close()
	t.cur[i] = nil
	switch {
	case v.dir.dead:
	case errors.Is(err, io.EOF):
		k.sweep(v, rest, in)
	default:
		k.noEntry(v.dir, cause(err))
	}
}

// begin opens a folder for a visit. The watch comes first: what is written
// between it and the listing is then seen at least once.
func (k *keeper) begin(d *dir) *visit {
	d.pending = false
	k.watch(d)
	f, err := k.enter(d)
	if err != nil {
		k.noEntry(d, err)
		return nil
	}
	if d.parent == nil || d.mount {
		d.network = f.network()
	}
	k.pollNetwork(d)
	k.trip.last++
	return &visit{d, f, k.trip.last}
}

func (k *keeper) visited(v *visit, names []string, in lane) {
	spots := make([]spot, 0, len(names))
	for _, name := range names {
		info, err := v.folder.lstat(name)
		spots = append(spots, spot{spotKey{v.dir, name}, info, err})
	}
	k.trip.stamp = v.stamp
	k.absorb(spots, in)
	k.trip.stamp = 0
}

// sweep ends a visit: names that it did not come upon are looked at one by one,
// for they may be new, and folders below are put on the list.
func (k *keeper) sweep(v *visit, rest *[]*dir, in lane) {
	k.clear(v.dir.path())
	var unseen []string
	for name, f := range v.dir.files {
		if f.stamp != v.stamp {
			unseen = append(unseen, name)
		}
	}
	for name, kid := range v.dir.kids {
		if kid.stamp != v.stamp {
			unseen = append(unseen, name)
		}
	}
	if len(unseen) > 0 {
		k.absorb(k.stat(v.dir, unseen), in)
	}
	for _, kid := range v.dir.kids {
		if kid.pending || k.trip.full && in == backlog {
			*rest = append(*rest, kid)
		}
	}
}

// arrive ends a walk, or a poll.
func (k *keeper) arrive() {
	t, now := &k.trip, k.opts.Now()
	took := now.Sub(t.began)
	for _, key := range k.later {
		if !key.dir.dead {
			k.mark(key.dir, key.name)
		}
	}
	k.later = nil
	if !t.full {
		// A poll may take a tenth of the time, however large the tree.
		k.nextPoll = now.Add(max(k.opts.PollEvery, 10*took))
		return
	}
	t.full = false
	k.lastWalk, k.walkTook = now.UTC(), took
	k.nextWalk = now.Add(max(k.opts.ReconcileEvery, 10*took))
	if t.again {
		k.walk(now)
		return
	}
	delete(k.reasons, Overflow)
	delete(k.reasons, Returned)
}

// abandon ends all visits where they are.
func (k *keeper) abandon() {
	for _, v := range k.trip.cur {
		if v != nil {
			v.folder.close()
		}
	}
	k.trip = trip{last: k.trip.last}
	k.later = nil
}
