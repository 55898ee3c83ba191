package store

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/stanch/stanch/internal/access"
	"github.com/stanch/stanch/internal/record"
	"github.com/stanch/stanch/internal/tenant"
)

func tokenNoun() noun {
	return noun{
		name: access.TokenNoun, table: "apitokens",
		columns: []string{"made_by", "created", "expires", "revoked"},
		zero:    func() record.Thing { return &access.APIToken{} },
		values: func(t record.Thing) []any {
			k := t.(*access.APIToken)
			return []any{string(k.By), k.Created, k.Expires, k.Revoked}
		},
	}
}

// APITokens implements [access.Store].
func (s *Store) APITokens(ctx context.Context, t tenant.ID) ([]*access.APIToken, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT body FROM apitokens WHERE tenant_id = $1 ORDER BY created, id`, string(t))
	if err != nil {
		return nil, fmt.Errorf("list tokens: %w", err)
	}
	return scanAll(rows, scanBody[access.APIToken])
}

// SaveTokenDigest implements [access.Store].
func (s *Store) SaveTokenDigest(ctx context.Context, tx record.Tx, id access.TokenID, digest []byte) error {
	t := querierOf(tx)
	return t.execOne(ctx, "keep token", `INSERT INTO apitoken_secrets (tenant_id, id, digest, used) VALUES ($1, $2, $3, 0)`, string(t.who.Tenant), string(id), digest)
}

// TokenDigest implements [access.Store].
func (s *Store) TokenDigest(ctx context.Context, t tenant.ID, id access.TokenID) (digest []byte, used int64, err error) {
	err = s.read.QueryRowContext(ctx, `SELECT digest, used FROM apitoken_secrets WHERE tenant_id = $1 AND id = $2`, string(t), string(id)).Scan(&digest, &used)
	return digest, used, none(err, "read token")
}

// TokensUsed implements [access.Store].
func (s *Store) TokensUsed(ctx context.Context, t tenant.ID) (map[access.TokenID]int64, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT id, used FROM apitoken_secrets WHERE tenant_id = $1`, string(t))
	if err != nil {
		return nil, fmt.Errorf("list use of tokens: %w", err)
	}
	used := map[access.TokenID]int64{}
	_, err = scanAll(rows, func(r *sql.Rows) (at int64, err error) {
		var id access.TokenID
		err = r.Scan(&id, &at)
		used[id] = at
		return at, err
	})
	return used, err
}

// TouchToken implements [access.Store].
func (s *Store) TouchToken(ctx context.Context, tx record.Tx, id access.TokenID, used int64) error {
	t := querierOf(tx)
	_, err := t.exec(ctx, "note use of token", `UPDATE apitoken_secrets SET used = $3 WHERE tenant_id = $1 AND id = $2 AND used < $3`, string(t.who.Tenant), string(id), used)
	return err
}

// DropTokenDigest implements [access.Store].
func (s *Store) DropTokenDigest(ctx context.Context, tx record.Tx, id access.TokenID) error {
	t := querierOf(tx)
	return t.execOne(ctx, "remove token", `DELETE FROM apitoken_secrets WHERE tenant_id = $1 AND id = $2`, string(t.who.Tenant), string(id))
}
