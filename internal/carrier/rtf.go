package carrier

import (
	"bytes"
	"io"

	"github.com/stanch/stanch/internal/carrier/office"
)

// richText is a document in the Rich Text Format. Its text is read without
// control words; pictures in it are passed over.
type richText struct{}

func (richText) Name() string { return "rtf" }

func (richText) Sniff(head []byte, _ string) bool {
	return bytes.HasPrefix(bytes.TrimLeft(head, " \t\r\n"), []byte(`{\rtf`))
}

func (richText) Sure([]byte) bool { return true }

// apart: documents are made by strangers.
func (richText) apart() {}

// Text returns the document's text.
func (richText) Text(r io.Reader, start int64) Text { return shifted{office.RTF(r), start} }
