package corpus

import (
	"archive/zip"
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"
)

func documentClasses() []Class {
	sheet := func(name string, value func(m *maker, pan string) any) Class {
		return boxed(name, Document, func(m *maker, pans []string) (string, []byte) { return ".xlsx", m.workbook(pans, value) })
	}
	doc := func(name string, run func(m *maker, text, pan string) string) Class {
		return boxed(name, Document, func(m *maker, pans []string) (string, []byte) { return ".docx", m.docx(pans, run) })
	}
	return []Class{
		sheet("xlsx_string", func(m *maker, pan string) any { return pan }),
		sheet("xlsx_number", func(m *maker, pan string) any {
			n, err := strconv.ParseInt(pan, 10, 64)
			must(err)
			return n
		}),
		doc("docx", func(_ *maker, text, pan string) string { return run(strings.Replace(text, "\x00", pan, 1)) }),
		doc("docx_split", splitRuns),
		paper("pdf_plain", false, pdfString),
		paper("pdf_flate", true, pdfString),
		paper("pdf_kerned", false, pdfKerned),
		paper("pdf_hex", false, pdfHex),
		boxed("eml_base64", Document, base64Mail),
		boxed("eml_zip", Document, mailWithZip),
	}
}

// workbook is a table of payments by a spreadsheet's library, every other file
// by its writer for long sheets, which keeps strings in their cells.
func (m *maker) workbook(pans []string, value func(m *maker, pan string) any) []byte {
	book := excelize.NewFile()
	defer book.Close()
	put := func(cell string, row []any) error { return book.SetSheetRow("Sheet1", cell, &row) }
	flush := func() error { return nil }
	if m.index%2 == 1 {
		long, err := book.NewStreamWriter("Sheet1")
		must(err)
		put, flush = func(cell string, row []any) error { return long.SetRow(cell, row) }, long.Flush
	}
	heads := []any{"Order", "Name", "Card Number", "Amount"}
	if !m.tunes() {
		heads = []any{"终端", "银行卡号", "金额", "备注"}
	}
	must(put("A1", heads))
	for i, pan := range pans {
		row := []any{m.IntN(90000), m.word("name"), value(m, pan), float64(m.IntN(100000)) / 100}
		if !m.tunes() {
			row = []any{m.word("tid"), value(m, pan), float64(m.IntN(100000)) / 100, m.prose(12)}
		}
		must(put(fmt.Sprintf("A%d", i+2), row))
	}
	must(flush())
	buf, err := book.WriteToBuffer()
	must(err)
	parts := unpacked(buf.Bytes())
	if m.index == filesEach-1 {
		parts[sheetPart] = exponents(parts[sheetPart], pans)
	}
	return officeZip(parts)
}

const sheetPart = "xl/worksheets/sheet1.xml"

// exponents writes numbers as Java's office library does, which has only
// floating-point numbers. What such a number cannot hold stays as it is.
func exponents(sheet []byte, pans []string) []byte {
	for _, pan := range pans {
		n, err := strconv.ParseInt(pan, 10, 64)
		must(err)
		if n < 1<<53 {
			java := strings.Replace(strconv.FormatFloat(float64(n), 'E', -1, 64), "E+", "E", 1)
			sheet = bytes.ReplaceAll(sheet, []byte("<v>"+pan+"</v>"), []byte("<v>"+java+"</v>"))
		}
	}
	return sheet
}

// unpacked reads the parts of a zip: the library's order of them differs from
// run to run, so they are packed again.
func unpacked(data []byte) map[string][]byte {
	r, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	must(err)
	parts := map[string][]byte{}
	for _, f := range r.File {
		in, err := f.Open()
		must(err)
		var buf bytes.Buffer
		_, err = buf.ReadFrom(in)
		must(err)
		parts[f.Name] = buf.Bytes()
	}
	return parts
}

// officeZip packs parts, the list of types first.
func officeZip(parts map[string][]byte) []byte {
	var buf bytes.Buffer
	w := zip.NewWriter(&buf)
	for _, name := range partOrder(parts) {
		f, err := w.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: packedAt})
		must(err)
		write(f, parts[name])
	}
	must(w.Close())
	return buf.Bytes()
}

// partOrder puts the list of types first, the rest by name.
func partOrder(parts map[string][]byte) []string {
	var out []string
	for name := range parts {
		out = append(out, name)
	}
	slices.SortFunc(out, func(a, b string) int {
		if first := (a == typesPart) != (b == typesPart); first {
			if a == typesPart {
				return -1
			}
			return 1
		}
		return strings.Compare(a, b)
	})
	return out
}

const (
	xmlHead    = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"
	typesPart  = "[Content_Types].xml"
	docxTypes  = xmlHead + `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>`
	docxRels   = xmlHead + `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>`
	docxBefore = xmlHead + `<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>`
	docxAfter  = `</w:body></w:document>`
)

// docx is a letter, a paragraph for each record or a table with a row each.
func (m *maker) docx(pans []string, runs func(m *maker, text, pan string) string) []byte {
	var body strings.Builder
	body.WriteString(docxBefore)
	inTable := m.index%2 == 1
	if inTable {
		body.WriteString("<w:tbl>")
	}
	for _, pan := range pans {
		if inTable {
			fmt.Fprintf(&body, "<w:tr><w:tc><w:p>%s</w:p></w:tc><w:tc><w:p>%s</w:p></w:tc></w:tr>", run(m.word("name")), runs(m, "\x00", pan))
		} else {
			fmt.Fprintf(&body, "<w:p>%s</w:p><w:p>%s</w:p>", run(m.prose(80)), runs(m, m.record("\x00"), pan))
		}
	}
	if inTable {
		body.WriteString("</w:tbl><w:p/>")
	}
	body.WriteString(docxAfter)
	return officeZip(map[string][]byte{typesPart: []byte(docxTypes), "_rels/.rels": []byte(docxRels), "word/document.xml": []byte(body.String())})
}

func run(text string) string {
	text = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(text)
	return `<w:r><w:t xml:space="preserve">` + text + `</w:t></w:r>`
}

// splitRuns cuts the number into runs as a word processor does after edits and
// spelling marks.
func splitRuns(m *maker, text, pan string) string {
	before, after, _ := strings.Cut(text, "\x00")
	at := m.cut(pan)
	out := run(before + pan[:at])
	rest := pan[at:]
	if m.tunes() {
		out += `<w:proofErr w:type="spellStart"/>`
	} else {
		out += `<w:bookmarkStart w:id="0" w:name="_GoBack"/><w:bookmarkEnd w:id="0"/>`
	}
	for len(rest) > 3 && m.IntN(2) == 0 {
		n := 1 + m.IntN(3)
		out += strings.Replace(run(rest[:n]), "<w:r>", "<w:r><w:rPr><w:b/></w:rPr>", 1)
		rest = rest[n:]
	}
	return out + run(rest+after)
}
