package console_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stanch/stanch/internal/access"
	"github.com/stanch/stanch/internal/console"
	"github.com/stanch/stanch/internal/tenant"
)

// TestPresenceAsked lets an owner change the house for five minutes after
// typing the password, and asks again after that.
func TestPresenceAsked(t *testing.T) {
	s := newShop(t)
	p := s.owner("en")
	tokens := func() int {
		all, err := s.door.Tokens(t.Context(), access.Socket(tenant.Default))
		s.must(err)
		return len(all)
	}
	if _, body := p.post("/settings/tokens", "label", "till", "role", "auditor"); !strings.Contains(body, "stn_") || tokens() != 1 {
		t.Fatalf("just signed in: got %.300s", plain(body))
	}
	s.ahead.Store(int64(6 * time.Minute))
	p.see("/settings", "enter your password")
	for _, r := range console.Guarded(s.console) {
		path := strings.NewReplacer("{id}", "x", "{exhibit}", "x").Replace(strings.TrimPrefix(r, "POST "))
		if status, body := p.post(path, "label", "late", "role", "auditor", "password", ""); status != http.StatusForbidden || !strings.Contains(body, `action="/presence"`) {
			t.Errorf("%s: got %d %.300s, want to be asked for the password", r, status, plain(body))
		}
	}
	if status, _ := p.post("/presence", "password", "another one entirely", "next", "/settings"); status != http.StatusUnprocessableEntity || tokens() != 1 {
		t.Errorf("wrong password: got %d and %d tokens, want 422 and one", status, tokens())
	}
	p.to("/settings", "/presence", "password", password, "next", "/settings")
	if strings.Contains(p.see("/settings"), `action="/presence"`) {
		t.Error("asked again right after the proof")
	}
	if _, body := p.post("/settings/tokens", "label", "till", "role", "auditor"); !strings.Contains(body, "stn_") || tokens() != 2 {
		t.Errorf("after the proof: got %.300s", plain(body))
	}
}
