package carrier

import (
	"errors"
	"io"

	"github.com/nwaples/rardecode/v2"
)

// rarFile reads RAR archives of versions 1.5 to 5, the first volume of a set
// as far as it goes.
type rarFile struct{}

func (rarFile) Name() string { return "rar" }

func (rarFile) Sniff(head []byte, _ string) bool { return magic{0, "Rar!\x1a\x07"}.in(head) }

// Walk visits the members in order. Encrypted ones are refused one by one, and
// an archive whose headers are encrypted as a whole.
func (rarFile) Walk(p *Part, visit func(*Member) error) error {
	archive, err := rardecode.NewReader(p.R, rardecode.MaxDictionarySize(maxDictionary))
	if err != nil {
		return rarCause(err)
	}
	for {
		h, err := archive.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return rarCause(err)
		}
		m := &Member{Name: h.Name, Stored: h.PackedSize, Size: -1, Dir: h.IsDir}
		if h.LinkTarget != "" {
			m.Labels = []string{h.LinkTarget}
		}
		if h.Encrypted {
			m.Refused = Encrypted
		}
		m.Open = func() (io.Reader, error) { return &translated{archive, rarCause}, nil }
		if err := visit(m); err != nil {
			return err
		}
	}
}

func rarCause(err error) error {
	var named *CauseError
	switch {
	case errors.As(err, &named):
		return named
	case errors.Is(err, rardecode.ErrArchiveEncrypted), errors.Is(err, rardecode.ErrArchivedFileEncrypted),
		errors.Is(err, rardecode.ErrBadPassword), errors.Is(err, rardecode.ErrUnknownEncryptMethod):
		return &CauseError{Encrypted}
	case errors.Is(err, rardecode.ErrDictionaryTooLarge):
		return &CauseError{OverBudget}
	case errors.Is(err, rardecode.ErrUnknownDecoder), errors.Is(err, rardecode.ErrUnsupportedDecoder):
		return &CauseError{UnknownCompression}
	}
	return &CauseError{Broken}
}
