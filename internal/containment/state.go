package containment

// A State is where a plan stands.
type State string

// The states of a plan.
const (
	Drafted     State = "draft"
	DryRun      State = "dry_run"
	Requested   State = "requested"
	Approved    State = "approved"
	Executing   State = "executing"
	Verified    State = "verified"
	Active      State = "active"
	RollingBack State = "rolling_back"
	RolledBack  State = "rolled_back"
	Permanent   State = "permanent"
	FailedPlan  State = "failed"  // ended with nothing taken away
	Leaking     State = "leaking" // held, but a probe failed: a person has to look
	Void        State = "void"
	Expired     State = "expired"
)

// States returns every state, in the order of a plan's life.
func States() []State {
	return []State{Drafted, DryRun, Requested, Approved, Executing, Verified, Active, RollingBack, RolledBack, Permanent, FailedPlan, Leaking, Void, Expired}
}

// moves is the whole life of a plan: from each state, where it may go next.
var moves = map[State][]State{
	Drafted:     {DryRun, Void, Expired},
	DryRun:      {DryRun, Requested, Void, Expired},
	Requested:   {DryRun, Requested, Approved, Void, Expired},
	Approved:    {DryRun, Executing, Void, Expired},
	Executing:   {Verified, Leaking, FailedPlan, Void},
	Verified:    {Active, Leaking},
	Active:      {RollingBack, Permanent, Leaking, Active},
	Leaking:     {Verified, RollingBack, Leaking},
	RollingBack: {RolledBack, RollingBack, Leaking},
	Permanent:   {RollingBack, Leaking, Permanent},
	RolledBack:  {},
	FailedPlan:  {},
	Void:        {},
	Expired:     {},
}

// To reports whether a plan may go from s to next.
func (s State) To(next State) bool {
	for _, state := range moves[s] {
		if state == next {
			return true
		}
	}
	return false
}

// Over reports whether nothing follows any more.
func (s State) Over() bool { return len(moves[s]) == 0 }
