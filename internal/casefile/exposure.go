package casefile

import (
	"cmp"
	"maps"
	"slices"

	"github.com/stanch/stanch/internal/finding"
	"github.com/stanch/stanch/packs"
)

// An Estimate is a count of cards with the assumption it rests on, as a key
// of the language files.
type Estimate struct {
	Cards      int64  `json:"cards"` // -1 is unknown
	Assumption string `json:"assumption"`
}

// A Tally is how many distinct cards share a brand or an issuer.
type Tally struct {
	Name  string `json:"name"`
	Cards int64  `json:"cards"`
}

// A Typed is a count that a person gave, beside the counted facts.
type Typed struct {
	Sign     string   `json:"sign"`
	Reporter string   `json:"reporter"`
	Cards    Range    `json:"cards"`
	Data     []string `json:"data,omitempty"`
}

// An Exposure is what a case amounts to: counted where it was counted, typed
// where people know better, with three estimates of what it means.
type Exposure struct {
	Version  int64    `json:"version"`
	Counted  Range    `json:"counted"` // distinct cards in the findings; equal ends are exact, and there is no high end where findings are left out
	Places   int64    `json:"places"`
	Matches  int64    `json:"matches"`
	Test     int64    `json:"test,omitempty"` // matches that are published test numbers
	Brands   []Tally  `json:"brands,omitempty"`
	Issuers  []Tally  `json:"issuers,omitempty"`  // by first six digits, the most frequent
	Elements []string `json:"elements,omitempty"` // data class ids that were found
	Reported []string `json:"reported,omitempty"` // data class ids that people named and no scan found
	Secrets  int64    `json:"secrets,omitempty"`  // passwords and keys seen beside cards
	Typed    []Typed  `json:"typed,omitempty"`
	First    int64    `json:"first,omitempty"` // Unix microseconds
	Last     int64    `json:"last,omitempty"`
	Low      Estimate `json:"low"`
	Likely   Estimate `json:"likely"`
	High     Estimate `json:"high"`
	Severity int      `json:"severity"`
	SAD      bool     `json:"sad"` // sensitive authentication data was found
}

// A Union is the distinct cards over several findings.
type Union struct {
	Low, High       int64
	Lost            int // files that the counts were derived from and that cannot be read any more
	Brands, Issuers map[string]int64
}

// issuerRows is how many issuers an exposure lists.
const issuerRows = 20

// expose computes the exposure of a case from its findings, the distinct cards
// over all of them, and its signs.
func expose(c *Case, found []*finding.Finding, cards Union, p *packs.Packs) Exposure {
	x := Exposure{Version: c.Exposure.Version + 1, Counted: Range{cards.Low, cards.High}}
	if len(found) >= findingsPerCase {
		x.Counted.High = -1 // there are more than were added up
	}
	elements := map[string]bool{}
	for _, f := range found {
		if f.State == finding.RuledOut {
			continue
		}
		x.Places++
		x.Matches += f.Counts.Matches
		x.Test += f.Counts.Test
		x.Secrets += f.Counts.Kinds["secret"]
		x.SAD = x.SAD || f.Sensitive
		x.First, x.Last = earliest(x.First, f.FirstSeen), max(x.Last, f.LastSeen)
		for kind := range f.Counts.Kinds {
			if m, ok := p.Classes.Map(kind); ok && !m.Choose {
				for _, id := range m.Data {
					elements[id] = true
				}
			}
		}
	}
	x.Elements = slices.Sorted(maps.Keys(elements))
	x.Brands, x.Issuers = tallies(cards.Brands, len(cards.Brands)), tallies(cards.Issuers, issuerRows)
	x.addSigns(c.Signs)
	x.estimate()
	if cards.Lost > 0 && x.High.Cards >= 0 {
		x.High.Assumption = "index_lost"
	}
	if x.Places == 0 && len(c.Signs) > 0 && x.High.Cards == 0 {
		x.High = Estimate{-1, "not_said"} // nobody counted
	}
	x.Severity, _ = p.DataClasses.Severity(append(slices.Clone(x.Elements), x.Reported...))
	return x
}

func (x *Exposure) addSigns(signs []Sign) {
	for _, s := range signs {
		x.First, x.Last = earliest(x.First, s.From), max(x.Last, s.To)
		if s.Cards.Low > 0 || s.Cards.High > 0 || len(s.Data) > 0 {
			x.Typed = append(x.Typed, Typed{Sign: s.ID, Reporter: s.Reporter, Cards: s.Cards, Data: s.Data})
		}
		for _, id := range s.Data {
			if !slices.Contains(x.Elements, id) && !slices.Contains(x.Reported, id) {
				x.Reported = append(x.Reported, id)
			}
		}
	}
	slices.Sort(x.Reported)
}

// estimate gives the three figures. Low trusts what was counted, and what
// every reporter is sure of. High takes counted and typed cards to be
// different ones, and says unknown if any reporter could not give an end.
func (x *Exposure) estimate() {
	x.Low = Estimate{x.Counted.Low, "counted"}
	x.Likely = Estimate{x.Counted.High, "counted"}
	x.High = Estimate{x.Counted.High, "counted"}
	if !x.Counted.Known() {
		x.Likely, x.High = x.Low, Estimate{-1, "more_places"}
	}
	for _, t := range x.Typed {
		if t.Cards.Low > x.Low.Cards {
			x.Low = Estimate{t.Cards.Low, "reporter_sure"}
		}
		if middle := t.Cards.Low + (t.Cards.High-t.Cards.Low)/2; t.Cards.Known() && middle > x.Likely.Cards {
			x.Likely = Estimate{middle, "reporter_middle"}
		}
		switch {
		case t.Cards.High < 0 && x.Counted.Known():
			x.High = Estimate{-1, "reporter_unknown"}
		case x.High.Cards >= 0 && t.Cards.High > 0:
			x.High = Estimate{x.High.Cards + t.Cards.High, "no_overlap"}
		}
	}
	if x.Low.Cards > x.Likely.Cards {
		x.Likely = x.Low
	}
}

func tallies(counts map[string]int64, most int) []Tally {
	out := make([]Tally, 0, len(counts))
	for name, n := range counts {
		out = append(out, Tally{name, n})
	}
	slices.SortFunc(out, func(a, b Tally) int { return cmp.Or(cmp.Compare(b.Cards, a.Cards), cmp.Compare(a.Name, b.Name)) })
	return out[:min(most, len(out))]
}

func earliest(a, b int64) int64 {
	if a == 0 || b != 0 && b < a {
		return b
	}
	return a
}
