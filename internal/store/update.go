package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/stanch/stanch/internal/durable"
	"github.com/stanch/stanch/internal/record"
	"github.com/stanch/stanch/ledger"
)

// ErrFull is [record.ErrFull].
var ErrFull = record.ErrFull

// ErrReadOnly says that the store was opened without a key to sign with.
var ErrReadOnly = errors.New("store is open for reading only")

// groupSize is how many updates one commit carries at most.
const groupSize = 256

// commitWithin bounds one commit. A database that takes longer does not answer.
const commitWithin = 2 * time.Minute

// attempts is how often a commit that lost a race is run again.
const attempts = 10

// A request is one update waiting for a commit.
type request struct {
	ctx    context.Context
	who    record.Who
	change func(context.Context, record.Tx) error
	err    error
	done   chan struct{}
}

// Update implements [record.Book]. When it returns an error of the database
// itself at the moment of commit, the change may still have been made.
func (s *Store) Update(ctx context.Context, who record.Who, change func(context.Context, record.Tx) error) error {
	if s.signer == nil {
		return ErrReadOnly
	}
	r := &request{ctx: ctx, who: who, change: change, done: make(chan struct{})}
	s.queue.Lock()
	if s.queue.closed {
		s.queue.Unlock()
		return ErrClosed
	}
	s.queue.waiting = append(s.queue.waiting, r)
	s.queue.Unlock()
	leaving := ctx.Done()
	for {
		select {
		case <-r.done:
			return r.err
		case <-leaving:
			if s.withdraw(r) {
				return ctx.Err()
			}
			leaving = nil // its commit is under way; how it ends has to be known
		case s.lead <- struct{}{}:
			s.commitWaiting()
			<-s.lead
		}
	}
}

// withdraw takes a request out of the queue, if nobody commits it yet.
func (s *Store) withdraw(r *request) bool {
	s.queue.Lock()
	defer s.queue.Unlock()
	i := slices.Index(s.queue.waiting, r)
	if i < 0 {
		return false
	}
	s.queue.waiting = slices.Delete(s.queue.waiting, i, i+1)
	return true
}

// commitWaiting commits one group. The caller holds lead.
func (s *Store) commitWaiting() {
	s.queue.Lock()
	group := s.queue.waiting
	group = group[:min(len(group), groupSize)]
	s.queue.waiting = s.queue.waiting[len(group):]
	s.queue.Unlock()
	if len(group) == 0 {
		return
	}
	if err := s.commitGroup(group); err != nil {
		for _, r := range group {
			if r.err == nil {
				r.err = err
			}
		}
	}
	for _, r := range group {
		close(r.done)
	}
}

func (s *Store) commitGroup(group []*request) (err error) {
	// One caller's cancellation must not undo the others' changes, and a
	// database that hangs must not hang the program.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(group[0].ctx), commitWithin)
	defer cancel()
	for attempt := range attempts {
		if err = s.tryGroup(ctx, group); err == nil || !retryable(err) {
			break
		}
		time.Sleep(time.Duration(attempt+1) * 5 * time.Millisecond)
	}
	if err != nil && full(err) {
		return fmt.Errorf("commit: %w", ErrFull)
	}
	return err
}

func (s *Store) tryGroup(ctx context.Context, group []*request) (err error) {
	conn, err := s.write.Conn(ctx)
	if err != nil {
		return s.lost(err)
	}
	defer conn.Close()
	if _, err := conn.ExecContext(ctx, s.engine.begin); err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer func() {
		if err != nil {
			_, undo := conn.ExecContext(ctx, "ROLLBACK")
			_ = undo // the connection is gone or has rolled back by itself
			s.frontier = nil
		}
	}()
	frontier, err := s.lockHead(ctx, conn)
	if err != nil {
		return err
	}
	var entries []sealed
	for _, r := range group {
		more, failure, err := s.runOne(conn, r, frontier.Size()+int64(len(entries)))
		if err != nil {
			return err
		}
		r.err = failure
		entries = append(entries, more...)
	}
	if len(entries) > 0 {
		if err := s.append(ctx, conn, frontier, entries); err != nil {
			return err
		}
	}
	durable.Step("store.commit")
	if _, err := conn.ExecContext(ctx, "COMMIT"); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	durable.Step("store.committed")
	s.frontier = frontier
	if s.engine.name == sqliteEngine.name && erases(entries) {
		s.unerased.Store(true)
		s.emptyLog(ctx, conn)
	}
	return nil
}

func erases(entries []sealed) bool {
	return slices.ContainsFunc(entries, func(e sealed) bool { return e.entry.Kind == ledger.Erased{}.Kind() })
}

// emptyLog takes what was erased out of SQLite's write-ahead log. A reader can
// be in the way; then Tidy tries again.
func (s *Store) emptyLog(ctx context.Context, conn *sql.Conn) {
	var busy, pages, moved int
	_, err := conn.ExecContext(ctx, "PRAGMA busy_timeout = 200") // all others wait for this
	if err == nil {
		err = conn.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &pages, &moved)
	}
	if _, back := conn.ExecContext(ctx, "PRAGMA busy_timeout = 10000"); err == nil {
		err = back
	}
	if err != nil {
		s.log.WarnContext(ctx, "write-ahead log not emptied after an erasure", "err", err)
	}
	s.unerased.Store(err != nil || busy != 0)
}

// Tidy finishes what an erasure had to leave because somebody was reading.
// Call it now and then.
func (s *Store) Tidy(ctx context.Context) error {
	if !s.unerased.Load() {
		return nil
	}
	s.lead <- struct{}{}
	defer func() { <-s.lead }()
	conn, err := s.write.Conn(ctx)
	if err != nil {
		return s.lost(err)
	}
	defer conn.Close()
	s.emptyLog(ctx, conn)
	return nil
}

func (s *Store) lost(err error) error {
	if errors.Is(err, sql.ErrConnDone) {
		return ErrClosed
	}
	return fmt.Errorf("reach database: %w", err)
}

// runOne runs one change inside a savepoint. It returns the change's own
// failure apart from a failure of the database.
func (s *Store) runOne(conn *sql.Conn, r *request, next int64) (entries []sealed, failure, err error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.ctx), commitWithin)
	defer cancel()
	if _, err := conn.ExecContext(ctx, "SAVEPOINT one"); err != nil {
		return nil, nil, fmt.Errorf("begin update: %w", err)
	}
	tx := &transaction{store: s, conn: conn, who: r.who, now: s.now().UTC().Truncate(microsecond), next: next, things: map[ledger.Subject]*held{}}
	failure = r.ctx.Err()
	if failure == nil {
		failure = tx.run(ctx, r.change)
	}
	if failure == nil {
		failure = tx.save(ctx)
	}
	if failure != nil && (retryable(failure) || full(failure)) {
		return nil, nil, failure
	}
	end := "RELEASE SAVEPOINT one"
	if failure != nil {
		end, tx.entries = "ROLLBACK TO SAVEPOINT one", nil
	}
	if _, err := conn.ExecContext(ctx, end); err != nil {
		return nil, nil, fmt.Errorf("end update: %w", err)
	}
	return tx.entries, failure, nil
}

// append writes the group's entries, the nodes they complete and the new
// signed head.
func (s *Store) append(ctx context.Context, conn *sql.Conn, frontier *ledger.Frontier, entries []sealed) error {
	rows := make([]any, 0, len(entries)*11)
	nodes := make([]any, 0, len(entries)*4)
	for i := range entries {
		e := &entries[i].entry
		rows = append(rows, e.Tenant, e.Index, e.Kind, string(e.Subject), e.Case, e.Actor, e.At.UnixMicro(), microseconds(e.Happened),
			entries[i].payload, e.Salt, e.Leaf[:])
		for _, node := range frontier.Append(e.Leaf) {
			nodes = append(nodes, node.Index, append([]byte(nil), node.Hash[:]...))
		}
	}
	const entrySQL = `INSERT INTO ledger_entries (tenant_id, idx, kind, subject, case_id, actor, at, happened, payload, salt, leaf) VALUES`
	if err := insertRows(ctx, conn, entrySQL, 11, rows); err != nil {
		return fmt.Errorf("write entries: %w", err)
	}
	if err := insertRows(ctx, conn, `INSERT INTO ledger_nodes (idx, hash) VALUES`, 2, nodes); err != nil {
		return fmt.Errorf("write ledger nodes: %w", err)
	}
	note, err := s.sign(frontier)
	if err != nil {
		return err
	}
	if _, err := conn.ExecContext(ctx, `UPDATE ledger_head SET size = $1, note = $2 WHERE id = 1`, frontier.Size(), note); err != nil {
		return fmt.Errorf("write ledger head: %w", err)
	}
	return nil
}

func microseconds(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}
