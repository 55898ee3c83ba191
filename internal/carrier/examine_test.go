package carrier

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	surrogate "unicode/utf16"

	"github.com/stanch/stanch/card"
	"github.com/stanch/stanch/card/cardtest"
	"github.com/stanch/stanch/scan"
)

// seen is a match as a test compares it.
type seen struct {
	path, encoding, digits string
	offset, length, line   int64
}

func examine(t testing.TB, name string, content []byte, o Options) (Report, []seen) {
	t.Helper()
	return examineInput(t, Input{Name: name, R: bytes.NewReader(content), Size: int64(len(content))}, o)
}

func examineInput(t testing.TB, in Input, o Options) (Report, []seen) {
	t.Helper()
	var all []seen
	report, err := Examine(context.Background(), in, o, func(m *Match) {
		all = append(all, seen{m.Path, strings.Join(m.Encoding, ">"), string(m.Digits), m.Offset, m.Length, m.Line})
	})
	if err != nil {
		t.Fatalf("examine %s: %v", in.Name, err)
	}
	checkSums(t, report)
	return report, all
}

func checkSums(t testing.TB, r Report) {
	t.Helper()
	if r.Found != r.Examined+r.Refused || int64(len(r.Unexamined))+r.Beyond != r.Refused {
		t.Errorf("got found %d, examined %d, refused %d, listed %d, beyond %d: does not add up",
			r.Found, r.Examined, r.Refused, len(r.Unexamined), r.Beyond)
	}
	for depth, l := range r.Layers {
		if l.Found != l.Examined+l.Refused || min(l.Examined, l.Refused, l.Unsized) < 0 {
			t.Errorf("layer %d: got %+v: does not add up", depth, l)
		}
	}
	var sum int64
	for _, n := range r.Causes {
		sum += n
	}
	if sum != r.Refused {
		t.Errorf("got %d by cause, want %d refused", sum, r.Refused)
	}
}

func pan(n uint64) string { return cardtest.Number("visa", 16, n) }

// line is a text that the scanner is sure about.
func line(n uint64) string { return "card=" + pan(n) + "\n" }

type file struct{ name, content string }

func zipped(t testing.TB, method uint16, files ...file) []byte {
	t.Helper()
	var buf bytes.Buffer
	w := zip.NewWriter(&buf)
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

func tarred(t testing.TB, files ...file) []byte {
	t.Helper()
	var buf bytes.Buffer
	w := tar.NewWriter(&buf)
	for _, f := range files {
		if err := w.WriteHeader(&tar.Header{Name: f.name, Mode: 0o600, Size: int64(len(f.content)), Typeflag: tar.TypeReg}); err != nil {
			t.Fatal(err)
		}
		io.WriteString(w, f.content)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func gzipped(t testing.TB, parts ...string) []byte {
	t.Helper()
	var buf bytes.Buffer
	for _, part := range parts {
		w := gzip.NewWriter(&buf)
		io.WriteString(w, part)
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return buf.Bytes()
}

func wideText16(s string, big, mark bool) []byte {
	var out []byte
	units := surrogate.Encode([]rune(s))
	if mark {
		units = append([]uint16{0xfeff}, units...)
	}
	for _, u := range units {
		if big {
			out = append(out, byte(u>>8), byte(u))
		} else {
			out = append(out, byte(u), byte(u>>8))
		}
	}
	return out
}

func TestContainers(t *testing.T) {
	text := "first\n" + line(1)
	inner := zipped(t, zip.Deflate, file{"d/e.txt", text})
	five := inner
	for range 4 {
		five = zipped(t, zip.Deflate, file{"in.zip", string(five)})
	}
	tests := []struct {
		name     string
		content  []byte
		path     string
		encoding string
	}{
		{"a.log", []byte(text), "a.log", ""},
		{"a.zip", zipped(t, zip.Store, file{"b/c.log", text}), "a.zip!b/c.log", ""},
		{"a.zip", zipped(t, zip.Deflate, file{"b/c.log", text}), "a.zip!b/c.log", ""},
		{"a.zip", zipped(t, zip.Store, file{"b.zip", string(inner)}), "a.zip!b.zip!d/e.txt", ""},
		{"five.zip", five, "five.zip!in.zip!in.zip!in.zip!in.zip!d/e.txt", ""},
		{"a.tar", tarred(t, file{"b.txt", text}), "a.tar!b.txt", ""},
		{"a.tar", tarred(t, file{"x", "y"}, file{"b.zip", string(inner)}), "a.tar!b.zip!d/e.txt", ""},
		{"a.log.gz", gzipped(t, text), "a.log.gz", "gzip"},
		{"noext", gzipped(t, "first\n", line(1)), "noext", "gzip"},
		{"a.tgz", gzipped(t, string(tarred(t, file{"b.txt", text}))), "a.tgz!b.txt", ""},
		{"a.zip", zipped(t, zip.Deflate, file{"b.tgz", string(gzipped(t, string(tarred(t, file{"c", text}))))}), "a.zip!b.tgz!c", ""},
		{"a.zip", zipped(t, zip.Deflate, file{"w.txt", string(wideText16(text, false, true))}), "a.zip!w.txt", "utf16le"},
		{"w.gz", gzipped(t, string(wideText16(text, true, true))), "w.gz", "gzip>utf16be"},
	}
	for _, tt := range tests {
		t.Run(tt.path, func(t *testing.T) {
			report, all := examine(t, tt.name, tt.content, Options{})
			if len(all) != 1 || report.Refused != 0 {
				t.Fatalf("got %d matches, report %+v; want 1 match, none refused", len(all), report)
			}
			got, want := all[0], seen{path: tt.path, encoding: tt.encoding, digits: pan(1), line: 2}
			got.offset, got.length = 0, 0
			if got != want {
				t.Errorf("got %s %s line %d, want %s %s line 2", got.path, got.encoding, got.line, want.path, want.encoding)
			}
		})
	}
}

func TestUTF16(t *testing.T) {
	text := "银行卡 😀 记录\r\n卡号: " + pan(1) + " 完\r\n"
	spaced := strings.Repeat("till text\n", 20) + "card " + pan(2)[:4] + " " + pan(2)[4:8] + " " + pan(2)[8:12] + " " + pan(2)[12:] + "\n"
	long := strings.Repeat("中文 filler\n", 40_000) + line(3)
	tests := []struct {
		name      string
		text      string
		big, mark bool
		number    string
	}{
		{"little, mark", text, false, true, pan(1)},
		{"big, mark", text, true, true, pan(1)},
		{"little, guessed, spaced", spaced, false, false, pan(2)},
		{"big, guessed, spaced", spaced, true, false, pan(2)},
		{"long", long, false, true, pan(3)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			content := wideText16(tt.text, tt.big, tt.mark)
			report, all := examine(t, "w.txt", content, Options{})
			if len(all) != 1 || report.Refused != 0 {
				t.Fatalf("got %d matches, report %+v; want 1 match", len(all), report)
			}
			begin := wideText16(tt.number[:4], tt.big, false)
			if at := int64(bytes.Index(content, begin)); all[0].offset != at {
				t.Errorf("got offset %d, want %d", all[0].offset, at)
			}
			raw := content[all[0].offset : all[0].offset+all[0].length]
			if got := strings.ReplaceAll(strings.ReplaceAll(string(raw), "\x00", ""), " ", ""); got != tt.number {
				t.Errorf("got a length that does not cover the number")
			}
		})
	}
}

func TestRefusals(t *testing.T) {
	plain := zipped(t, zip.Deflate, file{"a", line(1)})
	locked := bytes.Clone(plain)
	locked[6] |= 1 // local header, then the directory
	locked[bytes.Index(locked, []byte("PK\x01\x02"))+8] |= 1
	unknown := bytes.Clone(plain)
	unknown[8] = 98
	unknown[bytes.Index(unknown, []byte("PK\x01\x02"))+10] = 98
	damaged := bytes.Clone(gzipped(t, strings.Repeat(line(1), 100)))
	damaged[len(damaged)-6] ^= 1
	tests := []struct {
		name     string
		content  []byte
		cause    Cause
		examined int64
	}{
		{"locked.zip", locked, Encrypted, 1},
		{"unknown.zip", unknown, UnknownCompression, 1},
		{"cut.zip", plain[:len(plain)-30], Broken, 1},
		{"sum.gz", damaged, Broken, 1},
		{"cut.tar", tarred(t, file{"a", strings.Repeat("x", 2000)})[:1200], Broken, 0},
		{"a.xz", []byte("\xfd7zXZ\x00rest"), Broken, 1},
		{"a.zst", []byte("\x28\xb5\x2f\xfdrest"), Broken, 1},
		{"a.7z", []byte("7z\xbc\xaf\x27\x1crest"), Broken, 0},
		{"a.rar", []byte("Rar!\x1a\x07\x01\x00rest"), Broken, 0},
		{"a.lz4", []byte("\x04\x22\x4d\x18rest"), Broken, 1},
		{"slip.png", []byte("\x89PNG\r\n\x1a\nrest"), Picture, 0},
		{"slip.zip", zipped(t, zip.Deflate, file{"slip.jpg", "\xff\xd8\xffrest"}), Picture, 1},
		{"a.pdf", []byte("%PDF-1.7\nrest"), Broken, 0},
		{"a.gpg", []byte("-----BEGIN PGP MESSAGE-----\n"), Encrypted, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			report, _ := examine(t, tt.name, tt.content, Options{})
			if report.Causes[tt.cause] == 0 || report.Refused != report.Causes[tt.cause] || report.Examined != tt.examined {
				t.Errorf("got report %+v, want only %s and %d examined", report, tt.cause, tt.examined)
			}
		})
	}
}

func TestOneBadMemberDoesNotStopTheRest(t *testing.T) {
	content := zipped(t, zip.Store, file{"a.gz", "\x1f\x8b\x08broken"}, file{"b.png", "\x89PNG\r\n\x1a\n" + line(1)}, file{"c.log", line(2)})
	report, all := examine(t, "a.zip", content, Options{})
	if len(all) != 2 || report.Refused != 2 {
		t.Errorf("got %d matches, report %+v; want 2 matches and 2 refused", len(all), report)
	}
}

func TestNames(t *testing.T) {
	number := pan(7)
	in := Input{Name: "/data/" + number + ".d/card_" + number + ".log", R: strings.NewReader(""), Size: 0}
	_, all := examineInput(t, in, Options{})
	if len(all) != 1 || all[0].encoding != "name" {
		t.Fatalf("got %v matches, want the name once", len(all))
	}
	archive := zipped(t, zip.Deflate, file{"card-" + number + "/a", "x"}, file{"card-" + number + "/b", "y"}, file{"z/card " + pan(8) + ".txt", line(9)})
	_, inside := examine(t, "a.zip", archive, Options{})
	if len(inside) != 3 {
		t.Fatalf("got %d matches, want the folder once, the file's name, its content", len(inside))
	}
	for _, m := range append(all, inside...) {
		if card.HoldsPAN(m.path) {
			t.Errorf("a path shows a number")
		}
	}
}

func TestBombs(t *testing.T) {
	zeros := strings.Repeat("\x00", 8<<20)
	deep := zipped(t, zip.Deflate, file{"a", line(1)})
	for range 30 {
		deep = zipped(t, zip.Store, file{"a.zip", string(deep)})
	}
	many := make([]file, 50)
	for i := range many {
		many[i] = file{fmt.Sprint(i), "x"}
	}
	tests := []struct {
		name    string
		content []byte
		budget  Budget
	}{
		{"bytes", zipped(t, zip.Deflate, file{"first", line(1)}, file{"zeros", zeros}), Budget{Bytes: 1 << 20}},
		{"ratio", zipped(t, zip.Deflate, file{"first", line(1)}, file{"zeros", strings.Repeat(zeros, 10)}), Budget{Ratio: 100}},
		{"members", zipped(t, zip.Deflate, append([]file{{"first", line(1)}}, many...)...), Budget{Members: 10}},
		{"buffer", zipped(t, zip.Deflate, file{"first", line(1)}, file{"in.zip", string(zipped(t, zip.Store, file{"a", zeros}))}), Budget{Buffer: 1 << 20}},
		{"depth", zipped(t, zip.Store, file{"first", line(1)}, file{"deep.zip", string(deep)}), Budget{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			report, all := examine(t, "bomb.zip", tt.content, Options{Budget: tt.budget})
			if report.Causes[OverBudget] == 0 {
				t.Errorf("got report %+v, want over_budget", report)
			}
			if len(all) != 1 || all[0].path != "bomb.zip!first" {
				t.Errorf("got %d matches, want the one that came before", len(all))
			}
		})
	}
}

func TestResume(t *testing.T) {
	for name, encode := range map[string]func(string) []byte{
		"plain":   func(s string) []byte { return []byte(s) },
		"utf16le": func(s string) []byte { return wideText16(s, false, true) },
	} {
		t.Run(name, func(t *testing.T) {
			head, tail := "开 ok\n"+line(1)+"begun card=", pan(2)+"\n"+line(3)
			part := encode(head)
			first, before := examine(t, "till.log", part, Options{})
			if len(before) != 1 {
				t.Fatalf("got %d matches at first, want 1", len(before))
			}
			if want := int64(bytes.Index(part, encode("begun")[len(encode("")):])); first.Resume.Offset != want || first.Resume.Line != 3 {
				t.Errorf("got resume %+v, want offset %d line 3", first.Resume, want)
			}
			whole := encode(head + tail)
			_, after := examine(t, "till.log", whole, Options{Start: first.Resume})
			if len(after) != 2 || after[0].digits != pan(2) || after[0].line != 3 || after[1].line != 4 {
				t.Errorf("got %d matches after, want the two new ones on lines 3 and 4", len(after))
			}
			if len(after) > 0 && after[0].offset != int64(bytes.Index(whole, encode(pan(2))[len(encode("")):])) {
				t.Errorf("got offset %d of the first new match", after[0].offset)
			}
		})
	}
}

// faulty is an input that ends or fails early.
type faulty struct {
	content []byte
	err     error
}

func (f faulty) ReadAt(p []byte, off int64) (int, error) {
	if off >= int64(len(f.content)) {
		return 0, f.err
	}
	if n := copy(p, f.content[off:]); n < len(p) {
		return n, f.err
	}
	return len(p), nil
}

func TestInputFaults(t *testing.T) {
	text := []byte(strings.Repeat(line(1), 100))
	packed := zipped(t, zip.Store, file{"a", string(text)})
	for name, content := range map[string][]byte{"a.log": text, "a.zip": packed} {
		for cause, err := range map[Cause]error{Shrank: io.EOF, Unreadable: errors.New("device fault")} {
			report, _ := examineInput(t, Input{Name: name, R: faulty{content[:len(content)/2], err}, Size: int64(len(content))}, Options{})
			if report.Causes[cause] == 0 {
				t.Errorf("%s: got report %+v, want %s", name, report, cause)
			}
		}
	}
}

// endless never ends and takes a while for each block.
type endless struct{}

func (endless) ReadAt(p []byte, _ int64) (int, error) {
	time.Sleep(time.Second)
	return len(p), nil
}

func TestDeadlineAndCancel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		report, err := Examine(ctx, Input{Name: "x", R: endless{}, Size: -1}, Options{}, func(*Match) {})
		if err != nil || report.Causes[Timeout] != 1 {
			t.Errorf("got report %+v, error %v; want timeout", report, err)
		}
		checkSums(t, report)
		ctx, cancel = context.WithCancel(t.Context())
		time.AfterFunc(time.Minute, cancel)
		if _, err := Examine(ctx, Input{Name: "x", R: endless{}, Size: -1}, Options{}, func(*Match) {}); !errors.Is(err, context.Canceled) {
			t.Errorf("got error %v, want context canceled", err)
		}
	})
}

func TestInvalidText(t *testing.T) {
	content := append([]byte("\xff\xfe\xfd\x80 \xc3\x28 "), line(1)...)
	for _, name := range []string{"a.log", "\xff\xfe.log", "a\u202eb.log"} {
		_, all := examine(t, name, append([]byte("x"), content...), Options{})
		if len(all) != 1 || all[0].path != name {
			t.Errorf("got %d matches for %q, want 1 with the name as it is", len(all), name)
		}
	}
}

func TestErrorsHoldNoInput(t *testing.T) {
	content := zipped(t, zip.Deflate, file{pan(5) + ".log", strings.Repeat(line(6), 10)})
	content[40] ^= 0x55
	report, _ := examine(t, pan(4)+".zip", content, Options{})
	if card.HoldsPAN(fmt.Sprintf("%+v", report)) {
		t.Error("a report shows a number")
	}
}

func TestSniff(t *testing.T) {
	for kind, hostile := range map[string]bool{"zip": true, "gzip": true, "rtf": true, "pdf": true, "plain": false} {
		head := map[string]string{"zip": "PK\x03\x04", "gzip": "\x1f\x8b\x08", "rtf": `{\rtf1`, "pdf": "%PDF-1.4", "plain": "hello"}[kind]
		if got := Sniff([]byte(head), "x"); got.String() != kind || got.Hostile() != hostile {
			t.Errorf("got %s hostile %t, want %s %t", got, got.Hostile(), kind, hostile)
		}
	}
}

func FuzzExamine(f *testing.F) {
	text := "first\n" + line(1)
	f.Add([]byte(text), int64(0))
	f.Add(zipped(f, zip.Deflate, file{"b/c.log", text}), int64(0))
	f.Add(tarred(f, file{"b.txt", text}), int64(3))
	f.Add(gzipped(f, string(tarred(f, file{"b.txt", text}))), int64(0))
	f.Add(wideText16(text, false, true), int64(2))
	f.Add(wideText16(strings.Repeat(text, 4), true, false), int64(0))
	f.Fuzz(func(t *testing.T, content []byte, start int64) {
		o := Options{Start: scan.Position{Offset: max(0, start)}, Budget: Budget{Bytes: 4 << 20, Members: 200, Buffer: 1 << 20}}
		report, _ := examine(t, "x", content, o)
		if report.Found < 1 || report.Bytes > 40<<20 {
			t.Errorf("got report %+v: not bounded", report)
		}
	})
}

func BenchmarkExaminePlain(b *testing.B) {
	text := []byte(strings.Repeat("10.0.0.1 - - [02/Jan/2026:03:04:05 +0800] \"GET /pay?id=8812 HTTP/1.1\" 200 5123\n", 50_000))
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		Examine(b.Context(), Input{Name: "a.log", R: bytes.NewReader(text), Size: int64(len(text))}, Options{}, func(*Match) {})
	}
}
