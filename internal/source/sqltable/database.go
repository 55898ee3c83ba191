package sqltable

import (
	"context"
	"database/sql"
	"net/url"
	"strings"
	"time"
)

// Options say how a database is read. A zero field takes its default.
type Options struct {
	// Password is for an address that holds none.
	Password string
	// Statement is how long one statement may take.
	Statement time.Duration
	// Connections is how many tables are read at once.
	Connections int
}

const (
	defaultStatement = 30 * time.Second
	connectTimeout   = 10 * time.Second
)

// A Database is open to be read. Its methods may be called at once.
type Database struct {
	Shown  string // the address without account and password
	Missed string // a file beside it whose rows cannot be seen, if there is one

	db       *sql.DB
	engine   engine
	single   string        // the one schema to read, empty for all
	patience time.Duration // with one page: a server keeps its own time as well
}

// An engine is what differs between databases.
type engine interface {
	// tables lists the tables of one schema or of all.
	tables(ctx context.Context, db *sql.DB, single string) ([]Table, error)
	// quote writes a name so that it is a name and nothing else.
	quote(name string) string
	// from is what rows are selected from.
	from(t *Table) string
	// param is the n-th value of a statement, of the type of a column.
	param(n int, c Column) string
	// key is a key column's value as param takes it again.
	key(c Column) string
	// size is the size of a cell in bytes, nothing for an empty cell.
	size(c Column) string
	// value is a cell as its kind says; the size is known to be small.
	value(c Column) string
	// slice is the part of a cell from parameter n on, as long as n+1 says.
	slice(c Column, n int) string
	// compare is the condition that keys stand behind or before the values.
	compare(keys []Column, n int, sign string) (condition string, repeat []int)
	// loose returns the rows of a table without a key.
	loose(ctx context.Context, r *Reading) (batcher, error)
	// longest is the size of cell that may be read in slices.
	longest() int64
}

// Scheme reports whether address is one of this package's.
func Scheme(address string) bool {
	for _, s := range []string{"postgres://", "postgresql://", "mysql://", "mariadb://", "sqlite:"} {
		if strings.HasPrefix(address, s) {
			return true
		}
	}
	return false
}

// Open opens a database and sees that it answers.
func Open(ctx context.Context, address string, o Options) (*Database, error) {
	if o.Statement <= 0 {
		o.Statement = defaultStatement
	}
	if o.Connections <= 0 {
		o.Connections = 2
	}
	d, err := open(address, o)
	if err != nil {
		return nil, err
	}
	d.patience = 2 * o.Statement
	d.db.SetMaxOpenConns(2 * o.Connections) // one for the rows, one for what lies apart
	d.db.SetMaxIdleConns(2 * o.Connections)
	ctx, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	if err := d.db.PingContext(ctx); err != nil {
		d.db.Close()
		if err = faultOf(err); err == ErrConnection {
			err = ErrUnreachable
		}
		return nil, err
	}
	return d, nil
}

func open(address string, o Options) (*Database, error) {
	if file, ok := strings.CutPrefix(address, "sqlite:"); ok {
		return openSQLite(file)
	}
	u, err := url.Parse(address)
	if err != nil {
		return nil, ErrAddress // the cause quotes the address
	}
	if u.Scheme == "mysql" || u.Scheme == "mariadb" {
		return openMySQL(u, o)
	}
	return openPostgres(address, u, o)
}

// Shown returns an address without account, password and options, also if it
// cannot be understood.
func Shown(address string) string {
	if strings.HasPrefix(address, "sqlite:") {
		return address
	}
	scheme, rest, _ := strings.Cut(address, "://")
	if u, err := url.Parse(address); err == nil {
		return scheme + "://" + u.Host + strings.TrimSuffix(u.Path, "/")
	}
	if i := strings.LastIndexByte(rest, '@'); i >= 0 {
		rest = rest[i+1:]
	} else {
		rest = ""
	}
	rest, _, _ = strings.Cut(rest, "?")
	return scheme + "://" + rest
}

// Tables lists the tables, system tables and views left out.
func (d *Database) Tables(ctx context.Context) ([]Table, error) {
	tables, err := d.engine.tables(ctx, d.db, d.single)
	return tables, faultOf(err)
}

// Close ends all connections.
func (d *Database) Close() error { return faultOf(d.db.Close()) }
