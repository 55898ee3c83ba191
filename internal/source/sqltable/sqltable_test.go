package sqltable

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stanch/stanch/card"
	"github.com/stanch/stanch/card/cardtest"
	"github.com/stanch/stanch/internal/carrier"
)

// table returns a table by name.
func (d *Database) table(t *testing.T, name string) *Table {
	t.Helper()
	tables, err := d.Tables(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for i := range tables {
		if tables[i].Name == name {
			return &tables[i]
		}
	}
	t.Fatalf("no table %s among %d", name, len(tables))
	return nil
}

// all reads a table: each row as its cells joined, and what lay apart.
func all(t *testing.T, d *Database, table *Table, o ReadOptions, page int) (rows []string, apart map[string]string, r *Reading) {
	t.Helper()
	apart = map[string]string{}
	if o.Apart == nil {
		o.Apart = func(c Cell) {
			key := fmt.Sprintf("%s[%d]", c.Column, c.Row)
			if c.Cause != "" {
				apart[key] = string(c.Cause)
				return
			}
			content, err := io.ReadAll(io.NewSectionReader(c.R, 0, c.Size))
			if err != nil {
				t.Errorf("%s: %v", key, err)
			}
			apart[key] = string(content)
		}
	}
	r, err := d.Read(t.Context(), table, o)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if page > 0 {
		r.size = page
	}
	for {
		row, err := r.Next()
		if err == io.EOF {
			return rows, apart, r
		}
		if err != nil {
			t.Fatal(err)
		}
		if row.Number != r.o.From.Rows+int64(len(rows))+1 && o.From.Rows == 0 {
			t.Fatalf("got row number %d after %d rows", row.Number, len(rows))
		}
		rows = append(rows, string(bytes.Join(row.Cells, []byte("|"))))
		if page > 0 {
			r.size = page
		}
	}
}

func TestReadsEveryKindOfCell(t *testing.T) {
	eachEngine(t, func(t *testing.T, g *rig) {
		g.run(t, `CREATE TABLE slip (id {serial}, card_no VARCHAR(40), big DECIMAL(20,0), n BIGINT, f DOUBLE PRECISION, raw {bytes}, body TEXT)`)
		long := strings.Repeat("long text ", 40_000) // longer than a TEXT of MySQL holds
		if g.name == "mysql" {
			g.run(t, "ALTER TABLE slip MODIFY body LONGTEXT")
		}
		pan := cardtest.Number(card.UnionPay, 19, 5)
		var n int64
		fmt.Sscan(cardtest.Number(card.Visa, 16, 6), &n)
		g.insert(t, "slip", 1, "a\tb", "12345678901234567890", n, float64(n), []byte("plain bytes"), nil)
		g.insert(t, "slip", 2, pan, nil, nil, nil, []byte{0x41, 0x11, 0, 0xff}, "line one\n"+strings.Repeat("line two ", 30))
		blob := bytes.Repeat([]byte{1, 2, 3, 255}, 700_000)
		g.insert(t, "slip", 3, "卡号", nil, -5, 0.5, blob, long)
		rows, apart, _ := all(t, g.open(t), g.open(t).table(t, "slip"), ReadOptions{}, 0)
		big := "12345678901234567890"
		if g.name == "sqlite" {
			big = strings.Split(rows[0], "|")[2] // SQLite has no such type
		}
		want := []string{
			fmt.Sprintf("1|a\tb|%s|%d|%d|plain bytes|", big, n, n),
			"2|" + pan + "|||||",
			"3|卡号||-5|0.5||",
		}
		if !slices.Equal(rows, want) {
			t.Errorf("got other rows than planted: %d of them", len(rows))
			for i := range min(len(rows), len(want)) {
				t.Errorf("row %d: got %d bytes, want %d: equal %v", i+1, len(rows[i]), len(want[i]), rows[i] == want[i])
			}
		}
		for key, want := range map[string]string{
			"raw[2]": "\x41\x11\x00\xff", "body[2]": "line one\n" + strings.Repeat("line two ", 30), "raw[3]": string(blob), "body[3]": long,
		} {
			if apart[key] != want {
				t.Errorf("%s: got %d bytes, want %d", key, len(apart[key]), len(want))
			}
		}
		if len(apart) != 4 {
			t.Errorf("got %d cells apart, want 4", len(apart))
		}
	})
}

// TestPagesMissNothing reads by each kind of key, in pages of three rows.
func TestPagesMissNothing(t *testing.T) {
	tables := map[string]string{
		"by_int":  "CREATE TABLE by_int (k BIGINT PRIMARY KEY, v BIGINT)",
		"by_text": "CREATE TABLE by_text (k VARCHAR(60) PRIMARY KEY, v BIGINT)",
		"by_dec":  "CREATE TABLE by_dec (k DECIMAL(25,3) PRIMARY KEY, v BIGINT)",
		"by_none": "CREATE TABLE by_none (k VARCHAR(60), v BIGINT)",
		"by_only": "CREATE TABLE by_only (k VARCHAR(60) NOT NULL UNIQUE, v BIGINT)",
	}
	eachEngine(t, func(t *testing.T, g *rig) {
		g.run(t, "CREATE TABLE by_two (a VARCHAR(10), b BIGINT, v BIGINT, PRIMARY KEY (b, a))")
		for _, ddl := range tables {
			g.run(t, ddl)
		}
		words := []string{"", " ", "A", "a1", "é", "e", "Z", "z", "ä", "卡", "100", "99", "%", "'", "\\", `"`, "aa", "B b"}
		for i, w := range words {
			g.insert(t, "by_int", int64(i-9)*1_000_000_000_000_000_003/9, i)
			g.insert(t, "by_text", w+"·"+fmt.Sprint(i), i)
			g.insert(t, "by_dec", fmt.Sprintf("%d00000000000000000.%03d", i-9, i), i)
			g.insert(t, "by_none", w, i)
			g.insert(t, "by_only", w+"·"+fmt.Sprint(i), i)
			g.insert(t, "by_two", w[:min(1, len(w))&^1], i/4*1000+i, i)
		}
		d := g.open(t)
		for _, name := range []string{"by_int", "by_text", "by_dec", "by_none", "by_only", "by_two"} {
			rows, _, _ := all(t, d, d.table(t, name), ReadOptions{}, 3)
			seen := map[string]int{}
			for _, row := range rows {
				seen[row[strings.LastIndexByte(row, '|')+1:]]++
			}
			if len(rows) != len(words) || len(seen) != len(words) {
				t.Errorf("%s: got %d rows, %d of them different, want %d", name, len(rows), len(seen), len(words))
			}
		}
		want := map[string]int{"by_int": 1, "by_text": 1, "by_dec": 1, "by_only": 1, "by_two": 2, "by_none": 0}
		for name, n := range want {
			if g.name == "sqlite" {
				n = 1
			}
			if got := len(d.table(t, name).keys); got != n {
				t.Errorf("%s: got %d key columns, want %d", name, got, n)
			}
		}
	})
}

// TestLongCellsWithoutKey reads long cells of a table that has no key.
func TestLongCellsWithoutKey(t *testing.T) {
	eachEngine(t, func(t *testing.T, g *rig) {
		g.run(t, "CREATE TABLE l (v BIGINT, b {bytes})")
		want := map[string]string{}
		for i, size := range []int{inlineMost + 1, looseMost, looseMost + 1} {
			blob := bytes.Repeat([]byte{byte(i)}, size)
			g.insert(t, "l", i, blob)
			want[fmt.Sprintf("b[%d]", i+1)] = string(blob)
		}
		if g.name == "mysql" {
			want["b[3]"] = string(carrier.OverBudget)
		}
		d := g.open(t)
		if _, got, _ := all(t, d, d.table(t, "l"), ReadOptions{}, 0); !reflect.DeepEqual(got, want) {
			for key := range want {
				t.Errorf("%s: got %d bytes, want %d", key, len(got[key]), len(want[key]))
			}
		}
	})
}

func TestSample(t *testing.T) {
	eachEngine(t, func(t *testing.T, g *rig) {
		g.run(t, "CREATE TABLE s (k {serial}, v BIGINT)")
		for i := range 100 {
			g.insert(t, "s", i+1, i)
		}
		d := g.open(t)
		rows, _, r := all(t, d, d.table(t, "s"), ReadOptions{Sample: 10}, 0)
		want := []string{"1|0", "2|1", "3|2", "4|3", "5|4", "100|99", "99|98", "98|97", "97|96", "96|95"}
		if !slices.Equal(rows, want) || !r.Sampled() {
			t.Errorf("got %v (sampled %v), want %v", rows, r.Sampled(), want)
		}
		for _, sample := range []int64{100, 101, 1000} {
			rows, _, r = all(t, d, d.table(t, "s"), ReadOptions{Sample: sample}, 7)
			if slices.Sort(rows); len(slices.Compact(rows)) != 100 || r.Sampled() {
				t.Errorf("sample of %d: got %d rows (sampled %v), want all 100", sample, len(rows), r.Sampled())
			}
		}
		if _, _, r := all(t, d, d.table(t, "s"), ReadOptions{Sample: 99}, 7); !r.Sampled() {
			t.Error("99 of 100 rows count as the whole table")
		}
	})
}

// TestResume shows that a reading goes on where another stood, that a cursor
// gives no key away, and that a table that changed is read again.
func TestResume(t *testing.T) {
	eachEngine(t, func(t *testing.T, g *rig) {
		g.run(t, "CREATE TABLE r (k VARCHAR(30) PRIMARY KEY, v BIGINT)")
		for i := range 50 {
			g.insert(t, "r", cardtest.Number(card.Visa, 16, uint64(i)), i)
		}
		d := g.open(t)
		table := d.table(t, "r")
		whole, _, _ := all(t, d, table, ReadOptions{}, 7)
		secret := []byte("a key of thirty-two bytes or more")
		r, err := d.Read(t.Context(), table, ReadOptions{Secret: secret})
		if err != nil {
			t.Fatal(err)
		}
		for range 20 {
			if _, err := r.Next(); err != nil {
				t.Fatal(err)
			}
		}
		cursor := r.Cursor()
		r.Close()
		if card.HoldsPAN(fmt.Sprintf("%+v", cursor)) || cursor.Rows != 20 {
			t.Errorf("got the cursor %+v", cursor)
		}
		rest, _, _ := all(t, d, table, ReadOptions{Secret: secret, From: cursor}, 7)
		if !slices.Equal(rest, whole[20:]) {
			t.Errorf("got %d rows after 20, want the other %d", len(rest), len(whole)-20)
		}
		first, _, _ := strings.Cut(whole[3], "|")
		g.run(t, "DELETE FROM r WHERE k = '"+first+"'")
		rest, _, _ = all(t, d, table, ReadOptions{Secret: secret, From: cursor}, 7)
		if len(rest) != 49 {
			t.Errorf("after a change: got %d rows, want all 49", len(rest))
		}
	})
}

func TestCursorHashIsKeyed(t *testing.T) {
	r := &Reading{t: &Table{Name: "x"}, o: ReadOptions{Secret: []byte("one")}}
	other := &Reading{t: &Table{Name: "x"}, o: ReadOptions{Secret: []byte("two")}}
	if r.check([]any{"a"}) == other.check([]any{"a"}) || r.check([]any{"a", "b"}) == r.check([]any{"ab"}) {
		t.Error("the check does not depend on the secret, or on where values end")
	}
}

// TestOnlyReads shows that the sessions cannot write.
func TestOnlyReads(t *testing.T) {
	eachEngine(t, func(t *testing.T, g *rig) {
		g.run(t, "CREATE TABLE w (k {serial}, v BIGINT)")
		d := g.open(t)
		if g.name == "mysql" { // there a transaction is read-only, not the session
			tx, err := d.db.BeginTx(t.Context(), readOnly)
			if err != nil {
				t.Fatal(err)
			}
			defer tx.Rollback()
			if _, err := tx.Exec("INSERT INTO w VALUES (1, 1)"); err == nil {
				t.Error("a row was written")
			}
			return
		}
		if _, err := d.db.Exec("INSERT INTO w VALUES (1, 1)"); err == nil {
			t.Error("a row was written")
		}
	})
}

func TestCommentsAndNames(t *testing.T) {
	eachEngine(t, func(t *testing.T, g *rig) {
		switch g.name {
		case "sqlite":
			g.run(t, `CREATE TABLE "odd""name" ("a`+"`"+`b" TEXT)`, `INSERT INTO "odd""name" VALUES ('x')`)
		case "postgres":
			g.run(t, `CREATE SCHEMA shop`, `CREATE TABLE shop."odd""name" ("a`+"`"+`b" TEXT, u UUID)`, `INSERT INTO shop."odd""name" VALUES ('x')`,
				`COMMENT ON TABLE shop."odd""name" IS '持卡人'`, `COMMENT ON COLUMN shop."odd""name"."a`+"`"+`b" IS '卡号'`, `CREATE VIEW v AS SELECT 1`)
		case "mysql":
			g.run(t, "CREATE TABLE `odd\"name` (`a``b` TEXT COMMENT '卡号', d DATE) COMMENT '持卡人'", "INSERT INTO `odd\"name` VALUES ('x', NULL)", "CREATE VIEW v AS SELECT 1")
		}
		d := g.open(t)
		tables, err := d.Tables(t.Context())
		if err != nil || len(tables) != 1 {
			t.Fatalf("got %d tables and %v, want one", len(tables), err)
		}
		table := &tables[0]
		if len(table.Columns) != 1 || table.Columns[0].Name != "a`b" || !strings.HasSuffix(table.Shown(), `odd"name`) {
			t.Fatalf("got %+v", table)
		}
		if g.name != "sqlite" && (table.Comment != "持卡人" || table.Columns[0].Comment != "卡号") {
			t.Errorf("got the comments %q and %q", table.Comment, table.Columns[0].Comment)
		}
		if rows, _, _ := all(t, d, table, ReadOptions{}, 0); !slices.Equal(rows, []string{"x"}) {
			t.Errorf("got %q", rows)
		}
	})
}

// TestRowSecurity shows that rows which policy hides are not passed over.
func TestRowSecurity(t *testing.T) {
	g := newRig(t, "postgres")
	role := fmt.Sprintf("r%d", time.Now().UnixNano())
	g.run(t, "CREATE TABLE hidden (k BIGINT PRIMARY KEY)", "INSERT INTO hidden VALUES (1)", "ALTER TABLE hidden ENABLE ROW LEVEL SECURITY",
		"CREATE TABLE part (k BIGINT PRIMARY KEY, open TEXT, shut TEXT)", "INSERT INTO part VALUES (1, 'o', 's')", "CREATE TABLE denied (k BIGINT)",
		"CREATE ROLE "+role+" LOGIN", "GRANT SELECT ON hidden TO "+role, "GRANT SELECT (open) ON part TO "+role)
	t.Cleanup(func() { g.run(t, "DROP OWNED BY "+role, "DROP ROLE "+role) })
	g.address = strings.Replace(g.address, "//stanch@", "//"+role+"@", 1)
	d := g.open(t)
	if got := firstError(t, d, d.table(t, "hidden")); got != ErrRowSecurity {
		t.Errorf("row security: got %v", got)
	}
	if got := firstError(t, d, d.table(t, "denied")); got != io.EOF && got != ErrDenied {
		t.Errorf("no right: got %v", got)
	}
	table := d.table(t, "part")
	rows, _, _ := all(t, d, table, ReadOptions{}, 0)
	if !slices.Equal(rows, []string{"o"}) || !slices.Equal(table.Denied, []string{"k", "shut"}) {
		t.Errorf("got %q, and %v denied", rows, table.Denied)
	}
}

func firstError(t *testing.T, d *Database, table *Table) error {
	t.Helper()
	r, err := d.Read(t.Context(), table, ReadOptions{})
	if err != nil {
		return err
	}
	defer r.Close()
	_, err = r.Next()
	return err
}

// TestStatementTimeout shows that a statement which waits is given up.
func TestStatementTimeout(t *testing.T) {
	for _, name := range []string{"postgres", "mysql"} {
		g := newRig(t, name)
		d, err := Open(t.Context(), g.address, Options{Statement: time.Second})
		if err != nil {
			t.Fatal(err)
		}
		defer d.Close()
		slow := "SELECT pg_sleep(20)"
		if name == "mysql" {
			slow = "SELECT count(*) FROM information_schema.COLUMNS a, information_schema.COLUMNS b, information_schema.COLUMNS c"
		}
		began := time.Now()
		var got any
		err = faultOf(d.db.QueryRow(slow).Scan(&got))
		if !errors.Is(err, ErrTimeout) || time.Since(began) > 15*time.Second {
			t.Errorf("%s: got %v after %v", name, err, time.Since(began))
		}
	}
}

func TestPatienceEnds(t *testing.T) {
	g := newRig(t, "sqlite")
	g.run(t, "CREATE TABLE a (k BIGINT)", "INSERT INTO a VALUES (1)")
	d := g.open(t)
	table := d.table(t, "a")
	d.patience = time.Nanosecond
	if got := firstError(t, d, table); got != ErrTimeout {
		t.Errorf("got %v, want %v", got, ErrTimeout)
	}
}

func TestKeysMoveOn(t *testing.T) {
	key := func(parts ...any) []any { return parts }
	for _, c := range []struct {
		before, now []any
		backwards   bool
		want        bool
	}{
		{nil, key(int64(1)), false, true}, {key(int64(1)), key(int64(2)), false, true}, {key(int64(2)), key(int64(1)), false, false},
		{key(int64(2)), key(int64(1)), true, true}, {key(int64(1)), key(int64(2)), true, false}, {key(int64(2)), key(int64(2)), true, false},
		{key("a", "b"), key("a", "b"), false, false}, {key("a", "b"), key("a", "c"), false, true},
	} {
		if got := movesOn(c.before, c.now, c.backwards); got != c.want {
			t.Errorf("%v to %v, backwards %v: got %v", c.before, c.now, c.backwards, got)
		}
	}
}

// TestSQLiteUnfinished reads a file with a journal that would have to be
// played back first.
func TestSQLiteUnfinished(t *testing.T) {
	g := newRig(t, "sqlite")
	g.db.SetMaxOpenConns(1)
	g.run(t, "PRAGMA cache_size = 1", "PRAGMA cache_spill = 1", "CREATE TABLE a (k TEXT)", "INSERT INTO a VALUES ('before')", "BEGIN",
		"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) INSERT INTO a SELECT 'not yet ' || i FROM n")
	main, dir := strings.TrimPrefix(g.address, "sqlite:"), t.TempDir()
	for _, end := range []string{"", "-journal"} {
		content, err := os.ReadFile(main + end)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "copy.db"+end), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	g.run(t, "ROLLBACK")
	d, err := Open(t.Context(), "sqlite:"+filepath.Join(dir, "copy.db"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if !strings.HasSuffix(d.Missed, "copy.db-journal") {
		t.Errorf("got %q for the file that is missed", d.Missed)
	}
	if rows, _, _ := all(t, d, d.table(t, "a"), ReadOptions{}, 0); len(rows) == 0 {
		t.Error("nothing was read")
	}
}

// TestFaultsQuoteNothing makes drivers complain about values and passwords.
func TestFaultsQuoteNothing(t *testing.T) {
	pan := cardtest.Number(card.Visa, 16, 77)
	for _, address := range []string{
		"postgres://u:" + pan + "@127.0.0.1:1/db", "postgres://u:" + pan + "@127.0.0.1:notaport/db", "mysql://u:" + pan + "@127.0.0.1:1/db",
		"mysql://u:" + pan + "@h/db?tls=" + pan, "mysql://u:" + pan + "@%zz/", "postgres://u:" + pan + "@h/db?sslmode=" + pan, "sqlite:/" + pan + "/x",
	} {
		_, err := Open(t.Context(), address, Options{})
		if err == nil || strings.Contains(err.Error(), pan) || errors.Unwrap(err) != nil {
			t.Errorf("got %v for %s", card.MaskText(fmt.Sprint(err)), card.MaskText(address))
		}
		if shown := Shown(address); !strings.HasPrefix(address, "sqlite:") && strings.Contains(shown, pan) {
			t.Errorf("the address is shown as %s", card.MaskText(shown))
		}
	}
	eachEngine(t, func(t *testing.T, g *rig) {
		g.run(t, "CREATE TABLE a (k BIGINT)")
		d := g.open(t)
		query := map[string]string{
			"sqlite": "SELECT load_extension('" + pan + "')", "postgres": "SELECT '" + pan + "x'::int8", "mysql": "SELECT `" + pan + "`",
		}[g.name]
		var got any
		plain := d.db.QueryRow(query).Scan(&got)
		if plain == nil {
			t.Fatal("the statement worked")
		}
		if err := faultOf(plain); strings.Contains(err.Error(), pan) || errors.Is(err, plain) {
			t.Errorf("got %v", card.MaskText(err.Error()))
		}
	})
}

func TestAccountRefused(t *testing.T) {
	g := newRig(t, "mysql")
	bad := strings.Replace(g.address, "root@", "nobody:secret@", 1)
	if _, err := Open(t.Context(), bad, Options{}); err != ErrAccount {
		t.Errorf("got %v, want %v", err, ErrAccount)
	}
	if shown := Shown(bad); strings.Contains(shown, "secret") || strings.Contains(shown, "nobody") {
		t.Errorf("got %s", shown)
	}
}

func TestSQLiteLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	g := newRig(t, "sqlite")
	g.run(t, "PRAGMA journal_mode = WAL", "CREATE TABLE a (k TEXT)", "INSERT INTO a VALUES ('in the file')", "PRAGMA wal_checkpoint(TRUNCATE)")
	main := strings.TrimPrefix(g.address, "sqlite:")
	copyOf := func(name, from string) string {
		t.Helper()
		content, err := os.ReadFile(from)
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	alone := copyOf("alone.db", main)
	d, err := Open(t.Context(), "sqlite:"+alone, Options{})
	if err != nil {
		t.Fatal(err)
	}
	rows, _, _ := all(t, d, d.table(t, "a"), ReadOptions{}, 0)
	d.Close()
	left, _ := os.ReadDir(dir)
	if !slices.Equal(rows, []string{"in the file"}) || len(left) != 1 {
		t.Errorf("got %q and %d files, want one row and one file", rows, len(left))
	}
	g.run(t, "INSERT INTO a VALUES ('in the log')") // the connection is open, so the log stays
	copyOf("alone.db", main)
	copyOf("alone.db-wal", main+"-wal")
	if d, err = Open(t.Context(), "sqlite:"+alone, Options{}); err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	rows, _, _ = all(t, d, d.table(t, "a"), ReadOptions{}, 0)
	if len(rows) != 2 && d.Missed == "" {
		t.Errorf("got %q, and the log is not named as missed", rows)
	}
}

func TestSQLiteBadFiles(t *testing.T) {
	dir := t.TempDir()
	noise := filepath.Join(dir, "noise.db")
	if err := os.WriteFile(noise, bytes.Repeat([]byte("no database "), 1000), 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]error{noise: ErrNotDatabase, dir: ErrFile, filepath.Join(dir, "none"): ErrFile} {
		d, err := Open(t.Context(), "sqlite:"+path, Options{})
		if err == nil {
			_, err = d.Tables(t.Context())
			d.Close()
		}
		if err != want {
			t.Errorf("got %v, want %v", err, want)
		}
	}
}

func TestSQLiteTooLong(t *testing.T) {
	g := newRig(t, "sqlite")
	g.run(t, "CREATE TABLE huge (b BLOB)", fmt.Sprintf("INSERT INTO huge VALUES (zeroblob(%d))", 65<<20))
	d := g.open(t)
	_, apart, _ := all(t, d, d.table(t, "huge"), ReadOptions{}, 0)
	if want := map[string]string{"b[1]": string(carrier.OverBudget)}; !reflect.DeepEqual(apart, want) {
		t.Errorf("got %v, want %v", apart, want)
	}
}

func TestPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := NewPace(100)
		began := time.Now()
		for range 10 {
			if err := p.wait(t.Context(), p.clip(4096)); err != nil {
				t.Fatal(err)
			}
		}
		if took := time.Since(began); took != 9*time.Second {
			t.Errorf("1000 rows at 100 a second began after %v, want the last page after 9s", took)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if p.wait(ctx, 100) == nil {
			t.Error("a scan that was stopped goes on")
		}
	})
	if NewPace(0) != nil || (*Pace)(nil).clip(7) != 7 {
		t.Error("no pace is a pace")
	}
}
