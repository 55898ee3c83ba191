package access

import "slices"

// A Role is what an account or token is for.
type Role string

// The roles, from the one that may most.
const (
	Owner     Role = "owner"     // everything
	Responder Role = "responder" // cases and plans
	Auditor   Role = "auditor"   // looks, changes nothing
)

// Roles returns every role, from the one that may most.
func Roles() []Role { return []Role{Owner, Responder, Auditor} }

// Valid reports whether r is one of the roles.
func (r Role) Valid() bool { return slices.Contains(Roles(), r) }

// An Action is what a route or command does, as far as permission goes.
type Action string

// The actions.
const (
	View           Action = "view"
	ReportSign     Action = "report_sign"
	WorkCase       Action = "work_case"
	DecideCase     Action = "decide_case"
	RequestPlan    Action = "request_plan"
	ApprovePlan    Action = "approve_plan"
	ExecutePlan    Action = "execute_plan"
	BreakSeal      Action = "break_seal"
	ReadLedger     Action = "read_ledger"
	ManagePeople   Action = "manage_people"
	ManageSettings Action = "manage_settings"
	ManageTokens   Action = "manage_tokens"
	ViewTokens     Action = "view_tokens"
	Erase          Action = "erase"
)

// A grant is one line of the table of permissions.
type grant struct {
	action   Action
	roles    []Role
	presence bool // needs a fresh proof of presence, so no token may
	machine  bool // or to be at the machine itself, by the admin socket
}

// grants is the table of permissions. What is not in it is refused.
func grants() []grant {
	return []grant{
		{View, []Role{Owner, Responder, Auditor}, false, false},
		{ReadLedger, []Role{Owner, Responder, Auditor}, false, false},
		{ReportSign, []Role{Owner, Responder}, false, false},
		{WorkCase, []Role{Owner, Responder}, false, false},
		{DecideCase, []Role{Owner, Responder}, false, false},
		{RequestPlan, []Role{Owner, Responder}, false, false},
		{ApprovePlan, []Role{Owner, Responder}, true, false},
		{ExecutePlan, []Role{Owner, Responder}, false, false},
		{BreakSeal, []Role{Owner, Responder}, true, false},
		{ManagePeople, []Role{Owner}, true, true},
		{ManageSettings, []Role{Owner}, true, true},
		{ManageTokens, []Role{Owner}, true, true},
		{ViewTokens, []Role{Owner}, false, false},
		{Erase, []Role{Owner}, true, true},
	}
}

// Actions returns every action.
func Actions() []Action {
	var all []Action
	for _, g := range grants() {
		all = append(all, g.action)
	}
	return all
}

// May reports whether the role allows the action. An unknown role or action
// is refused.
func (r Role) May(a Action) bool {
	g, ok := grantOf(a)
	return ok && slices.Contains(g.roles, r)
}

// NeedsPresence reports whether the action needs a fresh proof of presence.
func (a Action) NeedsPresence() bool {
	g, ok := grantOf(a)
	return ok && g.presence
}

func grantOf(a Action) (grant, bool) {
	all := grants()
	i := slices.IndexFunc(all, func(g grant) bool { return g.action == a })
	if i < 0 {
		return grant{}, false
	}
	return all[i], true
}
