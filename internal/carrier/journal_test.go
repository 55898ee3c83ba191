package carrier

import (
	"bytes"
	wire "encoding/binary"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
	"github.com/ulikunitz/xz"
)

// journaled writes a journal of data objects with the compression of flags.
func journaled(t testing.TB, compact bool, flags byte, values ...string) []byte {
	t.Helper()
	b := make([]byte, 240)
	copy(b, "LPKSHHRH")
	lead := 48
	if compact {
		wire.LittleEndian.PutUint32(b[12:], journalCompact)
		lead = 56
	}
	wire.LittleEndian.PutUint64(b[88:], 240)
	object := func(kind, flags byte, body []byte) {
		h := make([]byte, 16)
		h[0], h[1] = kind, flags
		wire.LittleEndian.PutUint64(h[8:], uint64(16+len(body)))
		b = append(append(b, h...), body...)
		for len(b)%8 != 0 {
			b = append(b, 0)
		}
	}
	for _, v := range values {
		object(3, 0, []byte("an entry of some kind"))
		object(journalData, flags, append(make([]byte, lead), journalPacked(t, flags, v)...))
	}
	return append(b, make([]byte, 64)...)
}

func journalPacked(t testing.TB, flags byte, v string) []byte {
	switch flags {
	case journalXZ:
		return packedBy(t, v, func(w io.Writer) (io.WriteCloser, error) { return xz.NewWriter(w) })
	case journalZstd:
		return packedBy(t, v, func(w io.Writer) (io.WriteCloser, error) { return zstd.NewWriter(w) })
	case journalLZ4:
		out := make([]byte, lz4.CompressBlockBound(len(v)))
		n, err := lz4.CompressBlock([]byte(v), out, nil)
		if err != nil || n == 0 {
			t.Fatalf("pack %d bytes: %v", len(v), err)
		}
		return append(wire.LittleEndian.AppendUint64(nil, uint64(len(v))), out[:n]...)
	}
	return []byte(v)
}

func TestJournal(t *testing.T) {
	long := strings.Repeat("till text ", 100)
	for _, compact := range []bool{false, true} {
		for _, flags := range []byte{0, journalXZ, journalLZ4, journalZstd} {
			content := journaled(t, compact, flags, "MESSAGE="+long+" card="+pan(1), "_PID=1"+long, "MESSAGE=4111\ncard="+pan(2)+long)
			report, all := examine(t, "system.journal", content, Options{})
			want := []string{"system.journal!fields " + pan(1), "system.journal!fields " + pan(2)}
			slices.Sort(want)
			if got := placed(all); !slices.Equal(got, want) || report.Refused != 0 {
				t.Errorf("compact %t, flags %d: got %d matches, report %+v; want 2", compact, flags, len(all), report)
			}
		}
	}
}

// journalEmpty is a journal whose one value is packed, says that it has no
// length, and has a block with which the library reads from nowhere.
func journalEmpty(t testing.TB) []byte {
	t.Helper()
	content := journaled(t, false, 0, strings.Repeat("\x00", 8)+"\xe5"+strings.Repeat("\x00", 24))
	at := bytes.Index(content, []byte{journalData, 0, 0, 0, 0, 0, 0, 0, 16 + 48 + 33})
	if at < 0 {
		t.Fatal("got no value in the journal")
	}
	content[at+1] = journalLZ4
	return content
}

func TestJournalEmpty(t *testing.T) {
	report, _ := examine(t, "j", journalEmpty(t), Options{})
	if report.Causes[Broken] != 1 {
		t.Errorf("got report %+v, want broken", report)
	}
}

func TestJournalDamaged(t *testing.T) {
	long := strings.Repeat("till text ", 100)
	whole := journaled(t, false, journalZstd, "MESSAGE=card="+pan(1)+long, "MESSAGE=card="+pan(2)+long, "MESSAGE=card="+pan(3)+long)
	broken := bytes.Clone(whole)
	broken[bytes.LastIndex(broken, []byte("\x28\xb5\x2f\xfd"))] ^= 1
	report, all := examine(t, "j", broken, Options{})
	if len(all) != 2 || report.Causes[Broken] != 1 {
		t.Errorf("got %d matches, report %+v; want two, and one named", len(all), report)
	}
	report, all = examine(t, "j.gz", gzipped(t, string(whole[:len(whole)-200])), Options{})
	if len(all) < 2 || report.Causes[Broken] != 1 {
		t.Errorf("cut: got %d matches, report %+v; want two, and broken", len(all), report)
	}
	large := journaled(t, false, journalLZ4, "MESSAGE="+strings.Repeat("till text ", 1<<20), "MESSAGE=card="+pan(1)+long)
	report, all = examine(t, "j", large, Options{})
	if len(all) != 1 || report.Causes[OverBudget] != 1 {
		t.Errorf("large: got %d matches, report %+v; want one, and one over budget", len(all), report)
	}
}

// TestJournalProgram reads what systemd writes.
func TestJournalProgram(t *testing.T) {
	const program = "/lib/systemd/systemd-journal-remote"
	if _, err := os.Stat(program); err != nil {
		t.Fatal("systemd-journal-remote is not installed")
	}
	var export strings.Builder
	for i := range 400 {
		fmt.Fprintf(&export, "__REALTIME_TIMESTAMP=%d\n_BOOT_ID=4d0b0c8d9a0b4f2f8a3f1b2c3d4e5f60\nMESSAGE=till %d %s\n\n", 1700000000000000+i, i, strings.Repeat("text ", 300))
	}
	fmt.Fprintf(&export, "__REALTIME_TIMESTAMP=1800000000000000\n_BOOT_ID=4d0b0c8d9a0b4f2f8a3f1b2c3d4e5f60\nMESSAGE=card=%s%s\n\n", pan(1), strings.Repeat(" text", 300))
	for _, compact := range []string{"0", "1"} {
		out := filepath.Join(t.TempDir(), "x.journal")
		run := exec.Command(program, "-o", out, "--split-mode=none", "-")
		run.Env = append(os.Environ(), "SYSTEMD_JOURNAL_COMPACT="+compact)
		run.Stdin = strings.NewReader(export.String())
		if text, err := run.CombinedOutput(); err != nil {
			t.Skipf("not written here: %s", text)
		}
		content, err := os.ReadFile(out)
		if err != nil {
			t.Fatal(err)
		}
		report, all := examine(t, "x.journal", content, Options{})
		if len(all) != 1 || report.Refused != 0 {
			t.Errorf("compact %s: got %d matches, report %+v; want one", compact, len(all), report)
		}
	}
}

func FuzzJournal(f *testing.F) {
	for _, flags := range []byte{0, journalXZ, journalLZ4, journalZstd} {
		f.Add(journaled(f, flags == 0, flags, "MESSAGE=card="+pan(1)+strings.Repeat(" text", 40)))
	}
	f.Add(journalEmpty(f))
	f.Fuzz(func(t *testing.T, content []byte) {
		examine(t, "x", content, Options{Budget: Budget{Bytes: 4 << 20, Members: 200, Buffer: 1 << 20}})
	})
}
