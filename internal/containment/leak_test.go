package containment

import "testing"

func TestLeak(t *testing.T) {
	good := []ProbeResult{{Probe: PlaceClean, OK: true}}
	tests := []struct {
		name    string
		action  Action
		results []Result
		probes  []ProbeResult
		want    string
	}{
		{"all taken", Lock, []Result{{Step: Taken}}, good, ""},
		{"no probe", Lock, []Result{{Step: Taken}}, nil, FaultInternal},
		{"probe failed", Lock, []Result{{Step: Taken}}, []ProbeResult{{Fault: FaultStillThere}}, FaultStillThere},
		{"one restored", Lock, []Result{{Step: Restored}, {Step: Taken}}, good, FaultInternal},
		{"one restored, one failed", Lock, []Result{{Step: Restored}, {Step: Failed, Fault: FaultSeal}, {Step: Taken}}, good, FaultSeal},
		{"seal missed one", Seal, []Result{{Step: Sealed}, {Step: Failed, Fault: FaultGone}}, good, ""},
		{"undo", Undo, []Result{{Step: Restored}}, []ProbeResult{{Probe: RestoredBit, OK: true}}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			plan := &Plan{Terms: Terms{Action: tt.action}, Results: tt.results, Probes: tt.probes}
			if got := plan.leak(); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
