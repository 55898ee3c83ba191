package store

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/stanch/stanch/internal/record"
	"github.com/stanch/stanch/internal/tenant"
	"github.com/stanch/stanch/ledger"
)

// A transaction implements [record.Tx] on one connection.
type transaction struct {
	store   *Store
	conn    *sql.Conn
	who     record.Who
	now     time.Time
	next    int64 // index of the next entry
	things  map[ledger.Subject]*held
	order   []ledger.Subject // things in the order they were first touched
	entries []sealed
	after   []func(context.Context) error // rows that are not folded, written with the things
}

// held is a thing inside a transaction.
type held struct {
	thing   record.Thing
	version int64 // as stored; 0 if it has no row yet
	dirty   bool
}

// sealed is an entry with the payload to store.
type sealed struct {
	entry   ledger.Entry
	payload []byte
}

// run calls change and turns a panic into an error: other people's changes
// are in the same commit.
func (t *transaction) run(ctx context.Context, change func(context.Context, record.Tx) error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			t.store.log.ErrorContext(ctx, "decision panicked", "stack", string(debug.Stack()))
			err = errors.New("decide: internal fault")
		}
	}()
	return change(ctx, t)
}

// Who implements [record.Tx].
func (t *transaction) Who() record.Who { return t.who }

// Now implements [record.Tx].
func (t *transaction) Now() time.Time { return t.now }

// Load implements [record.Tx].
func (t *transaction) Load(ctx context.Context, s ledger.Subject) (record.Thing, error) {
	if h, ok := t.things[s]; ok {
		return h.thing, nil
	}
	thing, version, err := t.store.load(ctx, t.conn, t.who.Tenant, s)
	if err != nil {
		return nil, err
	}
	t.hold(s, &held{thing: thing, version: version})
	return thing, nil
}

func (t *transaction) hold(s ledger.Subject, h *held) {
	t.things[s] = h
	t.order = append(t.order, s)
}

// Record implements [record.Tx].
func (t *transaction) Record(ctx context.Context, s ledger.Subject, body ledger.Body, about record.About) error {
	raw, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("encode %s: %w", body.Kind(), err)
	}
	e := ledger.Entry{
		Index: t.next, Tenant: string(t.who.Tenant), Kind: body.Kind(), Subject: s, Case: about.Case,
		Actor: t.who.Actor, At: t.now, Happened: about.Happened.UTC().Truncate(microsecond), Body: raw,
	}
	if about.Happened.IsZero() {
		e.Happened = time.Time{}
	}
	if err := t.fold(ctx, e); err != nil {
		return err
	}
	payload, err := e.Seal()
	if err != nil {
		return err
	}
	t.entries = append(t.entries, sealed{e, payload})
	t.next++
	return nil
}

// fold applies e to its subject. Replay calls it with the same entries.
func (t *transaction) fold(ctx context.Context, e ledger.Entry) error {
	h, err := t.heldOrNew(ctx, e.Subject)
	if err != nil {
		return err
	}
	if err := h.thing.Apply(e); err != nil {
		return fmt.Errorf("apply %s to %s: %w", e.Kind, e.Subject, err)
	}
	h.dirty = true
	var erased ledger.Erased
	if e.Kind == erased.Kind() {
		if err := e.Decode(&erased); err != nil {
			return err
		}
		t.after = append(t.after, func(ctx context.Context) error { return t.erase(ctx, e, erased.Entries) })
	}
	return nil
}

func (t *transaction) heldOrNew(ctx context.Context, s ledger.Subject) (*held, error) {
	_, err := t.Load(ctx, s)
	if errors.Is(err, record.ErrNone) {
		n, ok := t.store.nouns[s.Noun()]
		if !ok {
			return nil, fmt.Errorf("fold %s: no such noun", s.Noun())
		}
		t.hold(s, &held{thing: n.zero()})
	} else if err != nil {
		return nil, err
	}
	return t.things[s], nil
}

// erase takes the payloads of entries about e's subject away, in the same
// commit as e.
func (t *transaction) erase(ctx context.Context, e ledger.Entry, indexes []int64) error {
	for _, index := range indexes {
		result, err := t.conn.ExecContext(ctx, `UPDATE ledger_entries SET payload = NULL, salt = NULL, erased_by = $1
			WHERE tenant_id = $2 AND idx = $3 AND subject = $4 AND payload IS NOT NULL AND idx < $1`, e.Index, e.Tenant, index, string(e.Subject))
		if err != nil {
			return fmt.Errorf("erase entry %d: %w", index, err)
		}
		if n, err := result.RowsAffected(); err != nil || n != 1 {
			return fmt.Errorf("erase entry %d of %s: %w", index, e.Subject, record.ErrNone)
		}
	}
	return nil
}

// save writes the rows of the things that changed.
func (t *transaction) save(ctx context.Context) error {
	if err := t.flush(ctx); err != nil {
		return err
	}
	for _, write := range t.after {
		if err := write(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (t *transaction) saveThing(ctx context.Context, s ledger.Subject, h *held) error {
	n := t.store.nouns[s.Noun()]
	body, err := encode(h.thing)
	if err != nil {
		return err
	}
	args := append([]any{string(t.who.Tenant), s.ID(), h.version + 1, body}, n.values(h.thing)...)
	text := n.insertSQL
	if h.version > 0 {
		text = n.updateSQL
	}
	_, err = t.conn.ExecContext(ctx, text, args...)
	return err
}

// encode returns the JSON of a thing, without escaping what HTML would.
func encode(thing record.Thing) (string, error) {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if err := e.Encode(thing); err != nil {
		return "", fmt.Errorf("encode: %w", err)
	}
	return string(bytes.TrimSuffix(out.Bytes(), []byte("\n"))), nil
}

// load reads a thing's row.
func (s *Store) load(ctx context.Context, q querier, t tenant.ID, subject ledger.Subject) (record.Thing, int64, error) {
	n, ok := s.nouns[subject.Noun()]
	if !ok {
		return nil, 0, fmt.Errorf("read %s: no such noun", subject.Noun())
	}
	var version int64
	var body string
	err := q.QueryRowContext(ctx, n.selectSQL, string(t), subject.ID()).Scan(&version, &body)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, 0, record.ErrNone
	}
	if err != nil {
		return nil, 0, fmt.Errorf("read %s: %w", n.name, err) // the id may be what somebody typed
	}
	thing := n.zero()
	if err := json.Unmarshal([]byte(body), thing); err != nil {
		return nil, 0, fmt.Errorf("read %s: row is damaged", subject)
	}
	return thing, version, nil
}
