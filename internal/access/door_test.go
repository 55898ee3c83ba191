package access_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stanch/stanch/internal/access"
	"github.com/stanch/stanch/internal/store"
	"github.com/stanch/stanch/internal/store/storetest"
	"github.com/stanch/stanch/internal/tenant"
)

func TestMain(m *testing.M) { os.Exit(storetest.Main(m)) }

const (
	house    = tenant.Default
	passOne  = "copper lantern visits Oslo"
	passTwo  = "seven kayaks under a viaduct"
	shopAddr = "203.0.113.77:4000"
	farAddr  = "198.51.100.9:4000"
)

// cheap keeps the tests quick; the real cost has a benchmark.
var cheap = access.Cost{Memory: 64, Passes: 1, Threads: 1}

// A clock is set by hand.
type clock struct {
	sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time { c.Lock(); defer c.Unlock(); return c.at }

func (c *clock) pass(d time.Duration) { c.Lock(); defer c.Unlock(); c.at = c.at.Add(d) }

// A lobby is a door with what is behind it.
type lobby struct {
	*access.Door
	store *store.Store
	clock *clock
	log   *bytes.Buffer
	url   string
}

// open opens a door on an empty store, and checks the whole ledger at the end.
func open(t *testing.T, url string) lobby {
	t.Helper()
	key := storetest.NewKey(t)
	l := lobby{clock: &clock{at: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}, log: &bytes.Buffer{}, url: url}
	l.store = storetest.Open(t, url, key, l.clock.now)
	l.Door = access.NewDoor(l.store, access.Options{Now: l.clock.now, Logger: slog.New(slog.NewTextHandler(l.log, nil)), Cost: cheap})
	t.Cleanup(func() {
		if _, err := l.store.Verify(context.Background(), key.Verifier); err != nil {
			t.Errorf("verify: %v", err)
		}
		if _, err := l.store.VerifyDeep(context.Background()); err != nil {
			t.Errorf("verify deep: %v", err)
		}
	})
	return l
}

func onSQLite(t *testing.T) lobby { t.Helper(); return open(t, storetest.URL(t, "sqlite")) }

// pass makes what a first-run or other link leads to.
func (l lobby) follow(t *testing.T, secret string, err error) string {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	pass, _, err := l.Follow(t.Context(), house, secret)
	if err != nil {
		t.Fatal(err)
	}
	return pass
}

// owner makes the first owner, Anna.
func (l lobby) owner(t *testing.T) access.Visit {
	t.Helper()
	secret, err := l.FirstRunLink(t.Context(), house)
	visit, err := l.CreateOwner(t.Context(), house, l.follow(t, secret, err), access.Newcomer{Login: "Anna", Lang: "zh-CN", Password: passOne, Address: shopAddr})
	if err != nil {
		t.Fatal(err)
	}
	return visit
}

// join invites somebody with this login and password two.
func (l lobby) join(t *testing.T, by access.Principal, role access.Role, login string) access.Visit {
	t.Helper()
	secret, _, err := l.Invite(t.Context(), by, role, "")
	visit, err := l.Join(t.Context(), house, l.follow(t, secret, err), access.Newcomer{Login: login, Password: passTwo, Address: shopAddr})
	if err != nil {
		t.Fatal(err)
	}
	return visit
}

func (l lobby) signIn(t *testing.T, login, password, address string) (access.Visit, error) {
	t.Helper()
	return l.SignIn(t.Context(), house, access.Attempt{Login: login, Password: password, Address: address})
}

// wants fails the test if got is not want.
func wants(t *testing.T, what string, got, want error) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

func (l lobby) kinds(t *testing.T, kind string) int {
	t.Helper()
	entries, err := l.store.Entries(t.Context(), house, store.EntryFilter{Kind: kind})
	if err != nil {
		t.Fatal(err)
	}
	return len(entries)
}

func TestFirstRun(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		l, ctx := open(t, url), t.Context()
		if over, err := l.FirstRunOver(ctx, house); over || err != nil {
			t.Fatalf("got %t, %v; want false", over, err)
		}
		stale, err := l.FirstRunLink(ctx, house)
		if err != nil {
			t.Fatal(err)
		}
		secret, err := l.FirstRunLink(ctx, house)
		if err != nil {
			t.Fatal(err)
		}
		for range 3 {
			if link, err := l.Peek(ctx, house, secret); err != nil || link.Purpose != access.FirstRun || link.Pass {
				t.Fatalf("got %+v, %v", link, err)
			}
		}
		_, err = l.Peek(ctx, "other", secret)
		wants(t, "peek as another tenant", err, access.ErrLink)
		_, _, err = l.Follow(ctx, "other", secret)
		wants(t, "follow as another tenant", err, access.ErrLink)
		_, _, err = l.Follow(ctx, house, stale)
		wants(t, "follow a replaced link", err, access.ErrLink)
		n := access.Newcomer{Login: "Anna", Lang: "zh-CN", Password: passOne, Address: shopAddr}
		_, err = l.CreateOwner(ctx, house, secret, n)
		wants(t, "a link is no pass", err, access.ErrLink)
		pass := l.follow(t, secret, nil)
		_, _, err = l.Follow(ctx, house, secret)
		wants(t, "follow twice", err, access.ErrLink)
		_, _, err = l.Follow(ctx, house, pass)
		wants(t, "follow a pass", err, access.ErrLink)
		weak := n
		weak.Password = "password1234"
		var refused *access.WeakPassword
		if _, err = l.CreateOwner(ctx, house, pass, weak); !errors.As(err, &refused) {
			t.Errorf("weak password: got %v", err)
		}
		_, err = l.Join(ctx, house, pass, n)
		wants(t, "join with a first-run pass", err, access.ErrLink)
		visit, err := l.CreateOwner(ctx, house, pass, n)
		if err != nil {
			t.Fatal(err)
		}
		if p := visit.Principal; p.Role != access.Owner || p.Lang != "zh-CN" || p.Via != access.BySession {
			t.Errorf("got principal %+v", p)
		}
		_, err = l.CreateOwner(ctx, house, pass, n)
		wants(t, "use a pass twice", err, access.ErrLink)
		_, err = l.FirstRunLink(ctx, house)
		wants(t, "first run again", err, access.ErrFirstRunOver)
		if over, err := l.FirstRunOver(ctx, house); !over || err != nil {
			t.Errorf("got %t, %v; want true", over, err)
		}
	})
}

func TestLinkRunsOut(t *testing.T) {
	l, ctx := onSQLite(t), t.Context()
	secret, err := l.FirstRunLink(ctx, house)
	if err != nil {
		t.Fatal(err)
	}
	l.clock.pass(15*time.Minute - time.Second)
	pass := l.follow(t, secret, nil)
	l.clock.pass(30 * time.Minute)
	_, err = l.CreateOwner(ctx, house, pass, access.Newcomer{Login: "anna", Password: passOne})
	wants(t, "pass after half an hour", err, access.ErrLink)
	if secret, err = l.FirstRunLink(ctx, house); err != nil {
		t.Fatal(err)
	}
	l.clock.pass(15 * time.Minute)
	_, err = l.Peek(ctx, house, secret)
	wants(t, "peek after a quarter of an hour", err, access.ErrLink)
	_, _, err = l.Follow(ctx, house, secret)
	wants(t, "follow after a quarter of an hour", err, access.ErrLink)
}

func TestLinkIsFollowedOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		l := open(t, url)
		secret, err := l.FirstRunLink(t.Context(), house)
		if err != nil {
			t.Fatal(err)
		}
		results := make([]error, 8)
		var all sync.WaitGroup
		for i := range results {
			all.Go(func() { _, _, results[i] = l.Follow(t.Context(), house, secret) })
		}
		all.Wait()
		refused := 0
		for _, err := range results {
			if errors.Is(err, access.ErrLink) {
				refused++
			} else if err != nil {
				t.Error(err)
			}
		}
		if refused != len(results)-1 {
			t.Errorf("got %d refused, want %d", refused, len(results)-1)
		}
	})
}

func TestInvite(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		l, ctx := open(t, url), t.Context()
		anna := l.owner(t).Principal
		ben := l.join(t, anna, access.Responder, "ben").Principal
		if ben.Role != access.Responder {
			t.Errorf("got role %s", ben.Role)
		}
		_, _, err := l.Invite(ctx, ben, access.Owner, "")
		wants(t, "responder invites", err, access.ErrForbidden)
		_, _, err = l.Invite(ctx, anna, "admin", "")
		wants(t, "unknown role", err, access.ErrRole)
		secret, id, err := l.Invite(ctx, anna, access.Auditor, "Chen Mei")
		first := l.follow(t, secret, err)
		n := access.Newcomer{Login: "BEN", Password: passTwo, Address: shopAddr}
		_, err = l.Join(ctx, house, first, n)
		wants(t, "login of another", err, access.ErrTaken)
		again, err := l.InviteAgain(ctx, anna, id)
		if err != nil {
			t.Fatal(err)
		}
		n.Login = "chen"
		_, err = l.Join(ctx, house, first, n)
		wants(t, "pass of a replaced link", err, access.ErrLink)
		if _, err = l.Join(ctx, house, l.follow(t, again, nil), n); err != nil {
			t.Fatal(err)
		}
		_, err = l.InviteAgain(ctx, anna, id)
		wants(t, "invite who is here", err, access.ErrSetUp)
		_, err = l.InviteAgain(ctx, access.Socket("other"), id)
		wants(t, "invite in another tenant", err, access.ErrNoAccount)
		people, err := l.Accounts(ctx, ben)
		if err != nil || len(people) != 3 || people[0].Login != "anna" || people[2].Name != "chen" {
			t.Errorf("got %d people, %v", len(people), err)
		}
		if none, err := l.Accounts(ctx, access.Socket("other")); err != nil || len(none) != 0 {
			t.Errorf("another tenant sees %d people, %v", len(none), err)
		}
	})
}

func TestSignIn(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		l, ctx := open(t, url), t.Context()
		anna := l.owner(t).Principal
		ben := l.join(t, anna, access.Responder, "ben").Principal
		for name, a := range map[string]access.Attempt{
			"wrong password": {Login: "ben", Password: passOne},
			"no such login":  {Login: "nobody", Password: passTwo},
			"no login":       {Password: passTwo},
			"no password":    {Login: "ben"},
		} {
			a.Address = name // so that none slows another down
			_, err := l.SignIn(ctx, house, a)
			if !errors.Is(err, access.ErrSignIn) || err.Error() != access.ErrSignIn.Error() {
				t.Errorf("%s: got %v, want ErrSignIn alone", name, err)
			}
		}
		_, err := l.SignIn(ctx, "other", access.Attempt{Login: "ben", Password: passTwo, Address: shopAddr})
		wants(t, "another tenant", err, access.ErrSignIn)
		one, err := l.signIn(t, " BEN ", passTwo, shopAddr)
		if err != nil || one.Principal.Account != ben.Account {
			t.Fatalf("got %+v, %v", one.Principal, err)
		}
		two, err := l.SignIn(ctx, house, access.Attempt{Login: "ben", Password: passTwo, Address: shopAddr, Old: one.Secret})
		if err != nil || two.Secret == one.Secret {
			t.Fatal("sign-in did not make a new session", err)
		}
		_, err = l.Resume(ctx, house, one.Secret)
		wants(t, "session that was replaced", err, access.ErrSession)
		_, err = l.Resume(ctx, "other", two.Secret)
		wants(t, "session in another tenant", err, access.ErrSession)
		if p, err := l.Resume(ctx, house, two.Secret); err != nil || p.Account != ben.Account || p.Role != access.Responder {
			t.Errorf("got %+v, %v", p, err)
		}
		if err := l.SetRole(ctx, anna, ben.Account, access.Auditor); err != nil {
			t.Fatal(err)
		}
		if p, err := l.Resume(ctx, house, two.Secret); err != nil || p.Role != access.Auditor {
			t.Errorf("after demotion: got %+v, %v", p, err)
		}
		if err := l.SignOut(ctx, house, two.Secret); err != nil {
			t.Fatal(err)
		}
		_, err = l.Resume(ctx, house, two.Secret)
		wants(t, "signed out", err, access.ErrSession)
		if err := l.SignOut(ctx, house, two.Secret); err != nil {
			t.Errorf("signed out twice: %v", err)
		}
	})
}

func TestSignInIsRecordedOnceAnHour(t *testing.T) {
	l := onSQLite(t)
	l.owner(t)
	for range 30 {
		if _, err := l.signIn(t, "anna", passOne, shopAddr); err != nil {
			t.Fatal(err)
		}
	}
	if got := l.kinds(t, "account.signed_in"); got != 1 {
		t.Errorf("got %d entries, want 1", got)
	}
	if _, err := l.signIn(t, "anna", passOne, farAddr); err != nil {
		t.Fatal(err)
	}
	l.clock.pass(time.Hour)
	if _, err := l.signIn(t, "anna", passOne, farAddr); err != nil {
		t.Fatal(err)
	}
	if got := l.kinds(t, "account.signed_in"); got != 3 {
		t.Errorf("got %d entries, want 3", got)
	}
}

func TestSessions(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		l, ctx := open(t, url), t.Context()
		anna := l.owner(t).Principal
		visit := l.join(t, anna, access.Responder, "ben")
		ben := visit.Principal
		for range 60 {
			l.clock.pass(time.Second)
			if _, err := l.signIn(t, "ben", passTwo, shopAddr); err != nil {
				t.Fatal(err)
			}
		}
		all, err := l.Sessions(ctx, ben, ben.Account)
		if err != nil || len(all) != 50 {
			t.Fatalf("got %d sessions, %v; want the newest 50", len(all), err)
		}
		if !slices.IsSortedFunc(all, func(a, b access.Session) int { return int(b.Created - a.Created) }) || all[0].From != "203.0.113.0/24" {
			t.Errorf("got %+v first", all[0])
		}
		_, err = l.Resume(ctx, house, visit.Secret)
		wants(t, "oldest of 61 sessions", err, access.ErrSession)
		_, err = l.Sessions(ctx, ben, anna.Account)
		wants(t, "responder lists another's", err, access.ErrForbidden)
		wants(t, "responder ends another's", l.EndSession(ctx, ben, anna.Account, anna.Session), access.ErrForbidden)
		wants(t, "session of another account", l.EndSession(ctx, ben, ben.Account, anna.Session), access.ErrSession)
		wants(t, "session in another tenant", l.EndSession(ctx, access.Socket("other"), ben.Account, all[0].ID), access.ErrSession)
		if err := l.EndSession(ctx, anna, ben.Account, all[0].ID); err != nil {
			t.Error(err)
		}
		if all, err = l.Sessions(ctx, anna, ben.Account); err != nil || len(all) != 49 {
			t.Errorf("got %d sessions, %v; want 49", len(all), err)
		}
	})
}

func TestPresence(t *testing.T) {
	l, ctx := onSQLite(t), t.Context()
	visit := l.owner(t)
	wants(t, "just signed in", visit.Principal.Allow(access.ManagePeople, l.clock.now()), nil)
	l.clock.pass(5 * time.Minute)
	wants(t, "before a proof", visit.Principal.Allow(access.ApprovePlan, l.clock.now()), access.ErrPresence)
	_, err := l.ProvePresence(ctx, visit.Principal, passTwo, shopAddr)
	wants(t, "wrong password", err, access.ErrSignIn)
	p, err := l.ProvePresence(ctx, visit.Principal, passOne, shopAddr)
	if err != nil {
		t.Fatal(err)
	}
	wants(t, "after a proof", p.Allow(access.BreakSeal, l.clock.now()), nil)
	l.clock.pass(5*time.Minute - time.Second)
	if p, err = l.Resume(ctx, house, visit.Secret); err != nil {
		t.Fatal(err)
	}
	wants(t, "in another request", p.Allow(access.ApprovePlan, l.clock.now()), nil)
	l.clock.pass(time.Second)
	wants(t, "five minutes later", p.Allow(access.ApprovePlan, l.clock.now()), access.ErrPresence)
	_, err = l.ProvePresence(ctx, access.Socket(house), passOne, shopAddr)
	wants(t, "socket", err, access.ErrSession)
	if err := l.SignOut(ctx, house, visit.Secret); err != nil {
		t.Fatal(err)
	}
	_, err = l.ProvePresence(ctx, p, passOne, shopAddr)
	wants(t, "signed out", err, access.ErrSession)
}

func TestGuessing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		l := open(t, url)
		l.owner(t)
		l.clock.pass(2 * time.Hour)
		var throttled *access.Throttled
		for range 6 {
			_, err := l.signIn(t, "anna", passTwo, farAddr)
			wants(t, "guess", err, access.ErrSignIn)
		}
		if _, err := l.signIn(t, "anna", passOne, farAddr); !errors.As(err, &throttled) || throttled.Retry != 2*time.Second {
			t.Errorf("right password right after: got %v, want a wait of 2s", err)
		}
		if _, err := l.signIn(t, "anna", passOne, shopAddr); err != nil {
			t.Errorf("from another address: %v", err)
		}
		if _, err := l.signIn(t, "anna", passOne, "192.0.2.1"); err != nil {
			t.Errorf("from a third address: %v", err)
		}
		l.clock.pass(2 * time.Second)
		if _, err := l.signIn(t, "anna", passOne, farAddr); err != nil {
			t.Errorf("after the wait: %v", err)
		}
	})
}

// TestGuessesAtOnce checks that many guesses at the same time get no further
// than one after the other.
func TestGuessesAtOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		l := open(t, url)
		l.owner(t)
		judged := make([]bool, 40)
		var all sync.WaitGroup
		for i := range judged {
			all.Go(func() {
				_, err := l.SignIn(t.Context(), house, access.Attempt{Login: "anna", Password: passTwo, Address: farAddr})
				judged[i] = errors.Is(err, access.ErrSignIn)
			})
		}
		all.Wait()
		n := 0
		for _, yes := range judged {
			if yes {
				n++
			}
		}
		if n != 6 {
			t.Errorf("got %d guesses judged, want 6", n)
		}
	})
}

func TestFlood(t *testing.T) {
	l := onSQLite(t)
	l.owner(t)
	var throttled *access.Throttled
	judged := 0
	for i := range 100 {
		_, err := l.signIn(t, "anna", passTwo, "192.0.2."+string(rune('0'+i%10))+string(rune('0'+i/10)))
		if errors.Is(err, access.ErrSignIn) {
			judged++
		} else if !errors.As(err, &throttled) {
			t.Fatal(err)
		}
	}
	if judged != 60 {
		t.Errorf("got %d guesses judged in a minute, want 60", judged)
	}
	if _, err := l.signIn(t, "anna", passOne, farAddr); !errors.As(err, &throttled) {
		t.Errorf("from a new address in a flood: got %v, want a wait", err)
	}
	if _, err := l.signIn(t, "anna", passOne, shopAddr); err != nil {
		t.Errorf("from the usual address in a flood: %v", err)
	}
	if got := l.kinds(t, "account.sign_in_failed"); got != 6 {
		t.Errorf("got %d entries of failures, want one for each ten", got)
	}
	l.clock.pass(time.Minute)
	if _, err := l.signIn(t, "anna", passOne, farAddr); err != nil {
		t.Errorf("after the flood: %v", err)
	}
}

func TestSpraying(t *testing.T) {
	l := onSQLite(t)
	l.owner(t)
	for i := range 31 {
		_, err := l.signIn(t, "login"+string(rune('a'+i%26))+string(rune('a'+i/26)), passTwo, shopAddr)
		wants(t, "spray", err, access.ErrSignIn)
	}
	var throttled *access.Throttled
	if _, err := l.signIn(t, "fresh", passTwo, shopAddr); !errors.As(err, &throttled) {
		t.Errorf("32nd login from one address: got %v, want a wait", err)
	}
	if _, err := l.signIn(t, "anna", passOne, shopAddr); err != nil {
		t.Errorf("who always signs in there: %v", err)
	}
}

func TestRecover(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		l, ctx := open(t, url), t.Context()
		visit := l.owner(t)
		_, err := l.Recover(ctx, visit.Principal, "anna")
		wants(t, "from a session", err, access.ErrForbidden)
		_, err = l.Recover(ctx, access.Socket(house), "nobody")
		wants(t, "nobody", err, access.ErrNoAccount)
		_, err = l.Recover(ctx, access.Socket("other"), "anna")
		wants(t, "another tenant", err, access.ErrNoAccount)
		if strings.Contains(l.log.String(), "recovery") {
			t.Error("a refused recovery was shouted")
		}
		secret, err := l.Recover(ctx, access.Socket(house), "anna")
		pass := l.follow(t, secret, err)
		var weak *access.WeakPassword
		if _, err := l.Reset(ctx, house, pass, "short", shopAddr); !errors.As(err, &weak) {
			t.Errorf("weak: got %v", err)
		}
		if _, err := l.Reset(ctx, house, pass, passTwo, shopAddr); err != nil {
			t.Fatal(err)
		}
		_, err = l.Reset(ctx, house, pass, passOne, shopAddr)
		wants(t, "reset twice", err, access.ErrLink)
		_, err = l.Resume(ctx, house, visit.Secret)
		wants(t, "session from before", err, access.ErrSession)
		_, err = l.signIn(t, "anna", passOne, farAddr)
		wants(t, "old password", err, access.ErrSignIn)
		if _, err := l.signIn(t, "anna", passTwo, farAddr); err != nil {
			t.Error(err)
		}
		if got := l.log.String(); !strings.Contains(got, "level=WARN") || strings.Contains(got, "anna") || strings.Contains(got, secret) {
			t.Errorf("got log %q", got)
		}
		if l.kinds(t, "account.link_made") != 1 || l.kinds(t, "account.password_set") != 2 {
			t.Error("recovery is not in the ledger")
		}
	})
}

func TestChangePassword(t *testing.T) {
	l, ctx := onSQLite(t), t.Context()
	visit := l.owner(t)
	other, err := l.signIn(t, "anna", passOne, shopAddr)
	if err != nil {
		t.Fatal(err)
	}
	wants(t, "wrong old one", l.ChangePassword(ctx, visit.Principal, passTwo, passTwo, shopAddr), access.ErrSignIn)
	var weak *access.WeakPassword
	if err := l.ChangePassword(ctx, visit.Principal, passOne, "anna", shopAddr); !errors.As(err, &weak) {
		t.Errorf("weak: got %v", err)
	}
	if err := l.ChangePassword(ctx, visit.Principal, passOne, passTwo, shopAddr); err != nil {
		t.Fatal(err)
	}
	_, err = l.Resume(ctx, house, other.Secret)
	wants(t, "another session", err, access.ErrSession)
	if _, err := l.Resume(ctx, house, visit.Secret); err != nil {
		t.Errorf("the session that changed it: %v", err)
	}
	if _, err := l.signIn(t, "anna", passTwo, shopAddr); err != nil {
		t.Error(err)
	}
}

func TestRehash(t *testing.T) {
	l := onSQLite(t)
	l.owner(t)
	harder := access.NewDoor(l.store, access.Options{Now: l.clock.now, Cost: access.Cost{Memory: 128, Passes: 2, Threads: 1}})
	for range 2 { // the first makes a new hash, the second uses it
		if _, err := harder.SignIn(t.Context(), house, access.Attempt{Login: "anna", Password: passOne, Address: shopAddr}); err != nil {
			t.Fatal(err)
		}
	}
	for _, found := range grep(t, l.url, "m=64,t=1") {
		t.Logf("an old page of %s still holds the old hash", found)
	}
	if len(grep(t, l.url, "m=128,t=2")) == 0 {
		t.Error("no hash of the new cost")
	}
}

// grep returns the files of a SQLite store that hold text.
func grep(t *testing.T, url, text string) []string {
	t.Helper()
	var found []string
	files, err := filepath.Glob(strings.TrimPrefix(url, "sqlite:") + "*")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(content, []byte(text)) {
			found = append(found, filepath.Base(file))
		}
	}
	return found
}

func TestPeople(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		l, ctx := open(t, url), t.Context()
		anna := l.owner(t).Principal
		wants(t, "demote the last owner", l.SetRole(ctx, anna, anna.Account, access.Auditor), access.ErrLastOwner)
		wants(t, "shut the last owner", l.Disable(ctx, anna, anna.Account, "leaving"), access.ErrLastOwner)
		secret, _, err := l.Invite(ctx, anna, access.Owner, "")
		if err != nil {
			t.Fatal(err)
		}
		wants(t, "an owner who has not come yet does not count", l.Disable(ctx, anna, anna.Account, "leaving"), access.ErrLastOwner)
		visit, err := l.Join(ctx, house, l.follow(t, secret, nil), access.Newcomer{Login: "ben", Password: passTwo})
		if err != nil {
			t.Fatal(err)
		}
		ben := visit.Principal
		wants(t, "no reason", l.Disable(ctx, anna, ben.Account, " "), access.ErrReason)
		wants(t, "another tenant", l.Disable(ctx, access.Socket("other"), ben.Account, "left"), access.ErrNoAccount)
		wants(t, "erase who is here", l.EraseName(ctx, anna, ben.Account, "asked"), access.ErrStillOpen)
		if err := l.Disable(ctx, anna, ben.Account, "left"); err != nil {
			t.Fatal(err)
		}
		_, err = l.Resume(ctx, house, visit.Secret)
		wants(t, "session of a shut account", err, access.ErrSession)
		_, err = l.signIn(t, "ben", passTwo, shopAddr)
		wants(t, "sign-in to a shut account", err, access.ErrSignIn)
		_, err = l.Recover(ctx, access.Socket(house), "ben")
		wants(t, "recover a shut account", err, access.ErrNoAccount)
		if err := l.Enable(ctx, anna, ben.Account); err != nil {
			t.Fatal(err)
		}
		if _, err = l.signIn(t, "ben", passTwo, shopAddr); err != nil {
			t.Errorf("opened again: %v", err)
		}
		if err := l.SetLang(ctx, ben, "en"); err != nil {
			t.Error(err)
		}
		wants(t, "language", l.SetLang(ctx, ben, "fr"), access.ErrLang)
		if err := l.Rename(ctx, anna, ben.Account, "Benjamin"); err != nil {
			t.Error(err)
		}
		if a, err := l.Account(ctx, house, ben.Account); err != nil || a.Lang != "en" || a.Name != "Benjamin" || a.Login != "ben" {
			t.Errorf("got %+v, %v", a, err)
		}
	})
}

func TestEraseName(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		l, ctx := open(t, url), t.Context()
		anna := l.owner(t).Principal
		ben := l.join(t, anna, access.Responder, "benedikt").Principal
		if err := l.Rename(ctx, anna, ben.Account, "Benedikt Ode"); err != nil {
			t.Fatal(err)
		}
		if err := l.Disable(ctx, anna, ben.Account, "left"); err != nil {
			t.Fatal(err)
		}
		if err := l.EraseName(ctx, anna, ben.Account, "asked to"); err != nil {
			t.Fatal(err)
		}
		a, err := l.Account(ctx, house, ben.Account)
		if err != nil || a.Login != "" || a.Name != "" || !a.Erased {
			t.Errorf("got %+v, %v", a, err)
		}
		entries, err := l.store.Entries(ctx, house, store.EntryFilter{Subject: ben.Account.Subject()})
		if err != nil {
			t.Fatal(err)
		}
		erased := 0
		for _, e := range entries {
			if bytes.Contains(e.Body, []byte("enedikt")) {
				t.Errorf("entry %d (%s) still has the name", e.Index, e.Kind)
			}
			if e.ErasedBy != 0 {
				erased++
			}
		}
		if erased != 2 {
			t.Errorf("got %d entries erased, want 2", erased)
		}
		wants(t, "open what is erased", l.Enable(ctx, anna, ben.Account), access.ErrNoAccount)
		// The login is free again.
		l.join(t, anna, access.Auditor, "benedikt")
	})
}

func TestTokens(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		l, ctx := open(t, url), t.Context()
		anna := l.owner(t).Principal
		ben := l.join(t, anna, access.Owner, "ben").Principal
		bearer, id, err := l.IssueToken(ctx, ben, access.Responder, "till 3", time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		p, err := l.Authenticate(ctx, house, bearer)
		if err != nil || p.Role != access.Responder || p.Account != ben.Account || p.Token != id || p.Via != access.ByToken {
			t.Fatalf("got %+v, %v", p, err)
		}
		wants(t, "token approves", p.Allow(access.ApprovePlan, l.clock.now()), access.ErrForbidden)
		other := bearer[:len(bearer)-1] + "a"
		if other == bearer {
			other = bearer[:len(bearer)-1] + "b"
		}
		_, err = l.Authenticate(ctx, house, other)
		wants(t, "wrong secret", err, access.ErrToken)
		_, err = l.Authenticate(ctx, "other", bearer)
		wants(t, "another tenant", err, access.ErrToken)
		wants(t, "revoke in another tenant", l.RevokeToken(ctx, access.Socket("other"), id), access.ErrToken)
		_, _, err = l.IssueToken(ctx, p, access.Responder, "child", time.Time{})
		wants(t, "token makes token", err, access.ErrForbidden)
		_, _, err = l.IssueToken(ctx, ben, access.Responder, "past", l.clock.now())
		wants(t, "token of the past", err, access.ErrExpiry)
		list, err := l.Tokens(ctx, anna)
		if err != nil || len(list) != 1 || list[0].Used != l.clock.now().UnixMicro() || list[0].Label != "till 3" || list[0].By != ben.Account {
			t.Errorf("got %+v, %v", list, err)
		}
		if none, err := l.Tokens(ctx, access.Socket("other")); err != nil || len(none) != 0 {
			t.Errorf("another tenant sees %d tokens, %v", len(none), err)
		}
		if err := l.SetRole(ctx, anna, ben.Account, access.Responder); err != nil {
			t.Fatal(err)
		}
		_, err = l.Authenticate(ctx, house, bearer)
		wants(t, "maker was demoted", err, access.ErrToken)
		if err := l.SetRole(ctx, anna, ben.Account, access.Owner); err != nil {
			t.Fatal(err)
		}
		if _, err = l.Authenticate(ctx, house, bearer); err != nil {
			t.Error(err)
		}
		if err := l.RevokeToken(ctx, anna, id); err != nil {
			t.Fatal(err)
		}
		_, err = l.Authenticate(ctx, house, bearer)
		wants(t, "revoked", err, access.ErrToken)
		wants(t, "revoked twice", l.RevokeToken(ctx, anna, id), access.ErrToken)
		machine, mid, err := l.IssueToken(ctx, access.Socket(house), access.Owner, "cron", l.clock.now().Add(time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		if p, err = l.Authenticate(ctx, house, machine); err != nil || p.Who().Actor != "apitoken:"+string(mid) {
			t.Errorf("got %+v, %v", p, err)
		}
		l.clock.pass(time.Hour)
		_, err = l.Authenticate(ctx, house, machine)
		wants(t, "expired", err, access.ErrToken)
	})
}

// TestNoSecretsAtRest looks for what must not be there in the bytes of the
// database, and what must be there, so that the search is known to work.
func TestNoSecretsAtRest(t *testing.T) {
	l, ctx := onSQLite(t), t.Context()
	link, err := l.FirstRunLink(ctx, house)
	pass := l.follow(t, link, err)
	visit, err := l.CreateOwner(ctx, house, pass, access.Newcomer{Login: "anna", Password: passOne, Address: shopAddr})
	if err != nil {
		t.Fatal(err)
	}
	bearer, _, err := l.IssueToken(ctx, visit.Principal, access.Auditor, "reader", time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = l.signIn(t, "typedpasswordhere", passTwo, farAddr)
	wants(t, "wrong", err, access.ErrSignIn)
	if len(grep(t, l.url, "anna")) == 0 {
		t.Fatal("the search finds nothing")
	}
	_, tokenSecret, err := access.ParseToken(bearer)
	if err != nil {
		t.Fatal(err)
	}
	for name, secret := range map[string]string{
		"link": link, "pass": pass, "session": visit.Secret, "token": tokenSecret, "password": passOne, "wrong password": passTwo,
		"mistyped login": "typedpasswordhere", "address": "203.0.113.77", "other address": "198.51.100.9",
	} {
		if found := grep(t, l.url, secret); len(found) > 0 {
			t.Errorf("%s stands in %v", name, found)
		}
		if strings.Contains(l.log.String(), secret) {
			t.Errorf("%s stands in the log", name)
		}
	}
}
