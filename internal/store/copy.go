package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// ErrNotEmpty says that a database to copy into holds something already.
var ErrNotEmpty = errors.New("the target database is not empty")

// copyBatch is how many rows one statement of a copy carries at most.
const copyBatch = 500

// CopyTo copies every table into another store, which must be fresh, in one
// transaction, and returns how many rows there were. Nothing may write to s
// meanwhile.
func (s *Store) CopyTo(ctx context.Context, to *Store) (rows int64, err error) {
	switch size, err := to.Size(ctx); {
	case err != nil:
		return 0, err
	case size != 0:
		return 0, ErrNotEmpty
	}
	conn, err := to.write.Conn(ctx)
	if err != nil {
		return 0, fmt.Errorf("reach target: %w", err)
	}
	defer conn.Close()
	if _, err := conn.ExecContext(ctx, to.engine.begin); err != nil {
		return 0, fmt.Errorf("begin copy: %w", err)
	}
	defer func() {
		if err != nil {
			_, undo := conn.ExecContext(ctx, "ROLLBACK")
			_ = undo // the connection is gone or has rolled back by itself
		}
	}()
	tables := Tables()
	for _, own := range []string{"schema_versions", "schema_hashes"} {
		delete(tables, own) // the target's migrations wrote its own
	}
	for _, table := range slices.Sorted(maps.Keys(tables)) {
		n, err := s.copyTable(ctx, conn, table)
		if err != nil {
			return rows, fmt.Errorf("copy %s: %w", table, err)
		}
		rows += n
	}
	if _, err := conn.ExecContext(ctx, "COMMIT"); err != nil {
		return rows, fmt.Errorf("commit copy: %w", err)
	}
	return rows, nil
}

func (s *Store) copyTable(ctx context.Context, conn *sql.Conn, table string) (copied int64, err error) {
	if _, err := conn.ExecContext(ctx, `DELETE FROM `+table); err != nil {
		return 0, err
	}
	rows, err := s.read.QueryContext(ctx, `SELECT * FROM `+table)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return 0, err
	}
	into := `INSERT INTO ` + table + ` (` + strings.Join(columns, ", ") + `) VALUES`
	var batch []any
	for rows.Next() {
		row := make([]any, len(columns))
		for i := range row {
			row[i] = new(any)
		}
		if err := rows.Scan(row...); err != nil {
			return copied, err
		}
		for _, v := range row {
			batch = append(batch, *v.(*any))
		}
		if copied++; copied%copyBatch == 0 {
			if err := insertRows(ctx, conn, into, len(columns), batch); err != nil {
				return copied, err
			}
			batch = batch[:0]
		}
	}
	if err := rows.Err(); err != nil {
		return copied, err
	}
	return copied, insertRows(ctx, conn, into, len(columns), batch)
}
