package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"os"
	"path/filepath"
	"slices"

	"golang.org/x/mod/sumdb/note"

	"github.com/stanch/stanch/internal/record"
	"github.com/stanch/stanch/internal/tenant"
	"github.com/stanch/stanch/ledger"
)

// Verify checks the whole ledger against key, on one snapshot. See
// [ledger.Verify] for what it returns.
func (s *Store) Verify(ctx context.Context, key note.Verifier) (ledger.Verdict, error) {
	snap, end, err := s.snapshot(ctx)
	if err != nil {
		return ledger.Verdict{}, err
	}
	defer end()
	return ledger.Verify(ctx, snap, key)
}

// VerifyDeep replays every entry into a scratch database by Apply alone and
// compares each folded table with it, row by row. It returns a
// *[ledger.Fault] that names the first row that differs.
func (s *Store) VerifyDeep(ctx context.Context) (rows int64, err error) {
	dir, err := os.MkdirTemp("", "stanch-verify-")
	if err != nil {
		return 0, fmt.Errorf("make scratch folder: %w", err)
	}
	defer os.RemoveAll(dir)
	scratch, err := connect(ctx, "sqlite:"+filepath.Join(dir, "scratch.db"), Options{Fresh: true, Now: s.now, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, scratch.Close()) }()
	if err := scratch.migrate(ctx, true); err != nil {
		return 0, err
	}
	snap, end, err := s.snapshot(ctx)
	if err != nil {
		return 0, err
	}
	defer end()
	if err := scratch.replay(ctx, snap.Entries(ctx)); err != nil {
		return 0, err
	}
	return s.compare(ctx, snap, scratch)
}

// replayBatch is how many entries one scratch transaction folds.
const replayBatch = 500

// replay folds entries into the store's tables, and writes no ledger.
func (s *Store) replay(ctx context.Context, entries iter.Seq2[ledger.Stored, error]) error {
	var batch []ledger.Entry
	for stored, err := range entries {
		if err != nil {
			return fmt.Errorf("read entries: %w", err)
		}
		if stored.Payload == nil {
			continue // erased: its part of the thing is gone too
		}
		if batch = append(batch, stored.Entry); len(batch) == replayBatch {
			if err := s.replayBatch(ctx, batch); err != nil {
				return err
			}
			batch = batch[:0]
		}
	}
	return s.replayBatch(ctx, batch)
}

func (s *Store) replayBatch(ctx context.Context, batch []ledger.Entry) error {
	conn, err := s.write.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	if _, err := conn.ExecContext(ctx, s.engine.begin); err != nil {
		return err
	}
	byTenant := map[string]*transaction{}
	for _, e := range batch {
		tx := byTenant[e.Tenant]
		if tx == nil {
			tx = &transaction{store: s, conn: conn, who: record.Who{Tenant: tenant.ID(e.Tenant)}, things: map[ledger.Subject]*held{}}
			byTenant[e.Tenant] = tx
		}
		if err := tx.fold(ctx, e); err != nil {
			return &ledger.Fault{Index: e.Index, What: "cannot follow the entries before it: " + err.Error()}
		}
		tx.after = nil // erasure has been done: the payloads are gone already
	}
	for _, tx := range byTenant {
		if err := tx.flush(ctx); err != nil {
			return err
		}
	}
	_, err = conn.ExecContext(ctx, "COMMIT")
	return err
}

// compare walks each folded table of the snapshot beside the scratch one.
func (s *Store) compare(ctx context.Context, snap snapshot, scratch *Store) (rows int64, err error) {
	names := make([]string, 0, len(s.nouns))
	for name := range s.nouns {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		n, err := s.compareTable(ctx, s.nouns[name], snap.tx, scratch)
		if rows += n; err != nil {
			return rows, err
		}
	}
	return rows, nil
}

func (s *Store) compareTable(ctx context.Context, n noun, kept reader, scratch *Store) (rows int64, err error) {
	want, stop := iter.Pull2(walkTable(ctx, n, scratch.read, scratch.engine.collate))
	defer stop()
	for got, err := range walkTable(ctx, n, kept, s.engine.collate) {
		if err != nil {
			return rows, err
		}
		expected, err, ok := want()
		switch {
		case err != nil:
			return rows, err
		case !ok || expected.key != got.key && got.key < expected.key:
			return rows, &ledger.Fault{Index: -1, What: fmt.Sprintf("%s %s is in the database, and no entry made it", n.name, got.id)}
		case expected.key != got.key:
			return rows, &ledger.Fault{Index: -1, What: fmt.Sprintf("%s %s is in the ledger, and not in the database", n.name, expected.id)}
		case !slices.Equal(expected.values, got.values):
			return rows, &ledger.Fault{Index: -1, What: fmt.Sprintf("%s %s differs from what its entries say", n.name, got.id)}
		}
		rows++
	}
	if missing, _, ok := want(); ok {
		return rows, &ledger.Fault{Index: -1, What: fmt.Sprintf("%s %s is in the ledger, and not in the database", n.name, missing.id)}
	}
	return rows, nil
}

// ExportTiles writes the tree in C2SP tlog-tiles layout, on one snapshot.
func (s *Store) ExportTiles(ctx context.Context, write ledger.Writer) error {
	snap, end, err := s.snapshot(ctx)
	if err != nil {
		return err
	}
	defer end()
	msg, err := snap.Head(ctx)
	if err != nil {
		return fmt.Errorf("read head: %w", err)
	}
	c, err := ledger.ReadCheckpoint(msg)
	if err != nil {
		return err
	}
	leaves := func(from, to int64) ([]ledger.Hash, error) { return snap.leaves(ctx, from, to) }
	return ledger.ExportTiles(msg, c, nodeReader{ctx, snap.tx}, leaves, write)
}

// leaves returns the commitments of the entries from..to.
func (s snapshot) leaves(ctx context.Context, from, to int64) ([]ledger.Hash, error) {
	rows, err := s.tx.QueryContext(ctx, `SELECT leaf FROM ledger_entries WHERE idx >= $1 AND idx < $2 ORDER BY idx`, from, to)
	if err != nil {
		return nil, err
	}
	return scanAll(rows, func(r *sql.Rows) (h ledger.Hash, err error) {
		var leaf []byte
		err = r.Scan(&leaf)
		copy(h[:], leaf)
		return h, err
	})
}
