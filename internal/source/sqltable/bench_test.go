package sqltable

import (
	"fmt"
	"io"
	"path/filepath"
	"testing"

	"database/sql"

	"github.com/stanch/stanch/internal/source/sheet"
)

// BenchmarkSheet reads a SQLite table of 20,000 rows and five columns as text.
func BenchmarkSheet(b *testing.B) {
	file := filepath.Join(b.TempDir(), "b.db")
	db, err := sql.Open("sqlite", file)
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(`CREATE TABLE o (id INTEGER PRIMARY KEY, name TEXT, note TEXT, amount INTEGER, ref TEXT);
		WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
		INSERT INTO o SELECT i, 'customer ' || i, 'a text about order number ' || i || ' of the day', i * 7, printf('ref-%x', i * 2654435761) FROM n`); err != nil {
		b.Fatal(err)
	}
	d, err := Open(b.Context(), "sqlite:"+file, Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer d.Close()
	tables, err := d.Tables(b.Context())
	if err != nil || len(tables) != 1 {
		b.Fatal(len(tables), err)
	}
	for b.Loop() {
		r, err := d.Read(b.Context(), &tables[0], ReadOptions{})
		if err != nil {
			b.Fatal(err)
		}
		n, err := io.Copy(io.Discard, sheet.New(sheet.NewMark(), tables[0].Names(), r.Next))
		if err != nil || n < 1e6 {
			b.Fatal(fmt.Sprint(n, " bytes: ", err))
		}
		b.SetBytes(n)
		r.Close()
	}
}
