package rest

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/stanch/stanch/internal/access"
	"github.com/stanch/stanch/internal/casefile"
	"github.com/stanch/stanch/internal/finding"
	"github.com/stanch/stanch/internal/record"
)

// A findingView is a finding as the API shows it: masked, without tokens.
type findingView struct {
	ID        finding.ID       `json:"id"`
	Path      string           `json:"path" doc:"with ! between container and member"`
	Root      string           `json:"root"`
	State     finding.State    `json:"state" enum:"open,sealed,locked,clean,gone,ruled_out"`
	Case      casefile.ID      `json:"case,omitempty"`
	Sensitive bool             `json:"sensitive" doc:"holds authentication data"`
	Matches   int64            `json:"matches"`
	CardsLow  int64            `json:"cards_low"`
	CardsHigh int64            `json:"cards_high"`
	Kinds     map[string]int64 `json:"kinds"`
	Brands    map[string]int64 `json:"brands,omitempty"`
	Test      int64            `json:"test,omitempty" doc:"matches that are published test numbers"`
	First     *time.Time       `json:"first_seen"`
	Last      *time.Time       `json:"last_seen"`
	Sample    []sampleView     `json:"sample,omitempty"`
}

type sampleView struct {
	Class      string `json:"class"`
	Line       int64  `json:"line,omitempty"`
	Offset     int64  `json:"offset"`
	Encoding   string `json:"encoding,omitempty"`
	Masked     string `json:"masked"`
	Brand      string `json:"brand,omitempty"`
	Confidence string `json:"confidence"`
	Test       bool   `json:"test,omitempty"`
}

func showFinding(f *finding.Finding) findingView {
	return findingView{
		ID: f.ID, Path: f.Place.Shown(), Root: f.Place.Root, State: f.State, Case: casefile.ID(f.Case), Sensitive: f.Sensitive,
		Matches: f.Counts.Matches, CardsLow: f.Counts.Low, CardsHigh: f.Counts.High, Kinds: f.Counts.Kinds, Brands: f.Counts.Brands,
		Test: f.Counts.Test, First: when(f.FirstSeen), Last: when(f.LastSeen),
	}
}

func (a *API) findingRoutes() {
	route(a, http.MethodGet, "/findings", "list-findings", "List findings, the latest seen first", access.View, a.listFindings)
	route(a, http.MethodGet, "/findings/{id}", "read-finding", "Read a finding with its masked sample", access.View, a.readFinding)
}

func (a *API) listFindings(ctx context.Context, p access.Principal, in *struct {
	Listing
	Case casefile.ID `query:"case" maxLength:"64"`
}) (*body[page[findingView]], error) {
	before, after, err := in.position()
	if err != nil {
		return nil, err
	}
	found, err := a.Lists.Findings(ctx, p.Tenant, in.Case, before, finding.ID(after), in.size())
	if err != nil {
		return nil, err
	}
	return paged(found, in.size(), showFinding, func(f *finding.Finding) string { return cursor(f.LastSeen, string(f.ID)) }), nil
}

func (a *API) readFinding(ctx context.Context, p access.Principal, in *struct {
	ID finding.ID `path:"id" maxLength:"64"`
}) (*body[findingView], error) {
	thing, err := a.Desk.Store.Read(ctx, p.Tenant, in.ID.Subject())
	if errors.Is(err, record.ErrNone) {
		return nil, fault(http.StatusNotFound, "no_such_finding", "no such finding")
	}
	if err != nil {
		return nil, err
	}
	view := showFinding(thing.(*finding.Finding))
	for _, m := range thing.(*finding.Finding).Sample {
		view.Sample = append(view.Sample, sampleView{m.Class, m.Line, m.Offset, m.Encoding, m.Masked, string(m.Brand), m.Confidence, m.Test})
	}
	return answer(view), nil
}

// A rescanned is what looking again showed.
type rescanned struct {
	Places int          `json:"places"`
	Clean  []finding.ID `json:"clean"`
	Left   []finding.ID `json:"left" doc:"places that still hold card data"`
}

// rescanCase looks at each place of the case again. The findings are settled
// as they are found.
func (a *API) rescanCase(ctx context.Context, p access.Principal, in *CaseRef) (*body[rescanned], error) {
	if _, err := a.Desk.Case(ctx, p.Tenant, in.ID); err != nil {
		return nil, err
	}
	out := rescanned{Clean: []finding.ID{}, Left: []finding.ID{}}
	var before int64
	var after finding.ID
	for {
		found, err := a.Lists.Findings(ctx, p.Tenant, in.ID, before, after, pageSize)
		if err != nil {
			return nil, err
		}
		ids := make([]finding.ID, 0, len(found))
		for _, f := range found {
			ids = append(ids, f.ID)
			before, after = f.LastSeen, f.ID
		}
		clean, err := a.Watch.Rescan(ctx, p.Who(), ids)
		if err != nil {
			return nil, err
		}
		out.add(ids, clean)
		if len(found) == pageSize {
			continue
		}
		if len(out.Left) > 0 {
			return answer(out), nil
		}
		return answer(out), a.Desk.Rescanned(ctx, p.Who(), in.ID)
	}
}

func (r *rescanned) add(all, clean []finding.ID) {
	is := map[finding.ID]bool{}
	for _, id := range clean {
		is[id] = true
	}
	r.Places += len(all)
	for _, id := range all {
		if is[id] {
			r.Clean = append(r.Clean, id)
		} else {
			r.Left = append(r.Left, id)
		}
	}
}
