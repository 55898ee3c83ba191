package rest

import (
	"context"
	"net/http"
	"time"

	"github.com/stanch/stanch/internal/access"
	"github.com/stanch/stanch/internal/casefile"
	"github.com/stanch/stanch/internal/containment"
	"github.com/stanch/stanch/internal/finding"
	"github.com/stanch/stanch/internal/tenant"
)

// A PlanRef is the plan that a path names.
type PlanRef struct {
	ID containment.ID `path:"id" maxLength:"64"`
}

func (a *API) planRoutes() {
	route(a, http.MethodGet, "/cases/{id}/plans", "list-plans", "List the plans of a case", access.View, a.listPlans)
	route(a, http.MethodGet, "/plans", "list-plans-by-state", "List the plans in a state, oldest first", access.View, a.plansInState)
	route(a, http.MethodGet, "/approvals", "list-approvals", "List the plans that wait for approval, oldest first", access.View, a.waitingPlans)
	route(a, http.MethodPost, "/plans", "draft-plan", "Draft a plan to seal or lock what was found", access.RequestPlan, a.draftPlan)
	route(a, http.MethodGet, "/plans/{id}", "read-plan", "Read a plan", access.View, a.readPlan)
	route(a, http.MethodPost, "/plans/{id}/dry-run", "dry-run-plan", "Look at every target without touching it", access.RequestPlan, a.dryRunPlan)
	route(a, http.MethodPost, "/plans/{id}/request", "request-plan", "Ask for approval", access.RequestPlan, a.requestPlan)
	route(a, http.MethodPost, "/plans/{id}/approve", "approve-plan", "Approve the plan with this hash; needs a session with presence", access.ApprovePlan, a.approvePlan)
	route(a, http.MethodPost, "/plans/{id}/withdraw", "withdraw-plan", "Withdraw a plan", access.RequestPlan, a.withdrawPlan)
	route(a, http.MethodPost, "/plans/{id}/execute", "execute-plan", "Carry out an approved plan", access.ExecutePlan, a.executePlan)
	route(a, http.MethodPost, "/plans/{id}/probe", "probe-plan", "Run the probes again", access.ExecutePlan, a.probePlan)
	route(a, http.MethodPost, "/plans/{id}/keep", "keep-plan", "Make an active plan permanent", access.ExecutePlan, a.keepPlan)
	route(a, http.MethodPost, "/plans/{id}/rollback", "rollback-plan", "Take a lock back, bit for bit", access.BreakSeal, a.rollbackPlan)
}

// person says who asks and when they last proved to be there.
func person(p access.Principal) containment.Person {
	who := containment.Person{Who: p.Who(), Presence: p.PresenceAt}
	if !p.PresenceAt.IsZero() {
		who.Method = "password"
	}
	return who
}

func (a *API) planNow(ctx context.Context, t tenant.ID, id containment.ID) (*body[planView], error) {
	plan, err := a.Planner.Plan(ctx, t, id)
	if err != nil {
		return nil, err
	}
	return answer(a.showPlan(plan)), nil
}

func (a *API) listPlans(ctx context.Context, p access.Principal, in *CaseRef) (*body[page[planView]], error) {
	plans, err := a.Lists.Plans(ctx, p.Tenant, in.ID)
	if err != nil {
		return nil, err
	}
	return paged(plans, -1, a.showPlan, nil), nil
}

func (a *API) plansInState(ctx context.Context, p access.Principal, in *struct {
	State containment.State `query:"state" required:"true" enum:"draft,dry_run,requested,approved,executing,verified,active,rolling_back,rolled_back,permanent,failed,leaking,void,expired"`
}) (*body[page[planView]], error) {
	plans, err := a.Planner.Store.PlansIn(ctx, p.Tenant, in.State)
	if err != nil {
		return nil, err
	}
	return paged(plans, -1, a.showPlan, nil), nil
}

func (a *API) waitingPlans(ctx context.Context, p access.Principal, _ *none) (*body[page[planView]], error) {
	plans, err := a.Planner.Store.PlansIn(ctx, p.Tenant, containment.Requested)
	if err != nil {
		return nil, err
	}
	return paged(plans, -1, a.showPlan, nil), nil
}

func (a *API) draftPlan(ctx context.Context, p access.Principal, in *struct {
	Body struct {
		Case     casefile.ID        `json:"case"`
		Action   containment.Action `json:"action" enum:"seal,lock"`
		Mode     containment.Mode   `json:"mode,omitempty" enum:"remove,mask"`
		Findings []finding.ID       `json:"findings" minItems:"1" doc:"in 500 files at most; more take several plans"`
		Writers  bool               `json:"writers,omitempty" doc:"go on although a process may still write to a file"`
		Hours    int                `json:"hours,omitempty" minimum:"1" maximum:"8760" doc:"from activation to expiry; a week if not given"`
		Reason   string             `json:"reason" maxLength:"10000"`
	}
}) (*body[planView], error) {
	b := in.Body
	if !named(string(b.Case)) {
		return nil, casefile.ErrNoCase
	}
	for _, id := range b.Findings {
		if !named(string(id)) {
			return nil, containment.ErrDraft
		}
	}
	plan, err := a.Planner.Draft(ctx, person(p), containment.Draft{
		Case: b.Case, Action: b.Action, Mode: b.Mode, Findings: b.Findings, Writers: b.Writers,
		OnExpiry: containment.Hold, Lasts: time.Duration(b.Hours) * time.Hour, Reason: b.Reason,
	})
	if err != nil {
		return nil, err
	}
	return answer(a.showPlan(plan)), nil
}

func (a *API) readPlan(ctx context.Context, p access.Principal, in *PlanRef) (*body[planView], error) {
	return a.planNow(ctx, p.Tenant, in.ID)
}

func (a *API) dryRunPlan(ctx context.Context, p access.Principal, in *PlanRef) (*body[planView], error) {
	plan, err := a.Planner.DryRun(ctx, person(p), in.ID)
	if err != nil {
		return nil, err
	}
	return answer(a.showPlan(plan)), nil
}

// A planReason is a word on a plan with its reason.
type planReason struct {
	PlanRef
	Body struct {
		Reason string `json:"reason" maxLength:"10000"`
	}
}

func (a *API) requestPlan(ctx context.Context, p access.Principal, in *planReason) (*body[planView], error) {
	if err := a.Planner.Request(ctx, person(p), in.ID, in.Body.Reason); err != nil {
		return nil, err
	}
	return a.planNow(ctx, p.Tenant, in.ID)
}

func (a *API) approvePlan(ctx context.Context, p access.Principal, in *struct {
	PlanRef
	Body struct {
		Hash string `json:"hash" doc:"of the plan that the person looked at"`
	}
}) (*body[planView], error) {
	plan, err := a.Planner.Approve(ctx, person(p), in.ID, in.Body.Hash)
	if err != nil {
		return nil, err
	}
	return answer(a.showPlan(plan)), nil
}

func (a *API) withdrawPlan(ctx context.Context, p access.Principal, in *planReason) (*body[planView], error) {
	if err := a.Planner.Withdraw(ctx, person(p), in.ID, in.Body.Reason); err != nil {
		return nil, err
	}
	return a.planNow(ctx, p.Tenant, in.ID)
}

func (a *API) executePlan(ctx context.Context, p access.Principal, in *PlanRef) (*body[planView], error) {
	plan, err := a.Planner.Execute(ctx, person(p), in.ID, "")
	if err != nil {
		return nil, err
	}
	return answer(a.showPlan(plan)), nil
}

func (a *API) probePlan(ctx context.Context, p access.Principal, in *PlanRef) (*body[planView], error) {
	plan, err := a.Planner.Probe(ctx, person(p), in.ID)
	if err != nil {
		return nil, err
	}
	return answer(a.showPlan(plan)), nil
}

func (a *API) keepPlan(ctx context.Context, p access.Principal, in *planReason) (*body[planView], error) {
	if err := a.Planner.MakePermanent(ctx, person(p), in.ID, in.Body.Reason); err != nil {
		return nil, err
	}
	return a.planNow(ctx, p.Tenant, in.ID)
}

func (a *API) rollbackPlan(ctx context.Context, p access.Principal, in *struct {
	PlanRef
	Body struct {
		Passphrase string `json:"passphrase" doc:"of the recovery sheet; it is not kept"`
		Reason     string `json:"reason" maxLength:"10000"`
	}
}) (*body[planView], error) {
	plan, err := a.Planner.Rollback(ctx, person(p), in.ID, in.Body.Passphrase, in.Body.Reason)
	if err != nil {
		return nil, err
	}
	return answer(a.showPlan(plan)), nil
}
