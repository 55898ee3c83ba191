package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/stanch/stanch/internal/record"
	"github.com/stanch/stanch/internal/tenant"
	"github.com/stanch/stanch/ledger"
)

const entryColumns = `idx, tenant_id, kind, subject, case_id, actor, at, happened, payload, salt, leaf, erased_by`

func scanEntry(rows interface{ Scan(...any) error }) (ledger.Stored, error) {
	s, _, err := scanBoth(rows)
	return s, err
}

// A walked is an entry of a verification, and what is wrong with its row: the
// columns that lists are filtered by have to say what the payload says, which
// alone is signed.
type walked struct {
	ledger.Stored
	fault error
}

func scanWalked(rows *sql.Rows) (walked, error) {
	s, row, err := scanBoth(rows)
	w, e := walked{Stored: s}, s.Entry
	differs := e.Tenant != row.Tenant || e.Kind != row.Kind || e.Subject != row.Subject || e.Case != row.Case ||
		e.Actor != row.Actor || !e.At.Equal(row.At) || !e.Happened.Equal(row.Happened)
	if err == nil && s.Payload != nil && differs && e.Matches(e.Salt, s.Payload) { // else the payload itself is named
		w.fault = &ledger.Fault{Index: e.Index, What: "its row says otherwise than its payload"}
	}
	return w, err
}

// scanBoth scans an entry as its payload says it, and as its row does.
func scanBoth(rows interface{ Scan(...any) error }) (s ledger.Stored, row ledger.Entry, err error) {
	var at, happened int64
	var leaf []byte
	e := &s.Entry
	err = rows.Scan(&e.Index, &e.Tenant, &e.Kind, &e.Subject, &e.Case, &e.Actor, &at, &happened, &s.Payload, &e.Salt, &leaf, &e.ErasedBy)
	if err != nil {
		return s, row, err
	}
	copy(e.Leaf[:], leaf)
	e.At = time.UnixMicro(at).UTC()
	if happened != 0 {
		e.Happened = time.UnixMicro(happened).UTC()
	}
	row = *e
	if s.Payload != nil {
		err = e.Open(s.Payload)
	}
	return s, row, err
}

// An EntryFilter narrows a list of entries. Its zero value keeps all.
type EntryFilter struct {
	Case    string
	Subject ledger.Subject
	Kind    string
	Below   int64 // indexes below this one: the cursor; 0 begins at the newest
	Above   int64 // indexes above this one, oldest first; 0 is off
	Limit   int   // at most; 0 is 50
}

// Entries lists a tenant's entries, newest first, or oldest first after Above.
func (s *Store) Entries(ctx context.Context, t tenant.ID, f EntryFilter) ([]ledger.Entry, error) {
	if f.Limit == 0 {
		f.Limit = 50
	}
	w := tenants(string(t))
	if f.Case != "" {
		w.and(`case_id = ?`, f.Case)
	}
	if f.Subject != "" {
		w.and(`subject = ?`, string(f.Subject))
	}
	if f.Kind != "" {
		w.and(`kind = ?`, f.Kind)
	}
	if f.Below != 0 {
		w.and(`idx < ?`, f.Below)
	}
	order := `idx DESC`
	if f.Above > 0 {
		w.and(`idx > ?`, f.Above)
		order = `idx`
	}
	tail, args := w.limit(order, f.Limit)
	rows, err := s.read.QueryContext(ctx, `SELECT `+entryColumns+` FROM ledger_entries`+tail, args...)
	if err != nil {
		return nil, fmt.Errorf("list entries: %w", err)
	}
	return scanAll(rows, func(r *sql.Rows) (ledger.Entry, error) {
		stored, err := scanEntry(r)
		return stored.Entry, err
	})
}

// Entry returns one entry of a tenant, or [record.ErrNone].
func (s *Store) Entry(ctx context.Context, t tenant.ID, index int64) (ledger.Entry, error) {
	stored, err := scanEntry(s.read.QueryRowContext(ctx, `SELECT `+entryColumns+` FROM ledger_entries WHERE tenant_id = $1 AND idx = $2`, string(t), index))
	if errors.Is(err, sql.ErrNoRows) {
		return ledger.Entry{}, record.ErrNone
	}
	if err != nil {
		return ledger.Entry{}, fmt.Errorf("read entry: %w", err) // not which: it was typed
	}
	return stored.Entry, nil
}

// Size returns the number of entries of the whole ledger.
func (s *Store) Size(ctx context.Context) (int64, error) {
	head, err := s.head(ctx, s.read)
	return head.size, err
}

// Head implements [ledger.Source]: the newest signed checkpoint.
func (s *Store) Head(ctx context.Context) ([]byte, error) {
	head, err := s.head(ctx, s.read)
	return head.note, err
}

// Checkpoint keeps the present head among the checkpoints, if the ledger grew
// since the last one, and returns it.
func (s *Store) Checkpoint(ctx context.Context) ([]byte, error) {
	if s.signer == nil {
		return s.Head(ctx)
	}
	head, err := s.head(ctx, s.read)
	if err != nil {
		return nil, err
	}
	_, err = s.write.ExecContext(ctx, `INSERT INTO ledger_checkpoints (size, at, note) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`,
		head.size, s.now().UTC().UnixMicro(), head.note)
	if err != nil {
		return nil, fmt.Errorf("keep checkpoint: %w", err)
	}
	return head.note, nil
}

// Tree returns a reader of the tree's stored hashes, for proofs.
func (s *Store) Tree(ctx context.Context) tlog.HashReader { return nodeReader{ctx, s.read} }

// A snapshot is the ledger as one reading transaction sees it. It implements
// [ledger.Source].
type snapshot struct {
	tx *sql.Tx
}

// snapshot begins a reading transaction; end ends it.
func (s *Store) snapshot(ctx context.Context) (snap snapshot, end func(), err error) {
	tx, err := s.read.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
	if s.engine.name == sqliteEngine.name {
		// SQLite reads one snapshot in any transaction and knows no levels.
		tx, err = s.read.BeginTx(ctx, nil)
	}
	if err != nil {
		return snap, nil, fmt.Errorf("begin reading: %w", err)
	}
	return snapshot{tx}, func() { _ = tx.Rollback() }, nil // nothing to lose: it only read
}

// Head implements [ledger.Source].
func (s snapshot) Head(ctx context.Context) ([]byte, error) {
	var note []byte
	var size int64
	if err := s.tx.QueryRowContext(ctx, `SELECT note, size FROM ledger_head WHERE id = 1`).Scan(&note, &size); err != nil {
		return nil, err
	}
	if c, err := ledger.ReadCheckpoint(note); err == nil && c.Size != size {
		return nil, &ledger.Fault{Index: -1, What: fmt.Sprintf("the head is said to have %d entries, and is signed for %d", size, c.Size)}
	}
	return note, nil
}

// page is how many rows a walk over the ledger reads at once.
const page = 2000

// Entries implements [ledger.Source].
func (s snapshot) Entries(ctx context.Context) iter.Seq2[ledger.Stored, error] {
	all := paged(func(after int64) ([]walked, error) {
		rows, err := s.tx.QueryContext(ctx, `SELECT `+entryColumns+` FROM ledger_entries WHERE idx > $1 ORDER BY idx LIMIT $2`, after, page)
		if err != nil {
			return nil, err
		}
		return scanAll(rows, scanWalked)
	}, func(e walked) int64 { return e.Entry.Index })
	return func(yield func(ledger.Stored, error) bool) {
		for w, err := range all {
			if !yield(w.Stored, errors.Join(err, w.fault)) {
				return
			}
		}
	}
}

// Nodes implements [ledger.Source].
func (s snapshot) Nodes(ctx context.Context) iter.Seq2[ledger.Node, error] {
	return paged(func(after int64) ([]ledger.Node, error) {
		rows, err := s.tx.QueryContext(ctx, `SELECT idx, hash FROM ledger_nodes WHERE idx > $1 ORDER BY idx LIMIT $2`, after, page)
		if err != nil {
			return nil, err
		}
		return scanAll(rows, func(r *sql.Rows) (ledger.Node, error) {
			var n ledger.Node
			var hash []byte
			err := r.Scan(&n.Index, &hash)
			copy(n.Hash[:], hash)
			return n, err
		})
	}, func(n ledger.Node) int64 { return n.Index })
}

// Checkpoints implements [ledger.Source].
func (s snapshot) Checkpoints(ctx context.Context) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		rows, err := s.tx.QueryContext(ctx, `SELECT note FROM ledger_checkpoints ORDER BY size`)
		if err != nil {
			yield(nil, err)
			return
		}
		all, err := scanAll(rows, func(r *sql.Rows) (note []byte, err error) { return note, r.Scan(&note) })
		if err != nil {
			yield(nil, err)
			return
		}
		for _, note := range all {
			if !yield(note, nil) {
				return
			}
		}
	}
}

// paged yields what read returns for one page after another.
func paged[T any](read func(after int64) ([]T, error), index func(T) int64) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for after := int64(-1); ; {
			rows, err := read(after)
			if err != nil {
				var none T
				yield(none, err)
				return
			}
			for _, row := range rows {
				after = index(row)
				if !yield(row, nil) {
					return
				}
			}
			if len(rows) < page {
				return
			}
		}
	}
}
