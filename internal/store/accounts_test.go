package store_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stanch/stanch/internal/access"
	"github.com/stanch/stanch/internal/record"
	"github.com/stanch/stanch/internal/store"
	"github.com/stanch/stanch/internal/store/storetest"
	"github.com/stanch/stanch/internal/tenant"
)

var _ access.Store = (*store.Store)(nil)

// within runs f in a transaction of a tenant and fails the test if it fails.
func within(t *testing.T, s *store.Store, of tenant.ID, f func(context.Context, record.Tx) error) {
	t.Helper()
	if err := s.Update(t.Context(), record.Who{Tenant: of, Actor: record.System}, f); err != nil {
		t.Fatal(err)
	}
}

// fillAccess keeps one row in each table of package access, in every tenant
// given under the same names.
func fillAccess(t *testing.T, s *store.Store, at int64, tenants ...tenant.ID) {
	t.Helper()
	id := access.ID("a-1")
	for _, of := range tenants {
		within(t, s, of, func(ctx context.Context, tx record.Tx) error {
			return errors.Join(
				tx.Record(ctx, id.Subject(), access.Created{Role: access.Owner, Via: access.FirstRun}, record.About{}),
				tx.Record(ctx, id.Subject(), access.Named{Login: "anna", Name: string(of)}, record.About{}),
				tx.Record(ctx, id.Subject(), access.PasswordSet{Via: access.FirstRun}, record.About{}),
				tx.Record(ctx, access.TokenID("k-1").Subject(), access.TokenIssued{Label: string(of), Role: access.Auditor, Expires: at}, record.About{}),
				s.SetPasswordHash(ctx, tx, id, "hash of "+string(of)),
				s.SaveLink(ctx, tx, access.Link{Digest: []byte("link"), Purpose: access.Recover, Account: id, Pass: true, Expires: at}),
				s.SaveSession(ctx, tx, access.Session{ID: "s-1", Digest: []byte("session"), Account: id, From: string(of), Created: at, Seen: at}, 5),
				s.SaveTally(ctx, tx, access.Tally{Key: "all", Failures: 3, Until: at, Last: at, Good: at}),
				s.SaveTokenDigest(ctx, tx, "k-1", []byte("token of "+string(of))),
			)
		})
	}
}

func TestAccessRows(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		key := storetest.NewKey(t)
		s, ctx := storetest.Open(t, url, key, nil), t.Context()
		fillAccess(t, s, 100, "main", "other")
		for _, of := range []tenant.ID{"main", "other"} {
			checkAccess(t, s, of)
		}
		// What one tenant does leaves the other's rows as they are.
		within(t, s, "other", func(ctx context.Context, tx record.Tx) error {
			n, err := s.EndSessions(ctx, tx, "a-1", "")
			if n != 1 {
				t.Errorf("ended %d sessions, want 1", n)
			}
			_, taken := s.TakeLink(ctx, tx, []byte("link"))
			return errors.Join(err, taken, s.DropTokenDigest(ctx, tx, "k-1"), s.SetPasswordHash(ctx, tx, "a-1", ""),
				s.SaveTally(ctx, tx, access.Tally{Key: "all", Failures: 9}), s.DropLinks(ctx, tx, access.Recover, "a-1"))
		})
		checkAccess(t, s, "main")
		if _, err := s.Session(ctx, "other", []byte("session")); !errors.Is(err, record.ErrNone) {
			t.Errorf("ended session: got %v, want ErrNone", err)
		}
		checkLedger(t, s, key)
	})
}

// checkAccess checks every read of what fillAccess kept.
func checkAccess(t *testing.T, s *store.Store, of tenant.ID) {
	t.Helper()
	ctx := t.Context()
	if all, err := s.Accounts(ctx, of); err != nil || len(all) != 1 || all[0].Name != string(of) {
		t.Errorf("%s: accounts: got %d, %v", of, len(all), err)
	}
	if all, err := s.APITokens(ctx, of); err != nil || len(all) != 1 || all[0].Label != string(of) {
		t.Errorf("%s: tokens: got %d, %v", of, len(all), err)
	}
	if l, err := s.Link(ctx, of, []byte("link")); err != nil || !l.Pass || l.Purpose != access.Recover || l.Account != "a-1" || l.Expires != 100 {
		t.Errorf("%s: link: got %+v, %v", of, l, err)
	}
	if n, err := s.Session(ctx, of, []byte("session")); err != nil || n.ID != "s-1" || n.From != string(of) || n.Created != 100 || n.Presence != 0 {
		t.Errorf("%s: session: got %+v, %v", of, n, err)
	}
	if all, err := s.Sessions(ctx, of, "a-1"); err != nil || len(all) != 1 {
		t.Errorf("%s: sessions: got %d, %v", of, len(all), err)
	}
	if digest, used, err := s.TokenDigest(ctx, of, "k-1"); err != nil || string(digest) != "token of "+string(of) || used != 0 {
		t.Errorf("%s: token digest: got %q, %d, %v", of, digest, used, err)
	}
	if used, err := s.TokensUsed(ctx, of); err != nil || len(used) != 1 {
		t.Errorf("%s: tokens used: got %v, %v", of, used, err)
	}
	within(t, s, of, func(ctx context.Context, tx record.Tx) error {
		if id, err := s.AccountOf(ctx, tx, "anna"); err != nil || id != "a-1" {
			t.Errorf("%s: account of login: got %q, %v", of, id, err)
		}
		if n, err := s.CountOwners(ctx, tx); err != nil || n != 1 {
			t.Errorf("%s: owners: got %d, %v", of, n, err)
		}
		if hash, err := s.PasswordHash(ctx, tx, "a-1"); err != nil || hash != "hash of "+string(of) {
			t.Errorf("%s: password hash: got %q, %v", of, hash, err)
		}
		if y, err := s.Tally(ctx, tx, "all"); err != nil || y != (access.Tally{Key: "all", Failures: 3, Until: 100, Last: 100, Good: 100}) {
			t.Errorf("%s: tally: got %+v, %v", of, y, err)
		}
		return nil
	})
}

// TestAccessOfAnotherTenant calls every method as a tenant that has nothing.
func TestAccessOfAnotherTenant(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		s, ctx := storetest.Open(t, url, storetest.NewKey(t), nil), t.Context()
		fillAccess(t, s, 100, "main")
		nothing := func(what string, err error) {
			t.Helper()
			if !errors.Is(err, record.ErrNone) {
				t.Errorf("%s: got %v, want ErrNone", what, err)
			}
		}
		_, err := s.Link(ctx, "thief", []byte("link"))
		nothing("link", err)
		_, err = s.Session(ctx, "thief", []byte("session"))
		nothing("session", err)
		_, _, err = s.TokenDigest(ctx, "thief", "k-1")
		nothing("token digest", err)
		_, err = s.Read(ctx, "thief", access.ID("a-1").Subject())
		nothing("account", err)
		_, err = s.Read(ctx, "thief", access.TokenID("k-1").Subject())
		nothing("token", err)
		accounts, err := s.Accounts(ctx, "thief")
		sessions, err2 := s.Sessions(ctx, "thief", "a-1")
		tokens, err3 := s.APITokens(ctx, "thief")
		used, err4 := s.TokensUsed(ctx, "thief")
		if err := errors.Join(err, err2, err3, err4); err != nil || len(accounts)+len(sessions)+len(tokens)+len(used) != 0 {
			t.Errorf("lists: got %d, %d, %d, %d, %v; want nothing", len(accounts), len(sessions), len(tokens), len(used), err)
		}
		within(t, s, "thief", func(ctx context.Context, tx record.Tx) error {
			_, err := s.AccountOf(ctx, tx, "anna")
			nothing("account of login", err)
			_, err = s.PasswordHash(ctx, tx, "a-1")
			nothing("password hash", err)
			nothing("remove password hash", s.SetPasswordHash(ctx, tx, "a-1", ""))
			_, err = s.TakeLink(ctx, tx, []byte("link"))
			nothing("take link", err)
			nothing("prove session", s.ProveSession(ctx, tx, "s-1", 200))
			nothing("end session", s.EndSession(ctx, tx, "a-1", "s-1"))
			nothing("drop token", s.DropTokenDigest(ctx, tx, "k-1"))
			owners, err := s.CountOwners(ctx, tx)
			ended, err2 := s.EndSessions(ctx, tx, "a-1", "")
			y, err3 := s.Tally(ctx, tx, "all")
			if owners != 0 || ended != 0 || y != (access.Tally{Key: "all"}) {
				t.Errorf("got %d owners, %d sessions, %+v; want nothing", owners, ended, y)
			}
			return errors.Join(err, err2, err3, s.TouchSession(ctx, tx, "s-1", 200), s.TouchToken(ctx, tx, "k-1", 200),
				s.DropLinks(ctx, tx, access.Recover, "a-1"), s.Sweep(ctx, tx, access.Cutoffs{Now: 999, Created: 999, Seen: 999, Missed: 999, Good: 999}))
		})
		checkAccess(t, s, "main")
	})
}

func TestAccessRollsBack(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		s := storetest.Open(t, url, storetest.NewKey(t), nil)
		fillAccess(t, s, 100, "main")
		refused := errors.New("refused")
		err := s.Update(t.Context(), record.Who{Tenant: "main", Actor: record.System}, func(ctx context.Context, tx record.Tx) error {
			_, taken := s.TakeLink(ctx, tx, []byte("link"))
			return errors.Join(taken, s.EndSession(ctx, tx, "a-1", "s-1"), s.DropTokenDigest(ctx, tx, "k-1"),
				s.SetPasswordHash(ctx, tx, "a-1", "x"), s.SaveTally(ctx, tx, access.Tally{Key: "all"}), refused)
		})
		if !errors.Is(err, refused) {
			t.Fatal(err)
		}
		checkAccess(t, s, "main")
	})
}

func TestSweepAccess(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
		now := at
		s := storetest.Open(t, url, storetest.NewKey(t), func() time.Time { return now })
		door := access.NewDoor(s, access.Options{Now: func() time.Time { return now }})
		fillAccess(t, s, at.UnixMicro(), "main")
		left := func() (links, sessions, tallies int) {
			if _, err := s.Link(t.Context(), "main", []byte("link")); err == nil {
				links++
			}
			if _, err := s.Session(t.Context(), "main", []byte("session")); err == nil {
				sessions++
			}
			within(t, s, "main", func(ctx context.Context, tx record.Tx) error {
				y, err := s.Tally(ctx, tx, "all")
				if y.Failures != 0 {
					tallies++
				}
				return err
			})
			return links, sessions, tallies
		}
		for _, step := range []struct {
			after                    time.Duration
			links, sessions, tallies int
		}{
			{-time.Second, 1, 1, 1},
			{0, 0, 1, 1},
			{12*time.Hour - time.Second, 0, 1, 1},
			{12 * time.Hour, 0, 0, 1},
			{90*24*time.Hour - time.Second, 0, 0, 1},
			{90 * 24 * time.Hour, 0, 0, 0},
		} {
			now = at.Add(step.after)
			if err := door.Sweep(t.Context(), "main"); err != nil {
				t.Fatal(err)
			}
			if l, n, y := left(); l != step.links || n != step.sessions || y != step.tallies {
				t.Errorf("after %s: got %d links, %d sessions, %d tallies; want %d, %d, %d", step.after, l, n, y, step.links, step.sessions, step.tallies)
			}
		}
	})
}
