package carrier

import (
	"archive/zip"
	"io"
	"strings"

	"github.com/stanch/stanch/internal/carrier/office"
)

// An openDocument is a zip archive that says so in its first member.
type openDocument struct {
	part    *Part
	opening *zipOpening
	sheets  bool
	locked  map[string]bool // members that are encrypted, though the archive does not say so
}

// openDocumentOf returns the document that an archive is, nil if it is none.
func openDocumentOf(p *Part, archive *zip.Reader, opening *zipOpening) *openDocument {
	kind := make([]byte, 64)
	n, _ := io.ReadFull(p.metered(openPart(archive, opening, "mimetype")), kind)
	if !strings.HasPrefix(string(kind[:n]), "application/vnd.oasis.opendocument.") {
		return nil
	}
	d := &openDocument{part: p, opening: opening, sheets: strings.Contains(string(kind[:n]), ".spreadsheet"), locked: make(map[string]bool)}
	member := ""
	office.Elements(p.metered(openPart(archive, opening, "META-INF/manifest.xml")), func(name string, get func(string) string) {
		switch {
		case name == "file-entry":
			member = get("full-path")
		case name == "encryption-data" && len(d.locked) < maxSheets:
			d.locked[member] = true
		}
	})
	return d
}

// visit visits the members of the document; each sheet of its content as one.
func (d *openDocument) visit(archive *zip.Reader, visit func(*Member) error) error {
	for _, f := range archive.File {
		m := zipMember(d.part, f, d.opening)
		if d.locked[f.Name] || d.locked["encrypted-package"] && f.Name == "encrypted-package" {
			m.Refused = Encrypted
		}
		var err error
		if d.sheets && f.Name == "content.xml" && m.Refused == "" {
			err = d.tables(f, visit)
		} else {
			err = visit(m)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// tables visits each sheet. What is damaged is named under the part's own path.
func (d *openDocument) tables(f *zip.File, visit func(*Member) error) error {
	r, err := d.opening.open(f)
	if err != nil {
		return visit(zipMember(d.part, f, d.opening))
	}
	var stop error
	err = office.Tables(d.part.metered(r), func(name string, text *office.Text) error {
		m := &Member{Name: name, Stored: -1, Size: -1, Text: true, Open: func() (io.Reader, error) { return text, nil }}
		if name == "" {
			m.Name, m.Stored = f.Name, int64(f.CompressedSize64)
		}
		stop = visit(m)
		return stop
	})
	if err == nil || stop != nil {
		return stop
	}
	if spent := d.part.spent(); spent != nil {
		return spent
	}
	return visit(&Member{Name: f.Name, Stored: int64(f.CompressedSize64), Size: -1, Refused: Broken})
}
