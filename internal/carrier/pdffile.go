package carrier

import (
	"bytes"
	"errors"
	"io"

	"github.com/stanch/stanch/internal/carrier/pdf"
)

// pdfFile reads PDF: the text of its pages, the strings outside them,
// attachments, and every stream that no page shows.
type pdfFile struct{}

func (pdfFile) Name() string { return "pdf" }

// Sniff accepts the mark anywhere in the first KiB, as readers do.
func (pdfFile) Sniff(head []byte, _ string) bool {
	return bytes.Contains(head[:min(len(head), 1024)], []byte("%PDF-"))
}

func (pdfFile) randomAccess() {}

// Walk visits the parts of the document.
func (pdfFile) Walk(p *Part, visit func(*Member) error) error {
	if p.Size < 0 {
		return &CauseError{Broken} // its tables lie at its end
	}
	err := pdf.Walk(p.At, p.Size, p.metered, func(piece pdf.Part) error { return visit(pdfMember(piece)) })
	switch {
	case errors.Is(err, pdf.ErrEncrypted):
		return &CauseError{Encrypted}
	case errors.Is(err, pdf.ErrBroken):
		return &CauseError{Broken}
	}
	return err
}

func pdfMember(piece pdf.Part) *Member {
	m := &Member{Name: piece.Name, Stored: piece.Stored, Size: -1, Text: piece.Text}
	switch {
	case piece.Picture:
		m.Refused = Picture
	case piece.Unknown:
		m.Refused = UnknownCompression
	}
	m.Open = func() (io.Reader, error) {
		r, err := piece.Open()
		if err != nil {
			return nil, pdfCause(err)
		}
		return pdfReader{r}, nil
	}
	return m
}

// pdfReader names the errors of package pdf.
type pdfReader struct{ r io.Reader }

func (p pdfReader) Read(b []byte) (int, error) {
	n, err := p.r.Read(b)
	return n, pdfCause(err)
}

func pdfCause(err error) error {
	switch {
	case errors.Is(err, pdf.ErrTooLarge):
		return &CauseError{OverBudget}
	case errors.Is(err, pdf.ErrFilter):
		return &CauseError{UnknownCompression}
	}
	return err
}
