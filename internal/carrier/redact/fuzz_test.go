package redact_test

import (
	"bytes"
	"encoding/xml"
	"io"
	"strings"
	"testing"

	"github.com/stanch/stanch/internal/carrier"
	"github.com/stanch/stanch/internal/carrier/redact"
)

// FuzzMask masks whatever it is given: what comes out holds nothing, and a
// text keeps its size.
func FuzzMask(f *testing.F) {
	pans := numbers(6)
	f.Add([]byte("card " + pans[0] + " and " + each(pans[1], "&#%d;") + "\n"))
	f.Add([]byte("\xff\xfe4\x001\x00"))
	f.Add(wordDocument(f, `<w:p><w:r><w:t>`+pans[0]+`</w:t></w:r></w:p>`))
	f.Add(book(f, pans))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if len(raw) > 1<<20 {
			return
		}
		masked, err := redact.Mask(t.Context(), bytes.NewReader(raw), int64(len(raw)), redact.Options{})
		if err != nil {
			return
		}
		out, err := io.ReadAll(io.NewSectionReader(masked, 0, masked.Size()))
		check(t, err)
		if !bytes.HasPrefix(raw, []byte("PK")) && len(out) != len(raw) {
			t.Errorf("got %d bytes, want %d", len(out), len(raw))
		}
		// What is no card data may be reported and stays.
		_, err = carrier.Examine(t.Context(), carrier.Input{R: bytes.NewReader(out), Size: int64(len(out))}, carrier.Options{}, func(m *carrier.Match) {
			if m.Class == "pan" {
				t.Errorf("got a number at %s %d", m.Path, m.Offset)
			}
		})
		check(t, err)
	})
}

// FuzzMarkup masks the markup of a document: what was well formed stays so.
func FuzzMarkup(f *testing.F) {
	pan := numbers(1)[0]
	f.Add(`<w:p><w:r><w:t>` + pan + `</w:t></w:r></w:p>`)
	f.Add(`<w:p w:x="` + pan + `"><!-- ` + pan + ` --><w:t><![CDATA[` + pan + `]]>&amp;&#52;` + pan[1:] + `</w:t></w:p>`)
	f.Add(`<worksheet><row r="1"><c r="A1" s="1"><v>` + pan + `</v></c><c t="inlineStr"><is><t>` + pan + `</t></is></c></row></worksheet>`)
	f.Fuzz(func(t *testing.T, body string) {
		if len(body) > 64<<10 {
			return
		}
		before := wordDocument(t, body)
		masked, err := redact.Mask(t.Context(), bytes.NewReader(before), int64(len(before)), redact.Options{})
		if err != nil {
			return
		}
		out, err := io.ReadAll(io.NewSectionReader(masked, 0, masked.Size()))
		check(t, err)
		got := unpack(t, out)["word/document.xml"]
		if wellFormed(unpack(t, before)["word/document.xml"]) == nil {
			if err := wellFormed(got); err != nil {
				t.Errorf("got %v, want it well formed as before", err)
			}
		}
	})
}

func wellFormed(text string) error {
	for d := xml.NewDecoder(strings.NewReader(text)); ; {
		if _, err := d.Token(); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
	}
}
