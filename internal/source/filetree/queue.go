package filetree

import "time"

// backoffMax is the longest pause between reads of a file that keeps failing.
const backoffMax = time.Minute

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
