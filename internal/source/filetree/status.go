package filetree

import (
	"slices"
	"time"
)

// A State is how far the watch of a root can be relied on.
type State string

// The states, worst last. Only live and polling may be shown as clean.
const (
	StateStarting   State = "starting"
	StateLive       State = "live"
	StatePolling    State = "polling"
	StateUnreadable State = "unreadable"
	StateVanished   State = "vanished"
)

// A Reason is why a root, or a part of it, is polled.
type Reason string

// The reasons.
const (
	Overflow     Reason = "overflow"      // events were lost; until a walk has caught up
	WatchLimit   Reason = "watch_limit"   // the system grants no more watches
	NetworkMount Reason = "network_mount" // changes made elsewhere raise no event here
	NoEvents     Reason = "no_events"     // the system has no events, or gave us none
	Returned     Reason = "returned"      // it had vanished; until a walk has caught up
)

// A RootStatus is a snapshot of one root.
type RootStatus struct {
	Root    string
	State   State
	Reasons []Reason // sorted; why State is Polling, or would be
	Since   time.Time

	Dirs, Files, Watches, Mounts int
	Unreadable                   int // paths that permission keeps us from
	Troubles                     int // paths in trouble of any kind
	Queued                       int // files waiting to be read or being read
	Overflows                    int // since the start

	Walking       bool
	LastReconcile time.Time // end of the last full walk
	WalkTook      time.Duration
	Lag           time.Duration // for how long the oldest seen change has waited

	at time.Time
}

// like reports whether nothing differs that a person would want to be told of.
func (s RootStatus) like(o RootStatus) bool {
	return s.State == o.State && s.Unreadable == o.Unreadable && s.Troubles == o.Troubles &&
		s.Overflows == o.Overflows && s.LastReconcile.Equal(o.LastReconcile) && slices.Equal(s.Reasons, o.Reasons)
}
