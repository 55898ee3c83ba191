package casefile

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/stanch/stanch/card"
	"github.com/stanch/stanch/internal/finding"
	"github.com/stanch/stanch/internal/record"
	"github.com/stanch/stanch/internal/tenant"
	"github.com/stanch/stanch/ledger"
	"github.com/stanch/stanch/packs"
)

// Store finds cases and findings. Its implementation is in internal/store.
type Store interface {
	record.Book
	// Live returns the ids of the cases in a live state whose root or place
	// is one of these, newest first, as the transaction sees them. Empty
	// arguments match nothing.
	Live(ctx context.Context, tx record.Tx, root, place string) ([]ID, error)
	// LastNumber returns the number of the newest case, 0 if there is none.
	LastNumber(ctx context.Context, tx record.Tx) (int64, error)
	// FindingsOf returns the findings of a case as the transaction sees
	// them, at most limit.
	FindingsOf(ctx context.Context, tx record.Tx, id ID, limit int) ([]*finding.Finding, error)
	// EvidenceOf reports whether a plan, an exhibit or a finding of the case
	// has this id, as the transaction sees them.
	EvidenceOf(ctx context.Context, tx record.Tx, of ID, id string) (bool, error)
}

// Cards counts the distinct cards over segments.
type Cards interface {
	// Union returns the distinct cards over all the segments given.
	Union(ctx context.Context, segments []finding.Segment) (Union, error)
}

// A Desk opens cases and moves them. Its methods are safe for concurrent use,
// and what they change is durable when they return nil.
type Desk struct {
	Store     Store
	Cards     Cards
	Packs     *packs.Packs
	OnePerson func() bool   // whether the house runs in one-person mode
	Country   func() string // of the house, two capital letters; nil or empty is unknown
}

// findingsPerCase bounds how many findings one exposure adds up.
const findingsPerCase = 10_000

// load reads a case inside a transaction.
func load(ctx context.Context, tx record.Tx, id ID) (*Case, error) {
	thing, err := tx.Load(ctx, id.Subject())
	if errors.Is(err, record.ErrNone) {
		return nil, ErrNoCase
	}
	if err != nil {
		return nil, err
	}
	return thing.(*Case), nil
}

// Case returns a case as last committed, or [ErrNoCase].
func (d *Desk) Case(ctx context.Context, t tenant.ID, id ID) (*Case, error) {
	thing, err := d.Store.Read(ctx, t, id.Subject())
	if errors.Is(err, record.ErrNone) {
		return nil, ErrNoCase
	}
	if err != nil {
		return nil, err
	}
	return thing.(*Case), nil
}

// change runs a decision about one case that is in a state that allows cmd.
func (d *Desk) change(ctx context.Context, who record.Who, id ID, cmd Command, decide func(context.Context, record.Tx, *Case) error) error {
	err := d.Store.Update(ctx, who, func(ctx context.Context, tx record.Tx) error {
		c, err := load(ctx, tx, id)
		if err != nil {
			return err
		}
		if !c.State.Allows(cmd) {
			return fmt.Errorf("%s a case that is %s: %w", strings.ReplaceAll(string(cmd), "_", " "), c.State, ErrState)
		}
		return decide(ctx, tx, c)
	})
	if err != nil {
		return fmt.Errorf("change case %s: %w", id, err)
	}
	return nil
}

// about ties an entry to the case.
func (c *Case) about(happened time.Time) record.About {
	return record.About{Case: string(c.ID), Happened: happened}
}

// Confirm says that the suspicion is true.
func (d *Desk) Confirm(ctx context.Context, who record.Who, id ID, reason string) error {
	if err := clean(reason); err != nil {
		return err
	}
	return d.change(ctx, who, id, CmdConfirm, func(ctx context.Context, tx record.Tx, c *Case) error {
		_, asked := d.Packs.Playbook.Task(confirmTask)
		if asked && c.Tasks[confirmTask].State == "" {
			done := Marked{What: "task", Item: confirmTask, State: "done", Reason: reason}
			if err := tx.Record(ctx, id.Subject(), done, c.about(time.Time{})); err != nil {
				return err
			}
		}
		return tx.Record(ctx, id.Subject(), Moved{Confirmed, reason}, c.about(time.Time{}))
	})
}

// confirmTask is the task of the playbook that confirming a case carries out.
const confirmTask = "scope.confirm"

// RuleOut says that it is not a leak, and why. The findings of the case become
// the baseline: they do not open a case again unless more cards appear there.
func (d *Desk) RuleOut(ctx context.Context, who record.Who, id ID, reason string) error {
	if err := needReason(reason); err != nil {
		return err
	}
	return d.change(ctx, who, id, CmdRuleOut, func(ctx context.Context, tx record.Tx, c *Case) error {
		found, err := d.Store.FindingsOf(ctx, tx, id, findingsPerCase)
		if err != nil {
			return err
		}
		for _, f := range found {
			if f.State == finding.Open {
				if err := tx.Record(ctx, f.ID.Subject(), finding.Settled{State: finding.RuledOut, Reason: reason}, c.about(time.Time{})); err != nil {
					return err
				}
			}
		}
		return tx.Record(ctx, id.Subject(), Moved{RuledOut, reason}, c.about(time.Time{}))
	})
}

// Close ends a case whose stages are all done or not needed and whose gates
// are all answered. Otherwise it returns a *[NotReady], which wraps [ErrGates].
func (d *Desk) Close(ctx context.Context, who record.Who, id ID, summary string) error {
	if err := needReason(summary); err != nil {
		return err
	}
	return d.change(ctx, who, id, CmdClose, func(ctx context.Context, tx record.Tx, c *Case) error {
		if missing := d.Board(c).Missing(); len(missing) > 0 {
			return &NotReady{missing}
		}
		return tx.Record(ctx, id.Subject(), Moved{Closed, summary}, c.about(time.Time{}))
	})
}

// Reopen returns an ended case to confirmed.
func (d *Desk) Reopen(ctx context.Context, who record.Who, id ID, reason string) error {
	if err := needReason(reason); err != nil {
		return err
	}
	return d.change(ctx, who, id, CmdReopen, func(ctx context.Context, tx record.Tx, c *Case) error {
		return tx.Record(ctx, id.Subject(), Moved{Confirmed, reason}, c.about(time.Time{}))
	})
}

// See notes that a person looked at the case, the first time only.
func (d *Desk) See(ctx context.Context, who record.Who, id ID) error {
	c, err := d.Case(ctx, who.Tenant, id)
	if err != nil || c.Seen != 0 || who.Actor == record.System {
		return err
	}
	return d.Store.Update(ctx, who, func(ctx context.Context, tx record.Tx) error {
		c, err := load(ctx, tx, id)
		if err != nil || c.Seen != 0 {
			return err
		}
		return tx.Record(ctx, id.Subject(), SeenFirst{}, c.about(time.Time{}))
	})
}

// Note adds a remark. Happened is when the thing remarked on happened, if the
// person says so. A text that holds a card number is [ErrCardData].
func (d *Desk) Note(ctx context.Context, who record.Who, id ID, text, box string, happened time.Time) error {
	if err := clean(text, box); err != nil {
		return err
	}
	if _, known := d.Packs.Sheet.Box(box); box != "" && !known {
		return fmt.Errorf("box of the sheet: %w", ErrUnknown)
	}
	if strings.TrimSpace(text) == "" {
		return ErrReason
	}
	note := Noted{ID: uuid.Must(uuid.NewV7()).String(), Text: text, Box: box}
	return d.change(ctx, who, id, CmdWork, func(ctx context.Context, tx record.Tx, c *Case) error {
		return tx.Record(ctx, id.Subject(), note, c.about(happened))
	})
}

// Mark records what was done with a task, stage or gate of the playbook.
// Anything but "done" needs a reason, as do the gates' answers that say so. A
// stage that is not needed settles its open tasks with it, each with the same
// reason; one with open tasks is not done: [ErrOpenTasks].
// What it names as evidence has to be of the case: PCI DSS 12.10.7 is not
// answered by a word. Otherwise it is [ErrEvidence].
func (d *Desk) Mark(ctx context.Context, who record.Who, id ID, m Marked, happened time.Time) error {
	if err := clean(m.Reason); err != nil {
		return err
	}
	if err := checkIDs(m.Evidence...); err != nil {
		return fmt.Errorf("mark %s: evidence: %w", id, err)
	}
	if err := checkIDs(m.Owner); err != nil && m.Owner != "" {
		return fmt.Errorf("mark %s: owner: %w", id, err)
	}
	if err := d.checkMark(m); err != nil {
		return err
	}
	return d.change(ctx, who, id, CmdWork, func(ctx context.Context, tx record.Tx, c *Case) error {
		for _, item := range m.Evidence {
			if err := d.checkProof(ctx, tx, c, item); err != nil {
				return fmt.Errorf("mark %s %s: %w", m.What, m.Item, err)
			}
		}
		if err := d.checkAgainst(c, m); err != nil {
			return err
		}
		marks, err := d.withTasks(c, m)
		if err != nil {
			return err
		}
		for _, task := range marks {
			if err := tx.Record(ctx, id.Subject(), task, c.about(happened)); err != nil {
				return err
			}
		}
		return tx.Record(ctx, id.Subject(), m, c.about(happened))
	})
}

// withTasks returns the marks of tasks that the mark of a stage stands for. A
// stage that is not needed gives its reason to each task that is open, and one
// opened again takes it back. A stage is done when its tasks are: otherwise it
// is [ErrOpenTasks].
func (d *Desk) withTasks(c *Case, m Marked) ([]Marked, error) {
	if m.What != "stage" {
		return nil, nil
	}
	var marks []Marked
	for _, s := range d.Board(c).Stages {
		if s.ID != m.Item {
			continue
		}
		open := s.Open()
		switch m.State {
		case "done":
			if len(open) > 0 {
				return nil, fmt.Errorf("mark stage %s done: %w", m.Item, ErrOpenTasks)
			}
		case "not_needed":
			for _, t := range open {
				marks = append(marks, Marked{What: "task", Item: t.ID, State: m.State, Reason: m.Reason})
			}
		case "open":
			for _, t := range s.Tasks {
				if s.Mark.State == "not_needed" && t.Mark.State == s.Mark.State && t.Mark.By == s.Mark.By && t.Mark.Reason == s.Mark.Reason {
					marks = append(marks, Marked{What: "task", Item: t.ID, State: m.State, Reason: m.Reason})
				}
			}
		}
	}
	return marks, nil
}

// checkAgainst refuses an answer that a scan of the case speaks against.
func (d *Desk) checkAgainst(c *Case, m Marked) error {
	gate, ok := d.Packs.Playbook.Gate(m.Item)
	if m.What != "gate" || !ok {
		return nil
	}
	answer, _ := gate.Answer(m.State)
	if err := c.speaksAgainst(answer); err != nil {
		return fmt.Errorf("answer gate %s: %w", m.Item, err)
	}
	return nil
}

// speaksAgainst returns [ErrContradicts] for an answer that no authentication
// data was stored where a scan found some, and [ErrStored] for one that nothing
// was stored where a scan found card numbers.
func (c *Case) speaksAgainst(a packs.Answer) error {
	switch {
	case !a.Satisfies:
		return nil
	case c.Exposure.SAD && (a.Unstored || a.SAD == packs.False):
		return ErrContradicts
	case c.Exposure.Counted.Low > 0 && a.Unstored:
		return ErrStored
	}
	return nil
}

// checkProof refuses as evidence what is neither a note or sign of the case
// nor a plan, an exhibit or a finding of it.
func (d *Desk) checkProof(ctx context.Context, tx record.Tx, c *Case, item string) error {
	if _, ok := c.entryOf(item); ok {
		return nil
	}
	ok, err := d.Store.EvidenceOf(ctx, tx, c.ID, item)
	if err == nil && !ok {
		err = ErrEvidence
	}
	return err
}

func (d *Desk) checkMark(m Marked) error {
	known := false
	switch m.What {
	case "gate":
		return d.checkAnswer(m)
	case "task":
		_, known = d.Packs.Playbook.Task(m.Item)
	case "stage":
		known = slices.ContainsFunc(d.Packs.Playbook.Stages, func(s packs.Stage) bool { return s.ID == m.Item })
	}
	switch {
	case !known:
		return fmt.Errorf("mark %s: %w", m.What, ErrUnknown)
	case !slices.Contains([]string{"open", "done", "not_needed"}, m.State):
		return fmt.Errorf("mark %s %s: %w", m.What, m.Item, ErrUnknown)
	case m.State == "not_needed" && strings.TrimSpace(m.Reason) == "":
		return fmt.Errorf("mark %s %s not needed: %w", m.What, m.Item, ErrReason)
	}
	return nil
}

func (d *Desk) checkAnswer(m Marked) error {
	gate, ok := d.Packs.Playbook.Gate(m.Item)
	if !ok {
		return fmt.Errorf("answer gate: %w", ErrUnknown)
	}
	answer, ok := gate.Answer(m.State)
	switch {
	case !ok:
		return fmt.Errorf("answer gate %s: %w", m.Item, ErrUnknown)
	case answer.Reason && strings.TrimSpace(m.Reason) == "":
		return fmt.Errorf("answer gate %s: %w", m.Item, ErrReason)
	case answer.Evidence && len(m.Evidence) == 0:
		return fmt.Errorf("answer gate %s: %w", m.Item, ErrEvidence)
	}
	return nil
}

// NameCause says what led to the leak.
func (d *Desk) NameCause(ctx context.Context, who record.Who, id ID, cause string) error {
	if _, ok := d.Packs.Taxonomy.Cause(cause); !ok {
		return fmt.Errorf("name cause: %w", ErrUnknown)
	}
	return d.change(ctx, who, id, CmdWork, func(ctx context.Context, tx record.Tx, c *Case) error {
		return tx.Record(ctx, id.Subject(), CauseNamed{cause}, c.about(time.Time{}))
	})
}

// Erase takes a note or sign of a case away for good, with its payload in the
// ledger: a person's right, or a mistake that must not stay. The reason stays.
// It works on a case in any state.
func (d *Desk) Erase(ctx context.Context, who record.Who, id ID, item, reason string) error {
	if err := needReason(reason); err != nil {
		return err
	}
	err := d.Store.Update(ctx, who, func(ctx context.Context, tx record.Tx) error {
		c, err := load(ctx, tx, id)
		if err != nil {
			return err
		}
		entry, ok := c.entryOf(item)
		if !ok {
			return ErrUnknown
		}
		return tx.Record(ctx, id.Subject(), ledger.Erased{Entries: []int64{entry}, Items: []string{item}, Reason: reason}, c.about(time.Time{}))
	})
	if err != nil {
		return fmt.Errorf("erase from case %s: %w", id, err)
	}
	return nil
}

// entryOf returns the entry that a note or sign was written by.
func (c *Case) entryOf(item string) (int64, bool) {
	for _, n := range c.Notes {
		if n.ID == item {
			return n.Entry, true
		}
	}
	for _, s := range c.Signs {
		if s.ID == item {
			return s.Entry, true
		}
	}
	return 0, false
}

func needReason(text string) error {
	if strings.TrimSpace(text) == "" {
		return ErrReason
	}
	return clean(text)
}

// clean refuses text in which a card number stands.
func clean(texts ...string) error {
	if slices.ContainsFunc(texts, card.HoldsPAN) {
		return ErrCardData
	}
	return nil
}
