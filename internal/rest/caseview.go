package rest

import (
	"time"

	"github.com/stanch/stanch/internal/casefile"
)

// A signView is a sign as the API shows it.
type signView struct {
	ID       string     `json:"id"`
	Kind     string     `json:"kind"`
	Reporter string     `json:"reporter"`
	Place    string     `json:"place,omitempty"`
	From     *time.Time `json:"from,omitempty"`
	To       *time.Time `json:"to,omitempty"`
	Data     []string   `json:"data,omitempty"`
	Cards    countView  `json:"cards"`
	Text     string     `json:"text,omitempty"`
	By       string     `json:"by"`
	At       *time.Time `json:"at"`
	Exhibits []string   `json:"exhibits,omitempty"`
}

// A countView is a range; an end that nobody knows is absent.
type countView struct {
	Low  *int64 `json:"low,omitempty"`
	High *int64 `json:"high,omitempty"`
}

// A markView is what was done with a task, stage or gate.
type markView struct {
	State    string     `json:"state"`
	By       string     `json:"by"`
	At       *time.Time `json:"at"`
	Happened *time.Time `json:"happened,omitempty"`
	Reason   string     `json:"reason,omitempty"`
	Evidence []string   `json:"evidence,omitempty"`
	Owner    string     `json:"owner,omitempty"`
}

// A noteView is a remark.
type noteView struct {
	ID       string     `json:"id"`
	Text     string     `json:"text"`
	By       string     `json:"by"`
	At       *time.Time `json:"at"`
	Happened *time.Time `json:"happened,omitempty"`
	Box      string     `json:"box,omitempty" doc:"box of the first-hour sheet"`
}

// An exposureView is what a case amounts to.
type exposureView struct {
	Version  int64            `json:"version"`
	Counted  countView        `json:"counted" doc:"distinct cards that were counted; equal ends are exact"`
	Places   int64            `json:"places"`
	Matches  int64            `json:"matches"`
	Test     int64            `json:"test,omitempty" doc:"matches that are published test numbers"`
	Brands   []casefile.Tally `json:"brands,omitempty"`
	Issuers  []casefile.Tally `json:"issuers,omitempty" doc:"by first six digits, the most frequent"`
	Elements []string         `json:"elements,omitempty" doc:"data class ids that were found"`
	Reported []string         `json:"reported,omitempty" doc:"data class ids that people named"`
	Secrets  int64            `json:"secrets,omitempty"`
	Typed    []typedView      `json:"typed,omitempty"`
	First    *time.Time       `json:"first,omitempty"`
	Last     *time.Time       `json:"last,omitempty"`
	Low      estimateView     `json:"low"`
	Likely   estimateView     `json:"likely"`
	High     estimateView     `json:"high"`
	Severity int              `json:"severity"`
	SAD      bool             `json:"sad" doc:"sensitive authentication data was found"`
}

// A typedView is a count that a person gave.
type typedView struct {
	Sign     string    `json:"sign"`
	Reporter string    `json:"reporter"`
	Cards    countView `json:"cards"`
	Data     []string  `json:"data,omitempty"`
}

// An estimateView is a figure with what it rests on; a figure that nobody
// knows is absent.
type estimateView struct {
	Cards      *int64 `json:"cards,omitempty"`
	Assumption string `json:"assumption" enum:"counted,reporter_sure,reporter_middle,no_overlap,reporter_unknown"`
}

// each shows a list.
func each[T, V any](list []T, show func(T) V) []V {
	out := make([]V, 0, len(list))
	for _, v := range list {
		out = append(out, show(v))
	}
	return out
}

// count returns a count, nil for one that nobody knows.
func count(n int64) *int64 {
	if n < 0 {
		return nil
	}
	return &n
}

func showRange(r casefile.Range) countView { return countView{count(r.Low), count(r.High)} }

func showSign(s casefile.Sign) signView {
	return signView{
		ID: s.ID, Kind: s.Kind, Reporter: s.Reporter, Place: s.Place, From: when(s.From), To: when(s.To), Data: s.Data, Cards: showRange(s.Cards),
		Text: s.Text, By: s.By, At: when(s.At), Exhibits: s.Exhibits,
	}
}

func showNote(n casefile.Note) noteView {
	return noteView{n.ID, n.Text, n.By, when(n.At), when(n.Happened), n.Box}
}

func marks(all map[string]casefile.Mark) map[string]markView {
	out := make(map[string]markView, len(all))
	for id, m := range all {
		out[id] = markView{m.State, m.By, when(m.At), when(m.Happened), m.Reason, m.Evidence, m.Owner}
	}
	return out
}

func showTyped(t casefile.Typed) typedView {
	return typedView{t.Sign, t.Reporter, showRange(t.Cards), t.Data}
}

func showEstimate(e casefile.Estimate) estimateView {
	return estimateView{count(e.Cards), e.Assumption}
}

func showExposure(x casefile.Exposure) exposureView {
	return exposureView{
		Version: x.Version, Counted: showRange(x.Counted), Places: x.Places, Matches: x.Matches, Test: x.Test, Brands: x.Brands,
		Issuers: x.Issuers, Elements: x.Elements, Reported: x.Reported, Secrets: x.Secrets, Typed: each(x.Typed, showTyped),
		First: when(x.First), Last: when(x.Last), Low: showEstimate(x.Low), Likely: showEstimate(x.Likely), High: showEstimate(x.High),
		Severity: x.Severity, SAD: x.SAD,
	}
}
