package containment

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/stanch/stanch/internal/finding"
	"github.com/stanch/stanch/internal/record"
)

// DryRun looks at every target without touching it, and fixes the plan's
// terms, its report and its hash. It can be run again until the plan is
// carried out; approvals given before do not count for the new hash.
func (p *Planner) DryRun(ctx context.Context, by Person, id ID) (*Plan, error) {
	plan, err := p.Plan(ctx, by.Tenant, id)
	if err != nil {
		return nil, err
	}
	if !plan.State.To(DryRun) {
		return nil, fmt.Errorf("dry-run plan that is %s: %w", plan.State, ErrState)
	}
	terms := plan.Terms
	terms.Targets = []Target{}
	look := survey{terms: &terms, report: Report{At: p.Now().UnixMicro()}}
	if terms.Action == Undo {
		err = p.surveyUndo(ctx, by, &look)
	} else {
		err = p.surveyFindings(ctx, by, plan.Findings, &look)
	}
	if err != nil {
		return nil, fmt.Errorf("dry-run plan %s: %w", id, err)
	}
	look.sum()
	if terms.DryRun, err = digest(look.report); err != nil {
		return nil, err
	}
	hash, err := terms.Hash()
	if err != nil {
		return nil, err
	}
	return p.change(ctx, by.Who, id, func(ctx context.Context, tx record.Tx, plan *Plan) error {
		if !plan.State.To(DryRun) {
			return fmt.Errorf("dry-run plan that is %s: %w", plan.State, ErrState)
		}
		return enter(ctx, tx, plan, DryRan{terms, look.report, hash})
	})
}

// A survey is a dry-run under way.
type survey struct {
	terms  *Terms
	report Report
}

// surveyFindings looks at the file of each finding once.
func (p *Planner) surveyFindings(ctx context.Context, by Person, ids []finding.ID, s *survey) error {
	found, err := p.found(ctx, by.Tenant, ids)
	if err != nil {
		return err
	}
	places, at := byPlace(slices.DeleteFunc(found, func(f *finding.Finding) bool {
		return s.terms.Action == Lock && f.State == finding.Locked
	}))
	for _, where := range places {
		if err := p.surveyPlace(ctx, where, at[where], s); err != nil {
			return err
		}
	}
	return nil
}

func (p *Planner) surveyPlace(ctx context.Context, where Where, ids []finding.ID, s *survey) error {
	seen, err := p.Files.Inspect(ctx, where, s.terms.Mode)
	view := TargetView{Holders: seen.Holders, Unseen: seen.Unseen, Advice: seen.Advice}
	var fault *Fault
	switch {
	case errors.As(err, &fault):
		s.leave(where, ids, fault.Word, view)
		return nil
	case err != nil:
		return fmt.Errorf("look at target: %w", err)
	case s.terms.Action == Lock && !s.terms.Writers && slices.ContainsFunc(seen.Holders, func(h Holder) bool { return h.Writes }):
		s.leave(where, ids, FaultWriters, view)
		return nil
	}
	for i, t := range s.terms.Targets {
		if t.Print.Device == seen.Print.Device && t.Print.Inode == seen.Print.Inode {
			s.terms.Targets[i].Findings = append(t.Findings, ids...)
			return nil
		}
	}
	s.terms.Targets = append(s.terms.Targets, Target{Root: where.Root, Path: where.Path, Print: seen.Print, Findings: ids})
	s.report.Targets = append(s.report.Targets, view)
	return nil
}

func (s *survey) leave(where Where, ids []finding.ID, fault string, view TargetView) {
	s.report.Left = append(s.report.Left, Refusal{Findings: ids, Path: where.Path, Fault: fault, TargetView: view})
}

// surveyUndo takes over the targets that the lock took.
func (p *Planner) surveyUndo(ctx context.Context, by Person, s *survey) error {
	lock, err := p.Plan(ctx, by.Tenant, s.terms.Undoes)
	if err != nil {
		return err
	}
	for i, t := range lock.Terms.Targets {
		if r := lock.Results[i]; r.Step == Taken || r.Step == Restoring {
			t.Exhibit = r.Exhibit
			s.terms.Targets = append(s.terms.Targets, t)
			s.report.Targets = append(s.report.Targets, TargetView{})
		}
	}
	return nil
}

// sum adds the report up and names what the plan costs.
func (s *survey) sum() {
	r := &s.report
	lost := map[string]bool{}
	for i, t := range s.terms.Targets {
		r.Files++
		r.Bytes += t.Print.Size
		r.Names += len(t.Print.Links)
		r.Elsewhere += t.Print.Elsewhere
		lost[LostElsewhere] = lost[LostElsewhere] || t.Print.Elsewhere > 0
		// A process that nobody could look into may write as well.
		lost[LostAfter] = lost[LostAfter] || r.Targets[i].Unseen > 0 || slices.ContainsFunc(r.Targets[i].Holders, func(h Holder) bool { return h.Writes })
	}
	if s.terms.Action != Lock || r.Files == 0 {
		return
	}
	lost[LostReading], lost[LostDigits], lost[LostInode] = s.terms.Mode == Remove, s.terms.Mode == Mask, true
	for _, word := range []string{LostReading, LostDigits, LostInode, LostAfter, LostElsewhere} {
		if lost[word] {
			r.Lost = append(r.Lost, word)
		}
	}
}
