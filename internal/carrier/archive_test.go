package carrier

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	wire "encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"
	"github.com/ulikunitz/xz/lzma"
)

// arArchive writes a Unix archive by hand.
func arArchive(files ...file) []byte {
	out := []byte("!<arch>\n")
	var long strings.Builder
	for _, f := range files {
		if len(f.name) > 15 {
			long.WriteString(f.name + "/\n")
		}
	}
	entry := func(name, content string) {
		out = fmt.Appendf(out, "%-16s%-12d%-6d%-6d%-8s%-10d`\n%s", name, 0, 0, 0, "100644", len(content), content)
		if len(content)%2 == 1 {
			out = append(out, '\n')
		}
	}
	if long.Len() > 0 {
		entry("//", long.String())
	}
	at := 0
	for _, f := range files {
		name := f.name + "/"
		if len(f.name) > 15 {
			name = fmt.Sprintf("/%d", at)
			at += len(f.name) + 2
		}
		entry(name, f.content)
	}
	return out
}

// cpioArchive writes one of the four forms by hand.
func cpioArchive(form string, files ...file) []byte {
	var out []byte
	pad := func(n int) {
		for len(out)%n != 0 {
			out = append(out, 0)
		}
	}
	for _, f := range append(files, file{cpioEnd, ""}) {
		name := f.name + "\x00"
		switch form {
		case "newc":
			out = fmt.Appendf(out, "070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%s",
				1, 0o100644, 0, 0, 1, 0, len(f.content), 0, 0, 0, 0, len(name), 0, name)
			pad(4)
			out = append(out, f.content...)
			pad(4)
		case "odc":
			out = fmt.Appendf(out, "070707%06o%06o%06o%06o%06o%06o%06o%011o%06o%011o%s%s", 0, 1, 0o100644, 0, 0, 1, 0, 0, len(name), len(f.content), name, f.content)
		default:
			var order wire.AppendByteOrder = wire.LittleEndian
			if form == "big" {
				order = wire.BigEndian
			}
			for _, n := range []int{0o070707, 0, 1, 0o100644, 0, 0, 1, 0, 0, 0, len(name), len(f.content) >> 16, len(f.content)} {
				out = order.AppendUint16(out, uint16(n))
			}
			out = append(out, name...)
			pad(2)
			out = append(out, f.content...)
			pad(2)
		}
	}
	return out
}

// rarArchive writes a RAR 5 archive of stored members by hand. A member whose
// name begins with "locked" says that it is encrypted.
func rarArchive(files ...file) []byte {
	out := []byte("Rar!\x1a\x07\x01\x00")
	block := func(body []byte, content string) {
		sized := append(wire.AppendUvarint(nil, uint64(len(body))), body...)
		out = wire.LittleEndian.AppendUint32(out, crc32.ChecksumIEEE(sized))
		out = append(append(out, sized...), content...)
	}
	block([]byte{1, 0, 0}, "")
	for _, f := range files {
		var extra []byte
		if strings.HasPrefix(f.name, "locked") {
			extra = append([]byte{0x24 - 3, 1, 0, 0, 15}, make([]byte, 0x24-7)...)
			extra[0] = byte(len(extra) - 1)
		}
		body := []byte{2, 2} // file, data follows
		if extra != nil {
			body = wire.AppendUvarint([]byte{2, 3}, uint64(len(extra)))
		}
		body = wire.AppendUvarint(body, uint64(len(f.content)))
		body = append(body, 4) // with a sum
		body = wire.AppendUvarint(body, uint64(len(f.content)))
		body = append(body, 0)
		body = wire.LittleEndian.AppendUint32(body, crc32.ChecksumIEEE([]byte(f.content)))
		body = append(body, 0, 1)
		body = append(append(wire.AppendUvarint(body, uint64(len(f.name))), f.name...), extra...)
		block(body, f.content)
	}
	block([]byte{5, 0, 0}, "")
	return out
}

// archives are the ways of packing files that tests can write.
func archives() map[string]func(files ...file) []byte {
	all := map[string]func(files ...file) []byte{"ar": arArchive, "rar": rarArchive}
	for _, form := range []string{"newc", "odc", "little", "big"} {
		all["cpio-"+form] = func(files ...file) []byte { return cpioArchive(form, files...) }
	}
	return all
}

func TestArchives(t *testing.T) {
	inner := string(zipped(t, zip.Deflate, file{"d.txt", line(2)}))
	for name, pack := range archives() {
		t.Run(name, func(t *testing.T) {
			content := pack(file{"odd", "x" + line(1)}, file{"a/long/name/of/a/till.log", "first\n" + line(3)}, file{"in.zip", inner}, file{"last", line(4)})
			for _, wrapped := range []bool{false, true} {
				base := "a.bin"
				if wrapped {
					content = gzipped(t, string(content))
					base = "a.bin.gz"
				}
				report, all := examine(t, base, content, Options{})
				want := []string{base + "!odd", base + "!a/long/name/of/a/till.log", base + "!in.zip!d.txt", base + "!last"}
				if len(all) != len(want) || report.Refused != 0 {
					t.Fatalf("got %d matches, report %+v; want %d", len(all), report, len(want))
				}
				for i, m := range all {
					if m.path != want[i] {
						t.Errorf("got %s, want %s", m.path, want[i])
					}
				}
			}
		})
	}
}

func TestCutArchives(t *testing.T) {
	for name, pack := range archives() {
		content := pack(file{"one", line(1)}, file{"two", strings.Repeat("x", 5000)}, file{"three", line(3)})
		report, all := examine(t, "cut.gz", gzipped(t, string(content[:4000])), Options{})
		if len(all) != 1 || report.Causes[Broken] == 0 {
			t.Errorf("%s: got %d matches, report %+v; want the first, and broken", name, len(all), report)
		}
	}
	stored := zipped(t, zip.Store, file{"one", line(1)}, file{"two", filler(500)})
	deflated := zipped(t, zip.Deflate, file{"one", line(1)}, file{"two", line(2)}, file{"three", filler(500)})
	for archive, want := range map[string]int{string(stored): 1, string(deflated): 2} { // nobody can tell where a stored member ends
		report, all := examine(t, "cut.zip", []byte(archive)[:len(archive)-400], Options{})
		if len(all) != want || report.Causes[Broken] == 0 {
			t.Errorf("got %d matches, report %+v; want %d, and broken", len(all), report, want)
		}
	}
}

func TestLockedMembers(t *testing.T) {
	content := rarArchive(file{"one", line(1)}, file{"locked", line(2)}, file{"three", line(3)})
	report, all := examine(t, "a.rar", content, Options{})
	if len(all) != 2 || report.Causes[Encrypted] != 1 || report.Refused != 1 || report.Unexamined[0].Path != "a.rar!locked" {
		t.Errorf("got %d matches, report %+v; want two, and one named encrypted", len(all), report)
	}
}

// zipPacked writes a zip whose members are packed by a foreign method.
func zipPacked(t testing.TB, method uint16, lead string, open func(io.Writer) (io.WriteCloser, error), files ...file) []byte {
	t.Helper()
	var buf bytes.Buffer
	w := zip.NewWriter(&buf)
	w.RegisterCompressor(method, func(out io.Writer) (io.WriteCloser, error) { return &late{lead: lead, out: out, open: open}, nil })
	for _, f := range files {
		entry, err := w.CreateHeader(&zip.FileHeader{Name: f.name, Method: method})
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(entry, f.content)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// late opens a compressor at the first write, because package zip asks for it
// before it has written the member's header.
type late struct {
	lead string
	out  io.Writer
	open func(io.Writer) (io.WriteCloser, error)
	w    io.WriteCloser
}

func (l *late) Write(p []byte) (int, error) {
	if l.w == nil {
		if _, err := io.WriteString(l.out, l.lead); err != nil {
			return 0, err
		}
		var err error
		if l.w, err = l.open(l.out); err != nil {
			return 0, err
		}
	}
	return l.w.Write(p)
}

func (l *late) Close() error { return l.w.Close() }

// headless drops the size from what an LZMA writer writes, as zip keeps it.
type headless struct {
	w    io.Writer
	seen int
}

func (h *headless) Write(p []byte) (int, error) {
	for i, c := range p {
		if h.seen < 5 || h.seen >= lzma.HeaderLen {
			if _, err := h.w.Write([]byte{c}); err != nil {
				return i, err
			}
		}
		h.seen++
	}
	return len(p), nil
}

func TestZipMethods(t *testing.T) {
	text := "first\n" + filler(200) + line(1)
	tests := map[string][]byte{
		"zstd": zipPacked(t, 93, "", func(w io.Writer) (io.WriteCloser, error) { return zstd.NewWriter(w) }, file{"a", text}, file{"b", text}),
		"xz":   zipPacked(t, 95, "", func(w io.Writer) (io.WriteCloser, error) { return xz.NewWriter(w) }, file{"a", text}, file{"b", text}),
		"lzma": zipPacked(t, 14, "\x09\x14\x05\x00", func(w io.Writer) (io.WriteCloser, error) {
			return lzma.WriterConfig{Size: int64(len(text)), SizeInHeader: true}.NewWriter(&headless{w: w})
		}, file{"a", text}, file{"b", text}),
	}
	for name, content := range tests {
		report, all := examine(t, "a.zip", content, Options{})
		if len(all) != 2 || report.Refused != 0 {
			t.Errorf("%s: got %d matches, report %+v; want 2", name, len(all), report)
		}
	}
}

// TestSeven reads what 7-Zip packed of a.log, sub/b.log and c.bin, which hold
// lines 1 to 3, an empty file and an empty folder; "pw" is the password.
func TestSeven(t *testing.T) {
	tests := []struct {
		name    string
		matches int
		cause   Cause
		refused int64
	}{
		{"lzma2", 3, "", 0},
		{"lzma", 3, "", 0},
		{"store", 3, "", 0},
		{"bzip2", 3, "", 0},
		{"deflate", 3, "", 0},
		{"delta", 3, "", 0},
		{"deflate64", 3, "", 0},
		{"ppmd", 0, UnknownCompression, 3},
		{"content-locked", 0, Encrypted, 3},
		{"header-locked", 0, Encrypted, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			content, err := os.ReadFile(filepath.Join("testdata", "seven", tt.name+".7z"))
			if err != nil {
				t.Fatal(err)
			}
			report, all := examine(t, "a.7z", content, Options{})
			if len(all) != tt.matches || report.Refused != tt.refused || report.Causes[tt.cause] != tt.refused {
				t.Fatalf("got %d matches, report %+v; want %d, and %d %s", len(all), report, tt.matches, tt.refused, tt.cause)
			}
			for i, want := range []string{"a.7z!a.log", "a.7z!c.bin", "a.7z!sub/b.log"}[:len(all)] {
				found := false
				for _, m := range all {
					found = found || m.path == want
				}
				if !found {
					t.Errorf("got no match %d at %s", i, want)
				}
			}
		})
	}
}

func TestSevenDamaged(t *testing.T) {
	for _, name := range []string{"lzma2", "store"} {
		content, err := os.ReadFile(filepath.Join("testdata", "seven", name+".7z"))
		if err != nil {
			t.Fatal(err)
		}
		content[60] ^= 0x55 // in the content
		report, _ := examine(t, "a.7z", content, Options{})
		if report.Causes[Broken] == 0 {
			t.Errorf("%s: got report %+v, want broken", name, report)
		}
	}
}

// TestArchivePrograms reads what the programs write that people use.
func TestArchivePrograms(t *testing.T) {
	folder := t.TempDir()
	for i, name := range []string{"a.log", "b.log", "c.log"} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(filler(3000)+line(uint64(i))), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, command := range []string{
		"7z a -bd OUT.7z a.log b.log c.log", "7z a -bd -mx9 -ms=off OUT.7z a.log b.log c.log", "7z a -bd -tzip -mm=LZMA OUT.zip a.log b.log c.log",
		"7z a -bd -tzip -mm=BZip2 OUT.zip a.log b.log c.log", "7z a -bd -tzip -mm=Deflate64 OUT.zip a.log b.log c.log", "7z a -bd -mm=Deflate64 -mx9 OUT.7z a.log b.log c.log", "7z a -bd -tzip -mm=XZ OUT.zip a.log b.log c.log", "7z a -bd -tzip -mm=ZSTD OUT.zip a.log b.log c.log",
		"ar qc OUT.a a.log b.log c.log", "find a.log b.log c.log | cpio -o -H newc > OUT.cpio", "find a.log b.log c.log | cpio -o > OUT.cpio",
		"find a.log b.log c.log | cpio -o -H crc > OUT.cpio", "find a.log b.log c.log | cpio -o -H odc > OUT.cpio", "zip -q OUT.zip a.log b.log c.log",
		"mkdir -p d/DEBIAN; printf 'Package: a\\nVersion: 1\\nArchitecture: all\\nMaintainer: a\\nDescription: a\\n' > d/DEBIAN/control; cp *.log d; dpkg-deb -b d OUT.deb",
		"cat a.log b.log c.log | zip -q OUT.zip -; zip -q OUT.zip a.log b.log",
	} {
		t.Run(command, func(t *testing.T) {
			out := filepath.Join(t.TempDir(), "x")
			run := exec.Command("sh", "-c", "set -e; "+strings.ReplaceAll(command, "OUT", out))
			run.Dir = folder
			if text, err := run.CombinedOutput(); err != nil {
				t.Skipf("not written here: %s", text)
			}
			made, _ := filepath.Glob(out + ".*")
			content, err := os.ReadFile(made[0])
			if err != nil {
				t.Fatal(err)
			}
			report, all := examine(t, "a.x", content, Options{})
			want := 3
			if strings.HasPrefix(command, "cat") {
				want = 5
			}
			if len(all) != want || report.Refused != 0 {
				t.Errorf("got %d matches, report %+v; want %d", len(all), report, want)
			}
		})
	}
}

// TestDeflate64 checks the bytes, with matches longer and further off than
// Deflate has, and that the fixed codes are right.
func TestDeflate64(t *testing.T) {
	if _, err := exec.LookPath("7z"); err != nil {
		t.Fatal("7z is not installed")
	}
	for _, text := range []string{"abc", strings.Repeat("z", 300_000), filler(2500) + filler(2500), filler(9000)} {
		folder := t.TempDir()
		if err := os.WriteFile(filepath.Join(folder, "a"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		run := exec.Command("7z", "a", "-bd", "-tzip", "-mm=Deflate64", "-mx9", "x.zip", "a")
		run.Dir = folder
		if out, err := run.CombinedOutput(); err != nil {
			t.Skipf("not written here: %s", out)
		}
		archive, err := zip.OpenReader(filepath.Join(folder, "x.zip"))
		if err != nil {
			t.Fatal(err)
		}
		defer archive.Close()
		f := archive.File[0]
		raw, err := f.OpenRaw()
		if err != nil {
			t.Fatal(err)
		}
		if f.Method == zip.Store {
			continue
		}
		got, err := io.ReadAll(newDeflate64(raw))
		if err != nil || string(got) != text || f.Method != methodLong {
			t.Errorf("got %d bytes by method %d, error %v; want the %d that were packed", len(got), f.Method, err, len(text))
		}
	}
}

func FuzzDeflate64(f *testing.F) {
	var buf bytes.Buffer
	w, _ := flate.NewWriter(&buf, 9)
	io.WriteString(w, filler(30))
	w.Close()
	f.Add(buf.Bytes())
	f.Fuzz(func(t *testing.T, content []byte) {
		io.Copy(io.Discard, io.LimitReader(newDeflate64(bytes.NewReader(content)), 4<<20))
	})
}

func FuzzArchives(f *testing.F) {
	for _, pack := range archives() {
		f.Add(pack(file{"one", line(1)}, file{"locked", line(2)}, file{"a long name that is long.log", line(3)}))
	}
	seeds, _ := filepath.Glob("testdata/seven/*.7z")
	for _, name := range seeds {
		if content, err := os.ReadFile(name); err == nil {
			f.Add(content)
		}
	}
	f.Add(zipped(f, zip.Deflate, file{"one", line(1)}, file{"two", line(2)})[:120])
	f.Fuzz(func(t *testing.T, content []byte) {
		examine(t, "x", content, Options{Budget: Budget{Bytes: 4 << 20, Members: 200, Buffer: 1 << 20}})
	})
}

// FuzzSevenHeader goes past the sums, which random bytes do not.
func FuzzSevenHeader(f *testing.F) {
	f.Add([]byte{sevenHeaderID, sevenMainStreams, sevenPackInfo, 0, 1, sevenSize, 9, 0, sevenUnpackInfo, sevenFolderID, 1, 0, 1, 1, 0, sevenUnpackSize, 9, 0, 0, sevenFilesInfo, 1,
		sevenName, 5, 0, 'a', 0, 0, 0, 0, 0}, []byte(line(1)))
	f.Fuzz(func(t *testing.T, header, packed []byte) {
		content := append([]byte("7z\xbc\xaf\x27\x1c\x00\x04\x00\x00\x00\x00"), make([]byte, 20)...)
		wire.LittleEndian.PutUint64(content[12:], uint64(len(packed)))
		wire.LittleEndian.PutUint64(content[20:], uint64(len(header)))
		wire.LittleEndian.PutUint32(content[28:], crc32.ChecksumIEEE(header))
		wire.LittleEndian.PutUint32(content[8:], crc32.ChecksumIEEE(content[12:]))
		content = append(append(content, packed...), header...)
		examine(t, "x", content, Options{Budget: Budget{Bytes: 4 << 20, Members: 200, Buffer: 1 << 20}})
	})
}
