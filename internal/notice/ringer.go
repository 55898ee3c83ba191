package notice

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/stanch/stanch/internal/casefile"
	"github.com/stanch/stanch/internal/estate"
	"github.com/stanch/stanch/internal/record"
	"github.com/stanch/stanch/internal/tenant"
)

// Store finds what is due. Its implementation is in internal/store. Methods
// with a transaction read what it sees and commit with it; the others read
// what was last committed.
type Store interface {
	// Size returns the number of entries of the ledger: while it stays, only
	// the clock can make an alarm due.
	Size(ctx context.Context) (int64, error)
	// DueAlarms returns the live cases that are due to ring, the lowest
	// number first and at most limit, and how many are due in all.
	DueAlarms(ctx context.Context, t tenant.ID, c Cutoffs, limit int) (due []Due, total Total, err error)
	// PendingAlarms lists the alarms that wait for a channel, the earliest
	// rung first.
	PendingAlarms(ctx context.Context, t tenant.ID, limit int) ([]*Alarm, error)
	// Alarms lists alarms, the latest rung first.
	Alarms(ctx context.Context, t tenant.ID, limit int) ([]*Alarm, error)
	// AlarmResults returns how each channel answered last.
	AlarmResults(ctx context.Context, t tenant.ID) (map[estate.ChannelID]Result, error)
	// SaveAlarmResult keeps how a channel answered.
	SaveAlarmResult(ctx context.Context, tx record.Tx, r Result) error
	// Secret returns the secret of a channel, or [record.ErrNone].
	Secret(ctx context.Context, t tenant.ID, id estate.ChannelID) (estate.Secret, error)
}

// Cutoffs say which cases are due. Times are Unix microseconds.
type Cutoffs struct {
	Since   int64 // seen cases that were opened before do not ring as new
	Rung    int64 // unseen cases that rang before ring again
	Through int64 // cases numbered up to this rang in a crowd,
	Crowd   int64 // at this time
}

// A Due is a case that is due to ring.
type Due struct {
	Case       casefile.ID
	Number     int64
	CodenameZH string
	CodenameEN string
	Reason     Reason
	Leak       int64 // the entry that said that it leaks
}

// Total says how many cases are due, and the highest number among them.
type Total struct{ Count, Through int64 }

// A Ringer watches for what people must be told and tells them. One of them
// runs for a tenant.
type Ringer struct {
	Tenant tenant.ID
	Book   record.Book
	Store  Store
	Sender Sender
	Now    func() time.Time // nil is time.Now
	Base   string           // address of the console, unless the house gives another
	Log    *slog.Logger     // nil discards

	lanes lanes
	nudge struct {
		sync.Once
		ch chan struct{}
	}
}
