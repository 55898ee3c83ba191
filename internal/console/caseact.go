package console

import (
	"errors"
	"net/http"
	"time"

	"github.com/stanch/stanch/card"
	"github.com/stanch/stanch/internal/casefile"
)

func holdsPAN(s string) bool { return card.HoldsPAN(s) }

// onCase runs an act on the case of the address, and goes back to it: with
// what was done, or with what went wrong at the head of the page.
func (v *visit) onCase(said string, act func(id casefile.ID) error) error {
	id := casefile.ID(v.r.PathValue("id"))
	err := act(id)
	if err == nil {
		path := "/cases/" + string(id)
		if tab := known(tabs, v.form("tab")); tab != "" {
			path += "?tab=" + tab
		}
		return v.onward(path, said)
	}
	if sentence, status, ok := v.problem(err); ok {
		return v.caseWith(id, sentence, status)
	}
	return err
}

func confirmCase(v *visit) error {
	return v.onCase("confirmed", func(id casefile.ID) error {
		return v.c.Desk.Confirm(v.ctx(), v.actor(), id, v.form("reason"))
	})
}

func ruleOutCase(v *visit) error {
	return v.onCase("ruled_out", func(id casefile.ID) error {
		return v.c.Desk.RuleOut(v.ctx(), v.actor(), id, v.form("reason"))
	})
}

func closeCase(v *visit) error {
	return v.onCase("closed", func(id casefile.ID) error {
		return v.c.Desk.Close(v.ctx(), v.actor(), id, v.form("summary"))
	})
}

func reopenCase(v *visit) error {
	return v.onCase("reopened", func(id casefile.ID) error {
		return v.c.Desk.Reopen(v.ctx(), v.actor(), id, v.form("reason"))
	})
}

func noteCase(v *visit) error {
	return v.onCase("noted", func(id casefile.ID) error {
		at, err := v.happened("happened")
		if err != nil {
			return err
		}
		return v.c.Desk.Note(v.ctx(), v.actor(), id, v.form("text"), "", at)
	})
}

// markCase takes what was done with a task, stage or gate. The button that was
// pressed says the state.
func markCase(v *visit) error {
	return v.onCase("marked", func(id casefile.ID) error {
		at, err := v.happened("happened")
		if err != nil {
			return err
		}
		m := casefile.Marked{
			What: known([]string{"task", "stage", "gate"}, v.form("what")), Item: v.form("item"), State: v.form("state"),
			Reason: v.form("reason"), Evidence: v.r.PostForm["evidence"],
		}
		if m.State == "later" {
			if m.Reason == "" {
				return casefile.ErrReason
			}
			m.State = "open"
		}
		if m.What == "gate" && len(m.Evidence) == 0 && m.Reason != "" {
			if m.Evidence, err = v.written(id, m.Reason, at); err != nil {
				return err
			}
		}
		return v.c.Desk.Mark(v.ctx(), v.actor(), id, m, at)
	})
}

// written puts the account that a person typed on record as a note, so that an
// answer can rest on it, and returns the note's id.
func (v *visit) written(id casefile.ID, text string, at time.Time) ([]string, error) {
	if err := v.c.Desk.Note(v.ctx(), v.actor(), id, text, "", at); err != nil {
		return nil, err
	}
	c, err := v.c.Desk.Case(v.ctx(), v.c.Tenant, id)
	if err != nil {
		return nil, err
	}
	for i := len(c.Notes) - 1; i >= 0; i-- {
		if n := c.Notes[i]; n.Text == text && n.By == v.actor().Actor {
			return []string{n.ID}, nil
		}
	}
	return nil, casefile.ErrEvidence
}

// eraseItem takes a note or a sign out of the record for good.
func eraseItem(v *visit) error {
	return v.onCase("erased", func(id casefile.ID) error {
		if err := casefile.CleanText(v.form("reason")); err != nil {
			return err
		}
		if err := v.prove(); err != nil {
			return err
		}
		return v.c.Desk.Erase(v.ctx(), v.actor(), id, v.form("item"), v.form("reason"))
	})
}

func nameCause(v *visit) error {
	return v.onCase("cause", func(id casefile.ID) error {
		return v.c.Desk.NameCause(v.ctx(), v.actor(), id, v.form("cause"))
	})
}

func rescanCase(v *visit) error {
	return v.onCase("rescan", func(id casefile.ID) error {
		return v.c.Watch.Rescan(v.ctx(), v.actor(), id)
	})
}

func attachToCase(v *visit) error {
	return v.onCase("attached", func(id casefile.ID) error {
		return v.attach(id)
	})
}

// attach takes the file that came with the form, if one did.
func (v *visit) attach(id casefile.ID) error {
	file, head, err := v.r.FormFile("file")
	if errors.Is(err, http.ErrMissingFile) || errors.Is(err, http.ErrNotMultipart) {
		return nil
	}
	if err != nil {
		return errField
	}
	defer file.Close()
	if v.form("seal") != "" {
		_, err = v.c.Custodian.AttachSealed(v.ctx(), v.actor(), id, head.Filename, file)
		return err
	}
	_, err = v.c.Custodian.Attach(v.ctx(), v.actor(), id, head.Filename, file)
	return err
}
