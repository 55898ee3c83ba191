package main

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"testing"

	"github.com/stanch/stanch/card"
	"github.com/stanch/stanch/card/cardtest"
)

func TestLogHoldsNoNumber(t *testing.T) {
	number := cardtest.Number(card.Visa, 16, 1)
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	log := newLog(&out, slog.LevelInfo)
	log.Info("card "+number, "text", number, "count", n, "list", []string{number})
	log.With("with", number).WithGroup("g").Error("failed", "err", fmt.Errorf("read case:%s: %w", number, errors.New("gone")), number, 1)
	if strings.Contains(out.String(), number) {
		t.Errorf("the log holds the number: %s", strings.ReplaceAll(out.String(), number, "NUMBER"))
	}
	for _, want := range []string{"level=INFO", "time=20", "411111", "err=\"read case:", "gone"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the log lacks %q: %s", want, out.String())
		}
	}
}
