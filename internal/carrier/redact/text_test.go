package redact_test

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/stanch/stanch/card"
	"github.com/stanch/stanch/card/cardtest"
)

// each writes every character of s in a form.
func each(s, form string) string {
	var out strings.Builder
	for _, c := range s {
		fmt.Fprintf(&out, form, c)
	}
	return out.String()
}

// wide returns text as UTF-16 with its mark.
func wide(s string, order binary.ByteOrder) string {
	var out bytes.Buffer
	for _, unit := range append([]uint16{0xfeff}, utf16.Encode([]rune(s))...) {
		if err := binary.Write(&out, order, unit); err != nil {
			panic(err)
		}
	}
	return out.String()
}

// TestWrittenOddly masks numbers in every form that text has for them. The
// text before and after stays, and so does the size.
func TestWrittenOddly(t *testing.T) {
	pan := cardtest.Number("visa", 16, 11)
	full := strings.Map(func(r rune) rune { return r - '0' + '０' }, pan)
	record := "card number: " + pan + " paid\n"
	for _, tt := range []struct{ name, written string }{
		{"html", each(pan, "&#%d;")},
		{"html hex", each(pan, "&#x%x;")},
		{"percent", each(pan, "%%%02x")},
		{"json", each(pan, `\u%04x`)},
		{"quoted printable", each(pan, "=%02X")},
		{"full width", full},
		{"tags", pan[:4] + "<b>" + pan[4:8] + "</b>" + pan[8:]},
		{"terminal colours", pan[:4] + "\x1b[31m" + pan[4:8] + "\x1b[0m" + pan[8:]},
		{"base64", base64.StdEncoding.EncodeToString([]byte(record))},
		{"hex", hex.EncodeToString([]byte(record))},
		{"hex of base64", hex.EncodeToString([]byte(base64.StdEncoding.EncodeToString([]byte(record))))},
		{"hexdump", "\n" + hex.Dump([]byte(record))},
		{"gb18030 full width", each(pan, "\xa3%c") + " \xbf\xa8\xba\xc5"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if tt.name == "gb18030 full width" {
				var out strings.Builder
				for i := range len(pan) {
					out.Write([]byte{0xa3, pan[i] + 0x80})
				}
				tt.written = out.String()
			}
			before, after := "2026-03-01 sale of shop 7 card ", " ok, and the next line\nstays here\n"
			raw := before + tt.written + after
			got := string(mask(t, []byte(raw)))
			if len(got) != len(raw) || !strings.HasPrefix(got, before) || !strings.HasSuffix(got, after) {
				t.Errorf("got %q, want the text around as it was", got)
			}
		})
	}
}

func TestTagsAndColoursStay(t *testing.T) {
	pan := cardtest.Number("visa", 16, 11)
	for _, between := range []string{"<b>", "</b>", "\x1b[31m"} {
		got := string(mask(t, []byte("card "+pan[:8]+between+pan[8:]+" end")))
		if want := "card ********" + between + "******** end"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestUTF16(t *testing.T) {
	pan := cardtest.Number("visa", 16, 12)
	text := "name,卡号,amount\r\n李雷," + pan + ",12\r\n𝄞 and " + strings.Join([]string{pan[:4], pan[4:8], pan[8:12], pan[12:]}, " ") + "\r\n"
	want := strings.ReplaceAll(text, pan, masked(pan))
	grouped := []string{pan[:4], pan[4:6] + "**", "****", pan[12:]}
	want = want[:strings.Index(want, pan[:4]+" ")] + strings.Join(grouped, " ") + "\r\n"
	for _, order := range []binary.ByteOrder{binary.LittleEndian, binary.BigEndian} {
		if got := string(mask(t, []byte(wide(text, order)))); got != wide(want, order) {
			t.Errorf("%s: got %q", order, got)
		}
		html := wide("the card is "+each(pan, "&#%d;")+" today", order)
		if got := string(mask(t, []byte(html))); len(got) != len(html) || !strings.HasPrefix(got, wide("the card is ", order)) {
			t.Errorf("%s: got %q, want the text around as it was", order, got)
		}
	}
}

func TestCSV(t *testing.T) {
	pan, cvv := cardtest.Number("mastercard", 16, 5), cardtest.CVV(3)
	gbk := "\xd0\xd5\xc3\xfb,\xbf\xa8\xba\xc5,cvv\r\n\xc0\xee\xc0\xd7," // name, card number; a name
	for _, tt := range []struct{ name, text string }{
		{"plain", "name,card number,cvv\nAnn," + pan + "," + cvv + "\n"},
		{"quoted", "\"name\",\"card number\",\"cvv\"\n\"Ann, B\",\"" + pan + "\",\"" + cvv + "\"\n"},
		{"spaced", "name; card number; cvv\nAnn ; " + pan[:4] + " " + pan[4:8] + " " + pan[8:12] + " " + pan[12:] + " ; " + cvv + "\n"},
		{"with a mark", "\xef\xbb\xbfname,card number,cvv\r\nAnn," + pan + "," + cvv + "\r\n"},
		{"gb18030", gbk + pan + "," + cvv + "\r\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := string(mask(t, []byte(tt.text)))
			// Only digits became stars.
			for i := range got {
				if isDigit := tt.text[i] >= '0' && tt.text[i] <= '9'; got[i] != tt.text[i] && !(got[i] == '*' && isDigit) {
					t.Fatalf("got %q at %d", got, i)
				}
			}
			if len(got) != len(tt.text) || !strings.Contains(got, pan[12:]) || strings.Contains(got, cvv+"\n") || strings.Contains(got, `"`+cvv+`"`) {
				t.Errorf("got %q, want the number masked and the code gone", got)
			}
		})
	}
}

// TestNoCardRemains masks numbers of every brand, alone, side by side and in
// records, and looks for what still passes as a card.
func TestNoCardRemains(t *testing.T) {
	for _, b := range []struct {
		brand   card.Brand
		lengths []int
	}{
		{card.Visa, []int{13, 16, 19}}, {card.Mastercard, []int{16}}, {card.UnionPay, []int{16, 17, 18, 19}}, {card.Amex, []int{15}},
		{card.Discover, []int{16, 19}}, {card.JCB, []int{16, 19}}, {card.Diners, []int{14}}, {card.Mir, []int{16, 19}},
		{card.Maestro, []int{12, 13, 14, 15, 16, 17, 18, 19}},
	} {
		for n := range uint64(20 * len(b.lengths)) {
			length := b.lengths[n%uint64(len(b.lengths))]
			pan := cardtest.Number(b.brand, length, n)
			for _, text := range []string{
				"card " + pan + "\n", pan + "x" + pan + "\n", pan + " " + cardtest.Number(b.brand, length, n+1) + "\n", "7," + pan + ",1234\n" + pan + "\n",
				cardtest.Track2(pan, n) + " " + cardtest.Track1(pan, n) + "\n",
			} {
				raw := "card " + pan + "\n" + text
				if got := string(mask(t, []byte(raw))); strings.Contains(got, pan) || len(got) != len(raw) {
					t.Fatalf("got %q, want no card", got)
				}
			}
		}
	}
}
