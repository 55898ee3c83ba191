package main

import (
	"html/template"
	"io"
	"strings"
	"time"

	"github.com/stanch/stanch/internal/finding"
)

// reportHTML is one page that needs nothing else: no script, no fetch. It
// leaves for others, so it holds pseudonyms.
type reportHTML struct {
	w     io.Writer
	names pseudonyms
	rows  []htmlRow
	more  int64

	places, kinds, brands, ages tally
}

// maxRows bounds the page; the counts above the table stay exact.
const maxRows = 10_000

type htmlRow struct{ Place, Class, Masked, Brand, Confidence, Encoding, Pseudonym string }

// htmlPage is all that the page shows.
type htmlPage struct {
	Version    string
	Made       string
	Summary    *scanSummary
	Charts     []htmlChart
	Unexamined []htmlRow
	Causes     string
	Rows       []htmlRow
	More       int64
}

// An htmlChart is a picture of bars, largest first.
type htmlChart struct {
	Title  string
	Height int
	Bars   []htmlBar
}

// An htmlBar is one bar of a picture. Measures are in the units of its view box.
type htmlBar struct {
	Label         string
	Count         int64
	Y, Text, Wide int
	End           int
}

func newReportHTML(w io.Writer, names pseudonyms) report {
	return &reportHTML{w: w, names: names, places: tally{}, kinds: tally{}, brands: tally{}, ages: tally{}}
}

func (t *reportHTML) begin() error { return nil }

func (t *reportHTML) match(m *finding.Match) error {
	file, _, _ := strings.Cut(m.Path, "!")
	t.places.add(file)
	t.kinds.add(m.Class)
	if m.Brand != "" {
		t.brands.add(string(m.Brand))
	}
	if len(t.rows) >= maxRows {
		t.more++
		return nil
	}
	t.rows = append(t.rows, htmlRow{position(m), m.Class, m.Masked, string(m.Brand), m.Confidence, printable(m.Encoding), t.names.of(m.Token)})
	return nil
}

func (t *reportHTML) end(s *scanSummary) error {
	page := htmlPage{
		Version: version(), Made: time.Now().Format("2006-01-02 15:04 -07:00"), Summary: s, Causes: causeCounts(s.Report), Rows: t.rows, More: t.more,
	}
	for _, u := range s.Report.Unexamined {
		page.Unexamined = append(page.Unexamined, htmlRow{Place: printable(u.Path), Class: advice(u.Cause)})
	}
	for _, c := range []struct {
		title string
		of    tally
	}{{"By place · 按位置", t.places}, {"By kind · 按种类", t.kinds}, {"By brand · 按卡组织", t.brands}, {"By age of the file · 按文件时间", s.Ages}} {
		if len(c.of) > 0 {
			page.Charts = append(page.Charts, chart(c.title, c.of))
		}
	}
	parsed, err := template.New("report").Parse(htmlReport)
	if err != nil {
		return err
	}
	return parsed.Execute(t.w, page)
}

// chart draws the largest of a tally and adds up the rest.
func chart(title string, of tally) htmlChart {
	const most, row, left, widest = 10, 24, 300, 560
	c := htmlChart{Title: title}
	bars := of.largest(most)
	longest := int64(1)
	for _, b := range bars {
		longest = max(longest, b.count) // the rest together may be the most
	}
	for i, b := range bars {
		wide := int(max(2, b.count*widest/longest))
		c.Bars = append(c.Bars, htmlBar{
			Label: shorten(printable(b.name), 38), Count: b.count, Y: i*row + 4, Text: i*row + 17, Wide: wide, End: left + wide + 8,
		})
	}
	c.Height = len(bars)*row + 8
	return c
}

// shorten keeps the end of a long name: that is where files differ.
func shorten(name string, most int) string {
	runes := []rune(name)
	if len(runes) <= most {
		return name
	}
	return "…" + string(runes[len(runes)-most+1:])
}

const htmlReport = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Stanch scan · 扫描报告</title>
<style>
:root{color-scheme:light dark;--ink:#1b1f24;--paper:#fff;--line:#d0d7de;--bar:#b3402a;--quiet:#57606a}
@media(prefers-color-scheme:dark){:root{--ink:#e6e8ea;--paper:#15181b;--line:#39414a;--bar:#e0775f;--quiet:#9aa4ae}}
body{font:16px/1.5 system-ui,"Noto Sans CJK SC","WenQuanYi Micro Hei",sans-serif;margin:2rem auto;max-width:72rem;padding:0 1rem;color:var(--ink);background:var(--paper)}
table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.3rem .6rem;border-bottom:1px solid var(--line);vertical-align:top}
td:first-child{overflow-wrap:anywhere}code,td:nth-child(3){font-family:ui-monospace,monospace;white-space:nowrap}
.wide{overflow-x:auto}.quiet{color:var(--quiet)}.charts{display:grid;gap:1.5rem;grid-template-columns:repeat(auto-fit,minmax(min(34rem,100%),1fr))}
figure{margin:0}figcaption{font-weight:600}svg{width:100%;height:auto;font-size:13px}svg text{fill:var(--ink)}svg rect{fill:var(--bar)}
</style></head><body>
<h1>Stanch scan · 扫描报告</h1>
<p><strong>{{.Summary.Matches}}</strong> matches in {{.Summary.FilesFound}} of {{.Summary.Files}} files;
{{.Summary.Report.Examined}} parts examined, {{.Summary.Report.Refused}} not examined.<br>
在 {{.Summary.Files}} 个文件中的 {{.Summary.FilesFound}} 个里发现 <strong>{{.Summary.Matches}}</strong> 处；已检查 {{.Summary.Report.Examined}} 个部分，未检查 {{.Summary.Report.Refused}} 个。</p>
<p class="quiet">{{.Made}} · sha256:{{.Summary.Digest}}</p>
{{if .Charts}}<div class="charts">{{range .Charts}}<figure><figcaption>{{.Title}}</figcaption>
<svg viewBox="0 0 960 {{.Height}}" role="img" aria-label="{{.Title}}">{{range .Bars}}<text x="290" y="{{.Text}}" text-anchor="end">{{.Label}}</text><rect x="300" y="{{.Y}}" width="{{.Wide}}" height="18" rx="2"/><text x="{{.End}}" y="{{.Text}}">{{.Count}}</text>{{end}}</svg></figure>
{{end}}</div>{{end}}
{{if .Rows}}<h2>Matches · 发现</h2><div class="wide"><table><thead><tr><th>Where · 位置</th><th>What · 种类</th><th>Masked · 掩码</th><th>Brand · 卡组织</th><th>Confidence · 可信度</th><th>Encoding · 编码</th><th>Pseudonym · 化名</th></tr></thead><tbody>
{{range .Rows}}<tr><td>{{.Place}}</td><td>{{.Class}}</td><td>{{.Masked}}</td><td>{{.Brand}}</td><td>{{.Confidence}}</td><td>{{.Encoding}}</td><td><code>{{.Pseudonym}}</code></td></tr>
{{end}}</tbody></table></div>{{end}}
{{if .More}}<p>{{.More}} more matches are not listed. · 另有 {{.More}} 处未列出。</p>{{end}}
{{if .Summary.Plain}}<p>Only numbers that stand as digits were looked for: not base64, hexadecimal, escapes, odd blanks or payment messages.<br>
只找了直接写出的数字：未找 base64、十六进制、转义、特殊空白和支付报文。</p>{{end}}
<h2>Coverage · 覆盖</h2><div class="wide"><table><thead><tr><th>Layer · 层</th><th>Bytes found · 发现字节</th><th>examined · 已检查</th><th>refused · 未检查</th><th>parts of unknown size · 大小未知</th></tr></thead><tbody>
{{range $depth, $l := .Summary.Report.Layers}}<tr><td>{{if $depth}}{{$depth}}{{else}}as stored · 存储层{{end}}</td><td>{{$l.Found}}</td><td>{{$l.Examined}}</td><td>{{$l.Refused}}</td><td>{{$l.Unsized}}</td></tr>
{{end}}</tbody></table></div>
{{if .Unexamined}}<h2>Not examined · 未检查</h2><p>{{.Causes}}</p><div class="wide"><table><tbody>
{{range .Unexamined}}<tr><td>{{.Place}}</td><td>{{.Class}}</td></tr>
{{end}}</tbody></table></div>{{end}}
<p class="quiet">A pseudonym is the same for the same card within this report only. Made by stanch {{.Version}}. · 化名仅在本报告内代表同一张卡。由 stanch {{.Version}} 生成。</p>
</body></html>
`
