package containment

import "testing"

// TestMoves walks every pair of states against a table written out by hand,
// one row for each state, one column for each next state, in the order of
// States.
func TestMoves(t *testing.T) {
	want := map[State]string{
		//            draft dry req app exe ver act rb rbd perm fail leak void exp
		Drafted:     ".x..........xx",
		DryRun:      ".xx.........xx",
		Requested:   ".xxx........xx",
		Approved:    ".x..x.......xx",
		Executing:   ".....x....xxx.",
		Verified:    "......x....x..",
		Active:      "......xx.x.x..",
		RollingBack: ".......xx..x..",
		RolledBack:  "..............",
		Permanent:   ".......x.x.x..",
		FailedPlan:  "..............",
		Leaking:     ".....x.x...x..",
		Void:        "..............",
		Expired:     "..............",
	}
	for _, from := range States() {
		over := true
		for i, to := range States() {
			allowed := want[from][i] == 'x'
			over = over && !allowed
			if got := from.To(to); got != allowed {
				t.Errorf("%s to %s: got %v, want %v", from, to, got, allowed)
			}
		}
		if from.Over() != over {
			t.Errorf("%s: got over %v, want %v", from, from.Over(), over)
		}
	}
	if len(want) != len(States()) {
		t.Errorf("got %d states, want %d", len(States()), len(want))
	}
}
