package store

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/stanch/stanch/internal/casefile"
	"github.com/stanch/stanch/internal/containment"
	"github.com/stanch/stanch/internal/record"
	"github.com/stanch/stanch/internal/tenant"
)

func planNoun() noun {
	return noun{
		name: containment.Noun, table: "plans",
		columns: []string{"case_id", "state", "drafted", "ends"},
		zero:    func() record.Thing { return &containment.Plan{} },
		values: func(t record.Thing) []any {
			p := t.(*containment.Plan)
			return []any{string(p.Terms.Case), string(p.State), p.Drafted, p.Ends}
		},
	}
}

// PlansIn implements [containment.Store].
func (s *Store) PlansIn(ctx context.Context, t tenant.ID, states ...containment.State) ([]*containment.Plan, error) {
	var in strings.Builder
	args := []any{string(t)}
	for i, state := range states {
		fmt.Fprintf(&in, ", $%d", i+2)
		args = append(args, string(state))
	}
	rows, err := s.read.QueryContext(ctx, `SELECT body FROM plans WHERE tenant_id = $1 AND state IN (''`+in.String()+`) ORDER BY drafted, id`, args...)
	if err != nil {
		return nil, fmt.Errorf("list plans: %w", err)
	}
	return scanAll(rows, scanBody[containment.Plan])
}

// PlansOf implements [containment.Store].
func (s *Store) PlansOf(ctx context.Context, t tenant.ID, id casefile.ID) ([]*containment.Plan, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT body FROM plans WHERE tenant_id = $1 AND case_id = $2 ORDER BY drafted, id`, string(t), string(id))
	if err != nil {
		return nil, fmt.Errorf("list plans of case %s: %w", id, err)
	}
	return scanAll(rows, scanBody[containment.Plan])
}

// A PlanFilter narrows a list of plans. Its zero value keeps all.
type PlanFilter struct {
	States []containment.State
	Before int64 // drafted before this time, Unix microseconds: the cursor; 0 begins at the newest
	Limit  int   // at most; 0 is 50
}

// Plans lists plans, newest first.
func (s *Store) Plans(ctx context.Context, t tenant.ID, f PlanFilter) ([]*containment.Plan, error) {
	if f.Limit == 0 {
		f.Limit = 50
	}
	if len(f.States) == 0 {
		f.States = containment.States()
	}
	args := []any{string(t), f.Before, f.Limit}
	var in strings.Builder
	for i, state := range slices.Compact(f.States) {
		fmt.Fprintf(&in, ", $%d", i+4)
		args = append(args, string(state))
	}
	rows, err := s.read.QueryContext(ctx, `SELECT body FROM plans WHERE tenant_id = $1 AND ($2 = 0 OR drafted < $2)
		AND state IN (''`+in.String()+`) ORDER BY drafted DESC, id LIMIT $3`, args...)
	if err != nil {
		return nil, fmt.Errorf("list plans: %w", err)
	}
	return scanAll(rows, scanBody[containment.Plan])
}
