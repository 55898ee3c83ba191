package rest

import (
	"time"

	"github.com/stanch/stanch/internal/containment"
	"github.com/stanch/stanch/internal/evidence"
)

// A planView is a plan as the API shows it. Its terms stand as they were
// hashed and approved, so that whoever approves can compute the hash again:
// there, and only there, times are Unix microseconds.
type planView struct {
	*containment.Plan
	Needed    int            `json:"needed" doc:"how many people have to approve"`
	Report    reportView     `json:"report" doc:"what the dry-run saw"`
	Drafted   *time.Time     `json:"drafted"`
	Requested *time.Time     `json:"requested,omitempty"`
	Approvals []approvalView `json:"approvals,omitempty"`
	Begun     *time.Time     `json:"begun,omitempty"`
	Verified  *time.Time     `json:"verified,omitempty"`
	Active    *time.Time     `json:"active,omitempty"`
	Ends      *time.Time     `json:"ends,omitempty" doc:"when an active plan expires"`
	Expires   *time.Time     `json:"expires,omitempty" doc:"not carried out after this"`
	Ended     *time.Time     `json:"ended,omitempty"`
	Results   []resultView   `json:"results,omitempty" doc:"one for each target"`
	Probes    []probeView    `json:"probes,omitempty" doc:"as last run"`
}

// A reportView is a dry-run's report.
type reportView struct {
	containment.Report
	At *time.Time `json:"at,omitempty"`
}

// An approvalView is one person's yes.
type approvalView struct {
	Hash   string     `json:"hash"`
	Person string     `json:"person"`
	At     *time.Time `json:"at"`
	Method string     `json:"method"`
}

// A resultView is what became of one target.
type resultView struct {
	containment.Result
	At *time.Time `json:"at,omitempty"`
}

// A probeView is what one probe showed.
type probeView struct {
	containment.ProbeResult
	At *time.Time `json:"at"`
}

func (a *API) showPlan(p *containment.Plan) planView {
	v := planView{
		Plan: p, Needed: a.Planner.Rules(p).Needed(), Report: reportView{p.Report, when(p.Report.At)}, Drafted: when(p.Drafted), Requested: when(p.Requested),
		Begun: when(p.Begun), Verified: when(p.Verified), Active: when(p.Active), Ends: when(p.Ends), Expires: when(p.Terms.Expires), Ended: when(p.Ended),
	}
	for _, y := range p.Approvals {
		v.Approvals = append(v.Approvals, approvalView{y.Hash, y.Person, when(y.At), y.Method})
	}
	for _, r := range p.Results {
		v.Results = append(v.Results, resultView{r, when(r.At)})
	}
	for _, r := range p.Probes {
		v.Probes = append(v.Probes, probeView{r, when(r.At)})
	}
	return v
}

// An exhibitView is an exhibit as the API shows it.
type exhibitView struct {
	*evidence.Exhibit
	SealedAt  *time.Time  `json:"sealed_at"`
	DestroyBy *time.Time  `json:"destroy_by"`
	Destroyed *time.Time  `json:"destroyed,omitempty"`
	Events    []eventView `json:"events" doc:"the custody"`
}

// An eventView is one event of custody.
type eventView struct {
	evidence.Event
	At *time.Time `json:"at"`
}

func showExhibit(x *evidence.Exhibit) exhibitView {
	return exhibitView{x, when(x.SealedAt), when(x.DestroyBy), when(x.Destroyed), each(x.Events, func(e evidence.Event) eventView { return eventView{e, when(e.At)} })}
}
