package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/stanch/stanch/internal/casefile"
	"github.com/stanch/stanch/internal/estate"
	"github.com/stanch/stanch/internal/notice"
	"github.com/stanch/stanch/internal/record"
	"github.com/stanch/stanch/internal/tenant"
)

func alarmNoun() noun {
	return noun{
		name: notice.Noun, table: "alarms",
		columns: []string{"rang", "leak", "waiting"},
		zero:    func() record.Thing { return &notice.Alarm{} },
		values: func(t record.Thing) []any {
			a := t.(*notice.Alarm)
			return []any{a.Rang, a.Leak, int64(a.Waiting())}
		},
	}
}

// DueAlarms implements [notice.Store].
func (s *Store) DueAlarms(ctx context.Context, t tenant.ID, c notice.Cutoffs, limit int) ([]notice.Due, notice.Total, error) {
	due, err := s.leakingCases(ctx, t, c, limit)
	if err != nil {
		return nil, notice.Total{}, fmt.Errorf("list cases that leak: %w", err)
	}
	leaking := map[casefile.ID]bool{}
	for _, d := range due {
		leaking[d.Case] = true
	}
	others, total, err := s.unheardCases(ctx, t, c, limit)
	if err != nil {
		return nil, total, fmt.Errorf("list cases to alarm for: %w", err)
	}
	for _, d := range others {
		if !leaking[d.Case] {
			due = append(due, d)
		}
	}
	return due, total, nil
}

// leakingCases finds live cases whose newest word on containment is that they
// leak, and for which no alarm has rung since. Only the JSON of a case says
// that it leaks; within a text that a person typed the quotes would be escaped.
func (s *Store) leakingCases(ctx context.Context, t tenant.ID, c notice.Cutoffs, limit int) ([]notice.Due, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT c.body, c.last FROM (
			SELECT id, body, number, (SELECT COALESCE(MAX(idx), 0) FROM ledger_entries e
				WHERE e.tenant_id = cases.tenant_id AND e.subject = 'case:' || cases.id AND e.kind = 'case.contained') AS last
			FROM cases WHERE tenant_id = $1 AND live = 1 AND updated >= $2 AND body LIKE '%"leaking":true%') AS c
		LEFT JOIN alarms a ON a.tenant_id = $1 AND a.id = c.id
		WHERE c.last > COALESCE(a.leak, 0) ORDER BY c.number LIMIT $3`, string(t), c.Updated, limit)
	if err != nil {
		return nil, err
	}
	return scanAll(rows, func(r *sql.Rows) (notice.Due, error) {
		var last int64
		d, err := scanDue(r, &last)
		d.Reason, d.Leak = notice.Leaking, last
		return d, err
	})
}

// heard is the condition under which a live case is due as new or unseen.
const heard = `FROM cases c LEFT JOIN alarms a ON a.tenant_id = c.tenant_id AND a.id = c.id
	WHERE c.tenant_id = $1 AND c.live = 1 AND (
		a.id IS NULL AND c.number > $2 AND (c.seen = 0 OR c.opened >= $3)
		OR c.seen = 0 AND COALESCE(a.rang, 0) <= $4 AND (c.number > $2 OR $5 <= $4))`

func (s *Store) unheardCases(ctx context.Context, t tenant.ID, c notice.Cutoffs, limit int) (due []notice.Due, total notice.Total, err error) {
	args := []any{string(t), c.Through, c.Since, c.Rung, c.Crowd}
	err = s.read.QueryRowContext(ctx, `SELECT COUNT(*), COALESCE(MAX(c.number), 0) `+heard, args...).Scan(&total.Count, &total.Through)
	if err != nil || total.Count == 0 {
		return nil, total, err
	}
	rows, err := s.read.QueryContext(ctx, `SELECT c.body, CASE WHEN a.id IS NULL AND c.number > $2 THEN 0 ELSE 1 END `+heard+` ORDER BY c.number LIMIT $6`,
		append(args, limit)...)
	if err != nil {
		return nil, total, err
	}
	due, err = scanAll(rows, func(r *sql.Rows) (notice.Due, error) {
		var again int64
		d, err := scanDue(r, &again)
		if d.Reason = notice.NewCase; again == 1 {
			d.Reason = notice.UnseenCase
		}
		return d, err
	})
	return due, total, err
}

func scanDue(rows *sql.Rows, further *int64) (notice.Due, error) {
	var body string
	if err := rows.Scan(&body, further); err != nil {
		return notice.Due{}, err
	}
	var c casefile.Case
	if err := json.Unmarshal([]byte(body), &c); err != nil {
		return notice.Due{}, errors.New("row is damaged")
	}
	return notice.Due{Case: c.ID, Number: c.Number, CodenameZH: c.CodenameZH, CodenameEN: c.CodenameEN}, nil
}

// PendingAlarms implements [notice.Store].
func (s *Store) PendingAlarms(ctx context.Context, t tenant.ID, limit int) ([]*notice.Alarm, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT body FROM alarms WHERE tenant_id = $1 AND waiting > 0 ORDER BY rang, id LIMIT $2`, string(t), limit)
	if err != nil {
		return nil, fmt.Errorf("list pending alarms: %w", err)
	}
	return scanAll(rows, scanBody[notice.Alarm])
}

// Alarms implements [notice.Store].
func (s *Store) Alarms(ctx context.Context, t tenant.ID, limit int) ([]*notice.Alarm, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT body FROM alarms WHERE tenant_id = $1 ORDER BY rang DESC, id LIMIT $2`, string(t), limit)
	if err != nil {
		return nil, fmt.Errorf("list alarms: %w", err)
	}
	return scanAll(rows, scanBody[notice.Alarm])
}

// AlarmResults implements [notice.Store].
func (s *Store) AlarmResults(ctx context.Context, t tenant.ID) (map[estate.ChannelID]notice.Result, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT channel, at, ok, word, code, failing FROM alarm_results WHERE tenant_id = $1`, string(t))
	if err != nil {
		return nil, fmt.Errorf("list results of alarms: %w", err)
	}
	results := map[estate.ChannelID]notice.Result{}
	_, err = scanAll(rows, func(r *sql.Rows) (struct{}, error) {
		var one notice.Result
		var ok int
		err := r.Scan(&one.Channel, &one.At, &ok, &one.Word, &one.Code, &one.Failing)
		one.OK = ok == 1
		results[one.Channel] = one
		return struct{}{}, err
	})
	return results, err
}

// SaveAlarmResult implements [notice.Store].
func (s *Store) SaveAlarmResult(ctx context.Context, tx record.Tx, r notice.Result) error {
	t := querierOf(tx)
	failing := int64(0)
	if !r.OK {
		failing = r.At
	}
	_, err := t.conn.ExecContext(ctx, `INSERT INTO alarm_results (tenant_id, channel, at, ok, word, code, failing) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (tenant_id, channel) DO UPDATE SET at = excluded.at, ok = excluded.ok, word = excluded.word, code = excluded.code,
			failing = CASE WHEN excluded.ok = 0 AND alarm_results.failing > 0 THEN alarm_results.failing ELSE excluded.failing END`,
		string(t.who.Tenant), string(r.Channel), r.At, flag(r.OK), string(r.Word), r.Code, failing)
	if err != nil {
		return fmt.Errorf("keep result of channel %s: %w", r.Channel, err)
	}
	return nil
}
