package store_test

import (
	"context"
	"strings"
	"testing"

	"github.com/stanch/stanch/internal/casefile"
	"github.com/stanch/stanch/internal/finding"
	"github.com/stanch/stanch/internal/record"
	"github.com/stanch/stanch/internal/store/storetest"
	"github.com/stanch/stanch/internal/tenant"
)

func TestCountsOfTheOverview(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		s := storetest.Open(t, url, storetest.NewKey(t), nil)
		desk := newDesk(t, s)
		system := record.Who{Tenant: tenant.Default, Actor: record.System}
		batch := casefile.Batch{Seen: []finding.Seen{seen("/pos", "/pos/logs/a.log", 60), seen("/pos", "/pos/logs/b.log", 70), seen("/pos", "/pos/notes/c.txt", 1)}}
		if err := desk.Take(t.Context(), system, batch); err != nil {
			t.Fatal(err)
		}
		want := func(when string, unseen, inCases, loose int64) {
			t.Helper()
			if got, err := s.CountUnseen(t.Context(), tenant.Default); err != nil || got != unseen {
				t.Errorf("%s: got %d unseen, %v; want %d", when, got, err, unseen)
			}
			a, b, err := s.CountLying(t.Context(), tenant.Default)
			if err != nil || a != inCases || b != loose {
				t.Errorf("%s: got %d in cases and %d loose, %v; want %d and %d", when, a, b, err, inCases, loose)
			}
		}
		want("at first", 1, 2, 1)
		cleaned := batch.Seen[0].Place.ID()
		if err := desk.Take(t.Context(), system, casefile.Batch{Settled: map[finding.ID]finding.State{cleaned: finding.Clean}}); err != nil {
			t.Fatal(err)
		}
		want("one clean", 1, 1, 1)
		id, err := desk.Store.Read(t.Context(), tenant.Default, batch.Seen[1].Place.ID().Subject())
		if err != nil {
			t.Fatal(err)
		}
		c := casefile.ID(id.(*finding.Finding).Case)
		if err := desk.See(t.Context(), anna, c); err != nil {
			t.Fatal(err)
		}
		want("seen", 0, 1, 1)
		if err := desk.RuleOut(t.Context(), anna, c, "test data"); err != nil {
			t.Fatal(err)
		}
		want("ruled out", 0, 0, 1)
		if unseen, err := s.CountUnseen(t.Context(), "other"); err != nil || unseen != 0 {
			t.Errorf("another tenant: got %d unseen, %v; want 0", unseen, err)
		}
	})
}

// TestReadQuotesNoID reads with a context that has ended: the id may be what
// somebody typed, and errors go to the log.
func TestReadQuotesNoID(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		s := storetest.Open(t, url, storetest.NewKey(t), nil)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := s.Read(ctx, tenant.Default, casefile.ID("typed-text").Subject())
		if err == nil || strings.Contains(err.Error(), "typed-text") {
			t.Errorf("got %v, want an error without the id", err)
		}
	})
}
