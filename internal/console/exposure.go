package console

import (
	"cmp"
	"slices"

	"github.com/stanch/stanch/internal/casefile"
)

// An ExposureTab shows the figures of a case and what each rests on.
type ExposureTab struct {
	Known     bool
	Version   int64
	Figures   []Figure
	Elements  []DataRow
	Brands    []casefile.Tally
	Issuers   []casefile.Tally
	Secrets   int64
	SAD       bool
	Places    int64
	Matches   int64
	Test      int64
	First     int64
	Last      int64
	Contained int64
	Signs     []SignRow
}

// A Figure is one of the three estimates.
type Figure struct {
	Word       string // low, likely or high
	Cards      int64
	Assumption string
}

// A DataRow is a kind of data with what it means.
type DataRow struct {
	Name, Impact, Class, Basis, PCI string
	Severity                        int
	Reported                        bool // a person said so; no scan found it
}

// A SignRow is what a person reported.
type SignRow struct {
	Kind, Reporter, Place, Text, By string
	At, From, To                    int64
	Cards                           casefile.Range
	Data                            []string
}

func (v *visit) exposureTab(c *casefile.Case) ExposureTab {
	x := c.Exposure
	tab := ExposureTab{
		Known: x.Version > 0, Version: x.Version, Brands: x.Brands, Issuers: x.Issuers, Secrets: x.Secrets, SAD: x.SAD, Places: x.Places,
		Matches: x.Matches, Test: x.Test, First: x.First, Last: x.Last, Contained: c.Contained,
		Figures: []Figure{{"low", x.Low.Cards, x.Low.Assumption}, {"likely", x.Likely.Cards, x.Likely.Assumption}, {"high", x.High.Cards, x.High.Assumption}},
	}
	for i, ids := range [][]string{x.Elements, x.Reported} {
		for _, id := range ids {
			if d, ok := v.c.Desk.Packs.DataClasses.Class(id); ok {
				row := DataRow{Name: d.Name().In(v.tongue.lang), Impact: d.Impact.In(v.tongue.lang), Basis: d.JRBasis, PCI: d.PCI, Severity: d.Severity, Reported: i == 1}
				if d.JR != nil {
					row.Class = *d.JR
				}
				tab.Elements = append(tab.Elements, row)
			}
		}
	}
	for _, s := range c.Signs {
		kind, _ := v.c.Desk.Packs.Signs.Kind(s.Kind)
		reporter, _ := v.c.Desk.Packs.Signs.Reporter(s.Reporter)
		tab.Signs = append(tab.Signs, SignRow{
			Kind: kind.Label.In(v.tongue.lang), Reporter: reporter.Label.In(v.tongue.lang), Place: s.Place, Text: s.Text, By: v.person(s.By),
			At: s.At, From: s.From, To: s.To, Cards: s.Cards, Data: v.dataNames(s.Data),
		})
	}
	return tab
}

func sortTallies(t []casefile.Tally) {
	slices.SortFunc(t, func(a, b casefile.Tally) int {
		return cmp.Or(cmp.Compare(b.Cards, a.Cards), cmp.Compare(a.Name, b.Name))
	})
}
