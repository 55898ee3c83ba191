package carrier

import (
	"archive/zip"
	"errors"
	"io"
	"strings"
)

// zipFile reads zip archives: every method that zipMethods lists, zip64 and
// archives put together with something before them. One without a directory is
// read from its start up to the damage.
type zipFile struct{}

func (zipFile) Name() string { return "zip" }

func (zipFile) Sniff(head []byte, _ string) bool {
	return anyMagic(head, []magic{{0, "PK\x03\x04"}, {0, "PK\x05\x06"}, {0, "PK\x07\x08"}})
}

func (zipFile) randomAccess() {}

// Walk visits the members in the order of the archive's directory. Encrypted
// members and unknown methods are refused one by one.
func (zipFile) Walk(p *Part, visit func(*Member) error) error {
	archive, err := zip.NewReader(p.At, p.Size)
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) {
		if err := (&zipCut{p: p}).walk(visit); err != nil {
			return err
		}
		return &CauseError{Broken}
	}
	var opening zipOpening
	opening.register(archive)
	if archive.Comment != "" {
		if err := visit(&Member{Labels: []string{archive.Comment}, Dir: true}); err != nil {
			return err
		}
	}
	if book := workbookOf(p, archive, &opening); book != nil {
		return book.visit(archive, visit)
	}
	if document := openDocumentOf(p, archive, &opening); document != nil {
		return document.visit(archive, visit)
	}
	for _, f := range archive.File {
		if err := visit(zipMember(p, f, &opening)); err != nil {
			return err
		}
	}
	return nil
}

func zipMember(p *Part, f *zip.File, opening *zipOpening) *Member {
	m := &Member{Name: f.Name, Stored: int64(f.CompressedSize64), Size: -1, Dir: strings.HasSuffix(f.Name, "/")}
	if f.Comment != "" {
		m.Labels = []string{f.Comment}
	}
	switch {
	case f.Flags&1 != 0:
		m.Refused = Encrypted
	case zipMethods[f.Method] == nil:
		m.Refused = UnknownCompression
	}
	if m.Dir && f.UncompressedSize64 > 0 {
		m.Dir = false // a folder with content is a file in disguise
	}
	m.Open = func() (io.Reader, error) { return opening.open(f) }
	if f.Method == zip.Store && f.Flags&1 == 0 && f.CompressedSize64 == f.UncompressedSize64 {
		if at, err := f.DataOffset(); err == nil && at+m.Stored <= p.Size {
			m.At, m.Size = io.NewSectionReader(p.At, at, m.Stored), m.Stored
		}
	}
	return m
}
