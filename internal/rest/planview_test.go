package rest

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stanch/stanch/internal/approval"
	"github.com/stanch/stanch/internal/containment"
	"github.com/stanch/stanch/internal/evidence"
)

// TestTimesAreReadable looks for a raw time in what the API shows of plans and
// exhibits. Only the terms, which are hashed, keep theirs.
func TestTimesAreReadable(t *testing.T) {
	const at = 1_760_000_000_000_000 // Unix microseconds
	plan := &containment.Plan{
		ID: "p", Terms: containment.Terms{Expires: at}, Report: containment.Report{At: at, Files: 3}, Drafted: at, Requested: at, Begun: at, Verified: at,
		Active: at, Ends: at, Ended: at, Approvals: []approval.Approval{{Hash: "h", Person: "a", At: at, Method: "password"}},
		Results: []containment.Result{{Step: containment.Taken, At: at}}, Probes: []containment.ProbeResult{{OK: true, At: at}},
	}
	a := &API{Deps: Deps{Planner: &containment.Planner{}}}
	exhibit := &evidence.Exhibit{ID: "x", SealedAt: at, DestroyBy: at, Destroyed: at, Events: []evidence.Event{{What: "sealed", By: "a", At: at}}}
	for name, view := range map[string]any{"plan": a.showPlan(plan), "exhibit": showExhibit(exhibit)} {
		raw, err := json.Marshal(view)
		if err != nil {
			t.Fatal(err)
		}
		var shown map[string]any
		if err := json.Unmarshal(raw, &shown); err != nil {
			t.Fatal(err)
		}
		delete(shown, "terms")
		text := fmt.Sprint(shown)
		if strings.Contains(text, "e+15") {
			t.Errorf("%s: got a raw time in %s", name, text)
		}
		want := map[string]int{"plan": 12, "exhibit": 4}[name]
		if got := strings.Count(text, "2025-10-09T"); got != want {
			t.Errorf("%s: got %d times, want %d in %s", name, got, want, text)
		}
	}
}
