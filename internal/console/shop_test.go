package console_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"html"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stanch/stanch/card"
	"github.com/stanch/stanch/card/cardtest"
	"github.com/stanch/stanch/internal/access"
	"github.com/stanch/stanch/internal/actuator/filelock"
	"github.com/stanch/stanch/internal/casefile"
	"github.com/stanch/stanch/internal/console"
	"github.com/stanch/stanch/internal/containment"
	"github.com/stanch/stanch/internal/estate"
	"github.com/stanch/stanch/internal/evidence"
	"github.com/stanch/stanch/internal/finding"
	"github.com/stanch/stanch/internal/notice"
	"github.com/stanch/stanch/internal/record"
	"github.com/stanch/stanch/internal/segment"
	"github.com/stanch/stanch/internal/store"
	"github.com/stanch/stanch/internal/store/storetest"
	"github.com/stanch/stanch/internal/tenant"
	"github.com/stanch/stanch/ledger"
	"github.com/stanch/stanch/packs"
)

const password = "lamp river seventeen"

// A shop is a console over real parts and a real SQLite store, with a folder
// to leak into. Only the watch, the machine and the alarms are made up.
type shop struct {
	t         *testing.T
	store     *store.Store
	segments  *segment.Store
	tokens    *card.Tokenizer
	desk      *casefile.Desk
	door      *access.Door
	planner   *containment.Planner
	custodian *evidence.Custodian
	registrar *estate.Registrar
	watch     *fakeWatch
	console   *console.Console
	server    *httptest.Server
	root      string
	log       *bytes.Buffer
	ahead     atomic.Int64 // how far the clock was put forward, nanoseconds
}

// lists shows the store as the console wants it.
type lists struct{ *store.Store }

func (l lists) Cases(ctx context.Context, t tenant.ID, f console.CaseFilter) ([]*casefile.Case, error) {
	return l.Store.Cases(ctx, t, store.CaseFilter(f))
}

func (l lists) Findings(ctx context.Context, t tenant.ID, f console.FindingFilter) ([]*finding.Finding, error) {
	return l.Store.Findings(ctx, t, store.FindingFilter(f))
}

func (l lists) Entries(ctx context.Context, t tenant.ID, f console.EntryFilter) ([]ledger.Entry, error) {
	return l.Store.Entries(ctx, t, store.EntryFilter(f))
}

// fakeWatch says what a test told it to.
type fakeWatch struct {
	mu       sync.Mutex
	roots    []console.Root
	troubles []console.Trouble
	added    []string
	rescans  int
	fault    error // of a rescan
}

func (w *fakeWatch) Roots() []console.Root {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]console.Root(nil), w.roots...)
}

func (w *fakeWatch) Troubles(most int) ([]console.Trouble, int) {
	return w.troubles[:min(most, len(w.troubles))], len(w.troubles)
}

func (w *fakeWatch) Add(_ context.Context, _ record.Who, path string) error {
	if !strings.HasPrefix(path, "/") {
		return fmt.Errorf("watch folder: %w", console.ErrFolder)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.added = append(w.added, path)
	w.roots = append(w.roots, console.Root{Path: path, State: "starting"})
	return nil
}

func (w *fakeWatch) Rescan(context.Context, record.Who, casefile.ID) error {
	w.rescans++
	return w.fault
}

// fakeMachine drills by saying so.
type fakeMachine struct{}

func (fakeMachine) Drill(context.Context) (string, bool, error) {
	return "find 0.4 s\nclose 2.1 s", true, nil
}
func (fakeMachine) Demonstration() bool { return false }

// fakeSender takes every alarm, or none if it fails.
type fakeSender struct{ fail bool }

func (s *fakeSender) Send(context.Context, notice.Route, notice.Message) error {
	if s.fail {
		return &notice.Fault{Word: notice.Unreachable}
	}
	return nil
}

// prober finds a place clean when its file is gone or holds no card number.
type prober struct{ s *shop }

func (p prober) Rescan(ctx context.Context, who record.Who, ids []finding.ID) ([]finding.ID, error) {
	var clean []finding.ID
	for _, id := range ids {
		thing, err := p.s.store.Read(ctx, who.Tenant, id.Subject())
		if err != nil {
			return nil, err
		}
		content, err := os.ReadFile(thing.(*finding.Finding).Place.Path)
		if errors.Is(err, os.ErrNotExist) || err == nil && !card.HoldsPAN(string(content)) {
			clean = append(clean, id)
		}
	}
	return clean, nil
}

// noExaminer finds card data where a number stands in clear.
// clock is the time in the shop.
func (s *shop) clock() time.Time { return time.Now().Add(time.Duration(s.ahead.Load())) }

type noExaminer struct{}

func (noExaminer) HoldsCardData(_ context.Context, _ string, r io.ReaderAt, size int64) (bool, bool, error) {
	content, err := io.ReadAll(io.NewSectionReader(r, 0, size))
	return card.HoldsPAN(string(content)), false, err
}

// shopRoot is where a shop's files lie: a scratch folder, or the new folder that
// STANCH_SCREENSHOTS_SHOP names, so that pictures show a path as shops have it.
func shopRoot(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("STANCH_SCREENSHOTS_SHOP")
	if dir == "" {
		return t.TempDir()
	}
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

func newShop(t *testing.T) *shop {
	t.Helper()
	return newShopOn(t, "sqlite")
}

func newShopOn(t *testing.T, engine string) *shop {
	t.Helper()
	data := t.TempDir()
	s := &shop{t: t, root: shopRoot(t), watch: &fakeWatch{}, log: &bytes.Buffer{}}
	s.store = storetest.Open(t, storetest.URL(t, engine), storetest.NewKey(t), s.clock)
	all, err := packs.Load(nil)
	if err != nil {
		t.Fatal(err)
	}
	if s.segments, err = segment.Open(filepath.Join(data, "segments"), segment.Options{Buffer: 1 << 12, Shared: 1 << 14}); err != nil {
		t.Fatal(err)
	}
	if s.tokens, err = card.NewTokenizer("k1", make([]byte, 32)); err != nil {
		t.Fatal(err)
	}
	one := func() bool {
		h, err := s.registrar.House(context.Background(), tenant.Default)
		return err == nil && h.OnePerson
	}
	s.registrar = &estate.Registrar{Book: s.store, Store: s.store}
	s.desk = &casefile.Desk{Store: s.store, Cards: s.segments, Packs: all, OnePerson: one}
	s.door = access.NewDoor(s.store, access.Options{Now: s.clock, Cost: access.Cost{Memory: 64, Passes: 1, Threads: 1}})
	s.custodian = &evidence.Custodian{Book: s.store, Store: s.store, Dir: filepath.Join(data, "evidence"), Examiner: noExaminer{}, Now: time.Now}
	s.planner = &containment.Planner{
		Book: s.store, Store: s.store, Desk: s.desk, Custody: s.custodian, Prober: prober{s}, Now: time.Now,
		Files:     &filelock.Lock{Roots: func() []string { return []string{s.root} }, Own: []string{data}},
		OnePerson: func(context.Context, tenant.ID) bool { return one() },
	}
	ringer := &notice.Ringer{Tenant: tenant.Default, Book: s.store, Store: s.store, Sender: &fakeSender{}, Now: time.Now, Base: "http://localhost"}
	s.console, err = console.New(console.Deps{
		Tenant: tenant.Default, Desk: s.desk, Door: s.door, Planner: s.planner, Custodian: s.custodian, Registrar: s.registrar, Ringer: ringer,
		Lists: lists{s.store}, Watch: s.watch, Machine: fakeMachine{}, Public: "stanch/test+01234567+AAAA", Log: slog.New(slog.NewTextHandler(s.log, nil)),
		Now: s.clock,
	})
	if err != nil {
		t.Fatal(err)
	}
	s.server = httptest.NewServer(s.console)
	t.Cleanup(s.server.Close)
	return s
}

// A person is a browser without script.
type person struct {
	s      *shop
	client *http.Client
	lang   string
}

func (s *shop) nobody(lang string) *person {
	jar, err := cookiejar.New(nil)
	if err != nil {
		s.t.Fatal(err)
	}
	stop := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &person{s, &http.Client{Jar: jar, CheckRedirect: stop}, lang}
}

// owner makes the first account and settles the house, past the first run.
func (s *shop) owner(lang string) *person {
	s.t.Helper()
	ctx := context.Background()
	link, err := s.door.FirstRunLink(ctx, tenant.Default)
	s.must(err)
	pass, _, err := s.door.Follow(ctx, tenant.Default, link)
	s.must(err)
	in, err := s.door.CreateOwner(ctx, tenant.Default, pass, access.Newcomer{Login: "lin", Name: "Lin", Lang: map[string]string{"zh": "zh-CN", "en": "en"}[lang], Password: password})
	s.must(err)
	s.must(s.registrar.Describe(ctx, in.Principal.Who(), estate.Settings{
		Name: "Corner", Kind: "shop", Country: "CN", Lang: lang, Zone: "Asia/Shanghai", OnePerson: true, Acquirer: "Acquirer", AcquirerPhone: "95516",
	}))
	return s.signedIn(in, lang)
}

// with invites somebody with a role and lets them in.
func (s *shop) with(role access.Role, login, lang string) *person {
	s.t.Helper()
	ctx := context.Background()
	secret, _, err := s.door.Invite(ctx, access.Principal{Tenant: tenant.Default, Account: "somebody", Role: access.Owner, Via: access.BySession, PresenceAt: s.clock()}, role, login)
	s.must(err)
	pass, _, err := s.door.Follow(ctx, tenant.Default, secret)
	s.must(err)
	in, err := s.door.Join(ctx, tenant.Default, pass, access.Newcomer{Login: login, Lang: map[string]string{"zh": "zh-CN", "en": "en"}[lang], Password: password})
	s.must(err)
	return s.signedIn(in, lang)
}

func (s *shop) signedIn(in access.Visit, lang string) *person {
	p := s.nobody(lang)
	u, err := url.Parse(s.server.URL)
	s.must(err)
	p.client.Jar.SetCookies(u, []*http.Cookie{{Name: "stanch_session", Value: in.Secret}})
	return p
}

func (s *shop) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// leak writes card numbers to a file of the shop and hands the finding to the
// desk, as the watcher would.
func (s *shop) leak(name string, cards int, kinds ...string) *finding.Finding {
	s.t.Helper()
	var text strings.Builder
	w := s.segments.Writer()
	defer w.Close()
	seen := finding.Seen{Counts: finding.Counts{Matches: int64(cards), Low: int64(cards), High: int64(cards), Judged: int64(cards), Kinds: map[string]int64{"pan": int64(cards)}, Brands: map[string]int64{"unionpay": int64(cards)}}}
	for i := range cards {
		number := cardtest.Number(card.UnionPay, 16, uint64(i+1))
		fmt.Fprintf(&text, "sale %d card=%s\n", i, number)
		m := finding.Match{
			Class: "pan", Path: filepath.Join(s.root, name), Line: int64(i + 1), Column: 13, Offset: 9, Length: 16, Masked: number[:6] + "******" + number[12:],
			Brand: card.UnionPay, Confidence: "high", Token: s.tokens.Token("main", []byte(number)),
		}
		w.Add(m, true)
		seen.Sample = append(seen.Sample, m)
	}
	for _, kind := range kinds {
		seen.Counts.Kinds[kind] = 1
		seen.Sensitive = seen.Sensitive || kind == "cvv" || kind == "track2"
	}
	path := filepath.Join(s.root, name)
	s.must(os.WriteFile(path, []byte(text.String()), 0o640))
	segments, _, err := w.Commit(context.Background(), nil)
	s.must(err)
	seen.Segments = segments
	seen.Place = finding.Place{Root: s.root, Path: path, File: "inode:" + name}
	s.must(s.desk.Take(context.Background(), record.Who{Tenant: tenant.Default, Actor: record.System}, casefile.Batch{Seen: []finding.Seen{seen}}))
	thing, err := s.store.Read(context.Background(), tenant.Default, seen.Place.ID().Subject())
	s.must(err)
	return thing.(*finding.Finding)
}

// get fetches a page and returns its status and text.
func (p *person) get(path string) (int, string) {
	p.s.t.Helper()
	r, err := http.NewRequest(http.MethodGet, p.s.server.URL+path, nil)
	p.s.must(err)
	return p.do(r)
}

// post sends a form as a browser does.
func (p *person) post(path string, fields ...string) (int, string) {
	p.s.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(fields); i += 2 {
		form.Add(fields[i], fields[i+1])
	}
	r, err := http.NewRequest(http.MethodPost, p.s.server.URL+path, strings.NewReader(form.Encode()))
	p.s.must(err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return p.do(r)
}

// do returns the status, and the page or, for a redirect, where it leads.
func (p *person) do(r *http.Request) (int, string) {
	p.s.t.Helper()
	r.Header.Set("Accept-Language", map[string]string{"zh": "zh-CN,zh;q=0.9", "en": "en-GB,en;q=0.9"}[p.lang])
	answer, err := p.client.Do(r)
	p.s.must(err)
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	p.s.must(err)
	if to := answer.Header.Get("Location"); to != "" {
		return answer.StatusCode, to
	}
	return answer.StatusCode, string(body)
}

// to posts and wants to be sent on to a path that begins so.
func (p *person) to(want, path string, fields ...string) string {
	p.s.t.Helper()
	status, got := p.post(path, fields...)
	if status != http.StatusSeeOther || !strings.HasPrefix(got, want) {
		p.s.t.Log(p.s.log)
		p.s.t.Fatalf("post %s: got %d %.1500q, want a redirect to %s", path, status, plain(got), want)
	}
	return got
}

// see fetches a page that must be fine and hold the words.
func (p *person) see(path string, words ...string) string {
	p.s.t.Helper()
	status, body := p.get(path)
	if status != http.StatusOK {
		p.s.t.Fatalf("get %s: got status %d: %.600s", path, status, plain(body))
	}
	for _, w := range words {
		if !strings.Contains(html.UnescapeString(body), w) {
			p.s.t.Errorf("get %s: page does not hold %q: %.2500s", path, w, plain(body))
		}
	}
	return body
}

// who is on whose behalf a person acts.
func (s *shop) who(p *person) record.Who {
	s.t.Helper()
	u, err := url.Parse(s.server.URL)
	s.must(err)
	for _, c := range p.client.Jar.Cookies(u) {
		if c.Name == "stanch_session" {
			in, err := s.door.Resume(context.Background(), tenant.Default, c.Value)
			s.must(err)
			return in.Who()
		}
	}
	s.t.Fatal("nobody is signed in")
	return record.Who{}
}
