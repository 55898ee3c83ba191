package pdf

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// parts returns the text of each part of a PDF, by name.
func parts(t testing.TB, content []byte) (map[string]string, error) {
	t.Helper()
	all := make(map[string]string)
	err := Walk(bytes.NewReader(content), int64(len(content)), func(r io.Reader) io.Reader { return r }, func(p Part) error {
		r, err := p.Open()
		if err != nil {
			return nil
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Logf("%s: %v", p.Name, err)
		}
		all[p.Name] = string(text)
		return nil
	})
	return all, err
}

// TestWriters reads files that other programs wrote: a browser (fonts of
// glyphs, objects packed) and qpdf (each kind of encryption without a
// password, and the order for slow lines).
func TestWriters(t *testing.T) {
	files, err := filepath.Glob("testdata/*.pdf")
	if err != nil || len(files) < 8 {
		t.Fatalf("got %d files, error %v", len(files), err)
	}
	for _, name := range files {
		t.Run(filepath.Base(name), func(t *testing.T) {
			content, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			all, err := parts(t, content)
			if strings.Contains(name, "locked") {
				if !errors.Is(err, ErrEncrypted) {
					t.Errorf("got error %v, want encrypted", err)
				}
				return
			}
			if err != nil || !strings.Contains(all["page 1"], "order 0123456789") {
				t.Errorf("got %q, error %v", all["page 1"], err)
			}
			if strings.Contains(name, "browser") && !strings.Contains(all["page 1"], "one\t0123\t4567\n") {
				t.Errorf("got %q, want the columns divided", all["page 1"])
			}
			if title := "Title: a title\n"; !strings.Contains(name, "browser") && !strings.Contains(all["strings"], title) {
				t.Errorf("got strings %q, want %q", all["strings"], title)
			}
		})
	}
}

// However a file is cut off, what is left is read or refused, and nothing hangs.
func TestCutOff(t *testing.T) {
	for _, name := range []string{"testdata/browser.pdf", "testdata/aes-128.pdf", "testdata/linear.pdf"} {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for n := 1; n < len(content); n += 97 {
			parts(t, content[:n])
		}
	}
}

func TestLexer(t *testing.T) {
	l := newLexer(strings.NewReader(`<< /A#42 (x\(\)\n(y)) /C [1 0 R 2.5 -.5 --3 null true] % remark
		/D <4 1 42> >> 12 word`), 3)
	o, err := l.next()
	if err != nil || o.kind != isDict {
		t.Fatalf("got %v, error %v", o.kind, err)
	}
	if got := string(o.get("AB").text); got != "x()\n(y)" {
		t.Errorf("got %q", got)
	}
	if got := string(o.get("D").text); got != "AB" {
		t.Errorf("got %q", got)
	}
	list := o.get("C").list
	if len(list) != 6 || list[0].kind != isRef || list[1].num != 2.5 || list[2].num != -0.5 || list[3].num != -3 || list[4].kind != isNull || list[5].num != 1 {
		t.Errorf("got %v", list)
	}
	if o, _ := l.next(); o.num != 12 {
		t.Errorf("got %v, want 12", o.num)
	}
	if o, _ := l.next(); !o.word("word") {
		t.Errorf("got %q, want a word", o.text)
	}
}

// A page of any length is laid out a part at a time.
func TestLongPageHoldsLittle(t *testing.T) {
	f := &file{charge: func(r io.Reader) io.Reader { return r }, seen: make(map[int]bool), names: make(map[int]string)}
	d := newDrawing(f, make(map[int]*font))
	d.push(io.LimitReader(&endless{text: "BT 1 0 0 1 5 5 Tm (word) Tj 1 0 0 1 9 99 Tm (other) Tj ET\n"}, 16<<20), object{})
	text := &pageText{d: d}
	block := make([]byte, 4096)
	for {
		if _, err := text.Read(block); err != nil {
			break
		}
		if len(d.layout.spans) > maxSpans+1 || cap(d.layout.text) > 2*maxSpanText || cap(text.out) > 4*maxSpanText {
			t.Fatalf("got %d spans, %d bytes", len(d.layout.spans), cap(text.out))
		}
	}
}

type endless struct {
	text string
	at   int
}

func (e *endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = e.text[e.at%len(e.text)]
		e.at++
	}
	return len(p), nil
}

func BenchmarkPage(b *testing.B) {
	content := []byte(strings.Repeat("BT /F1 12 Tf 1 0 0 1 72 700.5 Tm [(Some words ) -20 (of a letter)] TJ 0 -14 Td (and another line) Tj ET\n", 10_000))
	b.SetBytes(int64(len(content)))
	for b.Loop() {
		f := &file{charge: func(r io.Reader) io.Reader { return r }, seen: make(map[int]bool)}
		d := newDrawing(f, make(map[int]*font))
		d.push(bytes.NewReader(content), object{})
		io.Copy(io.Discard, &pageText{d: d})
	}
}
