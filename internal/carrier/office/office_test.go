package office

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

func TestAppendNumber(t *testing.T) {
	tests := []struct{ stored, want string }{
		{"4000000000000002", "4000000000000002"},
		{"4000000000000002.0", "4000000000000002"},
		{"4.000000000000002E+15", "4000000000000002"},
		{"4.000000000000002e15", "4000000000000002"},
		{"4.0E+15", "4000000000000000"},
		{"0.4E+2", "40"},
		{"-4.2E+1", "-42"},
		{"6.2E18", "6200000000000000000"},
		{"0", "0"},
		{"4.0000000000000025E+15", "4.0000000000000025E+15"}, // not an integer
		{"4.000000000000002E+150", "4.000000000000002E+150"},
		{"1E+30", "1E+30"},
		{"4.2E-3", "4.2E-3"},
		{"3.14", "3.14"},
		{"1,5", "1,5"},
		{"", ""},
		{"E5", "E5"},
		{".", "."},
	}
	for _, tt := range tests {
		if got := string(AppendNumber(nil, []byte(tt.stored))); got != tt.want {
			t.Errorf("%q: got %q, want %q", tt.stored, got, tt.want)
		}
	}
}

func TestSheet(t *testing.T) {
	tests := []struct{ name, markup, want string }{
		{"rows and columns", `<row r="2"><c r="B2"><v>1</v></c><c r="D2"><v>2</v></c></row><row r="4"><c r="A4"><v>3</v></c></row>`, "\n\t1\t\t2\n\n3\n"},
		{"without references", `<row><c><v>1</v></c><c/><c><v>2</v></c></row><row><c><v>3</v></c></row>`, "1\t\t2\n3\n"},
		{"inline", `<row><c t="inlineStr"><is><r><t>a</t></r><r><t xml:space="preserve"> b` + "\n" + `c</t></r></is></c></row>`, "a b c\n"},
		{"shared", `<row><c t="s"><v>1</v></c><c t="s"><v>9</v></c><c t="s"><v>0</v></c></row>`, "two\t\tone\n"},
		{"formula", `<row><c t="str"><f>A1&amp;"x"</f><v>shown</v></c><c><f>"400000000000"&amp;B1</f><v>1.0E+2</v></c></row>`, "shown\t100\n\"400000000000\"&B1\n"},
		{"footer", `<row><c><v>1</v></c></row></sheetData><oddFooter>Page &amp;P</oddFooter>`, "1\nPage &P\n"},
		{"attribute", `<row><c><v>1</v></c></row><x y="400000000000"/>`, "1\ny=400000000000\n"},
		{"far right", `<row><c r="XFD1"><v>1</v></c><c r="XFE1"><v>2</v></c></row>`, strings.Repeat("\t", maxColumn) + "1\t2\n"},
		{"a row that does not exist", `<row r="99999999"><c><v>1</v></c></row>`, "1\n"},
		{"cut off", `<row><c><v>1`, "1\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			shared, err := ReadStrings(strings.NewReader("<sst><si><t>one</t></si><si><r><t>tw</t></r><r><t>o</t></r></si></sst>"), 1000)
			if err != nil {
				t.Fatal(err)
			}
			source := "<worksheet><sheetData>" + tt.markup
			for _, r := range []io.Reader{strings.NewReader(source), iotest.OneByteReader(strings.NewReader(source))} {
				got, err := io.ReadAll(Sheet(r, shared))
				if err != nil || string(got) != tt.want {
					t.Errorf("got %q, error %v; want %q", got, err, tt.want)
				}
			}
		})
	}
}

// However the markup arrives and the text is fetched, it is the same.
func TestBlocks(t *testing.T) {
	source := `<d><!-- 400000000000 --><p><r><t>a &amp; b</t></r><tab/></p><![CDATA[x]]><tbl><tr><tc><p><t>1</t></p><p><t>2</t></p></tc></tr></tbl>` +
		strings.Repeat("<p><t>word</t></p>", 20_000)
	want, err := io.ReadAll(Markup(strings.NewReader(source), false))
	if err != nil {
		t.Fatal(err)
	}
	for name, r := range map[string]io.Reader{
		"one byte": iotest.OneByteReader(strings.NewReader(source)), "half": iotest.HalfReader(strings.NewReader(source)),
	} {
		if got, err := io.ReadAll(iotest.OneByteReader(Markup(r, false))); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: got %d bytes, error %v; want %d", name, len(got), err, len(want))
		}
	}
}

// An element that never ends, or never pauses, holds no memory.
func TestMarkupHoldsLittle(t *testing.T) {
	for _, unit := range []string{"<p>", "<txbxContent>", "<t>", "<tc>", "<Fallback>", `<p a="400000000000">`, "&amp;", "<!-- ", "<", "<si>", "</p>", "<tc><p>x</p>"} {
		text := Markup(io.LimitReader(&repeated{unit: unit}, 1<<20), false)
		most := 0
		block := make([]byte, 4096)
		for {
			if _, err := text.Read(block); err != nil {
				break
			}
			from := text.from.(*flow)
			most = max(most, cap(text.bytes)+cap(from.aside.bytes)+cap(from.choice.bytes)+32*cap(text.pieces)+32*cap(from.aside.pieces))
		}
		if most > 12<<20 {
			t.Errorf("%q: got %d bytes held, want at most 12 MiB", unit, most)
		}
	}
}

type repeated struct {
	unit string
	at   int
}

func (r *repeated) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = r.unit[r.at%len(r.unit)]
		r.at++
	}
	return len(p), nil
}

func BenchmarkMarkup(b *testing.B) {
	source := []byte(strings.Repeat(`<w:p w:rsidR="00A77B3E" w:rsidRDefault="00A77B3E"><w:pPr><w:jc w:val="left"/></w:pPr><w:r><w:rPr><w:b/></w:rPr><w:t>Some words of a letter</w:t></w:r></w:p>`, 20_000))
	b.SetBytes(int64(len(source)))
	for b.Loop() {
		io.Copy(io.Discard, Markup(bytes.NewReader(source), false))
	}
}

func BenchmarkSheet(b *testing.B) {
	source := []byte(strings.Repeat(`<row r="1" spans="1:3"><c r="A1" s="1" t="s"><v>0</v></c><c r="B1"><v>4000000</v></c><c r="C1"><v>4.5E+3</v></c></row>`, 30_000))
	shared, _ := ReadStrings(strings.NewReader("<sst><si><t>one</t></si></sst>"), 1000)
	b.SetBytes(int64(len(source)))
	for b.Loop() {
		io.Copy(io.Discard, Sheet(bytes.NewReader(source), shared))
	}
}
