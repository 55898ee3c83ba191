package console

import (
	"errors"
	"net/http"

	"github.com/stanch/stanch/internal/access"
)

// A route is one address with what its visitor must be allowed to do. Action
// is empty only on the few pages that are open to anybody.
type route struct {
	Pattern string
	Action  access.Action
	Handle  func(*visit) error
	Open    bool // no session needed
	Upload  bool // takes a file
	Proves  bool // its own form asks for the password each time
}

// routes lists every address of the console.
func (c *Console) routes() []route {
	open := func(pattern string, h func(*visit) error) route {
		return route{Pattern: pattern, Handle: h, Open: true}
	}
	need := func(a access.Action, pattern string, h func(*visit) error) route {
		return route{Pattern: pattern, Action: a, Handle: h}
	}
	upload := func(r route) route { r.Upload = true; return r }
	proves := func(r route) route { r.Proves = true; return r }
	return []route{
		open("GET /link/{secret}", linkPage), open("POST /link/{secret}", linkUse),
		open("GET /signin", signInPage), open("POST /signin", signIn),
		open("POST /language", pickLanguage),
		need(access.View, "POST /signout", signOut), need(access.View, "POST /presence", presence),

		need(access.ManageSettings, "GET /welcome/house", welcomeHousePage), need(access.ManageSettings, "POST /welcome/house", welcomeHouse),
		need(access.ManageSettings, "GET /welcome/sheet", welcomeSheetPage), need(access.ManageSettings, "POST /welcome/sheet", welcomeSheet),
		need(access.ManageSettings, "GET /welcome/ready", welcomeReady),
		need(access.ManageSettings, "POST /welcome/drill", welcomeDrill), need(access.ManageSettings, "POST /welcome/watch", welcomeWatch),

		need(access.View, "GET /{$}", overview),
		need(access.View, "GET /events", events),
		need(access.View, "GET /findings", findings), need(access.View, "GET /findings/{id}", findingPage),

		need(access.View, "GET /cases", cases),
		need(access.ReportSign, "GET /cases/new", reportPage), upload(need(access.ReportSign, "POST /cases/new", report)),
		need(access.View, "GET /cases/{id}", casePage),
		need(access.DecideCase, "POST /cases/{id}/confirm", confirmCase), need(access.DecideCase, "POST /cases/{id}/rule-out", ruleOutCase),
		need(access.DecideCase, "POST /cases/{id}/close", closeCase), need(access.DecideCase, "POST /cases/{id}/reopen", reopenCase),
		need(access.WorkCase, "POST /cases/{id}/note", noteCase), need(access.WorkCase, "POST /cases/{id}/mark", markCase),
		need(access.WorkCase, "POST /cases/{id}/cause", nameCause), need(access.WorkCase, "POST /cases/{id}/rescan", rescanCase),
		proves(need(access.Erase, "POST /cases/{id}/erase", eraseItem)),
		upload(need(access.WorkCase, "POST /cases/{id}/attach", attachToCase)),
		need(access.View, "GET /cases/{id}/exhibits/{exhibit}/file", attachment),
		need(access.WorkCase, "POST /cases/{id}/exhibits/{exhibit}/verify", verifyExhibit),
		proves(need(access.BreakSeal, "POST /cases/{id}/exhibits/{exhibit}/export", exportExhibit)),
		need(access.RequestPlan, "POST /cases/{id}/plan", draftPlan),
		need(access.View, "GET /cases/{id}/sheet", sheetPage), need(access.WorkCase, "POST /cases/{id}/sheet", typeSheet),
		need(access.View, "GET /sheet", sheetPage),

		need(access.View, "GET /plans", plans), need(access.View, "GET /plans/{id}", planPage),
		need(access.RequestPlan, "POST /plans/{id}/request", requestPlan), proves(need(access.ApprovePlan, "POST /plans/{id}/approve", approvePlan)),
		need(access.ExecutePlan, "POST /plans/{id}/execute", executePlan), need(access.ExecutePlan, "POST /plans/{id}/permanent", keepPlan),
		proves(need(access.BreakSeal, "POST /plans/{id}/rollback", rollbackPlan)), need(access.RequestPlan, "POST /plans/{id}/void", voidPlan),
		need(access.View, "GET /approvals", approvals),

		need(access.ReadLedger, "GET /ledger", ledgerPage), need(access.ReadLedger, "GET /ledger/{index}", entryPage),
		need(access.View, "GET /estate", estatePage), upload(need(access.ManageSettings, "POST /estate", importEstate)),
		need(access.View, "GET /settings", settings), need(access.View, "POST /settings/password", changePassword),
		need(access.View, "POST /settings/me", changeMe), need(access.View, "POST /settings/sessions/revoke", revokeSession),
		need(access.ManageSettings, "POST /settings/house", changeHouse),
		need(access.ManageSettings, "POST /settings/alarms", addAlarm), need(access.ManageSettings, "POST /settings/alarms/remove", removeAlarm),
		need(access.ManageSettings, "POST /settings/alarms/test", testAlarm),
		need(access.ManageSettings, "POST /settings/watch", addWatch),
		need(access.ManagePeople, "POST /settings/people/invite", invite), need(access.ManagePeople, "POST /settings/people/disable", disable),
		need(access.ManagePeople, "POST /settings/people/again", inviteAgain), need(access.ManagePeople, "POST /settings/people/change", changePerson),
		proves(need(access.Erase, "POST /settings/people/erase", erasePerson)),
		need(access.ManageTokens, "POST /settings/tokens", makeToken), need(access.ManageTokens, "POST /settings/tokens/revoke", revokeToken),
		need(access.View, "GET /help", help),
		open("/", notFound),
	}
}

// serve wraps a route: who asks, may they, and what an error looks like.
func (c *Console) serve(r route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		limit := int64(bodyLimit)
		if r.Upload {
			limit = uploadLimit
		}
		req.Body = http.MaxBytesReader(w, req.Body, limit)
		v := c.visit(w, req)
		if err := v.authenticate(); err != nil {
			c.fault(v, err)
			return
		}
		switch {
		case r.Open:
		case v.who == nil:
			v.askSignIn()
			return
		case !v.may(r.Action):
			c.fault(v, errMay)
			return
		}
		if err := v.parse(r.Upload); err != nil {
			c.fault(v, err)
			return
		}
		if err := v.present(r); err != nil {
			c.fault(v, err)
			return
		}
		if err := r.Handle(v); err != nil {
			c.fault(v, err)
		}
	})
}

// present refuses a post that needs a proof of presence if there is none that
// still holds. What was typed has to be typed again: a page must not carry it.
func (v *visit) present(r route) error {
	if v.r.Method != http.MethodPost || r.Open || r.Proves || !r.Action.NeedsPresence() {
		return nil
	}
	return v.who.Allow(r.Action, v.c.Now())
}

// parse reads the form of a post.
func (v *visit) parse(upload bool) error {
	if v.r.Method != http.MethodPost {
		return nil
	}
	var err error
	if upload {
		// All of it stays in memory: beyond what is named here the standard
		// library writes the rest to a temporary file, in clear.
		err = v.r.ParseMultipartForm(uploadLimit)
	} else {
		err = v.r.ParseForm()
	}
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return errLarge
	case err != nil && !errors.Is(err, http.ErrNotMultipart):
		return errField
	}
	return nil
}

func notFound(*visit) error { return errNoPage }
