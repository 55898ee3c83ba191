package console_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/stanch/stanch/internal/access"
)

// TestErase takes a note away from the record tab, as its owner alone can.
func TestErase(t *testing.T) {
	s := newShop(t)
	p := s.owner("en")
	f := s.leak("a.log", 6)
	page := "/cases/" + f.Case
	p.to(page, page+"/note", "text", "Mrs Gao of 5 Harbour Road called")
	item := regexp.MustCompile(`name="item" value="([^"]+)"><label>`)
	id := item.FindStringSubmatch(p.see(page+"?tab=record", "Mrs Gao", "Erase for good"))[1]
	responder := s.with(access.Responder, "qian", "en")
	if strings.Contains(responder.see(page+"?tab=record", "Mrs Gao"), "/erase") {
		t.Error("a responder is offered to erase")
	}
	if status, _ := responder.post(page+"/erase", "item", id, "reason", "asked for", "password", password); status != http.StatusForbidden {
		t.Errorf("a responder erases: got %d, want 403", status)
	}
	for name, fields := range map[string][]string{
		"no reason": {"item", id, "password", password}, "no password": {"item", id, "reason", "asked for"}, "no such item": {"item", "x", "reason", "asked for", "password", password},
	} {
		if status, body := p.post(page+"/erase", fields...); status != http.StatusUnprocessableEntity {
			t.Errorf("%s: got %d %.300s, want 422", name, status, plain(body))
		}
	}
	p.see(page+"?tab=record", "Mrs Gao")
	to := p.to(page+"?tab=record&said=erased", page+"/erase", "item", id, "reason", "asked for", "password", password, "tab", "record")
	if body := p.see(to, "Erased. The record says"); strings.Contains(body, "Mrs Gao") || strings.Contains(body, "/erase") {
		t.Errorf("after erasing: got %.900s", plain(body))
	}
}
