package carrier

import (
	"bytes"
	"context"
	endian "encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stanch/stanch/card"
	"github.com/stanch/stanch/card/cardtest"
	"github.com/stanch/stanch/scan"
)

// kinds of cards, by brand and length.
var kinds = []struct {
	brand  card.Brand
	length int
}{
	{"visa", 13}, {"visa", 16}, {"visa", 19}, {"mastercard", 16}, {"amex", 15}, {"discover", 16}, {"jcb", 16},
	{"diners", 14}, {"unionpay", 16}, {"unionpay", 17}, {"unionpay", 18}, {"unionpay", 19}, {"mir", 16},
	{"maestro", 12}, {"maestro", 18}, {"maestro", 19},
}

func cardOf(n int) string {
	k := kinds[n%len(kinds)]
	return cardtest.Number(k.brand, k.length, uint64(n))
}

// nibbles packs digits, D and F.
func nibblesOf(digits string) []byte {
	b := bytesOfHex([]byte(strings.ReplaceAll(digits, "=", "D")))
	if b == nil {
		panic("odd " + digits)
	}
	return b
}

// evenly adds a filler to an odd number of digits, before or after.
func evenly(digits string, fill byte) string {
	switch {
	case len(digits)%2 == 0:
		return digits
	case fill == 'l':
		return "0" + digits
	}
	return digits + string(fill)
}

func toEBCDIC(s string) []byte {
	out := make([]byte, len(s))
	for i := range len(s) {
		switch c := s[i]; {
		case c >= '0' && c <= '9':
			out[i] = c - '0' + 0xf0
		case c >= 'A' && c <= 'F':
			out[i] = c - 'A' + 0xc1
		case c == '=':
			out[i] = 0x7e
		default:
			out[i] = 0x40
		}
	}
	return out
}

// A dialect is a way to write a message of ISO 8583.
type dialect struct {
	digits alphabet
	hexMap bool
	length string // text, bcd, bin, bytes
	fill   byte   // l, F or 0
	header string // bytes before the message type
}

// A draft is what a message says.
type draft struct {
	mti    string
	fields map[int]string
}

// build writes a message.
func (d dialect) build(m draft) []byte {
	var out bytes.Buffer
	out.WriteString(d.header)
	out.Write(d.number(m.mti))
	var bitmap [8]byte
	for de := range m.fields {
		bitmap[(de-1)/8] |= 0x80 >> ((de - 1) % 8)
	}
	switch {
	case d.hexMap && d.digits == inEBCDIC:
		out.Write(toEBCDIC(fmt.Sprintf("%X", bitmap)))
	case d.hexMap:
		fmt.Fprintf(&out, "%X", bitmap)
	default:
		out.Write(bitmap[:])
	}
	for de := 2; de <= 64; de++ {
		value, ok := m.fields[de]
		if !ok {
			continue
		}
		e := elements1987[de]
		switch e.kind {
		case digitsFixed:
			out.Write(d.number(value))
		case digitsVar, trackVar:
			data := d.packedValue(value)
			d.writeLength(&out, len(value), len(data), 2)
			out.Write(data)
		case textVar, textVar3, bitsVar3:
			digits := 2
			if e.kind != textVar {
				digits = 3
			}
			d.writeLength(&out, len(value), len(value), digits)
			out.WriteString(value)
		default:
			if d.digits == inEBCDIC && e.kind == textFixed {
				out.Write(toEBCDIC(value))
			} else if d.hexMap && e.kind == bitsFixed {
				fmt.Fprintf(&out, "%X", value)
			} else {
				out.WriteString(value)
			}
		}
	}
	return out.Bytes()
}

func (d dialect) number(digits string) []byte {
	switch d.digits {
	case inASCII:
		return []byte(digits)
	case inEBCDIC:
		return toEBCDIC(digits)
	}
	return nibblesOf(evenly(digits, 'l'))
}

func (d dialect) packedValue(value string) []byte {
	switch d.digits {
	case inASCII:
		return []byte(value)
	case inEBCDIC:
		return toEBCDIC(value)
	}
	return nibblesOf(evenly(value, d.fill))
}

func (d dialect) writeLength(out *bytes.Buffer, chars, size, digits int) {
	switch d.length {
	case "text":
		out.Write(dialect{digits: d.digits}.number(fmt.Sprintf("%0*d", digits, chars)))
	case "bcd":
		out.Write(nibblesOf(fmt.Sprintf("%0*d", (digits+1)/2*2, chars)))
	default:
		n := chars
		if d.length == "bytes" {
			n = size
		}
		if digits == 3 {
			out.WriteByte(byte(n >> 8))
		}
		out.WriteByte(byte(n))
	}
}

// dialects are those that are tested.
func dialects() map[string]dialect {
	all := map[string]dialect{}
	for _, fill := range []byte("lF0") {
		for _, length := range []string{"bcd", "bin", "bytes"} {
			for name, header := range map[string]string{
				"bare": "", "tpdu": "\x60\x00\x03\x00\x00\x60\x31\x00\x31\x00\x00", "length": "\x00\x96\x60\x00\x03\x00\x00\x60\x31\x00\x31\x00\x00",
			} {
				all[fmt.Sprintf("bcd/%s/%c/%s", length, fill, name)] = dialect{inNibbles, false, length, fill, header}
			}
		}
	}
	all["ascii/hex"] = dialect{inASCII, true, "text", 0, ""}
	all["ascii/hex/header"] = dialect{inASCII, true, "text", 0, "ISO015000055"}
	all["ascii/binary"] = dialect{inASCII, false, "text", 0, "\x00\x96"}
	all["ascii/binary/binlen"] = dialect{inASCII, false, "bin", 0, ""}
	all["ascii/binary/bcdlen"] = dialect{inASCII, false, "bcd", 0, ""}
	all["ebcdic/binary"] = dialect{inEBCDIC, false, "text", 0, ""}
	all["ebcdic/binary/bcd"] = dialect{inEBCDIC, false, "bcd", 0, "\x00\x96"}
	all["ebcdic/hex"] = dialect{inEBCDIC, true, "text", 0, ""}
	return all
}

// sale drafts a sale of card n.
func sale(n int) (draft, string) {
	number := cardOf(n)
	return draft{"0200", map[int]string{
		2: number, 3: "000000", 4: fmt.Sprintf("%012d", 100+n), 11: fmt.Sprintf("%06d", n), 12: "101112", 13: "0312", 22: "021", 25: "00", 26: "06",
		37: "606012345678", 41: "11223344", 42: "898210154110002", 49: "156",
	}}, number
}

func track2Of(number string) string { return number + "=28121010000012345" }

// caught is a match as the tests of structures compare it.
type caught struct {
	class, also, encoding, digits string
	offset, length                int64
}

func catch(t testing.TB, content []byte, cut int) []caught {
	t.Helper()
	var all []caught
	in := Input{Name: "x", R: bytes.NewReader(content), Size: int64(len(content))}
	var r *cutReader
	if cut > 0 {
		r = &cutReader{content, cut}
		in.R = r
	}
	_, err := Examine(context.Background(), in, Options{}, func(m *Match) {
		if m.Confidence < scan.Medium {
			return
		}
		also := ""
		for _, c := range m.Also {
			also += string(c) + " "
		}
		all = append(all, caught{string(m.Class), strings.TrimSpace(also), strings.Join(m.Encoding, ">"), string(m.Digits), m.Offset, m.Length})
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// A cutReader gives no more than so many bytes at a time.
type cutReader struct {
	content []byte
	cut     int
}

func (r *cutReader) ReadAt(p []byte, off int64) (int, error) {
	if len(p) > r.cut && len(p) != HeadSize {
		p = p[:r.cut]
		n, _ := bytes.NewReader(r.content).ReadAt(p, off)
		if n > 0 {
			return n, nil
		}
	}
	return bytes.NewReader(r.content).ReadAt(p, off)
}

func randomBytes(n int, seed uint64) []byte {
	r := rand.NewChaCha8([32]byte{byte(seed), byte(seed >> 8)})
	b := make([]byte, n)
	r.Read(b)
	return b
}

// one checks that content holds one match of the number and nothing else.
func one(t *testing.T, content []byte, class, encoding, number string) caught {
	t.Helper()
	got := catch(t, content, 0)
	if len(got) != 1 || got[0].class != class || got[0].encoding != encoding || got[0].digits != number {
		t.Errorf("got %+v, want one %s %s of %d digits", got, class, encoding, len(number))
		return caught{}
	}
	return got[0]
}

func TestMessages(t *testing.T) {
	for name, d := range dialects() {
		t.Run(name, func(t *testing.T) {
			for n := range 2 * len(kinds) {
				m, number := sale(n)
				encoding := "iso8583"
				if d.digits == inEBCDIC {
					encoding = "ebcdic>iso8583"
				}
				content := append(append(randomBytes(300, uint64(n)), d.build(m)...), randomBytes(300, uint64(n)+7)...)
				c := one(t, content, "pan", encoding, number)
				if c.length != int64(d.digits.size(len(number))) && d.fill == 0 {
					t.Errorf("got length %d", c.length)
				}
			}
		})
	}
}

func TestMessagesWithTracks(t *testing.T) {
	for name, d := range dialects() {
		t.Run(name, func(t *testing.T) {
			for n := range 2 * len(kinds) {
				m, number := sale(n)
				delete(m.fields, 2)
				m.fields[14] = "2812"
				m.fields[35] = track2Of(number)
				m.fields[52] = "\x01\x99\xab\xcd\xef\x12\x34\x56"
				encoding := "iso8583"
				if d.digits == inEBCDIC {
					encoding = "ebcdic>iso8583"
				}
				content := append(append(randomBytes(300, uint64(n)), d.build(m)...), randomBytes(300, uint64(n)+7)...)
				c := one(t, content, "track2", encoding, number)
				if c.also != "pin_block expiry" {
					t.Errorf("got also %q", c.also)
				}
			}
		})
	}
}

func TestTags(t *testing.T) {
	for n := range 4 * len(kinds) {
		number := cardOf(n + 3*len(kinds))
		pan := nibblesOf(evenly(number, 'F'))
		content := append(randomBytes(64, uint64(n)), 0x5a, byte(len(pan)))
		content = append(append(content, pan...), randomBytes(64, uint64(n+1))...)
		one(t, content, "pan", "emv", number)

		track := nibblesOf(evenly(number+"D28122010000012345", 'F'))
		content = append(randomBytes(64, uint64(n)), 0x57, byte(len(track)))
		content = append(append(content, track...), randomBytes(64, uint64(n+1))...)
		one(t, content, "track2", "emv", number)

		if len(number) < 14 {
			continue // too short to stand without a tag
		}
		content = append(append(randomBytes(64, uint64(n)), 0xff), append(nibblesOf(evenly(number+"D28122010000012345", 'F')), 0xff)...)
		one(t, append(content, randomBytes(64, uint64(n))...), "track2", "bcd", number)
	}
}

func TestArrays(t *testing.T) {
	for _, stride := range []int{8, 12, 24, 37, 256} {
		for _, big := range []bool{false, true} {
			var content []byte
			content = append(content, randomBytes(100, 3)...)
			var want []string
			for n := range 9 {
				number := cardtest.Number("visa", 16, uint64(n+5))
				if n == 3 {
					number = cardtest.Number("unionpay", 16, uint64(n+5))
				}
				want = append(want, number)
				record := make([]byte, stride)
				var v uint64
				fmt.Sscan(number, &v)
				if big {
					endian.BigEndian.PutUint64(record, v)
				} else {
					endian.LittleEndian.PutUint64(record, v)
				}
				content = append(content, record...)
			}
			content = append(content, randomBytes(100, 3)...)
			var got []string
			for _, c := range catch(t, content, 0) {
				got = append(got, c.digits)
				if form := map[bool]string{false: "int64le", true: "int64be"}[big]; c.encoding != form {
					t.Errorf("got %s, want %s", c.encoding, form)
				}
			}
			if strings.Join(got, " ") != strings.Join(want, " ") {
				t.Errorf("stride %d, big %v: got %d, want %d", stride, big, len(got), len(want))
			}
		}
	}
}

func fmtPath(path string, n int) string {
	if strings.Contains(path, "%d") {
		return fmt.Sprintf(path, n)
	}
	return path
}

func fmtAppend(out []byte, format string, args ...any) []byte {
	return fmt.Appendf(out, format, args...)
}

// TestMessagesWithChips reads numbers that stand in element 55 alone, and those
// that stand beside it.
func TestMessagesWithChips(t *testing.T) {
	for _, name := range []string{"bcd/bcd/F/tpdu", "bcd/bcd/l/bare", "bcd/bin/F/bare", "ascii/binary", "ascii/hex"} {
		for n := range 2 * len(kinds) {
			m, number := sale(n)
			track := nibblesOf(evenly(number+"D28121010000012345", 'F'))
			chip := "\x9f\x26\x08\x01\x22\x33\x44\x55\x66\x77\x88\x82\x02\x7c\x00\x57" + string(rune(len(track))) + string(track) + "\x5f\x24\x03\x28\x12\x31\x9f\x02\x06\x00\x00\x00\x00\x12\x00"
			if name == "ascii/hex" {
				chip = strings.ToUpper(fmt.Sprintf("%x", chip))
			}
			m.fields[55] = chip
			with := dialects()[name].build(m)
			c := one(t, append(append(randomBytes(40, 9), with...), randomBytes(40, 8)...), "track2", "iso8583", number)
			if c.also != "pan expiry" {
				t.Errorf("got also %q", c.also)
			}
			delete(m.fields, 2)
			c = one(t, append(append(randomBytes(40, 9), dialects()[name].build(m)...), randomBytes(40, 8)...), "track2", "iso8583", number)
			if c.also != "expiry" {
				t.Errorf("%s: got also %q", name, c.also)
			}
		}
	}
}

// TestMessagesWithTrack1 reads element 45.
func TestMessagesWithTrack1(t *testing.T) {
	for _, name := range []string{"bcd/bcd/F/tpdu", "ascii/binary", "ascii/hex"} {
		for n := range len(kinds) {
			m, number := sale(n)
			m.fields[45] = "B" + number + "^DOE/J^28121010000012345"
			one(t, append(dialects()[name].build(m), randomBytes(40, 8)...), "track1", "iso8583", number)
		}
	}
}

// TestWireLabels checks that the labels of matches are ones that scan lists:
// what lies apart is believed no others.
func TestWireLabels(t *testing.T) {
	for _, label := range []string{ctxISO8583, ctxEMV, ctxTrack, ctxArray} {
		if !slices.Contains(scan.Labels(), label) {
			t.Errorf("scan lists no label %s", label)
		}
	}
}
