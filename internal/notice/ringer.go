package notice

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

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
	// DueAlarms returns live cases that are due to ring, at most limit that
	// leak and limit others, the lowest number first, and how many others are
	// due in all.
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
	Updated int64 // cases that changed before are known not to leak anew
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

// Total says how many cases are due for other reasons than a leak, and the
// highest number among them.
type Total struct{ Count, Through int64 }

// A Ringer watches for what people must be told and tells them. One of them
// runs for a tenant. Its methods are safe for concurrent use.
type Ringer struct {
	Tenant tenant.ID
	Book   record.Book
	Store  Store
	Sender Sender
	Now    func() time.Time // nil is time.Now
	Base   string           // address of the console, unless the house gives another
	Log    *slog.Logger     // nil discards

	mu    sync.Mutex // guards what follows and every lane; held for a moment only
	lanes map[estate.ChannelID]*lane
	wake  chan struct{}

	// Of Run alone.
	size    int64     // of the ledger at the last look
	looked  time.Time // when that was
	waiting bool      // whether anything was to be sent then
}

const (
	every     = 2 * time.Second  // how often Run looks whether the ledger grew
	lookAgain = 15 * time.Second // and how often it looks at the clock's doing
	overlap   = time.Minute      // how far looks reach back behind each other
	crowd     = 20               // more cases than this ring as one alarm
	quiet     = time.Hour        // between two alarms about the watch
)

// Run rings what is due and sends what is pending until ctx ends, and returns
// nil then. Trouble with the store is logged and tried again.
func (r *Ringer) Run(ctx context.Context) error {
	var sending sync.WaitGroup
	defer sending.Wait()
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		if err := r.round(ctx, &sending); err != nil && ctx.Err() == nil {
			r.log().ErrorContext(ctx, "alarms not looked after", "err", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		case <-r.waker():
		}
	}
}

// Nudge makes Run look at once.
func (r *Ringer) Nudge() {
	select {
	case r.waker() <- struct{}{}:
	default:
	}
}

func (r *Ringer) waker() chan struct{} {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.wake == nil {
		r.wake = make(chan struct{}, 1)
	}
	return r.wake
}

func (r *Ringer) now() time.Time {
	if r.Now == nil {
		return time.Now().UTC()
	}
	return r.Now().UTC()
}

func (r *Ringer) log() *slog.Logger {
	if r.Log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return r.Log
}

// house returns the settings, or empty ones before anybody gave any.
func (r *Ringer) house(ctx context.Context) (*estate.House, error) {
	thing, err := r.Book.Read(ctx, r.Tenant, estate.HouseSubject)
	if errors.Is(err, record.ErrNone) {
		return &estate.House{}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read house: %w", err)
	}
	return thing.(*estate.House), nil
}

// round looks once and starts what is to be sent. While the ledger stays as it
// was, nothing waits and the clock has not gone far, there is nothing to do.
func (r *Ringer) round(ctx context.Context, sending *sync.WaitGroup) error {
	size, err := r.Store.Size(ctx)
	if err != nil {
		return err
	}
	now := r.now()
	stale := size != r.size || now.Sub(r.looked) >= lookAgain
	if !stale && !r.waiting {
		return nil
	}
	house, err := r.house(ctx)
	if err != nil {
		return err
	}
	if stale && len(house.Channels) > 0 {
		err = r.ringDue(ctx, house, now)
	}
	if err != nil {
		// A failure to ring must not keep what has rung from being sent.
		return errors.Join(fmt.Errorf("ring alarms: %w", err), r.deliver(ctx, house, sending))
	}
	if stale {
		r.size, r.looked = size, now
	}
	return r.deliver(ctx, house, sending)
}

func (r *Ringer) ringDue(ctx context.Context, house *estate.House, now time.Time) error {
	cutoffs, err := r.cutoffs(ctx, house, now)
	if err != nil {
		return err
	}
	due, total, err := r.Store.DueAlarms(ctx, r.Tenant, cutoffs, crowd)
	if err != nil {
		return err
	}
	if total.Count > crowd {
		if err := r.ring(ctx, r.system(), CrowdID, house.ChannelIDs(), Rang{Reason: reasonOf(due), Count: total.Count, Through: total.Through}); err != nil {
			return err
		}
		due = slices.DeleteFunc(due, func(d Due) bool { return d.Reason != Leaking })
	}
	for _, d := range due {
		body := Rang{Reason: d.Reason, Case: d.Case, Number: d.Number, CodenameZH: d.CodenameZH, CodenameEN: d.CodenameEN, Leak: d.Leak}
		if err := r.ring(ctx, r.system(), ID(d.Case), house.ChannelIDs(), body); err != nil {
			return err
		}
	}
	return nil
}

// reasonOf returns why a crowd rings: one new case makes it new.
func reasonOf(due []Due) Reason {
	if slices.ContainsFunc(due, func(d Due) bool { return d.Reason == NewCase }) {
		return NewCase
	}
	return UnseenCase
}

func (r *Ringer) cutoffs(ctx context.Context, house *estate.House, now time.Time) (Cutoffs, error) {
	repeat := house.Repeat
	if repeat == 0 {
		repeat = estate.DefaultRepeat
	}
	c := Cutoffs{Rung: now.Add(-time.Duration(repeat) * time.Minute).UnixMicro(), Since: house.Channels[0].Added}
	for _, channel := range house.Channels {
		c.Since = min(c.Since, channel.Added)
	}
	if !r.looked.IsZero() {
		c.Updated = r.looked.Add(-overlap).UnixMicro()
	}
	a, err := r.alarm(ctx, CrowdID)
	if errors.Is(err, record.ErrNone) {
		return c, nil
	}
	if err != nil {
		return c, err
	}
	c.Through, c.Crowd = a.Through, a.Rang
	return c, nil
}

func (r *Ringer) alarm(ctx context.Context, id ID) (*Alarm, error) {
	thing, err := r.Book.Read(ctx, r.Tenant, id.Subject())
	if err != nil {
		return nil, err
	}
	return thing.(*Alarm), nil
}

func (r *Ringer) system() record.Who { return record.Who{Tenant: r.Tenant, Actor: record.System} }

// ring records the intent to send an alarm. A leak that is still waiting to be
// told is told now, whatever else the alarm rings for.
func (r *Ringer) ring(ctx context.Context, who record.Who, id ID, to []estate.ChannelID, body Rang) error {
	return r.Book.Update(ctx, who, func(ctx context.Context, tx record.Tx) error {
		before := &Alarm{}
		switch thing, err := tx.Load(ctx, id.Subject()); {
		case err == nil:
			before = thing.(*Alarm)
		case !errors.Is(err, record.ErrNone):
			return err
		}
		body := body
		body.Turn, body.Channels = before.Turn+1, to
		if before.Reason == Leaking && before.Waiting() > 0 {
			body.Reason = Leaking
		}
		return tx.Record(ctx, id.Subject(), body, record.About{Case: string(body.Case)})
	})
}

// Trouble rings because the watch cannot be relied on, at most once an hour.
// What is wrong, and where, the console says. It returns false if it did not
// ring, so that the caller asks again later.
func (r *Ringer) Trouble(ctx context.Context) (rang bool, err error) {
	house, err := r.house(ctx)
	if err != nil || len(house.Channels) == 0 {
		return false, err
	}
	switch a, err := r.alarm(ctx, WatchID); {
	case err == nil && r.now().Sub(a.RangAt()) < quiet:
		return false, nil
	case err != nil && !errors.Is(err, record.ErrNone):
		return false, fmt.Errorf("ring alarm: %w", err)
	}
	if err := r.ring(ctx, r.system(), WatchID, house.ChannelIDs(), Rang{Reason: WatchTrouble}); err != nil {
		return false, fmt.Errorf("ring alarm: %w", err)
	}
	r.Nudge()
	return true, nil
}

// Test sends a test over one channel at once and returns how it went. The
// error says what went wrong on our side, or is [estate.ErrNoChannel].
func (r *Ringer) Test(ctx context.Context, who record.Who, id estate.ChannelID) (Result, error) {
	house, err := r.house(ctx)
	if err != nil {
		return Result{}, err
	}
	channel, ok := house.Channel(id)
	if !ok {
		return Result{}, fmt.Errorf("test channel: %w", estate.ErrNoChannel)
	}
	alarm := ID(uuid.Must(uuid.NewV7()).String())
	if err := r.ring(ctx, who, alarm, []estate.ChannelID{id}, Rang{Reason: TestAlarm}); err != nil {
		return Result{}, fmt.Errorf("test channel: %w", err)
	}
	a, err := r.alarm(ctx, alarm)
	if err != nil {
		return Result{}, fmt.Errorf("test channel: %w", err)
	}
	fault := r.send(ctx, house, channel, []*Alarm{a})
	result, err := r.settle(ctx, channel.ID, []*Alarm{a}, fault, true)
	if err != nil {
		return Result{}, fmt.Errorf("test channel: %w", err)
	}
	return result, nil
}

// Results returns how each channel answered last. A channel that was never
// tried is not in it.
func (r *Ringer) Results(ctx context.Context) (map[estate.ChannelID]Result, error) {
	return r.Store.AlarmResults(ctx, r.Tenant)
}

// Recent returns the alarms that rang last, the latest first.
func (r *Ringer) Recent(ctx context.Context, limit int) ([]*Alarm, error) {
	return r.Store.Alarms(ctx, r.Tenant, limit)
}
