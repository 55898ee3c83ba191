package carrier

import (
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
)

func TestRichText(t *testing.T) {
	n := pan(1)
	var units, fallback strings.Builder
	for _, c := range n {
		fmt.Fprintf(&units, `\u%d`, c)
		units.WriteString("?")
		fmt.Fprintf(&fallback, `\'%02x`, c)
	}
	tests := []struct {
		name, body string
		want       []string
	}{
		{"plain", "card " + n + `\par`, []string{n}},
		{"split runs", "card " + cut(1, `}{\b `) + `}{\par`, []string{n}},
		{"line ends mean nothing", "card " + cut(1, "\r\n") + `\par`, []string{n}},
		{"paragraphs divide", n[:8] + `\par ` + n[8:], nil},
		{"cells divide", n[:8] + `\cell ` + n[8:] + `\cell\row`, nil},
		{"bytes", "card " + fallback.String(), []string{n}},
		{"Unicode", "card " + units.String(), []string{n}},
		{"Unicode without fallback", `\uc0 card ` + strings.ReplaceAll(units.String(), "?", " "), []string{n}},
		{"note beside", "card " + cut(1, `{\footnote card `+pan(2)+`}`) + `\par`, []string{n, pan(2)}},
		{"link", `{\field{\*\fldinst HYPERLINK "https://pay.example/?card=` + n + `"}{\fldrslt here}}\par`, []string{n}},
		{"title", `{\info{\title card ` + n + `}}`, []string{n}},
		{"picture passed over", `card ` + cut(1, `{\pict\pngblip `+hex.EncodeToString([]byte("card "+pan(2)))+`\bin3 {{{}`) + `\par`, []string{n}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			content := `{\rtf1\ansi{\fonttbl{\f0 Arial;}}{` + tt.body + "}}"
			report, all := examine(t, "a.rtf", []byte(content), Options{})
			if report.Refused != 0 {
				t.Errorf("got %+v, want nothing refused", report)
			}
			checkNumbers(t, all, tt.want)
			if len(all) == 1 && (all[0].encoding != "rtf" || all[0].offset+all[0].length > int64(len(content))) {
				t.Errorf("got encoding %s, offset %d", all[0].encoding, all[0].offset)
			}
		})
	}
}

func FuzzRichText(f *testing.F) {
	f.Add([]byte(`{\rtf1{\fonttbl{\f0 A;}}\uc1 a\u20320?\'41{\*\x y}{\pict 00}\bin2 {}\par{\footnote b}\cell\row}`))
	f.Fuzz(func(t *testing.T, content []byte) {
		content = append([]byte(`{\rtf1`), content...)
		report, all := examine(t, "x", content, Options{})
		if report.Found < 1 || report.Found > 1+int64(len(content)/16) || report.Bytes > 64+int64(len(content))*8 {
			t.Errorf("got report %+v for %d bytes: not bounded", report, len(content))
		}
		for _, m := range all {
			if m.offset < 0 || m.length < 0 || m.offset+m.length > int64(len(content)) {
				t.Errorf("got offset %d length %d in %d bytes", m.offset, m.length, len(content))
			}
		}
	})
}
