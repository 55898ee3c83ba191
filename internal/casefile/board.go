package casefile

import (
	"slices"
	"strings"
	"time"

	"github.com/stanch/stanch/packs"
)

// A NotReady says what still keeps a case from closing. It wraps [ErrGates].
type NotReady struct{ Missing []Gap }

func (e *NotReady) Error() string {
	names := make([]string, len(e.Missing))
	for i, m := range e.Missing {
		names[i] = m.What + " " + m.Item
	}
	return ErrGates.Error() + ": still open: " + strings.Join(names, ", ")
}

// Unwrap returns [ErrGates].
func (e *NotReady) Unwrap() error { return ErrGates }

// A Gap is a stage or gate that is not satisfied.
type Gap struct{ What, Item string }

// A TaskView is a task of the playbook as it stands for one case.
type TaskView struct {
	*packs.Task
	Applies packs.Tri
	Mark    Mark
	Due     time.Time // zero while its clock has not begun
}

// Settled reports whether nothing is left to do.
func (t TaskView) Settled() bool { return t.Mark.State == "done" || t.Mark.State == "not_needed" }

// A StageView is a stage with its state: idle, active, done or not_needed.
type StageView struct {
	packs.Stage
	State string
	Mark  Mark
	Tasks []TaskView
}

// A GateView is a gate with the answer given so far. An answer that a later
// scan speaks against satisfies no more.
type GateView struct {
	packs.Gate
	Mark      Mark
	Satisfied bool
}

// A Board is the playbook merged into one case.
type Board struct {
	Stages []StageView
	Gates  []GateView
	Next   *TaskView // the one step to do now; nil if none is left
}

// Facts returns what the playbook's conditions may ask about a case.
func (d *Desk) Facts(c *Case) packs.Facts {
	kinds := append(slices.Clone(c.Exposure.Elements), c.Exposure.Reported...)
	var signs []string
	for _, s := range c.Signs {
		signs = append(signs, s.Kind)
	}
	sad := packs.Unknown
	if c.Exposure.SAD {
		sad = packs.True
	} else if gate, ok := d.Packs.Playbook.Gate("sad_stored"); ok {
		answer, _ := gate.Answer(c.Gates["sad_stored"].State)
		sad = answer.SAD
	}
	return packs.Facts{
		SADPresent: sad,
		CardsKnown: packs.TriOf(c.Exposure.Counted.Low > 0 && c.Exposure.High.Cards >= 0 && len(c.Exposure.Typed) == 0),
		OnePerson:  packs.TriOf(d.OnePerson != nil && d.OnePerson()),
		Kinds:      packs.Set{Values: kinds},
		SignKinds:  packs.Set{Values: signs, Whole: true},
		Source:     packs.Set{Values: c.Source, Whole: true},
		State:      string(c.State),
		Country:    d.country(),
	}
}

func (d *Desk) country() string {
	if d.Country == nil {
		return ""
	}
	return d.Country()
}

// Board merges the playbook into a case.
func (d *Desk) Board(c *Case) *Board {
	board := &Board{}
	index := map[string]int{}
	for i, s := range d.Packs.Playbook.Stages {
		index[s.ID] = i
		board.Stages = append(board.Stages, StageView{Stage: s, Mark: c.Stages[s.ID]})
	}
	for _, choice := range d.Packs.Playbook.Choose(d.Facts(c)) {
		task := TaskView{choice.Task, choice.Applies, c.Tasks[choice.Task.ID], c.due(choice.Task.Due)}
		stage := &board.Stages[index[choice.Task.Stage]]
		stage.Tasks = append(stage.Tasks, task)
		if board.Next == nil && choice.Applies == packs.True && !task.Settled() && stage.Mark.State != "not_needed" {
			board.Next = &task
		}
	}
	for i := range board.Stages {
		board.Stages[i].State = board.Stages[i].state()
	}
	for _, g := range d.Packs.Playbook.Gates {
		answer, _ := g.Answer(c.Gates[g.ID].State)
		board.Gates = append(board.Gates, GateView{g, c.Gates[g.ID], answer.Satisfies && c.speaksAgainst(answer) == nil})
	}
	return board
}

// Open returns the tasks that apply and are not settled.
func (s *StageView) Open() []TaskView {
	var open []TaskView
	for _, t := range s.Tasks {
		if t.Applies == packs.True && !t.Settled() {
			open = append(open, t)
		}
	}
	return open
}

// state is what the tasks of the stage add up to: done when each that applies
// is settled and any was done, active once any is settled. A person can say
// that the stage is not needed, but not that it is done while a task is open.
func (s *StageView) state() string {
	if s.Mark.State == "not_needed" {
		return s.Mark.State
	}
	begun, done, left := false, s.Mark.State == "done", len(s.Open()) > 0
	for _, t := range s.Tasks {
		begun = begun || t.Settled()
		done = done || t.Mark.State == "done"
	}
	switch {
	case done && !left:
		return "done"
	case begun && !left:
		return "not_needed"
	case begun:
		return "active"
	}
	return "idle"
}

// due is when our own target for a task runs out.
func (c *Case) due(d packs.Due) time.Time {
	if !c.State.Live() {
		return time.Time{} // nothing is due any more
	}
	from := map[string]int64{"opened": c.Opened, "confirmed": c.Confirmed, "contained": c.Contained, "closed_gate": c.RescanClean}[d.After]
	if from == 0 {
		return time.Time{}
	}
	return time.UnixMicro(from).UTC().Add(d.Within.Duration())
}

// Missing lists the stages and gates that keep the case from closing.
func (b *Board) Missing() []Gap {
	var gaps []Gap
	for _, s := range b.Stages {
		if s.State != "done" && s.State != "not_needed" {
			gaps = append(gaps, Gap{"stage", s.ID})
		}
	}
	for _, g := range b.Gates {
		if !g.Satisfied {
			gaps = append(gaps, Gap{"gate", g.ID})
		}
	}
	return gaps
}
