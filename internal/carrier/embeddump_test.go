package carrier

import (
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
)

// shown returns bytes as the characters of a dump's margin.
func shown(b []byte) string {
	out := make([]byte, len(b))
	for i, c := range b {
		out[i] = c
		if c < ' ' || c > 0x7e {
			out[i] = '.'
		}
	}
	return string(out)
}

// lines calls write for each so many bytes.
func dumpLines(b []byte, width int, write func(out *strings.Builder, at int, line []byte)) string {
	var out strings.Builder
	for at := 0; at < len(b); at += width {
		write(&out, at, b[at:min(at+width, len(b))])
	}
	return out.String()
}

func spacedHex(b []byte) string { return strings.TrimSpace(fmt.Sprintf("% x", b)) }

// dumps writes bytes as programs dump them.
var dumps = map[string]func([]byte) string{
	"hexdump -C": func(b []byte) string {
		return dumpLines(b, 16, func(out *strings.Builder, at int, line []byte) {
			left, right := spacedHex(line[:min(8, len(line))]), ""
			if len(line) > 8 {
				right = spacedHex(line[8:])
			}
			fmt.Fprintf(out, "%08x  %-23s  %-23s  |%s|\n", at, left, right, shown(line))
		}) + fmt.Sprintf("%08x\n", len(b))
	},
	"xxd": func(b []byte) string {
		return dumpLines(b, 16, func(out *strings.Builder, at int, line []byte) {
			var groups []string
			for i := 0; i < len(line); i += 2 {
				groups = append(groups, hex.EncodeToString(line[i:min(i+2, len(line))]))
			}
			fmt.Fprintf(out, "%08x: %-39s  %s\n", at, strings.Join(groups, " "), shown(line))
		})
	},
	"xxd -p": func(b []byte) string { return wrapped(hex.EncodeToString(b), 60, "\n") + "\n" },
	"od -A x -t x1z": func(b []byte) string {
		return dumpLines(b, 16, func(out *strings.Builder, at int, line []byte) {
			fmt.Fprintf(out, "%06x %-47s  >%s<\n", at, spacedHex(line), shown(line))
		}) + fmt.Sprintf("%06x\n", len(b))
	},
	"od -t x1": func(b []byte) string {
		return dumpLines(b, 16, func(out *strings.Builder, at int, line []byte) {
			fmt.Fprintf(out, "%07o %s\n", at, spacedHex(line))
		}) + fmt.Sprintf("%07o\n", len(b))
	},
	"hexdump": func(b []byte) string {
		return dumpLines(b, 16, func(out *strings.Builder, at int, line []byte) {
			fmt.Fprintf(out, "%07x", at)
			for i := 0; i+1 < len(line); i += 2 {
				fmt.Fprintf(out, " %02x%02x", line[i+1], line[i])
			}
			if len(line)%2 == 1 {
				fmt.Fprintf(out, " 00%02x", line[len(line)-1])
			}
			out.WriteString("\n")
		})
	},
	"wireshark": func(b []byte) string {
		return dumpLines(b, 16, func(out *strings.Builder, at int, line []byte) {
			fmt.Fprintf(out, "%04x   %-47s   %s\n", at, spacedHex(line), shown(line))
		})
	},
	"tcpdump -X": func(b []byte) string {
		return dumpLines(b, 16, func(out *strings.Builder, at int, line []byte) {
			var groups []string
			for i := 0; i < len(line); i += 2 {
				groups = append(groups, hex.EncodeToString(line[i:min(i+2, len(line))]))
			}
			fmt.Fprintf(out, "\t0x%04x:  %-39s  %s\n", at, strings.Join(groups, " "), shown(line))
		})
	},
	"java log": func(b []byte) string {
		return dumpLines(b, 16, func(out *strings.Builder, at int, line []byte) {
			fmt.Fprintf(out, "%04X: %s\r\n", at, strings.ToUpper(spacedHex(line)))
		})
	},
	"logged": func(b []byte) string {
		return dumpLines(b, 16, func(out *strings.Builder, at int, line []byte) {
			fmt.Fprintf(out, "2026-03-01 12:00:%02d,%d DEBUG [pool-1] 0x%04x | %-47s | %s\n", at/16%60, at*7%1000, at, strings.ToUpper(spacedHex(line)), shown(line))
		})
	},
	"eight": func(b []byte) string {
		return dumpLines(b, 8, func(out *strings.Builder, at int, line []byte) {
			fmt.Fprintf(out, "%04x: %-23s  %s\n", at, spacedHex(line), shown(line))
		})
	},
}

// rows writes bytes as pairs of hexadecimal digits.
var rows = map[string]func([]byte) string{
	"spaced":  spacedHex,
	"upper":   func(b []byte) string { return strings.ToUpper(spacedHex(b)) },
	"colons":  func(b []byte) string { return strings.ReplaceAll(spacedHex(b), " ", ":") },
	"dashes":  func(b []byte) string { return strings.ReplaceAll(spacedHex(b), " ", "-") },
	"escaped": func(b []byte) string { return `\x` + strings.ReplaceAll(spacedHex(b), " ", `\x`) },
	"array":   func(b []byte) string { return "{0x" + strings.ReplaceAll(spacedHex(b), " ", ", 0x") + "};" },
	"tight":   func(b []byte) string { return "{0x" + strings.ReplaceAll(spacedHex(b), " ", ",0x") + "}" },
	"commas":  func(b []byte) string { return strings.ReplaceAll(spacedHex(b), " ", ",") },
	"C": func(b []byte) string {
		return dumpLines(b, 12, func(out *strings.Builder, at int, line []byte) {
			fmt.Fprintf(out, "    0x%s,\n", strings.ReplaceAll(spacedHex(line), " ", ", 0x"))
		})
	},
	"of 16": func(b []byte) string {
		return dumpLines(b, 16, func(out *strings.Builder, at int, line []byte) { fmt.Fprintf(out, "  %s\n", spacedHex(line)) })
	},
	"gdb words": func(b []byte) string { return strings.ReplaceAll(spacedHex(b), " ", "  ") },
}

func TestDumps(t *testing.T) {
	for n := range 2 * len(kinds) {
		number := cardOf(n + 40)
		text := strings.Repeat("x", n%19) + fmt.Sprintf(" sale card=%s amount=12.00 and so on and on", number)
		m, _ := sale(n + 40)
		message := dialects()[[]string{"bcd/bcd/F/tpdu", "bcd/bin/l/bare", "ascii/hex", "ascii/binary", "ebcdic/binary"}[n%5]].build(m)
		form := "iso8583"
		if n%5 == 4 {
			form = "ebcdic>iso8583"
		}
		for name, write := range dumps {
			t.Run(name, func(t *testing.T) {
				encoding := "hexdump"
				if name == "xxd -p" {
					encoding = "hex"
				}
				got := one(t, []byte("before\n"+write([]byte(text))+"after 1234\n"), "pan", encoding, number)
				if got.digits != "" && got.offset != 7 {
					t.Errorf("got offset %d", got.offset)
				}
				one(t, []byte("before\n"+write(message)+"after 1234\n"), "pan", encoding+">"+form, number)
			})
		}
		for name, write := range rows {
			t.Run(name, func(t *testing.T) {
				one(t, []byte("data: "+write([]byte(text))+"\nafter 1234\n"), "pan", "hex", number)
				one(t, []byte("data: "+write(message)+"\nafter 1234\n"), "pan", "hex>"+form, number)
			})
		}
		one(t, []byte(dumps["xxd"](gzipped(t, text))), "pan", "hexdump>gzip", number)
		one(t, []byte(dumps["hexdump -C"]([]byte(b64(string(gzipped(t, text)))))), "pan", "hexdump>base64>gzip", number)
	}
}

func TestListOfPairs(t *testing.T) {
	var content strings.Builder
	for n := range 50 {
		content.WriteString(spacedHex([]byte(cardOf(n))) + "\n")
	}
	if got := catch(t, []byte(content.String()), 0); len(got) != 50 {
		t.Errorf("got %d numbers, want 50", len(got))
	}
}
