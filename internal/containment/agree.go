package containment

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/stanch/stanch/internal/approval"
	"github.com/stanch/stanch/internal/casefile"
	"github.com/stanch/stanch/internal/record"
	"github.com/stanch/stanch/internal/tenant"
)

// Request asks for approval of the plan as it is. Whoever asks cannot approve,
// and neither can whoever drafted it.
func (p *Planner) Request(ctx context.Context, by Person, id ID, reason string) error {
	if err := casefile.CleanText(reason); err != nil {
		return fmt.Errorf("request plan: %w", err)
	}
	_, err := p.change(ctx, by.Who, id, func(ctx context.Context, tx record.Tx, plan *Plan) error {
		if len(plan.Terms.Targets) == 0 && plan.State == DryRun {
			return ErrEmpty
		}
		if plan.State != DryRun {
			return fmt.Errorf("from %s to %s: %w", plan.State, Requested, ErrState)
		}
		if _, err := p.Desk.Acting(ctx, tx, plan.Terms.Case); err != nil {
			return err
		}
		return move(ctx, tx, plan, Moved{To: Requested, Why: reason, By: by.Actor})
	})
	return err
}

// Approve agrees to the plan with this hash, the one that the person looked
// at. It returns the plan, which is approved once enough people agreed. The
// error wraps one of package approval's if the person may not.
func (p *Planner) Approve(ctx context.Context, by Person, id ID, hash string) (*Plan, error) {
	return p.change(ctx, by.Who, id, func(ctx context.Context, tx record.Tx, plan *Plan) error {
		if plan.State != Requested {
			return fmt.Errorf("approve a plan that is %s: %w", plan.State, ErrState)
		}
		if tx.Now().UnixMicro() > plan.Terms.Expires {
			return fmt.Errorf("approve a plan that has run out: %w", ErrState)
		}
		if _, err := p.Desk.Acting(ctx, tx, plan.Terms.Case); err != nil {
			return err
		}
		rules := p.Rules(plan)
		next := approval.Approval{Hash: hash, Person: by.Actor, At: tx.Now().UnixMicro(), Method: by.Method}
		if err := rules.Check(plan.Approvals, next, by.Presence, tx.Now()); err != nil {
			return err
		}
		return enter(ctx, tx, plan, Agreed{next, rules.Enough(append(plan.Approvals, next), tx.Now())})
	})
}

// Withdraw makes a plan void that was not carried out yet.
func (p *Planner) Withdraw(ctx context.Context, by Person, id ID, reason string) error {
	if err := casefile.CleanText(reason); err != nil {
		return fmt.Errorf("withdraw plan: %w", err)
	}
	_, err := p.change(ctx, by.Who, id, func(ctx context.Context, tx record.Tx, plan *Plan) error {
		if plan.State == Executing {
			return ErrBusy
		}
		return move(ctx, tx, plan, Moved{To: Void, Why: reason})
	})
	return err
}

// MakePermanent ends an active plan by letting it stand.
func (p *Planner) MakePermanent(ctx context.Context, by Person, id ID, reason string) error {
	if err := casefile.CleanText(reason); err != nil {
		return fmt.Errorf("make plan permanent: %w", err)
	}
	_, err := p.change(ctx, by.Who, id, func(ctx context.Context, tx record.Tx, plan *Plan) error {
		if plan.State != Active {
			return fmt.Errorf("make permanent a plan that is %s: %w", plan.State, ErrState)
		}
		return move(ctx, tx, plan, Moved{To: Permanent, Why: reason})
	})
	return err
}

// Expire ends what has run out: plans that nobody carried out expire; active
// ones stay as they are, whatever their expiry says, and are marked overdue: a
// release needs the recovery passphrase, so a person has to do it. It also
// takes up what a crash or a full disk cut off. What goes wrong with one plan
// keeps no other waiting. Call it every minute.
func (p *Planner) Expire(ctx context.Context, t tenant.ID) error {
	failed := p.Resume(ctx, t)
	plans, err := p.Store.PlansIn(ctx, t, Drafted, DryRun, Requested, Approved, Active)
	if err != nil {
		return errors.Join(failed, err)
	}
	who := record.Who{Tenant: t, Actor: record.System}
	for _, plan := range plans {
		if !plan.runsOut(p.Now()) {
			continue
		}
		_, err := p.change(ctx, who, plan.ID, func(ctx context.Context, tx record.Tx, plan *Plan) error {
			switch {
			case !plan.runsOut(tx.Now()):
				return nil
			case plan.State == Active:
				return enter(ctx, tx, plan, Overran{})
			}
			return move(ctx, tx, plan, Moved{To: Expired})
		})
		failed = errors.Join(failed, err)
	}
	return failed
}

// runsOut reports whether the plan's time is over and that is not said yet.
func (p *Plan) runsOut(now time.Time) bool {
	switch p.State {
	case Drafted, DryRun, Requested, Approved:
		return now.UnixMicro() > p.Terms.Expires
	case Active:
		return !p.Overdue && p.Ends != 0 && now.UnixMicro() > p.Ends
	}
	return false
}
