package corpus

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	_ "modernc.org/sqlite" // the driver of the databases made here
)

func storeClasses() []Class {
	return []Class{
		boxed("sqlite_text", Store, func(m *maker, pans []string) (string, []byte) { return ".db", m.sqlite("TEXT", pans) }),
		boxed("sqlite_integer", Store, func(m *maker, pans []string) (string, []byte) { return ".sqlite", m.sqlite("INTEGER", pans) }),
		boxed("pcap", Store, func(m *maker, pans []string) (string, []byte) { return ".pcap", m.capture(pans, wholeSegments) }),
		boxed("pcap_two_segments", Store, func(m *maker, pans []string) (string, []byte) { return ".pcap", m.capture(pans, cutSegments) }),
		boxed("pcap_gzip_body", Store, func(m *maker, pans []string) (string, []byte) { return ".pcap", m.capture(pans, gzipBody) }),
	}
}

// sqlite makes a database by SQLite itself.
func (m *maker) sqlite(kind string, pans []string) []byte {
	dir, err := os.MkdirTemp("", "corpus-")
	must(err)
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "made.db")
	must(m.fillDatabase(path, kind, pans))
	data, err := os.ReadFile(path)
	must(err)
	return data
}

// fillDatabase fills one table. The last file has long notes before the
// number, which puts it on overflow pages.
func (m *maker) fillDatabase(path, kind string, pans []string) error {
	db, err := sql.Open("sqlite", path)
	if err != nil {
		return err
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	table, column, note := "payments", "card_number", 200
	if !m.tunes() {
		table, column = "t_trade", "acct_no"
	}
	if m.index == filesEach-1 {
		note = 6000
	}
	for _, do := range []string{"PRAGMA synchronous = OFF", fmt.Sprintf("CREATE TABLE %s (id INTEGER PRIMARY KEY, holder TEXT, note TEXT, %s %s, amount REAL)", table, column, kind)} {
		if _, err := db.Exec(do); err != nil {
			return err
		}
	}
	for i, pan := range pans {
		var value any = pan
		if kind == "INTEGER" {
			value, err = strconv.ParseInt(pan, 10, 64)
			must(err)
		}
		insert := fmt.Sprintf("INSERT INTO %s (id, holder, note, %s, amount) VALUES ($1, $2, $3, $4, $5)", table, column)
		if _, err := db.Exec(insert, 1000+i*3, m.word("name"), m.prose(m.IntN(note)), value, float64(m.IntN(100000))/100); err != nil {
			return err
		}
	}
	return nil
}
