package corpus

import (
	"archive/zip"
	"encoding/base64"
	"fmt"
	"strings"
)

// mailHead is the head of a mail of one part.
func (m *maker) mailHead(kind, encoding string) string {
	return m.mailTop() + fmt.Sprintf("Content-Type: %s\r\nContent-Transfer-Encoding: %s\r\n\r\n", kind, encoding)
}

func (m *maker) mailTop() string {
	subject := "settlement"
	if !m.tunes() {
		subject = "=?utf-8?B?" + base64.StdEncoding.EncodeToString([]byte("对账单")) + "?="
	}
	return fmt.Sprintf("From: <till@shop.example>\r\nTo: <desk@shop.example>\r\nSubject: %s\r\nDate: %s\r\nMessage-ID: <%s@shop.example>\r\nMIME-Version: 1.0\r\n",
		subject, m.now().Format("Mon, 02 Jan 2006 15:04:05 +0000"), m.word("hex"))
}

// base64Mail has the text itself in base64, or a text file attached.
func base64Mail(m *maker, pans []string) (string, []byte) {
	text := []byte(m.log(pans))
	if m.index%2 == 0 {
		return ".eml", []byte(m.mailHead("text/plain; charset=utf-8", "base64") + folded(text))
	}
	return ".eml", []byte(m.attached("text/csv", "export.csv", text))
}

// mailWithZip has a zip attached.
func mailWithZip(m *maker, pans []string) (string, []byte) {
	name, kind := "logs.zip", "application/zip"
	if !m.tunes() {
		name, kind = "附件.zip", "application/octet-stream"
	}
	return ".eml", []byte(m.attached(kind, name, m.zip(m.stem()+".log", []byte(m.log(pans)), zip.Deflate)))
}

func (m *maker) attached(kind, name string, data []byte) string {
	boundary := "=_" + m.hex(20)
	var out strings.Builder
	out.WriteString(m.mailTop())
	fmt.Fprintf(&out, "Content-Type: multipart/mixed; boundary=\"%s\"\r\n\r\nThis is a message in several parts.\r\n", boundary)
	fmt.Fprintf(&out, "--%s\r\nContent-Type: text/plain\r\n\r\n%s\r\n", boundary, m.prose(60))
	fmt.Fprintf(&out, "--%s\r\nContent-Type: %s; name=\"%s\"\r\nContent-Disposition: attachment; filename=\"%s\"\r\nContent-Transfer-Encoding: base64\r\n\r\n", boundary, kind, name, name)
	fmt.Fprintf(&out, "%s\r\n--%s--\r\n", folded(data), boundary)
	return out.String()
}

// folded is base64 in lines of 76 characters.
func folded(data []byte) string {
	text := base64.StdEncoding.EncodeToString(data)
	var out strings.Builder
	for len(text) > 76 {
		out.WriteString(text[:76] + "\r\n")
		text = text[76:]
	}
	return out.String() + text + "\r\n"
}
