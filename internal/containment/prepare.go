package containment

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/stanch/stanch/internal/finding"
	"github.com/stanch/stanch/internal/record"
	"github.com/stanch/stanch/internal/tenant"
)

// Prepare drafts what a person wants done and runs it dry. Findings in more
// files than one plan may cover become several plans, each to be agreed to by
// itself. If one cannot be run dry, all are void and the error says why.
func (p *Planner) Prepare(ctx context.Context, by Person, d Draft) ([]*Plan, error) {
	parts, err := p.parts(ctx, by.Tenant, d.Findings)
	if err != nil {
		return nil, fmt.Errorf("draft plan: %w", err)
	}
	var plans []*Plan
	for _, part := range parts {
		d.Findings = part
		plan, err := p.Draft(ctx, by, d)
		if err != nil {
			return nil, errors.Join(err, p.void(ctx, by, plans))
		}
		plans = append(plans, plan)
	}
	for i, plan := range plans {
		if plans[i], err = p.DryRun(ctx, by, plan.ID); err != nil {
			plans[i] = plan
			return nil, errors.Join(err, p.void(ctx, by, plans))
		}
	}
	return plans, nil
}

// parts cuts findings so that each part is in no more files than a plan may
// cover. There is one part at least, be it empty.
func (p *Planner) parts(ctx context.Context, t tenant.ID, ids []finding.ID) ([][]finding.ID, error) {
	found, err := p.found(ctx, t, ids)
	if err != nil {
		return nil, err
	}
	places, at := byPlace(found)
	parts := [][]finding.ID{nil}
	for some := range slices.Chunk(places, MaxTargets) {
		var part []finding.ID
		for _, where := range some {
			part = append(part, at[where]...)
		}
		parts = append(parts, part)
	}
	return parts[min(1, len(parts)-1):], nil
}

// void ends plans that came to nothing before anybody asked for them.
func (p *Planner) void(ctx context.Context, by Person, plans []*Plan) error {
	var failed error
	for _, plan := range plans {
		_, err := p.change(ctx, by.Who, plan.ID, func(ctx context.Context, tx record.Tx, plan *Plan) error {
			return move(ctx, tx, plan, Moved{To: Void, Why: FaultInternal})
		})
		failed = errors.Join(failed, err)
	}
	return failed
}

// found reads findings.
func (p *Planner) found(ctx context.Context, t tenant.ID, ids []finding.ID) ([]*finding.Finding, error) {
	var found []*finding.Finding
	for _, id := range ids {
		thing, err := p.Book.Read(ctx, t, id.Subject())
		if err != nil {
			return nil, fmt.Errorf("read finding %s: %w", id, err)
		}
		found = append(found, thing.(*finding.Finding))
	}
	return found, nil
}

// byPlace gathers findings by the file that they are in, in the order in which
// the files come up.
func byPlace(found []*finding.Finding) (places []Where, at map[Where][]finding.ID) {
	at = map[Where][]finding.ID{}
	for _, f := range found {
		where := Where{f.Place.Root, f.Place.Path}
		if at[where] == nil {
			places = append(places, where)
		}
		at[where] = append(at[where], f.ID)
	}
	return places, at
}
