package console

import (
	"cmp"
	"slices"
	"strings"

	"github.com/stanch/stanch/internal/access"
	"github.com/stanch/stanch/internal/casefile"
	"github.com/stanch/stanch/internal/finding"
	"github.com/stanch/stanch/ledger"
)

// An EntryRow is an entry of the ledger as people read it.
type EntryRow struct {
	Index    int64
	Kind     string
	What     string // a sentence; the kind itself if we have none
	Detail   string // what a person typed, or what it is about
	By       string
	At       int64
	Happened int64
	Case     string
	Subject  string
	Erased   int64
	System   bool
	Note     bool
	Item     string // id of a note or sign that the visitor may erase
}

// recordShows are the parts of a case's record that can be shown alone.
var recordShows = []string{"all", "people", "notes", "machine"}

// A RecordTab is the ledger of one case.
type RecordTab struct {
	Show  string
	Shows []string
	Rows  []EntryRow
}

// recordShown is how many entries the record of a case lists.
const recordShown = 200

func (v *visit) recordTab(c *casefile.Case) (RecordTab, error) {
	tab := RecordTab{Show: cmp.Or(known(recordShows, v.r.URL.Query().Get("show")), "all"), Shows: recordShows}
	entries, err := v.c.Lists.Entries(v.ctx(), v.c.Tenant, EntryFilter{Case: string(c.ID), Limit: recordShown})
	if err != nil {
		return tab, err
	}
	found, err := v.c.Lists.Findings(v.ctx(), v.c.Tenant, FindingFilter{Case: c.ID, Limit: recordShown})
	if err != nil {
		return tab, err
	}
	v.places = map[string]string{}
	for _, f := range found {
		v.places[string(f.ID)] = f.Place.Shown()
	}
	items := map[int64]string{} // by the entry that wrote them; what was erased is not among them
	for _, n := range c.Notes {
		items[n.Entry] = n.ID
	}
	for _, s := range c.Signs {
		items[s.Entry] = s.ID
	}
	for _, row := range v.entryRows(entries) {
		keep := map[string]bool{"all": row.Kind != (casefile.Exposed{}).Kind() && row.Kind != (finding.Joined{}).Kind(), "people": !row.System, "notes": row.Note, "machine": row.System}
		if keep[tab.Show] {
			if v.may(access.Erase) {
				row.Item = items[row.Index]
			}
			tab.Rows = append(tab.Rows, row)
		}
	}
	return tab, nil
}

func (v *visit) entryRows(entries []ledger.Entry) []EntryRow {
	var rows []EntryRow
	for _, e := range entries {
		row := EntryRow{
			Index: e.Index, Kind: e.Kind, By: v.person(e.Actor), At: e.At.UnixMicro(), Case: e.Case, Subject: string(e.Subject),
			Erased: e.ErasedBy, System: e.Actor == "system", Note: e.Kind == (casefile.Noted{}).Kind(),
		}
		if !e.Happened.IsZero() {
			row.Happened = e.Happened.UnixMicro()
		}
		row.What = e.Kind
		if _, ok := v.tongue.sentences["entry."+e.Kind]; ok {
			row.What = v.tongue.say("entry." + e.Kind)
		}
		if e.Body != nil {
			row.What, row.Detail = v.tell(e, row.What)
		}
		rows = append(rows, row)
	}
	return rows
}

// tell returns the sentence and the detail of the entries that say more than
// their kind.
func (v *visit) tell(e ledger.Entry, what string) (sentence, detail string) {
	switch e.Kind {
	case casefile.Noted{}.Kind():
		var b casefile.Noted
		if e.Decode(&b) == nil {
			return what, b.Text
		}
	case casefile.Moved{}.Kind():
		var b casefile.Moved
		if e.Decode(&b) == nil {
			return v.tongue.sayOf("entry.moved", b.To), b.Reason
		}
	case casefile.Marked{}.Kind():
		var b casefile.Marked
		if e.Decode(&b) == nil {
			return v.tellMark(b)
		}
	case casefile.Joined{}.Kind():
		var b casefile.Joined
		if e.Decode(&b) == nil {
			return what, v.places[b.Finding]
		}
	case casefile.SignReported{}.Kind():
		var b casefile.SignReported
		if e.Decode(&b) == nil {
			kind, _ := v.c.Desk.Packs.Signs.Kind(b.Sign.Kind)
			return what, strings.Join(slices.DeleteFunc([]string{kind.Label.In(v.tongue.lang), b.Sign.Place, b.Sign.Text}, func(s string) bool { return s == "" }), " · ")
		}
	case casefile.CauseNamed{}.Kind():
		var b casefile.CauseNamed
		if e.Decode(&b) == nil {
			cause, _ := v.c.Desk.Packs.Taxonomy.Cause(b.Cause)
			return what, cause.Title.In(v.tongue.lang)
		}
	case casefile.Exposed{}.Kind():
		var b casefile.Exposed
		if e.Decode(&b) == nil {
			return what, v.exposureWords(b.Exposure)
		}
	case casefile.Contained{}.Kind():
		var b casefile.Contained
		if e.Decode(&b) == nil && b.Leaking {
			return v.tongue.say("entry.leaking"), ""
		}
	}
	return v.tellFinding(e, what)
}

func (v *visit) tellFinding(e ledger.Entry, what string) (sentence, detail string) {
	switch e.Kind {
	case finding.Seen{}.Kind():
		var b finding.Seen
		if e.Decode(&b) == nil {
			return what, b.Place.Shown() + " · " + v.tongue.count("exposure.cards", b.Counts.High)
		}
	case finding.Moved{}.Kind():
		var b finding.Moved
		if e.Decode(&b) == nil {
			return what, b.Path
		}
	case finding.Settled{}.Kind():
		var b finding.Settled
		if e.Decode(&b) == nil {
			return v.tongue.sayOf("entry.settled", b.State), b.Reason
		}
	}
	return what, ""
}

// tellMark says what was done with a task, stage or gate.
func (v *visit) tellMark(b casefile.Marked) (sentence, detail string) {
	title, lang := b.Item, v.tongue.lang
	book := v.c.Desk.Packs.Playbook
	state := b.State
	switch b.What {
	case "task":
		if t, ok := book.Task(b.Item); ok {
			title = t.Title.In(lang)
		}
		if b.State == "open" && b.Reason != "" {
			state = "later"
		}
	case "stage":
		for _, s := range book.Stages {
			if s.ID == b.Item {
				title = s.Title.In(lang)
			}
		}
	case "gate":
		if g, ok := book.Gate(b.Item); ok {
			answer, _ := g.Answer(b.State)
			return v.tongue.say("entry.gate", "gate", g.Question.In(lang), "answer", answer.Text.In(lang)), b.Reason
		}
	}
	return v.tongue.sayOf("entry.mark."+b.What, state, "title", title), b.Reason
}
