// Package containment turns "stop this leak" into a plan that people agree to
// and that can be carried out, proved and taken back.
//
// In go findings of a case and people's decisions; out come plans, whose every
// step is an entry before and after it is done, so that a power cut leaves
// nothing half way. The package opens no file itself: an actuator does, and a
// custodian seals. It never acts on a target that is not the one that was
// approved, never takes anything away before a seal of it is proved, and when
// a probe fails it holds what it holds.
package containment

import (
	"context"
	"errors"
	"time"

	"github.com/stanch/stanch/internal/approval"
	"github.com/stanch/stanch/internal/casefile"
	"github.com/stanch/stanch/internal/finding"
	"github.com/stanch/stanch/internal/record"
	"github.com/stanch/stanch/internal/tenant"
)

// Store finds plans. Its implementation is in internal/store.
type Store interface {
	// PlansIn returns the plans of a tenant in these states, oldest first.
	PlansIn(ctx context.Context, t tenant.ID, states ...State) ([]*Plan, error)
	// PlansOf returns the plans of a case, oldest first.
	PlansOf(ctx context.Context, t tenant.ID, id casefile.ID) ([]*Plan, error)
}

// Custody seals, checks and opens what a plan takes away.
// evidence.Custodian is one.
type Custody interface {
	// Seal encrypts an original; when it returns, ciphertext and entry are
	// durable, together with what o.Also recorded.
	Seal(ctx context.Context, who record.Who, o casefile.Original) (casefile.ExhibitID, error)
	// Verify checks without a key that the ciphertext is the one sealed.
	Verify(ctx context.Context, who record.Who, id casefile.ExhibitID) error
	// CheckPassphrase says whether the passphrase opens what was sealed.
	CheckPassphrase(ctx context.Context, t tenant.ID, passphrase string) error
	// Restore decrypts an exhibit for use, after recording who asked and why.
	Restore(ctx context.Context, who record.Who, id casefile.ExhibitID, passphrase, why string, use func(casefile.Original) error) error
}

// A Prober looks again.
type Prober interface {
	// Rescan examines the places of findings whole, as they are now, and
	// returns those where no card data is left: clean, masked or gone.
	Rescan(ctx context.Context, who record.Who, ids []finding.ID) (clean []finding.ID, err error)
}

// A Planner makes plans and carries them out. Its methods are safe for
// concurrent use; what they return without an error is durable.
type Planner struct {
	Book      record.Book
	Store     Store
	Desk      *casefile.Desk
	Files     Actuator // acts on files
	Custody   Custody
	Prober    Prober
	OnePerson func(context.Context, tenant.ID) bool // whether the house runs in one-person mode; nil is no
	TwoAbove  int                                   // more targets than this need two approvals; 0 is [DefaultTwoAbove]
	Now       func() time.Time
}

// DefaultTwoAbove is how many files one approval covers at most.
const DefaultTwoAbove = 50

// A Person is who asks, and when and how they last proved to be there.
type Person struct {
	record.Who
	Presence time.Time // zero if they did not
	Method   string    // password
}

// A Draft is what a person wants done.
type Draft struct {
	Case     casefile.ID
	Action   Action
	Mode     Mode // of a lock
	Findings []finding.ID
	Undoes   ID   // of an undo: the lock to take back
	Writers  bool // go on although a process may still write to a file; what it writes afterwards is lost
	OnExpiry OnExpiry
	Lasts    time.Duration // from activation to expiry; 0 is a week
	Reason   string
}

var errNotYet = errors.New("not built yet")

// Draft begins a plan. Findings in one file become one target.
func (p *Planner) Draft(ctx context.Context, by Person, d Draft) (*Plan, error) {
	return nil, errNotYet
}

// DryRun looks at every target without touching it, and fixes the plan's
// terms, its report and its hash. It can be run again until it is approved;
// approvals given before do not count for the new hash.
func (p *Planner) DryRun(ctx context.Context, by Person, id ID) (*Plan, error) { return nil, errNotYet }

// Request asks for approval of the plan as it is.
func (p *Planner) Request(ctx context.Context, by Person, id ID, reason string) error {
	return errNotYet
}

// Approve agrees to the plan with this hash, the one that the person looked
// at. It returns the plan, which is approved once enough people agreed. The
// error wraps one of package approval's if the person may not.
func (p *Planner) Approve(ctx context.Context, by Person, id ID, hash string) (*Plan, error) {
	return nil, errNotYet
}

// Withdraw makes a plan void that was not carried out yet.
func (p *Planner) Withdraw(ctx context.Context, by Person, id ID, reason string) error {
	return errNotYet
}

// Execute carries an approved plan out, to the end even if ctx ends. Every
// target is looked at again first: if one is not as approved, nothing is done,
// the plan is void, and the error is [ErrChanged]. An undo needs the recovery
// passphrase. The plan's state says how it ended; an error means that it could
// not be carried on and Resume will.
func (p *Planner) Execute(ctx context.Context, by Person, id ID, passphrase string) (*Plan, error) {
	return nil, errNotYet
}

// Probe runs the probes of an active, leaking or permanent plan again.
func (p *Planner) Probe(ctx context.Context, by Person, id ID) (*Plan, error) { return nil, errNotYet }

// MakePermanent ends an active plan by letting it stand.
func (p *Planner) MakePermanent(ctx context.Context, by Person, id ID, reason string) error {
	return errNotYet
}

// Rollback takes an active or leaking lock back, bit for bit. It needs a fresh
// proof of presence and the recovery passphrase.
func (p *Planner) Rollback(ctx context.Context, by Person, id ID, passphrase, reason string) (*Plan, error) {
	return nil, errNotYet
}

// Resume finishes what a crash cut off. Call it once at the start, before any
// other method.
func (p *Planner) Resume(ctx context.Context, t tenant.ID) error { return errNotYet }

// Expire ends what has run out: plans that wait for approval expire, active
// ones are held or wait for a person, as each says. Call it now and then.
func (p *Planner) Expire(ctx context.Context, t tenant.ID) error { return errNotYet }

// Plan returns a plan as last committed, or [ErrNoPlan].
func (p *Planner) Plan(ctx context.Context, t tenant.ID, id ID) (*Plan, error) { return nil, errNotYet }

// Rules returns what the approvals of a plan are held to.
func (p *Planner) Rules(plan *Plan) approval.Rules { return approval.Rules{} }
