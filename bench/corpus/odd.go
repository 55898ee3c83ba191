package corpus

import (
	"bytes"
	"fmt"
	"html"
	"mime/quotedprintable"
	"strings"
)

func oddClasses() []Class {
	return []Class{
		separated("dots", Odd, "."),
		separated("underscores", Odd, "_"),
		separated("nbsp", Odd, "\u00a0"),
		separated("tabs", Odd, "\t"),
		spelled("glued", ".log", "glued", func(_ *maker, pan string) string { return pan }),
		carries("wrapped_column", Odd, wrapAtColumn),
		carries("wrapped_group", Odd, wrapAtGroup),
		carries("quoted_printable", Odd, quotedPrintable),
		spelled("ansi", ".log", "", coloured),
		spelled("html_tags", ".html", "html", tagged),
		spelled("html_nbsp", ".html", "html", func(m *maker, pan string) string { return m.joined(pan, "&nbsp;") }),
		spelled("html_entities", ".html", "html", entities),
		spelled("full_width", ".txt", "wide", fullWidth),
	}
}

// spelled writes the number another way, in the lines of a form, or in any.
func spelled(name, ending, form string, spell func(m *maker, pan string) string) Class {
	return carries(name, Odd, func(m *maker, pans []string) (string, []byte) {
		return ending, []byte(m.text(pans, func(pan string) string {
			if form == "" {
				return m.record(spell(m, pan))
			}
			return m.form(form, spell(m, pan))
		}))
	})
}

// wrapAtColumn breaks each record where a column ends, in the middle of the
// number, as terminals and line printers do.
func wrapAtColumn(m *maker, pans []string) (string, []byte) {
	column, end := 80, "\n"
	if !m.tunes() {
		column, end = 72, "\r\n"
	}
	var out strings.Builder
	for _, pan := range pans {
		before := []rune(m.record("\x00"))
		at := indexOf(before, 0)
		pad := (2*column - m.cut(pan) - at%column) % column
		text := m.prose(pad) + strings.Replace(string(before), "\x00", pan, 1)
		runes := []rune(text)
		for len(runes) > column {
			out.WriteString(string(runes[:column]) + end)
			runes = runes[column:]
		}
		out.WriteString(string(runes) + end)
	}
	return ".txt", []byte(out.String())
}

func indexOf(list []rune, r rune) int {
	for i, c := range list {
		if c == r {
			return i
		}
	}
	return len(list)
}

// prose returns so many characters of words.
func (m *maker) prose(n int) string {
	list := words("the till was slow so the guest asked for a receipt and we sent it again")
	var out strings.Builder
	for out.Len() < n {
		out.WriteString(pick(m, list) + " ")
	}
	return out.String()[:n]
}

// wrapAtGroup breaks lines between words, and so between two groups of the
// number.
func wrapAtGroup(m *maker, pans []string) (string, []byte) {
	indent := ""
	if !m.tunes() {
		indent = "    "
	}
	separator := " "
	var out strings.Builder
	for _, pan := range pans {
		groups := m.groups(pan)
		at := 1 + m.IntN(len(groups)-1)
		broken := strings.Join(groups[:at], separator) + "\n" + indent + strings.Join(groups[at:], separator)
		out.WriteString(m.prose(20+m.IntN(20)) + "\n" + indent + m.record(broken) + "\n")
	}
	return ".txt", []byte(out.String())
}

// quotedPrintable is a mail whose lines break softly inside the numbers.
func quotedPrintable(m *maker, pans []string) (string, []byte) {
	var text strings.Builder
	for _, pan := range pans {
		line := m.form("quoted", "\x00")
		at := strings.Index(line, "\x00")
		pad := (150 - m.cut(pan) - at%75) % 75
		text.WriteString(m.prose(pad+75*m.IntN(2)) + strings.Replace(line, "\x00", pan, 1) + "\r\n")
	}
	var body bytes.Buffer
	w := quotedprintable.NewWriter(&body)
	w.Write([]byte(text.String()))
	w.Close()
	return ".eml", append([]byte(m.mailHead("text/plain; charset=utf-8", "quoted-printable")), body.Bytes()...)
}

func coloured(m *maker, pan string) string {
	switch m.IntN(3) {
	case 0:
		at := m.cut(pan)
		return pan[:at] + "\x1b[1;31m" + pan[at:] + "\x1b[0m"
	case 1:
		at := len(pan) - 4
		return "\x1b[32m" + pan[:at] + "\x1b[0m\x1b[1m" + pan[at:] + "\x1b[0m"
	}
	reset := "\x1b[0m "
	if !m.tunes() {
		reset = "\x1b[39;49m "
	}
	return "\x1b[33m" + strings.Join(m.groups(pan), reset+"\x1b[36m") + "\x1b[0m"
}

func tagged(m *maker, pan string) string {
	tag := "span"
	if !m.tunes() {
		tag = "i"
	}
	switch m.IntN(3) {
	case 0:
		at := m.cut(pan)
		return pan[:at] + "<b>" + pan[at:] + "</b>"
	case 1:
		return fmt.Sprintf("<%s>%s</%s>", tag, strings.Join(m.groups(pan), fmt.Sprintf("</%s> <%s class=\"g\">", tag, tag)), tag)
	}
	return fmt.Sprintf("<%s>%s</%s>", tag, strings.Join(m.groups(pan), fmt.Sprintf("</%s><%s>", tag, tag)), tag)
}

// entities writes digits by number, decimal or hexadecimal, some or all.
func entities(m *maker, pan string) string {
	all, hexadecimal := m.IntN(2) == 0, m.IntN(2) == 0
	var out strings.Builder
	for _, c := range pan {
		switch {
		case !all && m.IntN(2) == 0:
			out.WriteString(html.EscapeString(string(c)))
		case hexadecimal:
			fmt.Fprintf(&out, "&#x%x;", c)
		default:
			fmt.Fprintf(&out, "&#%d;", c)
		}
	}
	return out.String()
}

func fullWidth(m *maker, pan string) string {
	if m.IntN(3) == 0 {
		pan = m.joined(pan, " ")
	}
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r - '0' + '０'
		}
		return r
	}, pan)
}
