package main

import (
	"fmt"
	"io"
	"log/slog"

	"github.com/stanch/stanch/card"
)

// newLog returns the log of the centre. Whatever is written to it, a card
// number in it is masked: an error may quote what somebody typed.
func newLog(w io.Writer, level slog.Leveler) *slog.Logger {
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: level, ReplaceAttr: maskAttr}))
}

func maskAttr(groups []string, a slog.Attr) slog.Attr {
	if len(groups) == 0 && a.Key == slog.TimeKey {
		return a
	}
	a.Key = card.MaskText(a.Key)
	switch a.Value.Kind() {
	case slog.KindString, slog.KindInt64, slog.KindUint64, slog.KindAny:
		text := fmt.Sprint(a.Value.Any())
		if masked := card.MaskText(text); masked != text {
			a.Value = slog.StringValue(masked)
		}
	}
	return a
}
