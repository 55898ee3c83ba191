package sheet

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/stanch/stanch/card"
	"github.com/stanch/stanch/card/cardtest"
	"github.com/stanch/stanch/internal/carrier"
	"github.com/stanch/stanch/scan"
)

// rowsOf returns a next that yields these rows.
func rowsOf(rows ...[]string) func() (Row, error) {
	n := int64(0)
	return func() (Row, error) {
		if int(n) == len(rows) {
			return Row{}, io.EOF
		}
		var cells [][]byte
		for _, cell := range rows[n] {
			cells = append(cells, []byte(cell))
		}
		n++
		return Row{Number: n, Cells: cells}, nil
	}
}

func TestEveryByteIsLocated(t *testing.T) {
	columns := []Column{{Name: "id"}, {Name: "card_no", Comment: "卡号, 19 digits"}, {Name: "note"}}
	rows := [][]string{{"1", "", "a\tb\nc\x00"}, {"2", "x\"y", ""}, {"", "", ""}, {"44", "55", "66"}}
	for _, size := range []int{1, 3, 4096} {
		s := New(NewMark(), columns, rowsOf(rows...))
		text, err := io.ReadAll(io.MultiReader(readerOf(s, size)))
		if err != nil || s.Err() != nil {
			t.Fatal(err, s.Err())
		}
		for r, row := range rows {
			for c, cell := range row {
				for i := range len(cell) {
					want := Cell{Row: int64(r + 1), Column: c, Offset: int64(i)}
					if !locates(s, text, want, cell[i]) {
						t.Errorf("block %d: nothing is located at %+v", size, want)
					}
				}
			}
		}
		if got := strings.Count(string(text), "\n"); got != 1+len(rows) {
			t.Errorf("got %d lines, want a header and a line a row", got)
		}
		if bytes.Count(text, []byte{'"'})%2 != 0 {
			t.Error("a quote mark has no pair")
		}
	}
}

// locates reports whether exactly one byte of text is located at want, and is
// what the cell holds there, or white space in its place.
func locates(s *Sheet, text []byte, want Cell, c byte) bool {
	n := 0
	for at := range text {
		got, ok := s.Locate(int64(at))
		if !ok || got != want || text[at] == '\t' || text[at] == '\n' {
			continue
		}
		if text[at] != c && text[at] != ' ' && text[at] != '\v' {
			return false
		}
		n++
	}
	return n == 1
}

// readerOf hands out blocks of one size.
func readerOf(r io.Reader, size int) io.Reader { return &small{r, size} }

type small struct {
	r    io.Reader
	size int
}

func (s *small) Read(p []byte) (int, error) { return s.r.Read(p[:min(len(p), s.size)]) }

// TestColumnNamesSpeak shows that the scanner reads the columns: the same
// digits are a CVV in one and nothing in another.
func TestColumnNamesSpeak(t *testing.T) {
	pan := cardtest.Number(card.Visa, 16, 1)
	for _, c := range []struct {
		name, comment string
		also          int
	}{{"cvv2", "", 1}, {"x7", "卡片安全码", 1}, {"quantity", "", 0}} {
		s := New(NewMark(), []Column{{Name: "pan"}, {Name: "amount"}, {Name: c.name, Comment: c.comment}}, rowsOf([]string{pan, "12.50", "123"}))
		var also int
		scanner := scan.New(scan.Options{}, func(m *scan.Match) {
			also = len(m.Also)
			if at, ok := s.Locate(m.Offset); !ok || at != (Cell{Row: 1, Column: 0}) {
				t.Errorf("%s: got %+v, want row 1, column 0", c.name, at)
			}
		})
		io.Copy(scanner, s)
		scanner.Close()
		if also != c.also {
			t.Errorf("column %q, comment %q: got %d further kinds, want %d", c.name, c.comment, also, c.also)
		}
	}
}

func TestWhatACellLooksLikeChangesNothing(t *testing.T) {
	mark := NewMark()
	registry := carrier.Builtin(mark)
	for _, head := range []string{"PK\x03\x04", "%PDF-1.7", "Salted__", "BZh91AY&SY", "\x1f\x8b\x08"} {
		s := New(mark, []Column{{Name: head}}, rowsOf([]string{head}))
		text, _ := io.ReadAll(s)
		if got := registry.Sniff(text, "").String(); got != "plain" {
			t.Errorf("cell %q: the sheet is taken for %s", head, got)
		}
	}
	if registry.Sniff([]byte("PK\x03\x04"), "").String() != "zip" {
		t.Error("a zip without the mark is none any more")
	}
}

func TestHeaderStaysShort(t *testing.T) {
	var columns []Column
	for i := range 30 {
		columns = append(columns, Column{Name: fmt.Sprint("column_", i), Comment: strings.Repeat("说明", 100)})
	}
	s := New(NewMark(), columns, rowsOf())
	text, _ := io.ReadAll(s)
	if line, _, _ := bytes.Cut(text, []byte("\n")); len(line) > scan.Reach {
		t.Errorf("got a header of %d bytes, want at most %d", len(line), scan.Reach)
	}
}

func TestPlacesAreForgotten(t *testing.T) {
	n := int64(0)
	s := New(NewMark(), []Column{{Name: "a"}}, func() (Row, error) {
		n++
		if n > 3_000_000 {
			return Row{}, io.EOF
		}
		return Row{Number: n, Cells: [][]byte{{'x'}}}, nil
	})
	length, err := io.Copy(io.Discard, s)
	if err != nil {
		t.Fatal(err)
	}
	if len(s.spans) > 2*kept {
		t.Errorf("got %d places, want at most those of %d bytes", len(s.spans), 2*kept)
	}
	if at, ok := s.Locate(length - 2); !ok || at.Row != 3_000_000 {
		t.Errorf("got %+v, want the last row", at)
	}
	if at, ok := s.Locate(20); ok {
		t.Errorf("got %+v for a byte long gone", at)
	}
}

func TestAFaultEndsTheSheet(t *testing.T) {
	fault := errors.New("gone")
	s := New(NewMark(), []Column{{Name: "a"}}, func() (Row, error) { return Row{}, fault })
	text, err := io.ReadAll(s)
	if !errors.Is(err, fault) || s.Err() != fault || !bytes.HasSuffix(text, []byte("\ta\n")) {
		t.Errorf("got %q, %v and %v", text, err, s.Err())
	}
}

func FuzzSheet(f *testing.F) {
	f.Add("card_no", "4111", "a\tb", uint8(3))
	f.Add("", "\"", "\n\n", uint8(1))
	f.Fuzz(func(t *testing.T, name, one, two string, block uint8) {
		rows := [][]string{{one, two}, {two, one}}
		s := New(NewMark(), []Column{{Name: name, Comment: one}, {Name: two}}, rowsOf(rows...))
		text, err := io.ReadAll(readerOf(s, int(block)+1))
		if err != nil {
			t.Fatal(err)
		}
		total := 0
		for at := range text {
			if c, ok := s.Locate(int64(at)); ok && c.Row > 0 && c.Offset < int64(len(rows[c.Row-1][c.Column])) {
				total++
			}
		}
		if want := 2 * (len(one) + len(two)); total != want {
			t.Errorf("got places for %d bytes, want %d", total, want)
		}
	})
}
