package main

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/stanch/stanch/internal/access"
)

// An operation is one line of the API's own document.
type operation struct {
	method, path string
	Action       access.Action `json:"x-stanch-action"`
	ID           string        `json:"operationId"`
	Body         struct {
		Content map[string]struct {
			Schema struct {
				Ref string `json:"$ref"`
			}
		}
	} `json:"requestBody"`
}

// TestWhoMayCall calls every operation of the API's document as every role, by
// token and by session, and as nobody. Whoever may not is refused before
// anything of the request is looked at.
func TestWhoMayCall(t *testing.T) {
	dir := t.TempDir()
	s, err := takeSeat(context.WithoutCancel(t.Context()), program(t), dir, scratch(t, dir), "serve", "--data", "data", "--keys", "keys", "--listen", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("start: %v: %s", err, s.errs.String())
	}
	t.Cleanup(func() {
		if err := s.leave(); err != nil {
			t.Error(err)
		}
	})
	owner := newGuest(t, s.base, "en", nil)
	owner.settle(s.link, "owner", "long words for the owner 1")
	asks := callers(t, s.base, owner)
	all := operations(t, owner)
	for _, op := range all {
		for name, caller := range asks {
			t.Run(op.ID+"/"+name, func(t *testing.T) { op.judge(t, caller) })
		}
	}
}

// A caller is somebody who asks, with what the table of permissions says of
// them. Nobody has no role.
type caller struct {
	*guest
	role access.Role
}

// callers are all kinds of those who ask. Who has a session has signed in a
// moment ago, and so is there.
func callers(t *testing.T, base string, owner *guest) map[string]caller {
	t.Helper()
	all := map[string]caller{
		"nobody":         {newGuest(t, base, "en", nil), ""},
		"a wrong token":  {newGuest(t, base, "en", nil), ""},
		"owner, session": {owner, access.Owner},
	}
	all["a wrong token"].token = "stn_" + strings.Repeat("0", 32) + "_" + strings.Repeat("a", 52)
	for _, role := range access.Roles() {
		var issued struct{ ID, Token string }
		owner.call(http.MethodPost, "/tokens", map[string]string{"role": string(role), "label": "test"}, &issued)
		holder := newGuest(t, base, "en", nil)
		holder.token = issued.Token
		all[string(role)+", token"] = caller{holder, role}
		if role == access.Owner {
			continue
		}
		person := newGuest(t, base, "en", nil)
		person.settle(owner.invite(string(role), string(role)), string(role), "long words for "+string(role))
		all[string(role)+", session"] = caller{person, role}
	}
	var issued struct{ ID, Token string }
	owner.call(http.MethodPost, "/tokens", map[string]string{"role": "owner", "label": "test"}, &issued)
	owner.call(http.MethodPost, "/tokens/"+issued.ID+"/revoke", nil, nil)
	revoked := newGuest(t, base, "en", nil)
	revoked.token = issued.Token
	all["a revoked token"] = caller{revoked, ""}
	return all
}

// operations reads the API's own document.
func operations(t *testing.T, who *guest) (all []operation) {
	t.Helper()
	var doc struct {
		Paths map[string]map[string]operation
	}
	if err := json.Unmarshal(who.get("/api/openapi.json").body, &doc); err != nil {
		t.Fatal(err)
	}
	for path, methods := range doc.Paths {
		for method, op := range methods {
			op.method, op.path = strings.ToUpper(method), path
			if op.Action == "" && op.ID != "sign-in" {
				t.Errorf("%s %s says no action", method, path)
			}
			if op.Action != "" {
				all = append(all, op)
			}
		}
	}
	if len(all) < 30 {
		t.Fatalf("got %d operations, want more", len(all))
	}
	return all
}

// judge calls the operation with ids that name nothing and a body that is
// wrong, so that no call does anything.
func (op operation) judge(t *testing.T, who caller) {
	who.t = t
	path := blank.ReplaceAllString(op.path, "0")
	r, err := http.NewRequest(op.method, who.base+path, strings.NewReader(`{"nothing":`))
	if err == nil {
		r.Header.Set("Content-Type", "application/json")
	}
	got := who.must(r, err)
	var fault struct{ Type string }
	_ = json.Unmarshal(got.body, &fault) // not every answer is a fault
	word := strings.TrimPrefix(fault.Type, "/faults/")
	local := strings.HasPrefix(op.path, "/api/v1/links/") // on the machine itself only
	switch {
	case who.role == "":
		if got.status != http.StatusUnauthorized || word != "not_signed_in" {
			t.Errorf("got %d %s, want 401 not_signed_in", got.status, word)
		}
	case !who.role.May(op.Action):
		if got.status != http.StatusForbidden || word != "forbidden" {
			t.Errorf("got %d %s, want 403 forbidden", got.status, word)
		}
	case op.Action.NeedsPresence() && who.token != "":
		if got.status != http.StatusForbidden || word != "forbidden" {
			t.Errorf("got %d %s, want 403 forbidden: nobody is there", got.status, word)
		}
	case got.status == http.StatusUnauthorized, got.status == http.StatusForbidden && !local && op.ID != "prove-presence", got.status >= http.StatusInternalServerError:
		t.Errorf("got %d %s, want to be let in", got.status, word)
	case local && got.status < http.StatusBadRequest:
		t.Errorf("got %d, want a refusal: it is for the machine itself", got.status)
	}
}
