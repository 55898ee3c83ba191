package rest_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stanch/stanch/card/cardtest"
	"github.com/stanch/stanch/internal/access"
	"github.com/stanch/stanch/internal/casefile"
	"github.com/stanch/stanch/internal/containment"
	"github.com/stanch/stanch/internal/evidence"
	"github.com/stanch/stanch/internal/finding"
	"github.com/stanch/stanch/internal/record"
	"github.com/stanch/stanch/internal/rest"
	"github.com/stanch/stanch/internal/store"
	"github.com/stanch/stanch/internal/store/storetest"
	"github.com/stanch/stanch/internal/tenant"
	"github.com/stanch/stanch/ledger"
	"github.com/stanch/stanch/packs"
)

func TestMain(m *testing.M) { os.Exit(storetest.Main(m)) }

// lists shows a store as the server does.
type lists struct{ *store.Store }

func (l lists) Cases(ctx context.Context, t tenant.ID, below int64, state casefile.State, limit int) ([]*casefile.Case, error) {
	return l.Store.Cases(ctx, t, store.CaseFilter{Below: below, State: state, Limit: limit})
}

func (l lists) Findings(ctx context.Context, t tenant.ID, of casefile.ID, before int64, after finding.ID, limit int) ([]*finding.Finding, error) {
	return l.Store.Findings(ctx, t, store.FindingFilter{Case: of, Before: before, After: after, Limit: limit})
}

func (l lists) Entries(ctx context.Context, t tenant.ID, of casefile.ID, below int64, limit int) ([]ledger.Entry, error) {
	return l.Store.Entries(ctx, t, store.EntryFilter{Case: string(of), Below: below, Limit: limit})
}

func (l lists) Proof(ctx context.Context, size, index int64) (out []ledger.Hash, err error) {
	proof, err := ledger.Prove(size, index, l.Tree(ctx))
	for _, h := range proof {
		out = append(out, ledger.Hash(h))
	}
	return out, err
}

func (l lists) Plans(ctx context.Context, t tenant.ID, of casefile.ID) ([]*containment.Plan, error) {
	return l.PlansOf(ctx, t, of)
}

// answers remembers the digests that were kept.
type answers struct {
	*store.Store
	*desk
}

// keyed stands for the keyring's digest.
func keyed(sum []byte) []byte {
	mac := hmac.New(sha256.New, []byte("a test's key"))
	mac.Write(sum)
	return mac.Sum(nil)
}

func (a answers) Begin(ctx context.Context, who record.Who, key string, digest []byte) (rest.Answer, bool, error) {
	a.mu.Lock()
	a.digests = append(a.digests, digest)
	a.mu.Unlock()
	kept, fresh, err := a.BeginAnswer(ctx, who, key, digest)
	return rest.Answer(kept), fresh, err
}

func (a answers) Keep(ctx context.Context, who record.Who, key string, k rest.Answer) error {
	return a.KeepAnswer(ctx, who, key, store.KeptAnswer(k))
}

type noCards struct{}

func (noCards) Union(context.Context, []finding.Segment) (casefile.Union, error) {
	return casefile.Union{}, nil
}

type noWatch struct{ fault *error }

func (noWatch) Status() []rest.WatchedRoot { return []rest.WatchedRoot{} }

func (w noWatch) Rescan(context.Context, record.Who, []finding.ID) ([]finding.ID, error) {
	return nil, *w.fault
}

// A desk is an API over a fresh store.
type desk struct {
	t     *testing.T
	away  error // what a rescan says
	api   http.Handler
	door  *access.Door
	owner string // token
	log   *strings.Builder
	mu    sync.Mutex

	digests [][]byte // of the calls that were made with a key
}

func newAPI(t *testing.T) *desk { t.Helper(); return newAPIOn(t, storetest.URL(t, "sqlite")) }

func newAPIOn(t *testing.T, url string) *desk {
	t.Helper()
	s := storetest.Open(t, url, storetest.NewKey(t), nil)
	p, err := packs.Load(nil)
	if err != nil {
		t.Fatal(err)
	}
	d := &desk{t: t, log: &strings.Builder{}}
	log := slog.New(slog.NewTextHandler(d, nil))
	d.door = access.NewDoor(s, access.Options{})
	token, _, err := d.door.IssueToken(t.Context(), access.Socket(tenant.Default), access.Owner, "test", time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	d.owner = token
	d.api = rest.New(rest.Deps{
		Desk: &casefile.Desk{Store: s, Cards: noCards{}, Packs: p}, Door: d.door, Planner: &containment.Planner{Book: s, Store: s, Now: time.Now},
		Custodian: &evidence.Custodian{Book: s, Store: s, Now: time.Now}, Lists: lists{s}, Watch: noWatch{&d.away}, Answers: answers{s, d}, Version: "test",
		Digest: keyed, Now: time.Now, Log: log,
	})
	return d
}

// Write keeps what the API logs.
func (d *desk) Write(p []byte) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.log.Write(p)
}

// call returns the status, the body and the header of an answer.
func (d *desk) call(method, path, body string, header ...string) (int, string, http.Header) {
	d.t.Helper()
	r := httptest.NewRequest(method, "http://127.0.0.1/api/v1"+path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+d.owner)
	r.Header.Set("Content-Type", "application/json")
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	d.api.ServeHTTP(w, r)
	text, err := io.ReadAll(w.Result().Body)
	if err != nil {
		d.t.Fatal(err)
	}
	return w.Code, string(text), w.Result().Header
}

const signBody = `{"kind":"skimmer","reporter":"staff","place":"till 3","cards_low":10}`

func TestIdempotencyKey(t *testing.T) {
	d := newAPI(t)
	status, first, _ := d.call("POST", "/cases", signBody, "Idempotency-Key", "k1")
	if status != http.StatusOK {
		t.Fatalf("got %d %s", status, first)
	}
	status, again, header := d.call("POST", "/cases", signBody, "Idempotency-Key", "k1")
	if status != http.StatusOK || again != first || header.Get("Idempotency-Replayed") != "true" {
		t.Errorf("second call: got %d %s, want the first answer", status, again)
	}
	var listed struct{ Items []json.RawMessage }
	_, text, _ := d.call("GET", "/cases", "")
	if err := json.Unmarshal([]byte(text), &listed); err != nil || len(listed.Items) != 1 {
		t.Errorf("got %d cases, %v; want 1", len(listed.Items), err)
	}
	status, text, _ = d.call("POST", "/cases", strings.Replace(signBody, "till 3", "till 4", 1), "Idempotency-Key", "k1")
	if status != http.StatusUnprocessableEntity || !strings.Contains(text, "key_reused") {
		t.Errorf("other request, same key: got %d %s", status, text)
	}
	// Twenty at once have one effect.
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if status, text, _ := d.call("POST", "/cases", strings.Replace(signBody, "till 3", "till 9", 1), "Idempotency-Key", "k2"); status != http.StatusOK && status != http.StatusConflict {
				t.Errorf("got %d %s", status, text)
			}
		})
	}
	all.Wait()
	_, text, _ = d.call("GET", "/cases", "")
	if err := json.Unmarshal([]byte(text), &listed); err != nil || len(listed.Items) != 2 {
		t.Errorf("got %d cases, %v; want 2", len(listed.Items), err)
	}
}

// TestKeyKeepsNoSecret says that what is kept of a call cannot be guessed at,
// and that nothing is kept where secrets pass.
func TestKeyKeepsNoSecret(t *testing.T) {
	d := newAPI(t)
	plain := sha256.Sum256([]byte("POST\x00/api/v1/cases\x00" + signBody))
	if status, text, _ := d.call("POST", "/cases", signBody, "Idempotency-Key", "k1"); status != http.StatusOK {
		t.Fatalf("got %d %s", status, text)
	}
	if len(d.digests) != 1 || !bytes.Equal(d.digests[0], keyed(plain[:])) {
		t.Errorf("got digests %x, want one, with the key", d.digests)
	}
	d.digests = nil
	for path, body := range map[string]string{
		"/session": `{"login":"a","password":"b"}`, "/presence": `{"password":"b"}`, "/tokens": `{"role":"auditor","label":"x"}`,
		"/tokens/x/revoke": "", "/links/first-run": "", "/links/recover": `{"login":"a"}`, "/plans/x/rollback": `{"passphrase":"a","reason":"b"}`,
	} {
		_, _, header := d.call("POST", path, body, "Idempotency-Key", "k2")
		if len(d.digests) != 0 || header.Get("Idempotency-Replayed") != "" {
			t.Errorf("%s: the call was kept", path)
		}
	}
	w := httptest.NewRecorder()
	d.api.ServeHTTP(w, httptest.NewRequest("GET", "http://127.0.0.1/api/openapi.json", nil))
	var described struct {
		Paths map[string]struct {
			Post *struct{ Parameters []struct{ Name string } }
		}
	}
	if err := json.Unmarshal(w.Body.Bytes(), &described); err != nil {
		t.Fatal(err)
	}
	takes := map[string]bool{}
	for path, at := range described.Paths {
		for i := 0; at.Post != nil && i < len(at.Post.Parameters); i++ {
			takes[path] = takes[path] || at.Post.Parameters[i].Name == "Idempotency-Key"
		}
	}
	for path, want := range map[string]bool{"/api/v1/cases": true, "/api/v1/plans": true, "/api/v1/tokens": false, "/api/v1/presence": false, "/api/v1/plans/{id}/rollback": false} {
		if described.Paths[path].Post == nil || takes[path] != want {
			t.Errorf("%s: described as taking a key: got %t, want %t", path, takes[path], want)
		}
	}
}

// TestTokensNeverApprove has an owner's token, made on the machine and acting
// under its own id, try what only a person who is there may do.
func TestTokensNeverApprove(t *testing.T) {
	d := newAPI(t)
	for path, body := range map[string]string{
		"/plans/x/approve": `{"hash":"x"}`, "/plans/x/rollback": `{"passphrase":"a","reason":"b"}`, "/tokens": `{"role":"auditor","label":"x"}`,
		"/tokens/x/revoke": "", "/cases/x/erase": `{"item":"x","reason":"y"}`,
	} {
		if status, text, _ := d.call("POST", path, body); status != http.StatusForbidden || !strings.Contains(text, "/faults/forbidden") {
			t.Errorf("%s: got %d %s, want it forbidden", path, status, text)
		}
	}
	if status, text, _ := d.call("POST", "/presence", `{"password":"x"}`); status != http.StatusUnauthorized {
		t.Errorf("proof of presence by a token: got %d %s, want 401", status, text)
	}
	if status, text, _ := d.call("POST", "/plans/x/request", `{"reason":"x"}`); status != http.StatusNotFound {
		t.Errorf("request by a token: got %d %s, want it looked for", status, text)
	}
}

func TestPaging(t *testing.T) {
	d := newAPI(t)
	const cases = 7
	for i := range cases {
		body := strings.Replace(signBody, "till 3", "till "+strings.Repeat("x", i+1), 1)
		if status, text, _ := d.call("POST", "/cases", body); status != http.StatusOK {
			t.Fatalf("got %d %s", status, text)
		}
	}
	for _, list := range []string{"/cases?limit=2", "/ledger/entries?limit=3"} {
		seen, cursor := map[string]bool{}, ""
		for range 100 {
			_, text, _ := d.call("GET", list+"&cursor="+cursor, "")
			var page struct {
				Items []map[string]any
				Next  string
			}
			if err := json.Unmarshal([]byte(text), &page); err != nil {
				t.Fatalf("%s: %v in %s", list, err, text)
			}
			for _, item := range page.Items {
				raw, _ := json.Marshal(item)
				if seen[string(raw)] {
					t.Fatalf("%s: an item came twice", list)
				}
				seen[string(raw)] = true
			}
			if cursor = page.Next; cursor == "" {
				break
			}
		}
		if len(seen) < cases {
			t.Errorf("%s: paged through %d items, want at least %d", list, len(seen), cases)
		}
	}
	for _, bad := range []string{"x", "MTpv", "LTE6", "%00", "MTpmAA"} {
		if status, _, _ := d.call("GET", "/cases?cursor="+bad, ""); bad != "MTpv" && status != http.StatusUnprocessableEntity {
			t.Errorf("cursor %q: got %d, want 422", bad, status)
		}
	}
}

// TestFaultsQuoteNothing sends card numbers wherever a request can hold them.
func TestFaultsQuoteNothing(t *testing.T) {
	d := newAPI(t)
	pan := cardtest.Number("visa", 16, 77)
	calls := []struct{ method, path, body string }{
		{"GET", "/cases/" + pan, ""},
		{"GET", "/cases?limit=" + pan, ""},
		{"GET", "/cases?state=" + pan, ""},
		{"GET", "/cases?cursor=" + pan, ""},
		{"GET", "/findings/" + pan, ""},
		{"GET", "/" + pan, ""},
		{"POST", "/cases", `{"kind":"` + pan + `","reporter":"staff"}`},
		{"POST", "/cases", `{"kind":"skimmer","reporter":"staff","text":"card ` + pan + `"}`},
		{"POST", "/cases", `{"kind":"skimmer","reporter":"staff","` + pan + `":1}`},
		{"POST", "/cases", `{"kind":` + pan + `}`},
		{"POST", "/cases", pan},
		{"POST", "/tokens", `{"role":"` + pan + `","label":"x"}`},
		{"POST", "/tokens", `{"role":"owner","label":"` + pan + `"}`},
		{"POST", "/session", `{"login":"` + pan + `","password":"` + pan + `"}`},
		{"POST", "/plans", `{"case":"` + pan + `","action":"lock","findings":["` + pan + `"],"reason":"x"}`},
	}
	for _, c := range calls {
		status, text, header := d.call(c.method, c.path, c.body)
		if status < 400 {
			t.Errorf("%s %s: got %d, want a fault", c.method, strings.ReplaceAll(c.path, pan, "PAN"), status)
		}
		if strings.Contains(text, pan) {
			t.Errorf("%s %s: the answer quotes the number", c.method, strings.ReplaceAll(c.path, pan, "PAN"))
		}
		if kind := header.Get("Content-Type"); status != http.StatusNotFound && !strings.HasPrefix(kind, "application/problem+json") {
			t.Errorf("%s %s: got %s, want a problem", c.method, strings.ReplaceAll(c.path, pan, "PAN"), kind)
		}
	}
	if strings.Contains(d.log.String(), pan) {
		t.Error("the log quotes the number")
	}
}

// TestAddressesThatNameNothing asks for what no database should be asked for.
func TestAddressesThatNameNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		d := newAPIOn(t, url)
		for _, id := range []string{"x%00", "%ff%fe", "a%20b", "%E5%8D%A1", "x%2Fy", "x'--"} {
			for _, path := range []string{"/cases/", "/plans/", "/evidence/", "/findings/"} {
				if status, text, _ := d.call("GET", path+id, ""); status != http.StatusNotFound {
					t.Errorf("%s: got %d %s, want 404", path+id, status, text)
				}
			}
		}
		for _, query := range []string{"/findings?case=x%00", "/ledger/entries?case=%ff"} {
			if status, text, _ := d.call("GET", query, ""); status != http.StatusNotFound {
				t.Errorf("%s: got %d %s, want 404", query, status, text)
			}
		}
		for path, body := range map[string]string{
			"/cases": `{"kind":"skimmer","reporter":"staff","case":"x\u0000"}`,
			"/plans": `{"case":"x","action":"seal","findings":["f\u0000"],"reason":"x"}`,
		} {
			if status, text, _ := d.call("POST", path, body); status != http.StatusNotFound && status != http.StatusUnprocessableEntity {
				t.Errorf("%s: got %d %s, want it refused", path, status, text)
			}
		}
		if log := d.log.String(); log != "" {
			t.Errorf("the log holds %s", log)
		}
	})
}

func TestPlansByState(t *testing.T) {
	d := newAPI(t)
	for _, state := range containment.States() {
		if status, text, _ := d.call("GET", "/plans?state="+string(state), ""); status != http.StatusOK || !strings.Contains(text, `"items":[]`) {
			t.Errorf("%s: got %d %s, want an empty list", state, status, text)
		}
	}
	if status, text, _ := d.call("GET", "/approvals", ""); status != http.StatusOK || !strings.Contains(text, `"items":[]`) {
		t.Errorf("approvals: got %d %s, want an empty list", status, text)
	}
	if status, text, _ := d.call("GET", "/plans?state=asleep", ""); status != http.StatusUnprocessableEntity {
		t.Errorf("another state: got %d %s, want 422", status, text)
	}
}

func TestStrangers(t *testing.T) {
	d := newAPI(t)
	for name, header := range map[string][]string{
		"nobody":      {"Authorization", ""},
		"bad token":   {"Authorization", "Bearer stn_x"},
		"bad session": {"Authorization", "", "Cookie", rest.SessionCookie + "=x"},
	} {
		if status, text, _ := d.call("GET", "/cases", "", header...); status != http.StatusUnauthorized {
			t.Errorf("%s: got %d %s, want 401", name, status, text)
		}
	}
	if status, _, _ := d.call("POST", "/cases", signBody, "Sec-Fetch-Site", "cross-site"); status != http.StatusForbidden {
		t.Errorf("cross-site post: got %d, want 403", status)
	}
}

// TestSignsThatCannotBe wants a number that JSON would round, a range upside
// down and a time to come refused, and nothing of them in the ledger.
func TestSignsThatCannotBe(t *testing.T) {
	d := newAPI(t)
	for with, word := range map[string]string{
		`"cards_low":9007199254740993`:                  "bad_count",
		`"cards_low":9223372036854775807`:               "bad_count",
		`"cards_low":1,"cards_high":9007199254740993`:   "bad_count",
		`"cards_low":10,"cards_high":9`:                 "bad_count",
		`"cards_low":1,"from":"9999-12-31T23:59:59Z"`:   "in_the_future",
		`"cards_low":1,"to":"9999-12-31T23:59:59.999Z"`: "in_the_future",
	} {
		status, text, _ := d.call("POST", "/cases", strings.Replace(signBody, `"cards_low":10`, with, 1))
		if status != http.StatusUnprocessableEntity || !strings.Contains(text, word) {
			t.Errorf("%s: got %d %s, want 422 %s", with, status, text, word)
		}
	}
	if status, text, _ := d.call("GET", "/cases", ""); status != http.StatusOK || strings.Contains(text, "till 3") {
		t.Errorf("got %d %.200s, want no case", status, text)
	}
}

// TestRescanOfAFolderThatIsAway wants what, where and what to do, and no fault
// of ours.
func TestRescanOfAFolderThatIsAway(t *testing.T) {
	d := newAPI(t)
	status, text, _ := d.call("POST", "/cases", signBody)
	var opened struct{ Case string }
	if err := json.Unmarshal([]byte(text), &opened); err != nil || status != http.StatusOK {
		t.Fatalf("got %d %s", status, text)
	}
	d.away = fmt.Errorf("scan again: /pos: %w", casefile.ErrAway)
	if status, text, _ = d.call("POST", "/cases/"+opened.Case+"/rescan", ""); status != http.StatusConflict || !strings.Contains(text, "folder_away") {
		t.Errorf("got %d %s, want 409 folder_away", status, text)
	}
}
