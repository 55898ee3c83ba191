package carrier

import (
	"archive/zip"
	"bytes"
	"io"
	"path"
	"strings"

	"github.com/stanch/stanch/internal/carrier/office"
	"github.com/stanch/stanch/internal/carrier/ole"
)

// Limits of a workbook. Shared strings that do not fit are read as text by
// themselves, away from their columns.
const (
	maxSheets        = 10_000
	maxSharedStrings = 4 << 20
	maxContents      = 1 << 20 // of the parts that say what the other parts are
)

// A workbook is a zip archive whose parts are sheets.
type workbook struct {
	part    *Part
	opening *zipOpening
	names   map[string]string // of sheets, by path in the archive
	shared  string            // path of the shared strings
	parsed  *office.Strings
	binary  bool // xlsb: its parts are records, not markup
}

// workbookOf returns the workbook that an archive is, nil if it is none.
func workbookOf(p *Part, archive *zip.Reader, opening *zipOpening) *workbook {
	main := mainPart(p, archive, opening)
	if main == "" {
		return nil
	}
	b := &workbook{part: p, opening: opening, names: make(map[string]string)}
	targets := b.relations(archive, main)
	if b.binary = strings.HasSuffix(main, ".bin"); b.binary {
		ole.BinaryNames(p.metered(openPart(archive, opening, main)), func(id, name string) {
			if target := targets[id]; target != "" && name != "" && len(b.names) < maxSheets {
				b.names[target] = name
			}
		})
		return b
	}
	office.Elements(p.metered(openPart(archive, opening, main)), func(name string, get func(string) string) {
		if name != "sheet" || len(b.names) >= maxSheets {
			return
		}
		if target := targets[get("id")]; target != "" && get("name") != "" {
			b.names[target] = get("name")
		}
	})
	return b
}

// mainPart returns the path of the part that lists the sheets, by its content
// type.
func mainPart(p *Part, archive *zip.Reader, opening *zipOpening) string {
	main := ""
	office.Elements(p.metered(openPart(archive, opening, "[Content_Types].xml")), func(name string, get func(string) string) {
		kind := get("ContentType")
		if !strings.Contains(kind, "spreadsheetml") && !strings.Contains(kind, "ms-excel") {
			return
		}
		if name == "Override" && (strings.HasSuffix(kind, ".main+xml") || strings.HasSuffix(kind, ".main")) {
			main = strings.TrimPrefix(get("PartName"), "/")
		}
	})
	return main
}

// relations returns the paths of the parts that the main one refers to, by id.
func (b *workbook) relations(archive *zip.Reader, main string) map[string]string {
	dir, file := path.Split(main)
	targets := make(map[string]string)
	office.Elements(b.part.metered(openPart(archive, b.opening, dir+"_rels/"+file+".rels")), func(name string, get func(string) string) {
		if name != "Relationship" || len(targets) >= maxSheets {
			return
		}
		target := get("Target")
		if rooted, ok := strings.CutPrefix(target, "/"); ok {
			target = rooted
		} else {
			target = path.Join(dir, target)
		}
		targets[get("Id")] = target
		if strings.HasSuffix(get("Type"), "/sharedStrings") {
			b.shared = target
		}
	})
	return targets
}

// openPart opens a part by name; what is not there is empty.
func openPart(archive *zip.Reader, opening *zipOpening, name string) io.Reader {
	for _, f := range archive.File {
		if f.Name == name && f.Flags&1 == 0 {
			if r, err := opening.open(f); err == nil {
				return io.LimitReader(r, maxContents)
			}
		}
	}
	return bytes.NewReader(nil)
}

// read reads the shared strings. What cannot be read is missing there, and is
// named when the part itself is examined.
func (b *workbook) read(f *zip.File) error {
	r, err := b.opening.open(f)
	if err != nil {
		return nil
	}
	if room := int(b.part.room(maxSharedStrings)); b.binary {
		b.parsed = ole.BinaryStrings(b.part.metered(r), room)
	} else {
		b.parsed, _ = office.ReadStrings(b.part.metered(r), room)
	}
	b.part.hold(b.parsed.Held())
	return b.part.spent()
}

// visit visits the parts of the workbook: sheets under the name that people
// know them by, and the shared strings last, without those that sheets showed.
func (b *workbook) visit(archive *zip.Reader, visit func(*Member) error) error {
	var shared *zip.File
	for _, f := range archive.File {
		if f.Name == b.shared && zipMember(b.part, f, b.opening).Refused == "" {
			shared = f
		}
	}
	if shared != nil {
		if err := b.read(shared); err != nil {
			return err
		}
		defer func() { b.part.hold(-b.parsed.Held()) }()
	}
	for _, f := range archive.File {
		if f == shared {
			continue
		}
		m := zipMember(b.part, f, b.opening)
		switch name := b.names[f.Name]; {
		case m.Refused != "":
		case name != "":
			m.Name = name
			b.view(m, f, b.sheet)
		case b.binary && strings.HasPrefix(path.Base(f.Name), "comments"):
			b.view(m, f, ole.BinaryComments)
		}
		if err := visit(m); err != nil {
			return err
		}
	}
	if shared == nil {
		return nil
	}
	m := zipMember(b.part, shared, b.opening)
	b.view(m, shared, b.leftover)
	return visit(m)
}

// view turns a member into the text that is made of it.
func (b *workbook) view(m *Member, f *zip.File, text func(io.Reader) io.Reader) {
	m.At, m.Size, m.Text = nil, -1, true
	m.Open = func() (io.Reader, error) {
		r, err := b.opening.open(f)
		if err != nil {
			return nil, err
		}
		return text(b.part.metered(r)), nil
	}
}

func (b *workbook) sheet(r io.Reader) io.Reader {
	if b.binary {
		return ole.BinarySheet(r, b.parsed)
	}
	return office.Sheet(r, b.parsed)
}

func (b *workbook) leftover(r io.Reader) io.Reader {
	if b.binary {
		return ole.BinaryLeftover(r, b.parsed)
	}
	return office.Leftover(r, b.parsed)
}
