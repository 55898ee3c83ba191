package corpus

import (
	"crypto/aes"
	"crypto/des"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/stanch/stanch/card/cardtest"
)

const hexDigits = "0123456789abcdef"

func wantedClasses() []Class {
	return []Class{
		beside("cvv", "cvv", "cvv"),
		beside("expiry", "expiry", "expiry"),
		pinBlocks("pin_format0", 0), pinBlocks("pin_format1", 1), pinBlocks("pin_format3", 3), pinBlocks("pin_format4", 4),
		carriesPlants("pin_in_message", pinMessages),
		carriesPlants("resident_id", func(m *maker, n int) file {
			return m.planted(".txt", "resident", "resident_id", n, func(i int) string { return cardtest.ResidentID(m.serial(i)) })
		}),
		carriesPlants("phone", func(m *maker, n int) file {
			return m.planted(".txt", "phone", "phone", n, func(int) string { return m.mobile() })
		}),
		carriesPlants("password", func(m *maker, n int) file {
			return m.planted(pick(m, words(".properties .conf")), "password", "secret", n, func(int) string { return m.password() })
		}),
		carriesPlants("terminal_key", func(m *maker, n int) file {
			return m.planted(".ini", "terminal_key", "secret", n, func(int) string { return m.hex(32) })
		}),
	}
}

func carriesPlants(name string, make func(m *maker, n int) file) Class {
	return Class{Name: name, Group: Wanted, Files: filesEach, Each: cardsInText, make: make}
}

// serial counts on from where the family begins, so that no number is in both.
func (m *maker) serial(i int) uint64 {
	from := uint64(0)
	if !m.tunes() {
		from = 1 << 20
	}
	return from + uint64(m.index)*1000 + uint64(i)
}

// A tally writes lines and counts them, so that plants know theirs.
type tally struct {
	strings.Builder
	line int
}

func (t *tally) add(text string) int {
	t.WriteString(text + "\n")
	first := t.line + 1
	t.line += 1 + strings.Count(text, "\n")
	return first
}

// planted writes a value a line.
func (m *maker) planted(ending, form, kind string, n int, value func(i int) string) file {
	f, t := file{name: ending}, &tally{}
	for i := range n {
		if m.IntN(2) == 0 {
			t.add(m.fill(pick(m, m.noise), ""))
		}
		v := value(i)
		line := t.add(m.form(form, v))
		f.plants = append(f.plants, Plant{Kind: kind, Value: v, Line: line})
	}
	f.data = []byte(t.String())
	return f
}

// beside writes numbers with one more kind of data in the same line. What is
// planted is the kind; its number is the partner.
func beside(name, form, kind string) Class {
	return carriesPlants(name, func(m *maker, n int) file {
		f, t := file{name: ".log"}, &tally{}
		for _, pan := range m.deck.deal(n) {
			if m.IntN(2) == 0 {
				t.add(m.fill(pick(m, m.noise), ""))
			}
			line := t.add(m.form(form, pan))
			f.plants = append(f.plants, Plant{Kind: kind, Partner: pan, Line: line})
		}
		f.data = []byte(t.String())
		return f
	})
}

// pinBlocks writes labelled PIN blocks, two in three beside their number. Half
// of them are in clear, and half enciphered as they travel.
func pinBlocks(name string, format int) Class {
	return carriesPlants(name, func(m *maker, n int) file {
		f, t := file{name: ".log"}, &tally{}
		for i, pan := range m.deck.deal(n) {
			block := m.pinBlock(format, pan, i%2 == 0)
			form, plant := "pinblock", Plant{Kind: "pin_block", Value: block, Partner: pan}
			if i%3 == 2 {
				form, plant.Partner = "pinblock_bare", ""
			}
			plant.Line = t.add(strings.ReplaceAll(m.fill(strings.ReplaceAll(pick(m, m.forms[form]), "~block~", "\x00"), pan), "\x00", block))
			f.plants = append(f.plants, plant)
		}
		f.data = []byte(t.String())
		return f
	})
}

// pinBlock makes a PIN block of ISO 9564-1. Format 4 exists enciphered only.
func (m *maker) pinBlock(format int, pan string, clear bool) string {
	pin := m.digits(4 + m.IntN(3))
	text := fmt.Sprintf("%d%x%s", format, len(pin), pin)
	for len(text) < 16 {
		switch format {
		case 0:
			text += "f"
		case 1:
			text += string(hexDigits[m.IntN(16)])
		case 3:
			text += string(hexDigits[10+m.IntN(6)])
		default:
			text += "a"
		}
	}
	block := unhex(text)
	if format == 0 || format == 3 {
		account := "000" + pan[:len(pan)-1]
		for i, c := range unhex("0000" + account[len(account)-12:]) {
			block[i] ^= c
		}
	}
	switch {
	case format == 4:
		block = append(block, m.bytes(8)...)
		key, err := aes.NewCipher(m.bytes(16))
		must(err)
		key.Encrypt(block, block)
	case !clear:
		key, err := des.NewTripleDESCipher(m.bytes(24))
		must(err)
		key.Encrypt(block, block)
	}
	return m.inCase(hex.EncodeToString(block))
}

// pinMessages writes messages with DE 2 and DE 52, in BCD: as hex in a log, or
// as they travel.
func pinMessages(m *maker, n int) file {
	f, t := file{name: ".log"}, &tally{}
	inBinary := m.index%2 == 1
	for i, pan := range m.deck.deal(n) {
		packet := m.packet(pan, m.pinBlock([]int{0, 3}[i%2], pan, i%4 < 2))
		plant := Plant{Kind: "pin_block", Partner: pan}
		if inBinary {
			t.Write(m.framed(packet))
		} else {
			plant.Line = t.add(m.form("iso", m.inCase(hex.EncodeToString(packet))))
		}
		f.plants = append(f.plants, plant)
	}
	if inBinary {
		f.name = ".bin"
	}
	f.data = []byte(t.String())
	return f
}

// mobile is a mobile number of mainland China under a prefix given to nobody.
func (m *maker) mobile() string {
	if m.tunes() {
		return "1746" + m.digits(7)
	}
	return "1747" + m.digits(7)
}

func (m *maker) password() string {
	alphabet := "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789!@#%_-"
	out := make([]byte, 10+m.IntN(8))
	for i := range out {
		out[i] = alphabet[m.IntN(len(alphabet))]
	}
	out[0] = 'x'
	return string(out)
}
