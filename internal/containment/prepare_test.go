package containment_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/stanch/stanch/internal/containment"
	"github.com/stanch/stanch/internal/finding"
	"github.com/stanch/stanch/internal/store/storetest"
	"github.com/stanch/stanch/internal/tenant"
)

// surveyor looks at files in no time, and fails at one of them.
type surveyor struct {
	containment.Actuator
	fails string
	seen  *uint64
}

var errLook = errors.New("cannot look")

func (s surveyor) Inspect(_ context.Context, at containment.Where, _ containment.Mode) (containment.Inspection, error) {
	if at.Path == s.fails {
		return containment.Inspection{}, errLook
	}
	*s.seen++
	return containment.Inspection{Print: containment.Fingerprint{Inode: *s.seen}}, nil
}

func TestPrepareCutsWhatOnePlanCannotHold(t *testing.T) {
	s, ctx := newSite(t, storetest.URL(t, "sqlite")), t.Context()
	var names []string
	for n := range 2*containment.MaxTargets + 1 {
		names = append(names, fmt.Sprintf("%04d.log", n))
	}
	ids, id, err := s.plant(ctx, names...)
	check(t, err)
	draft := containment.Draft{Case: id, Action: containment.Lock, Mode: containment.Remove, Findings: ids}
	if _, err := s.Draft(ctx, s.person("anna"), draft); !errors.Is(err, containment.ErrDraft) {
		t.Errorf("got %v for a plan over too many files, want %v", err, containment.ErrDraft)
	}
	look := surveyor{s.Files, s.root + "/1000.log", new(uint64)}
	s.Files = look
	if _, err := s.Prepare(ctx, s.person("anna"), draft); !errors.Is(err, errLook) {
		t.Errorf("got %v, want %v", err, errLook)
	}
	if dead, err := s.store.PlansIn(ctx, tenant.Default, containment.Drafted, containment.DryRun); err != nil || len(dead) != 0 {
		t.Errorf("got %d plans, %v; want none left of what failed", len(dead), err)
	}
	look.fails = ""
	s.Files = look
	plans, err := s.Prepare(ctx, s.person("anna"), draft)
	check(t, err)
	covered := map[finding.ID]bool{}
	var sizes []int
	for _, plan := range plans {
		wantState(t, plan, nil, containment.DryRun)
		sizes = append(sizes, len(plan.Terms.Targets))
		for _, target := range plan.Terms.Targets {
			for _, id := range target.Findings {
				covered[id] = true
			}
		}
	}
	if got := fmt.Sprint(sizes); got != "[500 500 1]" || len(covered) != len(ids) {
		t.Errorf("got plans over %s files and %d findings, want all %d", got, len(covered), len(ids))
	}
}
