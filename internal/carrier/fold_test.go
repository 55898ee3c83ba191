package carrier

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stanch/stanch/card"
	"github.com/stanch/stanch/card/cardtest"
	"github.com/stanch/stanch/scan"
)

// told is a match of the fold alone, as a test compares it.
type told struct {
	digits, encoding string
	class            scan.Class
	confidence       scan.Confidence
	offset, length   int64
	line, column     int64
	parts            string
}

// foldBlocks gives text to a fold in blocks of the given sizes, over and over.
func foldBlocks(text []byte, f *flow, sizes ...int) []told {
	var all []told
	x := &examination{emit: func(m *Match) {
		all = append(all, told{string(m.Digits), strings.Join(m.Encoding, ">"), m.Class, m.Confidence,
			m.Offset, m.Length, m.Line, m.Column, fmt.Sprint(m.Parts)})
	}}
	t := x.newFold(f)
	for i := 0; len(text) > 0; i++ {
		n := min(len(text), max(1, sizes[i%len(sizes)]))
		t.write(text[:n])
		text = text[n:]
	}
	t.close()
	return all
}

func foldAll(text string) []told { return foldBlocks([]byte(text), &flow{}, len(text)+1) }

// each writes every digit of a number with the verbs of format.
func each(number, format string) string {
	var b strings.Builder
	for _, c := range []byte(number) {
		fmt.Fprintf(&b, format, c)
	}
	return b.String()
}

// fours divides a number in groups of four.
func fours(number, between string) string {
	var groups []string
	for ; len(number) > 4; number = number[4:] {
		groups = append(groups, number[:4])
	}
	return strings.Join(append(groups, number), between)
}

// wideDigits writes a number with the ten digits that begin at zero.
func wideDigits(number string, zero rune) string {
	return strings.Map(func(r rune) rune { return r - '0' + zero }, number)
}

func ebcdic(s string) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		b.WriteByte(byte(bytes.IndexByte(fromEBCDIC[:], c)))
	}
	return b.String()
}

func TestFold(t *testing.T) {
	number := pan(1)
	union := cardtest.Number(card.UnionPay, 19, 5)
	tests := []struct{ name, text, encoding string }{
		{"nbsp", "card: " + fours(number, "&nbsp;") + "\n", "html"},
		{"decimal entity blank", "card: " + fours(number, "&#160;") + "\n", "html"},
		{"hex entity blank", "card: " + fours(number, "&#xA0;") + "\n", "html"},
		{"entity without semicolon", "card: " + fours(number, "&#x20;") + "\n", "html"},
		{"thin", "card: " + fours(number, "&thinsp;"), "html"},
		{"hyphen", "card: " + fours(number, "&hyphen;"), "html"},
		{"soft hyphen", "card: " + number[:7] + "&shy;" + number[7:], "html"},
		{"digits as entities", "card: " + each(number, "&#%d;"), "html"},
		{"digits as hex entities", "card: " + each(number, "&#x%x;"), "html"},
		{"digits as bare entities", "card: " + each(number, "&#%d"), "html"},
		{"entities inside entities", "card: " + each(number, "&amp;#%d;"), "html"},
		{"one entity", "card: " + number[:5] + each(number[5:6], "&#%d;") + number[6:], "html"},
		{"bold", "card: <b>" + number[:4] + "</b>" + number[4:], "html"},
		{"span each", "card: " + each(number, `<span class="d" title="a>b">%c</span>`), "html"},
		{"bold entities", "card: " + each(number, `<b>&#%d;</b>`), "html"},
		{"wbr", "card: " + fours(number, "<wbr>"), "html"},
		{"comment", "card: " + number[:8] + "<!-- x -->" + number[8:], "html"},
		{"spans and blanks", "card: <b>" + fours(number, "</b> <b>") + "</b>", "html"},
		{"word", `<w:r><w:t>card ` + number[:6] + `</w:t></w:r><w:r><w:rPr><w:b/></w:rPr><w:t xml:space="preserve">` + number[6:] + `</w:t></w:r>`, "html"},
		{"percent digits", "card=" + each(number, "%%%02x"), "percent"},
		{"percent digits twice", "card=" + each(number, "%%25%02x"), "percent"},
		{"percent blank", "q=card%20" + fours(number, "%20") + "&x=1", "percent"},
		{"percent dash", "card=" + fours(number, "%2D"), "percent"},
		{"plus", "card=" + fours(number, "+") + "&x", "percent"},
		{"percent before", "q=card%20" + number + "%20ok", "percent"},
		{"percent quote, groups", "r=%7B%22pan%22%3A%22" + fours(number, "%20") + "%22%7D", "percent"},
		{"percent quote", "r=%7B%22pan%22%3A%22" + number + "%22%7D", "percent"},
		{"percent apostrophe", "r=pan%3D%27" + number + "%27", "percent"},
		{"hex quote", `{\x22pan\x22:\x22` + number + `\x22}`, "json"},
		{"unicode quote", `{\u0022pan\u0022:\u0022` + number + `\u0022}`, "json"},
		{"unicode quote, groups", `{\u0022pan\u0022:\u0022` + fours(number, `\u0020`) + `\u0022}`, "json"},
		{"percent nbsp", "card=" + fours(number, "%C2%A0"), "percent"},
		{"percent full width", "card=" + each(number, "%%EF%%BC%%9%c"), "percent"},
		{"percent u", "card=" + each(number, "%%u%04x"), "percent"},
		{"json digits", `{"card":"` + each(number, `\u%04x`) + `"}`, "json"},
		{"json blank", `{"card":"` + fours(number, `\u00a0`) + `"}`, "json"},
		{"json dash", `{"card":"` + fours(number, `\u002d`) + `"}`, "json"},
		{"hex escape", `card = "` + each(number, `\x%02x`) + `"`, "json"},
		{"octal escape", `card = "` + each(number, `\%03o`) + `"`, "json"},
		{"css escape", `card "` + each(number, `\%06x`) + `"`, "json"},
		{"braces", `card "` + each(number, `\u{%x}`) + `"`, "json"},
		{"json in json", `{"body":"{\"card\":\"` + each(number, `\\u%04x`) + `\"}"}`, "json"},
		{"tags in json", `{"card":"` + number[:4] + `\u003c/b\u003e` + number[4:] + `"}`, "json>html"},
		{"entity in json", `{"card":"` + fours(number, `\u0026nbsp;`) + `"}`, "json>html"},
		{"escaped tags", "card: &lt;b&gt;" + number[:4] + "&lt;/b&gt;" + number[4:], "html"},
		{"entity in a query", "card=" + fours(number, "%26nbsp%3B") + "&x", "percent>html"},
		{"colour in json", `{"card":"` + fours(number, `\u001b[0m\u001b[38;5;196m`) + `"}`, "ansi>json"},
		{"escaped slash dash", `card ` + fours(number, `\-`), "json"},
		{"continued line", "card " + number[:9] + "\\\n" + number[9:], "wrap"},
		{"soft break", "card " + number[:9] + "=\r\n" + number[9:] + " x", "qp"},
		{"soft break, bare", "card " + number[:9] + "=\n" + number[9:] + " x", "qp"},
		{"soft break after a blank", "card " + number[:4] + " =\r\n" + fours(number[4:], " ") + " x", "qp"},
		{"quoted digits", "card " + each(number, "=%02X") + " x", "qp"},
		{"quoted blanks", "card " + fours(number, "=20") + " x", "qp"},
		{"quoted nbsp", "card " + fours(number, "=C2=A0") + " x", "qp"},
		{"colour", "card \x1b[31m" + number[:4] + "\x1b[0m" + number[4:] + "\n", "ansi"},
		{"256 colours", "card " + fours(number, "\x1b[38;5;196m") + "\n", "ansi"},
		{"title", "card " + number[:4] + "\x1b]0;title\x07" + number[4:] + "\n", "ansi"},
		{"link", "card " + number[:4] + "\x1b]8;;http://x/\x1b\\" + number[4:] + "\n", "ansi"},
		{"colour each", "card " + each(number, "\x1b[1m%c\x1b[0m") + "\n", "ansi"},
		{"full width", "card " + wideDigits(number, '０') + "。", "unicode"},
		{"full width groups", "卡号" + wideDigits(fours(number, "\u3000"), '０')[:0] + fours(wideDigits(number, '０'), "")[:0] + wideDigits(number[:4], '０') + "　" + wideDigits(number[4:8], '０') + "　" + wideDigits(number[8:12], '０') + "　" + wideDigits(number[12:], '０') + "。", "unicode"},
		{"arabic", "card " + wideDigits(number, '٠') + ".", "unicode"},
		{"persian", "card " + wideDigits(number, '۰') + ".", "unicode"},
		{"khmer", "card " + wideDigits(number, '០') + ".", "unicode"},
		{"arabic inside", "card " + number[:4] + wideDigits(number[4:], '٠') + ".", "unicode"},
		{"gbk dashes", "card " + fours(number, "\xa3\xad") + ".", "gbk"},
		{"full width dashes", "card " + fours(number, "－") + ".", "unicode"},
		{"windows dashes", "card " + fours(number, "\x96") + ".", "unicode"},
		{"devanagari", "card " + wideDigits(number, '०') + ".", "unicode"},
		{"mathematical", "card " + wideDigits(number, '𝟎') + ".", "unicode"},
		{"nbsp bytes", "card " + fours(number, "\u00a0") + " x", "unicode"},
		{"latin-1", "card " + fours(number, "\xa0") + " x", "unicode"},
		{"thin space", "card " + fours(number, "\u2009") + " x", "unicode"},
		{"narrow space", "card " + fours(number, "\u202f") + " x", "unicode"},
		{"zero width", "card " + fours(number, "\u200b") + " x", "unicode"},
		{"byte order marks", "card " + each(number, "%c\ufeff") + " x", "unicode"},
		{"soft hyphen bytes", "card " + fours(number, "\u00ad") + " x", "unicode"},
		{"en dash", "card " + fours(number, "\u2013") + " x", "unicode"},
		{"minus", "card " + fours(number, "\u2212") + " x", "unicode"},
		{"gbk", "card " + each(number, "\xa3%c")[:0] + gbkDigits(number) + " x", "gbk"},
		{"shift jis", "card " + shiftDigits(number) + " x", "shiftjis"},
		{"utf-16", "\x01\x02\x03\x00" + string(wideText16("card="+number+" x", false, false)) + "\x01\x02\x03", "utf16le"},
		{"utf-16 spaced", "\x01\x02\x03\x00" + string(wideText16("card="+fours(number, " ")+" x", false, false)) + "\x01\x02\x03", "utf16le"},
		{"utf-16 big", "\x01\x02\x03\x04" + string(wideText16("card="+number+" x", true, false)) + "\x01\x02\x03", "utf16be"},
		{"utf-32", "\x01\x02\x03\x04" + each("card="+number+" x", "%c\x00\x00\x00") + "\x01\x02\x03", "utf32le"},
		{"ebcdic", "\x01\x02\x03" + ebcdic("CARD "+number+" X") + "\x01\x02", "ebcdic"},
		{"ebcdic groups", "\x01\x02\x03" + ebcdic("Card "+fours(number, "-")+" X") + "\x01\x02", "ebcdic"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			all := foldAll(tt.text)
			if len(all) != 1 {
				t.Fatalf("got %d matches, want 1", len(all))
			}
			got := all[0]
			if got.digits != number || got.encoding != tt.encoding || got.confidence != scan.High {
				t.Errorf("got %s, %s, right digits %t; want %s, high", got.encoding, got.confidence, got.digits == number, tt.encoding)
			}
			checkPlace(t, []byte(tt.text), got)
			checkCuts(t, []byte(tt.text), all)
		})
	}
	if all := foldAll("卡号：" + wideDigits(union, '０')); len(all) != 1 || all[0].digits != union {
		t.Errorf("got %d matches, want the 19 digits", len(all))
	}
}

// Wide numbers that are the first or the last bytes, with ends that say nothing.
func TestFoldWideEnds(t *testing.T) {
	for _, width := range []int{2, 4} {
		little := "%c" + strings.Repeat("\x00", width-1)
		big := strings.Repeat("\x00", width-1) + "%c"
		for _, text := range []string{
			each(pan(1), little) + " \n\x004", each(pan(1), little), each(pan(1), big), "ab" + each(pan(1), big) + "c",
			each(pan(1), little) + "\x00\x00\x00\x00" + each(pan(2), big),
		} {
			all := foldAll(text)
			if len(all) == 0 || all[0].digits != pan(1) {
				t.Fatalf("width %d: got %d matches in %q", width, len(all), text[:4])
			}
			checkPlace(t, []byte(text), all[0])
			checkCuts(t, []byte(text), all)
		}
	}
}

func gbkDigits(number string) string {
	var b []byte
	for _, c := range []byte(number) {
		b = append(b, 0xa3, c+0x80)
	}
	return string(b)
}

func shiftDigits(number string) string {
	var b []byte
	for _, c := range []byte(number) {
		b = append(b, 0x82, c-'0'+0x4f)
	}
	return string(b)
}

// checkPlace expects a match to lie in the text and its line to be right.
func checkPlace(t testing.TB, text []byte, m told) {
	t.Helper()
	if m.offset < 0 || m.length <= 0 || m.offset+m.length > int64(len(text)) {
		t.Fatalf("got offset %d, length %d in %d bytes", m.offset, m.length, len(text))
	}
	before := string(text[:m.offset])
	line, column := 1+strings.Count(before, "\n"), len(before)-strings.LastIndexByte(before, '\n')
	if m.line != int64(line) || m.column != int64(column) {
		t.Errorf("got %d:%d, want %d:%d", m.line, m.column, line, column)
	}
}

// checkCuts expects the same matches however the text is cut, and wherever it
// stands.
func checkCuts(t testing.TB, text []byte, want []told) {
	t.Helper()
	for _, sizes := range [][]int{{1}, {2, 3}, {7, 64}, {1000}} {
		if got := foldBlocks(text, &flow{}, sizes...); !slices.Equal(got, want) {
			t.Fatalf("blocks of %v: got %d matches, want %d", sizes, len(got), len(want))
		}
	}
	const shift = 50_000
	shifted := append(bytes.Repeat([]byte{'\n'}, shift), text...)
	for _, sizes := range [][]int{{len(shifted)}, {shift - 5, 100_000}, {25_000}} {
		got := foldBlocks(shifted, &flow{}, sizes...)
		if len(got) != len(want) {
			t.Fatalf("shifted, blocks of %v: got %d matches, want %d", sizes, len(got), len(want))
		}
		for i, m := range got {
			if m.offset != want[i].offset+shift || m.length != want[i].length || m.line != want[i].line+shift || m.digits != want[i].digits {
				t.Fatalf("shifted, blocks of %v: match %d differs", sizes, i)
			}
		}
	}
}

var _ = rand.New

// The masks hold every trigger, whichever way they are made.
func TestTriggerMasks(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	alphabet := []byte("0123456789 -;}%&+<=\\u\n\r\x00\x1b\xef\xbc\x90\xa3\xb5\x82\x50\xd9\xa1\xdb\xb1\xe0\xa5\xf0\x9d\xf5ab>\xc2\xa0\xad\xe1\xe2\x80\xe3\xea\xa1\xaa\x96")
	for range 2000 {
		text := make([]byte, 1+4*wordBytes+wordAhead)
		for i := range text {
			if text[i] = alphabet[r.IntN(len(alphabet))]; r.IntN(20) == 0 {
				text[i] = byte(r.Uint32())
			}
		}
		var marked, portable [4]uint64
		markTriggers(marked[:], text, 1)
		portableTriggers(portable[:], text, 1)
		for i := range 4 * wordBytes {
			if !isTrigger(text, 1+i) {
				continue
			}
			if marked[i/wordBytes]>>(i%wordBytes)&1 == 0 || portable[i/wordBytes]>>(i%wordBytes)&1 == 0 {
				t.Fatalf("%q is a trigger without a mark", text[i:i+8])
			}
		}
	}
}
