package rest

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/stanch/stanch/internal/access"
	"github.com/stanch/stanch/internal/tenant"
)

// An asker is who asks, as the API knows them.
type asker struct {
	Account  access.ID   `json:"account"`
	Role     access.Role `json:"role"`
	Via      access.Via  `json:"via"`
	Presence *time.Time  `json:"presence,omitempty" doc:"when the person last proved to be there"`
}

func showAsker(p access.Principal) asker {
	return asker{Account: p.Account, Role: p.Role, Via: p.Via, Presence: when(microsOf(p.PresenceAt))}
}

func (a *API) accessRoutes() {
	a.signInRoute()
	route(a, http.MethodGet, "/me", "who-am-i", "Say who asks", access.View, func(_ context.Context, p access.Principal, _ *none) (*body[asker], error) {
		return answer(showAsker(p)), nil
	})
	route(a, http.MethodPost, "/presence", "prove-presence", "Prove that the person of this session is there; holds five minutes", access.View, a.provePresence)
	route(a, http.MethodGet, "/tokens", "list-tokens", "List API tokens", access.ViewTokens, a.listTokens)
	route(a, http.MethodPost, "/tokens", "issue-token", "Issue an API token; it is shown once. Needs a session with presence, or the machine itself: no token may", access.ManageTokens, a.issueToken)
	route(a, http.MethodPost, "/tokens/{id}/revoke", "revoke-token", "Revoke an API token; no token may", access.ManageTokens, a.revokeToken)
	route(a, http.MethodPost, "/links/first-run", "first-run-link", "Make the single-use link of the first run; on the machine itself only", access.ManagePeople, a.firstRunLink)
	route(a, http.MethodPost, "/links/recover", "recover-link", "Make a link for a person who lost the password; on the machine itself only", access.ManagePeople, a.recoverLink)
}

// A signedIn is the answer to a sign-in.
type signedIn struct {
	SetCookie http.Cookie `header:"Set-Cookie"`
	Body      asker
}

// signInRoute is the one operation that nobody has to be signed in for.
func (a *API) signInRoute() {
	op := huma.Operation{
		OperationID: "sign-in", Method: http.MethodPost, Path: "/api/v1/session", Summary: "Sign in with a password; sets the session cookie",
		MaxBodyBytes: maxBody, Security: []map[string][]string{},
	}
	huma.Register(a.huma, op, func(ctx context.Context, in *struct {
		Body struct {
			Login    string `json:"login" maxLength:"256"`
			Password string `json:"password" maxLength:"1024"`
		}
	}) (*signedIn, error) {
		visit, err := a.Door.SignIn(ctx, tenant.Default, access.Attempt{Login: in.Body.Login, Password: in.Body.Password, Address: addressOf(ctx)})
		if err != nil {
			return nil, a.explain(ctx, err)
		}
		cookie := http.Cookie{Name: SessionCookie, Value: visit.Secret, Path: "/", HttpOnly: true, Secure: a.Secure, SameSite: http.SameSiteLaxMode}
		return &signedIn{cookie, showAsker(visit.Principal)}, nil
	})
}

func (a *API) provePresence(ctx context.Context, p access.Principal, in *struct {
	Body struct {
		Password string `json:"password" maxLength:"1024"`
	}
}) (*body[asker], error) {
	now, err := a.Door.ProvePresence(ctx, p, in.Body.Password, addressOf(ctx))
	if err != nil {
		return nil, err
	}
	return answer(showAsker(now)), nil
}

// A tokenView is an API token without its secret.
type tokenView struct {
	ID      access.TokenID `json:"id"`
	Label   string         `json:"label"`
	Role    access.Role    `json:"role"`
	By      access.ID      `json:"by"`
	Created *time.Time     `json:"created"`
	Expires *time.Time     `json:"expires"`
	Revoked *time.Time     `json:"revoked,omitempty"`
	Used    *time.Time     `json:"used,omitempty"`
}

func showToken(k access.ListedToken) tokenView {
	return tokenView{k.ID, k.Label, k.Role, k.By, when(k.Created), when(k.Expires), when(k.Revoked), when(k.Used)}
}

func (a *API) listTokens(ctx context.Context, p access.Principal, _ *none) (*body[page[tokenView]], error) {
	all, err := a.Door.Tokens(ctx, p)
	if err != nil {
		return nil, err
	}
	return paged(all, -1, showToken, nil), nil
}

// An issued is a token as it is shown, once.
type issued struct {
	ID    access.TokenID `json:"id"`
	Token string         `json:"token"`
}

func (a *API) issueToken(ctx context.Context, p access.Principal, in *struct {
	Body struct {
		Role    access.Role `json:"role" enum:"owner,responder,auditor"`
		Label   string      `json:"label" maxLength:"80"`
		Expires *time.Time  `json:"expires,omitempty"`
	}
}) (*body[issued], error) {
	token, id, err := a.Door.IssueToken(ctx, p, in.Body.Role, in.Body.Label, moment(in.Body.Expires))
	if err != nil {
		return nil, err
	}
	return answer(issued{id, token}), nil
}

func (a *API) revokeToken(ctx context.Context, p access.Principal, in *struct {
	ID access.TokenID `path:"id" maxLength:"64"`
}) (*none, error) {
	err := a.Door.RevokeToken(ctx, p, in.ID)
	if errors.Is(err, access.ErrToken) {
		return nil, fault(http.StatusNotFound, "no_such_token", "no such token") // the caller's own is valid
	}
	return nil, err
}

// A link is the secret part of a single-use link.
type link struct {
	Secret string `json:"secret"`
}

func (a *API) firstRunLink(ctx context.Context, p access.Principal, _ *none) (*body[link], error) {
	if p.Via != access.BySocket {
		return nil, access.ErrForbidden
	}
	secret, err := a.Door.FirstRunLink(ctx, tenant.Default)
	if err != nil {
		return nil, err
	}
	return answer(link{secret}), nil
}

func (a *API) recoverLink(ctx context.Context, p access.Principal, in *struct {
	Body struct {
		Login string `json:"login" maxLength:"256"`
	}
}) (*body[link], error) {
	if p.Via != access.BySocket {
		return nil, access.ErrForbidden
	}
	secret, err := a.Door.Recover(ctx, p, in.Body.Login)
	if err != nil {
		return nil, err
	}
	return answer(link{secret}), nil
}
