package notice

import (
	"slices"
	"time"

	"github.com/stanch/stanch/internal/estate"
)

const (
	minute    = time.Minute
	restFirst = 5 * time.Second  // after a first failure
	restMost  = 15 * time.Minute // after many
)

// perMinute is how many messages a channel is sent in a minute. The group
// robots of both vendors take 20, and punish more with ten minutes of silence.
func perMinute(kind estate.ChannelKind) int {
	if kind == estate.Webhook {
		return 120
	}
	return 18
}

// A lane is how fast and how soon a channel may be sent to. It is guarded by
// its Ringer's mutex.
type lane struct {
	busy  bool
	until time.Time // it rests until then
	fails int       // in a row
	sent  []time.Time
}

func (r *Ringer) lane(id estate.ChannelID) *lane {
	if r.lanes == nil {
		r.lanes = map[estate.ChannelID]*lane{}
	}
	l := r.lanes[id]
	if l == nil {
		l = &lane{}
		r.lanes[id] = l
	}
	return l
}

// take claims a channel's lane, unless it is in use or rests.
func (r *Ringer) take(id estate.ChannelID) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	l := r.lane(id)
	if l.busy || r.now().Before(l.until) {
		return false
	}
	l.busy = true
	return true
}

// free gives a lane back.
func (r *Ringer) free(id estate.ChannelID) {
	r.mu.Lock()
	r.lane(id).busy = false
	r.mu.Unlock()
}

// budget returns how many messages the channel can be sent now.
func (r *Ringer) budget(c estate.Channel) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	l, now := r.lane(c.ID), r.now()
	l.sent = slices.DeleteFunc(l.sent, func(at time.Time) bool { return now.Sub(at) >= minute })
	return perMinute(c.Kind) - len(l.sent)
}

// spend counts a message.
func (r *Ringer) spend(id estate.ChannelID) {
	r.mu.Lock()
	l := r.lane(id)
	l.sent = append(l.sent, r.now())
	r.mu.Unlock()
}

// heed lets a lane rest after a failure, longer each time.
func (r *Ringer) heed(id estate.ChannelID, fault *Fault) {
	r.mu.Lock()
	defer r.mu.Unlock()
	l := r.lane(id)
	if fault == nil {
		l.fails, l.until = 0, time.Time{}
		return
	}
	rest := restMost
	if l.fails < 8 {
		rest = min(restFirst<<l.fails, restMost)
	}
	l.fails++
	l.until = r.now().Add(max(rest, min(fault.After, restMost)))
}
