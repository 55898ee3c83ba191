package casefile

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/stanch/stanch/card"
	"github.com/stanch/stanch/internal/finding"
	"github.com/stanch/stanch/internal/record"
)

// A Batch is what one examination of a file showed: findings that are new or
// changed. Also, if set, runs in the same transaction, so that the watcher's
// mark and the findings commit together.
type Batch struct {
	Seen    []finding.Seen
	Moved   map[finding.ID]string        // findings whose file has a new name, by id
	Settled map[finding.ID]finding.State // findings that are clean or gone
	Also    func(context.Context, record.Tx) error
}

// Take records a batch, opens or joins cases by the policy, and recomputes
// the exposure of each case it touched.
func (d *Desk) Take(ctx context.Context, who record.Who, b Batch) error {
	err := d.Store.Update(ctx, who, func(ctx context.Context, tx record.Tx) error {
		touched := map[ID]bool{}
		for _, seen := range b.Seen {
			if err := d.takeOne(ctx, tx, seen, touched); err != nil {
				return err
			}
		}
		if err := d.takeChanges(ctx, tx, b, touched); err != nil {
			return err
		}
		for id := range touched {
			if err := d.recompute(ctx, tx, id); err != nil {
				return err
			}
		}
		if b.Also == nil {
			return nil
		}
		return b.Also(ctx, tx)
	})
	if err != nil {
		return fmt.Errorf("take findings: %w", err)
	}
	return nil
}

func (d *Desk) takeOne(ctx context.Context, tx record.Tx, seen finding.Seen, touched map[ID]bool) error {
	id := seen.Place.ID()
	before := finding.Finding{}
	if thing, err := tx.Load(ctx, id.Subject()); err == nil {
		before = *thing.(*finding.Finding)
	}
	if err := tx.Record(ctx, id.Subject(), seen, record.About{Case: before.Case}); err != nil {
		return err
	}
	thing, err := tx.Load(ctx, id.Subject())
	if err != nil {
		return err
	}
	return d.assign(ctx, tx, thing.(*finding.Finding), touched)
}

// assign puts a finding into the case it belongs to, if it belongs to any.
func (d *Desk) assign(ctx context.Context, tx record.Tx, f *finding.Finding, touched map[ID]bool) error {
	if f.State == finding.RuledOut {
		return nil
	}
	if f.Case != "" {
		c, err := load(ctx, tx, ID(f.Case))
		if err != nil {
			return err
		}
		if c.State.Live() {
			touched[c.ID] = true
			return d.leaksAgain(ctx, tx, c, f)
		}
	}
	verdict := d.Packs.Policy.Judge(f.Sensitive, int(f.Counts.Judged))
	if f.Counts.Judged == 0 && !f.Sensitive || len(verdict.Rules) == 0 {
		return nil
	}
	id, err := d.caseFor(ctx, tx, f)
	if err != nil {
		return err
	}
	if id == "" && !verdict.Open {
		return nil
	}
	if id == "" {
		if id, err = d.open(ctx, tx, Opened{Severity: verdict.Severity, Source: "watch", Root: f.Place.Root, Place: f.Place.Folder(), Rules: verdict.Rules}); err != nil {
			return err
		}
	}
	return d.join(ctx, tx, id, f, verdict.Severity, touched)
}

func (d *Desk) join(ctx context.Context, tx record.Tx, id ID, f *finding.Finding, severity int, touched map[ID]bool) error {
	about := record.About{Case: string(id)}
	if err := tx.Record(ctx, f.ID.Subject(), finding.Joined{Case: string(id)}, about); err != nil {
		return err
	}
	if err := tx.Record(ctx, id.Subject(), Joined{Finding: string(f.ID), Severity: severity}, about); err != nil {
		return err
	}
	touched[id] = true
	return nil
}

// leaksAgain says so if data came back after the case was contained.
func (d *Desk) leaksAgain(ctx context.Context, tx record.Tx, c *Case, f *finding.Finding) error {
	if c.Contained == 0 || f.State != finding.Open {
		return nil
	}
	return tx.Record(ctx, c.ID.Subject(), Contained{Leaking: true}, c.about(time.Time{}))
}

// caseFor returns the live case that a finding joins by the policy's window.
func (d *Desk) caseFor(ctx context.Context, tx record.Tx, f *finding.Finding) (ID, error) {
	join := d.Packs.Policy.Join
	ids, err := d.Store.Live(ctx, tx, f.Place.Root, f.Place.Folder())
	if err != nil {
		return "", err
	}
	for _, id := range ids {
		c, err := load(ctx, tx, id)
		if err != nil {
			return "", err
		}
		last := max(c.LastLeak, c.Opened)
		switch {
		case join.SameRoot && c.Root != f.Place.Root, join.SameFolder && c.Place != f.Place.Folder():
		case tx.Now().Sub(time.UnixMicro(last)) <= join.Within.Duration():
			return id, nil
		}
	}
	return "", nil
}

// open begins a case. Its number, codename and packs are filled in here.
func (d *Desk) open(ctx context.Context, tx record.Tx, o Opened) (ID, error) {
	last, err := d.Store.LastNumber(ctx, tx)
	if err != nil {
		return "", err
	}
	name := d.Packs.Codenames.Nth(uint64(last))
	o.Number, o.CodenameZH, o.CodenameEN, o.Packs = last+1, name.ZH, name.EN, d.Packs.Versions()["playbook.yaml"]
	id := ID(uuid.Must(uuid.NewV7()).String())
	return id, tx.Record(ctx, id.Subject(), o, record.About{Case: string(id)})
}

func (d *Desk) takeChanges(ctx context.Context, tx record.Tx, b Batch, touched map[ID]bool) error {
	for id, path := range b.Moved {
		if err := d.follow(ctx, tx, id, finding.Moved{Path: path}, touched); err != nil {
			return err
		}
	}
	for id, state := range b.Settled {
		if err := d.follow(ctx, tx, id, finding.Settled{State: state}, touched); err != nil {
			return err
		}
	}
	return nil
}

func (d *Desk) follow(ctx context.Context, tx record.Tx, id finding.ID, body interface{ Kind() string }, touched map[ID]bool) error {
	thing, err := tx.Load(ctx, id.Subject())
	if err != nil {
		return err
	}
	f := thing.(*finding.Finding)
	if settled, ok := body.(finding.Settled); ok && (f.State == settled.State || f.State == finding.Locked) {
		return nil
	}
	if f.Case != "" {
		touched[ID(f.Case)] = true
	}
	return tx.Record(ctx, id.Subject(), body, record.About{Case: f.Case})
}

// recompute adds a new version of the exposure if it changed.
func (d *Desk) recompute(ctx context.Context, tx record.Tx, id ID) error {
	c, err := load(ctx, tx, id)
	if err != nil {
		return err
	}
	found, err := d.Store.FindingsOf(ctx, tx, id, findingsPerCase)
	if err != nil {
		return err
	}
	var segments []finding.Segment
	for _, f := range found {
		if f.State != finding.RuledOut {
			segments = append(segments, f.Segments...)
		}
	}
	cards, err := d.Cards.Union(ctx, segments)
	if err != nil {
		return fmt.Errorf("count cards of case %s: %w", id, err)
	}
	x := expose(c, found, cards, d.Packs)
	if sameExposure(x, c.Exposure) {
		return nil
	}
	return tx.Record(ctx, id.Subject(), Exposed{x}, c.about(time.Time{}))
}

// sameExposure reports whether two exposures say the same, whatever their
// versions.
func sameExposure(a, b Exposure) bool {
	if b.Version == 0 {
		return false
	}
	a.Version = b.Version
	first, err := json.Marshal(a)
	second, err2 := json.Marshal(b)
	return err == nil && err2 == nil && bytes.Equal(first, second)
}

// Report takes a sign that a person reports. It joins the case named, or the
// newest live case at the same place, or opens one; it returns the case and
// whether it was there before.
func (d *Desk) Report(ctx context.Context, who record.Who, s Sign, into ID) (id ID, joined bool, err error) {
	if err := d.checkSign(&s); err != nil {
		return "", false, fmt.Errorf("report sign: %w", err)
	}
	s.ID = uuid.Must(uuid.NewV7()).String()
	err = d.Store.Update(ctx, who, func(ctx context.Context, tx record.Tx) error {
		id, joined = into, true
		if id == "" {
			ids, err := d.Store.Live(ctx, tx, "", s.Place)
			if err != nil {
				return err
			}
			if len(ids) > 0 && s.Place != "" {
				id = ids[0]
			}
		}
		if id == "" {
			severity, _ := d.Packs.DataClasses.Severity(s.Data)
			opened, err := d.open(ctx, tx, Opened{Severity: max(severity, 2), Source: "sign", Place: s.Place})
			if err != nil {
				return err
			}
			id, joined = opened, false
		}
		return d.addSign(ctx, tx, id, s)
	})
	if err != nil {
		return "", false, fmt.Errorf("report sign: %w", err)
	}
	return id, joined, nil
}

func (d *Desk) addSign(ctx context.Context, tx record.Tx, id ID, s Sign) error {
	c, err := load(ctx, tx, id)
	if err != nil {
		return err
	}
	if !c.State.Allows(CmdWork) {
		return fmt.Errorf("add to a case that is %s: %w", c.State, ErrState)
	}
	if err := tx.Record(ctx, id.Subject(), SignReported{s}, c.about(time.Time{})); err != nil {
		return err
	}
	return d.recompute(ctx, tx, id)
}

// mostCards is more than there are in the world, and a number that JSON keeps.
const mostCards = 10_000_000_000

// checkSign holds a sign to the packs' lists and keeps card numbers out.
func (d *Desk) checkSign(s *Sign) error {
	if _, ok := d.Packs.Signs.Kind(s.Kind); !ok {
		return fmt.Errorf("kind of sign: %w", ErrUnknown)
	}
	if _, ok := d.Packs.Signs.Reporter(s.Reporter); !ok {
		return fmt.Errorf("reporter: %w", ErrUnknown)
	}
	for _, id := range s.Data {
		if _, ok := d.Packs.DataClasses.Class(id); !ok {
			return fmt.Errorf("kind of data: %w", ErrUnknown)
		}
	}
	if s.Cards.Low > s.Cards.High && s.Cards.High >= 0 || max(s.Cards.Low, s.Cards.High) > mostCards {
		return ErrCount
	}
	if s.From > s.To && s.To != 0 {
		return ErrWindow
	}
	if slices.ContainsFunc(append([]string{s.Place, s.Text, s.Store}, s.Exhibits...), card.HoldsPAN) {
		return ErrCardData
	}
	return nil
}
