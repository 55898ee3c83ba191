package carrier

// checkEBCDIC looks at an EBCDIC digit. If it stands in what may be a number,
// it returns where to go on.
func (t *fold) checkEBCDIC(p int) (next int, ok bool) {
	const enough = 4
	text := t.text
	for i := p; i < p+enough; i++ {
		if i >= len(text) || text[i] < 0xf0 || text[i] > 0xf9 {
			return p, false
		}
	}
	start := p
	for start > 0 && p-start < foldBack && ebcdicNumber(text[start-1]) {
		start--
	}
	t.begin = 0
	return t.follow(ebcdicAt, oddEBCDIC, start), true
}

func ebcdicNumber(c byte) bool { return c >= 0xf0 && c <= 0xf9 || c == 0x40 || c == 0x60 }

func ebcdicAt(text []byte, i int) element {
	return element{1, rune(fromEBCDIC[text[i]]), oddEBCDIC}
}

// fromEBCDIC gives the ASCII character for a byte of EBCDIC in the code pages
// 037, 500 and 1047, DEL for what is none. Where the code pages differ, in
// brackets and the like, it takes 037.
var fromEBCDIC = func() (table [256]byte) {
	for i := range table {
		table[i] = 0x7f
	}
	runs := []struct {
		from byte
		text string
	}{
		{0x40, " "}, {0x4b, ".<(+|&"}, {0x5a, "!$*);"}, {0x60, "-/"}, {0x6b, ",%_>?"}, {0x79, "`:#@'=\""},
		{0x81, "abcdefghi"}, {0x91, "jklmnopqr"}, {0xa1, "~stuvwxyz"}, {0xb0, "^"}, {0xba, "[]"},
		{0xc0, "{ABCDEFGHI"}, {0xd0, "}JKLMNOPQR"}, {0xe0, "\\"}, {0xe2, "STUVWXYZ"}, {0xf0, "0123456789"},
		{0x05, "\t"}, {0x0d, "\r"}, {0x15, "\n"}, {0x25, "\n"},
	}
	for _, r := range runs {
		copy(table[r.from:], r.text)
	}
	table[0] = 0
	return table
}()
