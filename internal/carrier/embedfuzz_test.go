package carrier

import (
	"bytes"
	"encoding/hex"
	"slices"
	"testing"

	"github.com/stanch/stanch/scan"
)

// FuzzEmbed checks that any text is taken, and that what is found in it does
// not depend on how it comes.
func FuzzEmbed(f *testing.F) {
	m, number := sale(3)
	message := dialects()["bcd/bcd/F/tpdu"].build(m)
	f.Add([]byte("x="+b64(`{"card":"`+number+`"}`)+"&y="+hex.EncodeToString(message)), 7)
	f.Add([]byte(wrapped(b64(string(message)+number), 64, `\n`)), 1)
	for _, write := range dumps {
		f.Add([]byte(write(message)), 13)
	}
	for _, write := range rows {
		f.Add([]byte(write(message)), 64)
	}
	f.Add([]byte(b64(b64(b64(string(gzipped(f, number)))))), 3)
	f.Fuzz(func(t *testing.T, content []byte, cut int) {
		if len(content) > 1<<16 {
			return
		}
		sameFindings(t, content, cut)
	})
}

// FuzzWire does so for bytes in which messages lie.
func FuzzWire(f *testing.F) {
	for _, d := range dialects() {
		m, _ := sale(5)
		f.Add(append(randomBytes(40, 1), d.build(m)...), 5)
		m.fields[35] = track2Of(m.fields[2])
		delete(m.fields, 2)
		f.Add(d.build(m), 50)
	}
	f.Add(append(append([]byte{0x5a, 8}, nibblesOf(cardOf(1))...), 0x5f, 0x24, 3, 0x28, 0x12, 0x31), 1)
	f.Fuzz(func(t *testing.T, content []byte, cut int) {
		if len(content) > 1<<16 {
			return
		}
		sameFindings(t, content, cut)
		w := wireReader{emit: func(m *scan.Match, _ ...string) {
			if !isCard(m.Digits) || m.Offset < 0 || m.Length < 0 || m.Offset+m.Length > int64(len(content)) {
				t.Errorf("got a match of %d digits at %d+%d", len(m.Digits), m.Offset, m.Length)
			}
		}}
		w.find(content, 0, 0, len(content))
	})
}

// sameFindings examines content whole and in blocks.
func sameFindings(t *testing.T, content []byte, cut int) {
	whole := catch(t, content, 0)
	cut = 1 + int(uint(cut)%5000)
	parts := catch(t, bytes.Clone(content), cut)
	slices.SortFunc(whole, byPlace)
	slices.SortFunc(parts, byPlace)
	if !slices.Equal(whole, parts) {
		t.Errorf("got other findings in blocks of %d", cut)
	}
}
