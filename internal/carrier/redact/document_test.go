package redact_test

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"github.com/stanch/stanch/card/cardtest"
	"github.com/stanch/stanch/internal/carrier"
	"github.com/stanch/stanch/internal/carrier/redact"
)

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// mask returns the masked form of a file, and fails if a scan finds anything
// in it.
func mask(t testing.TB, raw []byte) []byte {
	t.Helper()
	masked, err := redact.Mask(t.Context(), bytes.NewReader(raw), int64(len(raw)), redact.Options{})
	if err != nil {
		t.Fatalf("got %v, want it masked", err)
	}
	out, err := io.ReadAll(io.NewSectionReader(masked, 0, masked.Size()))
	check(t, err)
	wantClean(t, out)
	return out
}

func wantClean(t testing.TB, raw []byte) {
	t.Helper()
	_, err := carrier.Examine(t.Context(), carrier.Input{R: bytes.NewReader(raw), Size: int64(len(raw))}, carrier.Options{}, func(m *carrier.Match) {
		t.Errorf("got a %s at %s %d, encoding %v, want nothing left", m.Class, m.Path, m.Offset, m.Encoding)
	})
	check(t, err)
}

// masked returns a number as it may be shown.
func masked(pan string) string {
	return pan[:6] + strings.Repeat("*", len(pan)-10) + pan[len(pan)-4:]
}

// wantParts compares the parts of two archives: the same, in order, well
// formed, with one of them changed at least.
func wantParts(t *testing.T, before, after []byte) map[string]string {
	t.Helper()
	old, err := zip.NewReader(bytes.NewReader(before), int64(len(before)))
	check(t, err)
	now, err := zip.NewReader(bytes.NewReader(after), int64(len(after)))
	check(t, err)
	if len(old.File) != len(now.File) || old.Comment != now.Comment {
		t.Fatalf("got %d parts, want %d", len(now.File), len(old.File))
	}
	for i, f := range now.File {
		o := old.File[i]
		if f.Name != o.Name || !f.Modified.Equal(o.Modified) || f.Method != o.Method || f.ExternalAttrs != o.ExternalAttrs || !bytes.Equal(f.Extra, o.Extra) {
			t.Errorf("got %s, want the header of %s", f.Name, o.Name)
		}
	}
	contents := unpack(t, after)
	for name, text := range contents {
		if !strings.HasSuffix(name, ".xml") && !strings.HasSuffix(name, ".rels") {
			continue
		}
		if err := wellFormed(text); err != nil {
			t.Fatalf("got %v in %s, want it well formed", err, name)
		}
	}
	return contents
}

func unpack(t testing.TB, raw []byte) map[string]string {
	t.Helper()
	archive, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	check(t, err)
	contents := make(map[string]string)
	for _, f := range archive.File {
		r, err := f.Open()
		check(t, err)
		raw, err := io.ReadAll(r)
		check(t, err)
		contents[f.Name] = string(raw)
	}
	return contents
}

// book is a workbook with numbers wherever people put them.
func book(t testing.TB, pans []string) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	set := func(cell string, value any) { t.Helper(); check(t, f.SetCellValue("Sheet1", cell, value)) }
	for i, title := range []string{"name", "card number", "cvv", "amount"} {
		cell, err := excelize.CoordinatesToCellName(i+1, 1)
		check(t, err)
		set(cell, title)
	}
	set("A2", "Ann & Bob <x>")
	set("B2", pans[0])
	set("C2", 731)
	set("D2", 12.5)
	set("A3", "see "+pans[1]+" & more")
	check(t, f.SetCellDefault("Sheet1", "B3", pans[2]))
	set("D3", 1234567)
	check(t, f.SetCellRichText("Sheet1", "A4", []excelize.RichTextRun{{Text: "card " + pans[3][:5]}, {Text: pans[3][5:], Font: &excelize.Font{Bold: true}}}))
	check(t, f.AddComment("Sheet1", excelize.Comment{Cell: "D2", Author: "x", Text: "paid with " + pans[4]}))
	check(t, f.SetDocProps(&excelize.DocProperties{Title: "card " + pans[5], Creator: "shop"}))
	style, err := f.NewStyle(&excelize.Style{NumFmt: 1})
	check(t, err)
	check(t, f.SetCellStyle("Sheet1", "B3", "B3", style))
	var out bytes.Buffer
	check(t, f.Write(&out))
	return out.Bytes()
}

func numbers(n int) []string {
	var all []string
	for i := range n {
		all = append(all, cardtest.Number("visa", 16, uint64(i+40)))
	}
	return all
}

func TestWorkbook(t *testing.T) {
	pans := numbers(6)
	before := book(t, pans)
	after := mask(t, before)
	wantParts(t, before, after)
	f, err := excelize.OpenReader(bytes.NewReader(after))
	check(t, err)
	defer f.Close()
	for cell, want := range map[string]string{
		"A1": "name", "B1": "card number", "C1": "cvv", "D1": "amount", "A2": "Ann & Bob <x>", "B2": masked(pans[0]), "C2": "***",
		"D2": "12.5", "A3": "see " + masked(pans[1]) + " & more", "B3": masked(pans[2]), "D3": "1234567", "A4": "card " + masked(pans[3]),
	} {
		if got, err := f.GetCellValue("Sheet1", cell); err != nil || got != want {
			t.Errorf("cell %s: got %q, %v; want %q", cell, got, err, want)
		}
	}
	comments, err := f.GetComments("Sheet1")
	if err != nil || len(comments) != 1 || !strings.Contains(comments[0].Text+commentRuns(comments[0]), masked(pans[4])) {
		t.Errorf("got %v, %v; want the comment masked", comments, err)
	}
	props, err := f.GetDocProps()
	if err != nil || props.Title != "card "+masked(pans[5]) || props.Creator != "shop" {
		t.Errorf("got %v, %v; want the title masked", props, err)
	}
}

func commentRuns(c excelize.Comment) string {
	var all strings.Builder
	for _, r := range c.Paragraph {
		all.WriteString(r.Text)
	}
	return all.String()
}

// archive packs parts in order: name, content, name, content.
func archive(t testing.TB, parts ...string) []byte {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for pair := range slices.Chunk(parts, 2) {
		to, err := w.Create(pair[0])
		check(t, err)
		_, err = io.WriteString(to, pair[1])
		check(t, err)
	}
	check(t, w.Close())
	return out.Bytes()
}

const (
	wordSpace  = `xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"`
	wordTypes  = `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>`
	openSpaces = `xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"`
)

func wordDocument(t testing.TB, body string, more ...string) []byte {
	t.Helper()
	return archive(t, append([]string{"[Content_Types].xml", wordTypes,
		"word/document.xml", `<w:document ` + wordSpace + `><w:body>` + body + `</w:body></w:document>`,
		"word/media/logo.png", "\x89PNG\r\n\x1a\n and so on"}, more...)...)
}

func TestDocument(t *testing.T) {
	p := numbers(5)
	body := `<w:p><w:r><w:t>card ` + p[0][:3] + `</w:t></w:r><w:r><w:rPr><w:b w:val="1"/></w:rPr><w:t>` + p[0][3:9] + `</w:t></w:r><w:r><w:t>` + p[0][9:] + ` and on</w:t></w:r></w:p>` +
		`<w:p><w:r><w:t>&#` + "52" + `;` + strings.TrimPrefix(p[1], "4") + `</w:t></w:r></w:p>` +
		`<!-- ` + p[2] + ` --><w:p><w:hyperlink w:tooltip="call ` + p[3] + ` now"><w:r><w:t>Ä here</w:t></w:r></w:hyperlink></w:p>`
	comments := `<w:comments ` + wordSpace + `><w:comment w:id="1"><w:p><w:r><w:t>` + p[4] + `</w:t></w:r></w:p></w:comment></w:comments>`
	before := wordDocument(t, body, "word/comments.xml", comments)
	parts := wantParts(t, before, mask(t, before))
	got := parts["word/document.xml"]
	want := `<w:p><w:r><w:t>card ` + p[0][:3] + `</w:t></w:r><w:r><w:rPr><w:b w:val="1"/></w:rPr><w:t>` + p[0][3:6] + `***</w:t></w:r><w:r><w:t>***` + p[0][12:] + ` and on</w:t></w:r></w:p>`
	if !strings.Contains(got, want) {
		t.Errorf("got %s\nwant it to hold %s", got, want)
	}
	for _, want := range []string{"<!-- " + masked(p[2]) + " -->", `w:tooltip="call ` + masked(p[3]) + ` now"`, "Ä here"} {
		if !strings.Contains(got, want) {
			t.Errorf("got %s\nwant it to hold %s", got, want)
		}
	}
	if !strings.Contains(parts["word/comments.xml"], masked(p[4])) || parts["word/media/logo.png"] != "\x89PNG\r\n\x1a\n and so on" {
		t.Errorf("got %v, want the comment masked and the picture as it was", parts)
	}
}

func TestOpenDocument(t *testing.T) {
	p := numbers(3)
	before := archive(t, "mimetype", "application/vnd.oasis.opendocument.spreadsheet",
		"content.xml", `<office:document-content `+openSpaces+`><office:body><office:spreadsheet><table:table table:name="A"><table:table-row>`+
			`<table:table-cell office:value-type="float" office:value="`+p[0]+`"><text:p>`+p[0]+`</text:p></table:table-cell>`+
			`<table:table-cell office:value-type="float" office:value="17"><text:p>17</text:p></table:table-cell>`+
			`<table:table-cell office:value-type="string"><text:p>x `+p[1]+`</text:p></table:table-cell>`+
			`</table:table-row></table:table></office:spreadsheet></office:body></office:document-content>`,
		"META-INF/manifest.xml", `<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>`)
	got := wantParts(t, before, mask(t, before))["content.xml"]
	for _, want := range []string{
		`<table:table-cell office:value-type="string"><text:p>` + masked(p[0]) + `</text:p>`,
		`office:value-type="float" office:value="17"><text:p>17<`, "<text:p>x " + masked(p[1]) + "<",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("got %s\nwant it to hold %s", got, want)
		}
	}
}

// TestMarkupStaysWhole masks what stands in odd places of a part.
func TestMarkupStaysWhole(t *testing.T) {
	p := numbers(3)
	entity := "&#" + "52;" + p[0][1:]
	for _, tt := range []struct{ name, body, want string }{
		{"reference in an attribute", `<w:p w:x="` + entity + `"/>`, `<w:p w:x="****************"/>`},
		{"reference in text", `<w:p><w:r><w:t>a &amp; ` + entity + ` &lt;</w:t></w:r></w:p>`, `<w:t>a &amp; &#52;` + masked(p[0])[1:] + ` &lt;</w:t>`},
		{"section", `<w:p><w:r><w:t><![CDATA[x < ` + p[0] + `]]></w:t></w:r></w:p>`, `<![CDATA[x < ` + masked(p[0]) + `]]>`},
		{"two in an attribute", `<w:p w:x="` + p[0] + ` or ` + p[1] + `" w:y='` + p[2] + `'/>`,
			`<w:p w:x="` + masked(p[0]) + ` or ` + masked(p[1]) + `" w:y='` + masked(p[2]) + `'/>`},
		{"base64", `<w:p><w:r><w:t>` + base64.StdEncoding.EncodeToString([]byte("card number "+p[0]+" paid")) + `</w:t></w:r></w:p>`, `<w:t>***`},
		{"full width", `<w:p><w:r><w:t>` + strings.Map(func(r rune) rune { return r - '0' + '０' }, p[0]) + `</w:t></w:r></w:p>`, `<w:t>****************</w:t>`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			before := wordDocument(t, tt.body)
			if got := wantParts(t, before, mask(t, before))["word/document.xml"]; !strings.Contains(got, tt.want) {
				t.Errorf("got %s\nwant it to hold %s", got, tt.want)
			}
		})
	}
}

// TestOddCells masks cells that no program writes: they stay well formed.
func TestOddCells(t *testing.T) {
	pan := numbers(1)[0]
	const space = `xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"`
	for _, tt := range []struct{ cell, want string }{
		{`<c r="A1" s="1"><v>` + pan + `</v></c>`, `<c r="A1" s="1" t="str"><v>` + masked(pan) + `</v></c>`},
		{`<c t='n' r="A1"><v>` + pan + `</v></c>`, `<c t='str' r="A1"><v>` + masked(pan) + `</v></c>`},
		{`<c><v>` + pan[:1] + "." + pan[1:] + `E15</v></c>`, `<c t="str"><v>` + masked(pan) + `</v></c>`},
		{`<c><v>` + pan + `</v><is><t>a </t></is></c>`, `<v>` + masked(pan) + `</v><is><t>a </t></is>`},
		{`<c><v><![CDATA[` + pan[:4] + `]]>` + pan[4:] + `</v></c>`, `<c t="str"><v>`},
		{`<c t="inlineStr"><is><r><t>a ` + pan[:4] + `</t></r><r><t>` + pan[4:] + ` b</t></r></is></c>`,
			`<t>a ` + pan[:4] + `</t></r><r><t>` + masked(pan)[4:] + ` b</t>`},
	} {
		before := archive(t, "[Content_Types].xml", `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>`,
			"xl/workbook.xml", `<workbook `+space+`><sheets><sheet name="A" id="r1"/></sheets></workbook>`,
			"xl/_rels/workbook.xml.rels", `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="x/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`,
			"xl/worksheets/sheet1.xml", `<worksheet `+space+`><sheetData><row r="1">`+tt.cell+`</row></sheetData></worksheet>`)
		if got := wantParts(t, before, mask(t, before))["xl/worksheets/sheet1.xml"]; !strings.Contains(got, tt.want) {
			t.Errorf("got %s\nwant it to hold %s", got, tt.want)
		}
	}
}

// TestFormula: what a formula says outright is made zero, so that it still is
// one; what it gave is masked.
func TestFormula(t *testing.T) {
	pan := numbers(1)[0]
	f := excelize.NewFile()
	defer f.Close()
	check(t, f.SetCellFormula("Sheet1", "A1", "B1="+pan))
	check(t, f.SetCellFormula("Sheet1", "A2", "B2+0"))
	check(t, f.SetCellDefault("Sheet1", "B2", pan))
	var out bytes.Buffer
	check(t, f.Write(&out))
	after := mask(t, out.Bytes())
	sheet := wantParts(t, out.Bytes(), after)["xl/worksheets/sheet1.xml"]
	if !strings.Contains(sheet, "<f>B1=0000000000000000</f>") || !strings.Contains(sheet, "<f>B2+0</f>") {
		t.Errorf("got %s, want formulas", sheet)
	}
}

func TestRefusedDocuments(t *testing.T) {
	pan := numbers(1)[0]
	text := `<w:p><w:r><w:t>` + pan + `</w:t></w:r></w:p>`
	locked := wordDocument(t, text)
	for _, header := range []string{"PK\x01\x02", "PK\x03\x04"} { // the flag "encrypted" of each member
		at := 8
		if header == "PK\x03\x04" {
			at = 6
		}
		for i := 0; i+at < len(locked); i++ {
			if bytes.HasPrefix(locked[i:], []byte(header)) {
				locked[i+at] |= 1
			}
		}
	}
	for _, tt := range []struct {
		name string
		raw  []byte
		want error
	}{
		{"nothing in it", wordDocument(t, "<w:p/>"), redact.ErrKind},
		{"an archive", archive(t, "a.txt", pan), redact.ErrKind},
		{"damaged", wordDocument(t, text)[:300], redact.ErrKind},
		{"encrypted", locked, redact.ErrKind},
		{"signed", wordDocument(t, text, "_xmlsignatures/sig1.xml", "<Signature/>"), redact.ErrKind},
		{"signed macros", wordDocument(t, text, "word/vbaProjectSignature.bin", "x"), redact.ErrKind},
		{"a part twice", wordDocument(t, text, "word/document.xml", "<x/>"), redact.ErrKind},
		{"a number where it cannot be masked", wordDocument(t, text, "word/embeddings/a.bin", pan), redact.ErrRemains},
		{"a number in a name", wordDocument(t, text, "word/"+pan+".xml", "<x/>"), redact.ErrRemains},
		{"a pivot table", wordDocument(t, "", "xl/pivotCache/pivotCacheRecords1.xml", `<r xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><n v="`+pan+`"/></r>`), redact.ErrKind},
		{"a part too large", wordDocument(t, text, "word/big.xml", strings.Repeat(" ", 64<<20)+" "), redact.ErrTooLarge},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := redact.Mask(t.Context(), bytes.NewReader(tt.raw), int64(len(tt.raw)), redact.Options{}); !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
		})
	}
	head := archive(t, "mimetype", "x")
	_, err := redact.Mask(t.Context(), bytes.NewReader(head), 64<<20+1, redact.Options{})
	if !errors.Is(err, redact.ErrTooLarge) {
		t.Errorf("got %v, want %v", err, redact.ErrTooLarge)
	}
}
