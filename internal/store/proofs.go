package store

import (
	"context"
	"fmt"

	"github.com/stanch/stanch/internal/casefile"
	"github.com/stanch/stanch/internal/record"
)

// EvidenceOf implements [casefile.Store].
func (s *Store) EvidenceOf(ctx context.Context, tx record.Tx, of casefile.ID, id string) (bool, error) {
	t := querierOf(tx)
	if err := t.flush(ctx); err != nil {
		return false, err
	}
	var n int64
	err := t.conn.QueryRowContext(ctx, `SELECT (SELECT COUNT(*) FROM plans WHERE tenant_id = $1 AND case_id = $2 AND id = $3)
		+ (SELECT COUNT(*) FROM exhibits WHERE tenant_id = $1 AND case_id = $2 AND id = $3)
		+ (SELECT COUNT(*) FROM findings WHERE tenant_id = $1 AND case_id = $2 AND id = $3)`, string(t.who.Tenant), string(of), id).Scan(&n)
	if err != nil {
		return false, fmt.Errorf("look for evidence of case %s: %w", of, err)
	}
	return n > 0, nil
}
