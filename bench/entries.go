//go:build linux

package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"sync/atomic"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/sync/errgroup"

	"github.com/stanch/stanch/internal/casefile"
	"github.com/stanch/stanch/internal/record"
	"github.com/stanch/stanch/internal/segment"
	"github.com/stanch/stanch/internal/store"
	"github.com/stanch/stanch/internal/tenant"
	"github.com/stanch/stanch/ledger"
	"github.com/stanch/stanch/packs"
)

const (
	entryCases  = 1000 // over which the notes are spread
	entryRounds = 3
	entryTime   = 1500 * time.Millisecond
)

// entries measures notes on cases, each folded and committed with its ledger
// entry, beside inserts of one row.
func (b *bench) entries(ctx context.Context) error {
	dir, err := b.scratch("entries")
	if err != nil {
		return err
	}
	if err := b.entriesOn(ctx, "sqlite", "sqlite:"+filepath.Join(dir, "ours.db"), "sqlite:"+filepath.Join(dir, "theirs.db")); err != nil {
		return fmt.Errorf("sqlite: %w", err)
	}
	cluster, err := b.postgres(ctx)
	if err != nil {
		return fmt.Errorf("start postgres: %w", err)
	}
	defer cluster.stop()
	ours, err := cluster.database(ctx, "ours")
	if err != nil {
		return err
	}
	theirs, err := cluster.database(ctx, "theirs")
	if err != nil {
		return err
	}
	if err := b.entriesOn(ctx, "postgres", ours, theirs); err != nil {
		return fmt.Errorf("postgres: %w", err)
	}
	return nil
}

func (b *bench) entriesOn(ctx context.Context, engine, ours, theirs string) (err error) {
	desk, err := b.openDesk(ctx, ours)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, desk.close()) }()
	bare, err := openBare(ctx, theirs)
	if err != nil {
		return err
	}
	defer bare.Close()
	for _, producers := range []int{1, 64} {
		var notes, rows []float64
		for range entryRounds {
			n, err := perSecond(ctx, producers, desk.note)
			if err != nil {
				return err
			}
			m, err := perSecond(ctx, producers, func(ctx context.Context, i int64) error { return insert(ctx, bare, i) })
			if err != nil {
				return err
			}
			notes, rows = append(notes, n), append(rows, m)
		}
		b.add("entries", fmt.Sprintf("entries_%s_%d", engine, producers), ratio(median(notes), median(rows)), "ratio",
			"commits of one inserted row, same engine, same number of producers: %.0f a second; notes folded into %d cases with their ledger entries: %.0f; medians of %d",
			median(rows), entryCases, median(notes), entryRounds)
	}
	return nil
}

// perSecond calls do from so many producers for a while.
func perSecond(ctx context.Context, producers int, do func(context.Context, int64) error) (float64, error) {
	var done atomic.Int64
	began := time.Now()
	group, ctx := errgroup.WithContext(ctx)
	for range producers {
		group.Go(func() error {
			for time.Since(began) < entryTime {
				if err := do(ctx, done.Add(1)); err != nil {
					return err
				}
			}
			return nil
		})
	}
	err := group.Wait()
	return float64(done.Load()) / time.Since(began).Seconds(), err
}

// A noter puts notes on cases, by the desk and the store that a centre has.
type noter struct {
	desk  *casefile.Desk
	cases []casefile.ID
	who   record.Who
	close func() error
}

func (b *bench) openDesk(ctx context.Context, url string) (*noter, error) {
	secret, _, err := ledger.GenerateKey("stanch/bench")
	if err != nil {
		return nil, err
	}
	signer, err := note.NewSigner(secret)
	if err != nil {
		return nil, err
	}
	rules, err := packs.Load(nil)
	if err != nil {
		return nil, err
	}
	dir, err := b.scratch("segments")
	if err != nil {
		return nil, err
	}
	segments, err := segment.Open(dir, segment.Options{})
	if err != nil {
		return nil, err
	}
	s, err := store.Open(ctx, url, store.Options{Signer: signer, Fresh: true})
	if err != nil {
		return nil, err
	}
	n := &noter{
		desk: &casefile.Desk{Store: s, Cards: segments, Packs: rules, OnePerson: func() bool { return true }},
		who:  record.Who{Tenant: tenant.Default, Actor: record.System}, close: s.Close,
	}
	if err := n.openCases(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return n, nil
}

func (n *noter) openCases(ctx context.Context) error {
	n.cases = make([]casefile.ID, entryCases)
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(64)
	for i := range n.cases {
		group.Go(func() (err error) {
			n.cases[i], _, err = n.desk.Report(ctx, n.who, casefile.Sign{Kind: "other", Reporter: "staff", Place: fmt.Sprintf("till %d", i), Cards: casefile.Range{Low: -1, High: -1}}, "")
			return err
		})
	}
	return group.Wait()
}

func (n *noter) note(ctx context.Context, i int64) error {
	return n.desk.Note(ctx, n.who, n.cases[i%entryCases], "the acquirer was called and answers within the hour", "", time.Time{})
}

// openBare opens a database with one table, as durable as the store's.
func openBare(ctx context.Context, url string) (*sql.DB, error) {
	driver, address, most := "pgx", url, 64
	if len(url) > 7 && url[:7] == "sqlite:" {
		driver, address, most = "sqlite", "file:"+url[7:]+"?_pragma=busy_timeout(10000)&_pragma=journal_mode(wal)&_pragma=synchronous(full)", 1
	}
	db, err := sql.Open(driver, address)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(most)
	db.SetMaxIdleConns(most)
	_, err = db.ExecContext(ctx, `CREATE TABLE noted (at BIGINT NOT NULL, who TEXT NOT NULL, body TEXT NOT NULL)`)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

func insert(ctx context.Context, db *sql.DB, i int64) error {
	_, err := db.ExecContext(ctx, `INSERT INTO noted (at, who, body) VALUES ($1, $2, $3)`, i, record.System, "the acquirer was called and answers within the hour")
	return err
}
