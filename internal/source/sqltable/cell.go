package sqltable

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/stanch/stanch/internal/carrier"
)

func readerOf(b []byte) io.ReaderAt { return bytes.NewReader(b) }

// long returns a cell that is read in slices, because it does not fit a page.
func (r *Reading) long(raw rawRow, i int) Cell {
	c := Cell{Row: r.row, Column: r.t.Columns[i].Name, Size: raw.sizes[i]}
	if len(raw.key) == 0 || c.Size > r.d.engine.longest() {
		c.Cause = carrier.OverBudget
		return c
	}
	e := r.d.engine
	var where []string
	for n, k := range r.keys {
		where = append(where, e.quote(k.Name)+" = "+e.param(3+n, k))
	}
	query := "SELECT " + e.slice(r.t.Columns[i], 1) + " FROM " + e.from(r.t) + " WHERE " + strings.Join(where, " AND ")
	c.R = &sliced{ctx: r.ctx, on: r.on, query: query, key: raw.key, size: c.Size, at: -1}
	return c
}

// sliceSize is how much of a long cell is asked for at once.
const sliceSize = 1 << 20

// sliced reads a cell slice by slice and keeps the last one.
type sliced struct {
	ctx   context.Context
	on    querier
	query string
	key   []any
	size  int64
	at    int64 // of slice; negative before the first
	slice []byte
}

// ReadAt implements io.ReaderAt. Calls must not overlap.
func (s *sliced) ReadAt(p []byte, off int64) (int, error) {
	n := 0
	for n < len(p) {
		at := off + int64(n)
		if at >= s.size {
			return n, io.EOF
		}
		if start := at / sliceSize * sliceSize; start != s.at {
			if err := s.load(start); err != nil {
				return n, err
			}
		}
		if at-s.at >= int64(len(s.slice)) {
			return n, io.EOF // it became shorter
		}
		n += copy(p[n:], s.slice[at-s.at:])
	}
	return n, nil
}

func (s *sliced) load(start int64) error {
	args := append([]any{start + 1, int64(sliceSize)}, s.key...)
	var got any
	if err := s.on.QueryRowContext(s.ctx, s.query, args...).Scan(&got); err != nil {
		s.at = -1
		return fmt.Errorf("read cell: %w", faultOf(err))
	}
	s.slice, _ = content(got)
	s.at = start
	return nil
}
