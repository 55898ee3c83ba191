package sqltable

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	_ "modernc.org/sqlite" // the driver
)

// lite reads SQLite 3.
type lite struct{}

// openSQLite opens a file and writes nothing beside it: a database in WAL mode
// without a log is opened as one that nobody changes, and so is one whose log
// or journal cannot be used here, which is then missed.
func openSQLite(path string) (*Database, error) {
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() {
		return nil, ErrFile
	}
	beside := ""
	for _, end := range []string{"-journal", "-wal"} {
		if log, err := os.Stat(path + end); err == nil && log.Size() > 0 {
			beside = end
		}
	}
	d := &Database{Shown: "sqlite:" + path, engine: lite{}}
	if d.db, err = liteFile(path, beside == "" && walMode(path)); err != nil {
		return nil, ErrFile
	}
	if beside == "" || readable(d.db) {
		return d, nil
	}
	d.db.Close()
	if d.db, err = liteFile(path, true); err != nil {
		return nil, ErrFile
	}
	d.Missed = d.Shown + beside
	return d, nil
}

func liteFile(path string, immutable bool) (*sql.DB, error) {
	if abs, err := filepath.Abs(path); err == nil {
		path = abs
	}
	options := "mode=ro&_pragma=query_only(1)&_pragma=trusted_schema(0)&_pragma=busy_timeout(5000)&_pragma=cell_size_check(1)"
	if immutable {
		options += "&immutable=1"
	}
	return sql.Open("sqlite", "file:"+(&url.URL{Path: filepath.ToSlash(path)}).EscapedPath()+"?"+options)
}

// walMode reports whether the file says that it has a log beside it.
func walMode(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	head := make([]byte, 20)
	_, err = f.ReadAt(head, 0)
	return err == nil && head[18] == 2
}

func readable(db *sql.DB) bool {
	var n int
	return db.QueryRow("SELECT count(*) FROM sqlite_schema").Scan(&n) == nil
}

func (l lite) tables(ctx context.Context, db *sql.DB, _ string) ([]Table, error) {
	rows, err := db.QueryContext(ctx, `SELECT name, wr FROM pragma_table_list
		WHERE schema = 'main' AND type IN ('table', 'shadow') AND name NOT LIKE 'sqlite\_schema' ESCAPE '\' ORDER BY name`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var tables []Table
	var keyed []bool
	for rows.Next() {
		var t Table
		var without bool
		if err := rows.Scan(&t.Name, &without); err != nil {
			return nil, err
		}
		tables, keyed = append(tables, t), append(keyed, without)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	for i := range tables {
		if err := l.columns(ctx, db, &tables[i], keyed[i]); err != nil {
			return nil, err
		}
	}
	return tables, nil
}

// columns reads the columns of a table and its key: the primary key where
// there are no row numbers, else those.
func (l lite) columns(ctx context.Context, db *sql.DB, t *Table, withoutRowid bool) error {
	rows, err := db.QueryContext(ctx, "SELECT name, pk FROM pragma_table_xinfo($1, 'main') WHERE hidden <> 1 ORDER BY cid", t.Name)
	if err != nil {
		return err
	}
	defer rows.Close()
	taken := map[string]bool{}
	keys := map[int]Column{}
	for rows.Next() {
		c := Column{kind: dynamic}
		var pk int
		if err := rows.Scan(&c.Name, &pk); err != nil {
			return err
		}
		taken[strings.ToLower(c.Name)] = true
		if pk > 0 {
			keys[pk] = c
		}
		t.Columns = append(t.Columns, c)
	}
	if withoutRowid {
		for i := range len(keys) {
			t.keys = append(t.keys, keys[i+1])
		}
		return rows.Err()
	}
	for _, name := range []string{"rowid", "_rowid_", "oid"} {
		if !taken[name] {
			t.keys = []Column{{Column: named(name)}}
			break
		}
	}
	return rows.Err()
}

func (lite) quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

func (l lite) from(t *Table) string { return "main." + l.quote(t.Name) }

func (lite) param(n int, _ Column) string { return fmt.Sprintf("$%d", n) }

// key has no declared type this way, by which the driver would change values.
func (l lite) key(c Column) string { return "+" + l.quote(c.Name) }

func (l lite) size(c Column) string { return "octet_length(" + l.quote(c.Name) + ")" }

func (l lite) value(c Column) string { return l.quote(c.Name) }

func (l lite) slice(c Column, n int) string {
	return fmt.Sprintf("substr(CAST(%s AS BLOB), $%d, $%d)", l.quote(c.Name), n, n+1)
}

func (l lite) compare(keys []Column, n int, sign string) (string, []int) {
	return rowValues(l, keys, n, sign)
}

// longest is small, because SQLite takes a cell into this process's memory.
func (lite) longest() int64 { return 64 << 20 }

// loose reads a table of which each name for the row numbers is a column's.
func (l lite) loose(ctx context.Context, r *Reading) (batcher, error) { return stream(ctx, r) }
