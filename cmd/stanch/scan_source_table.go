package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/stanch/stanch/card"
	"github.com/stanch/stanch/internal/carrier"
	"github.com/stanch/stanch/internal/finding"
	"github.com/stanch/stanch/internal/source/sheet"
	"github.com/stanch/stanch/internal/source/sqltable"
)

// database yields a job for each table.
func (w *walk) database(target string) {
	password := os.Getenv("MYSQL_PWD")
	if strings.HasPrefix(target, "postgres") {
		password = "" // PGPASSWORD and .pgpass are the driver's
	}
	d, err := sqltable.Open(w.ctx, target, sqltable.Options{Password: password, Connections: scanWorkers})
	if err != nil {
		w.unread(sqltable.Shown(target), err)
		return
	}
	w.sources.closed = append(w.sources.closed, func() { d.Close() })
	if d.Missed != "" && !w.refuse(d.Missed, carrier.Unreadable) {
		return
	}
	tables, err := d.Tables(w.ctx)
	if err != nil {
		w.unread(d.Shown, err)
		return
	}
	for i := range tables {
		t := &tables[i]
		path := d.Shown + "!" + t.Shown()
		more := true
		if t.Foreign {
			more = w.refuse(path, carrier.Special)
		} else {
			more = w.yieldJob(path, func(j *sourceJob) error { return j.table(d, t) })
		}
		if !more {
			return
		}
	}
}

// table scans a table: what it is explained with, its text, and the cells that
// stand alone.
func (j *sourceJob) table(d *sqltable.Database, t *sqltable.Table) error {
	for _, column := range t.Denied {
		j.refuse(j.path+"."+column, carrier.Unreadable, -1)
	}
	j.say(j.path, t.Comment)
	for _, c := range t.Columns {
		j.say(j.path+"."+c.Name, c.Comment)
	}
	for _, c := range t.Unread {
		j.say(j.path+"."+c.Name, c.Comment)
		j.name(j.path+"."+c.Name, c.Name)
	}
	s := j.walk.sources
	reading, err := d.Read(j.ctx, t, sqltable.ReadOptions{Sample: s.flags.Sample, Pace: s.pace, Holds: holdsMore, Apart: j.cell})
	if err != nil {
		return j.failed(err)
	}
	defer reading.Close()
	rows := sheet.New(s.mark, t.Names(), reading.Next)
	shown := card.MaskText(j.path)
	err = j.examine(j.path, &streamWindow{r: rows}, -1, func(m *finding.Match) bool {
		placeInTable(m, rows, t, shown)
		return true
	})
	s.tally.table(reading.Sampled())
	if fault := rows.Err(); fault != nil {
		err = readFault(j.path, fault)
	}
	return err
}

// cell scans a cell that stands alone. Its path says the row.
func (j *sourceJob) cell(c sqltable.Cell) {
	path := fmt.Sprintf("%s.%s[%d]", j.path, c.Column, c.Row)
	if c.Cause != "" {
		j.refuse(path, c.Cause, c.Size)
		return
	}
	j.part(path, c.R, c.Size)
}

// placeInTable says in which row and column of the table a match in its text
// stands. What is inside of something keeps its own place.
func placeInTable(m *finding.Match, rows *sheet.Sheet, t *sqltable.Table, shown string) {
	inner, ok := strings.CutPrefix(m.Path, shown)
	if !ok || inner == "" && m.Encoding == "name" {
		return
	}
	at, ok := rows.Locate(m.Offset)
	if inner != "" || !ok || at.Column >= len(t.Columns) {
		return
	}
	m.Path = shown + "." + card.MaskText(t.Columns[at.Column].Name)
	m.Line, m.Column, m.Offset = at.Row, at.Offset+1, at.Offset
	if at.Row == 0 {
		m.Line, m.Column, m.Encoding = 0, 0, "name"
	}
}
