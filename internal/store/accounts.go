package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/stanch/stanch/internal/access"
	"github.com/stanch/stanch/internal/record"
	"github.com/stanch/stanch/internal/tenant"
)

func accountNoun() noun {
	return noun{
		name: access.Noun, table: "accounts",
		columns: []string{"login", "role", "active", "created"},
		zero:    func() record.Thing { return &access.Account{} },
		values: func(t record.Thing) []any {
			a := t.(*access.Account)
			return []any{a.Login, string(a.Role), flag(a.Active()), a.Created}
		},
	}
}

// flushed returns the transaction with what it changed written out, so that
// its queries see it.
func flushed(ctx context.Context, tx record.Tx) (*transaction, error) {
	t := querierOf(tx)
	return t, t.flush(ctx)
}

// none turns an empty result into [record.ErrNone], and says what could not be
// done otherwise.
func none(err error, verb string) error {
	if errors.Is(err, sql.ErrNoRows) {
		return record.ErrNone
	}
	if err != nil {
		return fmt.Errorf("%s: %w", verb, err)
	}
	return nil
}

// exec runs a statement in the transaction and returns how many rows it
// changed.
func (t *transaction) exec(ctx context.Context, verb, text string, args ...any) (int64, error) {
	result, err := t.conn.ExecContext(ctx, text, args...)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", verb, err)
	}
	return result.RowsAffected()
}

// execOne is exec for what changes one row, or is [record.ErrNone].
func (t *transaction) execOne(ctx context.Context, verb, text string, args ...any) error {
	n, err := t.exec(ctx, verb, text, args...)
	if err == nil && n == 0 {
		return record.ErrNone
	}
	return err
}

// Accounts implements [access.Store].
func (s *Store) Accounts(ctx context.Context, t tenant.ID) ([]*access.Account, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT body FROM accounts WHERE tenant_id = $1 ORDER BY created, id`, string(t))
	if err != nil {
		return nil, fmt.Errorf("list accounts: %w", err)
	}
	return scanAll(rows, scanBody[access.Account])
}

// AccountOf implements [access.Store].
func (s *Store) AccountOf(ctx context.Context, tx record.Tx, login string) (id access.ID, err error) {
	t, err := flushed(ctx, tx)
	if err != nil {
		return "", err
	}
	err = t.conn.QueryRowContext(ctx, `SELECT id FROM accounts WHERE tenant_id = $1 AND login = $2 AND login <> ''`,
		string(t.who.Tenant), login).Scan(&id)
	return id, none(err, "find account")
}

// CountOwners implements [access.Store].
func (s *Store) CountOwners(ctx context.Context, tx record.Tx) (n int, err error) {
	t, err := flushed(ctx, tx)
	if err != nil {
		return 0, err
	}
	err = t.conn.QueryRowContext(ctx, `SELECT COUNT(*) FROM accounts WHERE tenant_id = $1 AND role = $2 AND active = 1`,
		string(t.who.Tenant), string(access.Owner)).Scan(&n)
	return n, none(err, "count owners")
}

// PasswordHash implements [access.Store].
func (s *Store) PasswordHash(ctx context.Context, tx record.Tx, id access.ID) (hash string, err error) {
	t := querierOf(tx)
	err = t.conn.QueryRowContext(ctx, `SELECT hash FROM credentials WHERE tenant_id = $1 AND account_id = $2`,
		string(t.who.Tenant), string(id)).Scan(&hash)
	return hash, none(err, "read password hash")
}

// SetPasswordHash implements [access.Store].
func (s *Store) SetPasswordHash(ctx context.Context, tx record.Tx, id access.ID, hash string) error {
	t := querierOf(tx)
	if hash == "" {
		return t.execOne(ctx, "remove password hash", `DELETE FROM credentials WHERE tenant_id = $1 AND account_id = $2`, string(t.who.Tenant), string(id))
	}
	return t.execOne(ctx, "keep password hash", `INSERT INTO credentials (tenant_id, account_id, hash) VALUES ($1, $2, $3)
		ON CONFLICT (tenant_id, account_id) DO UPDATE SET hash = excluded.hash`, string(t.who.Tenant), string(id), hash)
}
