package corpus

import (
	"bytes"
	"compress/gzip"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"html"
	"io"
	"mime/quotedprintable"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/charmap"

	"github.com/stanch/stanch/card"
)

// made makes one file of a class.
func made(t *testing.T, family Family, class string, index int) file {
	t.Helper()
	for _, c := range Classes() {
		if c.Name == class {
			m := newMaker(family, 5, class)
			m.index = index
			return c.make(m, c.Each)
		}
	}
	t.Fatalf("no class is named %s", class)
	return file{}
}

var tags = regexp.MustCompile(`<[^>]*>`)

func dropping(sets ...string) func(*testing.T, []byte) string {
	return func(_ *testing.T, data []byte) string {
		text := string(data)
		for _, s := range sets {
			text = strings.ReplaceAll(text, s, "")
		}
		return text
	}
}

// readers undo each carrier by other means than those that made it, where
// there are any. What they give must hold every number that was planted.
var readers = map[string]func(t *testing.T, data []byte) string{
	"plain": dropping(), "urlparam": dropping(), "json_number": dropping(), "json_in_json": dropping(), "xml": dropping(), "csv": dropping(), "csv_quoted": dropping(),
	"track1": dropping(), "track2": dropping(), "track2_bare": dropping(), "glued": dropping(), "json_string": dropping(),
	"spaced": dropping(" "), "dashed": dropping("-"), "dots": dropping("."), "underscores": dropping("_"), "nbsp": dropping("\u00a0"), "tabs": dropping("\t"),
	"wrapped_column": dropping("\n", "\r"), "wrapped_group": dropping("\n", " "), "percent20": dropping("%20"), "plus": dropping("+"),
	"html_nbsp": dropping("&nbsp;"), "html_tags": func(_ *testing.T, data []byte) string {
		return strings.ReplaceAll(tags.ReplaceAllString(string(data), ""), " ", "")
	},
	"html_entities": func(_ *testing.T, data []byte) string { return html.UnescapeString(string(data)) },
	"ansi": func(_ *testing.T, data []byte) string {
		return strings.ReplaceAll(regexp.MustCompile("\x1b\\[[0-9;]*m").ReplaceAllString(string(data), ""), " ", "")
	},
	"full_width": func(_ *testing.T, data []byte) string {
		return strings.Map(func(r rune) rune {
			if r >= '０' && r <= '９' {
				return r - '０' + '0'
			}
			return r
		}, strings.ReplaceAll(string(data), " ", ""))
	},
	"quoted_printable": func(t *testing.T, data []byte) string {
		_, body, _ := strings.Cut(string(data), "\r\n\r\n")
		text, err := io.ReadAll(quotedprintable.NewReader(strings.NewReader(body)))
		if err != nil {
			t.Error(err)
		}
		return string(text)
	},
	"utf16le": wideText(0), "utf16be": wideText(1), "dump_utf16": wideText(0),
	"utf16le_spaced": func(t *testing.T, d []byte) string { return strings.ReplaceAll(wideText(0)(t, d), " ", "") },
	"utf16be_spaced": func(t *testing.T, d []byte) string { return strings.ReplaceAll(wideText(1)(t, d), " ", "") },
	"ebcdic": func(t *testing.T, data []byte) string {
		text, err := charmap.CodePage037.NewDecoder().Bytes(data)
		if err != nil {
			t.Error(err)
		}
		return string(text)
	},
	"hex":         eachWord(`[0-9a-fA-F]{24,}`, hex.DecodeString),
	"base64":      eachWord(`[A-Za-z0-9+/]{24,}=*`, base64.StdEncoding.DecodeString),
	"base64url":   eachWord(`[A-Za-z0-9_-]{24,}`, base64.RawURLEncoding.DecodeString),
	"base64_gzip": eachWord(`[A-Za-z0-9+/]{24,}=*`, unzipped),
	"u0034": func(_ *testing.T, data []byte) string {
		return regexp.MustCompile(`\\u003\d`).ReplaceAllStringFunc(string(data), func(s string) string { return s[5:] })
	},
	"iso8583_ascii": dropping(), "bcd_hex": dropping(), "bcd_binary": inHex, "emv5a_hex": dropping(), "emv57_hex": dropping(),
	"emv5a_spaced": dropping(" "), "emv57_spaced": dropping(" "), "emv5a_binary": inHex, "emv57_binary": inHex,
	"iso8583_hexdump": func(_ *testing.T, data []byte) string { return undump(string(data)) },
	"int64_le":        func(_ *testing.T, data []byte) string { return integersOf(data, false) },
	"int64_be":        func(_ *testing.T, data []byte) string { return integersOf(data, true) },
	"nul_padding":     dropping(), "binary_neighbours": dropping(), "dump_ascii": dropping(), "dump_track2": dropping(), "dump_page_edge": dropping(),
	"zip_stored": by("7z", "x", "-so"), "zip_deflated": by("7z", "x", "-so"), "7z": by("7z", "x", "-so"), "tar": by("7z", "x", "-so"),
	"gz": by("gzip", "-dc"), "gz_no_ending": by("gzip", "-dc"), "bz2": by("bzip2", "-dc"), "xz": by("xz", "-dc"), "zst": by("zstd", "-qdc"), "lz4": by("lz4", "-qdc"),
	"xlsx_string": sheetText, "xlsx_number": sheetText,
	"docx": docText, "docx_split": docText,
	"sqlite_text": tableText, "sqlite_integer": tableText,
	"pcap": streams, "pcap_two_segments": streams, "pcap_gzip_body": streams,
	"zip_in_zip": opened, "five_deep": opened, "tgz": opened, "tgz_in_zip": opened,
	"eml_base64": mailText, "eml_zip": mailText, "pos_log": dropping(),
}

func TestCarriersHoldTheirNumbers(t *testing.T) {
	for _, family := range Families() {
		for class, read := range readers {
			for index := range filesEach {
				t.Run(fmt.Sprintf("%s/%s/%d", family, class, index), func(t *testing.T) {
					f := made(t, family, class, index)
					if f.missing != "" {
						t.Fatal(f.missing)
					}
					text := read(t, f.data)
					for _, p := range f.plants {
						if !strings.Contains(text, p.Value) {
							t.Fatalf("number %s is not in what the carrier unwraps to", card.Mask([]byte(p.Value)))
						}
					}
				})
			}
		}
	}
}

// What hides numbers must hide them, or the class measures nothing.
func TestCarriersHide(t *testing.T) {
	open := []string{"plain", "urlparam", "json_string", "json_number", "json_in_json", "xml", "csv", "csv_quoted", "track1", "track2", "track2_bare", "glued",
		"iso8583_ascii", "bcd_hex", "emv5a_hex", "emv57_hex", "nul_padding", "binary_neighbours", "dump_ascii", "dump_track2", "dump_page_edge",
		"zip_stored", "tar", "sqlite_text", "pcap", "pdf_plain", "docx", "pos_log",
		"lz4"} // which leaves as it is what occurs once
	isOpen := map[string]bool{}
	for _, name := range open {
		isOpen[name] = true
	}
	for _, c := range Classes() {
		if isOpen[c.Name] || c.Group == LookAlike || c.Group == Wanted {
			continue
		}
		f := made(t, Tuning, c.Name, 0)
		shown := 0
		for _, p := range f.plants {
			if bytes.Contains(f.data, []byte(p.Value)) {
				shown++
			}
		}
		// A few of the entities are none: see entities.
		if shown > len(f.plants)/20 {
			t.Errorf("%s: %d of %d numbers stand in clear", c.Name, shown, len(f.plants))
		}
	}
}

func wideText(first int) func(*testing.T, []byte) string {
	return func(_ *testing.T, data []byte) string {
		var out strings.Builder
		for _, shift := range []int{0, 1} { // a dump has strings at odd places, too
			var units []uint16
			for i := shift; i+1 < len(data); i += 2 {
				units = append(units, uint16(data[i+first])|uint16(data[i+1-first])<<8)
			}
			out.WriteString(string(utf16.Decode(units)))
		}
		return out.String()
	}
}

func eachWord(pattern string, decode func(string) ([]byte, error)) func(*testing.T, []byte) string {
	words := regexp.MustCompile(pattern)
	return func(_ *testing.T, data []byte) string {
		var out strings.Builder
		for _, w := range words.FindAllString(string(data), -1) {
			if text, err := decode(w); err == nil {
				out.Write(text)
				out.WriteByte('\n')
			}
		}
		return out.String()
	}
}

func unzipped(s string) ([]byte, error) {
	data, err := base64.StdEncoding.DecodeString(s)
	if err != nil {
		return nil, err
	}
	r, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}

func inHex(_ *testing.T, data []byte) string { return hex.EncodeToString(data) }

var dumpRow = regexp.MustCompile(`(?m)^\s*(?:0x)?[0-9a-fA-F]{4,8}:?\s+((?:[0-9a-fA-F]{2} ?){1,8} ?(?:[0-9a-fA-F]{2} ?){0,8})`)

func undump(text string) string {
	var out strings.Builder
	for _, row := range dumpRow.FindAllStringSubmatch(text, -1) {
		data, err := hex.DecodeString(strings.ReplaceAll(row[1], " ", ""))
		if err == nil {
			out.Write(data)
		}
	}
	return out.String()
}

func integersOf(data []byte, big bool) string {
	var out strings.Builder
	for i := 0; i+8 <= len(data); i += 8 {
		n := uint64(0)
		for k := range 8 {
			at := i + 7 - k
			if big {
				at = i + k
			}
			n = n<<8 | uint64(data[at])
		}
		fmt.Fprintln(&out, n)
	}
	return out.String()
}

func by(command ...string) func(t *testing.T, data []byte) string {
	return func(t *testing.T, data []byte) string {
		path := onDisk(t, data)
		out, err := exec.Command(command[0], append(command[1:], path)...).Output()
		if command[0] == "gzip" { // which minds the ending
			cmd := exec.Command("gzip", "-dc")
			cmd.Stdin = bytes.NewReader(data)
			out, err = cmd.Output()
		}
		if err != nil {
			t.Errorf("%s: %v", command[0], err)
		}
		return string(out)
	}
}

func onDisk(t *testing.T, data []byte) string {
	path := filepath.Join(t.TempDir(), "made")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func sheetText(t *testing.T, data []byte) string {
	book, err := excelize.OpenReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	rows, err := book.GetRows("Sheet1", excelize.Options{RawCellValue: true})
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for _, row := range rows {
		for _, cell := range row {
			var f float64
			if _, err := fmt.Sscanf(cell, "%g", &f); err == nil && strings.Contains(cell, "E") {
				cell = fmt.Sprintf("%.0f", f)
			}
			fmt.Fprintln(&out, cell)
		}
	}
	return out.String()
}

func docText(t *testing.T, data []byte) string {
	text, err := exec.Command("7z", "x", "-so", onDisk(t, data), "word/document.xml").Output()
	if err != nil {
		t.Fatal(err)
	}
	return tags.ReplaceAllString(string(text), "")
}

func tableText(t *testing.T, data []byte) string {
	db, err := sql.Open("sqlite", onDisk(t, data))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var table, column string
	if err := db.QueryRow(`SELECT m.name, c.name FROM sqlite_master m, pragma_table_info(m.name) c WHERE c.cid = 3`).Scan(&table, &column); err != nil {
		t.Fatal(err)
	}
	var text string
	if err := db.QueryRow(fmt.Sprintf("SELECT group_concat(%s) FROM %s", column, table)).Scan(&text); err != nil {
		t.Fatal(err)
	}
	return text
}
