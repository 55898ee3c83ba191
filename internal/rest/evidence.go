package rest

import (
	"context"
	"net/http"

	"github.com/stanch/stanch/internal/access"
	"github.com/stanch/stanch/internal/evidence"
)

// An ExhibitRef is the exhibit that a path names.
type ExhibitRef struct {
	ID evidence.ID `path:"id" maxLength:"64"`
}

// A verified is what checking an exhibit showed.
type verified struct {
	Intact bool `json:"intact"`
}

func (a *API) evidenceRoutes() {
	route(a, http.MethodGet, "/cases/{id}/evidence", "list-exhibits", "List the exhibits of a case", access.View, a.listExhibits)
	route(a, http.MethodGet, "/evidence/{id}", "read-exhibit", "Read an exhibit's card and custody", access.View, a.readExhibit)
	route(a, http.MethodPost, "/evidence/{id}/verify", "verify-exhibit", "Check that the ciphertext is the one that was sealed", access.WorkCase, a.verifyExhibit)
}

func (a *API) listExhibits(ctx context.Context, p access.Principal, in *CaseRef) (*body[page[exhibitView]], error) {
	if _, err := a.Desk.Case(ctx, p.Tenant, in.ID); err != nil {
		return nil, err
	}
	all, err := a.Custodian.Exhibits(ctx, p.Tenant, in.ID)
	if err != nil {
		return nil, err
	}
	return paged(all, -1, showExhibit, nil), nil
}

func (a *API) readExhibit(ctx context.Context, p access.Principal, in *ExhibitRef) (*body[exhibitView], error) {
	x, err := a.Custodian.Exhibit(ctx, p.Tenant, in.ID)
	if err != nil {
		return nil, err
	}
	return answer(showExhibit(x)), nil
}

func (a *API) verifyExhibit(ctx context.Context, p access.Principal, in *ExhibitRef) (*body[verified], error) {
	if err := a.Custodian.Verify(ctx, p.Who(), in.ID); err != nil {
		return nil, err
	}
	return answer(verified{true}), nil
}
