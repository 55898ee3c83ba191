package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	_ "github.com/jackc/pgx/v5/stdlib" // registers the driver "pgx"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// An engine is what differs between the two databases. Everything else is one
// text of SQL with $1… that both understand.
type engine struct {
	name      string // of the driver
	dialect   string // as the migrations call it
	bytes     string // type of a byte string
	integer   string // type of a whole number of 64 bits; migrations write BIGINT
	strict    string // table option that makes column types binding
	forUpdate string // suffix that locks the rows read
	begin     string // starts a writing transaction
	collate   string // orders text by its bytes
}

var (
	sqliteEngine   = engine{"sqlite", "sqlite3", "BLOB", "INTEGER", "STRICT", "", "BEGIN IMMEDIATE", "COLLATE BINARY"}
	postgresEngine = engine{"pgx", "postgres", "BYTEA", "BIGINT", "", "FOR UPDATE", "BEGIN", `COLLATE "C"`}
)

// readers is how many connections serve reading.
const readers = 8

func dial(ctx context.Context, target string, fresh bool) (engine, *sql.DB, *sql.DB, error) {
	if path, ok := strings.CutPrefix(target, "sqlite:"); ok {
		write, read, err := dialSQLite(ctx, path, fresh)
		return sqliteEngine, write, read, err
	}
	if !strings.HasPrefix(target, "postgres://") && !strings.HasPrefix(target, "postgresql://") {
		return engine{}, nil, nil, errors.New("database address begins with neither sqlite: nor postgres://")
	}
	db, err := sql.Open("pgx", target)
	if err != nil {
		return engine{}, nil, nil, errors.New("postgres address cannot be read")
	}
	db.SetMaxOpenConns(readers)
	write, err := sql.Open("pgx", target)
	if err != nil {
		return engine{}, nil, nil, errors.New("postgres address cannot be read")
	}
	write.SetMaxOpenConns(2)
	if err := db.PingContext(ctx); err != nil {
		return engine{}, nil, nil, errors.Join(fmt.Errorf("reach postgres: %w", hidden(err)), db.Close(), write.Close())
	}
	return postgresEngine, write, db, nil
}

// hidden returns what a person needs of a connection error, without the
// address, which may hold a password.
func hidden(err error) error {
	var refused *pgconn.PgError
	if errors.As(err, &refused) {
		return errors.New(refused.Message)
	}
	return errors.New("no answer; check that it runs and that the address is right")
}

func dialSQLite(ctx context.Context, path string, fresh bool) (write, read *sql.DB, err error) {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) && !fresh {
		return nil, nil, fmt.Errorf("%s: %w", path, ErrNoLedger)
	}
	whole, err := filepath.Abs(path)
	if err != nil {
		return nil, nil, err
	}
	open := func(options string, most int) (*sql.DB, error) {
		address := (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: filepath.ToSlash(whole)}).EscapedPath()}).String()
		db, err := sql.Open("sqlite", address+"?_pragma=busy_timeout(10000)&_pragma=journal_mode(wal)&_pragma=synchronous(full)&_pragma=foreign_keys(1)&_pragma=secure_delete(1)"+options)
		if err == nil {
			db.SetMaxOpenConns(most)
			err = db.PingContext(ctx)
		}
		return db, err
	}
	if write, err = open("", 1); err != nil {
		return nil, nil, fmt.Errorf("%s: %w", path, err)
	}
	if read, err = open("&_pragma=query_only(1)", readers); err != nil {
		return nil, nil, errors.Join(fmt.Errorf("%s: %w", path, err), write.Close())
	}
	return write, read, nil
}

// retryable reports whether a transaction lost a race and can be run again.
func retryable(err error) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code == "40001" || pg.Code == "40P01"
	}
	var lite *sqlite.Error
	if errors.As(err, &lite) {
		return lite.Code()&0xff == sqlite3.SQLITE_BUSY
	}
	return false
}

// full reports whether the engine says that there is no room left.
func full(err error) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code == "53100"
	}
	var lite *sqlite.Error
	return errors.As(err, &lite) && lite.Code()&0xff == sqlite3.SQLITE_FULL
}
