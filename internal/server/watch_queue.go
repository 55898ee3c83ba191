package server

import (
	"context"
	"maps"
	"sync"
	"time"

	"github.com/stanch/stanch/internal/record"
	"github.com/stanch/stanch/internal/store"
)

const (
	queueReady = 500  // marks that are worth a commit
	queueFull  = 4000 // marks at which whoever adds one saves them first
)

// A markQueue saves the marks of clean files many at a time: a first start
// must not make one commit for each of them. A mark that a crash takes means
// only that a clean file is read again.
type markQueue struct {
	w    *Watch
	turn sync.Mutex // held by the one flush under way; mu may be taken with it

	mu     sync.Mutex // guards what follows
	marks  map[markName]markChange
	trying map[markName]markChange // what the flush under way writes
	rows   map[troubleName][]store.Trouble
	since  time.Time // that the oldest waits
	held   time.Time // no flush before, after one that failed
}

type markName struct{ root, path string }

// A markChange is a mark to save or, if there is none, one to remove: only
// that of one file if its identity is given, because another file may have the
// name by now.
type markChange struct {
	save *store.Mark
	of   string
}

type troubleName struct {
	layer      store.Layer
	root, path string
}

func newMarkQueue(w *Watch) *markQueue {
	return &markQueue{w: w, marks: map[markName]markChange{}, rows: map[troubleName][]store.Trouble{}}
}

func nameOf(m store.Mark) markName { return markName{m.Root, m.Path} }

// put queues a mark, and the removal of the one under the name before if
// there is another.
func (q *markQueue) put(ctx context.Context, m store.Mark, before markName) error {
	q.mu.Lock()
	q.marks[nameOf(m)] = markChange{save: &m}
	if before != (markName{}) && before != nameOf(m) {
		q.marks[before] = markChange{of: m.File}
	}
	return q.queued(ctx)
}

// remove queues the removal of a file's mark.
func (q *markQueue) remove(ctx context.Context, name markName, file string) error {
	q.mu.Lock()
	if m := q.marks[name].save; m == nil || m.File == file {
		q.marks[name] = markChange{of: file}
	}
	return q.queued(ctx)
}

// tell queues the troubles of a path; none takes back what was told.
func (q *markQueue) tell(ctx context.Context, name troubleName, all []store.Trouble) error {
	q.mu.Lock()
	q.rows[name] = all
	return q.queued(ctx)
}

// queued ends a change; it is called with mu held and gives it back.
func (q *markQueue) queued(ctx context.Context) error {
	n := len(q.marks) + len(q.rows)
	news := q.since.IsZero() || n >= queueReady
	if q.since.IsZero() {
		q.since = q.w.o.Now()
	}
	q.mu.Unlock()
	if n >= queueFull {
		return q.flush(ctx)
	}
	if news {
		q.w.poke()
	}
	return nil
}

// next returns when the queue wants to be flushed.
func (q *markQueue) next() (time.Time, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.since.IsZero() {
		return time.Time{}, false
	}
	at := q.since.Add(q.w.o.SaveEvery)
	if len(q.marks)+len(q.rows) >= queueReady {
		at = q.since
	}
	if at.Before(q.held) {
		at = q.held
	}
	return at, true
}

func (q *markQueue) due(now time.Time) bool {
	at, any := q.next()
	return any && !now.Before(at)
}

// flush saves everything in one commit.
func (q *markQueue) flush(ctx context.Context) error {
	q.turn.Lock()
	defer q.turn.Unlock()
	q.mu.Lock()
	marks, rows := q.marks, q.rows
	q.trying = marks
	q.marks, q.rows, q.since = map[markName]markChange{}, map[troubleName][]store.Trouble{}, time.Time{}
	q.mu.Unlock()
	if len(marks)+len(rows) == 0 {
		return nil
	}
	err := q.w.o.Store.Update(ctx, q.w.who, func(ctx context.Context, tx record.Tx) error { return q.write(ctx, tx, marks, rows) })
	q.mu.Lock()
	defer q.mu.Unlock()
	q.trying = nil
	if err == nil {
		return nil
	}
	// What came meanwhile is newer.
	maps.Copy(marks, q.marks)
	maps.Copy(rows, q.rows)
	q.marks, q.rows = marks, rows
	q.since = q.w.o.Now()
	q.held = q.since.Add(retryAfter)
	return err
}

func (q *markQueue) write(ctx context.Context, tx record.Tx, marks map[markName]markChange, rows map[troubleName][]store.Trouble) error {
	save := make([]store.Mark, 0, len(marks))
	for name, m := range marks {
		if m.save != nil {
			save = append(save, *m.save)
			continue
		}
		if err := q.w.o.Store.RemoveMark(ctx, tx, name.root, name.path, m.of); err != nil {
			return err
		}
	}
	for name, all := range rows {
		if err := q.w.o.Store.SaveTroubles(ctx, tx, name.layer, name.root, name.path, all...); err != nil {
			return err
		}
	}
	return q.w.o.Store.SaveMarks(ctx, tx, save...)
}

// take drops what is queued for a name, because a newer mark goes with a
// finding. A flush that has the name in hand is waited for, so that it does
// not come after.
func (q *markQueue) take(name markName) {
	q.mu.Lock()
	delete(q.marks, name)
	_, trying := q.trying[name]
	q.mu.Unlock()
	if trying {
		q.turn.Lock()
		defer q.turn.Unlock()
		q.mu.Lock()
		defer q.mu.Unlock()
		delete(q.marks, name) // put back if the flush failed
	}
}
