package main

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"

	"github.com/stanch/stanch/internal/finding"
)

// reportCSV is for spreadsheets. It leaves for others, so it holds pseudonyms.
type reportCSV struct {
	w     *csv.Writer
	names pseudonyms
}

func newReportCSV(w io.Writer, names pseudonyms) report { return &reportCSV{csv.NewWriter(w), names} }

func (t *reportCSV) begin() error {
	return t.w.Write([]string{"class", "also", "path", "line", "column", "offset", "length", "encoding", "masked", "brand",
		"confidence", "pseudonym", "test", "context"})
}

func (t *reportCSV) match(m *finding.Match) error {
	return t.w.Write([]string{m.Class, strings.Join(m.Also, " "), cellText(m.Path), number(m.Line), number(m.Column),
		strconv.FormatInt(m.Offset, 10), strconv.FormatInt(m.Length, 10), m.Encoding, m.Masked, string(m.Brand),
		m.Confidence, t.names.of(m.Token), strconv.FormatBool(m.Test), strings.Join(m.Context, " ")})
}

func (t *reportCSV) end(*scanSummary) error {
	t.w.Flush()
	return t.w.Error()
}

// number leaves the field of an absent number empty.
func number(n int64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}

// cellText keeps a spreadsheet from taking a name for a formula.
func cellText(s string) string {
	s = printable(s)
	if s != "" && strings.ContainsRune("=+-@", rune(s[0])) {
		return "'" + s
	}
	return s
}
