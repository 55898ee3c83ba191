package console_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stanch/stanch/internal/access"
	"github.com/stanch/stanch/internal/tenant"
)

// TestTwoSheets has two owners make a recovery sheet each. Only the newer one
// opens anything, so the older must not be taken for good.
func TestTwoSheets(t *testing.T) {
	s := newShop(t)
	first := s.owner("en")
	second := s.with(access.Owner, "wang", "en")
	typed := func(p *person) string {
		p.to("/welcome/sheet", "/welcome/sheet", "do", "make")
		body := p.see("/welcome/sheet", "never again")
		all := groups.FindAllStringSubmatch(body, -1)
		return all[asked.FindStringSubmatch(body)[1][0]-'1'][1]
	}
	old, newer := typed(first), typed(second)
	status, body := first.post("/welcome/sheet", "do", "check", "group", old)
	if status != http.StatusConflict || !strings.Contains(body, "opens nothing") || strings.Contains(body, old) {
		t.Errorf("older sheet: got %d %.600s", status, plain(body))
	}
	if i, err := s.custodian.Identity(t.Context(), tenant.Default); err != nil || i.Confirmed != 0 {
		t.Errorf("got %v, %v; want an identity that is not in use", i, err)
	}
	second.to("/welcome/ready", "/welcome/sheet", "do", "check", "group", newer)
}
