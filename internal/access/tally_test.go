package access

import (
	"testing"
	"time"
)

func TestMissWaits(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	var y Tally
	var got []time.Duration
	for range 16 {
		y.miss(now, freePair)
		wait := time.Duration(0)
		if y.Until != 0 {
			wait = time.UnixMicro(y.Until).Sub(now)
		}
		got = append(got, wait)
		now = now.Add(wait)
	}
	s := time.Second
	want := []time.Duration{0, 0, 0, 0, 0, 2 * s, 4 * s, 8 * s, 16 * s, 32 * s, 64 * s, 128 * s, 256 * s, 300 * s, 300 * s, 300 * s}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("failure %d: got a wait of %s, want %s", i+1, got[i], want[i])
		}
	}
	if y.miss(now.Add(forgetAfter+s), freePair); y.Failures != 1 || y.Until != 0 {
		t.Errorf("after an hour: got %+v, want a fresh start", y)
	}
}

// TestKnownIsNotHeldUp checks that what others do holds nobody up where that
// person signed in before.
func TestKnownIsNotHeldUp(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	soon := now.Add(30 * time.Second).UnixMicro()
	busy := guess{address: Tally{Until: soon}, all: Tally{Failures: perMinute, Until: soon}}
	if got := busy.wait(now); got != 30*time.Second {
		t.Errorf("stranger: got %s, want 30s", got)
	}
	busy.pair.Good = now.Add(-day).UnixMicro()
	if got := busy.wait(now); got != 0 {
		t.Errorf("known: got %s, want no wait", got)
	}
	busy.pair.Good = now.Add(-knownFor - day).UnixMicro()
	if got := busy.wait(now); got != 30*time.Second {
		t.Errorf("known long ago: got %s, want 30s", got)
	}
	busy.pair = Tally{Good: now.UnixMicro(), Until: soon}
	if got := busy.wait(now); got != 30*time.Second {
		t.Errorf("known, but guessing: got %s, want 30s", got)
	}
	calm := guess{all: Tally{Failures: perMinute - 1, Until: soon}}
	if got := calm.wait(now); got != 0 {
		t.Errorf("under the cap: got %s, want no wait", got)
	}
}
