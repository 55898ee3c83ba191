package carrier

import (
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stanch/stanch/card"
	"github.com/stanch/stanch/card/cardtest"
	"github.com/stanch/stanch/scan"
)

// cardNumbers are cut in pieces that must not be joined.
func cardNumbers(n uint64) []string {
	return []string{pan(n), cardtest.Series2(n), cardtest.Number(card.UnionPay, 19, n), cardtest.Number(card.Amex, 15, n)}
}

// What only looks like one number in pieces is none.
func TestFoldQuiet(t *testing.T) {
	number := pan(3)
	half, rest := number[:8], number[8:]
	list := func(n int, line func(i uint64) string) string {
		var b strings.Builder
		for i := range uint64(n) {
			b.WriteString(line(i))
		}
		return b.String()
	}
	r := rand.New(rand.NewPCG(2, 2))
	tests := []struct{ name, text string }{
		{"plain", "card " + number + "\n" + fours(number, " ") + "\n"},
		{"plain in tags", "<b>" + number + "</b><td>" + number + "</td>&nbsp;" + number + "&nbsp;"},
		{"plain in colours", "\x1b[31m" + number + "\x1b[0m"},
		{"cells", "<td>" + half + "</td><td>" + rest + "</td>"},
		{"cells in bold", "<td><b>" + half + "</b></td><td><b>" + rest + "</b></td>"},
		{"rows", "<tr>" + half + "</tr><tr>" + rest + "</tr>"},
		{"paragraphs", "<p>" + half + "</p><p>" + rest + "</p>"},
		{"lines", half + "<br>" + rest + half + "<br/>" + rest},
		{"list items", "<li>" + half + "<li>" + rest},
		{"blocks", "<div>" + half + "</div><div>" + rest + "</div>"},
		{"unknown tags", "<a1>" + half + "</a1><n>" + half + "</n><n>" + rest + "</n>"},
		{"word paragraphs", "<w:t>" + half + "</w:t></w:r></w:p><w:p><w:r><w:t>" + rest + "</w:t>"},
		{"word tab", half + "<w:tab/>" + rest},
		{"card and a code", number + "<span>123</span>" + number + "&nbsp;123"},
		{"other entity", half + "&lt;" + rest + half + "&#44;" + rest},
		{"other escape", half + "%2C" + rest + half + `\u002c` + rest + half + "%0A" + rest},
		{"newline escape", half + `\n` + rest},
		{"query", "a=" + half + "&b=" + rest + "&c=" + half + "=" + rest},
		{"sum", half + "++" + rest + half + " + " + rest},
		{"pan after =", "pan=" + number + "\nx=3411111\n"},
		{"track", cardtest.Track2(number, 4) + "\n;" + number + "=2012101123456?\n"},
		{"one a line", list(40, func(i uint64) string { return pan(i) + "\n" })},
		{"halves of a card", list(40, func(i uint64) string { return pan(i)[:8] + "\n" + pan(i)[8:] + "\n" })},
		{"rows of fours", list(40, func(i uint64) string { return fours(pan(i)[:8], " ") + "\n" + fours(pan(i)[8:], " ") + "\n" })},
		{"halves in rows", list(40, func(i uint64) string { return "a,x," + pan(i)[:8] + "\n" + pan(i)[8:] + ",y,x," + pan(i)[:8] + "\n" })},
		{"csv", list(40, func(i uint64) string { return fmt.Sprintf("%s,shop,%s\n", pan(i + 1)[10:], pan(i)[:10]) })},
		{"log of ids", list(40, func(i uint64) string { return fmt.Sprintf("%s start job=%s\n", pan(i + 1)[8:], pan(i)[:8]) })},
		{"times at line ends", list(40, func(i uint64) string { return fmt.Sprintf("2026-11-22 10:%02d:00 took %s\n", i, pan(i)[:12]) })},
		{"addresses", list(60, func(i uint64) string { return fmt.Sprintf("41.%d.12.%d\n", i, 100+i) })},
		{"log of addresses", list(60, func(i uint64) string { return fmt.Sprintf("41.1.1.%d - - 200 41111111%04d\n", i, i) })},
		{"epochs", list(60, func(i uint64) string { return fmt.Sprintf("%d\n", 1_790_000_000+i*37) })},
		{"epochs in two columns", list(60, func(i uint64) string { return fmt.Sprintf("%d %d\n", 1_790_000_000+i*37, 6000+i) })},
		{"list in a comment", list(40, func(i uint64) string { return "# " + pan(i)[:8] + "\n# " + pan(i)[8:] + "\n" })},
		{"only one quoted", "some words of " + half + "\n> " + rest + " and more\n"},
		{"script", list(60, func(i uint64) string {
			return fmt.Sprintf(`a[%d]=%d<b?c:%d&d%%%d+e(%d)\n;`, r.IntN(1e9), r.IntN(1e9), r.IntN(1e9), r.IntN(1e9), r.IntN(1e9))
		})},
		{"base64", base64.StdEncoding.EncodeToString(noise(20_000))},
		{"noise", string(noise(200_000))},
		{"long run of entities", list(60, func(i uint64) string { return each(pan(i), "&#%d;") })},
		{"long run of full width", list(60, func(i uint64) string { return wideDigits(pan(i), '０') })},
		{"long run of utf-16", string(wideText16(list(60, pan), false, false))},
		{"long run of ebcdic", ebcdic(list(60, pan))},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, m := range foldAll(tt.text) {
				t.Errorf("got %s, %s, at %d+%d", m.encoding, m.confidence, m.offset, m.length)
			}
		})
	}
}

// A card number over a line break is found if the lines look wrapped, and then
// as sure as it would be on one line.
func TestFoldWraps(t *testing.T) {
	long := "the guest paid at the second till of the shop and asked us to keep his card "
	tests := []struct {
		name, text string
		confidence scan.Confidence
	}{
		{"groups", "pay with " + pan(1)[:4] + " " + pan(1)[4:8] + "\n" + pan(1)[8:12] + " " + pan(1)[12:] + " today\n", scan.High},
		{"groups, carriage return", "pay with " + pan(1)[:4] + " " + pan(1)[4:8] + "\r\n" + pan(1)[8:12] + " " + pan(1)[12:] + " today\r\n", scan.High},
		{"dashes", "pay with " + pan(1)[:4] + "-" + pan(1)[4:8] + "-\n" + pan(1)[8:12] + "-" + pan(1)[12:] + " today\n", scan.High},
		{"indented", "  pay with " + pan(1)[:4] + " " + pan(1)[4:8] + "\n  " + pan(1)[8:12] + " " + pan(1)[12:] + " today\n", scan.High},
		{"quoted", "> pay with " + pan(1)[:9] + "\n> " + pan(1)[9:] + " today\n", scan.Medium},
		{"comment", " * pay with card " + pan(1)[:9] + "\n * " + pan(1)[9:] + " today\n", scan.High},
		{"usual width", long[:62] + pan(1)[:9] + "\n" + pan(1)[9:] + " today\n", scan.Medium},
		{"usual width, card", long + pan(1)[:4] + "\n" + pan(1)[4:] + " today\n", scan.High},
		{"usual width, Chinese", "顾客在门店第二台收银机付款并要求我们保留他的信用卡的号码以便下次再用 " + pan(1)[:7] + "\n" + pan(1)[7:] + " 今天\n", scan.High},
		{"same width", long[:42] + "\n" + long[:35] + " " + pan(1)[:6] + "\n" + pan(1)[6:] + " today\n", scan.Medium},
		{"no sign of a wrap", "ref " + pan(1)[:6] + "\n" + pan(1)[6:] + " today\n", scan.Low},
		{"no sign, card", "card " + pan(1)[:6] + "\n" + pan(1)[6:] + " today\n", scan.Medium},
		{"one digit over", long[:63] + " " + pan(1)[:15] + "\n" + pan(1)[15:] + " today\n", scan.Medium},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			all := foldAll(tt.text)
			if len(all) != 1 || all[0].digits != pan(1) || all[0].encoding != "wrap" {
				t.Fatalf("got %d matches, want one", len(all))
			}
			if all[0].confidence != tt.confidence {
				t.Errorf("got %s, want %s", all[0].confidence, tt.confidence)
			}
			checkPlace(t, []byte(tt.text), all[0])
			checkCuts(t, []byte(tt.text), all)
		})
	}
}

// A number is reported once, by the scanner or by the fold.
func TestFoldOnce(t *testing.T) {
	for n := range uint64(40) {
		for _, number := range cardNumbers(n) {
			text := "card " + number + "<br>card " + number[:6] + "<b>" + number[6:] + "</b> and " + fours(number, "&nbsp;") + " and %20" + number + ".\n"
			_, all := examine(t, "a.html", []byte(text), Options{})
			at := map[int64]bool{}
			for _, m := range all {
				if at[m.offset] {
					t.Errorf("got two matches at %d", m.offset)
				}
				at[m.offset] = true
			}
			if len(number) == 16 && len(all) != 4 {
				t.Errorf("got %d matches, want 4", len(all))
			}
		}
	}
}
