package store_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/stanch/stanch/internal/casefile"
	"github.com/stanch/stanch/internal/finding"
	"github.com/stanch/stanch/internal/record"
	"github.com/stanch/stanch/internal/store"
	"github.com/stanch/stanch/internal/store/storetest"
	"github.com/stanch/stanch/internal/tenant"
)

// TestEvidenceIsOfTheCase answers a gate with things that prove it and with
// things that do not.
func TestEvidenceIsOfTheCase(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		s := storetest.Open(t, url, storetest.NewKey(t), nil)
		desk := newDesk(t, s)
		ctx := t.Context()
		batch := casefile.Batch{Seen: []finding.Seen{seen("/pos", "/pos/a/x.log", 60), seen("/shop", "/shop/b/y.log", 70)}}
		if err := desk.Take(ctx, record.Who{Tenant: tenant.Default, Actor: record.System}, batch); err != nil {
			t.Fatal(err)
		}
		cases, err := s.Cases(ctx, tenant.Default, store.CaseFilter{})
		if err != nil || len(cases) != 2 {
			t.Fatalf("got %d cases, %v; want 2", len(cases), err)
		}
		proofs := func(c *casefile.Case) (note, found string) {
			if err := desk.Note(ctx, anna, c.ID, "seen by the till", "", time.Time{}); err != nil {
				t.Fatal(err)
			}
			c, err := desk.Case(ctx, tenant.Default, c.ID)
			if err != nil {
				t.Fatal(err)
			}
			all, err := s.Findings(ctx, tenant.Default, store.FindingFilter{Case: c.ID})
			if err != nil || len(all) != 1 {
				t.Fatalf("got %d findings, %v; want 1", len(all), err)
			}
			return c.Notes[0].ID, string(all[0].ID)
		}
		note, found := proofs(cases[0])
		otherNote, otherFound := proofs(cases[1])
		answer := func(evidence ...string) error {
			m := casefile.Marked{What: "gate", Item: "source_found", State: "found_proved", Reason: "x", Evidence: evidence}
			return desk.Mark(ctx, anna, cases[0].ID, m, time.Time{})
		}
		for _, bad := range []string{"x", uuid.Must(uuid.NewV7()).String(), otherNote, otherFound, string(cases[0].ID)} {
			if err := answer(note, bad); !errors.Is(err, casefile.ErrEvidence) {
				t.Errorf("%s: got %v, want ErrEvidence", bad, err)
			}
		}
		for _, good := range []string{note, found} {
			if err := answer(good); err != nil {
				t.Errorf("%s: got %v, want it taken", good, err)
			}
		}
	})
}
