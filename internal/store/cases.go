package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"github.com/stanch/stanch/internal/casefile"
	"github.com/stanch/stanch/internal/finding"
	"github.com/stanch/stanch/internal/record"
	"github.com/stanch/stanch/internal/tenant"
)

func caseNoun() noun {
	return noun{
		name: casefile.Noun, table: "cases",
		columns: []string{"number", "state", "live", "severity", "root", "place", "opened", "updated", "seen"},
		zero:    func() record.Thing { return &casefile.Case{} },
		values: func(t record.Thing) []any {
			c := t.(*casefile.Case)
			return []any{c.Number, string(c.State), flag(c.State.Live()), c.Severity, c.Root, c.Place, c.Opened, c.Updated, c.Seen}
		},
	}
}

// flag is how both engines keep a truth.
func flag(b bool) int {
	if b {
		return 1
	}
	return 0
}

// querierOf returns the connection of a transaction of this store.
func querierOf(tx record.Tx) *transaction { return tx.(*transaction) }

// flush writes what the transaction changed so far, so that its own queries
// see it.
func (t *transaction) flush(ctx context.Context) error {
	for _, s := range t.order {
		h := t.things[s]
		if !h.dirty {
			continue
		}
		if err := t.saveThing(ctx, s, h); err != nil {
			return fmt.Errorf("write %s: %w", s, err)
		}
		h.dirty, h.version = false, h.version+1
	}
	return nil
}

// Live implements [casefile.Store].
func (s *Store) Live(ctx context.Context, tx record.Tx, root, place string) ([]casefile.ID, error) {
	t := querierOf(tx)
	if err := t.flush(ctx); err != nil {
		return nil, err
	}
	rows, err := t.conn.QueryContext(ctx, `SELECT id FROM (
		SELECT id, number FROM cases WHERE tenant_id = $1 AND live = 1 AND root = $2 AND root <> ''
		UNION SELECT id, number FROM cases WHERE tenant_id = $1 AND live = 1 AND place = $3 AND place <> ''
		) AS near ORDER BY number DESC LIMIT 100`, string(t.who.Tenant), root, place)
	if err != nil {
		return nil, fmt.Errorf("list live cases: %w", err)
	}
	return scanAll(rows, func(r *sql.Rows) (id casefile.ID, err error) { return id, r.Scan(&id) })
}

// LastNumber implements [casefile.Store].
func (s *Store) LastNumber(ctx context.Context, tx record.Tx) (int64, error) {
	t := querierOf(tx)
	if err := t.flush(ctx); err != nil {
		return 0, err
	}
	var last int64
	err := t.conn.QueryRowContext(ctx, `SELECT COALESCE(MAX(number), 0) FROM cases WHERE tenant_id = $1`, string(t.who.Tenant)).Scan(&last)
	if err != nil {
		return 0, fmt.Errorf("read last case number: %w", err)
	}
	return last, nil
}

// FindingsOf implements [casefile.Store].
func (s *Store) FindingsOf(ctx context.Context, tx record.Tx, id casefile.ID, limit int) ([]*finding.Finding, error) {
	t := querierOf(tx)
	if err := t.flush(ctx); err != nil {
		return nil, err
	}
	return findingsOf(ctx, t.conn, t.who.Tenant, id, limit)
}

// A CaseFilter narrows a list of cases. Its zero value keeps all.
type CaseFilter struct {
	State  casefile.State
	Live   bool  // live ones only
	Unseen bool  // those nobody has opened
	Lying  bool  // those with something still where it was found
	Grave  bool  // the gravest first; not with Below
	Below  int64 // numbers below this one: the cursor; 0 begins at the newest
	Limit  int   // at most; 0 is 50
}

// Cases lists cases, newest first unless the filter says otherwise.
func (s *Store) Cases(ctx context.Context, t tenant.ID, f CaseFilter) ([]*casefile.Case, error) {
	if f.Limit == 0 {
		f.Limit = 50
	}
	w := tenants(string(t))
	if f.State != "" {
		w.and(`state = ?`, string(f.State))
	}
	if f.Live {
		w.and(`live = 1`)
	}
	if f.Unseen {
		w.and(`seen = 0`)
	}
	if f.Lying {
		w.and(`EXISTS (SELECT 1 FROM findings f WHERE f.tenant_id = cases.tenant_id AND f.case_id = cases.id AND f.state IN ('open', 'sealed'))`)
	}
	if f.Below != 0 {
		w.and(`number < ?`, f.Below)
	}
	order := `number DESC`
	if f.Grave {
		order = `severity DESC, number DESC`
	}
	tail, args := w.limit(order, f.Limit)
	rows, err := s.read.QueryContext(ctx, `SELECT body FROM cases`+tail, args...)
	if err != nil {
		return nil, fmt.Errorf("list cases: %w", err)
	}
	return scanAll(rows, scanBody[casefile.Case])
}

// CountCases returns how many cases there are in each state.
func (s *Store) CountCases(ctx context.Context, t tenant.ID) (map[casefile.State]int64, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT state, COUNT(*) FROM cases WHERE tenant_id = $1 GROUP BY state`, string(t))
	if err != nil {
		return nil, fmt.Errorf("count cases: %w", err)
	}
	counts := map[casefile.State]int64{}
	_, err = scanAll(rows, func(r *sql.Rows) (n int64, err error) {
		var state casefile.State
		err = r.Scan(&state, &n)
		counts[state] = n
		return n, err
	})
	return counts, err
}

// CountUnseen returns how many live cases nobody has opened.
func (s *Store) CountUnseen(ctx context.Context, t tenant.ID) (n int64, err error) {
	err = s.read.QueryRowContext(ctx, `SELECT COUNT(*) FROM cases WHERE tenant_id = $1 AND live = 1 AND seen = 0`, string(t)).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count unseen cases: %w", err)
	}
	return n, nil
}

// scanAll reads every row and closes rows.
func scanAll[T any](rows *sql.Rows, scan func(*sql.Rows) (T, error)) ([]T, error) {
	defer rows.Close()
	var all []T
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, fmt.Errorf("read row: %w", err)
		}
		all = append(all, v)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read rows: %w", err)
	}
	return all, nil
}

// scanBody reads a row that is the JSON of a thing.
func scanBody[T any](rows *sql.Rows) (*T, error) {
	var body string
	if err := rows.Scan(&body); err != nil {
		return nil, err
	}
	thing := new(T)
	if err := json.Unmarshal([]byte(body), thing); err != nil {
		return nil, fmt.Errorf("row is damaged: %w", err)
	}
	return thing, nil
}
