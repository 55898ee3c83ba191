// Command open opens a SQLite file and asks it for one row: the least that a
// start on an existing database costs.
package main

import (
	"database/sql"
	"fmt"
	"os"

	_ "modernc.org/sqlite" // registers the driver "sqlite"
)

func main() {
	db, err := sql.Open("sqlite", "file:"+os.Args[1]+"?_pragma=journal_mode(wal)&_pragma=synchronous(full)")
	var one int
	if err == nil {
		err = db.QueryRow("SELECT 1").Scan(&one)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "open:", err)
		os.Exit(1)
	}
	fmt.Println("ready")
}
