package corpus

import (
	"encoding/binary"
	"strings"
)

func neighbourClasses() []Class {
	return []Class{
		carries("nul_padding", Neighbour, nulPadded),
		carries("binary_neighbours", Neighbour, amongBytes),
		memory("dump_ascii", func(m *maker, pan string) []byte {
			return []byte(pick(m, []string{"", "pan=", m.stems[0] + "\x00"}) + pan + "\x00")
		}, false),
		memory("dump_utf16", func(m *maker, pan string) []byte {
			return utf16Bytes(pick(m, []string{"", "card ", m.stems[1] + "\x00"}) + pan + "\x00")
		}, false),
		memory("dump_track2", func(m *maker, pan string) []byte {
			text := m.track2(pan, "=")
			if m.IntN(2) == 0 {
				text = ";" + text + "?"
			}
			return []byte(text + "\x00")
		}, false),
		memory("dump_page_edge", func(_ *maker, pan string) []byte { return []byte(pan + "\x00") }, true),
	}
}

func utf16Bytes(text string) []byte {
	var out []byte
	for _, r := range text {
		out = append(out, byte(r), 0)
	}
	return out
}

// nulPadded writes fields of fixed width, or strings one after another, filled
// up with NUL.
func nulPadded(m *maker, pans []string) (string, []byte) {
	var out []byte
	width := 24
	if !m.tunes() {
		width = 32
	}
	for _, pan := range pans {
		if m.index%2 == 0 {
			out = append(out, m.word("tid")...)
			out = append(out, make([]byte, 4)...)
			out = append(out, pan...)
			out = append(out, make([]byte, width-len(pan))...)
			out = append(out, m.word("auth")...)
			out = append(out, 0, 0)
			continue
		}
		out = append(out, 0)
		out = append(out, strings.Join([]string{m.word("name"), pan, m.word("exp")}, "\x00")...)
		out = append(out, make([]byte, 1+m.IntN(9))...)
	}
	return ".dat", out
}

// amongBytes writes numbers between bytes of any kind but digits.
func amongBytes(m *maker, pans []string) (string, []byte) {
	var out []byte
	for _, pan := range pans {
		out = append(append(out, m.noDigits(20+m.IntN(60))...), pan...)
		out = append(out, m.noDigits(20+m.IntN(60))...)
	}
	return ".bin", out
}

// noDigits returns random bytes with none that is, or could join, a digit.
func (m *maker) noDigits(n int) []byte {
	out := m.bytes(n)
	for i, c := range out {
		if c >= '0' && c <= '9' || strings.IndexByte(" -._+\t\x00", c) >= 0 {
			out[i] = 0x80 | c
		}
	}
	return out
}

const page = 4096

// memory writes pages as a process leaves them, a number in each, inside the
// page or across its end.
func memory(name string, write func(m *maker, pan string) []byte, edge bool) Class {
	return carries(name, Neighbour, func(m *maker, pans []string) (string, []byte) {
		out := make([]byte, 0, (len(pans)+1)*page)
		for range len(pans) + 1 {
			out = append(out, m.heap()...)
		}
		for i, pan := range pans {
			data := write(m, pan)
			at := i*page + 16 + m.IntN(page-256)
			if edge {
				at = (i+1)*page - m.cut(pan)
			}
			copy(out[at-1:], "\x00"+string(data))
		}
		return ".dmp", out
	})
}

// heap makes a page: pointers, zeros, text, and noise.
func (m *maker) heap() []byte {
	out := make([]byte, 0, page)
	for len(out) < page {
		switch m.IntN(4) {
		case 0:
			for range 8 {
				out = binary.LittleEndian.AppendUint64(out, 0x7f00_0000_0000|uint64(m.Uint32())<<4)
			}
		case 1:
			out = append(out, make([]byte, 64+m.IntN(256))...)
		case 2:
			out = append(out, m.prose(40+m.IntN(80))...)
			out = append(out, 0)
		default:
			out = append(out, m.noDigits(32+m.IntN(128))...)
		}
	}
	return out[:page]
}
