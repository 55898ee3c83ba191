package rest

import (
	"context"
	"net/http"
	"time"

	"github.com/stanch/stanch/internal/access"
	"github.com/stanch/stanch/internal/casefile"
)

// A caseView is a case as the API shows it.
type caseView struct {
	ID         casefile.ID         `json:"id"`
	Number     int64               `json:"number"`
	Codename   codename            `json:"codename"`
	State      casefile.State      `json:"state" enum:"suspected,confirmed,ruled_out,closed"`
	Severity   int                 `json:"severity" minimum:"1" maximum:"5"`
	Source     []string            `json:"source"`
	Place      string              `json:"place,omitempty"`
	Opened     *time.Time          `json:"opened"`
	Seen       *time.Time          `json:"seen,omitempty"`
	Confirmed  *time.Time          `json:"confirmed,omitempty"`
	Contained  *time.Time          `json:"contained,omitempty"`
	Closed     *time.Time          `json:"closed,omitempty"`
	Updated    *time.Time          `json:"updated"`
	Reason     string              `json:"reason,omitempty"`
	Findings   int64               `json:"findings"`
	Leaking    bool                `json:"leaking"`
	Signs      []signView          `json:"signs,omitempty"`
	Tasks      map[string]markView `json:"tasks,omitempty"`
	Stages     map[string]markView `json:"stages,omitempty"`
	Gates      map[string]markView `json:"gates,omitempty"`
	Notes      []noteView          `json:"notes,omitempty"`
	Cause      string              `json:"cause,omitempty"`
	Exposure   exposureView        `json:"exposure"`
	RescanDone *time.Time          `json:"rescan_clean,omitempty"`
}

type codename struct {
	ZH string `json:"zh"`
	EN string `json:"en"`
}

func showCase(c *casefile.Case) caseView {
	return caseView{
		ID: c.ID, Number: c.Number, Codename: codename{c.CodenameZH, c.CodenameEN}, State: c.State, Severity: c.Severity,
		Source: c.Source, Place: c.Place, Opened: when(c.Opened), Seen: when(c.Seen), Confirmed: when(c.Confirmed),
		Contained: when(c.Contained), Closed: when(c.Closed), Updated: when(c.Updated), Reason: c.Reason, Findings: c.Findings,
		Leaking: c.Leaking, Signs: each(c.Signs, showSign), Tasks: marks(c.Tasks), Stages: marks(c.Stages), Gates: marks(c.Gates),
		Notes: each(c.Notes, showNote), Cause: c.Cause, Exposure: showExposure(c.Exposure), RescanDone: when(c.RescanClean),
	}
}

// A CaseRef is the case that a path names. It is exported because only then its
// fields are read where it is embedded.
type CaseRef struct {
	ID casefile.ID `path:"id" maxLength:"64"`
}

// A decision is a word on a case with its reason.
type decision struct {
	CaseRef
	Body struct {
		Reason string `json:"reason" maxLength:"10000"`
	}
}

func (a *API) caseRoutes() {
	route(a, http.MethodGet, "/cases", "list-cases", "List cases, newest first", access.View, a.listCases)
	route(a, http.MethodPost, "/cases", "report-sign", "Report a sign; opens or joins a case", access.ReportSign, a.reportSign)
	route(a, http.MethodGet, "/cases/{id}", "read-case", "Read a case", access.View, a.readCase)
	route(a, http.MethodGet, "/cases/{id}/board", "read-board", "Read the playbook merged into a case", access.View, a.readBoard)
	route(a, http.MethodPost, "/cases/{id}/seen", "see-case", "Note that a person looked at the case", access.WorkCase, a.seeCase)
	route(a, http.MethodPost, "/cases/{id}/confirm", "confirm-case", "Confirm a suspicion", access.DecideCase, a.confirmCase)
	route(a, http.MethodPost, "/cases/{id}/rule-out", "rule-out-case", "Say that it is not a leak; it becomes the baseline", access.DecideCase, a.ruleOutCase)
	route(a, http.MethodPost, "/cases/{id}/close", "close-case", "Close a case that is ready", access.DecideCase, a.closeCase)
	route(a, http.MethodPost, "/cases/{id}/reopen", "reopen-case", "Reopen a case", access.DecideCase, a.reopenCase)
	route(a, http.MethodPost, "/cases/{id}/notes", "note-case", "Add a note to the record", access.WorkCase, a.noteCase)
	route(a, http.MethodPost, "/cases/{id}/marks", "mark-case", "Mark a task, stage or gate", access.WorkCase, a.markCase)
	route(a, http.MethodPost, "/cases/{id}/cause", "name-cause", "Name the cause", access.WorkCase, a.nameCause)
	route(a, http.MethodPost, "/cases/{id}/erase", "erase-item", "Erase a note or sign for good", access.Erase, a.eraseItem)
	route(a, http.MethodPost, "/cases/{id}/rescan", "rescan-case", "Look again at every place of the case", access.WorkCase, a.rescanCase)
}

func (a *API) listCases(ctx context.Context, p access.Principal, in *struct {
	Listing
	State casefile.State `query:"state" enum:"suspected,confirmed,ruled_out,closed"`
}) (*body[page[caseView]], error) {
	below, _, err := in.position()
	if err != nil {
		return nil, err
	}
	cases, err := a.Lists.Cases(ctx, p.Tenant, below, in.State, in.size())
	if err != nil {
		return nil, err
	}
	return paged(cases, in.size(), showCase, func(c *casefile.Case) string { return cursor(c.Number, "") }), nil
}

// A sign is what a caller reports. Ends of the range that nobody knows are
// left out.
type sign struct {
	Kind     string      `json:"kind" doc:"of packs/signs.yaml"`
	Reporter string      `json:"reporter" doc:"of packs/signs.yaml"`
	Place    string      `json:"place,omitempty" maxLength:"1000"`
	From     *time.Time  `json:"from,omitempty"`
	To       *time.Time  `json:"to,omitempty"`
	Data     []string    `json:"data,omitempty" doc:"data class ids"`
	Low      *int64      `json:"cards_low,omitempty" minimum:"0"`
	High     *int64      `json:"cards_high,omitempty" minimum:"0"`
	Text     string      `json:"text,omitempty" maxLength:"10000"`
	Exhibits []string    `json:"exhibits,omitempty"`
	Case     casefile.ID `json:"case,omitempty" doc:"the case to add it to; otherwise the live case at the same place"`
}

func end(n *int64) int64 {
	if n == nil {
		return -1
	}
	return *n
}

// A reported is where a sign went.
type reported struct {
	Case   casefile.ID `json:"case"`
	Joined bool        `json:"joined" doc:"whether the case was there before"`
}

func (a *API) reportSign(ctx context.Context, p access.Principal, in *struct{ Body sign }) (*body[reported], error) {
	b := in.Body
	if !named(string(b.Case)) {
		return nil, casefile.ErrNoCase
	}
	s := casefile.Sign{
		Kind: b.Kind, Reporter: b.Reporter, Place: b.Place, From: stamp(b.From), To: stamp(b.To), Data: b.Data,
		Cards: casefile.Range{Low: end(b.Low), High: end(b.High)}, Text: b.Text, Exhibits: b.Exhibits,
	}
	if max(s.From, s.To) > time.Now().UnixMicro() {
		return nil, casefile.ErrFuture
	}
	id, joined, err := a.Desk.Report(ctx, p.Who(), s, b.Case)
	if err != nil {
		return nil, err
	}
	return answer(reported{id, joined}), nil
}

func (a *API) readCase(ctx context.Context, p access.Principal, in *CaseRef) (*body[caseView], error) {
	return a.caseNow(ctx, p, in.ID)
}

func (a *API) caseNow(ctx context.Context, p access.Principal, id casefile.ID) (*body[caseView], error) {
	c, err := a.Desk.Case(ctx, p.Tenant, id)
	if err != nil {
		return nil, err
	}
	return answer(showCase(c)), nil
}

func (a *API) seeCase(ctx context.Context, p access.Principal, in *CaseRef) (*body[caseView], error) {
	if err := a.Desk.See(ctx, p.Who(), in.ID); err != nil {
		return nil, err
	}
	return a.caseNow(ctx, p, in.ID)
}

func (a *API) confirmCase(ctx context.Context, p access.Principal, in *decision) (*body[caseView], error) {
	if err := a.Desk.Confirm(ctx, p.Who(), in.ID, in.Body.Reason); err != nil {
		return nil, err
	}
	return a.caseNow(ctx, p, in.ID)
}

func (a *API) ruleOutCase(ctx context.Context, p access.Principal, in *decision) (*body[caseView], error) {
	if err := a.Desk.RuleOut(ctx, p.Who(), in.ID, in.Body.Reason); err != nil {
		return nil, err
	}
	return a.caseNow(ctx, p, in.ID)
}

func (a *API) closeCase(ctx context.Context, p access.Principal, in *decision) (*body[caseView], error) {
	if err := a.Desk.Close(ctx, p.Who(), in.ID, in.Body.Reason); err != nil {
		return nil, err
	}
	return a.caseNow(ctx, p, in.ID)
}

func (a *API) reopenCase(ctx context.Context, p access.Principal, in *decision) (*body[caseView], error) {
	if err := a.Desk.Reopen(ctx, p.Who(), in.ID, in.Body.Reason); err != nil {
		return nil, err
	}
	return a.caseNow(ctx, p, in.ID)
}

func (a *API) noteCase(ctx context.Context, p access.Principal, in *struct {
	CaseRef
	Body struct {
		Text     string     `json:"text" maxLength:"10000"`
		Box      string     `json:"box,omitempty" doc:"box of the first-hour sheet"`
		Happened *time.Time `json:"happened,omitempty"`
	}
}) (*body[caseView], error) {
	if err := a.Desk.Note(ctx, p.Who(), in.ID, in.Body.Text, in.Body.Box, moment(in.Body.Happened)); err != nil {
		return nil, err
	}
	return a.caseNow(ctx, p, in.ID)
}

func (a *API) markCase(ctx context.Context, p access.Principal, in *struct {
	CaseRef
	Body struct {
		What     string     `json:"what" enum:"task,stage,gate"`
		Item     string     `json:"item"`
		State    string     `json:"state" doc:"done, not_needed or open; for a gate its answer"`
		Reason   string     `json:"reason,omitempty" maxLength:"10000"`
		Evidence []string   `json:"evidence,omitempty" doc:"ids of exhibits or plans"`
		Owner    string     `json:"owner,omitempty"`
		Happened *time.Time `json:"happened,omitempty"`
	}
}) (*body[caseView], error) {
	b := in.Body
	m := casefile.Marked{What: b.What, Item: b.Item, State: b.State, Reason: b.Reason, Evidence: b.Evidence, Owner: b.Owner}
	if err := a.Desk.Mark(ctx, p.Who(), in.ID, m, moment(b.Happened)); err != nil {
		return nil, err
	}
	return a.caseNow(ctx, p, in.ID)
}

func (a *API) nameCause(ctx context.Context, p access.Principal, in *struct {
	CaseRef
	Body struct {
		Cause string `json:"cause" doc:"of packs/taxonomy.yaml"`
	}
}) (*body[caseView], error) {
	if err := a.Desk.NameCause(ctx, p.Who(), in.ID, in.Body.Cause); err != nil {
		return nil, err
	}
	return a.caseNow(ctx, p, in.ID)
}

func (a *API) eraseItem(ctx context.Context, p access.Principal, in *struct {
	CaseRef
	Body struct {
		Item   string `json:"item" doc:"id of the note or sign" maxLength:"64"`
		Reason string `json:"reason" maxLength:"10000"`
	}
}) (*body[caseView], error) {
	if err := a.Desk.Erase(ctx, p.Who(), in.ID, in.Body.Item, in.Body.Reason); err != nil {
		return nil, err
	}
	return a.caseNow(ctx, p, in.ID)
}
