package console

import (
	"cmp"
	"net/http"
	"slices"

	"github.com/stanch/stanch/internal/approval"
	"github.com/stanch/stanch/internal/casefile"
	"github.com/stanch/stanch/internal/containment"
	"github.com/stanch/stanch/internal/finding"
)

// A PlanRow is a plan in a list.
type PlanRow struct {
	ID, Case, CaseName, Action, Mode, State, Tone string
	Files                                         int
	Bytes                                         int64
	By                                            string
	Drafted, Requested                            int64
	Short                                         string // of the hash
}

// Plans is a list of plans: all that live, or those that wait for approval.
type Plans struct {
	Frame
	Live []PlanRow
	Over []PlanRow
}

// PlanPage is one plan: what it will touch, who agreed, what became of it.
type PlanPage struct {
	Frame
	Row       PlanRow
	Plan      *containment.Plan
	Targets   []TargetRow
	Left      []containment.Refusal
	Lost      []string
	Approvals []ApprovalRow
	Needed    int
	Given     int
	Steps     []StepDot
	CanDecide bool // the visitor may approve
	WhyNot    string
	Probes    []ProbeRow
	Fault     string // why it ended as it did, if a file was the cause
	Reason    string // that a person gave
	CutOff    bool   // it was being taken back, and nobody is at it any more
}

// A StepDot is a stage in a plan's life.
type StepDot struct {
	Word      string
	Done, Now bool
}

// A TargetRow is a file of a plan.
type TargetRow struct {
	Path, Root, Short, Step, Fault, Beside string
	Size                                   int64
	Links                                  []string
	Elsewhere                              int
	Holders                                []containment.Holder
	Advice                                 *containment.Advice
}

// An ApprovalRow is one person's yes.
type ApprovalRow struct {
	Person string
	At     int64
	Method string
	Valid  bool
}

// A ProbeRow is what a probe showed.
type ProbeRow struct {
	Probe, Path, Fault string
	OK                 bool
	At                 int64
}

func (v *visit) by() containment.Person {
	return containment.Person{Who: v.actor(), Presence: v.who.PresenceAt, Method: "password"}
}

func (v *visit) planRow(p *containment.Plan) PlanRow {
	row := PlanRow{
		ID: string(p.ID), Case: string(p.Case()), Action: string(p.Terms.Action), Mode: string(p.Terms.Mode), State: string(p.State),
		Files: p.Report.Files, Bytes: p.Report.Bytes, By: v.person(p.Terms.Requester), Drafted: p.Drafted, Requested: p.Requested, Short: p.Hash[:min(len(p.Hash), 16)],
	}
	switch p.State {
	case containment.Leaking, containment.FailedPlan:
		row.Tone = "bad"
	case containment.Active, containment.Permanent, containment.Verified:
		row.Tone = "good"
	case containment.Requested, containment.Approved, containment.Executing, containment.RollingBack:
		row.Tone = "warn"
	}
	if c, err := v.c.Desk.Case(v.ctx(), v.c.Tenant, p.Case()); err == nil {
		row.CaseName = c.Name(v.tongue.lang)
	}
	return row
}

func (v *visit) waitingPlans() ([]*containment.Plan, error) {
	return v.c.Planner.Store.PlansIn(v.ctx(), v.c.Tenant, containment.Requested)
}

func plans(v *visit) error {
	list, err := v.c.Planner.Store.PlansIn(v.ctx(), v.c.Tenant, containment.States()...)
	if err != nil {
		return err
	}
	page := &Plans{Frame: Frame{Title: v.tongue.say("plans.title"), Nav: "plans", Self: "/plans"}}
	slices.Reverse(list)
	for _, p := range list {
		if p.State.Over() || p.State == containment.Permanent {
			page.Over = append(page.Over, v.planRow(p))
		} else {
			page.Live = append(page.Live, v.planRow(p))
		}
	}
	page.Over = page.Over[:min(len(page.Over), rowsShown)]
	return v.show("plans", page)
}

func approvals(v *visit) error {
	list, err := v.waitingPlans()
	if err != nil {
		return err
	}
	page := &Plans{Frame: Frame{Title: v.tongue.say("approvals.title"), Nav: "plans", Self: "/approvals"}}
	for _, p := range list {
		page.Live = append(page.Live, v.planRow(p))
	}
	return v.show("approvals", page)
}

// draftPlan begins a plan over a case's findings, runs it dry and shows it. More
// files than one plan may cover take several, which the list shows.
func draftPlan(v *visit) error {
	id := casefile.ID(v.r.PathValue("id"))
	draft := containment.Draft{
		Case: id, Action: containment.Action(v.form("action")), Mode: containment.Mode(v.form("mode")),
		OnExpiry: containment.Hold, Undoes: containment.ID(v.form("undoes")), Reason: v.form("reason"),
	}
	if holdsPAN(draft.Reason) {
		return v.caseWith(id, v.tongue.say("fault.card_data.text"), http.StatusUnprocessableEntity)
	}
	for _, f := range v.r.PostForm["finding"] {
		draft.Findings = append(draft.Findings, finding.ID(f))
	}
	if len(draft.Findings) == 0 && draft.Undoes == "" {
		found, err := v.openOf(id)
		if err != nil {
			return err
		}
		draft.Findings = found
	}
	plans, err := v.c.Planner.Prepare(v.ctx(), v.by(), draft)
	switch {
	case err == nil && len(plans) > 1:
		return v.onward("/plans", "drafted_several")
	case err == nil:
		return v.onward("/plans/"+string(plans[0].ID), "drafted")
	}
	if sentence, status, ok := v.problem(err); ok {
		return v.caseWith(id, sentence, status)
	}
	return err
}

// openOf returns the findings of a case that can still be acted on.
func (v *visit) openOf(id casefile.ID) ([]finding.ID, error) {
	var ids []finding.ID
	for _, state := range []finding.State{finding.Open, finding.Sealed} {
		next := FindingFilter{Case: id, State: state, Limit: 1000}
		for {
			found, err := v.c.Lists.Findings(v.ctx(), v.c.Tenant, next)
			if err != nil {
				return nil, err
			}
			for _, f := range found {
				ids = append(ids, f.ID)
				next.Before, next.After = f.LastSeen, f.ID
			}
			if len(found) < next.Limit {
				break
			}
		}
	}
	return ids, nil
}

func planPage(v *visit) error {
	return v.planWith(containment.ID(v.r.PathValue("id")), "", http.StatusOK)
}

func (v *visit) planWith(id containment.ID, problem string, status int) error {
	plan, err := v.c.Planner.Plan(v.ctx(), v.c.Tenant, id)
	if err != nil {
		return err
	}
	page := &PlanPage{Row: v.planRow(plan), Plan: plan, Left: plan.Report.Left, Lost: plan.Report.Lost}
	page.Frame = Frame{Title: v.tongue.sayOf("plan.action", plan.Terms.Action), Nav: "plans", Self: "/plans/" + string(id), Problem: problem}
	if _, ok := v.tongue.sentences["planfault."+plan.Why]; ok {
		page.Fault = v.tongue.sayOf("planfault", plan.Why)
	} else {
		page.Reason = cmp.Or(plan.Why, plan.Reason)
	}
	page.CutOff = plan.State == containment.RollingBack && !v.c.Planner.Busy(id)
	v.fillApprovals(page, plan)
	fillTargets(page, plan)
	fillSteps(page, plan)
	return v.render("plan", status, page)
}

func (v *visit) fillApprovals(page *PlanPage, plan *containment.Plan) {
	rules := v.c.Planner.Rules(plan)
	valid := rules.Valid(plan.Approvals, v.c.Now())
	page.Needed, page.Given = rules.Needed(), len(valid)
	for _, a := range plan.Approvals {
		page.Approvals = append(page.Approvals, ApprovalRow{v.person(a.Person), a.At, a.Method, slices.Contains(valid, a)})
	}
	mine := approval.Approval{Hash: plan.Hash, Person: string(v.who.Account), At: v.c.Now().UnixMicro(), Method: "password"}
	// Presence is proved by the form itself, so it is taken for given here.
	err := rules.Check(plan.Approvals, mine, v.c.Now(), v.c.Now())
	page.CanDecide = err == nil && v.may("approve_plan")
	if err != nil {
		_, word := face(err)
		page.WhyNot = v.tongue.sayOf("fault", word+".text")
	}
}

func fillTargets(page *PlanPage, plan *containment.Plan) {
	for i, t := range plan.Terms.Targets {
		row := TargetRow{Path: t.Path, Root: t.Root, Size: t.Print.Size, Short: t.Print.SHA256[:min(len(t.Print.SHA256), 16)], Links: t.Print.Links, Elsewhere: t.Print.Elsewhere}
		if i < len(plan.Report.Targets) {
			row.Holders, row.Advice = plan.Report.Targets[i].Holders, plan.Report.Targets[i].Advice
		}
		if i < len(plan.Results) {
			row.Step, row.Fault, row.Beside = string(plan.Results[i].Step), plan.Results[i].Fault, plan.Results[i].Beside
		}
		page.Targets = append(page.Targets, row)
	}
	for _, p := range plan.Probes {
		row := ProbeRow{Probe: string(p.Probe), OK: p.OK, At: p.At, Fault: p.Fault}
		if p.Target >= 0 && p.Target < len(page.Targets) {
			row.Path = page.Targets[p.Target].Path
		}
		page.Probes = append(page.Probes, row)
	}
}

// life is the way of a plan that goes well, as the stepper shows it.
var life = []struct {
	word   string
	states []containment.State
}{
	{"draft", []containment.State{containment.Drafted, containment.DryRun}},
	{"requested", []containment.State{containment.Requested}},
	{"approved", []containment.State{containment.Approved}},
	{"executing", []containment.State{containment.Executing, containment.Verified, containment.Leaking, containment.FailedPlan}},
	{"active", []containment.State{containment.Active, containment.Permanent, containment.RollingBack, containment.RolledBack}},
}

func fillSteps(page *PlanPage, plan *containment.Plan) {
	at := slices.IndexFunc(life, func(l struct {
		word   string
		states []containment.State
	}) bool {
		return slices.Contains(l.states, plan.State)
	})
	for i, l := range life {
		page.Steps = append(page.Steps, StepDot{l.word, i < at, i == at})
	}
}

// onPlan runs an act on the plan of the address, and goes back to it.
func (v *visit) onPlan(said string, act func(id containment.ID) error) error {
	id := containment.ID(v.r.PathValue("id"))
	err := act(id)
	if err == nil {
		return v.onward("/plans/"+string(id), said)
	}
	if sentence, status, ok := v.problem(err); ok {
		return v.planWith(id, sentence, status)
	}
	return err
}

func requestPlan(v *visit) error {
	return v.onPlan("requested", func(id containment.ID) error {
		if holdsPAN(v.form("reason")) {
			return casefile.ErrCardData
		}
		return v.c.Planner.Request(v.ctx(), v.by(), id, v.form("reason"))
	})
}

// approvePlan agrees to the hash that the page showed, not to what the plan is
// by now. The password is proof of presence.
func approvePlan(v *visit) error {
	return v.onPlan("approved", func(id containment.ID) error {
		if err := v.prove(); err != nil {
			return err
		}
		_, err := v.c.Planner.Approve(v.ctx(), v.by(), id, v.form("hash"))
		return err
	})
}

func executePlan(v *visit) error {
	id := containment.ID(v.r.PathValue("id"))
	plan, err := v.c.Planner.Execute(v.ctx(), v.by(), id, v.r.PostFormValue("passphrase"))
	said := "executed"
	if err == nil && (plan.State == containment.FailedPlan || plan.State == containment.Leaking) {
		said = "" // the page says what went wrong, and nothing above it sounds like success
	}
	return v.onPlan(said, func(containment.ID) error { return err })
}

func keepPlan(v *visit) error {
	return v.onPlan("kept", func(id containment.ID) error {
		if v.form("reason") == "" {
			return casefile.ErrReason
		}
		return v.c.Planner.MakePermanent(v.ctx(), v.by(), id, v.form("reason"))
	})
}

func rollbackPlan(v *visit) error {
	return v.onPlan("rolled_back", func(id containment.ID) error {
		if v.form("reason") == "" {
			return casefile.ErrReason
		}
		if err := v.prove(); err != nil {
			return err
		}
		_, err := v.c.Planner.Rollback(v.ctx(), v.by(), id, v.r.PostFormValue("passphrase"), v.form("reason"))
		return err
	})
}

func voidPlan(v *visit) error {
	return v.onPlan("void", func(id containment.ID) error {
		if v.form("reason") == "" {
			return casefile.ErrReason
		}
		return v.c.Planner.Withdraw(v.ctx(), v.by(), id, v.form("reason"))
	})
}
