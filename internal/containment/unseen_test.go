package containment_test

import (
	"context"
	"slices"
	"testing"

	"github.com/stanch/stanch/internal/containment"
	"github.com/stanch/stanch/internal/store/storetest"
)

// A shortSighted actuator cannot look into some processes.
type shortSighted struct {
	containment.Actuator
	unseen int
}

func (a shortSighted) Inspect(ctx context.Context, at containment.Where, mode containment.Mode) (containment.Inspection, error) {
	seen, err := a.Actuator.Inspect(ctx, at, mode)
	seen.Unseen = a.unseen
	return seen, err
}

// TestUnseenProcessesCost plans a lock where a process may write unseen.
func TestUnseenProcessesCost(t *testing.T) {
	for _, unseen := range []int{0, 3} {
		s, ctx := newSite(t, storetest.URL(t, "sqlite")), t.Context()
		s.Files = shortSighted{s.Files, unseen}
		ids, id, err := s.plant(ctx, "a.log")
		check(t, err)
		plan, err := s.Draft(ctx, s.person("anna"), containment.Draft{Case: id, Action: containment.Lock, Mode: containment.Remove, Findings: ids})
		check(t, err)
		plan, err = s.DryRun(ctx, s.person("anna"), plan.ID)
		check(t, err)
		if got := slices.Contains(plan.Report.Lost, containment.LostAfter); got != (unseen > 0) {
			t.Errorf("got %v among what is lost with %d processes unseen", plan.Report.Lost, unseen)
		}
	}
}
