package carrier

import (
	"bytes"
	"compress/zlib"
	"encoding/ascii85"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
)

// A pdfDraft is a PDF being written by hand. Object n is objects[n-1].
type pdfDraft struct{ objects []string }

func (d *pdfDraft) add(object string) int {
	d.objects = append(d.objects, object)
	return len(d.objects)
}

func (d *pdfDraft) stream(dict, content string) int {
	return d.add(fmt.Sprintf("<< %s /Length %d >>\nstream\n%s\nendstream", dict, len(content), content))
}

// write returns the file with a classic table.
func (d *pdfDraft) write(trailer string) []byte {
	var buf bytes.Buffer
	buf.WriteString("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
	at := make([]int, len(d.objects))
	for i, object := range d.objects {
		at[i] = buf.Len()
		fmt.Fprintf(&buf, "%d 0 obj\n%s\nendobj\n", i+1, object)
	}
	start := buf.Len()
	fmt.Fprintf(&buf, "xref\n0 %d\n0000000000 65535 f \n", len(at)+1)
	for _, offset := range at {
		fmt.Fprintf(&buf, "%010d 00000 n \n", offset)
	}
	fmt.Fprintf(&buf, "trailer\n<< /Size %d /Root 1 0 R %s >>\nstartxref\n%d\n%%%%EOF\n", len(at)+1, trailer, start)
	return buf.Bytes()
}

// writePacked returns the file with all objects but streams in an object
// stream, and the table in a stream with a predictor.
func (d *pdfDraft) writePacked() []byte {
	var buf, body, index bytes.Buffer
	buf.WriteString("%PDF-1.7\n")
	n := len(d.objects)
	rows := make([][4]byte, n+3)
	packed := 0
	for i, object := range d.objects {
		if strings.Contains(object, "stream\n") {
			rows[i+1] = [4]byte{1, byte(buf.Len() >> 8), byte(buf.Len()), 0}
			fmt.Fprintf(&buf, "%d 0 obj\n%s\nendobj\n", i+1, object)
			continue
		}
		rows[i+1] = [4]byte{2, byte((n + 1) >> 8), byte(n + 1), byte(packed)}
		fmt.Fprintf(&index, "%d %d ", i+1, body.Len())
		body.WriteString(object + "\n")
		packed++
	}
	rows[n+1] = [4]byte{1, byte(buf.Len() >> 8), byte(buf.Len()), 0}
	content := deflated(index.String() + body.String())
	fmt.Fprintf(&buf, "%d 0 obj\n<< /Type /ObjStm /N %d /First %d /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream\nendobj\n",
		n+1, packed, index.Len(), len(content), content)
	start := buf.Len()
	rows[n+2] = [4]byte{1, byte(start >> 8), byte(start), 0}
	var table, above []byte
	above = make([]byte, 4)
	for _, row := range rows {
		table = append(table, 2) // less by what stands above
		for i, c := range row {
			table = append(table, c-above[i])
		}
		above = append(above[:0], row[:]...)
	}
	content = deflated(string(table))
	fmt.Fprintf(&buf, "%d 0 obj\n<< /Type /XRef /Size %d /W [1 2 1] /Root 1 0 R /Filter /FlateDecode /DecodeParms << /Predictor 12 /Columns 4 >> /Length %d >>\nstream\n%s\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n",
		n+2, len(rows), len(content), content, start)
	return buf.Bytes()
}

func deflated(s string) string {
	var buf bytes.Buffer
	w := zlib.NewWriter(&buf)
	w.Write([]byte(s))
	w.Close()
	return buf.String()
}

// onePage returns a draft with one page that has the content and two fonts: F1
// a plain one, F2 a composite one whose glyphs are c+0x100 for each character c.
func onePage(dict, content string, more ...string) *pdfDraft {
	d := new(pdfDraft)
	d.add("<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [10 0 R] >> >>")
	d.add("<< /Type /Pages /Kids [3 0 R] /Count 1 /Resources << /Font << /F1 5 0 R /F2 6 0 R >> /XObject << /X1 9 0 R >> >> >>")
	d.add("<< /Type /Page /Parent 2 0 R /Contents 4 0 R /Annots [10 0 R] >>")
	d.stream(dict, content)
	d.add("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding << /Differences [1 /zero /one /two /three /four /five /six /seven /eight /nine] >> >>")
	d.add("<< /Type /Font /Subtype /Type0 /BaseFont /Any /Encoding /Identity-H /DescendantFonts [7 0 R] /ToUnicode 8 0 R >>")
	d.add("<< /Type /Font /Subtype /CIDFontType2 /DW 500 /W [256 511 500] >>")
	d.stream("", "1 begincodespacerange <0000> <ffff> endcodespacerange\n1 beginbfrange <0120> <017e> <0020> endbfrange 1 beginbfchar <0500> <53610020> endbfchar")
	for _, object := range append(more, "null", "null")[:2] {
		d.add(object)
	}
	return d
}

// wideCodes returns text in the codes of font F2.
func wideCodes(text string) string {
	var out strings.Builder
	for _, c := range text {
		fmt.Fprintf(&out, "01%02x", c)
	}
	return "<" + out.String() + ">"
}

func TestPDFText(t *testing.T) {
	n := pan(1)
	form := func(content string) string {
		return fmt.Sprintf("<< /Type /XObject /Subtype /Form /Matrix [1 0 0 1 0 0] /Length %d >>\nstream\n%s\nendstream", len(content), content)
	}
	tests := []struct {
		name, content string
		more          []string
		want          []string
	}{
		{"Tj", "BT /F1 12 Tf 72 700 Td (card " + n + ") Tj ET", nil, []string{n}},
		{"kerned", "BT /F1 12 Tf 72 700 Td [(card ) (" + n[:5] + ") -20 (" + n[5:9] + ") 30 (" + n[9:] + ")] TJ ET", nil, []string{n}},
		{"spaces by moving", "BT /F1 12 Tf 72 700 Td [(card) -278 (" + n[:4] + ") -278 (" + n[4:8] + ") -278 (" + n[8:12] + ") -278 (" + n[12:] + ")] TJ ET", nil, []string{n}},
		{"columns divide", "BT /F1 12 Tf 72 700 Td [(" + n[:8] + ") -3000 (" + n[8:] + ")] TJ ET", nil, nil},
		{"lines divide", "BT /F1 12 Tf 72 700 Td (" + n[:8] + ") Tj 0 -14 Td (" + n[8:] + ") Tj ET", nil, nil},
		{"placed one by one", "BT /F1 10 Tf 1 0 0 1 72 700 Tm (card " + n[:8] + ") Tj 1 0 0 1 " + fmt.Sprint(72+float64(500+556+333+556+278+8*556)/100) + " 700 Tm (" + n[8:] + ") Tj ET", nil, []string{n}},
		{"out of order", "BT /F1 10 Tf 1 0 0 1 150 700 Tm (" + n[8:] + ") Tj 1 0 0 1 105.52 700 Tm (" + n[:8] + ") Tj 1 0 0 1 70 700 Tm (card:) Tj ET", nil, []string{n}},
		{"quotes", "BT /F1 12 Tf 14 TL 72 700 Td (x) ' (card " + n + ") ' 1 0 (card " + pan(2) + ") \" ET", nil, []string{n, pan(2)}},
		{"hex", "BT /F1 12 Tf 72 700 Td <" + hex.EncodeToString([]byte("card "+n)) + "> Tj ET", nil, []string{n}},
		{"octal", `BT /F1 12 Tf 72 700 Td (card \06` + string(n[0]) + n[1:] + ") Tj ET", nil, []string{n}},
		{"differences", "BT /F1 12 Tf 72 700 Td (card ) Tj <" + differences(n) + "> Tj ET", nil, []string{n}},
		{"composite", "BT /F2 12 Tf 72 700 Td <0500> Tj " + wideCodes("card "+n) + " Tj ET", nil, []string{n}},
		{"composite, kerned", "BT /F2 12 Tf 72 700 Td [" + wideCodes("card "+n[:3]) + " 12 " + wideCodes(n[3:]) + "] TJ ET", nil, []string{n}},
		{"turned", "BT /F1 12 Tf 0 1 -1 0 100 100 Tm (card " + n[:6] + ") Tj (" + n[6:] + ") Tj ET", nil, []string{n}},
		{"bold by drawing twice", "BT /F1 12 Tf 72 700 Td (card " + n + ") Tj 0.3 0 Td (card " + n + ") Tj ET", nil, []string{n}},
		{"form", "/X1 Do", []string{form("BT /F1 12 Tf (card " + n + ") Tj ET")}, []string{n}},
		{"form in itself", "/X1 Do", []string{form("BT /F1 12 Tf (x) Tj ET /X1 Do")}, nil},
		{"picture in between", "q BI /W 1 /H 1 ID \x01EI(\x02 EI Q BT /F1 12 Tf (card " + n + ") Tj ET", nil, []string{n}},
		{"field", "", []string{"null", "<< /Type /Annot /Subtype /Widget /FT /Tx /T (card) /V (card " + n + ") >>"}, []string{n}},
		{"wide field", "", []string{"null", "<< /Type /Annot /Subtype /Widget /FT /Tx /V <feff" + hex.EncodeToString(wideText16("card "+n, true, false)) + "> >>"}, []string{n}},
		{"note without words", "", []string{form("BT /F1 12 Tf (card " + n + ") Tj ET"), "<< /Type /Annot /Subtype /Stamp /AP << /N 9 0 R >> >>"}, []string{n}},
		{"orphan", "", []string{"<< /Length 60 >>\nstream\n" + fmt.Sprintf("%-60s", "card "+n) + "\nendstream"}, []string{n}},
	}
	for _, tt := range tests {
		draft := onePage("", tt.content, tt.more...)
		packed := onePage("/Filter /FlateDecode", deflated(tt.content), tt.more...)
		cut := draft.write("")
		for form, content := range map[string][]byte{"plain": draft.write(""), "packed": packed.writePacked(),
			"no table": cut[:bytes.LastIndex(cut, []byte("xref\n0"))], "table without content": dislocated(draft.write(""), 4), "wrong table": bytes.Replace(draft.write(""), []byte("0000000015"), []byte("0000000003"), 1)} {
			t.Run(tt.name+"/"+form, func(t *testing.T) {
				report, all := examine(t, "a.pdf", content, Options{})
				if want := int64(0); report.Refused != want && tt.name != "form in itself" {
					t.Errorf("got report %+v, want nothing refused", report)
				}
				checkNumbers(t, all, tt.want)
			})
		}
	}
}

// dislocated returns a PDF whose table says a wrong place for one object.
func dislocated(content []byte, number int) []byte {
	line := bytes.LastIndex(content, []byte("65535 f \n")) + len("65535 f \n")
	copy(content[line+(number-1)*20:], "0000000007")
	return content
}

// differences returns a number in the odd codes that font F1 has for digits.
func differences(number string) string {
	var out strings.Builder
	for _, c := range number {
		fmt.Fprintf(&out, "%02x", c-'0'+1)
	}
	return out.String()
}

func TestPDFFilters(t *testing.T) {
	content := "BT /F1 12 Tf 72 700 Td (card " + pan(1) + ") Tj ET " + strings.Repeat("% filler filler\n", 200)
	base85 := make([]byte, ascii85.MaxEncodedLen(len(content)))
	base85 = base85[:ascii85.Encode(base85, []byte(content))]
	var rows []byte // each less by what stands to the left
	for i := 0; i < len(content); i += 10 {
		row := []byte(fmt.Sprintf("%-10s", content[i:min(len(content), i+10)]))
		for j := 9; j > 0; j-- {
			row[j] -= row[j-1]
		}
		rows = append(append(rows, 1), row...)
	}
	tests := []struct{ name, dict, content string }{
		{"Flate", "/Filter /FlateDecode", deflated(content)},
		{"Flate with a wrong sum", "/Filter [/FlateDecode]", deflated(content)[:len(deflated(content))-4] + "\x00\x00\x00\x00"},
		{"ASCII85", "/Filter /ASCII85Decode", "<~" + string(base85) + "~>"},
		{"ASCIIHex", "/Filter /AHx", hex.EncodeToString([]byte(content)) + ">"},
		{"hex of Flate", "/Filter [/ASCIIHexDecode /FlateDecode]", hex.EncodeToString([]byte(deflated(content))) + ">"},
		{"RunLength", "/Filter /RunLengthDecode", runs128(content) + "\x80"},
		{"LZW", "/Filter /LZWDecode", string(lzwEncoded(content))},
		{"predicted", "/Filter /FlateDecode /DecodeParms << /Predictor 11 /Columns 10 >>", deflated(string(rows))},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			report, all := examine(t, "a.pdf", onePage(tt.dict, tt.content).write(""), Options{})
			if report.Refused != 0 {
				t.Errorf("got report %+v, want nothing refused", report)
			}
			checkNumbers(t, all, []string{pan(1)})
		})
	}
}

// runs128 packs text as literal runs.
func runs128(text string) string {
	var out strings.Builder
	for len(text) > 0 {
		n := min(len(text), 128)
		out.WriteByte(byte(n - 1))
		out.WriteString(text[:n])
		text = text[n:]
	}
	return out.String()
}

// lzwEncoded packs text as PDF does it.
func lzwEncoded(text string) []byte {
	var out []byte
	var bits, have uint
	width := uint(9)
	put := func(code int) {
		bits, have = bits<<width|uint(code), have+width
		for have >= 8 {
			have -= 8
			out = append(out, byte(bits>>have))
		}
	}
	codes, next := map[string]int{}, 258
	code := func(s string) int {
		if len(s) == 1 {
			return int(s[0])
		}
		return codes[s]
	}
	put(256)
	s := ""
	for i := range len(text) {
		c := text[i : i+1]
		if _, known := codes[s+c]; known || s == "" {
			s += c
			continue
		}
		put(code(s))
		codes[s+c] = next
		next++
		if next+1 > 1<<width-1+1 && width < 12 {
			width++
		}
		if next >= 4094 {
			put(256)
			codes, next, width = map[string]int{}, 258, 9
		}
		s = c
	}
	put(code(s))
	put(257)
	return append(out, byte(bits<<(8-have)))
}

func TestPDFPlaces(t *testing.T) {
	attached := line(5)
	d := onePage("", "BT /F1 12 Tf 72 700 Td (card "+pan(1)+") Tj ET",
		fmt.Sprintf("<< /Type /EmbeddedFile /Length %d >>\nstream\n%s\nendstream", len(attached), attached),
		"<< /Type /Filespec /F (till.log) /EF << /F 9 0 R >> >>")
	d.objects[1] = "<< /Type /Pages /Kids [3 0 R 11 0 R 12 0 R] /Count 3 /Resources << /Font << /F1 5 0 R >> /XObject << /Im 14 0 R >> >> >>"
	d.add("<< /Type /Page /Contents [13 0 R] >>")
	d.add("<< /Type /Page /Contents 15 0 R >>")
	d.stream("", "BT /F1 12 Tf 72 700 Td (card "+pan(2)+") Tj ET")
	d.stream("/Type /XObject /Subtype /Image /Width 800 /Height 600 /Filter /DCTDecode", "\xff\xd8\xff")
	d.stream("", "q 600 0 0 800 0 0 cm /Im Do Q")
	d.add("<< /Title (card " + pan(3) + ") >>")
	d.stream("/Type /Metadata /Subtype /XML", "<x:xmpmeta><dc:title>card "+pan(4)+"</dc:title></x:xmpmeta>")
	report, all := examine(t, "a.pdf", d.write("/Info 16 0 R"), Options{})
	want := []string{"a.pdf!page 1", "a.pdf!page 2", "a.pdf!strings", "a.pdf!till.log", "a.pdf!object 17"}
	var got []string
	for _, m := range all {
		got = append(got, m.path)
	}
	if strings.Join(got, ",") != strings.Join(want, ",") {
		t.Errorf("got %s, want %s", got, want)
	}
	if len(report.Unexamined) != 1 || report.Unexamined[0].Path != "a.pdf!page 3" || report.Unexamined[0].Cause != Picture {
		t.Errorf("got unexamined %+v, want page 3 as a picture and nothing else", report.Unexamined)
	}
}

// What an editor took out is still there if it only added to the file, and
// content that no page shows is laid out as if one did.
func TestPDFRemains(t *testing.T) {
	content := func(n uint64) string {
		return "BT /F1 12 Tf 72 700 Td [(card " + pan(n)[:6] + ") 9 (" + pan(n)[6:] + ")] TJ ET"
	}
	d := onePage("", content(1))
	d.stream("", content(3))
	whole := d.write("")
	size := len(whole)
	added := fmt.Sprintf("4 0 obj\n<< /Length %d >>\nstream\n%s\nendstream\nendobj\n", len(content(2)), content(2))
	table := bytes.LastIndex(whole, []byte("xref\n0"))
	whole = append(whole, added+fmt.Sprintf("xref\n4 1\n%010d 00000 n \ntrailer << /Size 12 /Root 1 0 R /Prev %d >>\nstartxref\n%d\n%%%%EOF\n", size, table, size+len(added))...)
	report, all := examine(t, "a.pdf", whole, Options{})
	checkNumbers(t, all, []string{pan(2), pan(3), pan(1)})
	if len(all) != 3 || all[0].path != "a.pdf!page 1" || all[1].path != "a.pdf!object 11" || !strings.HasPrefix(all[2].path, "a.pdf!replaced object 4 at ") || report.Refused != 0 {
		t.Errorf("got %v, refused %d", len(all), report.Refused)
	}
}

func TestPDFLimits(t *testing.T) {
	deep := strings.Repeat("[", 200) + strings.Repeat("]", 200)
	tests := []struct {
		name    string
		content []byte
		budget  Budget
		cause   Cause
	}{
		{"a bomb", onePage("/Filter /FlateDecode", deflated(strings.Repeat("0 0 m\n", 1<<20))).write(""), Budget{Bytes: 1 << 20}, OverBudget},
		{"deep", onePage("", deep+" (x) Tj").write(""), Budget{}, OverBudget},
		{"an endless string", onePage("", "("+strings.Repeat("x", 9<<20)).write(""), Budget{}, OverBudget},
		{"forms in forms", onePage("", "/X1 Do", "<< /Subtype /Form /Length 13 >>\nstream\n/X1 Do /X1 Do\nendstream").write(""), Budget{}, OverBudget},
		{"encrypted", onePage("", "x").write("/Encrypt << /Filter /Other >>"), Budget{}, Encrypted},
		{"unknown filter", onePage("/Filter /Other", "x").write(""), Budget{}, UnknownCompression},
		{"no PDF", []byte("%PDF-1.4 and then nothing"), Budget{}, Broken},
		{"pages in a circle", bytes.Replace(onePage("", "x").write(""), []byte("/Kids [3 0 R]"), []byte("/Kids [2 0 R]"), 1), Budget{}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			report, _ := examine(t, "a.pdf", tt.content, Options{Budget: tt.budget})
			if tt.cause != "" && report.Causes[tt.cause] == 0 || tt.cause == "" && report.Refused != 0 {
				t.Errorf("got report %+v, want %q", report, tt.cause)
			}
		})
	}
}

func FuzzPDF(f *testing.F) {
	d := onePage("/Filter /FlateDecode", deflated("BT /F1 12 Tf 72 700 Td [(card "+pan(1)+") 5] TJ /F2 1 Tf "+wideCodes("x")+" Tj ET /X1 Do"),
		"<< /Subtype /Form /Length 20 >>\nstream\nBI /W 1 ID xxxx EI q\nendstream", "<< /V (x) /AP << /N 9 0 R >> >>")
	f.Add(d.write(""))
	f.Add(d.writePacked())
	f.Add(d.write("")[:900])
	f.Add(onePage("/Filter [/A85 /LZW /RL]", "<~87cUR~>").write("/Encrypt << /Filter /Standard /V 2 /R 3 /Length 128 /P -4 /O (xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx) /U (xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx) >> /ID [(x) (x)]"))
	f.Fuzz(func(t *testing.T, content []byte) {
		report, _ := examine(t, "a.pdf", append([]byte("%PDF-"), content...), Options{Budget: Budget{Bytes: 4 << 20, Members: 200}})
		if report.Found < 1 || report.Bytes > 40<<20 {
			t.Errorf("got report %+v: not bounded", report)
		}
	})
}
