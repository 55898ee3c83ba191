package carrier

import (
	"fmt"
	"hash/crc32"
	"strings"
	"testing"

	wire "encoding/binary"
)

// TestPackedBombs: what is small and unpacks to much ends at the budget, after
// what came before.
func TestPackedBombs(t *testing.T) {
	zeros := line(1) + strings.Repeat("\x00", 3<<20)
	for name, open := range compressors() {
		content := packedBy(t, zeros, open)
		report, all := examine(t, name, content, Options{Budget: Budget{Bytes: 2 << 20}})
		if report.Causes[OverBudget] == 0 || len(all) != 1 {
			t.Errorf("%s: got %d matches, report %+v; want one, and over_budget", name, len(all), report)
		}
	}
	rows := database(t, "PRAGMA page_size=65536", "CREATE TABLE t (a TEXT)", "INSERT INTO t VALUES ('"+strings.Repeat("x", 30_000)+"')")
	page := rows[65536:131072]
	cell := page[8:10]
	for i := range 10_000 { // each of the cells is the same
		copy(page[8+2*i:], cell)
	}
	wire.BigEndian.PutUint16(page[3:], 10_000)
	report, _ := examine(t, "x.db", rows, Options{Budget: Budget{Ratio: 100}})
	if report.Causes[OverBudget] == 0 {
		t.Errorf("sqlite: got report %+v, want over_budget", report)
	}
}

// TestDepth: formats of every kind count towards the depth.
func TestDepth(t *testing.T) {
	content := line(1)
	for i := range 20 {
		switch i % 3 {
		case 0:
			content = string(arArchive(file{"a", content}))
		case 1:
			content = string(cpioArchive("newc", file{"a", content}))
		case 2:
			content = string(packedBy(t, content, compressors()["lz4"]))
		}
	}
	report, all := examine(t, "deep", []byte(content), Options{})
	if report.Causes[OverBudget] != 1 || len(all) != 0 {
		t.Errorf("got %d matches, report %+v; want over_budget", len(all), report)
	}
}

func TestHeldTables(t *testing.T) {
	names := strings.Repeat("n", maxArNames+1)
	seven := append([]byte("7z\xbc\xaf\x27\x1c\x00\x04\x00\x00\x00\x00"), make([]byte, 20)...)
	wire.LittleEndian.PutUint64(seven[20:], maxSevenHeader+1)
	wire.LittleEndian.PutUint32(seven[8:], crc32.ChecksumIEEE(seven[12:]))
	views := []string{}
	for i := range 10 {
		views = append(views, fmt.Sprintf("CREATE VIEW v%d AS SELECT '%s'", i, strings.Repeat("x", 900_000)))
	}
	for name, content := range map[string][]byte{
		"ar":     fmt.Appendf([]byte("!<arch>\n"), "%-16s%-12d%-6d%-6d%-8s%-10d`\n%s", "//", 0, 0, 0, "0", len(names), names),
		"7z":     seven,
		"sqlite": database(t, views...),
	} {
		report, _ := examine(t, name, content, Options{})
		if report.Causes[OverBudget] != 1 {
			t.Errorf("%s: got report %+v, want over_budget", name, report)
		}
	}
}

// TestSevenCounts: a count that the header has no room for is not believed.
func TestSevenCounts(t *testing.T) {
	many := "\xf0\xff\xff\xff\x0f" // some hundred millions
	for _, header := range []string{
		"\x01\x05" + many, "\x01\x04\x06\x00" + many + "\x09", "\x01\x04\x07\x0b" + many + "\x00", "\x01\x04\x07\x0b\x01\x00" + many,
		"\x01\x04\x07\x0b\x01\x00\x01\x11" + many + many, "\x01\x04\x07\x0b\x01\x00\x01\x01\x00\x0c\x01\x00\x08\x0d" + many,
	} {
		if _, err := sevenHeader([]byte(header)); err == nil {
			t.Errorf("%x: got no error", header)
		}
	}
}

// TestOverBudgetOfItsOwn: one member that asks for too much does not stop the
// others.
func TestOverBudgetOfItsOwn(t *testing.T) {
	large := append([]byte("\x5d\x00\x00\x00\x08"), packedBy(t, line(1), compressors()["lzma"])[5:]...)
	report, all := examine(t, "a.tar", tarred(t, file{"a.lzma", string(large)}, file{"b.log", line(2)}), Options{})
	if report.Causes[OverBudget] != 1 || report.Refused != 1 || len(all) != 1 {
		t.Errorf("got %d matches, report %+v; want the other member's match", len(all), report)
	}
}
