package containment

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/stanch/stanch/internal/casefile"
	"github.com/stanch/stanch/internal/durable"
	"github.com/stanch/stanch/internal/record"
	"github.com/stanch/stanch/internal/tenant"
)

// Execute carries an approved plan out, to the end even if ctx ends. Every
// target is looked at again first: if one is not as approved, nothing is done,
// the plan is void, and the error is [ErrChanged]. An undo needs the recovery
// passphrase. The plan's state says how it ended; an error means that it could
// not be carried on and Resume will.
func (p *Planner) Execute(ctx context.Context, by Person, id ID, passphrase string) (*Plan, error) {
	if !p.take(id) {
		return nil, ErrBusy
	}
	defer p.busy.Delete(id)
	ctx = context.WithoutCancel(ctx)
	plan, err := p.Plan(ctx, by.Tenant, id)
	if err != nil {
		return nil, err
	}
	if err := p.ready(ctx, by, plan, passphrase); err != nil {
		return nil, fmt.Errorf("execute plan %s: %w", id, err)
	}
	if plan, err = p.change(ctx, by.Who, id, p.begin); err != nil {
		return nil, err
	}
	durable.Step("plan.begun")
	if plan.Terms.Action == Undo {
		return p.runUndo(ctx, by.Who, plan, passphrase)
	}
	return p.run(ctx, by.Who, plan, false)
}

func (p *Planner) take(id ID) bool {
	_, taken := p.busy.LoadOrStore(id, true)
	return !taken
}

// Busy reports whether this process is carrying a plan out or taking it back.
func (p *Planner) Busy(id ID) bool {
	_, taken := p.busy.Load(id)
	return taken
}

// ready looks at every target again and makes the plan void if one changed.
func (p *Planner) ready(ctx context.Context, by Person, plan *Plan, passphrase string) error {
	if err := p.agreed(plan, p.Now()); err != nil {
		return err
	}
	if plan.Terms.Action == Undo {
		if passphrase == "" {
			return ErrPassphrase
		}
		return p.Custody.CheckPassphrase(ctx, by.Tenant, passphrase)
	}
	for i, t := range plan.Terms.Targets {
		seen, err := p.Files.Inspect(ctx, t.at(), plan.Terms.Mode)
		var fault *Fault
		switch {
		case err != nil && !errors.As(err, &fault):
			return err
		case err == nil && seen.Print.same(t.Print):
			continue
		}
		_, err = p.change(ctx, by.Who, plan.ID, func(ctx context.Context, tx record.Tx, plan *Plan) error {
			if err := enter(ctx, tx, plan, Stepped{i, Result{Step: Failed, Fault: FaultChanged}}); err != nil {
				return err
			}
			return move(ctx, tx, plan, Moved{To: Void, Why: FaultChanged})
		})
		return errors.Join(ErrChanged, err)
	}
	return nil
}

// agreed says whether the plan, as it stands, may be carried out.
func (p *Planner) agreed(plan *Plan, now time.Time) error {
	hash, err := plan.Terms.Hash()
	if err != nil {
		return err
	}
	report, err := digest(plan.Report)
	if err != nil {
		return err
	}
	switch {
	case plan.State != Approved:
		return fmt.Errorf("execute a plan that is %s: %w", plan.State, ErrState)
	case now.UnixMicro() > plan.Terms.Expires:
		return fmt.Errorf("execute a plan that has run out: %w", ErrState)
	case hash != plan.Hash || report != plan.Terms.DryRun || !p.Rules(plan).Enough(plan.Approvals, now):
		return ErrApproval
	}
	return nil
}

// begin is the decision that the work starts now.
func (p *Planner) begin(ctx context.Context, tx record.Tx, plan *Plan) error {
	if err := p.agreed(plan, tx.Now()); err != nil {
		return err
	}
	if _, err := p.Desk.Acting(ctx, tx, plan.Terms.Case); err != nil {
		return err
	}
	return move(ctx, tx, plan, Moved{To: Executing})
}

// run acts on each target that is not done yet, and then proves the whole.
func (p *Planner) run(ctx context.Context, who record.Who, plan *Plan, wait bool) (*Plan, error) {
	for i := range plan.Terms.Targets {
		if err := p.act(ctx, who, plan, i); err != nil {
			return nil, fmt.Errorf("execute plan %s: %w", plan.ID, err)
		}
	}
	return p.conclude(ctx, who, plan.ID, wait)
}

// act brings one target from where it is to the end. What goes wrong with the
// target is its result; the error is for what went wrong with the record.
func (p *Planner) act(ctx context.Context, who record.Who, plan *Plan, i int) error {
	r := plan.Results[i]
	if r.Step == Waiting || r.Step == Sealing {
		var err error
		if r, err = p.seal(ctx, who, plan, i); err != nil {
			return err
		}
	}
	if plan.Terms.Action != Lock || r.Step != Sealed && r.Step != Taking {
		return nil
	}
	o := plan.options(i)
	if o.Again = r.Step == Taking; !o.Again {
		var err error
		if r, err = p.gate(ctx, who, plan, i, r.Exhibit); err != nil || r.Step == Failed {
			return err
		}
	}
	durable.Step("plan.taking")
	return p.remove(ctx, who, plan, i, r, o)
}

// gate lets a target through to be taken once its seal is read back from the
// disk and, if it is to be masked, the masked copy lies ready.
func (p *Planner) gate(ctx context.Context, who record.Who, plan *Plan, i int, exhibit casefile.ExhibitID) (Result, error) {
	t, r := plan.Terms.Targets[i], Result{Step: Taking, Exhibit: exhibit}
	if err := p.Custody.Verify(ctx, who, exhibit); err != nil {
		p.cause(ctx, plan.ID, "verify seal", err)
		r.Step, r.Fault = Failed, FaultSeal
	} else if plan.Terms.Mode == Mask {
		copied, err := p.Files.Prepare(ctx, t.at(), t.Print, plan.options(i))
		if err != nil {
			p.cause(ctx, plan.ID, "prepare copy", err)
			r.Step, r.Fault = Failed, faultOf(err, FaultInternal)
		} else {
			r.After = &copied
		}
	}
	return r, p.step(ctx, who, plan.ID, i, r)
}

// seal makes the exhibit of one target.
func (p *Planner) seal(ctx context.Context, who record.Who, plan *Plan, i int) (Result, error) {
	t := plan.Terms.Targets[i]
	if err := p.step(ctx, who, plan.ID, i, Result{Step: Sealing}); err != nil {
		return Result{}, err
	}
	durable.Step("plan.sealing")
	var done Result
	var unkept error // the custodian's, apart from what the actuator says
	err := p.Files.Capture(ctx, t.at(), t.Print, func(meta json.RawMessage, size int64, content io.Reader) error {
		original := casefile.Original{Case: plan.Terms.Case, Name: t.Path, Size: size, SHA256: t.Print.SHA256, Meta: meta, Content: content}
		original.Also = func(ctx context.Context, tx record.Tx, id casefile.ExhibitID) error {
			done = Result{Step: Sealed, Exhibit: id}
			return enter(ctx, tx, plan, Stepped{i, done})
		}
		_, unkept = p.Custody.Seal(ctx, who, original)
		return unkept
	})
	switch {
	case err == nil || unkept == nil && done.Step == Sealed:
		// A target that changed after its seal is found out before it is taken.
		durable.Step("plan.sealed")
		return done, nil
	}
	p.cause(ctx, plan.ID, "seal", err)
	failed := Result{Step: Failed, Fault: faultOf(err, FaultSeal)}
	return failed, p.step(ctx, who, plan.ID, i, failed)
}

// remove takes the sealed target away, or puts it back if it cannot.
func (p *Planner) remove(ctx context.Context, who record.Who, plan *Plan, i int, r Result, o Options) error {
	t := plan.Terms.Targets[i]
	var err error
	if plan.Terms.Mode == Mask && r.After != nil {
		err = p.Files.Swap(ctx, t.at(), t.Print, *r.After, o)
	} else if plan.Terms.Mode == Remove {
		err = p.Files.Remove(ctx, t.at(), t.Print, o)
	} else {
		err = ErrOrder
	}
	durable.Step("plan.taken")
	r.Step = Taken
	if err != nil {
		p.cause(ctx, plan.ID, "take", err)
		o.Copy = r.After
		r = Result{Step: Failed, Exhibit: r.Exhibit, Fault: faultOf(err, FaultInternal)}
		if err := p.Files.Settle(ctx, t.at(), t.Print, o); err != nil {
			p.cause(ctx, plan.ID, "put back", err)
			r.Fault = FaultInternal
		}
	}
	return p.step(ctx, who, plan.ID, i, r)
}

// step records how far one target has come.
func (p *Planner) step(ctx context.Context, who record.Who, id ID, i int, r Result) error {
	_, err := p.change(ctx, who, id, func(ctx context.Context, tx record.Tx, plan *Plan) error {
		return enter(ctx, tx, plan, Stepped{i, r})
	})
	return err
}

// options name the private files of one target of the plan.
func (p *Plan) options(i int) Options {
	return Options{Mark: strings.ReplaceAll(string(p.ID), "-", "") + "x" + strconv.Itoa(i), Writers: p.Terms.Writers}
}

func (t Target) at() Where { return Where{t.Root, t.Path} }

// same reports whether two fingerprints are of one file with one content
// under the same names.
func (f Fingerprint) same(g Fingerprint) bool {
	a, errA := digest(f)
	b, errB := digest(g)
	return errA == nil && errB == nil && a == b
}

// Resume finishes what a crash cut off: it carries plans on that were being
// executed, and gives up undos, whose passphrase is gone; their lock waits in
// state rolling_back for a person. Call it at the start; Expire calls it too.
// What is under way is left alone. A plan that is done but that nobody can
// prove yet, as while the watcher starts, stays as it is for some minutes.
func (p *Planner) Resume(ctx context.Context, t tenant.ID) error {
	plans, err := p.Store.PlansIn(ctx, t, Executing)
	if err != nil {
		return err
	}
	who := record.Who{Tenant: t, Actor: record.System}
	var all error
	for _, plan := range plans {
		all = errors.Join(all, p.resume(ctx, who, plan.ID))
	}
	return all
}

// patience is how long a resumed plan waits for a prober that cannot look.
const patience = 10 * time.Minute

func (p *Planner) resume(ctx context.Context, who record.Who, id ID) error {
	if !p.take(id) {
		return nil
	}
	defer p.busy.Delete(id)
	plan, err := p.Plan(ctx, who.Tenant, id)
	switch {
	case err != nil || plan.State != Executing:
		return err
	case plan.Terms.Action != Undo:
		first, _ := p.resumed.LoadOrStore(id, p.Now())
		_, err = p.run(ctx, who, plan, p.Now().Sub(first.(time.Time)) < patience)
		if errors.Is(err, errUnproved) {
			return nil // the watcher is not there yet
		}
		return err
	}
	_, err = p.change(ctx, who, id, func(ctx context.Context, tx record.Tx, plan *Plan) error {
		return move(ctx, tx, plan, Moved{To: FailedPlan, Why: FaultInterrupted})
	})
	return err
}
