package access_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stanch/stanch/internal/access"
	"github.com/stanch/stanch/internal/store/storetest"
)

// inBubble opens a door whose clock is that of the test's bubble.
func inBubble(t *testing.T, test func(t *testing.T, l lobby)) {
	t.Helper()
	url := storetest.URL(t, "sqlite")
	synctest.Test(t, func(t *testing.T) {
		l := lobby{store: storetest.Open(t, url, storetest.NewKey(t), nil), url: url}
		l.Door = access.NewDoor(l.store, access.Options{Cost: cheap})
		test(t, l)
	})
}

func TestSessionIdles(t *testing.T) {
	inBubble(t, func(t *testing.T, l lobby) {
		visit := l.owner(t)
		for range 5 { // used now and then, it stays
			time.Sleep(11 * time.Hour)
			if _, err := l.Resume(t.Context(), house, visit.Secret); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(12*time.Hour - time.Minute)
		if _, err := l.Resume(t.Context(), house, visit.Secret); err != nil {
			t.Errorf("a minute before twelve hours: %v", err)
		}
		time.Sleep(12 * time.Hour)
		_, err := l.Resume(t.Context(), house, visit.Secret)
		wants(t, "after twelve idle hours", err, access.ErrSession)
	})
}

func TestSessionEndsAfterAWeek(t *testing.T) {
	inBubble(t, func(t *testing.T, l lobby) {
		visit := l.owner(t)
		for range 7*4 - 1 {
			time.Sleep(6 * time.Hour)
			if _, err := l.Resume(t.Context(), house, visit.Secret); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(6 * time.Hour)
		_, err := l.Resume(t.Context(), house, visit.Secret)
		wants(t, "after a week of use", err, access.ErrSession)
		if all, err := l.Sessions(t.Context(), access.Socket(house), visit.Principal.Account); err != nil || len(all) != 0 {
			t.Errorf("got %d sessions, %v; want none", len(all), err)
		}
	})
}

func TestTokenExpires(t *testing.T) {
	inBubble(t, func(t *testing.T, l lobby) {
		owner := l.owner(t).Principal
		bearer, _, err := l.IssueToken(t.Context(), owner, access.Auditor, "reader", time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(365*24*time.Hour - time.Second)
		if _, err := l.Authenticate(t.Context(), house, bearer); err != nil {
			t.Errorf("on the last day: %v", err)
		}
		time.Sleep(time.Second)
		_, err = l.Authenticate(t.Context(), house, bearer)
		wants(t, "after a year", err, access.ErrToken)
	})
}

func TestPresenceRunsOut(t *testing.T) {
	inBubble(t, func(t *testing.T, l lobby) {
		visit := l.owner(t)
		p, err := l.ProvePresence(t.Context(), visit.Principal, passOne, shopAddr)
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(4 * time.Minute)
		wants(t, "after four minutes", p.Allow(access.ApprovePlan, time.Now()), nil)
		time.Sleep(time.Minute)
		wants(t, "after five minutes", p.Allow(access.ApprovePlan, time.Now()), access.ErrPresence)
	})
}
