package containment

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/stanch/stanch/internal/casefile"
	"github.com/stanch/stanch/internal/finding"
	"github.com/stanch/stanch/internal/record"
)

func probesOf(a Action) []Probe {
	switch a {
	case Lock:
		return []Probe{PlaceClean, SealIntact}
	case Undo:
		return []Probe{RestoredBit}
	}
	return []Probe{PlaceKept, SealIntact}
}

// conclude runs the probes and moves the plan to where they lead. A prober
// that cannot look proves nothing, so the plan is leaking; with wait set the
// plan is left as it is instead, and the error is [errUnproved].
func (p *Planner) conclude(ctx context.Context, who record.Who, id ID, wait bool) (*Plan, error) {
	plan, err := p.Plan(ctx, who.Tenant, id)
	if err != nil {
		return nil, err
	}
	if !plan.did() {
		return p.change(ctx, who, id, func(ctx context.Context, tx record.Tx, plan *Plan) error {
			return move(ctx, tx, plan, Moved{To: FailedPlan, Why: plan.firstFault()})
		})
	}
	probes, err := p.probe(ctx, who, plan)
	if err != nil && wait {
		return nil, errors.Join(errUnproved, err) // looked at again in a moment: no fault yet
	}
	p.cause(ctx, plan.ID, "scan again", err)
	return p.change(ctx, who, id, func(ctx context.Context, tx record.Tx, plan *Plan) error {
		if err := enter(ctx, tx, plan, Probed{probes}); err != nil {
			return err
		}
		if err := p.settle(ctx, tx, plan); err != nil {
			return err
		}
		if fault := plan.leak(); fault != "" {
			return p.leaks(ctx, tx, plan, fault)
		}
		return p.activate(ctx, tx, plan)
	})
}

// did reports whether any target was acted on.
func (p *Plan) did() bool {
	return slices.ContainsFunc(p.Results, func(r Result) bool { return r.Step == p.goal() })
}

// goal is the step that ends the work on a target.
func (p *Plan) goal() Step {
	switch p.Terms.Action {
	case Lock:
		return Taken
	case Undo:
		return Restored
	}
	return Sealed
}

func (p *Plan) firstFault() string {
	for _, r := range p.Results {
		if r.Fault != "" {
			return r.Fault
		}
	}
	return FaultInternal
}

// leak returns why the plan cannot be called verified, or nothing. A seal that
// missed a target leaves it as it was; a lock that did has left data behind,
// and one that was proved nowhere may have.
func (p *Plan) leak() string {
	for _, probe := range p.Probes {
		if !probe.OK {
			return probe.Fault
		}
	}
	missed := slices.ContainsFunc(p.Results, func(r Result) bool { return r.Step != p.goal() })
	if len(p.Probes) == 0 || missed && p.Terms.Action != Seal {
		return p.firstFault()
	}
	return ""
}

// givenBack reports whether a target came back, or was about to.
func (p *Plan) givenBack() bool {
	return slices.ContainsFunc(p.Results, func(r Result) bool { return r.Step == Restored || r.Step == Restoring })
}

// settle tells the case what became of the findings of each target.
func (p *Planner) settle(ctx context.Context, tx record.Tx, plan *Plan) error {
	s := casefile.Settlement{Case: plan.Terms.Case, Plan: string(plan.ID), State: finding.Sealed}
	if plan.Terms.Action == Lock {
		s.State = finding.Locked
	}
	for i, r := range plan.Results {
		if r.Exhibit != "" {
			s.Exhibits = append(s.Exhibits, string(r.Exhibit))
		}
		if r.Step == plan.goal() && plan.cleanAt(i) {
			s.Findings = append(s.Findings, plan.Terms.Targets[i].Findings...)
		}
	}
	return p.Desk.Settle(ctx, tx, s)
}

// cleanAt reports whether no probe found data at a target.
func (p *Plan) cleanAt(i int) bool {
	return !slices.ContainsFunc(p.Probes, func(r ProbeResult) bool { return r.Target == i && r.Probe == PlaceClean && !r.OK })
}

func (p *Planner) leaks(ctx context.Context, tx record.Tx, plan *Plan, fault string) error {
	if err := p.Desk.Leaks(ctx, tx, plan.Terms.Case, string(plan.ID)); err != nil {
		return err
	}
	return move(ctx, tx, plan, Moved{To: Leaking, Why: fault})
}

// activate ends the work. A seal changed nothing that could be taken back, so
// it stands from the start.
func (p *Planner) activate(ctx context.Context, tx record.Tx, plan *Plan) error {
	if err := move(ctx, tx, plan, Moved{To: Verified}); err != nil {
		return err
	}
	ends := tx.Now().Add(time.Duration(plan.Terms.Lasts) * time.Second).UnixMicro()
	if err := move(ctx, tx, plan, Moved{To: Active, Ends: ends}); err != nil || plan.Terms.Action == Lock {
		return err
	}
	return move(ctx, tx, plan, Moved{To: Permanent})
}

// Probe runs the probes of an active, leaking or permanent plan again. One
// that was leaking and is not any more becomes active. A lock that was given
// back, were it in part, is not probed: only the rest of the way back is left.
func (p *Planner) Probe(ctx context.Context, by Person, id ID) (*Plan, error) {
	if !p.take(id) {
		return nil, ErrBusy
	}
	defer p.busy.Delete(id)
	plan, err := p.Plan(ctx, by.Tenant, id)
	if err != nil {
		return nil, err
	}
	if !slices.Contains([]State{Active, Leaking, Permanent}, plan.State) || plan.Terms.Action == Undo || plan.givenBack() {
		return nil, fmt.Errorf("probe a plan that is %s: %w", plan.State, ErrState)
	}
	probes, failed := p.probe(ctx, by.Who, plan) // what nobody could look at shows as not clean
	p.cause(ctx, plan.ID, "scan again", failed)
	return p.change(ctx, by.Who, id, func(ctx context.Context, tx record.Tx, plan *Plan) error {
		if err := enter(ctx, tx, plan, Probed{probes}); err != nil {
			return err
		}
		fault := plan.leak()
		switch {
		case fault != "" && plan.State != Leaking:
			return p.leaks(ctx, tx, plan, fault)
		case fault == "" && plan.State == Leaking:
			if err := p.settle(ctx, tx, plan); err != nil {
				return err
			}
			return p.activate(ctx, tx, plan)
		}
		return nil
	})
}

// errUnproved says that nobody could look whether a plan worked.
var errUnproved = errors.New("the places could not be scanned again")

// probe checks every target that was acted on. The error is the prober's; the
// results are complete all the same.
func (p *Planner) probe(ctx context.Context, who record.Who, plan *Plan) ([]ProbeResult, error) {
	var all []ProbeResult
	clean, failed := p.rescan(ctx, who, plan)
	for i, r := range plan.Results {
		if r.Step != plan.goal() {
			continue
		}
		for _, probe := range plan.Terms.Probes {
			fault := p.probeOne(ctx, who, plan, i, probe, clean)
			all = append(all, ProbeResult{Probe: probe, Target: i, OK: fault == "", Fault: fault})
		}
	}
	return all, failed
}

// rescan looks at the places of every target that was taken, once for all.
func (p *Planner) rescan(ctx context.Context, who record.Who, plan *Plan) ([]finding.ID, error) {
	if plan.Terms.Action != Lock {
		return nil, nil
	}
	var ids []finding.ID
	for i, r := range plan.Results {
		if r.Step == Taken {
			ids = append(ids, plan.Terms.Targets[i].Findings...)
		}
	}
	return p.Prober.Rescan(ctx, who, ids)
}

// probeOne returns the fault that a probe found, or nothing.
func (p *Planner) probeOne(ctx context.Context, who record.Who, plan *Plan, i int, probe Probe, clean []finding.ID) string {
	t, r := plan.Terms.Targets[i], plan.Results[i]
	switch probe {
	case PlaceClean:
		for _, id := range t.Findings {
			if !slices.Contains(clean, id) {
				return FaultStillThere
			}
		}
		if t.Print.Elsewhere > 0 {
			return FaultElsewhere
		}
	case PlaceKept:
		if same, err := p.Files.Same(ctx, t.at(), t.Print); err != nil || !same {
			return FaultChanged
		}
	case SealIntact:
		if err := p.Custody.Verify(ctx, who, r.Exhibit); err != nil {
			p.cause(ctx, plan.ID, "verify seal", err)
			return FaultSeal
		}
	}
	return ""
}
