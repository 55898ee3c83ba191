package console

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/stanch/stanch/card"
	"github.com/stanch/stanch/internal/casefile"
	"github.com/stanch/stanch/packs"
)

// A CaseRow is a case in a list.
type CaseRow struct {
	ID       string
	Name     string
	Number   int64
	State    string
	Severity int
	Opened   int64
	Unseen   bool
	Leaking  bool
	Held     bool
	Place    string
	Exposure string
	Next     string
}

// Cases is the list of cases.
type Cases struct {
	Frame
	Filter string
	Counts map[string]int64
	Rows   []CaseRow
	Older  int64 // number to go on below; 0 at the end
}

const rowsShown = 50

func (v *visit) row(c *casefile.Case) CaseRow {
	return CaseRow{
		ID: string(c.ID), Name: c.Name(v.tongue.lang), Number: c.Number, State: string(c.State), Severity: c.Severity,
		Opened: c.Opened, Unseen: c.Seen == 0, Leaking: c.State.Live() && (c.Leaking || c.Findings > 0 && c.Contained == 0),
		Held: c.State.Live() && c.Contained > 0, Place: c.Place, Exposure: v.exposureShort(c.Exposure),
	}
}

func cases(v *visit) error {
	filter := known([]string{"live", "suspected", "confirmed", "closed", "ruled_out", "all"}, v.r.URL.Query().Get("show"))
	if filter == "" {
		filter = "live"
	}
	below, _ := strconv.ParseInt(v.r.URL.Query().Get("below"), 10, 64) // nonsense begins at the newest
	query := CaseFilter{Below: max(below, 0), Limit: rowsShown + 1, Live: filter == "live"}
	if filter != "live" && filter != "all" {
		query.State = casefile.State(filter)
	}
	list, err := v.c.Lists.Cases(v.ctx(), v.c.Tenant, query)
	if err != nil {
		return err
	}
	counts, err := v.c.Lists.CountCases(v.ctx(), v.c.Tenant)
	if err != nil {
		return err
	}
	page := &Cases{Frame: Frame{Title: v.tongue.say("cases.title"), Nav: "cases", Self: address(v.r.URL)}, Filter: filter, Counts: map[string]int64{}}
	for state, n := range counts {
		page.Counts[string(state)] = n
		page.Counts["all"] += n
		if state.Live() {
			page.Counts["live"] += n
		}
	}
	for i, c := range list {
		if i == rowsShown {
			page.Older = list[i-1].Number
			break
		}
		page.Rows = append(page.Rows, v.row(c))
	}
	return v.show("cases", page)
}

// exposureShort says how many cards in a word or two.
func (v *visit) exposureShort(x casefile.Exposure) string {
	switch {
	case x.Version == 0, x.High.Cards < 0 && x.Low.Cards <= 0:
		return v.tongue.say("exposure.cards_unknown")
	case x.High.Cards < 0:
		return v.tongue.say("exposure.cards_at_least", "n", x.Low.Cards)
	case x.Low.Cards == x.High.Cards:
		return v.tongue.count("exposure.cards", x.Low.Cards)
	}
	return v.tongue.say("exposure.cards_range", "low", x.Low.Cards, "high", x.High.Cards)
}

// exposureWords says the whole exposure in one sentence.
func (v *visit) exposureWords(x casefile.Exposure) string {
	if x.Version == 0 {
		return v.tongue.say("exposure.none_yet")
	}
	parts := []string{v.exposureShort(x)}
	if names := v.dataNames(x.Elements); len(names) > 0 {
		parts = append(parts, v.tongue.join(names))
	}
	if names := v.dataNames(x.Reported); len(names) > 0 {
		parts = append(parts, v.tongue.say("exposure.reported", "data", v.tongue.join(names)))
	}
	if !x.SAD && x.Places > 0 {
		parts = append(parts, v.tongue.say("exposure.no_sad"))
	}
	if x.Places > 0 {
		parts = append(parts, v.tongue.count("exposure.places", x.Places))
	}
	if x.First > 0 {
		parts = append(parts, v.window(x.First, max(x.Last, x.First)))
	}
	return strings.Join(parts, v.tongue.say("exposure.join")) + v.tongue.say("exposure.end")
}

// window says from when to when, and no more of it than differs.
func (v *visit) window(from, to int64) string {
	a, b := v.day(from), v.day(to)
	if a == b {
		return v.tongue.say("exposure.moment", "at", a)
	}
	if v.date(from) == v.date(to) {
		b = time.UnixMicro(to).In(v.zone()).Format("15:04")
	}
	return v.tongue.say("exposure.window", "from", a, "to", b)
}

func (v *visit) date(micros int64) string {
	return time.UnixMicro(micros).In(v.zone()).Format(time.DateOnly)
}

// dataNames returns what people call kinds of data inside a sentence, in the
// order of the packs, where card numbers come first.
func (v *visit) dataNames(ids []string) []string {
	var names []string
	for _, class := range v.c.Desk.Packs.DataClasses.Classes {
		if slices.Contains(ids, class.ID) {
			names = append(names, inSentence(class.Name().In(v.tongue.lang)))
		}
	}
	return names
}

// inSentence lowers the first letter, unless the word is an abbreviation.
func inSentence(s string) string {
	if len(s) > 1 && s[0] >= 'A' && s[0] <= 'Z' && s[1] >= 'a' && s[1] <= 'z' {
		return string(s[0]+'a'-'A') + s[1:]
	}
	return s
}

// day writes a time without seconds, for sentences.
func (v *visit) day(micros int64) string {
	at := time.UnixMicro(micros).In(v.zone())
	if v.tongue.lang == "zh" {
		return at.Format("1月2日 15:04")
	}
	return at.Format("2 Jan 15:04")
}

// A Report is the form for what no scanner sees.
type Report struct {
	Frame
	Kinds     []packs.SignKind
	Reporters []packs.Reporter
	Data      []packs.DataClass
	Into      string // id of the case it is for, if one was named
	Typed     map[string]string
	Ticked    map[string]bool
	Implied   map[string][]string
}

func reportPage(v *visit) error { return v.reportForm("", http.StatusOK) }

func (v *visit) reportForm(problem string, status int) error {
	p := v.c.Desk.Packs
	page := &Report{
		Frame: Frame{Title: v.tongue.say("report.title"), Nav: "cases", Problem: problem},
		Kinds: p.Signs.Kinds, Reporters: p.Signs.Reporters, Data: p.DataClasses.Classes,
		Into: v.r.FormValue("into"), Typed: map[string]string{}, Ticked: map[string]bool{},
	}
	if problem != "" {
		v.keepTyped(page)
	}
	return v.render("report", status, page)
}

// keepTyped gives back what was typed, with card numbers masked.
func (v *visit) keepTyped(page *Report) {
	for _, name := range []string{"kind", "reporter", "from", "to", "low", "high"} {
		page.Typed[name] = v.form(name)
	}
	for _, name := range []string{"place", "text"} {
		page.Typed[name] = v.masked(name)
	}
	for _, id := range v.r.PostForm["data"] {
		page.Ticked[id] = true
	}
}

// masked returns a field as it may be given back on a page: nothing, if it
// still reads as a card number with its digits masked.
func (v *visit) masked(name string) string {
	if text := card.MaskText(v.form(name)); !holdsPAN(text) {
		return text
	}
	return ""
}

func report(v *visit) error {
	sign, err := v.readSign()
	if err == nil {
		var id casefile.ID
		var joined bool
		id, joined, err = v.c.Desk.Report(v.ctx(), v.actor(), sign, casefile.ID(v.form("into")))
		if err == nil {
			return v.afterReport(id, joined)
		}
	}
	if sentence, status, ok := v.problem(err); ok {
		return v.reportForm(sentence, status)
	}
	return err
}

// afterReport keeps the attachment, if there is one, and goes to the case.
func (v *visit) afterReport(id casefile.ID, joined bool) error {
	said := "opened"
	if joined {
		said = "joined"
	}
	if err := v.attach(id); err != nil {
		if _, _, ok := v.problem(err); !ok {
			return err
		}
		_, word := face(err)
		// The sign is on record: to answer here would have a reload report it twice.
		return v.onward("/cases/"+string(id)+"?tab=evidence&refused="+word, "")
	}
	return v.onward("/cases/"+string(id), said)
}

// readSign reads the form. Cards left empty are unknown, not none.
func (v *visit) readSign() (casefile.Sign, error) {
	s := casefile.Sign{Kind: v.form("kind"), Reporter: v.form("reporter"), Place: v.form("place"), Text: v.form("text"), Data: v.r.PostForm["data"]}
	from, err := v.happened("from")
	if err != nil {
		return s, err
	}
	to, err := v.happened("to")
	if err != nil {
		return s, err
	}
	s.From, s.To = micros(from), micros(to)
	if s.To != 0 && s.From > s.To {
		return s, errTime
	}
	if s.Cards.Low, err = count(v.form("low"), 0); err != nil {
		return s, err
	}
	s.Cards.High, err = count(v.form("high"), -1)
	return s, err
}

// count reads how many; empty gives what stands for not known.
func count(text string, empty int64) (int64, error) {
	if text == "" {
		return empty, nil
	}
	n, err := strconv.ParseInt(strings.ReplaceAll(text, ",", ""), 10, 64)
	if err != nil || n < 0 || n > 1e10 {
		return 0, errField
	}
	return n, nil
}

func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}
