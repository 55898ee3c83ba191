package store

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/stanch/stanch/internal/access"
	"github.com/stanch/stanch/internal/record"
	"github.com/stanch/stanch/internal/tenant"
)

const linkColumns = `digest, purpose, account_id, pass, expires`

func scanLink(row *sql.Row) (l access.Link, err error) {
	var pass int
	err = row.Scan(&l.Digest, &l.Purpose, &l.Account, &pass, &l.Expires)
	l.Pass = pass != 0
	return l, none(err, "read link")
}

// SaveLink implements [access.Store].
func (s *Store) SaveLink(ctx context.Context, tx record.Tx, l access.Link) error {
	t := querierOf(tx)
	return t.execOne(ctx, "keep link", `INSERT INTO links (tenant_id, digest, purpose, account_id, pass, expires) VALUES ($1, $2, $3, $4, $5, $6)`,
		string(t.who.Tenant), l.Digest, string(l.Purpose), string(l.Account), flag(l.Pass), l.Expires)
}

// Link implements [access.Store].
func (s *Store) Link(ctx context.Context, t tenant.ID, digest []byte) (access.Link, error) {
	return scanLink(s.read.QueryRowContext(ctx, `SELECT `+linkColumns+` FROM links WHERE tenant_id = $1 AND digest = $2`, string(t), digest))
}

// TakeLink implements [access.Store].
func (s *Store) TakeLink(ctx context.Context, tx record.Tx, digest []byte) (access.Link, error) {
	t := querierOf(tx)
	return scanLink(t.conn.QueryRowContext(ctx, `DELETE FROM links WHERE tenant_id = $1 AND digest = $2 RETURNING `+linkColumns, string(t.who.Tenant), digest))
}

// DropLinks implements [access.Store].
func (s *Store) DropLinks(ctx context.Context, tx record.Tx, purpose access.Purpose, account access.ID) error {
	t := querierOf(tx)
	_, err := t.exec(ctx, "remove links", `DELETE FROM links WHERE tenant_id = $1 AND purpose = $2 AND account_id = $3`,
		string(t.who.Tenant), string(purpose), string(account))
	return err
}

const sessionColumns = `id, digest, account_id, address, created, seen, presence`

func scanSession(row interface{ Scan(...any) error }) (n access.Session, err error) {
	return n, row.Scan(&n.ID, &n.Digest, &n.Account, &n.From, &n.Created, &n.Seen, &n.Presence)
}

// SaveSession implements [access.Store].
func (s *Store) SaveSession(ctx context.Context, tx record.Tx, n access.Session, keep int) error {
	t := querierOf(tx)
	err := t.execOne(ctx, "keep session", `INSERT INTO sessions (tenant_id, id, digest, account_id, address, created, seen, presence)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		string(t.who.Tenant), string(n.ID), n.Digest, string(n.Account), n.From, n.Created, n.Seen, n.Presence)
	if err != nil {
		return err
	}
	// SQLite takes an offset only after a limit.
	_, err = t.exec(ctx, "remove oldest sessions", `DELETE FROM sessions WHERE tenant_id = $1 AND id IN (SELECT id FROM sessions
		WHERE tenant_id = $1 AND account_id = $2 ORDER BY created DESC, id DESC LIMIT 100000 OFFSET $3)`, string(t.who.Tenant), string(n.Account), keep)
	return err
}

// Session implements [access.Store].
func (s *Store) Session(ctx context.Context, t tenant.ID, digest []byte) (access.Session, error) {
	n, err := scanSession(s.read.QueryRowContext(ctx, `SELECT `+sessionColumns+` FROM sessions WHERE tenant_id = $1 AND digest = $2`, string(t), digest))
	return n, none(err, "read session")
}

// Sessions implements [access.Store].
func (s *Store) Sessions(ctx context.Context, t tenant.ID, account access.ID) ([]access.Session, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT `+sessionColumns+` FROM sessions WHERE tenant_id = $1 AND account_id = $2
		ORDER BY created DESC, id DESC`, string(t), string(account))
	if err != nil {
		return nil, fmt.Errorf("list sessions: %w", err)
	}
	return scanAll(rows, func(r *sql.Rows) (access.Session, error) { return scanSession(r) })
}

// TouchSession implements [access.Store].
func (s *Store) TouchSession(ctx context.Context, tx record.Tx, id access.SessionID, seen int64) error {
	t := querierOf(tx)
	_, err := t.exec(ctx, "touch session", `UPDATE sessions SET seen = $3 WHERE tenant_id = $1 AND id = $2 AND seen < $3`, string(t.who.Tenant), string(id), seen)
	return err
}

// ProveSession implements [access.Store].
func (s *Store) ProveSession(ctx context.Context, tx record.Tx, id access.SessionID, at int64) error {
	t := querierOf(tx)
	return t.execOne(ctx, "note presence", `UPDATE sessions SET presence = $3 WHERE tenant_id = $1 AND id = $2`, string(t.who.Tenant), string(id), at)
}

// EndSession implements [access.Store].
func (s *Store) EndSession(ctx context.Context, tx record.Tx, account access.ID, id access.SessionID) error {
	t := querierOf(tx)
	return t.execOne(ctx, "end session", `DELETE FROM sessions WHERE tenant_id = $1 AND account_id = $2 AND id = $3`, string(t.who.Tenant), string(account), string(id))
}

// EndSessions implements [access.Store].
func (s *Store) EndSessions(ctx context.Context, tx record.Tx, account access.ID, but access.SessionID) (int64, error) {
	t := querierOf(tx)
	return t.exec(ctx, "end sessions", `DELETE FROM sessions WHERE tenant_id = $1 AND account_id = $2 AND id <> $3`, string(t.who.Tenant), string(account), string(but))
}

// Tally implements [access.Store].
func (s *Store) Tally(ctx context.Context, tx record.Tx, key string) (access.Tally, error) {
	t := querierOf(tx)
	y := access.Tally{Key: key}
	rows, err := t.conn.QueryContext(ctx, `SELECT failures, until, last, good FROM signins WHERE tenant_id = $1 AND tally = $2`, string(t.who.Tenant), key)
	if err != nil {
		return y, fmt.Errorf("read tally: %w", err)
	}
	_, err = scanAll(rows, func(r *sql.Rows) (struct{}, error) {
		return struct{}{}, r.Scan(&y.Failures, &y.Until, &y.Last, &y.Good)
	})
	return y, err
}

// SaveTally implements [access.Store].
func (s *Store) SaveTally(ctx context.Context, tx record.Tx, y access.Tally) error {
	t := querierOf(tx)
	return t.execOne(ctx, "keep tally", `INSERT INTO signins (tenant_id, tally, failures, until, last, good) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (tenant_id, tally) DO UPDATE SET failures = excluded.failures, until = excluded.until, last = excluded.last, good = excluded.good`,
		string(t.who.Tenant), y.Key, y.Failures, y.Until, y.Last, y.Good)
}

// Sweep implements [access.Store].
func (s *Store) Sweep(ctx context.Context, tx record.Tx, c access.Cutoffs) error {
	t := querierOf(tx)
	own := string(t.who.Tenant)
	if _, err := t.exec(ctx, "sweep links", `DELETE FROM links WHERE tenant_id = $1 AND expires <= $2`, own, c.Now); err != nil {
		return err
	}
	if _, err := t.exec(ctx, "sweep sessions", `DELETE FROM sessions WHERE tenant_id = $1 AND (created <= $2 OR seen <= $3)`, own, c.Created, c.Seen); err != nil {
		return err
	}
	_, err := t.exec(ctx, "sweep tallies", `DELETE FROM signins WHERE tenant_id = $1 AND last <= $2 AND good <= $3`, own, c.Missed, c.Good)
	return err
}
