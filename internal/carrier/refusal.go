package carrier

import (
	"bytes"
	"path"
	"strings"
)

// magic is a byte string at a fixed place.
type magic struct {
	at   int
	want string
}

func (m magic) in(head []byte) bool {
	return len(head) >= m.at && bytes.HasPrefix(head[m.at:], []byte(m.want))
}

func anyMagic(head []byte, list []magic) bool {
	for _, m := range list {
		if m.in(head) {
			return true
		}
	}
	return false
}

// packed is compression that is recognised and not read yet.
type packed struct{}

func (packed) Name() string { return "packed" }

func (packed) Sniff(head []byte, name string) bool {
	return anyMagic(head, []magic{
		{0, "\x89LZO\x00"}, {0, "LZIP\x01"}, {0, "MSCF\x00\x00\x00\x00"}, {0, "MSWIM\x00\x00\x00"}, {2, "-lh"},
		{0, "hsqs"}, {1, "*M\x18"}, {0, "xar!\x00"},
	}) || strings.ToLower(path.Ext(name)) == ".br" // Brotli has no magic
}

func (packed) Cause([]byte) (Cause, bool) { return UnknownCompression, false }

// locked is what somebody encrypted as a whole.
type locked struct{}

func (locked) Name() string { return "encrypted" }

func (locked) Sniff(head []byte, _ string) bool {
	if anyMagic(head, []magic{
		{0, "Salted__"}, {0, "age-encryption.org/v1"}, {0, "-----BEGIN AGE ENCRYPTED FILE-----"},
		{0, "-----BEGIN PGP MESSAGE-----"}, {0, "LUKS\xba\xbe"}, {0, "$ANSIBLE_VAULT;"},
		{0, "\x03\xd9\xa2\x9a\x67\xfb\x4b\xb5"}, {3, "-FVE-FS-"},
	}) {
		return true
	}
	return oleMagic.in(head) && bytes.Contains(head, wide("EncryptedPackage"))
}

func (locked) Cause([]byte) (Cause, bool) { return Encrypted, true }

// oleMagic begins the compound files of older office programs. An encrypted
// workbook is one as well, with a stream of that name.
var oleMagic = magic{0, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"}

// wide returns ASCII text as UTF-16, little end first.
func wide(s string) []byte {
	out := make([]byte, 0, 2*len(s))
	for i := range len(s) {
		out = append(out, s[i], 0)
	}
	return out
}

// picture is an image: nobody has read the characters in it. Its bytes are
// scanned, because comments and metadata are plain text.
type picture struct{}

func (picture) Name() string { return "picture" }

func (picture) Sniff(head []byte, _ string) bool {
	if anyMagic(head, []magic{
		{0, "\x89PNG\r\n\x1a\n"}, {0, "\xff\xd8\xff"}, {0, "GIF87a"}, {0, "GIF89a"}, {0, "II*\x00"}, {0, "MM\x00*"},
		{0, "8BPS\x00\x01"}, {4, "ftypheic"}, {4, "ftypheix"}, {4, "ftypmif1"}, {4, "ftypavif"}, {0, "\x00\x00\x00\x0cjP  "},
	}) {
		return true
	}
	return magic{0, "RIFF"}.in(head) && magic{8, "WEBP"}.in(head) || magic{0, "BM"}.in(head) && magic{6, "\x00\x00\x00\x00"}.in(head)
}

func (picture) Cause([]byte) (Cause, bool) { return Picture, true }
