package carrier

import (
	"archive/zip"
	"encoding/base64"
	"mime/quotedprintable"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"
)

const mailStart = "Return-Path: <a@example.test>\r\nReceived: from x by y; Mon, 2 Mar 2026 10:00:00 +0800\r\nFrom: A <a@example.test>\r\n" +
	"To: b@example.test\r\nSubject: settlement\r\nMIME-Version: 1.0\r\n"

// folded64 is base64 in lines, as mail programs write it.
func folded64(s string) string {
	var b strings.Builder
	for text := base64.StdEncoding.EncodeToString([]byte(s)); len(text) > 0; {
		n := min(76, len(text))
		b.WriteString(text[:n] + "\r\n")
		text = text[n:]
	}
	return b.String()
}

func quotedText(s string) string {
	var b strings.Builder
	w := quotedprintable.NewWriter(&b)
	w.Write([]byte(s))
	w.Close()
	return b.String()
}

// mailed is a message with a part for each of the given ones: header, empty
// line, body.
func mailed(parts ...string) string {
	out := mailStart + "Content-Type: multipart/mixed; boundary=\"==b1\"\r\n\r\nread by old programs\r\n"
	for _, part := range parts {
		out += "--==b1\r\n" + part + "\r\n"
	}
	return out + "--==b1--\r\n"
}

func TestMail(t *testing.T) {
	gbk, err := simplifiedchinese.GBK.NewEncoder().String("卡号：" + pan(1))
	if err != nil {
		t.Fatal(err)
	}
	long := strings.Repeat("some text that is = long and goes on and on ", 3)
	attached := string(zipped(t, zip.Deflate, file{"a.csv", line(3)}))
	tests := []struct {
		name, content string
		want          []string
	}{
		{"plain", mailStart + "\r\nhello\r\n" + line(1), []string{"m!body"}},
		{"base64", mailStart + "Content-Transfer-Encoding: BASE64\r\n\r\n" + folded64("x "+line(1)), []string{"m!body"}},
		{"quoted", mailStart + "Content-Transfer-Encoding: quoted-printable\r\n\r\n" + quotedText(long+line(1)), []string{"m!body"}},
		{"soft break", mailStart + "Content-Transfer-Encoding: quoted-printable\r\n\r\ncard=3D" + pan(1)[:7] + "=\r\n" + pan(1)[7:] + "\r\n", []string{"m!body"}},
		{"gbk", mailStart + "Content-Type: text/plain; charset=GB2312\r\nContent-Transfer-Encoding: base64\r\n\r\n" + folded64(gbk), []string{"m!body"}},
		{"header", mailStart + "X-Note: card " + pan(1) + "\r\n\r\nhello\r\n", []string{"m!header"}},
		{"word", mailStart + "X-Note: =?utf-8?B?" + base64.StdEncoding.EncodeToString([]byte("card "+pan(1))) + "?=\r\n\r\nhello\r\n", []string{"m!header"}},
		{"parts", mailed("Content-Type: text/plain\r\n\r\ncard "+pan(1), "Content-Type: text/html; charset=gbk\r\nContent-Transfer-Encoding: base64\r\n\r\n"+folded64(gbk),
			"Content-Disposition: attachment; filename=\"a.zip\"\r\nContent-Type: application/zip\r\nContent-Transfer-Encoding: base64\r\n\r\n"+folded64(attached)),
			[]string{"m!part-1", "m!part-2", "m!a.zip!a.csv"}},
		{"nested", mailed("Content-Type: multipart/alternative; boundary=inner\r\n\r\n--inner\r\n\r\ncard "+pan(1)+"\r\n--inner\r\nContent-Type: text/html\r\n\r\n<p>card "+pan(2)+"\r\n--inner--\r\n",
			"Content-Type: message/rfc822\r\n\r\n"+strings.ReplaceAll(mailed("\r\ncard "+pan(3)), "==b1", "==b2"), "Content-Type: text/plain\r\n\r\ncard "+pan(4)),
			[]string{"m!part-1.1", "m!part-1.2", "m!part-2.eml!part-1", "m!part-3"}},
		{"around", strings.Replace(mailed("\r\nhello"), "read by", "card "+pan(1), 1) + "card " + pan(2) + "\r\n", []string{"m!before", "m!after"}},
		{"unclosed inner", mailed("Content-Type: multipart/alternative; boundary=inner\r\n\r\n--inner\r\n\r\ncard "+pan(1), "\r\ncard "+pan(2)), []string{"m!part-1.1", "m!part-2"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			report, all := examine(t, "m", []byte(tt.content), Options{})
			var got []string
			for _, m := range all {
				got = append(got, m.path)
			}
			if !slices.Equal(got, tt.want) || report.Refused != 0 {
				t.Errorf("got %q, report %+v; want %q", got, report, tt.want)
			}
		})
	}
}

func TestMailRefusals(t *testing.T) {
	tests := []struct {
		name, content string
		cause         Cause
	}{
		{"cut", mailed("\r\ncard " + pan(1))[:len(mailed("\r\ncard "+pan(1)))-8], Broken},
		{"smime", mailStart + "Content-Type: application/pkcs7-mime; smime-type=enveloped-data\r\nContent-Transfer-Encoding: base64\r\n\r\nAAAA\r\n", Encrypted},
		{"pgp", mailStart + "Content-Type: multipart/encrypted; boundary=b\r\n\r\n--b\r\n\r\nVersion: 1\r\n--b--\r\n", Encrypted},
		{"uuencode", mailStart + "Content-Transfer-Encoding: x-uuencode\r\n\r\nbegin\r\n", UnknownCompression},
		{"deep", mailStart + strings.Repeat("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n", 40), OverBudget},
		{"long header", mailStart + strings.Repeat("X: y\r\n", 60_000) + "\r\n", OverBudget},
	}
	for _, tt := range tests {
		report, _ := examine(t, "m", []byte(tt.content), Options{})
		if report.Causes[tt.cause] == 0 {
			t.Errorf("%s: got report %+v, want %s", tt.name, report, tt.cause)
		}
	}
}

func TestMbox(t *testing.T) {
	mark := "From a@example.test Mon Mar  2 10:00:00 2026\n"
	content := mark + strings.ReplaceAll(mailed("\r\ncard "+pan(1)), "\r", "") + "\n" + mark + mailStart + "\nFrom here on it is text\n\nFrom b c d e f g\n" + line(2) + "\n" +
		mark + "Subject: x\n\n" + line(3)
	report, all := examine(t, "inbox", []byte(content), Options{})
	want := []string{"inbox!message-1.eml!part-1 " + pan(1), "inbox!message-2.eml!body " + pan(2), "inbox!message-3.eml!body " + pan(3)}
	if got := placed(all); !slices.Equal(got, want) || report.Refused != 0 {
		t.Errorf("got %d matches, report %+v; want three", len(all), report)
		for _, m := range all {
			t.Log(m.path)
		}
	}
}

// TestNotMail: text with lines like headers stays text, line numbers and all.
func TestNotMail(t *testing.T) {
	for name, lead := range map[string]string{
		"log":      "2026-03-02 10:00:00 From: a To: b\nSubject: x\nDate: y\nFrom: z\n",
		"config":   "Host: a\nUser: b\nDate: today\nTo: c\n",
		"request":  "POST /pay HTTP/1.1\nHost: x\nDate: y\nContent-Type: text/plain\n",
		"envelope": "From the till at 10:00:00 it was sent on\nFrom: x\nTo: y\n",
	} {
		_, all := examine(t, name, []byte(lead+line(1)), Options{})
		if len(all) != 1 || all[0].path != name || all[0].line != int64(1+strings.Count(lead, "\n")) {
			t.Errorf("%s: got %d matches, want one of plain text", name, len(all))
		}
	}
}

func TestQuotedPrintable(t *testing.T) {
	for in, want := range map[string]string{"a=3Db": "a=b", "a= \t\r\nb": "ab", "a=zz": "a=zz", "a=": "a=", "=e4=BD=a0": "\xe4\xbd\xa0", "x=4": "x=4"} {
		var got strings.Builder
		buf := make([]byte, 1)
		for r := newQuoted(strings.NewReader(in)); ; {
			n, err := r.Read(buf)
			got.Write(buf[:n])
			if err != nil {
				break
			}
		}
		if got.String() != want {
			t.Errorf("%q: got %q, want %q", in, got.String(), want)
		}
	}
}

func FuzzMail(f *testing.F) {
	f.Add([]byte(mailed("\r\ncard "+pan(1), "Content-Type: message/rfc822\r\n\r\n"+mailed("Content-Transfer-Encoding: base64\r\n\r\n"+folded64(line(2))))))
	f.Add([]byte(mailStart + "Content-Transfer-Encoding: quoted-printable\r\n\r\ncard=3D=\r\n" + line(1)))
	f.Add([]byte("From a@example.test Mon Mar  2 10:00:00 2026\nFrom: x\nTo: y\nSubject: =?gbk?Q?=3D?=\n\ntext\n\nFrom b@example.test Mon Mar  2 10:00:00 2026\n\n"))
	f.Fuzz(func(t *testing.T, content []byte) {
		examine(t, "x.eml", content, Options{Budget: Budget{Bytes: 4 << 20, Members: 200, Buffer: 1 << 20}})
	})
}
