package sqltable

import (
	"context"
	"database/sql"
	"database/sql/driver"
)

// streamRows reads a table that nothing orders by one statement.
type streamRows struct {
	r    *Reading
	rows *sql.Rows
	tx   *sql.Tx
	conn *sql.Conn
	stop context.CancelFunc
}

// stream begins it in a session of its own, prepared by the statements that
// the server understands.
func stream(ctx context.Context, r *Reading, prepare ...string) (batcher, error) {
	conn, err := r.d.db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(ctx)
	s := &streamRows{r: r, conn: conn, stop: stop}
	for _, statement := range prepare {
		if _, err := conn.ExecContext(ctx, statement); err != nil && !unknownVariable(err) {
			s.close()
			return nil, err
		}
	}
	if s.tx, err = conn.BeginTx(ctx, readOnly); err == nil {
		s.rows, err = s.tx.QueryContext(ctx, "SELECT "+r.selected()+" FROM "+r.d.engine.from(r.t))
	}
	if err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

func (s *streamRows) next(_ context.Context, most int) ([]rawRow, error) {
	return s.r.take(s.rows, most, pageMost)
}

// close gives up what was not read, and ends the session: its settings were
// for this statement.
func (s *streamRows) close() {
	s.stop()
	if s.rows != nil {
		s.rows.Close()
	}
	if s.tx != nil {
		s.tx.Rollback()
	}
	s.conn.Raw(func(any) error { return driver.ErrBadConn })
	s.conn.Close()
}
