// Package access knows who may do what: accounts with their roles, single-use
// links, sessions, proof of presence, and tokens for programs.
//
// In go passwords, secrets and addresses; out come principals, refusals, and
// entries that name people by account id. Passwords are kept as argon2id
// hashes, and every secret it hands out is kept as a hash only, in tables that
// are not part of the record. It never answers HTTP, never logs a login, a
// name or a secret, and never tells an unknown login from a wrong password.
package access

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/stanch/stanch/internal/record"
	"github.com/stanch/stanch/internal/tenant"
)

// Options are what a door needs besides its store.
type Options struct {
	Now    func() time.Time // nil is time.Now
	Logger *slog.Logger     // nil discards
	Cost   Cost             // of a password hash; zero is [DefaultCost]
}

// A Door lets people and programs in. Its methods are safe for concurrent
// use, and what they change is durable when they return nil.
type Door struct {
	store   Store
	now     func() time.Time
	log     *slog.Logger
	cost    Cost
	hashing chan struct{} // one place per hash under way: each takes a core and its memory
}

// hashesAtOnce bounds how many passwords are hashed at the same time, so that
// a flood of guesses takes neither all cores nor all memory.
const hashesAtOnce = 2

// NewDoor returns a door to what store keeps.
func NewDoor(store Store, o Options) *Door {
	d := &Door{store: store, now: o.Now, log: o.Logger, cost: o.Cost, hashing: make(chan struct{}, hashesAtOnce)}
	if d.now == nil {
		d.now = time.Now
	}
	if d.log == nil {
		d.log = slog.New(slog.DiscardHandler)
	}
	if d.cost == (Cost{}) {
		d.cost = DefaultCost
	}
	return d
}

// Account returns an account as last committed, or [ErrNoAccount].
func (d *Door) Account(ctx context.Context, t tenant.ID, id ID) (*Account, error) {
	thing, err := d.store.Read(ctx, t, id.Subject())
	if errors.Is(err, record.ErrNone) {
		return nil, ErrNoAccount
	}
	if err != nil {
		return nil, err
	}
	return thing.(*Account), nil
}

// Accounts lists the tenant's accounts in the order in which they were made.
func (d *Door) Accounts(ctx context.Context, by Principal) ([]*Account, error) {
	if err := by.Allow(View, d.now()); err != nil {
		return nil, err
	}
	return d.store.Accounts(ctx, by.Tenant)
}

// load reads an account inside a transaction.
func load(ctx context.Context, tx record.Tx, id ID) (*Account, error) {
	thing, err := tx.Load(ctx, id.Subject())
	if errors.Is(err, record.ErrNone) {
		return nil, ErrNoAccount
	}
	if err != nil {
		return nil, err
	}
	return thing.(*Account), nil
}

// system acts for Stanch itself.
func system(t tenant.ID) record.Who { return record.Who{Tenant: t, Actor: record.System} }

// Sweep removes what has run out: links, sessions, and counts of attempts
// that no longer slow anybody down. Run it every hour or so.
func (d *Door) Sweep(ctx context.Context, t tenant.ID) error {
	return d.store.Update(ctx, system(t), func(ctx context.Context, tx record.Tx) error {
		now := tx.Now()
		return d.store.Sweep(ctx, tx, Cutoffs{
			Now: now.UnixMicro(), Created: now.Add(-sessionLife).UnixMicro(), Seen: now.Add(-sessionIdle).UnixMicro(),
			Missed: now.Add(-day).UnixMicro(), Good: now.Add(-knownFor).UnixMicro(),
		})
	})
}

const day = 24 * time.Hour
