package carrier

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"testing"

	"github.com/klauspost/compress/s2"
	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
	"github.com/ulikunitz/xz"
	"github.com/ulikunitz/xz/lzma"
)

// packedBy returns content as a writer packs it.
func packedBy(t testing.TB, content string, open func(io.Writer) (io.WriteCloser, error)) []byte {
	t.Helper()
	var buf bytes.Buffer
	w, err := open(&buf)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(w, content); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// compressors are the ways of package compression that Go can write.
func compressors() map[string]func(io.Writer) (io.WriteCloser, error) {
	return map[string]func(io.Writer) (io.WriteCloser, error){
		"xz": func(w io.Writer) (io.WriteCloser, error) { return xz.NewWriter(w) },
		"xz-sha256": func(w io.Writer) (io.WriteCloser, error) {
			return xz.WriterConfig{CheckSum: xz.SHA256, BlockSize: 5000, DictCap: 8192}.NewWriter(w)
		},
		"xz-crc32": func(w io.Writer) (io.WriteCloser, error) { return xz.WriterConfig{CheckSum: xz.CRC32}.NewWriter(w) },
		"lzma":     func(w io.Writer) (io.WriteCloser, error) { return lzma.NewWriter(w) },
		"zstd":     func(w io.Writer) (io.WriteCloser, error) { return zstd.NewWriter(w) },
		"lz4": func(w io.Writer) (io.WriteCloser, error) {
			z := lz4.NewWriter(w)
			return z, z.Apply(lz4.BlockSizeOption(lz4.Block256Kb))
		},
		"lz4-legacy": func(w io.Writer) (io.WriteCloser, error) {
			z := lz4.NewWriter(w)
			return z, z.Apply(lz4.LegacyOption(true))
		},
		"snappy": func(w io.Writer) (io.WriteCloser, error) { return s2.NewWriter(w, s2.WriterSnappyCompat()), nil },
		"s2":     func(w io.Writer) (io.WriteCloser, error) { return s2.NewWriter(w), nil },
		"zlib":   func(w io.Writer) (io.WriteCloser, error) { return zlib.NewWriterLevel(w, 9) },
	}
}

// filler is text that does not compress to nothing, and holds no number.
func filler(lines int) string {
	var b strings.Builder
	for i := range lines {
		fmt.Fprintf(&b, "%x till %d ok %x.\n", i*2654435761%1000003, i%7, i*i)
	}
	return b.String()
}

func TestCompressors(t *testing.T) {
	text := "first\n" + filler(3000) + line(1)
	for name, open := range compressors() {
		t.Run(name, func(t *testing.T) {
			content := packedBy(t, text, open)
			kind, _, _ := strings.Cut(name, "-")
			if kind == "s2" {
				kind = "snappy"
			}
			report, all := examine(t, "noext", content, Options{})
			if len(all) != 1 || report.Refused != 0 || all[0].encoding != kind || all[0].line != 3002 || all[0].path != "noext" {
				t.Fatalf("got %d matches, report %+v; want one on line 3002 by %s", len(all), report, kind)
			}
			inner := packedBy(t, string(tarred(t, file{"b.txt", text})), open)
			report, all = examine(t, "a.tar", inner, Options{})
			if len(all) != 1 || report.Refused != 0 || all[0].path != "a.tar!b.txt" {
				t.Errorf("got %d matches, report %+v; want one in the tar", len(all), report)
			}
			report, all = examine(t, "cut", content[:len(content)-3], Options{})
			if report.Causes[Broken] != 1 || report.Examined != 1 || len(all) > 1 {
				t.Errorf("got %d matches, report %+v; want the cut named broken", len(all), report)
			}
		})
	}
}

// TestCutCompressors: what comes before the damage is examined.
func TestCutCompressors(t *testing.T) {
	text := line(1) + filler(50_000)
	for name, open := range compressors() {
		if name == "lz4-legacy" || strings.HasPrefix(name, "xz-") {
			continue // a legacy block is 8 MiB and is read whole or not; xz once is enough
		}
		t.Run(name, func(t *testing.T) {
			content := packedBy(t, text, open)
			report, all := examine(t, "cut", content[:len(content)-5000], Options{})
			if len(all) != 1 || report.Causes[Broken] != 1 {
				t.Errorf("got %d matches, report %+v; want the one before the cut, and broken", len(all), report)
			}
		})
	}
}

// TestCompressPrograms reads what the programs write that people use.
func TestCompressPrograms(t *testing.T) {
	text := "first\n" + filler(10_000) + line(1)
	for _, command := range []string{"xz -9", "xz -T2 --block-size=100000", "xz -C none", "lzma", "zstd -19", "zstd --long=27", "lz4", "lz4 -9 -BD",
		"lz4 -l", "gzip", "bzip2", "compress -c", "compress -c -b 12", "xz --format=lzma"} {
		t.Run(command, func(t *testing.T) {
			words := strings.Fields(command)
			if _, err := exec.LookPath(words[0]); err != nil {
				t.Skipf("%s is not installed", words[0])
			}
			run := exec.Command(words[0], words[1:]...)
			run.Stdin = strings.NewReader(text)
			content, err := run.Output()
			if err != nil {
				t.Fatalf("run %s: %v", command, err)
			}
			if command == "zstd --long=27" {
				report, _ := examine(t, "noext", content, Options{})
				if report.Causes[OverBudget] != 1 {
					t.Fatalf("got report %+v, want over_budget for a window of 128 MiB", report)
				}
				return
			}
			twice := append(bytes.Clone(content), content...)
			report, all := examine(t, "noext", content, Options{})
			if len(all) != 1 || report.Refused != 0 || all[0].line != 10_002 {
				t.Fatalf("got %d matches, report %+v; want one on line 10002", len(all), report)
			}
			if strings.HasPrefix(command, "compress") || strings.Contains(command, "lzma") {
				return // forms without an end that another could follow
			}
			if report, all = examine(t, "noext", twice, Options{}); len(all) != 2 || report.Refused != 0 {
				t.Errorf("got %d matches, report %+v; want two of two streams", len(all), report)
			}
		})
	}
}

// TestManyDictionaries: small blocks that each ask for a large dictionary end
// soon.
func TestManyDictionaries(t *testing.T) {
	one := packedBy(t, "x", func(w io.Writer) (io.WriteCloser, error) { return xz.WriterConfig{DictCap: maxDictionary}.NewWriter(w) })
	report, _ := examine(t, "many.xz", bytes.Repeat(one, 50), Options{})
	if report.Causes[OverBudget] != 1 {
		t.Errorf("got report %+v, want over_budget", report)
	}
}

func TestDictionaryLimit(t *testing.T) {
	large := 128 << 20
	for name, content := range map[string][]byte{
		"xz":   packedBy(t, line(1), func(w io.Writer) (io.WriteCloser, error) { return xz.WriterConfig{DictCap: large}.NewWriter(w) }),
		"lzma": append([]byte("\x5d\x00\x00\x00\x08"), packedBy(t, line(1), compressors()["lzma"])[5:]...),
		"zstd": packedBy(t, line(1)+filler(9000), func(w io.Writer) (io.WriteCloser, error) { return zstd.NewWriter(w, zstd.WithWindowSize(large)) }),
	} {
		report, _ := examine(t, name, content, Options{})
		if report.Causes[OverBudget] != 1 || report.Refused != 1 {
			t.Errorf("%s: got report %+v, want over_budget", name, report)
		}
	}
}

// TestNotCompressed: text that begins as a weak magic does stays text.
func TestNotCompressed(t *testing.T) {
	for _, lead := range []string{"x\x9c\xd3", "x\x01 page", "]\x00\x00", "x\xda\xa1\xa1 gbk", "\x28\xb5"} {
		report, all := examine(t, "a.log", []byte(lead+" \n"+line(1)), Options{})
		if len(all) != 1 || report.Refused != 0 {
			t.Errorf("%q: got %d matches, report %+v; want plain text", lead, len(all), report)
		}
	}
}

func FuzzCompressors(f *testing.F) {
	for _, open := range compressors() {
		f.Add(packedBy(f, "first\n"+line(1)+filler(20), open))
	}
	f.Add([]byte("\x1f\x9d\x90a\x84\x10\x1f"))
	f.Fuzz(func(t *testing.T, content []byte) {
		examine(t, "x", content, Options{Budget: Budget{Bytes: 4 << 20, Members: 200, Buffer: 1 << 20}})
	})
}
