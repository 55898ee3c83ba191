package sqltable

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"io"
)

// A Cursor says how far a table was read: a count of rows, and a keyed hash of
// the last row's key, by which it is seen whether rows came or went before it.
// It holds no value, because a key may be a card number.
type Cursor struct {
	Rows  int64  `json:"rows"`
	Check string `json:"check,omitempty"`
}

// Cursor returns where the reading stands, behind the last row it returned. A
// table without a key is read from the start again, and so is a sample.
func (r *Reading) Cursor() Cursor {
	if len(r.t.keys) == 0 || r.o.Sample > 0 || r.row == 0 {
		return Cursor{}
	}
	return Cursor{Rows: r.row, Check: r.check(r.last)}
}

// check hashes a key.
func (r *Reading) check(key []any) string {
	mac := hmac.New(sha256.New, r.o.Secret)
	fmt.Fprintf(mac, "%q\n", r.t.Shown())
	for _, part := range key {
		if bytes, ok := content(part); ok {
			fmt.Fprintf(mac, "%d ", len(bytes))
			mac.Write(bytes)
		}
	}
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:16])
}

// goTo goes to where From says. If another row stands there now, the table is
// read from the start.
func (r *Reading) goTo(p *keyPages) error {
	from := r.o.From
	if from.Rows <= 0 || len(r.o.Secret) == 0 || r.o.Sample > 0 {
		return nil
	}
	key, err := r.keyAt(r.ctx, from.Rows)
	if err == io.EOF {
		return nil
	}
	if err != nil {
		return err
	}
	if subtle.ConstantTimeCompare([]byte(r.check(key)), []byte(from.Check)) == 1 {
		p.front, r.row, r.last = key, from.Rows, key
	}
	return nil
}

// keyAt returns the key of a row by its number.
func (r *Reading) keyAt(ctx context.Context, row int64) ([]any, error) {
	e := r.d.engine
	query := "SELECT "
	for i, k := range r.keys {
		if i > 0 {
			query += ", "
		}
		query += e.key(k)
	}
	query += " FROM " + e.from(r.t) + " AS r ORDER BY " + r.order(false) + fmt.Sprintf(" LIMIT 1 OFFSET %d", row-1)
	rows, err := r.d.db.QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	if !rows.Next() {
		if rows.Err() != nil {
			return nil, rows.Err()
		}
		return nil, io.EOF
	}
	key, into := make([]any, len(r.keys)), make([]any, len(r.keys))
	for i := range key {
		into[i] = &key[i]
	}
	return key, rows.Scan(into...)
}
