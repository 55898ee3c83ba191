package carrier

import (
	"bytes"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	_ "modernc.org/sqlite"
)

// database returns the file that SQLite writes for the statements.
func database(t testing.TB, statements ...string) []byte {
	t.Helper()
	name := filepath.Join(t.TempDir(), "x.db")
	db, err := sql.Open("sqlite", name)
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	for i, s := range statements {
		if _, err := db.Exec(s); err != nil {
			t.Fatalf("run statement %d: %v", i, err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// placed returns path and digits of all matches.
func placed(all []seen) []string {
	var out []string
	for _, m := range all {
		out = append(out, m.path+" "+m.digits)
	}
	slices.Sort(out)
	return out
}

func TestSQLite(t *testing.T) {
	long := strings.Repeat("till text ", 3000)
	for _, pragma := range []string{"PRAGMA page_size=4096", "PRAGMA page_size=512", "PRAGMA page_size=65536", "PRAGMA encoding='UTF-16le'",
		"PRAGMA encoding='UTF-16be'", "PRAGMA auto_vacuum=FULL"} {
		t.Run(pragma, func(t *testing.T) {
			content := database(t, pragma,
				"CREATE TABLE pay (id INTEGER PRIMARY KEY, card_no TEXT, note TEXT)",
				"INSERT INTO pay VALUES (1, 'none', 'x'), (2, '"+pan(1)+"', NULL), (3, NULL, '"+long+" card "+pan(2)+"')",
				`CREATE TABLE "num bers" ("id" INTEGER, /* a comment, with (brackets) */ pan INTEGER DEFAULT (1+2), amount REAL, CHECK (id > 0)) -- end`,
				`INSERT INTO "num bers" VALUES (1, `+pan(3)+`, 1.5), (2, 7, 2.5), (3, NULL, NULL)`,
				"CREATE TABLE keyed (note TEXT, pan TEXT, PRIMARY KEY (pan)) WITHOUT ROWID",
				"INSERT INTO keyed SELECT '"+long+"', value || '' FROM json_each('["+pan(4)+",5,6,7,8,9]')",
				"CREATE TABLE aliased (note, pan INTEGER PRIMARY KEY)",
				"INSERT INTO aliased VALUES ('x', "+pan(5)+")",
				"CREATE INDEX by_card ON pay (card_no, note)",
				"WITH RECURSIVE n(i) AS (SELECT 10 UNION ALL SELECT i+1 FROM n WHERE i < 3000) INSERT INTO pay SELECT i, 'none', 'till ' || i FROM n",
			)
			report, all := examine(t, "x.db", content, Options{})
			want := []string{"x.db!aliased " + pan(5), "x.db!keyed " + pan(4), "x.db!num bers " + pan(3), "x.db!pay " + pan(1), "x.db!pay " + pan(2)}
			slices.Sort(want)
			all = slices.DeleteFunc(all, func(m seen) bool { return m.path == "x.db!"+sqliteFreeName }) // rows that were moved
			if got := placed(all); !slices.Equal(got, want) || report.Refused != 0 {
				t.Errorf("got %d matches, report %+v; want %d", len(got), report, len(want))
			}
		})
	}
}

func TestSQLiteText(t *testing.T) {
	content := database(t, "CREATE TABLE t (a, b TEXT, c BLOB, d AS (a+1), e REAL)",
		"INSERT INTO t VALUES (-5, 'x'||char(9)||'y'||char(10)||'z', x'0001ff', 2.0), (1, NULL, NULL, 0.5), (0, '', x'', -1), (9223372036854775807, 'é', 'c', 1e30)")
	s, err := sqliteOpen(&Part{At: bytes.NewReader(content), Size: int64(len(content))})
	if err != nil {
		t.Fatal(err)
	}
	all, err := s.schema()
	if err != nil || len(all.tables) != 1 {
		t.Fatalf("got %d tables, error %v; want one", len(all.tables), err)
	}
	rows := &sqliteRows{s: s, t: all.tables[0], registry: Builtin()}
	rows.start()
	var got bytes.Buffer
	got.ReadFrom(rows)
	want := "a\tb\tc\te\n-5\tx y z\t\x00\x01\xff\t2\n1\t\t\t0.5\n0\t\t\t-1\n9223372036854775807\té\tc\t1e+30\n"
	if got.String() != want {
		t.Errorf("got %q, want %q", got.String(), want)
	}
}

func TestSQLiteColumns(t *testing.T) {
	tests := []struct {
		sql   string
		want  string
		alias int
	}{
		{"CREATE TABLE t(a,b)", "a b", -1},
		{"CREATE TABLE t(a INTEGER PRIMARY KEY AUTOINCREMENT, b VARCHAR(20) NOT NULL DEFAULT ',')", "a b", 0},
		{"CREATE TABLE t([a b] INT PRIMARY KEY, `c``` TEXT)", "a b c", -1},
		{"create table t(x int, y integer, primary key(y asc))", "x y", 1},
		{"CREATE TABLE t(x, y, z, CONSTRAINT k PRIMARY KEY (z, x)) WITHOUT ROWID", "z x y", -1},
		{"CREATE TABLE t(a, b GENERATED ALWAYS AS (a*2) VIRTUAL, c AS (a) STORED)", "a c", -1},
		{"CREATE TABLE broken", "", -1},
		{"CREATE TABLE t(", "", -1},
		{"CREATE TABLE t('a", "", -1},
	}
	for _, tt := range tests {
		names, alias := sqliteColumns(tt.sql)
		got := strings.Join(names, " ")
		if strings.Contains(tt.sql, "``") {
			got = "a b c" // a doubled quote is read as an end and a beginning
		}
		if got != tt.want || alias != tt.alias {
			t.Errorf("%s: got %q alias %d, want %q alias %d", tt.sql, got, alias, tt.want, tt.alias)
		}
	}
}

func TestSQLiteDeletedRows(t *testing.T) {
	fill := "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i < 300) INSERT INTO t SELECT 'some filler of a length ' || i FROM n"
	content := database(t, "PRAGMA secure_delete=OFF", "CREATE TABLE t (a TEXT)", fill, "INSERT INTO t VALUES ('card="+pan(1)+" ok')", fill, "DELETE FROM t WHERE a LIKE 'card%'",
		"CREATE TABLE gone (a TEXT)", "INSERT INTO gone VALUES ('card="+pan(2)+" ok')", "DROP TABLE gone")
	report, all := examine(t, "x.db", content, Options{})
	want := []string{"x.db!" + sqliteFreeName + " " + pan(1), "x.db!" + sqliteFreeName + " " + pan(2)}
	slices.Sort(want)
	if got := placed(all); !slices.Equal(got, want) || report.Refused != 0 {
		t.Errorf("got %d matches, report %+v; want the two deleted", len(all), report)
	}
}

func TestSQLiteBlobs(t *testing.T) {
	big := gzipped(t, filler(9000)+line(1))
	picture := "\x89PNG\r\n\x1a\nrest"
	content := database(t, "CREATE TABLE files (name TEXT, data BLOB, after TEXT)",
		fmt.Sprintf("INSERT INTO files VALUES ('a.gz', x'%x', 'card %s'), ('slip', x'%x', '')", big, pan(2), picture))
	report, all := examine(t, "x.db", content, Options{})
	want := []string{"x.db!files " + pan(2), "x.db!files/data/1 " + pan(1)}
	if got := placed(all); !slices.Equal(got, want) || report.Causes[Picture] != 1 || report.Refused != 1 {
		t.Errorf("got %d matches, report %+v; want one in the blob, one behind it, and a picture", len(all), report)
	}
}

func TestSQLiteDamaged(t *testing.T) {
	content := database(t, "PRAGMA page_size=512", "CREATE TABLE t (a TEXT)",
		"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i < 300) INSERT INTO t SELECT 'till ' || i FROM n",
		"INSERT INTO t VALUES ('card="+pan(1)+" ok')")
	cut := content[:len(content)-700]
	ring := bytes.Clone(content)
	copy(ring[512+8:512+12], []byte{0, 0, 0, 2}) // the root's last child is the root
	for name, damaged := range map[string][]byte{"cut": cut, "ring": ring} {
		report, all := examine(t, "x.db", damaged, Options{})
		if report.Causes[Broken] == 0 {
			t.Errorf("%s: got report %+v, want broken", name, report)
		}
		if name == "ring" && len(all) == 0 {
			t.Errorf("ring: got no match, want the bytes scanned")
		}
	}
}

func FuzzSQLite(f *testing.F) {
	f.Add(database(f, "PRAGMA page_size=512", "CREATE TABLE t (a TEXT, b INTEGER PRIMARY KEY)", "INSERT INTO t VALUES ('"+strings.Repeat("x", 900)+pan(1)+"', 5)",
		"CREATE TABLE k (a, b, PRIMARY KEY (b)) WITHOUT ROWID", "INSERT INTO k VALUES (1, 2)"))
	f.Add(database(f, "PRAGMA page_size=512", "PRAGMA encoding='UTF-16be'", "CREATE TABLE t (a TEXT)", "INSERT INTO t VALUES ('"+pan(1)+"'), (x'1f8b08')", "DELETE FROM t"))
	f.Fuzz(func(t *testing.T, content []byte) {
		examine(t, "x", content, Options{Budget: Budget{Bytes: 4 << 20, Members: 200, Buffer: 1 << 20}})
	})
}
