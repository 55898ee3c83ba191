package sqltable

import (
	"context"
	"database/sql"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/stanch/stanch/internal/carrier"
	"github.com/stanch/stanch/internal/source/sheet"
)

// ReadOptions say how a table is read.
type ReadOptions struct {
	Sample int64  // read so many rows at most, the first and the last by key; 0 reads all
	Pace   *Pace  // how fast; nil is as fast as it goes
	From   Cursor // where to go on; zero reads from the start
	Secret []byte // for the cursor's check; needed with From
	// Holds reports whether bytes with this head are a container. Such cells
	// are given to Apart, too.
	Holds func(head []byte) bool
	// Apart takes a cell that is examined alone: it is long, has lines of its
	// own, is not text, or is a container. The cell is good during the call.
	Apart func(Cell)
}

// A Cell is one value that is no part of the table's text.
type Cell struct {
	Row    int64
	Column string
	R      io.ReaderAt
	Size   int64
	Cause  carrier.Cause // why it cannot be read, if it cannot
}

const (
	inlineMost = 16 << 10 // bytes of a cell that stands in the table's text
	looseMost  = 4 << 20  // bytes of a cell that comes with its row, if it cannot be asked for alone
)

// A Reading is a table on its way. It is for one goroutine; Close it.
type Reading struct {
	d    *Database
	t    *Table
	o    ReadOptions
	ctx  context.Context
	keys []Column
	on   querier // where cells that lie apart are asked for
	rows batcher

	batch []rawRow
	size  int // rows of the next page
	row   int64
	last  []any // key of the last row that was handed out
	cells [][]byte
	part  bool // rows were left out
}

// A querier is a database, or a transaction in it.
type querier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// A batcher yields the next rows, none at the end.
type batcher interface {
	next(ctx context.Context, most int) ([]rawRow, error)
	close()
}

// A rawRow is a row as the driver gave it.
type rawRow struct {
	key   []any
	cells []any
	sizes []int64 // negative where there is nothing
}

// Read begins to read a table.
func (d *Database) Read(ctx context.Context, t *Table, o ReadOptions) (*Reading, error) {
	r := &Reading{d: d, t: t, o: o, ctx: ctx, keys: t.keys, on: d.db, size: 32, cells: make([][]byte, len(t.Columns))}
	if len(r.keys) == 0 {
		rows, err := d.engine.loose(ctx, r)
		if err != nil {
			return nil, faultOf(err)
		}
		r.rows = rows
		return r, nil
	}
	pages := &keyPages{r: r}
	r.rows = pages
	if err := r.goTo(pages); err != nil {
		return nil, faultOf(err)
	}
	return r, nil
}

// Close gives the connection back.
func (r *Reading) Close() {
	r.rows.close()
	clear(r.batch)
}

// Sampled reports whether rows were left out on purpose.
func (r *Reading) Sampled() bool { return r.part }

// Next returns the next row, io.EOF after the last. The row is good until the
// following call.
func (r *Reading) Next() (sheet.Row, error) {
	if len(r.batch) == 0 {
		if err := r.turn(); err != nil {
			return sheet.Row{}, faultOf(err)
		}
	}
	raw := r.batch[0]
	r.batch = r.batch[1:]
	r.row++
	for i := range r.cells {
		r.cells[i] = r.cell(raw, i)
	}
	r.last = raw.key
	return sheet.Row{Number: r.row, Cells: r.cells}, nil
}

// turn takes the next page.
func (r *Reading) turn() error {
	most := r.size
	if r.o.Sample > 0 {
		left := r.o.Sample - r.row
		if left <= 0 {
			more, err := r.rows.next(r.ctx, 1)
			r.part = len(more) > 0
			if err != nil {
				return err
			}
			return io.EOF
		}
		most = int(min(int64(most), left))
	}
	most = r.o.Pace.clip(most)
	if err := r.o.Pace.wait(r.ctx, most); err != nil {
		return err
	}
	batch, err := r.rows.next(r.ctx, most)
	if err != nil {
		return err
	}
	if len(batch) == 0 {
		return io.EOF
	}
	r.batch = batch
	r.adapt(batch)
	return nil
}

// pageBytes is what a page should weigh, and pageMost what it may.
const (
	pageBytes = 1 << 20
	pageMost  = 4 << 20
	pageRows  = 4096
)

// adapt chooses the next page's rows by what the last ones weighed.
func (r *Reading) adapt(batch []rawRow) {
	weight := int64(1)
	for _, raw := range batch {
		weight += raw.weight()
	}
	fit := int64(len(batch)) * pageBytes / weight
	r.size = int(max(1, min(fit, int64(2*r.size), pageRows)))
}

func (raw rawRow) weight() int64 {
	n := int64(64)
	for _, size := range raw.sizes {
		if size > 0 && size <= looseMost {
			n += size
		}
	}
	return n
}

// comes is how long a cell may be that comes with its row.
func (r *Reading) comes() int {
	if len(r.keys) == 0 {
		return looseMost
	}
	return inlineMost
}

// selected lists what is selected: keys, then value and size of each column.
func (r *Reading) selected() string {
	e := r.d.engine
	var parts []string
	for _, k := range r.keys {
		parts = append(parts, e.key(k))
	}
	for _, c := range r.t.Columns {
		size := e.size(c)
		parts = append(parts, "CASE WHEN "+size+" <= "+strconv.Itoa(r.comes())+" THEN "+e.value(c)+" END", size)
	}
	if len(parts) == 0 {
		return "1"
	}
	return strings.Join(parts, ", ")
}

// take reads rows, up to most of them and until they weigh too much.
func (r *Reading) take(rows *sql.Rows, most int, heavy int64) ([]rawRow, error) {
	var weight int64
	batch := make([]rawRow, 0, most)
	into := r.newScan()
	for len(batch) < most && weight < heavy && rows.Next() {
		raw, err := into.row(rows)
		if err != nil {
			return nil, err
		}
		weight += raw.weight()
		batch = append(batch, raw)
	}
	return batch, rows.Err()
}

// A rowScan takes rows from the driver, over and over into the same places.
type rowScan struct {
	keys   int
	values []any // keys, then cells
	sizes  []sql.NullInt64
	into   []any
}

func (r *Reading) newScan() *rowScan {
	s := &rowScan{keys: len(r.keys), values: make([]any, len(r.keys)+len(r.t.Columns)), sizes: make([]sql.NullInt64, len(r.t.Columns))}
	for i := range s.values {
		s.into = append(s.into, &s.values[i])
		if i >= s.keys {
			s.into = append(s.into, &s.sizes[i-s.keys])
		}
	}
	if len(s.into) == 0 {
		s.into = append(s.into, new(any))
	}
	return s
}

func (s *rowScan) row(rows *sql.Rows) (rawRow, error) {
	if err := rows.Scan(s.into...); err != nil {
		return rawRow{}, err
	}
	values := slices.Clone(s.values)
	raw := rawRow{key: values[:s.keys:s.keys], cells: values[s.keys:], sizes: make([]int64, len(s.sizes))}
	for i, size := range s.sizes {
		raw.sizes[i] = size.Int64
		if !size.Valid {
			raw.sizes[i] = -1
		}
	}
	return raw, nil
}

// cell returns what stands in the text for a cell, and hands it out apart if
// nothing can.
func (r *Reading) cell(raw rawRow, i int) []byte {
	column := r.t.Columns[i]
	if raw.sizes[i] < 0 {
		return nil
	}
	bytes, ok := content(raw.cells[i])
	if !ok {
		if raw.sizes[i] > int64(r.comes()) {
			r.apart(r.long(raw, i))
		}
		return nil
	}
	blob := column.kind == binary || column.kind == dynamic && isBlob(raw.cells[i])
	if len(bytes) > inlineMost || sheet.Alone(bytes, blob, r.o.Holds) {
		r.apart(Cell{Row: r.row, Column: column.Name, R: readerOf(bytes), Size: int64(len(bytes))})
		return nil
	}
	return bytes
}

func (r *Reading) apart(c Cell) {
	if r.o.Apart != nil {
		r.o.Apart(c)
	}
}

func isBlob(v any) bool { _, ok := v.([]byte); return ok }

// content returns a value as the scanner is to read it.
func content(v any) ([]byte, bool) {
	switch v := v.(type) {
	case []byte:
		return v, true
	case string:
		return []byte(v), true
	case int64:
		return strconv.AppendInt(nil, v, 10), true
	case uint64:
		return strconv.AppendUint(nil, v, 10), true
	case float64:
		return strconv.AppendFloat(nil, v, 'f', -1, 64), true
	case float32:
		return strconv.AppendFloat(nil, float64(v), 'f', -1, 32), true
	}
	return nil, false
}
