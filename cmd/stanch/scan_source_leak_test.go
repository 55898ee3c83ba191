package main

import (
	"bytes"
	"database/sql"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stanch/stanch/internal/store/storetest"
)

// TestSourcesLeakNothing plants numbers in cells, names, comments, keys and
// passwords of databases and a store, scans them in each form of report, and
// looks for the numbers in everything that came out.
func TestSourcesLeakNothing(t *testing.T) {
	h := newHunter()
	numbers := drillCards("visa", 7_000_000, 12)
	for i, n := range numbers {
		h.add(n, fmt.Sprintf("place %d", i))
	}
	t.Setenv("AWS_ACCESS_KEY_ID", "AKIASCRIPT")
	t.Setenv("AWS_SECRET_ACCESS_KEY", numbers[0])
	t.Setenv("MYSQL_PWD", numbers[0])
	file := filepath.Join(t.TempDir(), "shop.db")
	targets := []string{"sqlite:" + file, storetest.Postgres(t), "s3://shop/", "s3://shop/" + numbers[1],
		"postgres://" + numbers[2] + ":" + numbers[3] + "@127.0.0.1:1/" + numbers[4], "mysql://u:" + numbers[5] + "@127.0.0.1:1/x?tls=" + numbers[6],
		"postgres://u:" + numbers[3] + "@[::1/x", "s3://" + numbers[3] + ":" + numbers[4] + "@shop/"}
	plantTables(t, "sqlite", file, numbers)
	plantTables(t, "pgx", targets[1], numbers)
	store := httptest.NewServer(fakeBucket{fstest.MapFS{
		"a.log":                       {Data: []byte("card=" + numbers[7])},
		numbers[8] + "/denied.txt":    {Data: []byte("x")},
		numbers[9] + "/" + numbers[1]: {Data: []byte("pan: " + numbers[10])},
	}})
	t.Cleanup(store.Close)
	for _, format := range []string{"text", "jsonl", "csv", "sarif", "html"} {
		var out, errs bytes.Buffer
		args := append([]string{"scan", "--min-confidence", "low", "--s3-endpoint", store.URL, "--format", format}, targets...)
		if code := run(t.Context(), args, strings.NewReader(""), &out, &errs); code != exitUnexamined {
			t.Errorf("%s: got exit %d, want %d", format, code, exitUnexamined)
		}
		for name, text := range map[string][]byte{"output": out.Bytes(), "standard error": errs.Bytes()} {
			if leak := h.look(text); leak != "" {
				t.Errorf("%s, %s: %s", format, name, leak)
			}
		}
		if format != "text" {
			continue
		}
		for _, want := range []string{"!planted.card_no:1:1", "!public.planted.card_no:1:1", "in comment", "in name", "s3://shop/a.log:1:6"} {
			if !bytes.Contains(out.Bytes(), []byte(want)) {
				t.Errorf("nothing was found at %s", want)
			}
		}
	}
}

// plantTables makes tables with numbers in all that can hold one.
func plantTables(t *testing.T, driver, dsn string, numbers []string) {
	t.Helper()
	db, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	statements := []string{
		"CREATE TABLE planted (k VARCHAR(40) PRIMARY KEY, card_no VARCHAR(40), n BIGINT, \"x_" + numbers[8] + "\" TEXT)",
		"INSERT INTO planted VALUES ('" + numbers[9] + "', '" + numbers[7] + "', " + numbers[6] + ", '" + strings.Repeat("y ", 10_000) + numbers[5] + "')",
		"CREATE TABLE \"t_" + numbers[11] + "\" (a TEXT)",
	}
	if driver == "pgx" {
		statements = append(statements, "COMMENT ON COLUMN planted.n IS 'like "+numbers[4]+"'")
	}
	for i, s := range statements {
		if _, err := db.Exec(s); err != nil {
			t.Fatalf("plant %d in %s: refused", i, driver)
		}
	}
	if driver == "sqlite" {
		if info, err := os.Stat(dsn); err != nil || info.Size() == 0 {
			t.Fatal("no file")
		}
	}
}
