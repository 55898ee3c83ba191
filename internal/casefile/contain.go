package casefile

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/stanch/stanch/internal/finding"
	"github.com/stanch/stanch/internal/record"
)

// An ExhibitID names a sealed exhibit or an attachment. Package evidence makes
// them; they stand here because plans and cases point at exhibits too.
type ExhibitID string

// An Original is something that is to be sealed: where it came from, what is
// known of it, and its bytes. Name is safe to show. Meta is kept with the
// content, encrypted, and is never shown. Content yields exactly Size bytes.
type Original struct {
	Case    ID
	Name    string
	Size    int64
	SHA256  string // of the content, in hex, if known before; a seal that differs is not made
	Meta    json.RawMessage
	Content io.Reader
	// Also, if set, runs in the transaction that records the seal.
	Also func(ctx context.Context, tx record.Tx, id ExhibitID) error
}

// Acting returns the case if its state lets a plan change a target. It runs
// inside a transaction of the plan's.
func (d *Desk) Acting(ctx context.Context, tx record.Tx, id ID) (*Case, error) {
	c, err := load(ctx, tx, id)
	if err != nil {
		return nil, err
	}
	if !c.State.Allows(CmdAct) {
		return nil, fmt.Errorf("act on a case that is %s: %w", c.State, ErrState)
	}
	return c, nil
}

// A Settlement is what a plan did to findings of a case.
type Settlement struct {
	Case     ID
	Plan     string
	State    finding.State
	Findings []finding.ID
	Reason   string
	Exhibits []string
}

// Settle records what a plan did to findings, marks the task of the playbook
// that the plan carried out, and, if nothing of the case is open any more,
// that it is contained. It runs inside a transaction of the plan's.
func (d *Desk) Settle(ctx context.Context, tx record.Tx, s Settlement) error {
	c, err := load(ctx, tx, s.Case)
	if err != nil {
		return err
	}
	for _, id := range s.Findings {
		if err := settleOne(ctx, tx, c, id, s); err != nil {
			return err
		}
	}
	left, err := d.left(ctx, tx, c)
	if err != nil {
		return err
	}
	if err := d.markAutomated(ctx, tx, c, s, left); err != nil {
		return err
	}
	switch {
	case s.State == finding.Open:
		return tx.Record(ctx, c.ID.Subject(), Contained{Leaking: true, Plan: s.Plan}, c.about(time.Time{}))
	case left[finding.Open] || left[finding.Sealed]:
		return nil // sealed data still lies where it leaks
	}
	return d.contained(ctx, tx, c, s.Plan)
}

// contained says that nothing of the case is open any more.
func (d *Desk) contained(ctx context.Context, tx record.Tx, c *Case, plan string) error {
	if err := d.recompute(ctx, tx, c.ID); err != nil {
		return err
	}
	if err := d.markRescanned(ctx, tx, c, plan); err != nil {
		return err
	}
	return tx.Record(ctx, c.ID.Subject(), Contained{Plan: plan, Clean: true}, c.about(time.Time{}))
}

// markRescanned marks the tasks that a clean re-scan carries out, unless a
// person has said something of them.
func (d *Desk) markRescanned(ctx context.Context, tx record.Tx, c *Case, plan string) error {
	for _, choice := range d.Packs.Playbook.Choose(d.Facts(c)) {
		t := choice.Task
		if t.Automated != "rescan" || c.Tasks[t.ID].State != "" {
			continue
		}
		m := Marked{What: "task", Item: t.ID, State: "done"}
		if plan != "" {
			m.Evidence = []string{plan}
		}
		if err := tx.Record(ctx, c.ID.Subject(), m, c.about(time.Time{})); err != nil {
			return err
		}
	}
	return nil
}

// left returns the states that the findings of a case are in. A case with more
// findings than are looked at counts as having open ones.
func (d *Desk) left(ctx context.Context, tx record.Tx, c *Case) (map[finding.State]bool, error) {
	found, err := d.Store.FindingsOf(ctx, tx, c.ID, findingsPerCase)
	if err != nil {
		return nil, err
	}
	left := map[finding.State]bool{finding.Open: len(found) == 0 || len(found) == findingsPerCase}
	for _, f := range found {
		left[f.State] = true
	}
	return left, nil
}

func settleOne(ctx context.Context, tx record.Tx, c *Case, id finding.ID, s Settlement) error {
	thing, err := tx.Load(ctx, id.Subject())
	if err != nil {
		return fmt.Errorf("settle finding %s: %w", id, err)
	}
	f := thing.(*finding.Finding)
	// A seal takes nothing away: what is locked or gone stays so.
	if f.State == s.State || s.State == finding.Sealed && f.State != finding.Open {
		return nil
	}
	return tx.Record(ctx, id.Subject(), finding.Settled{State: s.State, Reason: s.Reason, Plan: s.Plan}, c.about(time.Time{}))
}

// markAutomated marks the tasks that plans carry out as done once they have for
// every finding, unless a person has said something of them, and opens the
// lock again when it is taken back. A lock seals first, so it does both.
func (d *Desk) markAutomated(ctx context.Context, tx record.Tx, c *Case, s Settlement, left map[finding.State]bool) error {
	state, reason := "done", ""
	var which []string
	switch {
	case s.State == finding.Open:
		state, reason, which = "open", s.Reason, []string{"lock"}
	case left[finding.Open]:
	case left[finding.Sealed]:
		which = []string{"seal"}
	default:
		which = []string{"seal", "lock"}
	}
	for _, choice := range d.Packs.Playbook.Choose(d.Facts(c)) {
		t := choice.Task
		settled := slices.Contains([]string{"done", "not_needed"}, c.Tasks[t.ID].State)
		if !slices.Contains(which, t.Automated) || settled == (state == "done") {
			continue
		}
		m := Marked{What: "task", Item: t.ID, State: state, Reason: reason, Evidence: append([]string{s.Plan}, s.Exhibits...)}
		if err := tx.Record(ctx, c.ID.Subject(), m, c.about(time.Time{})); err != nil {
			return err
		}
	}
	return nil
}

// Rescanned says that a person had every place of the case looked at again. If
// nothing of it is open any more, that is entered, with the time.
func (d *Desk) Rescanned(ctx context.Context, who record.Who, id ID) error {
	err := d.Store.Update(ctx, who, func(ctx context.Context, tx record.Tx) error {
		c, err := load(ctx, tx, id)
		if err != nil || !c.State.Live() {
			return err // an ended case stays as it was judged
		}
		left, err := d.left(ctx, tx, c)
		if err != nil || left[finding.Open] || left[finding.Sealed] {
			return err
		}
		return d.contained(ctx, tx, c, "")
	})
	if err != nil {
		return fmt.Errorf("enter re-scan of case %s: %w", id, err)
	}
	return nil
}

// Leaks says that a plan's probe found card data where it should be gone.
func (d *Desk) Leaks(ctx context.Context, tx record.Tx, id ID, plan string) error {
	c, err := load(ctx, tx, id)
	if err != nil {
		return err
	}
	return tx.Record(ctx, c.ID.Subject(), Contained{Leaking: true, Plan: plan}, c.about(time.Time{}))
}

// CleanText refuses text of a person's in which a card number stands, and text
// that says nothing.
func CleanText(text string) error {
	if strings.TrimSpace(text) == "" {
		return ErrReason
	}
	return clean(text)
}
