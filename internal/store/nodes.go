package store

import (
	"context"
	"fmt"

	"github.com/stanch/stanch/internal/estate"
	"github.com/stanch/stanch/internal/record"
	"github.com/stanch/stanch/internal/tenant"
)

func nodeNoun() noun {
	return noun{
		name: estate.NodeNoun, table: "nodes",
		columns: []string{"kind", "parent", "code", "placed", "active"},
		zero:    func() record.Thing { return &estate.Node{} },
		values: func(t record.Thing) []any {
			n := t.(*estate.Node)
			return []any{string(n.Kind), string(n.Parent), n.Code, flag(n.Place != ""), flag(n.Active)}
		},
	}
}

// Nodes implements [estate.Storage].
func (s *Store) Nodes(ctx context.Context, t tenant.ID, f estate.NodeFilter) ([]*estate.Node, error) {
	if f.Limit == 0 {
		f.Limit = 1000
	}
	rows, err := s.read.QueryContext(ctx, `SELECT body FROM nodes WHERE tenant_id = $1 AND ($2 = '' OR kind = $2) AND ($3 = '' OR parent = $3)
		AND ($4 = 0 OR active = 1) AND ($5 = 0 OR placed = 1) AND id > $6 ORDER BY id LIMIT $7`,
		string(t), string(f.Kind), string(f.Parent), flag(f.Active), flag(f.Placed), string(f.After), f.Limit)
	if err != nil {
		return nil, fmt.Errorf("list nodes: %w", err)
	}
	return scanAll(rows, scanBody[estate.Node])
}

// CountNodes returns how many active nodes there are of each kind.
func (s *Store) CountNodes(ctx context.Context, t tenant.ID) (map[estate.NodeKind]int64, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT kind, COUNT(*) FROM nodes WHERE tenant_id = $1 AND active = 1 GROUP BY kind`, string(t))
	if err != nil {
		return nil, fmt.Errorf("count nodes: %w", err)
	}
	defer rows.Close()
	counts := map[estate.NodeKind]int64{}
	for rows.Next() {
		var kind estate.NodeKind
		var n int64
		if err := rows.Scan(&kind, &n); err != nil {
			return nil, fmt.Errorf("count nodes: %w", err)
		}
		counts[kind] = n
	}
	return counts, rows.Err()
}
