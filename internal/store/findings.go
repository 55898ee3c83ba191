package store

import (
	"context"
	"fmt"

	"github.com/stanch/stanch/internal/casefile"
	"github.com/stanch/stanch/internal/finding"
	"github.com/stanch/stanch/internal/record"
	"github.com/stanch/stanch/internal/tenant"
)

func findingNoun() noun {
	return noun{
		name: finding.Noun, table: "findings",
		columns: []string{"case_id", "state", "sensitive", "root", "file", "first_seen", "last_seen", "cards"},
		zero:    func() record.Thing { return &finding.Finding{} },
		values: func(t record.Thing) []any {
			f := t.(*finding.Finding)
			return []any{f.Case, string(f.State), flag(f.Sensitive), f.Place.Root, f.Place.File, f.FirstSeen, f.LastSeen, f.Counts.High}
		},
	}
}

func findingsOf(ctx context.Context, q querier, t tenant.ID, id casefile.ID, limit int) ([]*finding.Finding, error) {
	rows, err := q.QueryContext(ctx, `SELECT body FROM findings WHERE tenant_id = $1 AND case_id = $2 ORDER BY first_seen, id LIMIT $3`, string(t), string(id), limit)
	if err != nil {
		return nil, fmt.Errorf("list findings of case %s: %w", id, err)
	}
	return scanAll(rows, scanBody[finding.Finding])
}

// A FindingFilter narrows a list of findings. Its zero value keeps all.
type FindingFilter struct {
	Case   casefile.ID
	State  finding.State
	Before int64      // last seen before this time, Unix microseconds: with After, the cursor
	After  finding.ID // and among equals, ids after this one
	Limit  int        // at most; 0 is 50
}

// Findings lists findings, the latest seen first.
func (s *Store) Findings(ctx context.Context, t tenant.ID, f FindingFilter) ([]*finding.Finding, error) {
	if f.Limit == 0 {
		f.Limit = 50
	}
	w := tenants(string(t))
	if f.Case != "" {
		w.and(`case_id = ?`, string(f.Case))
	}
	if f.State != "" {
		w.and(`state = ?`, string(f.State))
	}
	if f.Before != 0 {
		w.and(`(last_seen < ? OR (last_seen = ? AND id > ?))`, f.Before, f.Before, string(f.After))
	}
	tail, args := w.limit(`last_seen DESC, id`, f.Limit)
	rows, err := s.read.QueryContext(ctx, `SELECT body FROM findings`+tail, args...)
	if err != nil {
		return nil, fmt.Errorf("list findings: %w", err)
	}
	return scanAll(rows, scanBody[finding.Finding])
}

// FindingsAt lists the findings of one file under a root, by its identity.
func (s *Store) FindingsAt(ctx context.Context, t tenant.ID, root, file string) ([]*finding.Finding, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT body FROM findings WHERE tenant_id = $1 AND root = $2 AND file = $3 ORDER BY id`, string(t), root, file)
	if err != nil {
		return nil, fmt.Errorf("list findings of a file: %w", err)
	}
	return scanAll(rows, scanBody[finding.Finding])
}

// CountFindings returns how many findings are in each state.
func (s *Store) CountFindings(ctx context.Context, t tenant.ID) (map[finding.State]int64, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT state, COUNT(*) FROM findings WHERE tenant_id = $1 GROUP BY state`, string(t))
	if err != nil {
		return nil, fmt.Errorf("count findings: %w", err)
	}
	defer rows.Close()
	counts := map[finding.State]int64{}
	for rows.Next() {
		var state finding.State
		var n int64
		if err := rows.Scan(&state, &n); err != nil {
			return nil, fmt.Errorf("count findings: %w", err)
		}
		counts[state] = n
	}
	return counts, rows.Err()
}

// CountLying returns how many findings of live cases are still where they were
// found, sealed ones included, and how many open ones belong to no case.
func (s *Store) CountLying(ctx context.Context, t tenant.ID) (inCases, loose int64, err error) {
	err = s.read.QueryRowContext(ctx, `SELECT
		(SELECT COUNT(*) FROM findings f JOIN cases c ON c.tenant_id = f.tenant_id AND c.id = f.case_id
			WHERE f.tenant_id = $1 AND f.state IN ('open', 'sealed') AND c.live = 1),
		(SELECT COUNT(*) FROM findings WHERE tenant_id = $1 AND state = 'open' AND case_id = '')`, string(t)).Scan(&inCases, &loose)
	if err != nil {
		return 0, 0, fmt.Errorf("count findings that lie open: %w", err)
	}
	return inCases, loose, nil
}
