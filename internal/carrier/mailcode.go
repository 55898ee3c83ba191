package carrier

import (
	"bufio"
	"io"
	"strings"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/encoding/unicode"
)

// charsets are the ones in which mail about cards comes. Others are scanned as
// they are: their digits are those of ASCII.
var charsets = map[string]encoding.Encoding{
	"gb2312": simplifiedchinese.GB18030, "gbk": simplifiedchinese.GB18030, "gb18030": simplifiedchinese.GB18030, "cp936": simplifiedchinese.GB18030,
	"hz-gb-2312": simplifiedchinese.HZGB2312, "big5": traditionalchinese.Big5,
	"iso-8859-1": charmap.Windows1252, "latin1": charmap.Windows1252, "windows-1252": charmap.Windows1252, "iso-8859-15": charmap.ISO8859_15,
	"utf-16": unicode.UTF16(unicode.BigEndian, unicode.UseBOM), "utf-16le": unicode.UTF16(unicode.LittleEndian, unicode.UseBOM),
	"utf-16be": unicode.UTF16(unicode.BigEndian, unicode.UseBOM),
}

// inCharset returns r as UTF-8.
func inCharset(r io.Reader, charset string) io.Reader {
	if known := charsets[strings.ToLower(strings.TrimSpace(charset))]; known != nil {
		return known.NewDecoder().Reader(r)
	}
	return r
}

// loose64 decodes base64 as mail has it: line breaks anywhere, what does not
// belong left out, and pieces that were encoded apart and then joined.
type loose64 struct {
	in   *bufio.Reader
	bits uint32
	have uint
}

func newBase64(r io.Reader) io.Reader { return &loose64{in: bufio.NewReaderSize(r, 4<<10)} }

func (l *loose64) Read(p []byte) (int, error) {
	n := 0
	for n < len(p) {
		c, err := l.in.ReadByte()
		if err != nil {
			if n > 0 {
				return n, nil
			}
			return 0, err
		}
		value := strings.IndexByte(base64Letters, c)
		switch {
		case c == '=':
			l.have = 0 // the rest of these bits is filling
			continue
		case value < 0:
			continue
		}
		l.bits, l.have = l.bits<<6|uint32(value), l.have+6
		if l.have >= 8 {
			l.have -= 8
			p[n] = byte(l.bits >> l.have)
			n++
		}
	}
	return n, nil
}

const base64Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

// quoted decodes quoted-printable. What is no code stays as it is.
type quoted struct{ in *bufio.Reader }

func newQuoted(r io.Reader) io.Reader { return &quoted{bufio.NewReaderSize(r, 4<<10)} }

func (q *quoted) Read(p []byte) (int, error) {
	n := 0
	for n < len(p) {
		c, err := q.in.ReadByte()
		if err != nil {
			if n > 0 {
				return n, nil
			}
			return 0, err
		}
		if c == '=' {
			code, ok := q.code()
			if !ok {
				continue
			}
			c = code
		}
		p[n] = c
		n++
	}
	return n, nil
}

// code reads what follows an equals sign: two digits, or a line break that is
// not one, for which ok is false.
func (q *quoted) code() (c byte, ok bool) {
	next, _ := q.in.Peek(2)
	if len(next) == 2 {
		high, low := unhex(next[0]), unhex(next[1])
		if high >= 0 && low >= 0 {
			q.in.Discard(2)
			return byte(high<<4 | low), true
		}
	}
	for blanks := 1; blanks < 80; blanks++ {
		next, _ = q.in.Peek(blanks)
		if len(next) < blanks {
			break
		}
		switch next[blanks-1] {
		case ' ', '\t', '\r':
		case '\n':
			q.in.Discard(blanks)
			return 0, false
		default:
			return '=', true
		}
	}
	return '=', true
}

func unhex(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return int(c|0x20-'a') + 10
	}
	return -1
}
