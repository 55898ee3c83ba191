package corpus

import (
	"encoding/hex"
	"fmt"
)

// An isoField says how a data element of ISO 8583 is written: n digits, a text,
// b binary; a length, or how many digits its length has.
type isoField struct {
	n        int
	kind     byte
	prefix   int
	optional bool
}

var isoFields = []isoField{
	{2, 'n', 2, false}, {3, 'n', 0, false}, {4, 'n', 0, false}, {7, 'n', 0, true}, {11, 'n', 0, false}, {12, 'n', 0, true},
	{13, 'n', 0, true}, {14, 'n', 0, true}, {18, 'n', 0, true}, {22, 'n', 0, false}, {25, 'n', 0, false}, {32, 'n', 2, true},
	{37, 'a', 0, true}, {38, 'a', 0, true}, {41, 'a', 0, false}, {42, 'a', 0, false}, {49, 'a', 0, false}, {52, 'b', 0, true},
	{102, 'a', 2, true}, // behind a second bitmap
}

// An isoMessage is a message by data element, values as they are read.
type isoMessage struct {
	mti    string
	values map[int]string
}

// message makes a financial message with the number in DE 2. A PIN block is
// given in hex, or not at all.
func (m *maker) message(pan, pinBlock string) isoMessage {
	now := m.now()
	msg := isoMessage{mti: pick(m, words("0200 0100 0210 0110 0400 0220")), values: map[int]string{
		2: pan, 3: pick(m, words("000000 200000 030000 310000")), 4: fmt.Sprintf("%012d", m.IntN(1e6)), 7: now.Format("0102150405"),
		11: m.word("stan"), 12: now.Format("150405"), 13: now.Format("0102"), 14: m.word("yymm"), 18: pick(m, words("5411 5812 5999")),
		22: pick(m, words("051 021 071 012")), 25: "00", 32: m.digits(8), 37: m.digits(12), 38: m.digits(6),
		41: fmt.Sprintf("%08d", m.IntN(1e8)), 42: "1234567" + m.digits(8), 49: pick(m, words("156 840 978")),
	}}
	if pinBlock != "" {
		msg.values[52] = pinBlock
	}
	if m.IntN(4) == 0 {
		msg.values[102] = "A" + m.digits(9)
	}
	for _, f := range isoFields {
		if f.optional && f.n < 52 && m.IntN(3) == 0 {
			delete(msg.values, f.n)
		}
	}
	return msg
}

// bitmap returns the bytes that say which elements follow: eight, or sixteen
// with the first bit set if there is one above 64.
func (msg isoMessage) bitmap() []byte {
	out := make([]byte, 8)
	for n := range msg.values {
		if n > 64 {
			out = make([]byte, 16)
			out[0] = 0x80
			break
		}
	}
	for n := range msg.values {
		out[(n-1)/8] |= 0x80 >> ((n - 1) % 8)
	}
	return out
}

// ascii writes the message in characters, the bitmap in hex, or in bytes.
func (msg isoMessage) ascii(hexBitmap bool) string {
	out := msg.mti + string(msg.bitmap())
	if hexBitmap {
		out = msg.mti + fmt.Sprintf("%X", msg.bitmap())
	}
	for _, f := range isoFields {
		value, ok := msg.values[f.n]
		if !ok {
			continue
		}
		if f.prefix > 0 {
			out += fmt.Sprintf("%0*d", f.prefix, len(value))
		}
		out += value
	}
	return out
}

// packed writes the message with two digits a byte. Pad fills the byte of an
// odd number's last digit.
func (msg isoMessage) packed(pad string) []byte {
	out := append(unhex(msg.mti), msg.bitmap()...)
	for _, f := range isoFields {
		value, ok := msg.values[f.n]
		if !ok {
			continue
		}
		if f.prefix > 0 {
			out = append(out, unhex(fmt.Sprintf("%02d", len(value)))...)
		}
		if f.kind == 'a' {
			out = append(out, value...)
			continue
		}
		if fill := pad; len(value)%2 == 1 {
			if f.n != 2 {
				fill = "0"
			}
			value += fill
		}
		out = append(out, unhex(value)...)
	}
	return out
}

func unhex(s string) []byte {
	out, err := hex.DecodeString(s)
	if err != nil {
		panic("corpus: not hex")
	}
	return out
}
