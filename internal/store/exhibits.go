package store

import (
	"context"
	"database/sql"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/stanch/stanch/internal/casefile"
	"github.com/stanch/stanch/internal/evidence"
	"github.com/stanch/stanch/internal/record"
	"github.com/stanch/stanch/internal/tenant"
	"github.com/stanch/stanch/ledger"
)

func exhibitNoun() noun {
	return noun{
		name: evidence.Noun, table: "exhibits",
		columns: []string{"case_id", "sealed_at", "destroy_by"},
		zero:    func() record.Thing { return &evidence.Exhibit{} },
		values: func(t record.Thing) []any {
			x := t.(*evidence.Exhibit)
			return []any{x.Case, x.SealedAt, x.DestroyBy}
		},
	}
}

// ExhibitsOf implements [evidence.Store].
func (s *Store) ExhibitsOf(ctx context.Context, t tenant.ID, id casefile.ID) ([]*evidence.Exhibit, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT body FROM exhibits WHERE tenant_id = $1 AND case_id = $2 ORDER BY sealed_at, id`, string(t), string(id))
	if err != nil {
		return nil, fmt.Errorf("list exhibits of case %s: %w", id, err)
	}
	return scanAll(rows, scanBody[evidence.Exhibit])
}

// ExhibitsDue implements [evidence.Store].
func (s *Store) ExhibitsDue(ctx context.Context, t tenant.ID, by int64) ([]*evidence.Exhibit, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT body FROM exhibits WHERE tenant_id = $1 AND destroy_by <= $2 ORDER BY destroy_by, id`, string(t), by)
	if err != nil {
		return nil, fmt.Errorf("list exhibits that are due: %w", err)
	}
	return scanAll(rows, scanBody[evidence.Exhibit])
}

// History implements [evidence.Store].
func (s *Store) History(ctx context.Context, t tenant.ID, id evidence.ID) (evidence.History, error) {
	entries, err := s.storedEntries(ctx, t, evidence.SubjectOf(id))
	if err != nil {
		return evidence.History{}, err
	}
	// The head is read last: a tree of its size holds every entry read before.
	head, err := s.head(ctx, s.read)
	if err != nil {
		return evidence.History{}, err
	}
	h := evidence.History{Checkpoint: head.note}
	for _, stored := range entries {
		e := stored.Entry
		proof, err := ledger.Prove(head.size, e.Index, s.Tree(ctx))
		if err != nil {
			return h, fmt.Errorf("prove entry %d: %w", e.Index, err)
		}
		h.Entries = append(h.Entries, evidence.Proved{Index: e.Index, Payload: stored.Payload, Salt: e.Salt, Leaf: e.Leaf[:], Proof: hashes(proof)})
	}
	return h, nil
}

func hashes(proof tlog.RecordProof) [][]byte {
	all := make([][]byte, len(proof))
	for i, h := range proof {
		all[i] = h[:]
	}
	return all
}

func (s *Store) storedEntries(ctx context.Context, t tenant.ID, subject ledger.Subject) ([]ledger.Stored, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT `+entryColumns+` FROM ledger_entries WHERE tenant_id = $1 AND subject = $2 ORDER BY idx`, string(t), string(subject))
	if err != nil {
		return nil, fmt.Errorf("list entries of %s: %w", subject, err)
	}
	return scanAll(rows, func(r *sql.Rows) (ledger.Stored, error) { return scanEntry(r) })
}
