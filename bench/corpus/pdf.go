package corpus

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"strings"
)

// paper is a PDF with a line for each record. Show writes one as an operator.
func paper(name string, deflate bool, show func(m *maker, text, pan string) string) Class {
	return boxed(name, Document, func(m *maker, pans []string) (string, []byte) {
		packed := deflate || name != "pdf_plain" && m.index%2 == 1
		return ".pdf", m.pdf(pans, packed, show)
	})
}

// pdfString shows a line as one string.
func pdfString(_ *maker, text, pan string) string {
	return "(" + pdfEscape(strings.Replace(text, "\x00", pan, 1)) + ") Tj"
}

// pdfKerned moves letters a little, as typesetters do: pieces and distances.
func pdfKerned(m *maker, text, pan string) string {
	text = strings.Replace(text, "\x00", pan, 1)
	var out strings.Builder
	out.WriteString("[")
	for len(text) > 0 {
		n := min(len(text), 1+m.IntN(4))
		distance := m.IntN(60) - 30
		if m.tunes() {
			fmt.Fprintf(&out, "(%s) %d ", pdfEscape(text[:n]), distance)
		} else {
			fmt.Fprintf(&out, "(%s)%.1f", pdfEscape(text[:n]), float64(distance)/2)
		}
		text = text[n:]
	}
	return out.String() + "] TJ"
}

// pdfHex shows a line as a string in hex: of characters, or in the last file of
// the font's own glyph numbers, which a map in the file turns back.
func pdfHex(m *maker, text, pan string) string {
	text = strings.Replace(text, "\x00", pan, 1)
	if !m.inGlyphs() {
		return "<" + m.inCase(fmt.Sprintf("%x", text)) + "> Tj"
	}
	var out strings.Builder
	for _, c := range []byte(text) {
		fmt.Fprintf(&out, "%04X", c-glyphsBelow)
	}
	return "<" + out.String() + "> Tj"
}

// inGlyphs reports whether this is a file in glyph numbers.
func (m *maker) inGlyphs() bool { return m.class == "pdf_hex" && m.index == filesEach-1 }

// glyphsBelow is how much lower a character's glyph is in most fonts.
const glyphsBelow = 29

const glyphFont = "<< /Type /Font /Subtype /Type0 /BaseFont /AAAAAA+Sans /Encoding /Identity-H /ToUnicode 6 0 R /DescendantFonts [7 0 R] >>"

const descendantFont = "<< /Type /Font /Subtype /CIDFontType2 /BaseFont /AAAAAA+Sans /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> /DW 600 >>"

const glyphMap = "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n" +
	"1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n1 beginbfrange\n<0003> <0061> <0020>\nendbfrange\nendcmap\nCMapName currentdict /CMap defineresource pop\nend\nend"

func pdfEscape(s string) string {
	return strings.NewReplacer(`\`, `\\`, "(", `\(`, ")", `\)`).Replace(s)
}

func (m *maker) pdf(pans []string, deflate bool, show func(m *maker, text, pan string) string) []byte {
	var content strings.Builder
	content.WriteString("BT\n/F1 10 Tf\n14 TL\n50 800 Td\n")
	for _, pan := range pans {
		content.WriteString(show(m, m.plainRecord(), pan) + "\nT*\n")
	}
	content.WriteString("ET\n")
	stream, filter := []byte(content.String()), ""
	if deflate {
		var buf bytes.Buffer
		w := zlib.NewWriter(&buf)
		write(w, stream)
		must(w.Close())
		stream, filter = buf.Bytes(), " /Filter /FlateDecode"
	}
	objects := []string{
		"<< /Type /Catalog /Pages 2 0 R >>",
		"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
		"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
		fmt.Sprintf("<< /Length %d%s >>\nstream\n%s\nendstream", len(stream), filter, stream),
		"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
	}
	if m.inGlyphs() {
		objects[len(objects)-1] = glyphFont
		objects = append(objects, fmt.Sprintf("<< /Length %d >>\nstream\n%s\nendstream", len(glyphMap), glyphMap), descendantFont)
	}
	return pdfFile(objects)
}

// plainRecord is a record in letters that a PDF's own fonts have.
func (m *maker) plainRecord() string {
	for {
		text := m.record("\x00")
		if !strings.ContainsFunc(text, func(r rune) bool { return r > '~' }) {
			return text
		}
	}
}

func pdfFile(objects []string) []byte {
	var out bytes.Buffer
	out.WriteString("%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
	var at []int
	for i, o := range objects {
		at = append(at, out.Len())
		fmt.Fprintf(&out, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	start := out.Len()
	fmt.Fprintf(&out, "xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for _, n := range at {
		fmt.Fprintf(&out, "%010d 00000 n \n", n)
	}
	fmt.Fprintf(&out, "trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, start)
	return out.Bytes()
}
