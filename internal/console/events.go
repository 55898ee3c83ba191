package console

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/stanch/stanch/internal/tenant"
	"github.com/stanch/stanch/ledger"
)

// heartbeat is how often a stream says that it is alive.
const heartbeat = 15 * time.Second

// glance is how often the ledger is looked at while anybody listens. The
// ledger is the only news there is, so that a second centre's changes show
// like our own.
const glance = 400 * time.Millisecond

// live hands out the news of the ledger to every open stream: one reader for
// all, that runs only while somebody listens.
type live struct {
	lists  Lists
	tenant tenant.ID

	mu        sync.Mutex // guards what follows
	listeners map[chan int64]bool
	stop      context.CancelFunc
}

func newLive(l Lists, t tenant.ID) *live {
	return &live{lists: l, tenant: t, listeners: map[chan int64]bool{}}
}

// join returns a channel that gets the newest ledger size after each change.
// It holds one value: who is slow skips to the newest. leave ends it.
func (l *live) join() (news chan int64, leave func()) {
	news = make(chan int64, 1)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.listeners[news] = true
	if l.stop == nil {
		ctx, stop := context.WithCancel(context.Background())
		l.stop = stop
		go l.watch(ctx)
	}
	return news, func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		delete(l.listeners, news)
		if len(l.listeners) == 0 && l.stop != nil {
			l.stop()
			l.stop = nil
		}
	}
}

func (l *live) watch(ctx context.Context) {
	tick := time.NewTicker(glance)
	defer tick.Stop()
	last := int64(-1)
	for {
		// A ledger that cannot be read now is read at the next tick; every
		// page says so by itself.
		if size, err := l.lists.Size(ctx); err == nil && size != last {
			last = size
			l.tell(size)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func (l *live) tell(size int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for news := range l.listeners {
		select {
		case <-news:
		default:
		}
		news <- size
	}
}

// events is the stream of one user. Each event has the index of a ledger
// entry as its id and the entry's subject as its data, and says no more: the
// page fetches what it shows again.
func events(v *visit) error {
	out := http.NewResponseController(v.w)
	h := v.w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no")
	news, leave := v.c.live.join()
	defer leave()
	size, err := v.c.Lists.Size(v.ctx())
	if err != nil {
		return err
	}
	after := size - 1
	if last, err := strconv.ParseInt(v.r.Header.Get("Last-Event-ID"), 10, 64); err == nil && last >= 0 {
		after = min(last, after)
	}
	_ = out.SetWriteDeadline(time.Now().Add(2 * heartbeat)) // not every connection can; then none is needed
	fmt.Fprintf(v.w, "retry: 2000\n: here\n\n")
	if err := out.Flush(); err != nil {
		return nil // the visitor left
	}
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	for {
		select {
		case <-v.ctx().Done():
			return nil
		case <-beat.C:
			fmt.Fprint(v.w, ": here\n\n")
		case <-news:
			if after, err = v.tellNews(after); err != nil {
				return nil // the stream has begun: it ends, and the browser comes again
			}
		}
		_ = out.SetWriteDeadline(time.Now().Add(2 * heartbeat)) // as above
		if err := out.Flush(); err != nil || !v.still() {
			return nil
		}
	}
}

// newsShown bounds how many entries one turn names; pages fetch themselves
// whole, so no more is needed.
const newsShown = 20

func (v *visit) tellNews(after int64) (int64, error) {
	entries, err := v.c.Lists.Entries(v.ctx(), v.c.Tenant, EntryFilter{Limit: newsShown})
	if err != nil {
		return after, err
	}
	for i := len(entries) - 1; i >= 0; i-- {
		if e := entries[i]; e.Index > after {
			tellEvent(v.w, e)
			after = e.Index
		}
	}
	return after, nil
}

func tellEvent(w http.ResponseWriter, e ledger.Entry) {
	fmt.Fprintf(w, "id: %d\nevent: changed\ndata: %s\n\n", e.Index, e.Subject)
}
