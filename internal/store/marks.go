package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"strings"

	"github.com/stanch/stanch/internal/finding"
	"github.com/stanch/stanch/internal/record"
	"github.com/stanch/stanch/internal/tenant"
)

// A Mark says how far a watched file was read. The store keeps it as given:
// whoever makes it sees to it that neither Path nor the prints give a card
// number away.
type Mark struct {
	Root, Path string // as the system names them, in bytes
	File       string // identity now
	Origin     string // identity when it was first read, by which findings know it
	Size       int64
	Offset     int64
	Line       int64
	ModTime    int64
	Head       []byte
	HeadLen    int64
	Tail       []byte
	Generation int64
	Whole      bool
}

const markColumns = `root, path, file, origin, size, read_to, line, mtime, head, head_len, tail, generation, whole`

// Marks yields the marks of the files under a root.
func (s *Store) Marks(ctx context.Context, t tenant.ID, root string) iter.Seq2[Mark, error] {
	return func(yield func(Mark, error) bool) {
		rows, err := s.read.QueryContext(ctx, `SELECT `+markColumns+` FROM watch_marks WHERE tenant_id = $1 AND root = $2`, string(t), []byte(root))
		if err != nil {
			yield(Mark{}, fmt.Errorf("read marks: %w", err))
			return
		}
		defer rows.Close()
		for rows.Next() {
			m, err := scanMark(rows)
			if !yield(m, err) || err != nil {
				return
			}
		}
		if err := rows.Err(); err != nil {
			yield(Mark{}, fmt.Errorf("read marks: %w", err))
		}
	}
}

// MarkOf returns the mark of the file that findings know by origin, or
// [record.ErrNone].
func (s *Store) MarkOf(ctx context.Context, t tenant.ID, root, origin string) (Mark, error) {
	row := s.read.QueryRowContext(ctx, `SELECT `+markColumns+` FROM watch_marks WHERE tenant_id = $1 AND root = $2 AND origin = $3 LIMIT 1`,
		string(t), []byte(root), origin)
	m, err := scanMark(row)
	if errors.Is(err, sql.ErrNoRows) {
		return Mark{}, record.ErrNone
	}
	return m, err
}

func scanMark(row interface{ Scan(...any) error }) (m Mark, err error) {
	var root, path []byte
	var whole int
	if err = row.Scan(&root, &path, &m.File, &m.Origin, &m.Size, &m.Offset, &m.Line, &m.ModTime, &m.Head, &m.HeadLen, &m.Tail, &m.Generation, &whole); err != nil {
		return m, fmt.Errorf("read mark: %w", err)
	}
	m.Root, m.Path, m.Whole = string(root), string(path), whole != 0
	return m, nil
}

// markRows is how many marks one statement writes: many enough to be quick,
// few enough for both engines' limits.
const markRows = 500

// SaveMarks writes marks in the transaction, over those of the same names. Of
// two for one name the later stays.
func (s *Store) SaveMarks(ctx context.Context, tx record.Tx, marks ...Mark) error {
	last := make(map[[2]string]int, len(marks))
	for i, m := range marks {
		last[[2]string{m.Root, m.Path}] = i
	}
	kept := make([]Mark, 0, len(last))
	for i, m := range marks {
		if last[[2]string{m.Root, m.Path}] == i {
			kept = append(kept, m)
		}
	}
	for len(kept) > 0 {
		n := min(markRows, len(kept))
		if err := querierOf(tx).saveMarks(ctx, kept[:n]); err != nil {
			return err
		}
		kept = kept[n:]
	}
	return nil
}

func (t *transaction) saveMarks(ctx context.Context, marks []Mark) error {
	const width = 14
	var text strings.Builder
	text.WriteString(`INSERT INTO watch_marks (tenant_id, ` + markColumns + `) VALUES `)
	args := make([]any, 0, len(marks)*width)
	for i, m := range marks {
		if i > 0 {
			text.WriteByte(',')
		}
		for k := range width {
			text.WriteByte("(,"[min(k, 1)])
			// SQLite looks a $n up among all before it, one by one.
			if t.store.engine.name == sqliteEngine.name {
				text.WriteByte('?')
			} else {
				fmt.Fprintf(&text, "$%d", i*width+k+1)
			}
		}
		text.WriteByte(')')
		args = append(args, string(t.who.Tenant), []byte(m.Root), []byte(m.Path), m.File, m.Origin, m.Size, m.Offset, m.Line, m.ModTime,
			present(m.Head), m.HeadLen, present(m.Tail), m.Generation, flag(m.Whole))
	}
	text.WriteString(` ON CONFLICT (tenant_id, root, path) DO UPDATE SET file = excluded.file, origin = excluded.origin, size = excluded.size,
		read_to = excluded.read_to, line = excluded.line, mtime = excluded.mtime, head = excluded.head, head_len = excluded.head_len,
		tail = excluded.tail, generation = excluded.generation, whole = excluded.whole`)
	if _, err := t.conn.ExecContext(ctx, text.String(), args...); err != nil {
		return fmt.Errorf("save marks: %w", err)
	}
	return nil
}

// present keeps a driver from writing no bytes as NULL.
func present(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

// RemoveMark forgets how far a file was read: whichever has the path, or only
// that of one identity. That it was never read is no error.
func (s *Store) RemoveMark(ctx context.Context, tx record.Tx, root, path, file string) error {
	t := querierOf(tx)
	_, err := t.conn.ExecContext(ctx, `DELETE FROM watch_marks WHERE tenant_id = $1 AND root = $2 AND path = $3 AND ($4 = '' OR file = $4)`,
		string(t.who.Tenant), []byte(root), []byte(path), file)
	if err != nil {
		return fmt.Errorf("remove mark: %w", err)
	}
	return nil
}

// MoveMark puts a mark in the place of the one that the file had under its
// name before.
func (s *Store) MoveMark(ctx context.Context, tx record.Tx, path string, to Mark) error {
	if err := s.RemoveMark(ctx, tx, to.Root, path, ""); err != nil {
		return err
	}
	return s.SaveMarks(ctx, tx, to)
}

// FilesWithFindings returns the identities of the files under a root, as
// findings name it, that findings are known of.
func (s *Store) FilesWithFindings(ctx context.Context, t tenant.ID, root string) ([]string, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT DISTINCT file FROM findings WHERE tenant_id = $1 AND root = $2`, string(t), root)
	if err != nil {
		return nil, fmt.Errorf("list files with findings: %w", err)
	}
	return scanAll(rows, func(r *sql.Rows) (file string, err error) { return file, r.Scan(&file) })
}

// SegmentsInUse returns the digests of all segments that findings name.
func (s *Store) SegmentsInUse(ctx context.Context, t tenant.ID) (map[string]bool, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT body FROM findings WHERE tenant_id = $1`, string(t))
	if err != nil {
		return nil, fmt.Errorf("list segments: %w", err)
	}
	defer rows.Close()
	used := map[string]bool{}
	for rows.Next() {
		f, err := scanBody[finding.Finding](rows)
		if err != nil {
			return nil, fmt.Errorf("list segments: %w", err)
		}
		for _, seg := range f.Segments {
			used[seg.Digest] = true
		}
	}
	return used, rows.Err()
}
