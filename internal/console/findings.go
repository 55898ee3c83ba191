package console

import (
	"errors"
	"strconv"

	"github.com/stanch/stanch/internal/casefile"
	"github.com/stanch/stanch/internal/finding"
	"github.com/stanch/stanch/internal/record"
)

// A FindingRow is a finding in a list.
type FindingRow struct {
	ID       string
	Place    string
	Folder   string
	File     string
	Root     string
	State    string
	Kinds    []string
	Cards    string
	Grave    bool // sensitive authentication data
	First    int64
	Last     int64
	Case     string
	CaseName string
	Matches  int64
	Test     bool // only published test numbers
}

// Findings is the list of what was discovered.
type Findings struct {
	Frame
	Filter string
	Counts map[string]int64
	Rows   []FindingRow
	Before int64
	After  string
}

// FindingPage is one finding.
type FindingPage struct {
	Frame
	Row      FindingRow
	Member   string
	Matches  []finding.Match
	Brands   []casefile.Tally
	Versions int64
	Entries  []EntryRow
}

func (v *visit) findingRow(f *finding.Finding) FindingRow {
	row := FindingRow{
		ID: string(f.ID), Place: f.Place.Shown(), Folder: f.Place.Folder(), Root: f.Place.Root, State: string(f.State), Grave: f.Sensitive,
		First: f.FirstSeen, Last: f.LastSeen, Case: f.Case, Matches: f.Counts.Matches, Test: f.Counts.Test > 0 && f.Counts.Test == f.Counts.Matches,
	}
	row.File = row.Place
	if len(row.Folder) < len(row.Place) && row.Place[:len(row.Folder)] == row.Folder {
		row.File = row.Place[len(row.Folder)+1:]
	}
	for _, kind := range f.Counts.KindNames() {
		row.Kinds = append(row.Kinds, inSentence(v.kindName(kind)))
	}
	row.Cards = v.tongue.count("exposure.cards", f.Counts.High)
	if f.Counts.Low != f.Counts.High {
		row.Cards = v.tongue.say("exposure.cards_range", "low", f.Counts.Low, "high", f.Counts.High)
	}
	return row
}

// kindName returns what people call a scan class.
func (v *visit) kindName(kind string) string {
	if m, ok := v.c.Desk.Packs.Classes.Map(kind); ok {
		return m.Name().In(v.tongue.lang)
	}
	return kind
}

func findings(v *visit) error {
	query := v.r.URL.Query()
	filter := known([]string{"open", "sealed", "locked", "clean", "gone", "ruled_out"}, query.Get("show"))
	before, _ := strconv.ParseInt(query.Get("before"), 10, 64) // nonsense begins at the newest
	list, err := v.c.Lists.Findings(v.ctx(), v.c.Tenant, FindingFilter{State: finding.State(filter), Before: before, After: finding.ID(query.Get("after")), Limit: rowsShown + 1})
	if err != nil {
		return err
	}
	counts, err := v.c.Lists.CountFindings(v.ctx(), v.c.Tenant)
	if err != nil {
		return err
	}
	page := &Findings{Frame: Frame{Title: v.tongue.say("findings.title"), Nav: "findings", Self: address(v.r.URL)}, Filter: filter, Counts: map[string]int64{}}
	for state, n := range counts {
		page.Counts[string(state)] = n
		page.Counts["all"] += n
	}
	for i, f := range list {
		if i == rowsShown {
			page.Before, page.After = list[i-1].LastSeen, string(list[i-1].ID)
			break
		}
		page.Rows = append(page.Rows, v.findingRow(f))
	}
	return v.show("findings", page)
}

func findingPage(v *visit) error {
	id := finding.ID(v.r.PathValue("id"))
	thing, err := v.c.Lists.Read(v.ctx(), v.c.Tenant, id.Subject())
	if errors.Is(err, record.ErrNone) {
		return errNoPage
	}
	if err != nil {
		return err
	}
	f := thing.(*finding.Finding)
	page := &FindingPage{Row: v.findingRow(f), Member: f.Place.Member, Matches: f.Sample, Versions: f.Version}
	page.Frame = Frame{Title: v.tongue.say("finding.title"), Nav: "findings", Self: "/findings/" + string(id)}
	if f.Case != "" {
		if c, err := v.c.Desk.Case(v.ctx(), v.c.Tenant, casefile.ID(f.Case)); err == nil {
			page.Row.CaseName = c.Name(v.tongue.lang)
		}
	}
	for name, n := range f.Counts.Brands {
		page.Brands = append(page.Brands, casefile.Tally{Name: name, Cards: n})
	}
	sortTallies(page.Brands)
	entries, err := v.c.Lists.Entries(v.ctx(), v.c.Tenant, EntryFilter{Subject: id.Subject(), Limit: 20})
	if err != nil {
		return err
	}
	page.Entries = v.entryRows(entries)
	return v.show("finding", page)
}
