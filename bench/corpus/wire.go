package corpus

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
)

func wireClasses() []Class {
	out := []Class{
		carries("iso8583_ascii", Wire, isoASCII),
		carries("iso8583_hexdump", Wire, func(m *maker, pans []string) (string, []byte) {
			return ".log", []byte(m.text(pans, func(pan string) string {
				return fmt.Sprintf("send %s\n", m.word("tid")) + m.dump([]byte(m.message(pan, "").ascii(true)))
			}))
		}),
		logged("bcd_hex", "iso", func(m *maker, pan string) string {
			return m.inCase(hex.EncodeToString(m.packet(pan, "")))
		}),
		carries("bcd_binary", Wire, func(m *maker, pans []string) (string, []byte) {
			var out []byte
			for _, pan := range pans {
				out = append(out, m.framed(m.packet(pan, ""))...)
			}
			return ".bin", out
		}),
	}
	for _, tag := range []string{"5a", "57"} {
		out = append(out,
			logged("emv"+tag+"_hex", "emv", func(m *maker, pan string) string { return m.inCase(hex.EncodeToString(m.chipText(tag, pan))) }),
			logged("emv"+tag+"_spaced", "emv", func(m *maker, pan string) string {
				return m.inCase(fmt.Sprintf("% x", m.chipText(tag, pan)))
			}),
			carries("emv"+tag+"_binary", Wire, func(m *maker, pans []string) (string, []byte) {
				var out []byte
				for _, pan := range pans {
					out = append(out, m.answer(m.chip(tag, pan))...)
				}
				return ".bin", out
			}))
	}
	return append(out, integers("int64_le", binary.LittleEndian, "<i8"), integers("int64_be", binary.BigEndian, ">i8"))
}

// isoASCII writes messages in a log, and in the last file as they travel: with
// their length before, and the bitmap in bytes.
func isoASCII(m *maker, pans []string) (string, []byte) {
	if m.index < filesEach-1 {
		return ".log", []byte(m.text(pans, func(pan string) string { return m.form("iso", m.message(pan, "").ascii(true)) }))
	}
	var out []byte
	for _, pan := range pans {
		out = append(out, m.framed([]byte(m.message(pan, "").ascii(false)))...)
	}
	return ".bin", out
}

// logged writes an encoded message in the lines of a form.
func logged(name, form string, encode func(m *maker, pan string) string) Class {
	c := inLine(name, form, encode)
	c.Group = Wire
	return c
}

// packet is a message in BCD, in every other file with the TPDU and the header
// of a UnionPay terminal before it.
func (m *maker) packet(pan, pinBlock string) []byte {
	body := m.message(pan, pinBlock).packed(pick(m, words("0 f")))
	if m.index%2 == 1 {
		return body
	}
	head := "6000030000" + "602200000000"
	if !m.tunes() {
		head = "6005010000" + "613100318206"
	}
	return append(unhex(head), body...)
}

// framed puts the length before a message.
func (m *maker) framed(body []byte) []byte {
	return append(binary.BigEndian.AppendUint16(nil, uint16(len(body))), body...)
}

// dump prints bytes with offsets and characters beside.
func (m *maker) dump(data []byte) string {
	var out strings.Builder
	for at := 0; at < len(data); at += 16 {
		row := data[at:min(at+16, len(data))]
		switch {
		case m.tunes() && m.index%2 == 0: // as hexdump -C prints it
			fmt.Fprintf(&out, "%08x  %-49s |%s|\n", at, halves(row), printable(row))
		case m.tunes(): // as a terminal's vendor prints it
			fmt.Fprintf(&out, "%04X: %-48s  %s\n", at, fmt.Sprintf("% X", row), printable(row))
		case m.index%2 == 0: // as xxd prints it
			fmt.Fprintf(&out, "%08x: %-40s %s\n", at, pairs(row), printable(row))
		default: // as network tools print it
			fmt.Fprintf(&out, "\t0x%04x:  %-39s  %s\n", at, strings.TrimSpace(pairs(row)), printable(row))
		}
	}
	return out.String()
}

func halves(row []byte) string {
	if len(row) <= 8 {
		return fmt.Sprintf("% x", row)
	}
	return fmt.Sprintf("% x  % x", row[:8], row[8:])
}

func pairs(row []byte) string {
	var out strings.Builder
	for i, c := range row {
		fmt.Fprintf(&out, "%02x", c)
		if i%2 == 1 {
			out.WriteByte(' ')
		}
	}
	return out.String()
}

func printable(row []byte) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '.'
		}
		return r
	}, string(row))
}

// chipText is chip data, in the last file in the template of a card's record.
func (m *maker) chipText(tag, pan string) []byte {
	data := m.chip(tag, pan)
	if m.index == filesEach-1 && len(data) < 0x80 {
		data = append([]byte{0x70, byte(len(data))}, data...)
	}
	return data
}

// chip is chip data with the number in tag 5A, or in track 2 in tag 57.
func (m *maker) chip(tag, pan string) []byte {
	value := pan
	if tag == "57" {
		value = m.track2(pan, "d")
	}
	if len(value)%2 == 1 {
		value += "f"
	}
	before := []string{"9f0206" + fmt.Sprintf("%012d", m.IntN(1e6)), "82025c00", "9a03" + m.now().Format("060102"), "9f1a020156", "8407a0000000031010", "4f08a000000333010102"}
	after := []string{"5f34010" + m.digits(1), "9f3704" + m.hex(8), "9f2608" + m.hex(16), "95050000048000", "9f2701" + "80", "5f24032" + m.digits(5), "9f3602" + m.hex(4)}
	m.Shuffle(len(before), func(i, j int) { before[i], before[j] = before[j], before[i] })
	m.Shuffle(len(after), func(i, j int) { after[i], after[j] = after[j], after[i] })
	text := strings.Join(before[:m.IntN(len(before))], "") + fmt.Sprintf("%s%02x%s", tag, len(value)/2, value) + strings.Join(after[:1+m.IntN(len(after)-1)], "")
	return unhex(text)
}

// answer wraps chip data as a card answers READ RECORD, or puts its length
// before it, as DE 55 has it.
func (m *maker) answer(data []byte) []byte {
	if m.index%2 == 0 {
		return append(unhex(fmt.Sprintf("00b2010c0070%02x", len(data))), append(data, 0x90, 0x00)...)
	}
	return append(unhex(fmt.Sprintf("%04d", len(data))), data...)
}

// integers writes numbers as 64-bit integers: an array, records with an id
// and an amount beside, or a NumPy file.
func integers(name string, order binary.AppendByteOrder, numpy string) Class {
	return carries(name, Wire, func(m *maker, pans []string) (string, []byte) {
		var out []byte
		records := m.index%2 == 1
		for i, pan := range pans {
			n, err := strconv.ParseUint(pan, 10, 64)
			if err != nil {
				panic("corpus: a number is no integer")
			}
			if records {
				out = order.AppendUint64(out, uint64(1000+i))
			}
			out = order.AppendUint64(out, n)
			if records {
				out = order.AppendUint64(out, uint64(m.IntN(1e6)))
			}
		}
		if records || m.index == 2 == m.tunes() {
			return ".bin", out
		}
		head := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': (%d,), }", numpy, len(pans))
		head += strings.Repeat(" ", 117-len(head)) + "\n"
		return ".npy", append([]byte("\x93NUMPY\x01\x00"+string(binary.LittleEndian.AppendUint16(nil, uint16(len(head))))+head), out...)
	})
}
