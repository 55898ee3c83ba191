package config

import (
	"strings"
	"testing"

	"github.com/stanch/stanch/card"
	"github.com/stanch/stanch/card/cardtest"
)

// TestWatchHoldsNumber names a folder after a card.
func TestWatchHoldsNumber(t *testing.T) {
	dir, number := t.TempDir(), cardtest.Number(card.Visa, 16, 7)
	c := &Config{Data: dir + "/data", Keys: dir + "/keys", Watch: []Root{{Path: dir + "/pos"}}}
	if err := c.Complete(); err != nil {
		t.Fatal(err)
	}
	c.Watch = append(c.Watch, Root{Path: dir + "/slips-" + number})
	err := c.Complete()
	if err == nil || !strings.HasPrefix(err.Error(), "watch: ") || strings.Contains(err.Error(), number) {
		t.Errorf("got %v, want it refused, the key named and the number not", err)
	}
}
