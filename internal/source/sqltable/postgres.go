package sqltable

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// postgres reads PostgreSQL 10 and later.
type postgres struct{}

func openPostgres(address string, u *url.URL, o Options) (*Database, error) {
	config, err := pgx.ParseConfig(address)
	if err != nil {
		return nil, ErrAddress
	}
	if config.Password == "" {
		config.Password = o.Password
	}
	config.ConnectTimeout = connectTimeout
	config.DefaultQueryExecMode = pgx.QueryExecModeExec // each statement is used a few times
	limit := fmt.Sprint(o.Statement.Milliseconds())
	for name, value := range map[string]string{
		"application_name": "stanch", "default_transaction_read_only": "on", "statement_timeout": limit, "lock_timeout": limit,
		"row_security": "off", "synchronize_seqscans": "off", "DateStyle": "ISO, YMD", "client_encoding": "UTF8",
	} {
		config.RuntimeParams[name] = value
	}
	host := config.Host
	if strings.HasPrefix(host, "/") {
		host = "" // a socket
	} else if u.Port() != "" {
		host = u.Host
	}
	return &Database{Shown: "postgres://" + host + "/" + config.Database, db: stdlib.OpenDB(*config), engine: postgres{}}, nil
}

func (postgres) tables(ctx context.Context, db *sql.DB, _ string) ([]Table, error) {
	rows, err := db.QueryContext(ctx, `
SELECT c.oid::int8, n.nspname::text, c.relname::text, c.relkind = 'f', coalesce(obj_description(c.oid, 'pg_class'), '')
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE (c.relkind IN ('r', 'f') OR c.relkind = 'm' AND c.relispopulated)
  AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
ORDER BY 2, 3`)
	if err != nil {
		return nil, err
	}
	var tables []Table
	var oids []int64
	for rows.Next() {
		var t Table
		var oid int64
		if err := rows.Scan(&oid, &t.Schema, &t.Name, &t.Foreign, &t.Comment); err != nil {
			rows.Close()
			return nil, err
		}
		tables, oids = append(tables, t), append(oids, oid)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	for i := range tables {
		if err := (postgres{}).columns(ctx, db, oids[i], &tables[i]); err != nil {
			return nil, err
		}
	}
	return tables, nil
}

// unreadPostgres are the types that hold no card number in any form.
var unreadPostgres = []string{"bool", "uuid", "date", "time", "timetz", "timestamp", "timestamptz", "interval",
	"inet", "cidr", "macaddr", "macaddr8", "oid", "xid", "pg_lsn", "point", "line", "lseg", "box", "path", "polygon", "circle"}

// columns reads the columns of a table and its key.
func (p postgres) columns(ctx context.Context, db *sql.DB, oid int64, t *Table) error {
	rows, err := db.QueryContext(ctx, `
SELECT a.attname::text, coalesce(b.typname, y.typname)::text, format_type(a.atttypid, -1),
  coalesce(col_description(a.attrelid, a.attnum), ''), has_column_privilege(a.attrelid, a.attnum, 'SELECT'),
  coalesce((SELECT array_position(i.indkey::int2[], a.attnum) FROM pg_catalog.pg_index i
    WHERE i.indexrelid = (SELECT k.indexrelid FROM pg_catalog.pg_index k
      WHERE k.indrelid = a.attrelid AND k.indisunique AND k.indisvalid AND k.indpred IS NULL AND k.indexprs IS NULL
        AND NOT EXISTS (SELECT FROM pg_catalog.pg_attribute n
          WHERE n.attrelid = k.indrelid AND n.attnum = ANY (k.indkey::int2[]) AND NOT n.attnotnull)
      ORDER BY k.indisprimary DESC, k.indexrelid LIMIT 1)), -1)
FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type y ON y.oid = a.atttypid
  LEFT JOIN pg_catalog.pg_type b ON y.typtype = 'd' AND b.oid = y.typbasetype
WHERE a.attrelid = $1::int8::oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum`, oid)
	if err != nil {
		return err
	}
	defer rows.Close()
	type placed struct {
		Column
		at int
	}
	var keys []placed
	hidden := false
	for rows.Next() {
		var c Column
		var base string
		var may bool
		var at int
		if err := rows.Scan(&c.Name, &base, &c.cast, &c.Comment, &may, &at); err != nil {
			return err
		}
		if at >= 0 {
			keys, hidden = append(keys, placed{c, at}), hidden || !may
		}
		switch {
		case slices.Contains(unreadPostgres, base):
			t.Unread = append(t.Unread, c)
			continue
		case !may:
			t.Denied = append(t.Denied, c.Name)
			continue
		case base == "bytea":
			c.kind = binary
		case base == "float4", base == "float8":
			c.kind = float
		}
		t.Columns = append(t.Columns, c)
	}
	if hidden {
		keys = nil
	}
	slices.SortFunc(keys, func(a, b placed) int { return a.at - b.at })
	for _, k := range keys {
		t.keys = append(t.keys, k.Column)
	}
	return rows.Err()
}

func (postgres) quote(name string) string { return pgx.Identifier{name}.Sanitize() }

func (postgres) from(t *Table) string {
	return "ONLY " + pgx.Identifier{t.Schema, t.Name}.Sanitize() // what inherits is a table of its own
}

func (postgres) param(n int, c Column) string { return fmt.Sprintf("$%d::text::%s", n, c.cast) }

func (p postgres) key(c Column) string { return p.quote(c.Name) + "::text" }

func (p postgres) size(c Column) string {
	switch c.kind {
	case binary:
		return "octet_length(" + p.quote(c.Name) + ")"
	case float:
		return "8"
	}
	return "octet_length(" + p.quote(c.Name) + "::text)"
}

func (p postgres) value(c Column) string {
	switch c.kind {
	case binary:
		return p.quote(c.Name)
	case float:
		return p.quote(c.Name) + "::float8"
	}
	return p.quote(c.Name) + "::text"
}

func (p postgres) slice(c Column, n int) string {
	bytes := p.quote(c.Name)
	if c.kind != binary {
		bytes = "textsend(" + bytes + "::text)"
	}
	return fmt.Sprintf("substring(%s from $%d::int4 for $%d::int4)", bytes, n, n+1)
}

func (p postgres) compare(keys []Column, n int, sign string) (string, []int) {
	return rowValues(p, keys, n, sign)
}

func (postgres) longest() int64 { return 1 << 30 }

// loose reads a table without a key by a cursor, in one snapshot: rows that
// move while it runs are seen once. Cells are found again by their ctid.
func (p postgres) loose(ctx context.Context, r *Reading) (batcher, error) {
	conn, err := r.d.db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	tx, err := conn.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
	if err != nil {
		conn.Close()
		return nil, err
	}
	if len(r.t.Denied) == 0 { // else the account may not see it
		r.keys = []Column{ctid}
	}
	r.on = tx
	if _, err := tx.ExecContext(ctx, "DECLARE stanch NO SCROLL CURSOR FOR SELECT "+r.selected()+" FROM "+p.from(r.t)); err != nil {
		tx.Rollback()
		conn.Close()
		return nil, err
	}
	return &cursorRows{r: r, tx: tx, conn: conn}, nil
}

// ctid is where a row lies: a key as long as the snapshot lasts.
var ctid = Column{Column: named("ctid"), cast: "tid"}

// cursorRows fetches from a cursor.
type cursorRows struct {
	r    *Reading
	tx   *sql.Tx
	conn *sql.Conn
}

func (c *cursorRows) next(ctx context.Context, most int) ([]rawRow, error) {
	most = min(most, fetchMost)
	if len(c.r.keys) == 0 {
		most = min(most, fetchWide)
	}
	rows, err := c.tx.QueryContext(ctx, fmt.Sprintf("FETCH FORWARD %d FROM stanch", most))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	return c.r.take(rows, most, 1<<62)
}

func (c *cursorRows) close() {
	c.tx.Rollback()
	c.conn.Close()
}

// A page of a cursor must be taken whole, so it is bounded by rows: fewer if
// long cells come with them.
const (
	fetchMost = 256
	fetchWide = 8
)
