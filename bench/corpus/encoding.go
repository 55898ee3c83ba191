package corpus

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
	"unicode/utf16"

	"golang.org/x/text/encoding/charmap"
)

func encodingClasses() []Class {
	wide := func(name string, big bool, separator string) Class {
		return carries(name, Encoding, func(m *maker, pans []string) (string, []byte) {
			text := m.text(pans, func(pan string) string { return m.record(m.joined(pan, separator)) })
			return ".txt", m.wide(text, big)
		})
	}
	return []Class{
		wide("utf16le", false, ""), wide("utf16le_spaced", false, " "),
		wide("utf16be", true, ""), wide("utf16be_spaced", true, " "),
		carries("ebcdic", Encoding, ebcdic),
		inLine("hex", "hex", hexText),
		inLine("base64", "base64", func(m *maker, pan string) string {
			return base64.StdEncoding.EncodeToString([]byte(m.form("payload", pan)))
		}),
		inLine("base64url", "jwt", webToken),
		inLine("base64_gzip", "base64", zipped),
		inLine("percent20", "percent20", func(m *maker, pan string) string { return m.joined(pan, "%20") }),
		inLine("plus", "plus", func(m *maker, pan string) string { return m.joined(pan, "+") }),
		inLine("u0034", "escaped", escaped),
	}
}

// inLine writes an encoded number, or a record that holds it, in the lines of
// a form.
func inLine(name, form string, encode func(m *maker, pan string) string) Class {
	return carries(name, Encoding, func(m *maker, pans []string) (string, []byte) {
		return ".log", []byte(m.text(pans, func(pan string) string { return m.form(form, encode(m, pan)) }))
	})
}

// wide encodes text in UTF-16. Every other file has a byte order mark.
func (m *maker) wide(text string, big bool) []byte {
	units := utf16.Encode([]rune(strings.ReplaceAll(text, "\n", "\r\n")))
	if m.index%2 == 0 {
		units = append([]uint16{0xfeff}, units...)
	}
	out := make([]byte, 0, 2*len(units))
	for _, u := range units {
		if big {
			out = append(out, byte(u>>8), byte(u))
		} else {
			out = append(out, byte(u), byte(u>>8))
		}
	}
	return out
}

// ebcdic writes records as mainframes do: of a fixed length without line ends,
// or with the line end that EBCDIC has.
func ebcdic(m *maker, pans []string) (string, []byte) {
	var out []byte
	page := charmap.CodePage037
	if !m.tunes() {
		page = charmap.CodePage1047
	}
	for _, pan := range pans {
		line := fmt.Sprintf("%-8s%s  %-20s%-26s%s", m.word("tid"), m.word("yymm"), pan, strings.ToUpper(m.word("name")), m.digits(9))
		if m.index%2 == 0 {
			line = fmt.Sprintf("%-80s", line)
		} else {
			line += "\u0085"
		}
		text, err := page.NewEncoder().String(line)
		if err != nil {
			panic("corpus: EBCDIC has no such character")
		}
		out = append(out, text...)
	}
	return ".dat", out
}

// hexText is the hex of a record, or of the number alone.
func hexText(m *maker, pan string) string {
	text := pan
	if m.IntN(3) > 0 {
		text = m.form("payload", pan)
	}
	return m.inCase(hex.EncodeToString([]byte(text)))
}

func (m *maker) inCase(s string) string {
	if m.tunes() {
		return s
	}
	return strings.ToUpper(s)
}

// webToken is a JWT whose claims hold the number. It is signed by nobody.
func webToken(m *maker, pan string) string {
	encode := base64.RawURLEncoding.EncodeToString
	name := "card"
	if !m.tunes() {
		name = "acct"
	}
	head := encode([]byte(`{"alg":"HS256","typ":"JWT"}`))
	claims := encode(fmt.Appendf(nil, `{"sub":"%s","%s":"%s","iat":%d}`, m.word("name"), name, pan, m.now().Unix()))
	return head + "." + claims + "." + encode(m.bytes(32))
}

func zipped(m *maker, pan string) string {
	var buf bytes.Buffer
	w := gzip.NewWriter(&buf)
	fmt.Fprintln(w, m.form("payload", pan))
	w.Close()
	return base64.StdEncoding.EncodeToString(buf.Bytes())
}

// escaped writes every digit, or some, as \uXXXX.
func escaped(m *maker, pan string) string {
	all := m.IntN(3) > 0
	var out strings.Builder
	for _, c := range pan {
		if all || m.IntN(2) == 0 {
			fmt.Fprintf(&out, `\u%04x`, c)
		} else {
			out.WriteRune(c)
		}
	}
	return out.String()
}
