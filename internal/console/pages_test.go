package console_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"github.com/stanch/stanch/card"
	"github.com/stanch/stanch/card/cardtest"
	"github.com/stanch/stanch/internal/access"
	"github.com/stanch/stanch/internal/casefile"
	"github.com/stanch/stanch/internal/cell"
	"github.com/stanch/stanch/internal/console"
	"github.com/stanch/stanch/internal/record"
	"github.com/stanch/stanch/internal/store/storetest"
	"github.com/stanch/stanch/internal/tenant"
)

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "worker" {
		if err := cell.Worker(context.Background(), os.Stdin, os.Stdout); err != nil {
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(storetest.Main(m))
}

var tags = regexp.MustCompile(`(?s)<(script|style)[^>]*>.*?</(script|style)>|<[^>]*>`)

// plain returns the words of a page.
func plain(body string) string {
	return strings.Join(strings.Fields(tags.ReplaceAllString(body, " ")), " ")
}

// hostile is what a till, a file name or a message may hold.
const hostile = "a\u202Egpj.exe<script>alert(1)</script>\" onload='x'{{.}}\x07 \u202E"

func TestPagesInBothLanguages(t *testing.T) {
	for _, lang := range []string{"en", "zh"} {
		t.Run(lang, func(t *testing.T) {
			s := newShop(t)
			p := s.owner(lang)
			f := s.leak("pos-debug.log", 12, "cvv", "expiry")
			s.watch.roots = []console.Root{{Path: s.root, State: "live", Files: 3}, {Path: "/gone", State: "vanished", Reasons: []string{"network_mount"}, Unreadable: 2}}
			s.watch.troubles = []console.Trouble{{Path: "/x.zip", Cause: "encrypted"}}
			plan := strings.Split(p.to("/plans/", "/cases/"+f.Case+"/plan", "action", "seal"), "?")[0]
			paths := []string{
				"/", "/cases", "/cases?show=all", "/cases?show=closed", "/cases/new", "/findings", "/findings/" + string(f.ID), "/sheet", "/plans", plan,
				"/approvals", "/ledger", "/ledger/0", "/ledger?kind=case.opened", "/estate", "/settings", "/help", "/cases/" + f.Case + "/sheet",
				"/welcome/house", "/welcome/sheet", "/welcome/ready",
			}
			for _, tab := range []string{"record", "tasks", "exposure", "evidence", "notices"} {
				paths = append(paths, "/cases/"+f.Case+"?tab="+tab)
			}
			for _, path := range paths {
				checkWords(t, lang, path, p.see(path))
			}
		})
	}
}

var otherTongue = regexp.MustCompile(`(?s)<(button|a)[^>]* lang="zh-CN"[^>]*>.*?</(button|a)>|<title>.*?</title>`)

func checkWords(t *testing.T, lang, path, body string) {
	t.Helper()
	if i := strings.Index(body, "⟦"); i >= 0 {
		t.Errorf("%s: a sentence is missing: %.60s", path, body[i:])
	}
	if i := strings.Index(body, "ZgotmplZ"); i >= 0 {
		t.Errorf("%s: the template refused a value: %.80s", path, body[max(0, i-60):])
	}
	words := plain(otherTongue.ReplaceAllString(body, ""))
	hasHan := strings.ContainsFunc(words, func(r rune) bool { return unicode.Is(unicode.Han, r) })
	if lang == "en" && hasHan {
		i := strings.IndexFunc(words, func(r rune) bool { return unicode.Is(unicode.Han, r) })
		t.Errorf("%s: the English page holds Chinese: %.80s", path, words[max(0, i-40):])
	}
	if lang == "zh" && !hasHan {
		t.Errorf("%s: the Chinese page holds no Chinese", path)
	}
}

func TestHostileNamesAreShownAndNotRun(t *testing.T) {
	s := newShop(t)
	p := s.owner("en")
	name := strings.NewReplacer("/", "-", "\x07", "\x07").Replace(hostile)
	f := s.leak(name, 9)
	p.to("/cases/", "/cases/new", "kind", "other", "reporter", "staff", "place", hostile, "text", hostile)
	p.to("/cases/", "/cases/"+f.Case+"/note", "text", hostile)
	s.watch.roots = []console.Root{{Path: "/srv/" + hostile, State: "polling", Reasons: []string{hostile}}}
	s.watch.troubles = []console.Trouble{{Path: hostile, Cause: hostile}}
	for _, path := range []string{"/", "/cases", "/findings", "/findings/" + string(f.ID), "/cases/" + f.Case, "/cases/" + f.Case + "?tab=exposure", "/ledger", "/settings"} {
		body := p.see(path)
		for _, bad := range []string{"<script>alert", "onload='x'", "\u202e", "\x07", `" onload`} {
			if strings.Contains(body, bad) {
				t.Errorf("%s: the page holds %q as it came", path, bad)
			}
		}
	}
	p.see("/findings", "⟨U+202E⟩", "␇")
}

func TestVisible(t *testing.T) {
	for in, want := range map[string]string{
		"plain": "plain", "中文.log": "中文.log", "a\x00b": "a␀b", "a\x7f": "a␡", "x\u202ey": "x⟨U+202E⟩y", "\u200bz": "⟨U+200B⟩z", "a\nb": "a␊b", "\xff": "\uFFFD",
	} {
		if got := console.Visible(in); got != want {
			t.Errorf("visible(%q): got %q want %q", in, got, want)
		}
	}
}

func TestNextStaysHere(t *testing.T) {
	for in, want := range map[string]string{
		"/cases?show=all": "/cases?show=all", "": "/", "//evil.example": "/", "https://evil.example/": "/", `/\evil.example`: "/", "javascript:x": "/", "cases": "/",
	} {
		if got := console.Next(in); got != want {
			t.Errorf("next(%q): got %q want %q", in, got, want)
		}
	}
}

// TestRoutes walks the table: who is not signed in gets nowhere, and no role
// gets further than its actions.
func TestRoutes(t *testing.T) {
	s := newShop(t)
	s.owner("en")
	people := map[access.Role]*person{
		access.Owner: s.with(access.Owner, "zhao", "en"), access.Responder: s.with(access.Responder, "qian", "en"), access.Auditor: s.with(access.Auditor, "sun", "en"),
	}
	fill := strings.NewReplacer("{id}", "nothing", "{secret}", "nothing", "{index}", "0", "{exhibit}", "nothing", "{$}", "")
	for _, row := range s.console.Rows() {
		method, path, ok := strings.Cut(row.Pattern, " ")
		if !ok || path == "/events" {
			continue
		}
		path = fill.Replace(path)
		t.Run(row.Pattern, func(t *testing.T) {
			if row.Open != (row.Action == "") {
				t.Fatalf("got open %v with action %q: a route is open or has an action", row.Open, row.Action)
			}
			if row.Open {
				return
			}
			checkClosed(t, s, method, path)
			if method == http.MethodPost && path == "/signout" {
				return
			}
			for role, p := range people {
				status, body := p.try(method, path)
				refused := status == http.StatusForbidden && strings.Contains(body, "Your role does not allow this")
				if may := role.May(access.Action(row.Action)); refused == may {
					t.Errorf("%s: got status %d, refused %v, want refused %v", role, status, refused, !may)
				}
				if status >= 500 {
					t.Errorf("%s: got status %d: %.200s", role, status, plain(body))
				}
			}
		})
	}
	if strings.Contains(s.log.String(), "request failed") {
		t.Errorf("unknown errors were logged: %s", s.log)
	}
}

func checkClosed(t *testing.T, s *shop, method, path string) {
	t.Helper()
	status, body := s.nobody("en").try(method, path)
	if method == http.MethodGet && (status != http.StatusSeeOther || !strings.HasPrefix(body, "/signin")) {
		t.Errorf("not signed in: got %d %.80q, want the sign-in page", status, body)
	}
	if method == http.MethodPost && status != http.StatusUnauthorized {
		t.Errorf("not signed in: got status %d, want 401", status)
	}
}

func (p *person) try(method, path string) (int, string) {
	if method == http.MethodGet {
		return p.get(path)
	}
	return p.post(path)
}

func TestCrossSitePostsAreRefused(t *testing.T) {
	s := newShop(t)
	p := s.owner("en")
	r, err := http.NewRequest(http.MethodPost, s.server.URL+"/signout", nil)
	s.must(err)
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	if status, _ := p.do(r); status != http.StatusForbidden {
		t.Errorf("got status %d, want 403", status)
	}
	p.see("/help")
}

func TestHeaders(t *testing.T) {
	s := newShop(t)
	answer, err := http.Get(s.server.URL + "/signin")
	s.must(err)
	defer answer.Body.Close()
	for name, want := range map[string]string{
		"Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
		"X-Content-Type-Options":  "nosniff", "Cache-Control": "no-store", "Referrer-Policy": "no-referrer",
	} {
		if got := answer.Header.Get(name); got != want {
			t.Errorf("%s: got %q want %q", name, got, want)
		}
	}
}

func TestAssetsAreKeptForEver(t *testing.T) {
	s := newShop(t)
	_, body := s.nobody("en").get("/signin")
	names := regexp.MustCompile(`/assets/[\w.-]+`).FindAllString(body, -1)
	if len(names) < 3 {
		t.Fatalf("got %d assets on the page, want style, script and icons", len(names))
	}
	for _, name := range names {
		answer, err := http.Get(s.server.URL + name)
		s.must(err)
		answer.Body.Close()
		if got := answer.Header.Get("Cache-Control"); answer.StatusCode != http.StatusOK || !strings.Contains(got, "immutable") {
			t.Errorf("%s: got %d %q, want it immutable", name, answer.StatusCode, got)
		}
	}
	if answer, err := http.Get(s.server.URL + "/assets/none.css"); err != nil || answer.StatusCode != http.StatusNotFound {
		t.Errorf("got %v %v, want 404", answer.StatusCode, err)
	}
}

func TestUnknownErrorsShowAReferenceOnly(t *testing.T) {
	s := newShop(t)
	p := s.owner("en")
	s.must(s.store.Close())
	status, body := p.get("/cases")
	if status != http.StatusInternalServerError {
		t.Fatalf("got status %d, want 500", status)
	}
	for _, bad := range []string{"sql", "database", "closed", "goroutine"} {
		if strings.Contains(strings.ToLower(plain(body)), bad) {
			t.Errorf("the page tells of the inside: %q", bad)
		}
	}
	if !strings.Contains(body, "reference") || !strings.Contains(s.log.String(), "request failed") {
		t.Errorf("got no reference on the page or nothing in the log: %.300s", plain(body))
	}
}

func TestTextWithACardNumberIsRefusedAndNotShown(t *testing.T) {
	s := newShop(t)
	p := s.owner("en")
	f := s.leak("a.log", 6)
	content, err := os.ReadFile(filepath.Join(s.root, "a.log"))
	s.must(err)
	number := strings.TrimPrefix(strings.Fields(string(content))[2], "card=")
	for path, fields := range map[string][]string{
		"/cases/new":                  {"kind", "other", "reporter", "staff", "text", "it was " + number},
		"/cases/" + f.Case + "/note":  {"text", number},
		"/cases/" + f.Case + "/mark":  {"what", "task", "item", "scope.confirm", "state", "done", "reason", number},
		"/cases/" + f.Case + "/sheet": {"text.head.noticed", number},
	} {
		status, body := p.post(path, fields...)
		if status != http.StatusUnprocessableEntity || !strings.Contains(body, "holds a card number") {
			t.Errorf("%s: got %d %.300s", path, status, plain(body))
		}
		if strings.Contains(body, number) {
			t.Errorf("%s: the page gives the card number back", path)
		}
	}
}

func TestSecondTenantSeesNothing(t *testing.T) {
	s := newShop(t)
	p := s.owner("en")
	id, _, err := s.desk.Report(context.Background(), record.Who{Tenant: "other", Actor: "system"}, casefile.Sign{Kind: "other", Reporter: "staff"}, "")
	s.must(err)
	if status, _ := p.get("/cases/" + string(id)); status != http.StatusNotFound {
		t.Errorf("got status %d for another tenant's case, want 404", status)
	}
	_ = tenant.Default
}

// TestAddressesThatNameNothing wants 404 for what no id of ours can be, on both
// engines, and nothing of it in the log.
func TestAddressesThatNameNothing(t *testing.T) {
	for _, engine := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			s := newShopOn(t, engine)
			p := s.owner("en")
			number := cardtest.Number(card.Visa, 16, 1)
			for _, path := range []string{
				"/findings/" + number + "%00", "/cases/" + number + "%ff", "/plans/" + number + "%ff", "/cases/" + number, "/evidence/%ff",
				"/ledger?subject=case:" + number + "%ff", "/findings?after=%00" + number, "/cases?below=%ff", "/ledger?%ff=1",
			} {
				if status, body := p.get(path); status != http.StatusNotFound {
					t.Errorf("%s: got status %d, want 404: %.80s", strings.ReplaceAll(path, number, "NUMBER"), status, plain(body))
				}
			}
			if log := s.log.String(); strings.Contains(log, number) {
				t.Errorf("the log holds the number: %s", strings.ReplaceAll(log, number, "NUMBER"))
			}
		})
	}
}

// TestManyCases wants the overview to count all live cases, and to list the
// one that leaks however old it is.
func TestManyCases(t *testing.T) {
	s := newShop(t)
	p := s.owner("en")
	f := s.leak("old.log", 9)
	for n := range 60 {
		p.to("/cases/", "/cases/new", "kind", "other", "reporter", "staff", "place", fmt.Sprintf("till %d", n), "text", "a sign")
	}
	p.see("/", "11 more cases are open", "/cases/"+f.Case)
}
