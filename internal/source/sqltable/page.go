package sqltable

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/stanch/stanch/internal/source/sheet"
)

func named(name string) sheet.Column { return sheet.Column{Name: name} }

// keyPages reads a table in the order of its key, each page in a transaction
// of its own: nothing is held while a slow scan goes on.
//
// A sample is the first half of the rows wanted and then, from the far end
// backwards, the other half.
type keyPages struct {
	r      *Reading
	front  []any // key of the last row read forwards
	back   []any // key of the last row read backwards
	turned bool
}

func (p *keyPages) next(ctx context.Context, most int) ([]rawRow, error) {
	if sample := p.r.o.Sample; sample > 0 && !p.turned {
		half := (sample + 1) / 2
		if p.r.row >= half {
			p.turned = true
		} else {
			most = int(min(int64(most), half-p.r.row))
		}
	}
	paging, cancel := context.WithTimeout(ctx, p.r.d.patience)
	defer cancel()
	batch, err := p.page(paging, most)
	if errors.Is(paging.Err(), context.DeadlineExceeded) {
		err = ErrTimeout
	}
	if err != nil || len(batch) == 0 {
		return nil, err
	}
	last := &p.front
	if p.turned {
		last = &p.back
	}
	key := batch[len(batch)-1].key
	if !movesOn(*last, key, p.turned) {
		return nil, ErrKeyStands
	}
	*last = key
	return batch, nil
}

// movesOn reports whether a page's last key is behind that of the page before.
// A damaged file can hold rows that lead in a circle.
func movesOn(before, now []any, backwards bool) bool {
	if len(before) == 1 && len(now) == 1 {
		a, ok := before[0].(int64)
		b, ok2 := now[0].(int64)
		if ok && ok2 {
			return a < b != backwards && a != b
		}
	}
	return !reflect.DeepEqual(before, now)
}

// page asks for the rows behind the front and, when turned, before the back.
func (p *keyPages) page(ctx context.Context, most int) ([]rawRow, error) {
	r, e := p.r, p.r.d.engine
	var conditions []string
	var args []any
	bound := func(key []any, sign string) {
		if key == nil {
			return
		}
		condition, repeat := e.compare(r.keys, len(args)+1, sign)
		conditions = append(conditions, condition)
		for _, i := range repeat {
			args = append(args, key[i])
		}
	}
	bound(p.front, ">")
	bound(p.back, "<")
	query := "SELECT " + r.selected() + " FROM " + e.from(r.t) + " AS r"
	if len(conditions) > 0 {
		query += " WHERE " + strings.Join(conditions, " AND ")
	}
	query += " ORDER BY " + r.order(p.turned) + fmt.Sprintf(" LIMIT %d", most)
	tx, err := r.d.db.BeginTx(ctx, readOnly)
	if err != nil {
		return nil, err
	}
	defer tx.Rollback()
	rows, err := tx.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	return r.take(rows, most, pageMost)
}

// order lists the keys of the table r to order by.
func (r *Reading) order(backwards bool) string {
	var by []string
	for _, k := range r.keys {
		name := "r." + r.d.engine.quote(k.Name) // without r it could be a name of what is selected
		if backwards {
			name += " DESC"
		}
		by = append(by, name)
	}
	return strings.Join(by, ", ")
}

func (*keyPages) close() {}

// rowValues compares keys as rows.
func rowValues(e engine, keys []Column, n int, sign string) (string, []int) {
	var names, params []string
	var repeat []int
	for i, k := range keys {
		names = append(names, e.quote(k.Name))
		params = append(params, e.param(n+i, k))
		repeat = append(repeat, i)
	}
	return "(" + strings.Join(names, ", ") + ") " + sign + " (" + strings.Join(params, ", ") + ")", repeat
}

// readOnly is how every transaction begins.
var readOnly = &sql.TxOptions{ReadOnly: true}
