package console

import (
	"cmp"
	"net/http"
	"strings"

	"github.com/stanch/stanch/internal/casefile"
	"github.com/stanch/stanch/packs"
)

// A SheetPage is the first-hour sheet: to print, and for a case, to type the
// times back in.
type SheetPage struct {
	Frame
	Heading  string
	Intro    string
	Footer   string
	Sections []SheetSection
	Case     CaseRow // empty without a case
	Org      string
}

// A SheetSection is a group of boxes.
type SheetSection struct {
	Title string
	Boxes []SheetBox
}

// A SheetBox is one thing to tick, fill in or call.
type SheetBox struct {
	ID, Kind, Text, Why, Number string
	Time, Who                   bool
	Lines                       []int
	Done                        string // what was typed in for it
	At                          int64
}

func sheetPage(v *visit) error { return v.sheetWith("", http.StatusOK) }

func (v *visit) sheetWith(problem string, status int) error {
	sheet := v.c.Desk.Packs.Sheet
	lang := cmp.Or(known(languages, v.r.URL.Query().Get("lang")), v.tongue.lang)
	v.tongue = v.c.tongue[lang]
	page := &SheetPage{Heading: sheet.Title.In(lang), Intro: sheet.Intro.In(lang), Footer: sheet.Footer.In(lang), Org: v.house.Name}
	page.Frame = Frame{Title: page.Heading, Nav: "cases", Problem: problem}
	var notes []casefile.Note
	if id := casefile.ID(v.r.PathValue("id")); id != "" {
		c, err := v.c.Desk.Case(v.ctx(), v.c.Tenant, id)
		if err != nil {
			return err
		}
		page.Case, notes = v.row(c), c.Notes
	}
	for _, s := range sheet.Sections {
		section := SheetSection{Title: s.Title.In(lang)}
		for _, b := range s.Boxes {
			section.Boxes = append(section.Boxes, v.sheetBox(b, notes))
		}
		page.Sections = append(page.Sections, section)
	}
	return v.render("sheet", status, page)
}

func (v *visit) sheetBox(b packs.Box, notes []casefile.Note) SheetBox {
	box := SheetBox{ID: b.ID, Kind: b.Kind, Text: b.Text.In(v.tongue.lang), Number: v.phone(b.Number), Time: b.Time, Who: b.Who, Lines: make([]int, b.Lines)}
	if b.Why != nil {
		box.Why = b.Why.In(v.tongue.lang)
	}
	for _, n := range notes {
		if n.Box == b.ID {
			box.Done, box.At = n.Text, cmp.Or(n.Happened, n.At)
		}
	}
	return box
}

// inChina reports whether the house is in China, or has not said where it is.
func (v *visit) inChina() bool { return v.house.Country == "" || v.house.Country == "CN" }

// phone fills in the numbers that were typed at first run. One that was not
// typed leaves a line to write it on.
func (v *visit) phone(number string) string {
	switch number {
	case "{acquirer_phone}":
		return strings.TrimSpace(v.house.Acquirer + " " + v.house.AcquirerPhone)
	case "{provider_phone}", "{responder_phone}":
		return ""
	case "110", "12387":
		if !v.inChina() {
			return "" // a line to write the number there on
		}
	}
	return number
}

// typeSheet takes the times and words of the paper into the case: each box a
// note with the time it happened, and its task as done where it was ticked.
func typeSheet(v *visit) error {
	id := casefile.ID(v.r.PathValue("id"))
	typed := 0
	for _, s := range v.c.Desk.Packs.Sheet.Sections {
		for _, b := range s.Boxes {
			took, err := v.typeBox(id, b)
			if sentence, status, ok := v.problem(err); err != nil && ok {
				return v.sheetWith(b.Text.In(v.tongue.lang)+": "+sentence, status)
			}
			if err != nil {
				return err
			}
			if took {
				typed++
			}
		}
	}
	if typed == 0 {
		return v.sheetWith(v.tongue.say("sheet.nothing_typed"), http.StatusUnprocessableEntity)
	}
	return v.onward("/cases/"+string(id), "sheet")
}

func (v *visit) typeBox(id casefile.ID, b packs.Box) (bool, error) {
	text, who, ticked := v.form("text."+b.ID), v.form("who."+b.ID), v.form("tick."+b.ID) != ""
	at, err := v.happened("time." + b.ID)
	if err != nil {
		return false, err
	}
	if text == "" && who == "" && !ticked && at.IsZero() {
		return false, nil
	}
	words := []string{b.Text.In(v.tongue.lang)}
	for _, w := range []string{who, text} {
		if w != "" {
			words = append(words, w)
		}
	}
	if err := v.c.Desk.Note(v.ctx(), v.actor(), id, strings.Join(words, " · "), b.ID, at); err != nil {
		return false, err
	}
	if b.Task == "" || !ticked {
		return true, nil
	}
	mark := casefile.Marked{What: "task", Item: b.Task, State: "done", Reason: v.tongue.say("sheet.from_paper")}
	return true, v.c.Desk.Mark(v.ctx(), v.actor(), id, mark, at)
}
