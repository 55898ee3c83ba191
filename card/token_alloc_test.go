//go:build !race

// The race detector makes pools forget on purpose, so this is not for it.

package card_test

import (
	"testing"

	"github.com/stanch/stanch/card"
	"github.com/stanch/stanch/card/cardtest"
)

func TestTokenAllocates(t *testing.T) {
	tok, pan := tokenizer(t, "k", 1), []byte(cardtest.Number(card.Visa, 16, 1))
	if got := testing.AllocsPerRun(200, func() { tok.Token("tenant", pan) }); got > 1 {
		t.Errorf("got %v allocations a token, want 1", got)
	}
}
