//go:build linux

package main

import (
	"context"
	"testing"
)

// TestPeakOf wants the size of the child and not of this process.
func TestPeakOf(t *testing.T) {
	big := make([]byte, 64*mebi)
	for i := 0; i < len(big); i += 4096 {
		big[i] = 1
	}
	peak, err := peakOf(t.Context(), "echo", "word")
	if err != nil {
		t.Fatal(err)
	}
	if peak <= 0 || peak > 32*mebi {
		t.Errorf("peak of echo: got %d bytes, want more than none and less than this process holds (%d)", peak, len(big))
	}
	if _, err := peakOf(t.Context(), "true"); err == nil {
		t.Error("a program without output: got no error")
	}
}

func TestSpend(t *testing.T) {
	u, err := spend(t.Context(), "sh", "-c", "exit 3")
	if err != nil || u.code != 3 || u.wall <= 0 {
		t.Errorf("exit 3: got %+v, %v", u, err)
	}
	if _, err := spend(t.Context(), "no-such-program"); err == nil {
		t.Error("a program that is not there: got no error")
	}
	if _, err := alternate(context.Background(), 1, []int{0}, []string{"false"}); err == nil {
		t.Error("a program that fails: got no error")
	}
}
