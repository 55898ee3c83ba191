package containment_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/stanch/stanch/card/cardtest"
	"github.com/stanch/stanch/internal/casefile"
	"github.com/stanch/stanch/internal/containment"
	"github.com/stanch/stanch/internal/record"
	"github.com/stanch/stanch/internal/store/storetest"
)

// A brokenCustody seals nothing and says why.
type brokenCustody struct {
	containment.Custody
	err error
}

func (b brokenCustody) Seal(context.Context, record.Who, casefile.Original) (casefile.ExhibitID, error) {
	return "", b.err
}

// TestCauseIsLogged fails a seal for a reason that the plan has no word for.
func TestCauseIsLogged(t *testing.T) {
	s, ctx := newSite(t, storetest.URL(t, "sqlite")), t.Context()
	var log bytes.Buffer
	s.Log = slog.New(slog.NewTextHandler(&log, nil))
	ids, id, err := s.plant(ctx, "a.log")
	check(t, err)
	plan, err := s.approved(ctx, containment.Draft{Case: id, Action: containment.Lock, Mode: containment.Remove, Findings: ids})
	check(t, err)
	number := cardtest.Number("visa", 16, 5)
	s.Custody = brokenCustody{s.Custody, fmt.Errorf("write slip-%s: %w", number, errors.New("the disk is on fire"))}
	plan, err = s.Execute(ctx, s.person("anna"), plan.ID, "")
	wantState(t, plan, err, containment.FailedPlan)
	text := log.String()
	if strings.Count(text, "\n") != 1 || !strings.Contains(text, string(plan.ID)) || !strings.Contains(text, "step=seal") ||
		!strings.Contains(text, "the disk is on fire") || strings.Contains(text, number) {
		t.Errorf("got %q, want one line with plan, step and cause, and without the number", text)
	}
}
