package carrier

import (
	"errors"
	"io"
	"path"
	"strings"

	"github.com/stanch/stanch/internal/carrier/ole"
)

// oleFile reads compound files: the documents of older office programs, and
// mails saved by Outlook. Text is taken out of the streams of Word, Excel and
// PowerPoint; other streams are members as they are.
type oleFile struct{}

func (oleFile) Name() string { return "ole" }

func (oleFile) Sniff(head []byte, _ string) bool { return oleMagic.in(head) }

func (oleFile) randomAccess() {}

// Walk visits the streams.
func (oleFile) Walk(p *Part, visit func(*Member) error) error {
	if p.Size < 0 {
		return &CauseError{Broken}
	}
	streams, err := ole.Open(p.At, p.Size)
	if err != nil {
		return oleCause(err)
	}
	byName := make(map[string]*ole.Stream)
	for _, s := range streams {
		byName[s.Name] = s
		if s.Name == "EncryptedPackage" {
			return &CauseError{Encrypted}
		}
	}
	for _, s := range streams {
		if err := visitStream(p, s, byName, visit); err != nil {
			return err
		}
	}
	return nil
}

// visitStream visits the text of a stream, or if it has none that can be told,
// its bytes.
func visitStream(p *Part, s *ole.Stream, byName map[string]*ole.Stream, visit func(*Member) error) error {
	var text io.Reader
	var err error
	dir, name := path.Split(s.Name)
	switch {
	case name == "Workbook" || name == "Book":
		book, fault := ole.OpenBook(s, int(p.room(maxSharedStrings)))
		if fault == nil {
			p.hold(book.Held())
			defer p.hold(-book.Held())
			return visitBook(s, book, visit)
		}
		err = fault
	case name == "WordDocument":
		text, err = ole.Word(s, func(table string) *ole.Stream { return byName[dir+table] })
	case name == "PowerPoint Document":
		text = ole.Slides(s)
	case strings.HasSuffix(name, "001F") && strings.HasPrefix(name, "__substg1.0_"):
		text = utf16{}.Text(io.NewSectionReader(s, 0, s.Size), 0)
	}
	if errors.Is(err, ole.ErrEncrypted) {
		return visit(&Member{Name: s.Name, Stored: s.Size, Size: -1, Refused: Encrypted})
	}
	if text == nil {
		return visit(&Member{Name: s.Name, Stored: s.Size, Size: s.Size, At: s, Open: func() (io.Reader, error) {
			return io.NewSectionReader(s, 0, s.Size), nil
		}})
	}
	return visit(&Member{Name: s.Name, Stored: s.Size, Size: -1, Text: true, Open: func() (io.Reader, error) { return oleReader{text}, nil }})
}

// visitBook visits the sheets of a workbook.
func visitBook(s *ole.Stream, book *ole.Book, visit func(*Member) error) error {
	return book.Sheets(func(name string, text io.Reader) error {
		m := &Member{Name: name, Stored: -1, Size: -1, Text: true, Open: func() (io.Reader, error) { return oleReader{text}, nil }}
		if name == "" {
			m.Name = s.Name
		}
		return visit(m)
	})
}

// oleReader names the errors of package ole.
type oleReader struct{ r io.Reader }

func (o oleReader) Read(b []byte) (int, error) {
	n, err := o.r.Read(b)
	return n, oleCause(err)
}

func oleCause(err error) error {
	if errors.Is(err, ole.ErrTooLarge) {
		return &CauseError{OverBudget}
	}
	return err
}
