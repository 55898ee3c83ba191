// Package record is the contract between the packages that decide and the
// store that keeps: a decision records entries inside one transaction, each
// entry is folded into the thing it is about, and both commit together or not
// at all. It holds no storage and decides nothing.
package record

import (
	"context"
	"errors"
	"time"

	"github.com/stanch/stanch/internal/tenant"
	"github.com/stanch/stanch/ledger"
)

// ErrNone says that there is no such thing, or none that this tenant may know.
var ErrNone = errors.New("no such thing")

// ErrFull says that the disk has no room; nothing was written.
var ErrFull = errors.New("disk is full; free some space and try again, nothing was lost")

// System is the actor of what Stanch does by itself.
const System = "system"

// A Thing is state that is folded from entries: a case, a finding, a plan. Its
// exported fields are kept as JSON. A zero Thing is one that does not exist
// yet.
type Thing interface {
	// Apply folds an entry into the thing. It decides nothing, reads no
	// clock, and gives the same result at each replay. It returns an error
	// for an entry that cannot follow what was applied before.
	Apply(e ledger.Entry) error
}

// Who is on whose behalf a transaction runs.
type Who struct {
	Tenant tenant.ID
	Actor  string // account id, or [System]
}

// A Tx is one transaction over a tenant's things. It is valid only inside the
// function it was passed to, and is not safe for concurrent use.
type Tx interface {
	// Who returns on whose behalf the transaction runs.
	Who() Who
	// Now returns the time at which its entries are recorded, UTC.
	Now() time.Time
	// Load returns the thing as this transaction sees it, or [ErrNone].
	Load(ctx context.Context, s ledger.Subject) (Thing, error)
	// Record appends an entry and folds it into its subject, which comes
	// into being if the entry can begin it.
	Record(ctx context.Context, s ledger.Subject, body ledger.Body, about About) error
}

// About is what an entry says besides its body.
type About struct {
	Case     string    // id of the case it belongs to
	Happened time.Time // when it happened in the world, if a person said so
}

// A Book keeps things and the ledger of what happened to them.
type Book interface {
	// Update runs change in one transaction and commits what it recorded;
	// when Update returns nil that is durable. If change fails, nothing is
	// written and Update returns its error. change may be run again after a
	// conflict, so it keeps no state of its own between runs.
	Update(ctx context.Context, who Who, change func(context.Context, Tx) error) error
	// Read returns a thing as last committed, or [ErrNone].
	Read(ctx context.Context, t tenant.ID, s ledger.Subject) (Thing, error)
}
