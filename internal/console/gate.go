package console

import (
	"slices"

	"github.com/stanch/stanch/internal/casefile"
)

// A GateRow is one of the questions before closing.
type GateRow struct {
	ID, Clause, Question, Asks, Evidence string
	Answers                              []AnswerRow
	Given                                string // text of the answer given
	Reason, By                           string
	At                                   int64
	Satisfied                            bool
	Tasks                                []string
	Cited                                []Proof // what the answer rests on
}

// A Proof is something of the case that an answer can rest on: an exhibit, a
// plan or a note.
type Proof struct {
	ID, Kind, Text, Link string
	At                   int64
}

// An AnswerRow is a choice at a gate.
type AnswerRow struct {
	ID, Text                    string
	Satisfies, Reason, Evidence bool
	Chosen                      bool
}

// gateRows returns the questions with the answers to choose from.
func (v *visit) gateRows(board *casefile.Board) []GateRow {
	lang := v.tongue.lang
	var rows []GateRow
	for _, g := range board.Gates {
		row := GateRow{
			ID: g.ID, Clause: g.Clause, Question: g.Question.In(lang), Asks: g.Asks.In(lang), Evidence: g.Gate.Evidence.In(lang),
			Reason: g.Mark.Reason, At: g.Mark.At, Satisfied: g.Satisfied,
		}
		if g.Mark.By != "" {
			row.By = v.person(g.Mark.By)
		}
		for _, a := range g.Answers {
			answer := AnswerRow{a.ID, a.Text.In(lang), a.Satisfies, a.Reason, a.Evidence, a.ID == g.Mark.State}
			if answer.Chosen {
				row.Given = answer.Text
			}
			row.Answers = append(row.Answers, answer)
		}
		for _, id := range g.Gate.Tasks {
			if task, ok := v.c.Desk.Packs.Playbook.Task(id); ok {
				row.Tasks = append(row.Tasks, task.Title.In(lang))
			}
		}
		rows = append(rows, row)
	}
	return rows
}

// proofsShown bounds how many notes are offered as proof.
const proofsShown = 20

// fillProofs lists what an answer can rest on, and what the given ones do.
func (v *visit) fillProofs(page *CasePage, c *casefile.Case) error {
	here := "/cases/" + string(c.ID)
	list, err := v.c.Custodian.Exhibits(v.ctx(), v.c.Tenant, c.ID)
	if err != nil {
		return err
	}
	for _, x := range list {
		page.Proofs = append(page.Proofs, Proof{string(x.ID), "exhibit", x.Name, here + "?tab=evidence#exhibit-" + string(x.ID), x.SealedAt})
	}
	for _, p := range page.Plans {
		page.Proofs = append(page.Proofs, Proof{p.ID, "plan", v.tongue.sayOf("plan.action", p.Action) + " · " + v.tongue.sayOf("plan.state", p.State), "/plans/" + p.ID, p.Drafted})
	}
	for _, n := range c.Notes[max(0, len(c.Notes)-proofsShown):] {
		page.Proofs = append(page.Proofs, Proof{n.ID, "note", n.Text, here + "?tab=record", n.At})
	}
	for i, g := range page.Gates {
		for _, id := range c.Gates[g.ID].Evidence {
			if at := slices.IndexFunc(page.Proofs, func(p Proof) bool { return p.ID == id }); at >= 0 {
				page.Gates[i].Cited = append(page.Gates[i].Cited, page.Proofs[at])
			}
		}
	}
	return nil
}
