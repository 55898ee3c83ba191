package containment

import (
	"context"
	"fmt"
	"os"
	"slices"

	"github.com/stanch/stanch/internal/approval"
	"github.com/stanch/stanch/internal/casefile"
	"github.com/stanch/stanch/internal/durable"
	"github.com/stanch/stanch/internal/finding"
	"github.com/stanch/stanch/internal/record"
)

// Rollback takes an active or leaking lock back, bit for bit, or goes on with
// one that was cut off. It needs a fresh proof of presence and the recovery
// passphrase. A lock that was made permanent is taken back by a plan of its
// own, with action undo.
func (p *Planner) Rollback(ctx context.Context, by Person, id ID, passphrase, reason string) (*Plan, error) {
	if err := casefile.CleanText(reason); err != nil {
		return nil, fmt.Errorf("roll back plan: %w", err)
	}
	if by.Method == "" || by.Presence.IsZero() || p.Now().Sub(by.Presence) > approval.PresenceFor {
		return nil, fmt.Errorf("roll back plan: %w", ErrPresence)
	}
	if passphrase == "" {
		return nil, fmt.Errorf("roll back plan: %w", ErrPassphrase)
	}
	if err := p.Custody.CheckPassphrase(ctx, by.Tenant, passphrase); err != nil {
		return nil, fmt.Errorf("roll back plan: %w", err)
	}
	if !p.take(id) {
		return nil, ErrBusy
	}
	defer p.busy.Delete(id)
	ctx = context.WithoutCancel(ctx)
	plan, err := p.change(ctx, by.Who, id, func(ctx context.Context, tx record.Tx, plan *Plan) error {
		if plan.Terms.Action != Lock || !slices.Contains([]State{Active, Leaking, RollingBack}, plan.State) {
			return fmt.Errorf("roll back a plan that is %s: %w", plan.State, ErrState)
		}
		return move(ctx, tx, plan, Moved{To: RollingBack, Why: reason})
	})
	if err != nil {
		return nil, err
	}
	return p.restoreAll(ctx, by.Who, plan, passphrase, reason)
}

// runUndo carries out a plan that takes a lock back.
func (p *Planner) runUndo(ctx context.Context, who record.Who, undo *Plan, passphrase string) (*Plan, error) {
	id := undo.Terms.Undoes
	if !p.take(id) {
		return nil, ErrBusy
	}
	defer p.busy.Delete(id)
	lock, err := p.change(ctx, who, id, func(ctx context.Context, tx record.Tx, lock *Plan) error {
		if err := enter(ctx, tx, lock, UndoBegun{undo.ID}); err != nil {
			return err
		}
		return move(ctx, tx, lock, Moved{To: RollingBack, Why: undo.Reason})
	})
	if err == nil {
		lock, err = p.restoreAll(ctx, who, lock, passphrase, "undo by plan "+string(undo.ID))
	}
	if err != nil {
		return nil, fmt.Errorf("execute plan %s: %w", undo.ID, err)
	}
	return p.change(ctx, who, undo.ID, func(ctx context.Context, tx record.Tx, undo *Plan) error {
		return p.concludeUndo(ctx, tx, undo, lock)
	})
}

// concludeUndo takes the results over from the lock.
func (p *Planner) concludeUndo(ctx context.Context, tx record.Tx, undo, lock *Plan) error {
	var probes []ProbeResult
	for i, t := range undo.Terms.Targets {
		from := slices.IndexFunc(lock.Results, func(r Result) bool { return r.Exhibit == t.Exhibit })
		if from < 0 {
			return ErrOrder
		}
		r := lock.Results[from]
		if err := enter(ctx, tx, undo, Stepped{i, r}); err != nil {
			return err
		}
		probes = append(probes, ProbeResult{Probe: RestoredBit, Target: i, OK: r.Step == Restored, Fault: r.Fault})
	}
	if err := enter(ctx, tx, undo, Probed{probes}); err != nil {
		return err
	}
	if fault := undo.leak(); fault != "" {
		return move(ctx, tx, undo, Moved{To: FailedPlan, Why: fault})
	}
	return p.activate(ctx, tx, undo)
}

// restoreAll brings back every target that was taken, and tells the case that
// the data is there again.
func (p *Planner) restoreAll(ctx context.Context, who record.Who, plan *Plan, passphrase, why string) (*Plan, error) {
	for i, r := range plan.Results {
		if r.Step != Taken && r.Step != Restoring {
			continue
		}
		if err := p.restore(ctx, who, plan, i, passphrase, why); err != nil {
			return nil, fmt.Errorf("roll back plan %s: %w", plan.ID, err)
		}
	}
	return p.change(ctx, who, plan.ID, func(ctx context.Context, tx record.Tx, plan *Plan) error {
		s := casefile.Settlement{Case: plan.Terms.Case, Plan: string(plan.ID), State: finding.Open, Reason: why}
		left := ""
		for i, r := range plan.Results {
			switch {
			case r.Step == Restored:
				s.Findings = append(s.Findings, plan.Terms.Targets[i].Findings...)
			case r.Step == Restoring:
				left = r.Fault
			}
		}
		if len(s.Findings) > 0 {
			if err := p.Desk.Settle(ctx, tx, s); err != nil {
				return err
			}
		}
		if left != "" {
			return move(ctx, tx, plan, Moved{To: Leaking, Why: left})
		}
		return move(ctx, tx, plan, Moved{To: RolledBack, Why: why})
	})
}

// restore brings one target back. One that cannot be stays in step restoring,
// with its fault, and can be tried again.
func (p *Planner) restore(ctx context.Context, who record.Who, plan *Plan, i int, passphrase, why string) error {
	t, r := plan.Terms.Targets[i], plan.Results[i]
	r.Step, r.Fault = Restoring, ""
	if err := p.step(ctx, who, plan.ID, i, r); err != nil {
		return err
	}
	durable.Step("plan.restoring")
	var beside string
	err := p.Custody.Restore(ctx, who, r.Exhibit, passphrase, why, func(o casefile.Original) (err error) {
		beside, err = p.Files.Restore(ctx, Restoration{
			At: t.at(), SHA256: t.Print.SHA256, Meta: o.Meta, Content: o.Content, Present: r.After, Mark: plan.options(i).Mark,
			Made: func(file *os.File) error {
				if p.Follower == nil {
					return nil
				}
				return p.Follower.Returns(ctx, t.Findings, file)
			},
		})
		return err
	})
	durable.Step("plan.restored")
	if err != nil {
		p.cause(ctx, plan.ID, "restore", err)
		r.Fault = faultOf(err, FaultSeal)
		return p.step(ctx, who, plan.ID, i, r)
	}
	return p.step(ctx, who, plan.ID, i, Result{Step: Restored, Exhibit: r.Exhibit, Beside: beside})
}
