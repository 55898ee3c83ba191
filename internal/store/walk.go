package store

import (
	"context"
	"database/sql"
	"fmt"
	"iter"
	"strings"
)

// reader is what a walk over a table needs.
type reader interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// A row is a folded row as both engines print it, but for its version: one
// commit may fold several entries, so versions count commits.
type row struct {
	key    string // tenant and id
	id     string
	values []string
}

// walkTable yields a noun's rows in byte order of tenant and id.
func walkTable(ctx context.Context, n noun, q reader, collate string) iter.Seq2[row, error] {
	columns := append([]string{"tenant_id", "id", "body"}, n.columns...)
	text := `SELECT ` + strings.Join(columns, ", ") + ` FROM ` + n.table + ` ORDER BY tenant_id ` + collate + `, id ` + collate
	return func(yield func(row, error) bool) {
		rows, err := q.QueryContext(ctx, text)
		if err != nil {
			yield(row{}, fmt.Errorf("read %s: %w", n.table, err))
			return
		}
		defer rows.Close()
		values := make([]any, len(columns))
		for rows.Next() {
			for i := range values {
				values[i] = new(sql.NullString)
			}
			if err := rows.Scan(values...); err != nil {
				yield(row{}, fmt.Errorf("read %s: %w", n.table, err))
				return
			}
			if !yield(rowOf(values), nil) {
				return
			}
		}
		if err := rows.Err(); err != nil {
			yield(row{}, fmt.Errorf("read %s: %w", n.table, err))
		}
	}
}

func rowOf(values []any) row {
	r := row{values: make([]string, len(values))}
	for i, v := range values {
		r.values[i] = v.(*sql.NullString).String
	}
	r.key, r.id = r.values[0]+"\x00"+r.values[1], r.values[1]
	return r
}
