// Package sqltable reads the tables of a PostgreSQL, MySQL, MariaDB or SQLite
// database. In goes an address, out come tables, and of each its rows in the
// order of its key, a page at a time, cells that are too long for a line or
// that hold a file of their own apart.
//
// It only reads: sessions are read-only, statements have a timeout, and
// nothing is locked or left behind. No error, name or cursor holds an account,
// a password or a value: what a driver says is turned into one of the
// package's own sentinels, because drivers quote what they read.
package sqltable
