// Package store keeps things and their ledger in SQLite or PostgreSQL. In go
// decisions as functions; each runs in one transaction that folds the entries
// it recorded into rows and appends them to the ledger. Out come things,
// lists of them, and the ledger to verify. It decides nothing, and it never
// holds a clear card number.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/stanch/stanch/internal/record"
	"github.com/stanch/stanch/internal/tenant"
	"github.com/stanch/stanch/ledger"
)

// ErrNewer says that a database was written by a newer Stanch.
var ErrNewer = errors.New("database belongs to a newer version of stanch; run that version, or restore a backup made before it")

// ErrNoLedger says that a database that should hold a ledger holds none.
var ErrNoLedger = errors.New("there is no ledger here; restore it from a backup, or name the right folder with --data")

// ErrClosed is returned by every method of a closed store.
var ErrClosed = errors.New("store is closed")

// Options are what a store needs besides its URL.
type Options struct {
	Signer   note.Signer      // signs the head at each commit; nil opens the store for reading only
	Verifier note.Verifier    // checks the head that is there; nil trusts it
	Now      func() time.Time // nil is time.Now
	Logger   *slog.Logger     // nil discards
	Fresh    bool             // make the database if there is none; otherwise that is [ErrNoLedger]
}

// A Store is one database. Its methods are safe for concurrent use.
//
// Updates commit in groups: whoever finds no commit under way commits for all
// who wait. lead is held by that one; queue's mutex is held for a moment only,
// also while lead is held, never the other way round.
type Store struct {
	engine   engine
	write    *sql.DB // one connection where the engine has one writer
	read     *sql.DB
	signer   note.Signer
	verifier note.Verifier
	origin   string
	now      func() time.Time
	log      *slog.Logger
	nouns    map[string]noun

	lead     chan struct{}
	frontier *ledger.Frontier // of the last head this process committed; guarded by lead

	unerased atomic.Bool // SQLite's log may still hold what was erased

	queue struct {
		sync.Mutex
		waiting []*request
		closed  bool
	}
}

// Open opens the database at url: "sqlite:PATH" or "postgres://…". It brings
// the schema up to date and refuses one that is newer ([ErrNewer]), and it
// checks that the head was signed by the key given.
func Open(ctx context.Context, url string, o Options) (*Store, error) {
	s, err := connect(ctx, url, o)
	if err != nil {
		return nil, err
	}
	if err := s.begin(ctx, o); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func connect(ctx context.Context, url string, o Options) (*Store, error) {
	s := &Store{signer: o.Signer, verifier: o.Verifier, now: o.Now, log: o.Logger, nouns: nouns(), lead: make(chan struct{}, 1)}
	if s.now == nil {
		s.now = time.Now
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	var err error
	if s.engine, s.write, s.read, err = dial(ctx, url, o.Fresh); err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	return s, nil
}

func (s *Store) begin(ctx context.Context, o Options) error {
	if err := s.migrate(ctx, o.Fresh); err != nil {
		return err
	}
	return s.openHead(ctx, o.Fresh)
}

// Close waits for the commit under way and closes the database.
func (s *Store) Close() error {
	s.queue.Lock()
	s.queue.closed = true
	s.queue.Unlock()
	s.lead <- struct{}{}
	defer func() { <-s.lead }()
	return errors.Join(s.read.Close(), s.write.Close())
}

// Origin returns the name of the installation's ledger.
func (s *Store) Origin() string { return s.origin }

// Ping reports whether the database answers.
func (s *Store) Ping(ctx context.Context) error {
	var one int
	if err := s.read.QueryRowContext(ctx, `SELECT 1`).Scan(&one); err != nil {
		return fmt.Errorf("reach database: %w", err)
	}
	return nil
}

// Read returns a thing as last committed, or [record.ErrNone].
func (s *Store) Read(ctx context.Context, t tenant.ID, subject ledger.Subject) (record.Thing, error) {
	thing, _, err := s.load(ctx, s.read, t, subject)
	return thing, err
}

// querier is a database or one connection of it.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}
