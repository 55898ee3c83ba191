package main

import (
	"bytes"
	"fmt"

	"github.com/stanch/stanch/card"
	"github.com/stanch/stanch/internal/carrier"
	"github.com/stanch/stanch/internal/finding"
	"github.com/stanch/stanch/internal/source/journal"
	"github.com/stanch/stanch/internal/source/sheet"
)

// journal yields the one job of a journal.
func (w *walk) journal(target string) {
	w.yieldJob(target, func(j *sourceJob) error {
		source, err := journal.Open(j.ctx, target)
		if err != nil {
			return j.failed(err)
		}
		defer source.Close()
		return j.entries(source)
	})
}

// journalFields is how many fields are remembered for their place: more than a
// scanner's window holds of any real journal.
const journalFields = 1 << 16

// A fieldPlace is where a field of the journal belongs.
type fieldPlace struct {
	entry int64
	name  string
}

// entries scans the fields of a journal, one row for each.
func (j *sourceJob) entries(source *journal.Journal) error {
	places, names := make([]fieldPlace, journalFields), map[string]string{}
	rows := int64(0)
	next := func() (sheet.Row, error) {
		f, err := source.Next()
		if err != nil {
			return sheet.Row{}, err
		}
		rows++
		name := fieldName(names, f)
		places[rows%journalFields] = fieldPlace{f.Entry, name}
		path := fmt.Sprintf("%s!%s[%d]", j.path, name, f.Entry)
		if f.Over > 0 {
			j.refuse(path, carrier.OverBudget, f.Over)
		}
		if len(f.Value) > 16<<10 || sheet.Alone(f.Value, true, holdsMore) {
			j.part(path, bytes.NewReader(f.Value), int64(len(f.Value)))
			return sheet.Row{Number: rows, Cells: [][]byte{nil}}, nil
		}
		return sheet.Row{Number: rows, Cells: [][]byte{append([]byte(f.Name+"="), f.Value...)}}, nil
	}
	text := sheet.New(j.walk.sources.mark, []sheet.Column{{Name: "entry"}}, next)
	shown := card.MaskText(j.path)
	err := j.examine(j.path, &streamWindow{r: text}, -1, func(m *finding.Match) bool {
		at, ok := text.Locate(m.Offset)
		if m.Path != shown || m.Encoding == "name" || !ok {
			return true
		}
		m.Line, m.Column, m.Offset = 0, 0, at.Offset
		if at.Row > rows-journalFields && at.Row > 0 {
			place := places[at.Row%journalFields]
			m.Path, m.Line, m.Column = shown+"!"+card.MaskText(place.name), place.entry, at.Offset+1
		}
		return true
	})
	if fault := text.Err(); fault != nil {
		err = readFault(j.path, fault)
	}
	return err
}

// fieldName returns the unit and the field's name, each pair of them held once.
func fieldName(known map[string]string, f journal.Field) string {
	name := f.Name
	if f.Unit != "" {
		name = f.Unit + "." + f.Name
	}
	if held, ok := known[name]; ok {
		return held
	}
	if len(known) < journalFields {
		known[name] = name
	}
	return name
}
