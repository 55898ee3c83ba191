package carrier

import (
	"archive/zip"
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

// cut returns a number in two pieces between which markup stands.
func cut(n uint64, between string) string { return pan(n)[:5] + between + pan(n)[5:] }

const wordSpace = `xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"`

// docx returns a document with a body.
func docx(t testing.TB, body string, more ...file) []byte {
	t.Helper()
	return zipped(t, zip.Deflate, append([]file{
		{"[Content_Types].xml", `<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>`},
		{"word/document.xml", `<?xml version="1.0"?><w:document ` + wordSpace + `><w:body>` + body + `</w:body></w:document>`},
	}, more...)...)
}

const (
	runs     = `</w:t></w:r><w:proofErr w:type="gramStart"/><w:r><w:rPr><w:b/></w:rPr><w:t>`
	odfSpace = `xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" ` +
		`xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"`
)

func paragraph(text string) string { return "<w:p><w:r><w:t>" + text + "</w:t></w:r></w:p>" }

// textbox is a text box as Word writes it: once for itself, once for its
// elders.
func textbox(text string) string {
	box := "<w:txbxContent>" + paragraph(text) + "</w:txbxContent>"
	return `<w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><wp:posOffset>1234567890123456</wp:posOffset>` + box +
		`</w:drawing></mc:Choice><mc:Fallback><w:pict>` + box + `</w:pict></mc:Fallback></mc:AlternateContent></w:r>`
}

func TestMarkup(t *testing.T) {
	odt := func(body string) string {
		return `<office:document-content ` + odfSpace + `><office:body><office:text>` + body + `</office:text></office:body></office:document-content>`
	}
	slide := func(body string) string {
		return `<p:sld xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><p:txBody>` + body + `</p:txBody></p:sld>`
	}
	tests := []struct {
		name, member, content string
		want                  []string
	}{
		{"one run", "", paragraph("card " + pan(1)), []string{pan(1)}},
		{"split runs", "", paragraph("card " + cut(1, runs)), []string{pan(1)}},
		{"two paragraphs do not join", "", paragraph(pan(1)[:8]) + paragraph(pan(1)[8:]), nil},
		{"breaks divide", "", paragraph("card " + cut(1, "</w:t><w:br/><w:t>")), nil},
		{"deleted text", "", "<w:p><w:del><w:r><w:delText>card " + cut(1, "</w:delText></w:r><w:r><w:delText>") + "</w:delText></w:r></w:del></w:p>", []string{pan(1)}},
		{"field", "", `<w:p><w:r><w:instrText>LINK "card ` + pan(1) + `"</w:instrText></w:r></w:p>`, []string{pan(1)}},
		{"text box once, and the paragraph around it", "",
			"<w:p><w:r><w:t>card " + pan(1)[:6] + "</w:t></w:r>" + textbox("card "+cut(2, runs)) + "<w:r><w:t>" + pan(1)[6:] + "</w:t></w:r></w:p>",
			[]string{pan(1), pan(2)}},
		{"a fallback that says something else", "",
			strings.Replace("<w:p>"+textbox("card "+pan(1))+"</w:p>", pan(1), pan(2), 1), []string{pan(2), pan(1)}},
		{"table", "", "<w:tbl><w:tr><w:tc>" + paragraph("card number") + "</w:tc><w:tc>" + paragraph("cvv") + "</w:tc></w:tr><w:tr><w:tc>" +
			paragraph(pan(1)) + "</w:tc><w:tc>" + paragraph("123") + "</w:tc></w:tr></w:tbl>", []string{pan(1)}},
		{"cells do not join", "", "<w:tbl><w:tr><w:tc>" + paragraph(pan(1)[:8]) + "</w:tc><w:tc>" + paragraph(pan(1)[8:]) + "</w:tc></w:tr></w:tbl>", nil},
		{"attribute", "", `<w:p><w:r><wp:docPr descr="card &#52;` + pan(1)[1:] + `"/></w:r></w:p>`, []string{pan(1)}},
		{"remark", "", "<!-- card " + pan(1) + " -->" + paragraph("x"), []string{pan(1)}},
		{"section", "", paragraph("<![CDATA[card " + pan(1) + "]]>"), []string{pan(1)}},
		{"property", "docProps/core.xml", `<cp:x xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"><dc:title>card ` + pan(1) + `</dc:title></cp:x>`, []string{pan(1)}},
		{"footnote", "word/footnotes.xml", "<w:footnotes " + wordSpace + ">" + paragraph("card "+cut(1, runs)) + "</w:footnotes>", []string{pan(1)}},
		{"link", "word/_rels/document.xml.rels", `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Target="https://pay.example/?card=` + pan(1) + `"/></Relationships>`, []string{pan(1)}},
		{"slide", "ppt/slides/slide1.xml", slide("<a:p><a:r><a:t>card " + cut(1, "</a:t></a:r><a:r><a:t>") + "</a:t></a:r></a:p>"), []string{pan(1)}},
		{"odt", "content.xml", odt("<text:p>card " + cut(1, `<text:span text:style-name="T1">`) + "</text:span></text:p>"), []string{pan(1)}},
		{"odt annotation beside", "content.xml", odt("<text:p>card " + cut(1, "<office:annotation><text:p>card "+pan(2)+"</text:p></office:annotation>") + "</text:p>"), []string{pan(1), pan(2)}},
		{"sheet comment", "xl/comments1.xml", `<comments xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><comment ref="A1"><text><r><t>card ` + cut(1, "</t></r><r><t>") + `</t></r></text></comment></comments>`, []string{pan(1)}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			content, member := docx(t, tt.content), "word/document.xml"
			if tt.member != "" {
				content, member = docx(t, paragraph("x"), file{tt.member, tt.content}), tt.member
			}
			report, all := examine(t, "a.docx", content, Options{})
			if report.Refused != 0 {
				t.Errorf("got %+v, want nothing refused", report)
			}
			checkNumbers(t, all, tt.want)
			for _, m := range all {
				if m.path != "a.docx!"+member {
					t.Errorf("got path %s, want %s", m.path, member)
				}
			}
		})
	}
}

func checkNumbers(t *testing.T, all []seen, want []string) {
	t.Helper()
	var got []string
	for _, m := range all {
		got = append(got, m.digits)
	}
	if strings.Join(got, ",") != strings.Join(want, ",") {
		t.Errorf("got %d numbers, want %d, or others or in another order", len(got), len(want))
	}
}

// Workbooks of Excel 2003 and flat OpenDocument are one part of markup.
func TestFlatWorkbooks(t *testing.T) {
	stored := pan(1)[:1] + "." + strings.TrimRight(pan(1)[1:], "0") + "E+15"
	for name, content := range map[string]string{
		"a.xls": `<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"><Table><Row><Cell><Data ss:Type="String">card number</Data></Cell><Cell><Data ss:Type="String">cvv</Data></Cell></Row>` +
			`<Row><Cell><Data ss:Type="Number">` + stored + `</Data></Cell><Cell><Data ss:Type="Number">123</Data></Cell></Row><Row><Cell><Data ss:Type="String">` + pan(2)[:8] + `</Data></Cell><Cell><Data ss:Type="String">` + pan(2)[8:] + `</Data></Cell></Row></Table></Workbook>`,
		"a.fods": `<office:document ` + odfSpace + `><table:table-row><table:table-cell><text:p>card</text:p></table:table-cell><table:table-cell office:value="` + stored + `"><text:p>4E+15</text:p></table:table-cell></table:table-row></office:document>`,
	} {
		report, all := examine(t, name, []byte(content), Options{})
		if report.Refused != 0 {
			t.Errorf("%s: got %+v, want nothing refused", name, report)
		}
		checkNumbers(t, all, []string{pan(1)})
	}
}

// A match tells where it stands in the markup: from the first digit to the
// last, whatever stands between.
func TestMarkupOrigin(t *testing.T) {
	for _, text := range []string{"card " + pan(1), "card " + cut(1, runs), "&lt;&#65; card " + cut(1, runs) + runs + " exp 12/27"} {
		content := `<?xml version="1.0"?><w:document ` + wordSpace + `><w:body>` + paragraph("银行") + paragraph(text) + `</w:body></w:document>`
		_, all := examine(t, "document.xml", []byte(content), Options{})
		if len(all) != 1 {
			t.Fatalf("got %d matches, want 1", len(all))
		}
		begin := strings.Index(content, pan(1)[:5])
		end := strings.Index(content, pan(1)[5:]) + len(pan(1)[5:])
		if m := all[0]; m.offset != int64(begin) || m.length != int64(end-begin) || m.line != 2 || m.encoding != "ooxml" {
			t.Errorf("got offset %d length %d line %d encoding %s, want %d %d 2 ooxml", m.offset, m.length, m.line, m.encoding, begin, end-begin)
		}
	}
}

func TestOverlongTag(t *testing.T) {
	tag := `<w:r w:x="` + strings.Repeat("a ", 40<<10) + " card " + pan(1) + ` "/>`
	_, all := examine(t, "a.docx", docx(t, "<w:p>"+tag+"</w:p>"+paragraph("card "+pan(2))), Options{})
	checkNumbers(t, all, []string{pan(1), pan(2)})
}

// save returns the bytes of a workbook.
func save(t testing.TB, book *excelize.File, o ...excelize.Options) []byte {
	t.Helper()
	var buf bytes.Buffer
	if err := book.Write(&buf, o...); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func TestWorkbook(t *testing.T) {
	book := excelize.NewFile()
	book.SetSheetName("Sheet1", "October export")
	number := func(n uint64) (value uint64) {
		fmt.Sscan(pan(n), &value)
		return value
	}
	book.SetSheetRow("October export", "A1", &[]any{"name", "card number", "cvv"})
	book.SetSheetRow("October export", "A2", &[]any{"one", pan(1), "123"})
	book.SetSheetRow("October export", "A5", &[]any{"two", number(2), 456})
	book.SetSheetRow("October export", "A6", &[]any{"three", float64(number(3)), 789})
	book.SetSheetRow("October export", "A7", &[]any{pan(4)[:8], pan(4)[8:]})
	book.SetCellRichText("October export", "B9", []excelize.RichTextRun{{Text: "card " + pan(5)[:7]}, {Text: pan(5)[7:]}})
	book.NewSheet("old")
	book.SetCellValue("old", "C3", "card "+pan(6))
	book.SetSheetVisible("old", false)
	book.AddComment("old", excelize.Comment{Cell: "A1", Paragraph: []excelize.RichTextRun{{Text: "card " + pan(7)[:4]}, {Text: pan(7)[4:]}}})
	book.SetDocProps(&excelize.DocProperties{Title: "card " + pan(8)})
	content := save(t, book)

	report, all := examine(t, "book.xlsx", content, Options{})
	if report.Refused != 0 {
		t.Errorf("got %+v, want nothing refused", report)
	}
	got := make(map[string]string)
	for _, m := range all {
		got[m.digits] = fmt.Sprint(m.path, ":", m.line)
	}
	want := map[uint64]string{1: "!October export:2", 2: "!October export:5", 3: "!October export:6", 5: "!October export:9", 6: "!old:3",
		7: "!xl/comments1.xml:2", 8: "!docProps/core.xml:1"}
	for n, place := range want {
		if got[pan(n)] != "book.xlsx"+place {
			t.Errorf("number %d: got %q, want %q", n, got[pan(n)], place)
		}
	}
	if len(all) != len(want) {
		t.Errorf("got %d matches, want %d", len(all), len(want))
	}
}

// A sheet's first row names the columns, so a bare number in one is sure and
// its neighbours belong to it.
func TestWorkbookColumns(t *testing.T) {
	book := excelize.NewFile()
	book.SetSheetRow("Sheet1", "B3", &[]any{"card number", "cvv"})
	book.SetSheetRow("Sheet1", "B4", &[]any{pan(1), "123"})
	var found Match
	content := save(t, book)
	Examine(t.Context(), Input{Name: "b.xlsx", R: bytes.NewReader(content), Size: int64(len(content))}, Options{}, func(m *Match) { found = *m })
	if len(found.Also) != 1 && len(found.Parts) < 2 {
		t.Errorf("got %v with %d parts, want the number with its CVV", found.Class, len(found.Parts))
	}
}

func TestEncryptedWorkbook(t *testing.T) {
	book := excelize.NewFile()
	book.SetCellValue("Sheet1", "A1", "card "+pan(1))
	report, _ := examine(t, "b.xlsx", save(t, book, excelize.Options{Password: "till"}), Options{})
	if report.Causes[Encrypted] == 0 {
		t.Errorf("got %+v, want encrypted", report)
	}
}

// Strings that find no room are read without their columns, and strings that
// no cell shows are read as well.
func TestSharedStrings(t *testing.T) {
	sheet := `<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1"><c r="A1" t="s"><v>0</v></c></row><row r="2"><c r="A2" t="s"><v>2</v></c></row></sheetData></worksheet>`
	var shared strings.Builder
	shared.WriteString(`<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">`)
	for n := range uint64(3) {
		fmt.Fprintf(&shared, "<si><t>card %s</t></si>", pan(n))
	}
	shared.WriteString("</sst>")
	book := func() []byte {
		return zipped(t, zip.Deflate,
			file{"[Content_Types].xml", `<Types><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>`},
			file{"xl/workbook.xml", `<workbook xmlns:r="r"><sheets><sheet name="S" r:id="r1"/></sheets></workbook>`},
			file{"xl/_rels/workbook.xml.rels", `<Relationships><Relationship Id="r1" Type="x/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="r2" Type="x/sharedStrings" Target="/xl/sharedStrings.xml"/></Relationships>`},
			file{"xl/sharedStrings.xml", shared.String()}, file{"xl/worksheets/sheet1.xml", sheet})
	}
	for _, tt := range []struct {
		name  string
		room  int64
		paths []string
	}{
		{"all held", 1 << 20, []string{"!S", "!S", "!xl/sharedStrings.xml"}},
		{"one held", 30, []string{"!S", "!xl/sharedStrings.xml", "!xl/sharedStrings.xml"}},
		{"none held", 1, []string{"!xl/sharedStrings.xml", "!xl/sharedStrings.xml", "!xl/sharedStrings.xml"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			report, all := examine(t, "b.xlsx", book(), Options{Budget: Budget{Buffer: tt.room}})
			var paths []string
			for _, m := range all {
				paths = append(paths, strings.TrimPrefix(m.path, "b.xlsx"))
			}
			if got := strings.Join(paths, " "); got != strings.Join(tt.paths, " ") || report.Refused != 0 {
				t.Errorf("got %s, %d refused; want %s", got, report.Refused, tt.paths)
			}
		})
	}
}

// A cell costs a few bytes and shows a string of any length.
func TestWorkbookBomb(t *testing.T) {
	book := excelize.NewFile()
	for row := range 4000 {
		book.SetCellValue("Sheet1", fmt.Sprintf("A%d", row+1), strings.Repeat("x ", 10_000))
	}
	report, _ := examine(t, "b.xlsx", save(t, book), Options{Budget: Budget{Bytes: 8 << 20}})
	if report.Causes[OverBudget] == 0 {
		t.Errorf("got %+v, want over_budget", report)
	}
}

// ods returns a spreadsheet with one table.
func ods(t testing.TB, table string, more ...file) []byte {
	t.Helper()
	return zipped(t, zip.Deflate, append([]file{
		{"mimetype", "application/vnd.oasis.opendocument.spreadsheet"},
		{"content.xml", `<office:document-content ` + odfSpace + `><office:body><office:spreadsheet><table:table table:name="Sheet A">` + table +
			`</table:table></office:spreadsheet></office:body></office:document-content>`},
	}, more...)...)
}

func TestOpenSpreadsheet(t *testing.T) {
	text := func(s string) string {
		return `<table:table-cell office:value-type="string"><text:p>` + s + `</text:p></table:table-cell>`
	}
	row := func(cells ...string) string {
		return "<table:table-row>" + strings.Join(cells, "") + "</table:table-row>"
	}
	content := ods(t, row(text("name"), text("card number"))+
		row(text("one"), `<table:table-cell office:value-type="float" office:value="`+pan(1)[:1]+"."+strings.TrimRight(pan(1)[1:], "0")+`E+15"><text:p>4.00E+15</text:p></table:table-cell>`)+
		`<table:table-row table:number-rows-repeated="3"><table:table-cell table:number-columns-repeated="900"/></table:table-row>`+
		row(`<table:table-cell table:number-columns-repeated="2"/>`, text("card "+cut(2, `<text:span>`)+"</text:span>"))+
		row(text(pan(4)[:8]), text(pan(4)[8:]))+
		row(`<table:table-cell><office:annotation><text:p>card `+pan(3)+`</text:p></office:annotation><text:p>x</text:p></table:table-cell>`)+
		`<table:table-row table:number-rows-repeated="1048000"><table:table-cell table:number-columns-repeated="16384"/></table:table-row>`)
	report, all := examine(t, "a.ods", content, Options{})
	var got []string
	for _, m := range all {
		got = append(got, fmt.Sprintf("%s:%d", m.path, m.line))
	}
	if want := "a.ods!Sheet A:2 a.ods!Sheet A:6 a.ods!content.xml:1"; strings.Join(got, " ") != want || report.Refused != 0 {
		t.Errorf("got %s, refused %d; want %s", got, report.Refused, want)
	}
	checkNumbers(t, all, []string{pan(1), pan(2), pan(3)})
}

func TestEncryptedOpenDocument(t *testing.T) {
	content := ods(t, "", file{"META-INF/manifest.xml", `<manifest:manifest><manifest:file-entry manifest:full-path="content.xml"><manifest:encryption-data/></manifest:file-entry></manifest:manifest>`})
	report, _ := examine(t, "a.ods", content, Options{})
	if report.Causes[Encrypted] != 1 || report.Refused != 1 {
		t.Errorf("got %+v, want content.xml encrypted", report)
	}
}

func FuzzWorkbook(f *testing.F) {
	sheet := `<worksheet><sheetData><row r="3"><c r="C3" t="inlineStr"><is><t>a</t></is></c><c t="s"><v>0</v></c><c><v>4.5E+15</v></c></row></sheetData>`
	f.Add([]byte(sheet), []byte("<sst><si><t>a</t></si><si><r><t>b</t></r></si></sst>"))
	f.Add([]byte("<x><table name='a'><table-row number-rows-repeated='9'><table-cell value='1'><p>1</p></table-cell></table-row></table>"), []byte(""))
	f.Fuzz(func(t *testing.T, sheet, shared []byte) {
		book := zipped(t, zip.Store,
			file{"[Content_Types].xml", `<Types><Override PartName="/xl/workbook.xml" ContentType="x.spreadsheetml.sheet.main+xml"/></Types>`},
			file{"xl/workbook.xml", `<workbook><sheets><sheet name="S" id="r1"/></sheets></workbook>`},
			file{"xl/_rels/workbook.xml.rels", `<Relationships><Relationship Id="r1" Target="s.xml"/><Relationship Id="r2" Type="/sharedStrings" Target="t.xml"/></Relationships>`},
			file{"xl/s.xml", string(sheet)}, file{"xl/t.xml", string(shared)})
		open := zipped(t, zip.Store, file{"mimetype", "application/vnd.oasis.opendocument.spreadsheet"}, file{"content.xml", string(sheet)})
		for _, content := range [][]byte{book, open} {
			report, _ := examine(t, "x", content, Options{Budget: Budget{Bytes: 8 << 20}})
			if report.Refused != report.Causes[OverBudget] || report.Bytes > 40<<20 {
				t.Errorf("got report %+v: not bounded", report)
			}
		}
	})
}

func FuzzMarkup(f *testing.F) {
	f.Add([]byte("<w:document " + wordSpace + ">" + paragraph("card "+cut(1, runs)) + "<w:p>" + textbox("x") + "</w:p></w:document>"))
	f.Add([]byte("<office:document " + odfSpace + "><text:p>a<text:s/>&amp;&#52;<text:note>b</text:note></text:p><!-- c --><![CDATA[d]]>"))
	f.Add([]byte(`<worksheet xmlns="http://schemas.openxmlformats.org/x"><sheetData><row r="3"><c r="C3" t="inlineStr"><is><t>a</t></is></c><c><v>4.5E+15</v></c></row>`))
	f.Fuzz(func(t *testing.T, content []byte) {
		report, all := examine(t, "x", content, Options{})
		// Markup may hold runs of hex or base64, each a part of its own.
		if report.Found < 1 || report.Found > 1+int64(len(content)/16) || report.Bytes > 64<<10+int64(len(content))*16 {
			t.Errorf("got report %+v for %d bytes: not bounded", report, len(content))
		}
		for _, m := range all {
			if m.offset < 0 || m.length < 0 || m.offset+m.length > int64(len(content)) {
				t.Errorf("got offset %d length %d in %d bytes", m.offset, m.length, len(content))
			}
		}
	})
}
