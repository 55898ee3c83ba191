package sqltable

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"

	"github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
)

// What can go wrong. Each says what to do, and none quotes what was read.
var (
	ErrAddress     = errors.New("the address is not understood; write scheme://account@host:port/database")
	ErrUnreachable = errors.New("the server does not answer; check host, port, firewall and TLS")
	ErrAccount     = errors.New("the account or its password is not accepted")
	ErrNoDatabase  = errors.New("there is no such database")
	ErrDenied      = errors.New("the account may not read it; grant it SELECT")
	ErrRowSecurity = errors.New("row security hides rows from the account; give it BYPASSRLS")
	ErrTimeout     = errors.New("it took longer than a statement may; scan at a quieter time")
	ErrVanished    = errors.New("it is gone since the tables were listed")
	ErrBusy        = errors.New("it is locked by another program; scan at a quieter time, or a copy of it")
	ErrNotDatabase = errors.New("the file is no database of this kind, or is encrypted")
	ErrDamaged     = errors.New("it is damaged; check it with the database's own tools")
	ErrFile        = errors.New("the file cannot be opened")
	ErrKeyStands   = errors.New("its key does not move on")
	ErrConnection  = errors.New("the connection was lost")
)

// A CodeError is a refusal of the server that has no name here.
type CodeError struct {
	Engine string
	Code   string
}

func (e *CodeError) Error() string { return e.Engine + " refused it with code " + e.Code }

// faultOf turns what a driver returned into an error that quotes nothing.
func faultOf(err error) error {
	var pg *pgconn.PgError
	var my *mysql.MySQLError
	var lite *sqlite.Error
	var dial *net.OpError
	var name *net.DNSError
	switch {
	case err == nil, errors.Is(err, io.EOF), errors.Is(err, context.Canceled):
		return err
	case errors.As(err, &pg):
		return postgresFault(pg.Code, pg.Message)
	case errors.As(err, &my):
		return mysqlFault(my.Number)
	case errors.As(err, &lite):
		return sqliteFault(lite.Code())
	case errors.As(err, &dial), errors.As(err, &name), errors.Is(err, context.DeadlineExceeded), os.IsTimeout(err):
		return ErrUnreachable
	}
	for _, own := range []error{ErrAddress, ErrVanished, ErrTimeout, ErrKeyStands, ErrFile} {
		if errors.Is(err, own) {
			return own
		}
	}
	return ErrConnection
}

func postgresFault(code, message string) error {
	switch {
	case code == "28P01", code == "28000":
		return ErrAccount
	case code == "3D000":
		return ErrNoDatabase
	case code == "42501" && strings.Contains(message, "row-level security"):
		return ErrRowSecurity
	case code == "42501":
		return ErrDenied
	case code == "57014", code == "55P03":
		return ErrTimeout
	case code == "42P01", code == "42703", code == "3F000":
		return ErrVanished
	case strings.HasPrefix(code, "08"), strings.HasPrefix(code, "57P"):
		return ErrConnection
	case strings.HasPrefix(code, "XX"):
		return ErrDamaged
	}
	return &CodeError{"PostgreSQL", code}
}

func mysqlFault(number uint16) error {
	switch number {
	case 1045, 1698:
		return ErrAccount
	case 1044, 1142, 1143, 1227, 1370:
		return ErrDenied
	case 1049:
		return ErrNoDatabase
	case 1205, 1317, 1969, 3024:
		return ErrTimeout
	case 1051, 1054, 1146:
		return ErrVanished
	case 1034, 1035, 1194, 1195, 1712:
		return ErrDamaged
	}
	return &CodeError{"MySQL", strconv.Itoa(int(number))}
}

func sqliteFault(code int) error {
	switch code & 0xff { // the high bits tell details
	case 1:
		return ErrVanished
	case 5, 6:
		return ErrBusy
	case 11:
		return ErrDamaged
	case 14, 8, 23, 3:
		return ErrFile
	case 26:
		return ErrNotDatabase
	}
	return &CodeError{"SQLite", fmt.Sprint(code)}
}
