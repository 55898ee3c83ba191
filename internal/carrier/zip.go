package carrier

import (
	"archive/zip"
	"compress/bzip2"
	"compress/flate"
	"errors"
	"io"
	"strings"
)

// zipFile reads zip archives: stored, deflated and bzip2 members, zip64 and
// archives put together with something before them.
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
		return &CauseError{Broken}
	}
	archive.RegisterDecompressor(methodBzip2, func(r io.Reader) io.ReadCloser { return io.NopCloser(bzip2.NewReader(r)) })
	archive.RegisterDecompressor(zip.Deflate, flate.NewReader)
	if archive.Comment != "" {
		if err := visit(&Member{Labels: []string{archive.Comment}, Dir: true}); err != nil {
			return err
		}
	}
	if book := workbookOf(p, archive); book != nil {
		return book.visit(archive, visit)
	}
	if document := openDocumentOf(p, archive); document != nil {
		return document.visit(archive, visit)
	}
	for _, f := range archive.File {
		if err := visit(zipMember(p, f)); err != nil {
			return err
		}
	}
	return nil
}

// Methods of APPNOTE 4.4.5 that package zip does not name.
const methodBzip2 = 12

func zipMember(p *Part, f *zip.File) *Member {
	m := &Member{Name: f.Name, Stored: int64(f.CompressedSize64), Size: -1, Dir: strings.HasSuffix(f.Name, "/")}
	if f.Comment != "" {
		m.Labels = []string{f.Comment}
	}
	switch {
	case f.Flags&1 != 0:
		m.Refused = Encrypted
	case f.Method != zip.Store && f.Method != zip.Deflate && f.Method != methodBzip2:
		m.Refused = UnknownCompression
	}
	if m.Dir && f.UncompressedSize64 > 0 {
		m.Dir = false // a folder with content is a file in disguise
	}
	m.Open = func() (io.Reader, error) { return f.Open() }
	if f.Method == zip.Store && f.Flags&1 == 0 && f.CompressedSize64 == f.UncompressedSize64 {
		if at, err := f.DataOffset(); err == nil && at+m.Stored <= p.Size {
			m.At, m.Size = io.NewSectionReader(p.At, at, m.Stored), m.Stored
		}
	}
	return m
}
