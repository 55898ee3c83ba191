package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/stanch/stanch/ledger"
)

var errNoHead = errors.New("ledger has no head")

// A storedHead is the newest signed state of the ledger.
type storedHead struct {
	origin string
	size   int64
	note   []byte
}

func (s *Store) head(ctx context.Context, q querier) (storedHead, error) {
	var h storedHead
	err := q.QueryRowContext(ctx, `SELECT origin, size, note FROM ledger_head WHERE id = 1`).Scan(&h.origin, &h.size, &h.note)
	if errors.Is(err, sql.ErrNoRows) {
		return h, errNoHead
	}
	if err != nil {
		return h, fmt.Errorf("read ledger head: %w", err)
	}
	return h, nil
}

// lockHead reads the head and keeps other centres from committing until the
// transaction ends.
func (s *Store) lockHead(ctx context.Context, q querier) (*ledger.Frontier, error) {
	var size int64
	err := q.QueryRowContext(ctx, `SELECT size FROM ledger_head WHERE id = 1 `+s.engine.forUpdate).Scan(&size)
	if err != nil {
		return nil, fmt.Errorf("lock ledger head: %w", err)
	}
	if s.frontier != nil && s.frontier.Size() == size {
		return s.frontier.Clone(), nil
	}
	return ledger.OpenFrontier(size, nodeReader{ctx, q})
}

func (s *Store) sign(f *ledger.Frontier) ([]byte, error) {
	return ledger.Checkpoint{Origin: s.origin, Size: f.Size(), Root: f.Root()}.Sign(s.signer)
}

// nodeReader reads stored tree hashes.
type nodeReader struct {
	ctx context.Context
	q   querier
}

// ReadHashes implements [tlog.HashReader].
func (r nodeReader) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		var hash []byte
		if err := r.q.QueryRowContext(r.ctx, `SELECT hash FROM ledger_nodes WHERE idx = $1`, index).Scan(&hash); err != nil {
			return nil, fmt.Errorf("read ledger node %d: %w", index, err)
		}
		copy(out[i][:], hash)
	}
	return out, nil
}

// insertRows writes rows of equal width, many in each statement.
func insertRows(ctx context.Context, q querier, into string, width int, values []any) error {
	// SQLite looks for each named parameter among all that came before it, so
	// the time for one statement grows with the square of their number.
	const most = 700 // parameters in one statement
	step := most / width * width
	for len(values) > 0 {
		part := values[:min(step, len(values))]
		var text strings.Builder
		text.WriteString(into)
		for i := range part {
			switch {
			case i == 0:
				text.WriteString(" (")
			case i%width == 0:
				text.WriteString("), (")
			default:
				text.WriteString(", ")
			}
			fmt.Fprintf(&text, "$%d", i+1)
		}
		text.WriteString(")")
		if _, err := q.ExecContext(ctx, text.String(), part...); err != nil {
			return err
		}
		values = values[len(part):]
	}
	return nil
}
