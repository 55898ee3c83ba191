package main

import (
	"html/template"
	"io"

	"github.com/stanch/stanch/internal/finding"
)

// reportHTML is one page that needs nothing else: no script, no fetch. It
// leaves for others, so it holds pseudonyms.
type reportHTML struct {
	w     io.Writer
	names pseudonyms
	rows  []htmlRow
	more  int64
}

// maxRows bounds the page; the counts above the table stay exact.
const maxRows = 10_000

type htmlRow struct{ Place, Class, Masked, Brand, Confidence, Pseudonym string }

// htmlPage is all that the page shows.
type htmlPage struct {
	Version    string
	Summary    *scanSummary
	Unexamined []htmlRow
	Causes     string
	Rows       []htmlRow
	More       int64
}

func newReportHTML(w io.Writer, names pseudonyms) report { return &reportHTML{w: w, names: names} }

func (t *reportHTML) begin() error { return nil }

func (t *reportHTML) match(m *finding.Match) error {
	if len(t.rows) >= maxRows {
		t.more++
		return nil
	}
	t.rows = append(t.rows, htmlRow{position(m), m.Class, m.Masked, string(m.Brand), m.Confidence, t.names.of(m.Token)})
	return nil
}

func (t *reportHTML) end(s *scanSummary) error {
	page := htmlPage{Version: version(), Summary: s, Causes: causeCounts(s.Report), Rows: t.rows, More: t.more}
	for _, u := range s.Report.Unexamined {
		page.Unexamined = append(page.Unexamined, htmlRow{Place: printable(u.Path), Class: advice(u.Cause)})
	}
	parsed, err := template.New("report").Parse(htmlReport)
	if err != nil {
		return err
	}
	return parsed.Execute(t.w, page)
}

const htmlReport = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Stanch scan</title>
<style>
body{font:16px/1.5 system-ui,"Noto Sans CJK SC",sans-serif;margin:2rem auto;max-width:72rem;padding:0 1rem;color:#1b1f24;background:#fff}
table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.3rem .6rem;border-bottom:1px solid #d0d7de;vertical-align:top}
td:first-child{overflow-wrap:anywhere}code,td:nth-child(3){font-family:ui-monospace,monospace;white-space:nowrap}
.wide{overflow-x:auto}
</style></head><body>
<h1>Stanch scan</h1>
<p><strong>{{.Summary.Matches}}</strong> matches in {{.Summary.FilesFound}} of {{.Summary.Files}} files;
{{.Summary.Report.Examined}} parts examined, {{.Summary.Report.Refused}} not examined.</p>
{{if .Rows}}<div class="wide"><table><thead><tr><th>Where</th><th>What</th><th>Masked</th><th>Brand</th><th>Confidence</th><th>Pseudonym</th></tr></thead><tbody>
{{range .Rows}}<tr><td>{{.Place}}</td><td>{{.Class}}</td><td>{{.Masked}}</td><td>{{.Brand}}</td><td>{{.Confidence}}</td><td><code>{{.Pseudonym}}</code></td></tr>
{{end}}</tbody></table></div>{{end}}
{{if .More}}<p>{{.More}} more matches are not listed.</p>{{end}}
{{if .Unexamined}}<h2>Not examined</h2><p>{{.Causes}}</p><div class="wide"><table><tbody>
{{range .Unexamined}}<tr><td>{{.Place}}</td><td>{{.Class}}</td></tr>
{{end}}</tbody></table></div>{{end}}
<p>A pseudonym is the same for the same card within this report only. Made by stanch {{.Version}}.</p>
</body></html>
`
