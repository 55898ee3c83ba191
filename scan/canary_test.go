package scan

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/stanch/stanch/card"
	"github.com/stanch/stanch/card/cardtest"
)

// A match may not print its digits, in whatever it is wrapped.
func TestMatchHidesDigits(t *testing.T) {
	pan := cardtest.Number(card.UnionPay, 19, 77)
	type outer struct {
		Match Match
		Ref   *Match
	}
	type closed struct{ inner *Match }
	var out bytes.Buffer
	calls := 0
	s := New(Options{}, func(m *Match) {
		calls++
		if string(m.Digits) != pan {
			t.Errorf("got other digits in the call than in the stream")
		}
		o := outer{*m, m}
		for _, v := range []any{m, *m, o, &o, []Match{*m}, map[string]Match{"k": *m}, []*Match{m}} {
			for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x"} {
				fmt.Fprintf(&out, verb+"\n", v)
			}
			for _, verb := range []string{"%v", "%+v", "%#v"} {
				fmt.Fprintf(&out, verb+"\n", closed{m})
			}
			if err := json.NewEncoder(&out).Encode(v); err != nil {
				t.Errorf("encode: %v", err)
			}
		}
		xml.NewEncoder(&out).Encode(m.Class)
		slog.New(slog.NewTextHandler(&out, nil)).Info("m", "m", m, "v", *m, "o", o)
		slog.New(slog.NewJSONHandler(&out, nil)).Info("m", "m", m, "v", *m, "o", o)
	})
	s.Write([]byte("卡号 " + pan + " 安全码 123"))
	s.Close()
	if calls != 1 || !strings.Contains(out.String(), card.Mask([]byte(pan))) {
		t.Fatalf("got %d calls, and no masked form in %s", calls, &out)
	}
	for _, form := range []string{pan, pan[6:15], fmt.Sprintf("%x", pan), strings.Trim(fmt.Sprint([]byte(pan)), "[]")} {
		if strings.Contains(out.String(), form) {
			t.Errorf("digits show as %q", form[:6])
		}
	}
}

// A match kept by mistake holds nothing, and neither does the scanner.
func TestDigitsAreWiped(t *testing.T) {
	var kept []Match
	s := New(Options{}, func(m *Match) { kept = append(kept, *m) })
	s.Write([]byte("pan=" + visa(1) + "\n\npan=" + visa(2)))
	s.Close()
	for _, m := range kept {
		if strings.Trim(string(m.Digits), "\x00") != "" {
			t.Errorf("digits are there after the call")
		}
	}
	if len(kept) != 2 || bytes.ContainsAny(s.window[:cap(s.window)], "0123456789") || s.digits != [maxRun]byte{} {
		t.Errorf("got %d matches, and the scanner keeps digits", len(kept))
	}
}
