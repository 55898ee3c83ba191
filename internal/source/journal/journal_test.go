package journal

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// sized writes a field in the form with a length.
func sized(name, value string) string {
	return name + "\n" + string(binary.LittleEndian.AppendUint64(nil, uint64(len(value)))) + value + "\n"
}

func fieldsOf(stream io.Reader) (fields []string, err error) {
	r := newReader(stream)
	for {
		f, err := r.next()
		if err != nil {
			return fields, err
		}
		fields = append(fields, fmt.Sprintf("%d %s %s=%.40s +%d", f.Entry, f.Unit, f.Name, f.Value, f.Over))
	}
}

func TestExportFormat(t *testing.T) {
	stream := "__REALTIME_TIMESTAMP=1\n_BOOT_ID=aa\nMESSAGE=a=b\n_COMM=till\n_SYSTEMD_UNIT=till.service\n\n" +
		sized("MESSAGE", "two\nlines\n\n=") + "SYSLOG_IDENTIFIER=sh\n\n\nMESSAGE=" + strings.Repeat("x", 200_000) + "\n"
	want := []string{
		"1 till.service MESSAGE=a=b +0", "1 till.service _COMM=till +0", "1 till.service _SYSTEMD_UNIT=till.service +0",
		"2 sh MESSAGE=two\nlines\n\n= +0", "2 sh SYSLOG_IDENTIFIER=sh +0", "3  MESSAGE=" + strings.Repeat("x", 40) + " +0",
	}
	got, err := fieldsOf(strings.NewReader(stream))
	if err != io.EOF || !slices.Equal(got, want) {
		t.Errorf("got %q and %v\nwant %q", got, err, want)
	}
}

func TestLongValuesAreCut(t *testing.T) {
	long := strings.Repeat("y", maxValue+7)
	for _, stream := range []string{sized("A", long) + "B=1\n\n", "A=" + long + "\nB=1\n\n"} {
		got, err := fieldsOf(strings.NewReader(stream))
		if err != io.EOF || len(got) != 2 || !strings.HasSuffix(got[0], "+7") {
			t.Errorf("got %q and %v", got, err)
		}
	}
}

func TestBadStreams(t *testing.T) {
	for _, stream := range []string{
		"A", "=x\n", "A\n", "A\n\x01\x00", "A\n\xff\xff\xff\xff\xff\xff\xff\xff", "A\n\x01\x00\x00\x00\x00\x00\x00\x00xy", strings.Repeat("A", 300) + "=1\n",
		strings.Repeat("A", 70<<10), strings.Repeat(sized("A", strings.Repeat("z", maxValue)), 5),
	} {
		if _, err := fieldsOf(strings.NewReader(stream)); err != ErrForm {
			t.Errorf("%.20q: got %v", stream, err)
		}
	}
}

func FuzzExport(f *testing.F) {
	f.Add([]byte("MESSAGE=a\n\n"))
	f.Add([]byte(sized("MESSAGE", "a\nb") + "\n"))
	f.Fuzz(func(t *testing.T, stream []byte) {
		r, total := newReader(bytes.NewReader(stream)), 0
		for {
			field, err := r.next()
			if err != nil {
				break
			}
			total += len(field.Value)
		}
		if total > len(stream) {
			t.Errorf("got %d bytes out of %d", total, len(stream))
		}
	})
}

// TestRealJournal writes a journal file with systemd's own tool and reads it.
func TestRealJournal(t *testing.T) {
	tool := "/lib/systemd/systemd-journal-remote"
	if _, err := exec.LookPath("journalctl"); err != nil {
		t.Fatalf("no journalctl (make test installs it): %v", err)
	}
	file := filepath.Join(t.TempDir(), "till.journal")
	write := exec.Command(tool, "-o", file, "-")
	write.Stdin = strings.NewReader(entry(1, "first") + entry(2, "second\nline") + entry(3, strings.Repeat("long ", 20_000)))
	if out, err := write.CombinedOutput(); err != nil {
		t.Fatalf("systemd-journal-remote (make test installs it): %v: %s", err, out)
	}
	for _, address := range []string{"journal:" + file, "journal:" + filepath.Dir(file)} {
		j, err := Open(t.Context(), address)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for {
			f, err := j.Next()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			if f.Name == "MESSAGE" {
				got = append(got, fmt.Sprintf("%d %s %s %d", f.Entry, f.Unit, strings.Fields(string(f.Value))[0], len(f.Value)))
			}
		}
		j.Close()
		if want := []string{"1 till.service first 5", "2 till.service second 11", "3 till.service long 100000"}; !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", address, got, want)
		}
	}
}

// entry writes an entry as systemd exports it.
func entry(n int, message string) string {
	return fmt.Sprintf("__REALTIME_TIMESTAMP=%d\n__MONOTONIC_TIMESTAMP=%d\n_BOOT_ID=%032x\n_SYSTEMD_UNIT=till.service\n", 1_700_000_000_000_000+n, n, 7) +
		sized("MESSAGE", message) + "\n"
}

func TestNoJournal(t *testing.T) {
	dir := t.TempDir()
	noise := filepath.Join(dir, "noise.journal")
	if err := os.WriteFile(noise, []byte("no journal"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, place := range []string{filepath.Join(dir, "none"), noise} {
		j, err := Open(t.Context(), "journal:"+place)
		if err == nil {
			_, err = j.Next()
			j.Close()
		}
		if err != ErrNone {
			t.Errorf("%s: got %v, want %v", filepath.Base(place), err, ErrNone)
		}
	}
}
