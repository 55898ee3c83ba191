package carrier

import (
	"bytes"
	"io"

	"github.com/stanch/stanch/internal/carrier/office"
)

// markup is a part of an office document: Office Open XML or OpenDocument. Its
// text is read without the tags that cut words in two, its attributes if they
// hold many digits; so the bytes as they are say nothing more.
type markup struct{ open bool }

func (m markup) Name() string {
	if m.open {
		return "odf"
	}
	return "ooxml"
}

// Sniff accepts XML that names one of the standards' name spaces.
func (m markup) Sniff(head []byte, _ string) bool {
	body := bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")), " \t\r\n")
	if len(body) == 0 || body[0] != '<' {
		return false
	}
	if m.open {
		return bytes.Contains(body, []byte("urn:oasis:names:tc:opendocument:"))
	}
	for _, space := range []string{"://schemas.openxmlformats.org/", "://purl.oclc.org/ooxml/", "://schemas.microsoft.com/office/", "urn:schemas-microsoft-com:office:"} {
		if bytes.Contains(body, []byte(space)) {
			return true
		}
	}
	return false
}

func (markup) Sure([]byte) bool { return true }

// apart: documents are made by strangers.
func (markup) apart() {}

// Text returns the document's text. A document does not grow as a log does,
// so nothing is resumed and start is where its first byte lies.
func (m markup) Text(r io.Reader, start int64) Text {
	return shifted{office.Markup(r, m.open), start}
}

// shifted counts origins from a later start.
type shifted struct {
	*office.Text
	start int64
}

func (s shifted) Origin(decoded int64) int64 {
	return s.start + s.Text.Origin(decoded-s.start)
}

// End returns where text that ends at a decoded offset ends in the source.
func (s shifted) End(decoded int64) int64 {
	return s.start + s.Text.End(decoded-s.start)
}
