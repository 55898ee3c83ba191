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
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/stanch/stanch/internal/approval"
	"github.com/stanch/stanch/internal/casefile"
	"github.com/stanch/stanch/internal/finding"
	"github.com/stanch/stanch/internal/record"
	"github.com/stanch/stanch/internal/tenant"
	"github.com/stanch/stanch/ledger"
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
	Follower  Follower                              // may be nil
	OnePerson func(context.Context, tenant.ID) bool // whether the house runs in one-person mode; nil is no
	TwoAbove  int                                   // more targets than this need two approvals; 0 is [DefaultTwoAbove]
	Now       func() time.Time
	Log       *slog.Logger // takes the causes that fault words hide; nil discards

	busy    sync.Map // ids of the plans being carried out by this process
	resumed sync.Map // id of a plan that a crash cut off -> when it was first taken up again
}

// A Follower knows files by what they are. It is told of one that comes back
// before it has its name, so that it is the same place to it as before.
type Follower interface {
	Returns(ctx context.Context, findings []finding.ID, file *os.File) error
}

// DefaultTwoAbove is how many files one approval covers at most.
const DefaultTwoAbove = 50

// MaxTargets is how many files one plan covers at most.
const MaxTargets = 500

// How long a plan waits to be carried out, and stays active if nothing else is
// said.
const (
	waits = 7 * 24 * time.Hour
	lasts = 7 * 24 * time.Hour
)

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

// Plan returns a plan as last committed, or [ErrNoPlan].
func (p *Planner) Plan(ctx context.Context, t tenant.ID, id ID) (*Plan, error) {
	thing, err := p.Book.Read(ctx, t, id.Subject())
	if errors.Is(err, record.ErrNone) {
		return nil, ErrNoPlan
	}
	if err != nil {
		return nil, err
	}
	return thing.(*Plan), nil
}

// change runs a decision about one plan and returns the plan as it is then.
func (p *Planner) change(ctx context.Context, who record.Who, id ID, decide func(context.Context, record.Tx, *Plan) error) (plan *Plan, err error) {
	err = p.Book.Update(ctx, who, func(ctx context.Context, tx record.Tx) error {
		thing, err := tx.Load(ctx, id.Subject())
		if errors.Is(err, record.ErrNone) {
			return ErrNoPlan
		}
		if err != nil {
			return err
		}
		plan = thing.(*Plan)
		return decide(ctx, tx, plan)
	})
	if err != nil {
		return nil, fmt.Errorf("change plan %s: %w", id, err)
	}
	return plan, nil
}

// enter records a body about a plan.
func enter(ctx context.Context, tx record.Tx, plan *Plan, body ledger.Body) error {
	return tx.Record(ctx, plan.ID.Subject(), body, record.About{Case: string(plan.Terms.Case)})
}

// move changes a plan's state, or says that its state does not allow it.
func move(ctx context.Context, tx record.Tx, plan *Plan, body Moved) error {
	if !plan.State.To(body.To) {
		return fmt.Errorf("from %s to %s: %w", plan.State, body.To, ErrState)
	}
	return enter(ctx, tx, plan, body)
}

// Draft begins a plan. Findings in one file become one target; those in more
// than [MaxTargets] files are refused.
func (p *Planner) Draft(ctx context.Context, by Person, d Draft) (*Plan, error) {
	if err := d.check(); err != nil {
		return nil, fmt.Errorf("draft plan: %w", err)
	}
	id := ID(uuid.Must(uuid.NewV7()).String())
	err := p.Book.Update(ctx, by.Who, func(ctx context.Context, tx record.Tx) error {
		if _, err := p.Desk.Acting(ctx, tx, d.Case); err != nil {
			return err
		}
		terms := p.terms(ctx, by, id, d)
		if err := p.checkSubject(ctx, tx, d, &terms); err != nil {
			return err
		}
		body := DraftedBody{Terms: terms, Findings: d.Findings, Reason: d.Reason}
		return tx.Record(ctx, id.Subject(), body, record.About{Case: string(d.Case)})
	})
	if err != nil {
		return nil, fmt.Errorf("draft plan: %w", err)
	}
	return p.Plan(ctx, by.Tenant, id)
}

func (d *Draft) check() error {
	if d.Reason != "" {
		if err := casefile.CleanText(d.Reason); err != nil {
			return err
		}
	}
	if d.OnExpiry == "" {
		d.OnExpiry = Hold
	}
	if d.Lasts == 0 {
		d.Lasts = lasts
	}
	fits := d.Lasts > 0 && (d.OnExpiry == Hold || d.OnExpiry == Release)
	switch d.Action {
	case Seal:
		fits = fits && len(d.Findings) > 0 && d.Mode == "" && d.Undoes == ""
	case Lock:
		fits = fits && len(d.Findings) > 0 && (d.Mode == Remove || d.Mode == Mask) && d.Undoes == ""
	case Undo:
		fits = fits && len(d.Findings) == 0 && d.Mode == "" && d.Undoes != ""
	default:
		fits = false
	}
	if !fits {
		return ErrDraft
	}
	return nil
}

func (p *Planner) terms(ctx context.Context, by Person, id ID, d Draft) Terms {
	return Terms{
		Tenant: string(by.Tenant), Case: d.Case, Plan: id, Action: d.Action, Mode: d.Mode, Undoes: d.Undoes, Writers: d.Writers,
		Targets: []Target{}, Probes: probesOf(d.Action), OnExpiry: d.OnExpiry, Lasts: int64(d.Lasts / time.Second), Requester: by.Actor,
		Expires: p.Now().Add(waits).UnixMicro(), OnePerson: p.OnePerson != nil && p.OnePerson(ctx, by.Tenant), Packs: p.Desk.Packs.Versions(),
	}
}

// checkSubject holds a draft to what it speaks of.
func (p *Planner) checkSubject(ctx context.Context, tx record.Tx, d Draft, terms *Terms) error {
	var found []*finding.Finding
	for _, id := range d.Findings {
		thing, err := tx.Load(ctx, id.Subject())
		if err != nil {
			return fmt.Errorf("finding %s: %w", id, err)
		}
		f := thing.(*finding.Finding)
		if f.Case != string(d.Case) {
			return fmt.Errorf("finding %s is not part of the case: %w", id, ErrDraft)
		}
		found = append(found, f)
	}
	if places, _ := byPlace(found); len(places) > MaxTargets {
		return fmt.Errorf("more than %d files: %w", MaxTargets, ErrDraft)
	}
	if d.Action != Undo {
		return nil
	}
	thing, err := tx.Load(ctx, d.Undoes.Subject())
	if errors.Is(err, record.ErrNone) {
		return ErrNoPlan
	}
	if err != nil {
		return err
	}
	lock := thing.(*Plan)
	if lock.Terms.Action != Lock || lock.Terms.Case != d.Case || !lock.State.To(RollingBack) {
		return fmt.Errorf("undo plan %s: %w", d.Undoes, ErrState)
	}
	terms.Mode = lock.Terms.Mode
	return nil
}

// Rules returns what the approvals of a plan are held to.
func (p *Planner) Rules(plan *Plan) approval.Rules {
	two := p.TwoAbove
	if two == 0 {
		two = DefaultTwoAbove
	}
	return approval.Rules{
		Askers: []string{plan.Terms.Requester, plan.RequestedBy}, Hash: plan.Hash, Deletes: plan.loses(), Targets: len(plan.Terms.Targets), TwoAbove: two, OnePerson: plan.Terms.OnePerson,
	}
}

// loses reports whether the plan destroys what no seal brings back. What a
// lock takes is sealed before, so it is no deletion; what another process
// writes afterwards is.
func (p *Plan) loses() bool {
	for _, t := range p.Report.Targets {
		for _, h := range t.Holders {
			if h.Writes && p.Terms.Action == Lock {
				return true
			}
		}
	}
	return false
}
