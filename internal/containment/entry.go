package containment

import (
	"slices"

	"github.com/stanch/stanch/internal/approval"
	"github.com/stanch/stanch/internal/finding"
	"github.com/stanch/stanch/ledger"
)

// The bodies of a plan's entries.
type (
	// DraftedBody begins a plan.
	DraftedBody struct {
		Terms    Terms        `json:"terms"`
		Findings []finding.ID `json:"findings,omitempty"`
		Reason   string       `json:"reason,omitempty"`
	}
	// DryRan fixes what is to be approved.
	DryRan struct {
		Terms  Terms  `json:"terms"`
		Report Report `json:"report"`
		Hash   string `json:"hash"`
	}
	// Agreed adds an approval. Enough says that no more are needed.
	Agreed struct {
		Approval approval.Approval `json:"approval"`
		Enough   bool              `json:"enough"`
	}
	// Moved changes the plan's state. Why is a fault word or a person's reason.
	Moved struct {
		To   State  `json:"to"`
		Why  string `json:"why,omitempty"`
		By   string `json:"by,omitempty"`   // account id of who requests approval
		Ends int64  `json:"ends,omitempty"` // when an active plan expires
	}
	// Stepped says how far the work on one target has come.
	Stepped struct {
		Target int    `json:"target"`
		Result Result `json:"result"`
	}
	// Probed is what the probes showed.
	Probed struct {
		Probes []ProbeResult `json:"probes"`
	}
	// Overran says that an active plan has run out and waits for a person.
	Overran struct{}
	// UndoBegun says which plan takes this one back.
	UndoBegun struct {
		By ID `json:"by"`
	}
)

// Kind returns "plan.drafted".
func (DraftedBody) Kind() string { return "plan.drafted" }

// Kind returns "plan.dry_run".
func (DryRan) Kind() string { return "plan.dry_run" }

// Kind returns "plan.agreed".
func (Agreed) Kind() string { return "plan.agreed" }

// Kind returns "plan.moved".
func (Moved) Kind() string { return "plan.moved" }

// Kind returns "plan.stepped".
func (Stepped) Kind() string { return "plan.stepped" }

// Kind returns "plan.probed".
func (Probed) Kind() string { return "plan.probed" }

// Kind returns "plan.overran".
func (Overran) Kind() string { return "plan.overran" }

// Kind returns "plan.undo_begun".
func (UndoBegun) Kind() string { return "plan.undo_begun" }

// folds maps each kind of entry but the first to what it does to a plan.
var folds = map[string]func(*Plan, ledger.Entry) error{
	DryRan{}.Kind():    foldDryRun,
	Agreed{}.Kind():    foldAgreed,
	Moved{}.Kind():     foldMoved,
	Stepped{}.Kind():   foldStepped,
	Probed{}.Kind():    foldProbed,
	Overran{}.Kind():   func(p *Plan, _ ledger.Entry) error { p.Overdue = true; return nil },
	UndoBegun{}.Kind(): foldUndoBegun,
}

// Apply folds an entry into the plan.
func (p *Plan) Apply(e ledger.Entry) error {
	if e.Kind == (DraftedBody{}).Kind() {
		return p.draft(e)
	}
	fold, ok := folds[e.Kind]
	if !ok || p.ID == "" {
		return ErrOrder
	}
	return fold(p, e)
}

func (p *Plan) draft(e ledger.Entry) error {
	var b DraftedBody
	if err := e.Decode(&b); err != nil {
		return err
	}
	if p.ID != "" {
		return ErrOrder
	}
	*p = Plan{ID: ID(e.Subject.ID()), State: Drafted, Terms: b.Terms, Findings: b.Findings, Reason: b.Reason, Drafted: e.At.UnixMicro()}
	return nil
}

// move checks a change of state against the table.
func (p *Plan) move(to State) error {
	if !p.State.To(to) {
		return ErrOrder
	}
	p.State = to
	return nil
}

func foldDryRun(p *Plan, e ledger.Entry) error {
	var b DryRan
	if err := e.Decode(&b); err != nil {
		return err
	}
	p.Terms, p.Report, p.Hash, p.Requested, p.RequestedBy = b.Terms, b.Report, b.Hash, 0, ""
	p.Results = make([]Result, len(b.Terms.Targets))
	return p.move(DryRun)
}

func foldAgreed(p *Plan, e ledger.Entry) error {
	var b Agreed
	if err := e.Decode(&b); err != nil {
		return err
	}
	p.Approvals = append(p.Approvals, b.Approval)
	if b.Enough {
		return p.move(Approved)
	}
	return p.move(Requested)
}

func foldMoved(p *Plan, e ledger.Entry) error {
	var b Moved
	if err := e.Decode(&b); err != nil {
		return err
	}
	at := e.At.UnixMicro()
	p.Why = b.Why
	switch b.To {
	case Requested:
		p.Requested, p.RequestedBy = at, b.By
	case Executing:
		p.Begun = at
	case Verified:
		p.Verified = at
	case Active:
		p.Active, p.Ends, p.Overdue = at, b.Ends, false
	case Permanent, RolledBack, FailedPlan, Void, Expired:
		p.Ended, p.Ends, p.Overdue = at, 0, false
	}
	return p.move(b.To)
}

func foldStepped(p *Plan, e ledger.Entry) error {
	var b Stepped
	if err := e.Decode(&b); err != nil {
		return err
	}
	if b.Target < 0 || b.Target >= len(p.Results) {
		return ErrOrder
	}
	b.Result.At = e.At.UnixMicro()
	p.Results[b.Target] = b.Result
	return nil
}

func foldProbed(p *Plan, e ledger.Entry) error {
	var b Probed
	err := e.Decode(&b)
	for i := range b.Probes {
		b.Probes[i].At = e.At.UnixMicro()
	}
	p.Probes = slices.Clone(b.Probes)
	return err
}

func foldUndoBegun(p *Plan, e ledger.Entry) error {
	var b UndoBegun
	err := e.Decode(&b)
	p.UndoneBy = b.By
	return err
}
