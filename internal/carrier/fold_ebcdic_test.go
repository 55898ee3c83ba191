package carrier

import (
	"bytes"
	"encoding/base64"
	"strings"
	"testing"
)

func TestEBCDICText(t *testing.T) {
	record := "00017 MERCHANT OF TEST  20261122 "
	tests := []struct {
		name, text string
		line       int64
	}{
		{"lines", strings.Repeat(record+"\n", 20) + "CARD NO. " + pan(1) + " AMOUNT 12.50\n", 21},
		{"records", strings.Repeat(record, 20) + "CARD NO. " + fours(pan(1), " ") + " AMOUNT", 1},
		{"lower case", strings.Repeat("the guest paid; ", 20) + "\ncard: " + pan(1) + " (visa)", 2},
		{"digits first", pan(1) + "\n" + strings.Repeat("0000012345 ", 30), 1},
		{"short", "CARD " + pan(1) + " EXP 12/27", 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			content := []byte(ebcdic(tt.text))
			report, all := examine(t, "m.dat", content, Options{})
			if len(all) != 1 || report.Refused != 0 {
				t.Fatalf("got %d matches, want 1", len(all))
			}
			m := all[0]
			at := int64(bytes.Index(content, []byte(ebcdic(pan(1)[:4]))))
			if m.digits != pan(1) || m.encoding != "ebcdic" || m.offset != at || m.line != tt.line {
				t.Errorf("got %s at %d, line %d; want ebcdic at %d, line %d", m.encoding, m.offset, m.line, at, tt.line)
			}
		})
	}
}

// Other bytes are not taken for EBCDIC.
func TestNotEBCDIC(t *testing.T) {
	texts := map[string]string{
		"ascii":   strings.Repeat("a plain text @ 12.50, and more of it\n", 20),
		"chinese": strings.Repeat("银行卡交易记录，请妥善保管。", 40),
		"gbk":     strings.Repeat("\xd2\xf8\xd0\xd0\xbf\xa8\xbd\xbb\xd2\xd7\xbc\xc7\xc2\xbc\xa3\xac\xc7\xeb", 40),
		"noise":   string(noise(4096)),
		"base64":  base64.StdEncoding.EncodeToString(noise(3000)),
		"zeros":   strings.Repeat("\x00", 4096),
		"at":      strings.Repeat("@", 400),
		"upper":   strings.Repeat("\xc1\xc2\xc3", 400),
		"packed":  strings.Repeat("\x12\x34\x56\x7c\xf1\x40", 400),
	}
	for name, text := range texts {
		if got := Sniff([]byte(text), "x").String(); got == "ebcdic" {
			t.Errorf("%s: got ebcdic", name)
		}
	}
}

// UTF-16 without a mark is told by its zeros, whatever it begins with.
func TestUTF16Heads(t *testing.T) {
	for name, text := range map[string]string{
		"digits":         pan(1) + "\r\n",
		"spaced digits":  fours(pan(1), " ") + "\r\n",
		"digits in rows": strings.Repeat("12345 ", 30) + "\n" + pan(1) + "\n",
		"blanks first":   "   \t\r\n" + pan(1) + "\n",
		"Chinese first":  "银行卡号码 " + pan(1) + "\r\n有效期 12/27 \r\n",
	} {
		for _, big := range []bool{false, true} {
			_, all := examine(t, "w.txt", wideText16(text, big, false), Options{})
			if len(all) != 1 || all[0].digits != pan(1) {
				t.Errorf("%s, big %t: got %d matches, want 1", name, big, len(all))
			}
		}
	}
}
