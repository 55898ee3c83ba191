package sqltable

import "github.com/stanch/stanch/internal/source/sheet"

// A kind says how the cells of a column are read.
type kind uint8

const (
	text    kind = iota // as the engine writes it
	binary              // as bytes
	float               // as a number, written without an exponent
	dynamic             // by what each cell is
)

// A Table is one table of a database.
type Table struct {
	Schema  string // empty where the database has none
	Name    string
	Comment string
	Columns []Column // those that are read
	Unread  []Column // those whose type holds no card number in any form
	Denied  []string // columns that the account may not read
	Foreign bool     // the rows lie on another server, and are not read

	keys []Column // the order of the rows; empty if nothing orders them
}

// A Column is one column of a table.
type Column struct {
	sheet.Column
	kind kind
	cast string // the type by which a key's value is written
}

// Shown returns the table's name as it stands behind the "!" of a path. It may
// hold a card number, which whoever prints it masks.
func (t *Table) Shown() string {
	if t.Schema == "" {
		return t.Name
	}
	return t.Schema + "." + t.Name
}

// Names returns the columns as the text of the table names them.
func (t *Table) Names() []sheet.Column {
	names := make([]sheet.Column, len(t.Columns))
	for i, c := range t.Columns {
		names[i] = c.Column
	}
	return names
}
