package rest

import (
	"context"
	"time"

	"github.com/stanch/stanch/internal/access"
	"github.com/stanch/stanch/internal/casefile"
	"github.com/stanch/stanch/packs"
)

// A boardView is the playbook merged into a case.
type boardView struct {
	Stages  []stageView    `json:"stages"`
	Gates   []gateView     `json:"gates"`
	Next    *taskView      `json:"next,omitempty" doc:"the one step to do now"`
	Missing []casefile.Gap `json:"missing" doc:"what keeps the case from closing"`
}

type stageView struct {
	ID    string     `json:"id"`
	Title packs.Text `json:"title"`
	State string     `json:"state" enum:"idle,active,done,not_needed"`
	Tasks []taskView `json:"tasks"`
}

type taskView struct {
	ID      string     `json:"id"`
	Title   packs.Text `json:"title"`
	Owner   string     `json:"owner"`
	Applies string     `json:"applies" enum:"true,unknown"`
	State   string     `json:"state,omitempty"`
	Due     *time.Time `json:"due,omitempty" doc:"our own target, not a legal deadline"`
}

type gateView struct {
	ID        string     `json:"id"`
	Clause    string     `json:"clause"`
	Question  packs.Text `json:"question"`
	Answers   []string   `json:"answers"`
	Answer    string     `json:"answer,omitempty"`
	Satisfied bool       `json:"satisfied"`
}

func (a *API) readBoard(ctx context.Context, p access.Principal, in *CaseRef) (*body[boardView], error) {
	c, err := a.Desk.Case(ctx, p.Tenant, in.ID)
	if err != nil {
		return nil, err
	}
	board := a.Desk.Board(c)
	view := boardView{Missing: board.Missing()}
	if view.Missing == nil {
		view.Missing = []casefile.Gap{}
	}
	for _, s := range board.Stages {
		stage := stageView{ID: s.ID, Title: s.Title, State: s.State, Tasks: []taskView{}}
		for _, t := range s.Tasks {
			stage.Tasks = append(stage.Tasks, showTask(t))
		}
		view.Stages = append(view.Stages, stage)
	}
	for _, g := range board.Gates {
		gate := gateView{ID: g.ID, Clause: g.Clause, Question: g.Question, Answer: g.Mark.State, Satisfied: g.Satisfied}
		for _, answer := range g.Answers {
			gate.Answers = append(gate.Answers, answer.ID)
		}
		view.Gates = append(view.Gates, gate)
	}
	if board.Next != nil {
		next := showTask(*board.Next)
		view.Next = &next
	}
	return answer(view), nil
}

func showTask(t casefile.TaskView) taskView {
	v := taskView{ID: t.ID, Title: t.Title, Owner: t.Owner, Applies: t.Applies.String(), State: t.Mark.State}
	if !t.Due.IsZero() {
		v.Due = &t.Due
	}
	return v
}
