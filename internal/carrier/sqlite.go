package carrier

import (
	wire "encoding/binary"
	"errors"
	"io"
	"strings"
)

// sqliteFile reads SQLite databases by their file format, without SQL: each
// table is a member of lines, and so is what deleted rows left behind. Indexes
// hold nothing that their tables do not.
type sqliteFile struct{}

func (sqliteFile) Name() string { return "sqlite" }

func (sqliteFile) Sniff(head []byte, _ string) bool {
	return len(head) >= 100 && magic{0, "SQLite format 3\x00"}.in(head)
}

func (sqliteFile) randomAccess() {}

// Bounds of what is held of a database.
const (
	maxSQLitePages  = 128 << 20 // a bit for each
	maxSQLiteTables = 20_000
	maxSQLiteSchema = 8 << 20
	maxSQLiteValue  = 1 << 20 // of one value; what is longer is read in pieces
)

// An sqlitePages is the open file.
type sqlitePages struct {
	p      *Part
	size   int // of a page
	usable int // without what extensions reserved
	utf16  uint32
	count  uint32
	seen   []uint64 // one bit for each page that is part of a tree
	buf    []byte
}

// Walk visits the schema, each table, and the free space.
func (sqliteFile) Walk(p *Part, visit func(*Member) error) error {
	s, err := sqliteOpen(p)
	if err != nil {
		return err
	}
	all, err := s.schema()
	if err != nil {
		return err
	}
	text := &Member{Name: "sqlite_schema", Stored: -1, Size: -1, Plain: true, Open: func() (io.Reader, error) { return strings.NewReader(all.text.String()), nil }}
	if err := visit(text); err != nil {
		return err
	}
	broken, known := all.broken, Builtin()
	for _, t := range all.tables {
		if t.index {
			broken = s.mark(t.root) != nil || broken
			continue
		}
		rows := &sqliteRows{s: s, t: t, registry: known, visit: visit}
		m := &Member{Name: t.name, Stored: -1, Size: -1, Plain: true, Open: func() (io.Reader, error) { return rows, rows.start() }}
		if err := visit(m); err != nil {
			return err
		}
		broken = broken || rows.damaged
	}
	free := &sqliteFree{s: s}
	m := &Member{Name: sqliteFreeName, Stored: -1, Size: -1, Open: func() (io.Reader, error) { return free, nil }}
	if err := visit(m); err != nil {
		return err
	}
	if broken {
		return &CauseError{Broken}
	}
	return nil
}

// sqliteFreeName stands for what no row uses.
const sqliteFreeName = "(free space)"

// sqliteOpen reads the file's header. An encrypted database has none, so it is
// not recognised at all and its bytes are scanned.
func sqliteOpen(p *Part) (*sqlitePages, error) {
	var h [100]byte
	if n, err := p.At.ReadAt(h[:], 0); n < len(h) {
		return nil, damaged(err)
	}
	s := &sqlitePages{p: p, size: int(wire.BigEndian.Uint16(h[16:])), utf16: wire.BigEndian.Uint32(h[56:])}
	if s.size == 1 {
		s.size = 64 << 10
	}
	s.usable = s.size - int(h[20])
	if s.size < 512 || s.size&(s.size-1) != 0 || s.usable < 480 || p.Size < 0 {
		return nil, &CauseError{Broken}
	}
	pages := (p.Size + int64(s.size) - 1) / int64(s.size) // the count in the header may be stale
	if pages > maxSQLitePages {
		return nil, &CauseError{OverBudget}
	}
	s.count = uint32(pages)
	s.seen = make([]uint64, pages/64+1)
	s.buf = make([]byte, s.size)
	return s, nil
}

// page reads a page into b, which it returns. Pages are counted from one.
func (s *sqlitePages) page(b []byte, n uint32) ([]byte, error) {
	if n == 0 || n > s.count {
		return nil, &CauseError{Broken}
	}
	got, err := s.p.At.ReadAt(b[:s.size], int64(n-1)*int64(s.size))
	if got < s.size {
		clear(b[got:s.size])
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, err
		}
	}
	return b[:s.size], nil
}

// claim notes that a page is used, and fails if it was before: then the file
// runs in a ring.
func (s *sqlitePages) claim(n uint32) error {
	if n == 0 || n > s.count || s.used(n) {
		return &CauseError{Broken}
	}
	s.seen[n/64] |= 1 << (n % 64)
	return nil
}

func (s *sqlitePages) used(n uint32) bool { return s.seen[n/64]&(1<<(n%64)) != 0 }

// mark claims the pages of an index.
func (s *sqlitePages) mark(root uint32) error {
	c := &sqliteCursor{s: s}
	if err := c.open(root); err != nil {
		return err
	}
	for {
		cell, err := c.next()
		if err == io.EOF {
			return nil
		}
		if err == nil {
			err = cell.skip()
		}
		if err != nil {
			return err
		}
	}
}
