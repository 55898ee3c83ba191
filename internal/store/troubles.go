package store

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/stanch/stanch/internal/record"
	"github.com/stanch/stanch/internal/tenant"
)

// A Trouble is a watched file, or a part of one, that could not be examined.
// Root, Path and Member are as they are shown: masked, and valid text.
type Trouble struct {
	Root, Path, Member string
	Cause              string
	Parts              int64 // how many parts share the cause
	Bytes              int64 // not examined; -1 if nobody can tell
	Since              int64 // Unix microseconds
}

// A Layer tells who found a trouble, so that one does not take back what the
// other said.
type Layer string

// The layers of troubles.
const (
	Access  Layer = "access"  // the watcher cannot get at the file
	Content Layer = "content" // the file was read and not understood
)

// SaveTroubles puts troubles in the place of those known of a path. With none
// it takes them back. Time and path are taken from each, the rest of the path's
// troubles is dropped.
func (s *Store) SaveTroubles(ctx context.Context, tx record.Tx, layer Layer, root, path string, all ...Trouble) error {
	t := querierOf(tx)
	tenantID := string(t.who.Tenant)
	if _, err := t.conn.ExecContext(ctx, `DELETE FROM watch_troubles WHERE tenant_id = $1 AND root = $2 AND path = $3 AND layer = $4`,
		tenantID, root, path, string(layer)); err != nil {
		return fmt.Errorf("clear troubles: %w", err)
	}
	for _, x := range all {
		if _, err := t.conn.ExecContext(ctx, `INSERT INTO watch_troubles (tenant_id, root, path, layer, member, cause, parts, bytes, since)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING`,
			tenantID, root, path, string(layer), x.Member, x.Cause, x.Parts, x.Bytes, x.Since); err != nil {
			return fmt.Errorf("save trouble: %w", err)
		}
	}
	return nil
}

// MoveTroubles follows a file that has a new path.
func (s *Store) MoveTroubles(ctx context.Context, tx record.Tx, layer Layer, root, from, to string) error {
	if err := s.SaveTroubles(ctx, tx, layer, root, to); err != nil {
		return err
	}
	t := querierOf(tx)
	_, err := t.conn.ExecContext(ctx, `UPDATE watch_troubles SET path = $5 WHERE tenant_id = $1 AND root = $2 AND path = $3 AND layer = $4`,
		string(t.who.Tenant), root, from, string(layer), to)
	if err != nil {
		return fmt.Errorf("move troubles: %w", err)
	}
	return nil
}

// ClearTroubles forgets all troubles of a layer under a root.
func (s *Store) ClearTroubles(ctx context.Context, tx record.Tx, layer Layer, root string) error {
	t := querierOf(tx)
	_, err := t.conn.ExecContext(ctx, `DELETE FROM watch_troubles WHERE tenant_id = $1 AND root = $2 AND layer = $3`, string(t.who.Tenant), root, string(layer))
	if err != nil {
		return fmt.Errorf("clear troubles: %w", err)
	}
	return nil
}

// Troubles lists what could not be examined, the latest first.
func (s *Store) Troubles(ctx context.Context, t tenant.ID, limit int) ([]Trouble, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT root, path, member, cause, parts, bytes, since FROM watch_troubles
		WHERE tenant_id = $1 ORDER BY since DESC, root, path, member, cause LIMIT $2`, string(t), limit)
	if err != nil {
		return nil, fmt.Errorf("list troubles: %w", err)
	}
	return scanAll(rows, func(r *sql.Rows) (x Trouble, err error) {
		return x, r.Scan(&x.Root, &x.Path, &x.Member, &x.Cause, &x.Parts, &x.Bytes, &x.Since)
	})
}

// CountTroubles returns how many parts could not be examined, by cause.
func (s *Store) CountTroubles(ctx context.Context, t tenant.ID) (map[string]int64, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT cause, CAST(SUM(parts) AS BIGINT) FROM watch_troubles WHERE tenant_id = $1 GROUP BY cause`, string(t))
	if err != nil {
		return nil, fmt.Errorf("count troubles: %w", err)
	}
	counts := map[string]int64{}
	_, err = scanAll(rows, func(r *sql.Rows) (n int64, err error) {
		var cause string
		err = r.Scan(&cause, &n)
		counts[cause] = n
		return n, err
	})
	return counts, err
}

// TroubledPaths returns the paths under a root that troubles of a layer are
// known of.
func (s *Store) TroubledPaths(ctx context.Context, t tenant.ID, layer Layer, root string) ([]string, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT DISTINCT path FROM watch_troubles WHERE tenant_id = $1 AND root = $2 AND layer = $3`, string(t), root, string(layer))
	if err != nil {
		return nil, fmt.Errorf("list troubled paths: %w", err)
	}
	return scanAll(rows, func(r *sql.Rows) (path string, err error) { return path, r.Scan(&path) })
}
