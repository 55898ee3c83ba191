package corpus

import (
	"fmt"
	"strings"
	"testing"
)

func TestPINBlock(t *testing.T) {
	m := newMaker(Tuning, 2, "pin")
	for _, pan := range m.deck.deal(60) {
		account := unhex("0000" + ("000" + pan[:len(pan)-1])[len(pan)+2-12:])
		for _, format := range []int{0, 1, 3} {
			block := unhex(m.pinBlock(format, pan, true))
			if format != 1 {
				for i := range block {
					block[i] ^= account[i]
				}
			}
			text := fmt.Sprintf("%x", block)
			length := int(text[1] - '0')
			if len(text) != 16 || text[0] != byte('0'+format) || length < 4 || length > 6 || strings.Trim(text[2:2+length], "0123456789") != "" {
				t.Fatalf("format %d: got no PIN", format)
			}
			fill := text[2+length:]
			if format == 0 && strings.Trim(fill, "f") != "" || format == 3 && strings.Trim(fill, "abcdef") != "" {
				t.Fatalf("format %d: the filling is wrong", format)
			}
		}
		if n := len(m.pinBlock(4, pan, false)); n != 32 {
			t.Fatalf("format 4: got %d hex digits, want 32", n)
		}
	}
}

// What stands beside a number stands in the line that the truth names.
func TestWantedLines(t *testing.T) {
	for _, family := range Families() {
		for _, c := range wantedClasses() {
			m := newMaker(family, 3, c.Name)
			f := c.make(m, 60)
			all := strings.Split(string(f.data), "\n")
			for _, p := range f.plants {
				v := p.Value
				if v == "" {
					v = p.Partner
				}
				if p.Line < 1 || p.Line > len(all) || !strings.Contains(all[p.Line-1], v) {
					t.Fatalf("%s, %s: line %d does not hold what was planted", family, c.Name, p.Line)
				}
			}
		}
	}
}
