package carrier

import "io"

// ebcdicText is a whole part in EBCDIC: what a mainframe sent.
type ebcdicText struct{}

func (ebcdicText) Name() string { return "ebcdic" }

// Sniff accepts a head of which nearly all is printable EBCDIC, with blanks or
// digits among it, and most of which would be nothing in ASCII.
func (ebcdicText) Sniff(head []byte, _ string) bool {
	const fewest = 24
	if len(head) < fewest {
		return false
	}
	valid, ascii, common := countEBCDIC(head)
	return valid*100 >= len(head)*97 && ascii*100 <= len(head)*40 && common*100 >= len(head)*8
}

// Sure asks for a head that holds nothing else.
func (ebcdicText) Sure(head []byte) bool {
	valid, ascii, _ := countEBCDIC(head)
	return len(head) >= 256 && valid == len(head) && ascii*100 <= len(head)*35
}

// countEBCDIC counts the bytes that are printable in EBCDIC, those that are
// printable in ASCII, and the blanks and digits of EBCDIC.
func countEBCDIC(head []byte) (valid, ascii, common int) {
	for _, c := range head {
		if r := fromEBCDIC[c]; r >= ' ' && r < 0x7f || r == '\n' || r == '\r' || r == '\t' {
			valid++
		}
		if printable(c) {
			ascii++
		}
		if c == 0x40 || c >= 0xf0 && c <= 0xf9 {
			common++
		}
	}
	return valid, ascii, common
}

// Text decodes byte by byte, so that each stays where it is. Letters beyond
// ASCII and control bytes become DEL.
func (ebcdicText) Text(r io.Reader, _ int64) Text { return ebcdicReader{r} }

type ebcdicReader struct{ r io.Reader }

func (e ebcdicReader) Read(p []byte) (int, error) {
	n, err := e.r.Read(p)
	for i, c := range p[:n] {
		p[i] = fromEBCDIC[c]
	}
	return n, err
}

func (ebcdicReader) Origin(decoded int64) int64 { return decoded }
