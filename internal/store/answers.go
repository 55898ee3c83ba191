package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/stanch/stanch/internal/record"
)

// answerLife is how long the answer to an Idempotency-Key is kept.
const answerLife = 24 * time.Hour

// BeginAnswer notes that a call with this key is being made. If the key was
// used in the last day it returns what was kept of that call, and false; a
// status of 0 says that it is not known how it ended.
func (s *Store) BeginAnswer(ctx context.Context, who record.Who, key string, digest []byte) (kept KeptAnswer, fresh bool, err error) {
	now := s.now().UTC()
	_, err = s.write.ExecContext(ctx, `DELETE FROM answers WHERE tenant_id = $1 AND at < $2`, string(who.Tenant), now.Add(-answerLife).UnixMicro())
	if err != nil {
		return kept, false, fmt.Errorf("drop old answers: %w", err)
	}
	result, err := s.write.ExecContext(ctx, `INSERT INTO answers (tenant_id, actor, name, digest, status, type, body, at)
		VALUES ($1, $2, $3, $4, 0, '', $5, $6) ON CONFLICT DO NOTHING`, string(who.Tenant), who.Actor, key, digest, []byte{}, now.UnixMicro())
	if err != nil {
		return kept, false, fmt.Errorf("begin answer: %w", err)
	}
	if n, err := result.RowsAffected(); err != nil || n == 1 {
		return kept, n == 1, err
	}
	err = s.read.QueryRowContext(ctx, `SELECT digest, status, type, body FROM answers WHERE tenant_id = $1 AND actor = $2 AND name = $3`,
		string(who.Tenant), who.Actor, key).Scan(&kept.Digest, &kept.Status, &kept.Type, &kept.Body)
	if errors.Is(err, sql.ErrNoRows) {
		return kept, false, record.ErrNone
	}
	if err != nil {
		return kept, false, fmt.Errorf("read answer: %w", err)
	}
	return kept, false, nil
}

// A KeptAnswer is how a call ended.
type KeptAnswer struct {
	Digest []byte // of the request
	Status int
	Type   string
	Body   []byte
}

// KeepAnswer notes how a call ended.
func (s *Store) KeepAnswer(ctx context.Context, who record.Who, key string, a KeptAnswer) error {
	_, err := s.write.ExecContext(ctx, `UPDATE answers SET status = $4, type = $5, body = $6 WHERE tenant_id = $1 AND actor = $2 AND name = $3`,
		string(who.Tenant), who.Actor, key, a.Status, a.Type, a.Body)
	if err != nil {
		return fmt.Errorf("keep answer: %w", err)
	}
	return nil
}
