package filelock_test

import (
	"archive/zip"
	"bytes"
	"context"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"github.com/stanch/stanch/card/cardtest"
	"github.com/stanch/stanch/internal/carrier"
	"github.com/stanch/stanch/internal/containment"
)

// workbook is a small xlsx: a number as text, one as a number, one comment.
func workbook(t *testing.T) string {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	check(t, f.SetSheetRow("Sheet1", "A1", &[]any{"name", "card", "amount"}))
	check(t, f.SetSheetRow("Sheet1", "A2", &[]any{"Ann", cardtest.Number("visa", 16, 1), 12.5}))
	check(t, f.SetCellDefault("Sheet1", "B3", cardtest.Number("visa", 16, 2)))
	check(t, f.AddComment("Sheet1", excelize.Comment{Cell: "A2", Author: "x", Text: cardtest.Number("visa", 16, 3)}))
	var out bytes.Buffer
	check(t, f.Write(&out))
	return out.String()
}

// document is a small docx whose number is cut in two by a change of font.
func document(t *testing.T) string {
	t.Helper()
	pan := cardtest.Number("visa", 16, 4)
	const space = `xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"`
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, part := range [][2]string{
		{"[Content_Types].xml", `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>`},
		{"word/document.xml", `<w:document ` + space + `><w:body><w:p><w:r><w:t>` + pan[:9] + `</w:t></w:r><w:r><w:t>` + pan[9:] + `</w:t></w:r></w:p></w:body></w:document>`},
	} {
		to, err := w.Create(part[0])
		check(t, err)
		_, err = io.WriteString(to, part[1])
		check(t, err)
	}
	check(t, w.Close())
	return out.String()
}

// TestMaskedDocuments masks documents, scans what stands there then, opens it,
// and takes the mask back bit for bit.
func TestMaskedDocuments(t *testing.T) {
	for name, text := range map[string]string{"a.xlsx": workbook(t), "a.docx": document(t)} {
		t.Run(name, func(t *testing.T) {
			y := newYard(t)
			path := y.write(t, name, text)
			dress(t, path)
			before := look(t, path)
			want := y.inspect(t, name)
			k := y.capture(t, name, want)
			copied, err := y.Prepare(t.Context(), y.at(name), want, options)
			check(t, err)
			check(t, y.Swap(t.Context(), y.at(name), want, copied, options))
			raw, err := os.ReadFile(path)
			check(t, err)
			if int64(len(raw)) != copied.Size || string(raw) == text {
				t.Errorf("got %d bytes, want the %d of the copy", len(raw), copied.Size)
			}
			if found := scan(t, raw); found != 0 {
				t.Errorf("got %d matches, want none", found)
			}
			if name == "a.xlsx" {
				f, err := excelize.OpenReader(bytes.NewReader(raw))
				check(t, err)
				defer f.Close()
				if got, err := f.GetRows("Sheet1"); err != nil || got[1][0] != "Ann" || got[1][2] != "12.5" || !strings.Contains(got[2][1], "******") {
					t.Errorf("got %v, %v; want only the numbers masked", got, err)
				}
			}
			beside, err := y.restore(t, name, want, k, &copied)
			if after := look(t, path); err != nil || beside != "" || after != before {
				t.Errorf("got %q, %v\n%s\nwant\n%s", beside, err, after, before)
			}
		})
	}
}

func scan(t *testing.T, raw []byte) (found int) {
	t.Helper()
	_, err := carrier.Examine(t.Context(), carrier.Input{R: bytes.NewReader(raw), Size: int64(len(raw))}, carrier.Options{}, func(*carrier.Match) { found++ })
	check(t, err)
	return found
}

// TestMaskVerifiesThePlan changes a document between the plan and the deed.
func TestMaskVerifiesThePlan(t *testing.T) {
	y := newYard(t)
	path := y.write(t, "a.docx", document(t))
	want := y.inspect(t, "a.docx")
	copied, err := y.Prepare(t.Context(), y.at("a.docx"), want, options)
	check(t, err)
	changed := workbook(t)
	check(t, os.WriteFile(path, []byte(changed), 0o640))
	wantFault(t, y.Swap(t.Context(), y.at("a.docx"), want, copied, options), containment.FaultChanged)
	if raw, err := os.ReadFile(path); err != nil || string(raw) != changed {
		t.Errorf("got %d bytes, %v; want the newer file untouched", len(raw), err)
	}
	_, err = y.Prepare(t.Context(), y.at("a.docx"), want, options)
	wantFault(t, err, containment.FaultChanged)
}

// TestDocumentsAreScannedApart counts what another process would be asked.
func TestDocumentsAreScannedApart(t *testing.T) {
	y := newYard(t)
	asked := 0
	y.Apart = func(ctx context.Context, in carrier.Input, budget carrier.Budget, emit func(*carrier.Match)) (carrier.Report, error) {
		asked++
		return carrier.Examine(ctx, in, carrier.Options{Budget: budget}, emit)
	}
	y.write(t, "a.docx", document(t))
	want := y.inspect(t, "a.docx")
	_, err := y.Prepare(t.Context(), y.at("a.docx"), want, options)
	check(t, err)
	if asked != 2 {
		t.Errorf("got %d questions, want one before and one after", asked)
	}
	y.Apart = func(context.Context, carrier.Input, carrier.Budget, func(*carrier.Match)) (carrier.Report, error) {
		var died carrier.Report
		died.Refuse(carrier.Unexamined{Cause: carrier.WorkerDied})
		return died, nil
	}
	_, err = y.Prepare(t.Context(), y.at("a.docx"), want, options)
	wantFault(t, err, containment.FaultNotText)
}
