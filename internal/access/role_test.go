package access

import (
	"errors"
	"strings"
	"testing"
	"time"
)

// TestMay walks every pair of role and action against a table written out by
// hand, so that a change of the real one is seen here.
func TestMay(t *testing.T) {
	const table = `
		action           owner responder auditor
		view             yes   yes       yes
		read_ledger      yes   yes       yes
		report_sign      yes   yes       no
		work_case        yes   yes       no
		decide_case      yes   yes       no
		request_plan     yes   yes       no
		approve_plan     yes   yes       no
		execute_plan     yes   yes       no
		break_seal       yes   yes       no
		manage_people    yes   no        no
		manage_settings  yes   no        no
		manage_tokens    yes   no        no
		view_tokens      yes   no        no
		erase            yes   no        no`
	walked := map[Action]bool{}
	for i, line := range strings.Split(strings.TrimSpace(table), "\n") {
		cells := strings.Fields(line)
		if i == 0 {
			continue
		}
		walked[Action(cells[0])] = true
		for j, role := range Roles() {
			if got, want := role.May(Action(cells[0])), cells[j+1] == "yes"; got != want {
				t.Errorf("%s may %s: got %t, want %t", role, cells[0], got, want)
			}
		}
		for _, stranger := range []Role{"", "admin", "OWNER"} {
			if stranger.May(Action(cells[0])) {
				t.Errorf("role %q may %s", stranger, cells[0])
			}
		}
	}
	for _, a := range Actions() {
		if !walked[a] {
			t.Errorf("action %s is not in the written table", a)
		}
	}
	if len(walked) != len(Actions()) {
		t.Errorf("got %d actions, want %d", len(Actions()), len(walked))
	}
	if Owner.May("") || Owner.May("sing") {
		t.Error("an unknown action is allowed")
	}
}

func TestAllow(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	owner := Principal{Tenant: "main", Account: "a", Role: Owner, Via: BySession, PresenceAt: now.Add(-time.Minute)}
	with := func(change func(*Principal)) Principal { p := owner; change(&p); return p }
	tests := map[string]struct {
		p    Principal
		a    Action
		want error
	}{
		"nobody":               {Principal{}, View, ErrForbidden},
		"no tenant":            {with(func(p *Principal) { p.Tenant = "" }), View, ErrForbidden},
		"no account":           {with(func(p *Principal) { p.Account = "" }), View, ErrForbidden},
		"present":              {owner, ApprovePlan, nil},
		"seal":                 {owner, BreakSeal, nil},
		"never present":        {with(func(p *Principal) { p.PresenceAt = time.Time{} }), ApprovePlan, ErrPresence},
		"just over":            {with(func(p *Principal) { p.PresenceAt = now.Add(-presenceLife) }), BreakSeal, ErrPresence},
		"presence to come":     {with(func(p *Principal) { p.PresenceAt = now.Add(time.Second) }), BreakSeal, ErrPresence},
		"no need":              {with(func(p *Principal) { p.PresenceAt = time.Time{} }), RequestPlan, nil},
		"token approves":       {with(func(p *Principal) { p.Via = ByToken }), ApprovePlan, ErrForbidden},
		"token works":          {with(func(p *Principal) { p.Via = ByToken }), WorkCase, nil},
		"socket approves":      {Socket("main"), ApprovePlan, ErrForbidden},
		"socket manages":       {Socket("main"), ManageTokens, nil},
		"socket invites":       {Socket("main"), ManagePeople, nil},
		"socket breaks a seal": {Socket("main"), BreakSeal, ErrForbidden},
		"token invites":        {with(func(p *Principal) { p.Via = ByToken }), ManagePeople, ErrForbidden},
		"token makes tokens":   {with(func(p *Principal) { p.Via = ByToken }), ManageTokens, ErrForbidden},
		"token settles":        {with(func(p *Principal) { p.Via = ByToken }), ManageSettings, ErrForbidden},
		"token erases":         {with(func(p *Principal) { p.Via = ByToken }), Erase, ErrForbidden},
		"token lists tokens":   {with(func(p *Principal) { p.Via = ByToken }), ViewTokens, nil},
		"absent owner invites": {with(func(p *Principal) { p.PresenceAt = time.Time{} }), ManagePeople, ErrPresence},
		"absent owner settles": {with(func(p *Principal) { p.PresenceAt = time.Time{} }), ManageSettings, ErrPresence},
		"absent owner issues":  {with(func(p *Principal) { p.PresenceAt = time.Time{} }), ManageTokens, ErrPresence},
		"absent owner erases":  {with(func(p *Principal) { p.PresenceAt = time.Time{} }), Erase, ErrPresence},
		"present owner erases": {owner, Erase, nil},
		"auditor with a proof": {with(func(p *Principal) { p.Role = Auditor }), ApprovePlan, ErrForbidden},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := test.p.Allow(test.a, now); !errors.Is(got, test.want) {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}
