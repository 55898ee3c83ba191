package card_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stanch/stanch/card"
	"github.com/stanch/stanch/card/cardtest"
)

func TestMaskText(t *testing.T) {
	pan := cardtest.Number(card.Visa, 16, 3)
	masked := card.Mask([]byte(pan))
	wide := strings.Map(func(r rune) rune { return r - '0' + '０' }, pan)
	old := "62" + strings.Repeat("1234567", 2) + "890"
	tests := []struct{ name, in, want string }{
		{"none", "backup-2026-11-22.log", "backup-2026-11-22.log"},
		{"path", "/a/" + pan + ".txt", "/a/" + masked + ".txt"},
		{"glued", "card" + pan + "x", "card" + masked + "x"},
		{"two", pan + "," + pan, masked + "," + masked},
		{"in a longer run", "20" + pan, "20" + masked},
		{"spaces", pan[:4] + " " + pan[4:8] + " " + pan[8:12] + " " + pan[12:], pan[:4] + " " + pan[4:6] + "** **** " + pan[12:]},
		{"dashes", pan[:4] + "-" + pan[4:8] + "-" + pan[8:12] + "-" + pan[12:], pan[:4] + "-" + pan[4:6] + "**-****-" + pan[12:]},
		{"underscores", "scan_" + pan[:8] + "_" + pan[8:] + ".png", "scan_" + pan[:6] + "**_****" + pan[12:] + ".png"},
		{"date before", "2026-11-22 " + pan, "2026-11-22 " + masked},
		{"full width", "卡" + wide, "卡" + wide[:18] + "******" + wide[36:]},
		{"unionpay without check digit", old, card.Mask([]byte(old))},
		{"masked", masked, masked},
		{"broken text", "\xff" + pan + "\xfe", "\xff" + masked + "\xfe"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := card.MaskText(tt.in); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			if got, want := card.HoldsPAN(tt.in), tt.in != tt.want; got != want {
				t.Errorf("got HoldsPAN %v, want %v", got, want)
			}
		})
	}
}

func TestMaskTextHidesAll(t *testing.T) {
	for brand, sizes := range brands {
		for _, size := range sizes {
			for n := range uint64(50) {
				pan := cardtest.Number(brand, size, n)
				if got := card.MaskText("x-" + pan + "-2026"); strings.Contains(got, pan[4:size-2]) || card.HoldsPAN(got) {
					t.Errorf("%s of %d digits: got %q", brand, size, got)
				}
			}
		}
	}
}

// Long hostile names may not take quadratic time: this runs for minutes then.
func TestMaskTextIsLinear(t *testing.T) {
	for _, long := range []string{strings.Repeat("4", 1<<18), strings.Repeat("4444 ", 1<<16), strings.Repeat("62", 1<<17)} {
		if got := card.MaskText(long); len(got) != len(long) || card.HoldsPAN(got) {
			t.Errorf("got %d bytes of %d, or a number is left", len(got), len(long))
		}
	}
}

// FuzzMask expects that masking leaves no number, is the same when done again,
// and touches digits only.
func FuzzMask(f *testing.F) {
	pan := cardtest.Number(card.Visa, 16, 3)
	for _, seed := range []string{"", pan, pan[:4] + " " + pan[4:], pan + pan, "４" + pan[1:], strings.Repeat("4444-", 9), "a\xff" + pan + "\xc3"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := card.MaskText(s)
		if card.HoldsPAN(got) || card.MaskText(got) != got {
			t.Fatalf("a number is left")
		}
		if card.HoldsPAN(s) == (got == s) {
			t.Errorf("HoldsPAN and MaskText disagree")
		}
		plain := func(r rune) rune {
			if r == '*' || r >= '0' && r <= '9' || r >= '０' && r <= '９' {
				return '*'
			}
			return r
		}
		if utf8.ValidString(s) && strings.Map(plain, got) != strings.Map(plain, s) {
			t.Errorf("more than digits changed")
		}
		card.Mask([]byte(s))
	})
}
