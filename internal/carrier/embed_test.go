package carrier

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stanch/stanch/card/cardtest"
)

// wrapped breaks text into lines.
func wrapped(s string, width int, mark string) string {
	var out strings.Builder
	for len(s) > width {
		out.WriteString(s[:width] + mark)
		s = s[width:]
	}
	return out.String() + s
}

func b64(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

func TestRuns(t *testing.T) {
	const before, after = "2026-03-01 12:00:00 DEBUG resp=", " done\n"
	long := strings.Repeat("nothing to see in this line at all, move on\n", 20)
	for n := range 3 * len(kinds) {
		number := cardOf(n + 40)
		text := fmt.Sprintf(`{"card":"%s","name":"A"}`, number)
		for _, c := range []struct{ name, run, encoding string }{
			{"number", b64(number), "base64"},
			{"json", b64(text), "base64"},
			{"bare", base64.RawStdEncoding.EncodeToString([]byte(text)), "base64"},
			{"wrapped", wrapped(b64(long+text), 76, "\r\n"), "base64"},
			{"pem", wrapped(b64(long+text), 64, "\n"), "base64"},
			{"escaped", wrapped(b64(long+text), 76, `\r\n`), "base64"},
			{"gzip", b64(string(gzipped(t, text))), "base64>gzip"},
			{"twice", b64(b64(text)), "base64>base64"},
			{"hex", hex.EncodeToString([]byte(text)), "hex"},
			{"number in hex", hex.EncodeToString([]byte(number)), "hex"},
			{"upper", strings.ToUpper(hex.EncodeToString([]byte(text))), "hex"},
			{"0x", "0x" + hex.EncodeToString([]byte(text)), "hex"},
			{"hex of gzip", hex.EncodeToString(gzipped(t, text)), "hex>gzip"},
			{"hex of base64", hex.EncodeToString([]byte(b64(text))), "hex>base64"},
			{"wide", b64(string(wideText16(text, false, true))), "base64>utf16le"},
		} {
			t.Run(c.name, func(t *testing.T) {
				got := one(t, []byte(before+c.run+after), "pan", c.encoding, number)
				from, length := len(before), len(c.run)
				if c.name == "0x" {
					from, length = from+2, length-2
				}
				if got.digits != "" && (got.offset != int64(from) || got.length != int64(length)) {
					t.Errorf("got place %d+%d, want %d+%d", got.offset, got.length, from, length)
				}
			})
		}
	}
}

func TestEscapedRuns(t *testing.T) {
	for n := range 200 {
		number := cardOf(n)
		text := "?~?>~>" + number + " ?>?>?>?>"
		escape := func(pairs ...string) string { return strings.NewReplacer(pairs...).Replace(b64(text)) }
		for _, run := range []string{escape("/", `\/`), escape("/", "%2F", "+", "%2B", "=", "%3D"), escape("/", "%2f", "+", "%2b"), escape("+", `\u002b`, "/", `\u002F`, "=", `\u003d`)} {
			one(t, []byte("x="+run+"\n"), "pan", "base64", number)
		}
	}
}

func TestTokens(t *testing.T) {
	for n := range 50 {
		number := cardOf(n)
		raw := base64.RawURLEncoding
		token := raw.EncodeToString([]byte(`{"alg":"HS256","typ":"JWT"}`)) + "." +
			raw.EncodeToString([]byte(`{"sub":"17","card":"`+number+`","x":"`+strings.Repeat("?>", n%5)+`"}`)) + "." + raw.EncodeToString(randomBytes(32, uint64(n)))
		got := catch(t, []byte("Authorization: Bearer "+token+"\r\n"), 0)
		if len(got) != 1 || got[0].digits != number {
			t.Errorf("got %+v", got)
		}
	}
}

func TestLongRuns(t *testing.T) {
	var text strings.Builder
	var want []string
	for n := range 40_000 {
		fmt.Fprintf(&text, "%d: order of a customer that nobody knows, paid in cash\n", n)
		if n%4000 == 7 {
			number := cardtest.Number("visa", 16, uint64(n))
			want = append(want, number)
			text.WriteString("card=" + number + "\n")
		}
	}
	for _, c := range []struct{ run, encoding string }{
		{b64(text.String()), "base64"}, {hex.EncodeToString([]byte(text.String())), "hex"},
		{wrapped(b64(text.String()), 76, "\n"), "base64"}, {b64(string(gzipped(t, text.String()))), "base64>gzip"},
	} {
		var got []string
		for _, m := range catch(t, []byte("<data>"+c.run+"</data>"), 0) {
			got = append(got, m.digits)
			if m.encoding != c.encoding || m.offset != 6 || m.length > int64(len(c.run)) {
				t.Errorf("got %s at %d+%d", m.encoding, m.offset, m.length)
			}
		}
		if strings.Join(got, " ") != strings.Join(want, " ") {
			t.Errorf("%s: got %d numbers, want %d", c.encoding, len(got), len(want))
		}
	}
}

// TestCuts checks that what is found does not depend on how the bytes come.
func TestCuts(t *testing.T) {
	content := cutContent()
	found := catch(t, content, 0)
	if len(found) != cutMatches {
		t.Errorf("got %d matches, want %d", len(found), cutMatches)
	}
	for _, cut := range []int{1, 7, 64, 1000, 4096, 65535, 65536, 65537, 1 << 20} {
		got := catch(t, content, cut)
		slices.SortFunc(got, byPlace)
		slices.SortFunc(found, byPlace)
		if !slices.Equal(got, found) {
			t.Errorf("blocks of %d: got other findings", cut)
		}
	}
}

func byPlace(a, b caught) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) }

const cutMatches = 90

// cutContent writes numbers in many forms into a log.
func cutContent() []byte {
	var content []byte
	for n := range cutMatches {
		number := cardOf(n)
		content = append(append(content, webLog(n*131%3000)...), "\n"...)
		switch n % 9 {
		case 0:
			content = append(content, b64("card="+number)...)
		case 1:
			m, _ := sale(n)
			content = append(content, dialects()["ascii/hex"].build(m)...)
		case 2:
			m, _ := sale(n)
			content = append(content, hex.EncodeToString(dialects()["bcd/bcd/F/tpdu"].build(m))...)
		case 3:
			content = append(content, wrapped(b64(strings.Repeat("x y ", 900)+number), 64, "\n")...)
		case 4:
			m, _ := sale(n)
			content = append(append(content, randomBytes(50, uint64(n))...), dialects()["bcd/bin/l/bare"].build(m)...)
		case 5:
			content = append(content, hex.EncodeToString([]byte(strings.Repeat("x y ", 900)+number))...)
		case 6:
			content = append(content, dumps["hexdump -C"]([]byte(strings.Repeat("x y ", 900)+number+" ."))...)
		case 7:
			content = append(content, rows["spaced"]([]byte(strings.Repeat("x y ", 900)+number))...)
		case 8:
			content = append(content, dumps["logged"]([]byte(strings.Repeat("x y ", 90)+number))...)
		}
		content = append(content, "\n"...)
	}
	return content
}

// TestDepthOfRuns checks that what is wrapped more often than the budget
// allows is named, and that a little less is read.
func TestDepthOfRuns(t *testing.T) {
	text := line(7)
	budget := Budget{Depth: 4}
	for range 4 {
		text = b64(text)
	}
	report, all := examine(t, "x", []byte(text), Options{Budget: budget})
	if len(all) != 1 || report.Refused != 0 {
		t.Errorf("got %d matches, refused %v", len(all), report.Causes)
	}
	report, all = examine(t, "x", []byte(b64(text)), Options{Budget: budget})
	if len(all) != 0 || report.Causes[OverBudget] != 1 {
		t.Errorf("got %d matches, refused %v, want one over budget", len(all), report.Causes)
	}
}

// TestNoRuns checks that words which are no base64 are no parts.
func TestNoRuns(t *testing.T) {
	var content strings.Builder
	for n := range 2000 {
		fmt.Fprintf(&content, "%x %x sha256-%s /var/lib/Some-Path_%d/Sub.Folder/x86_64-Linux-gnu %x-%x-%x\n", randomBytes(20, uint64(n)), randomBytes(32, uint64(n)+1),
			base64.StdEncoding.EncodeToString(randomBytes(32, uint64(n)+2)), n, randomBytes(4, 1), randomBytes(2, 2), randomBytes(6, 3))
	}
	content.Write(webLog(100_000))
	content.WriteString(strings.Repeat("ACGTTGCAACGGT", 10_000))
	report, all := examine(t, "x", []byte(content.String()), Options{})
	if len(all) != 0 || report.Found != 1 {
		t.Errorf("got %d matches, %d parts, want one part", len(all), report.Found)
	}
}
