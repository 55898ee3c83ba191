package main

import (
	"bytes"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"
)

// A hunter looks for numbers in every form in which a number hides.
type hunter struct {
	forms map[uint64][]form // by the first eight bytes
	maybe [1 << 13]uint64   // a bit for each hash of eight bytes that a form begins with
	known map[string]string // number -> where it was planted
}

// A form is one way to write one number.
type form struct {
	bytes  []byte
	name   string
	number string
}

func newHunter() *hunter { return &hunter{forms: map[uint64][]form{}, known: map[string]string{}} }

func (h *hunter) slot(key uint64) (word int, bit uint64) {
	mixed := key * 0x9E3779B97F4A7C15 >> 45
	return int(mixed >> 6), 1 << (mixed & 63)
}

// add has the hunter look for a number that was planted somewhere.
func (h *hunter) add(number, where string) {
	if _, known := h.known[number]; known {
		return
	}
	h.known[number] = where
	for name, written := range formsOf(number) {
		if len(written) < 8 {
			panic("a form of fewer than eight bytes: " + name)
		}
		key := binary.LittleEndian.Uint64(written)
		h.forms[key] = append(h.forms[key], form{written, name, number})
		word, bit := h.slot(key)
		h.maybe[word] |= bit
	}
}

// look returns the first form in text, or "".
func (h *hunter) look(text []byte) string {
	for i := 0; i+8 <= len(text); i++ {
		key := binary.LittleEndian.Uint64(text[i:])
		if word, bit := h.slot(key); h.maybe[word]&bit == 0 {
			continue
		}
		for _, f := range h.forms[key] {
			if bytes.HasPrefix(text[i:], f.bytes) {
				return fmt.Sprintf("%s of the number in %s, at byte %d", f.name, h.known[f.number], i)
			}
		}
	}
	return ""
}

// formsOf writes a number in every form.
func formsOf(number string) map[string][]byte {
	forms := map[string][]byte{}
	textForms(forms, number)
	byteForms(forms, number)
	for name, sum := range sumsOf(number) {
		forms[name] = sum
		forms[name+" in hex"] = []byte(hex.EncodeToString(sum))
		forms[name+" in upper hex"] = []byte(strings.ToUpper(hex.EncodeToString(sum)))
		forms[name+" in base64"] = []byte(base64.RawStdEncoding.EncodeToString(sum)[:20])
		forms[name+" in base64url"] = []byte(base64.RawURLEncoding.EncodeToString(sum)[:20])
	}
	return forms
}

func textForms(forms map[string][]byte, number string) {
	each := func(format string) []byte {
		var out bytes.Buffer
		for _, digit := range []byte(number) {
			fmt.Fprintf(&out, format, digit)
		}
		return out.Bytes()
	}
	forms["digits"] = []byte(number)
	for from := 0; from+12 <= len(number); from += 2 {
		forms["twelve digits from "+strconv.Itoa(from)] = []byte(number[from : from+12])
	}
	for name, between := range map[string]string{"spaces": " ", "dashes": "-", "dots": ".", "no-break spaces": "\u00a0", "pluses": "+", "%20": "%20"} {
		forms["groups of four with "+name] = []byte(strings.Join([]string{number[:4], number[4:8], number[8:12], number[12:]}, between))
		forms["every digit with "+name] = []byte(strings.Join(strings.Split(number, ""), between))
	}
	forms["per cent"] = each("%%%02x")
	forms["JSON escapes"] = each(`\u%04x`)
	forms["string escapes"] = each(`\x%02x`)
	forms["HTML numbers"] = each("&#%d;")
	forms["HTML hex numbers"] = each("&#x%x;")
	forms["octal escapes"] = each(`\%03o`)
	wide := []rune(number)
	for i := range wide {
		wide[i] += '０' - '0'
	}
	forms["full width"] = []byte(string(wide))
}

func byteForms(forms map[string][]byte, number string) {
	var big, little, long bytes.Buffer
	for _, unit := range utf16.Encode([]rune(number)) {
		big.Write(binary.BigEndian.AppendUint16(nil, unit))
		little.Write(binary.LittleEndian.AppendUint16(nil, unit))
		long.Write(binary.LittleEndian.AppendUint32(nil, uint32(unit)))
	}
	forms["UTF-16BE"], forms["UTF-16LE"], forms["UTF-32LE"] = big.Bytes(), little.Bytes(), long.Bytes()
	plain := []byte(number)
	forms["hex"] = []byte(hex.EncodeToString(plain)) // digits have no letters in hex
	forms["hex with spaces"] = []byte(strings.TrimSpace(fmt.Sprintf("% x", plain)))
	ebcdic := bytes.Clone(plain)
	for i := range ebcdic {
		ebcdic[i] += 0xF0 - '0'
	}
	forms["EBCDIC"] = ebcdic
	if len(number)%2 == 0 && strings.Trim(number, "0123456789") == "" {
		forms["BCD"], _ = hex.DecodeString(number) // digits are hex
		if value, err := strconv.ParseUint(number, 10, 64); err == nil {
			forms["integer, high byte first"] = binary.BigEndian.AppendUint64(nil, value)
			forms["integer, low byte first"] = binary.LittleEndian.AppendUint64(nil, value)
		}
	}
	for shift := range 3 {
		text := base64.RawStdEncoding.EncodeToString(append(make([]byte, shift), plain...))
		forms[fmt.Sprintf("base64, %d bytes in", shift)] = []byte(text[(shift*8+5)/6 : (shift+len(plain))*8/6])
	}
	for shift := range 5 {
		text := base32.StdEncoding.EncodeToString(append(make([]byte, shift), plain...))
		inner := text[(shift*8+4)/5 : (shift+len(plain))*8/5]
		forms[fmt.Sprintf("base32, %d bytes in", shift)] = []byte(inner)
		forms[fmt.Sprintf("lower base32, %d bytes in", shift)] = []byte(strings.ToLower(inner))
	}
}

// sumsOf are plain hashes: beside a masked number they give it back, because
// few digits are hidden (PCI DSS 3.5.1).
func sumsOf(number string) map[string][]byte {
	long, old, older := sha256.Sum256([]byte(number)), sha1.Sum([]byte(number)), md5.Sum([]byte(number))
	return map[string][]byte{"SHA-256": long[:], "SHA-1": old[:], "MD5": older[:]}
}

// TestHunter shows that the hunter finds what it looks for, wherever it
// stands, and nothing else.
func TestHunter(t *testing.T) {
	h := newHunter()
	number := drillCards("visa", 7, 1)[0]
	h.add(number, "here")
	for name, written := range formsOf(number) {
		for _, before := range []string{"", "x", strings.Repeat("4", 1000)} {
			if got := h.look(append([]byte(before), written...)); got == "" {
				t.Errorf("%s after %d bytes: got nothing", name, len(before))
			}
		}
	}
	other := drillCards("visa", 8, 1)[0]
	for name, written := range formsOf(other) {
		if got := h.look(written); got != "" {
			t.Errorf("%s of another number: got %s", name, got)
		}
	}
	if got := h.look([]byte(number[:6] + "******" + number[12:])); got != "" {
		t.Errorf("masked: got %s", got)
	}
	for shift := range 6 {
		text := []byte(strings.Repeat("\x00", shift) + number + "tail")
		for name, encoded := range map[string]string{
			"base64": base64.StdEncoding.EncodeToString(text), "base64url": base64.URLEncoding.EncodeToString(text),
			"base32": base32.StdEncoding.EncodeToString(text), "hex": hex.EncodeToString(text),
		} {
			if h.look([]byte(encoded)) == "" {
				t.Errorf("%s, %d bytes in: got nothing", name, shift)
			}
		}
	}
}
