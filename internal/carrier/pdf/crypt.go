package pdf

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/md5"
	"crypto/rc4"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/binary"
	"errors"
	"io"
)

// ErrEncrypted is returned for a file that opens with a password only.
var ErrEncrypted = errors.New("read pdf: encrypted")

// The ciphers of ISO 32000 7.6.
const (
	cipherNone = iota
	cipherRC4
	cipherAES // the key is made for each object
	cipherAES256
)

// A key decrypts the strings and streams of a file that opens without a
// password, as those do that only forbid printing.
type key struct {
	file     []byte
	forText  int // cipher of strings
	forBytes int // cipher of streams
	metadata bool
}

// padding fills up a password, of which there is none: ISO 32000 7.6.4.3.2.
var padding = []byte("\x28\xBF\x4E\x5E\x4E\x75\x8A\x41\x64\x00\x4E\x56\xFF\xFA\x01\x08\x2E\x2E\x00\xB6\xD0\x68\x3E\x80\x2F\x0C\xA9\xFE\x64\x53\x69\x7A")

// unlock tries the empty password.
func (f *file) unlock() error {
	ref := f.trailer.get("Encrypt")
	if ref.kind == isNull {
		return nil
	}
	dict := f.resolve(ref)
	f.see(int(ref.num))
	if !f.resolve(dict.get("Filter")).is("Standard") {
		return ErrEncrypted
	}
	open := f.resolve(dict.get("EncryptMetadata"))
	k := &key{metadata: open.kind != isBool || open.num == 1}
	version, revision := f.resolve(dict.get("V")).integer(), f.resolve(dict.get("R")).integer()
	switch version {
	case 1, 2:
		k.forText, k.forBytes = cipherRC4, cipherRC4
	case 4, 5:
		k.forText, k.forBytes = f.cipher(&dict, "StrF"), f.cipher(&dict, "StmF")
	default:
		return ErrEncrypted
	}
	if version == 5 {
		k.file = f.modernKey(&dict, revision)
	} else {
		k.file = f.olderKey(&dict, version, revision, k.metadata)
	}
	if k.file == nil || k.forText < 0 || k.forBytes < 0 {
		return ErrEncrypted
	}
	f.key, f.held = k, 0
	return nil
}

// cipher returns the cipher that a crypt filter names, -1 if it is not known.
func (f *file) cipher(dict *object, use string) int {
	name := f.resolve(dict.get(use))
	if name.kind == isNull || name.is("Identity") {
		return cipherNone
	}
	filters := f.resolve(dict.get("CF"))
	filter := f.resolve(filters.get(string(name.text)))
	switch method := f.resolve(filter.get("CFM")); string(method.text) {
	case "None":
		return cipherNone
	case "V2":
		return cipherRC4
	case "AESV2":
		return cipherAES
	case "AESV3":
		return cipherAES256
	}
	return -1
}

// olderKey makes the key of versions 1 to 4, nil if there is a password.
func (f *file) olderKey(dict *object, version, revision int, metadata bool) []byte {
	size := 5
	if n := f.resolve(dict.get("Length")).integer(); version > 1 && n >= 40 && n <= 128 {
		size = n / 8
	}
	if version == 4 {
		size = 16
	}
	owner, user := f.resolve(dict.get("O")).text, f.resolve(dict.get("U")).text
	if len(owner) < 32 || len(user) < 32 {
		return nil
	}
	var first []byte
	if id := f.list(f.trailer.get("ID")); len(id) > 0 {
		first = f.resolve(id[0]).text
	}
	h := md5.New()
	h.Write(padding)
	h.Write(owner[:32])
	binary.Write(h, binary.LittleEndian, uint32(int64(f.resolve(dict.get("P")).integer())))
	h.Write(first)
	if revision >= 4 && !metadata {
		h.Write([]byte{0xff, 0xff, 0xff, 0xff})
	}
	sum := h.Sum(nil)
	if revision == 2 {
		return checked(sum[:size], padding, user[:32])
	}
	for range 50 {
		again := md5.Sum(sum[:size])
		sum = again[:]
	}
	hello := md5.Sum(append(bytes.Clone(padding), first...))
	want := hello[:]
	for i := 19; i > 0; i-- { // undo all rounds of the stored value but the first
		user = arcfour(xored(sum[:size], byte(i)), user[:16])
	}
	return checked(sum[:size], want, user[:16])
}

// checked returns the key if it turns plain into the stored value.
func checked(key, plain, stored []byte) []byte {
	if !bytes.Equal(arcfour(key, plain), stored) {
		return nil
	}
	return key
}

func xored(key []byte, with byte) []byte {
	out := bytes.Clone(key)
	for i := range out {
		out[i] ^= with
	}
	return out
}

func arcfour(key, text []byte) []byte {
	c, err := rc4.NewCipher(key)
	if err != nil {
		return nil
	}
	out := make([]byte, len(text))
	c.XORKeyStream(out, text)
	return out
}

// modernKey makes the key of version 5, nil if there is a password.
func (f *file) modernKey(dict *object, revision int) []byte {
	user, sealed := f.resolve(dict.get("U")).text, f.resolve(dict.get("UE")).text
	if len(user) < 48 || len(sealed) < 32 || !bytes.Equal(passwordHash(user[32:40], revision), user[:32]) {
		return nil
	}
	block, err := aes.NewCipher(passwordHash(user[40:48], revision))
	if err != nil {
		return nil
	}
	out := make([]byte, 32)
	cipher.NewCBCDecrypter(block, make([]byte, 16)).CryptBlocks(out, sealed[:32])
	return out
}

// passwordHash hashes the empty password: algorithm 2.B of ISO 32000-2.
func passwordHash(salt []byte, revision int) []byte {
	first := sha256.Sum256(salt)
	k := first[:]
	if revision < 6 {
		return k
	}
	for round := 0; ; round++ {
		text := bytes.Repeat(k, 64)
		block, err := aes.NewCipher(k[:16])
		if err != nil {
			return nil
		}
		cipher.NewCBCEncrypter(block, k[16:32]).CryptBlocks(text, text)
		sum := 0
		for _, c := range text[:16] {
			sum += int(c)
		}
		switch sum % 3 {
		case 0:
			h := sha256.Sum256(text)
			k = h[:]
		case 1:
			h := sha512.Sum384(text)
			k = h[:]
		default:
			h := sha512.Sum512(text)
			k = h[:]
		}
		if round >= 63 && int(text[len(text)-1]) <= round-31 {
			return k[:32]
		}
	}
}

// object returns the key of one object: ISO 32000 7.6.3.
func (k *key) object(number, gen, method int) []byte {
	if method == cipherAES256 {
		return k.file
	}
	b := append(bytes.Clone(k.file), byte(number), byte(number>>8), byte(number>>16), byte(gen), byte(gen>>8))
	if method == cipherAES {
		b = append(b, "sAlT"...)
	}
	sum := md5.Sum(b)
	return sum[:min(16, len(k.file)+5)]
}

// strings decrypts the strings in an object.
func (k *key) strings(o *object, number, gen int) {
	if k.forText == cipherNone {
		return
	}
	if o.kind == isString {
		o.text = decrypted(k.object(number, gen, k.forText), o.text, k.forText)
	}
	for i := range o.list {
		k.strings(&o.list[i], number, gen)
	}
}

func decrypted(key, text []byte, method int) []byte {
	if method == cipherRC4 {
		return arcfour(key, text)
	}
	out, _ := io.ReadAll(&unchained{r: bytes.NewReader(text), key: key})
	return out
}

// stream decrypts the bytes of a stream.
func (k *key) stream(r io.Reader, s *object, filters []object, f *file) io.Reader {
	method := k.forBytes
	kind := f.resolve(s.get("Type"))
	if kind.is("XRef") || kind.is("Metadata") && !k.metadata {
		method = cipherNone
	}
	if len(filters) > 0 && f.resolve(filters[0]).is("Crypt") {
		method = cipherNone // the only one that may be named is Identity, in practice
	}
	own := k.object(int(s.num), int(s.gen), method)
	switch method {
	case cipherNone:
		return r
	case cipherRC4:
		if c, err := rc4.NewCipher(own); err == nil {
			return cipher.StreamReader{S: c, R: r}
		}
	}
	return &unchained{r: r, key: own}
}

// unchained reads AES in CBC mode that begins with its vector and ends with
// padding.
type unchained struct {
	r    io.Reader
	key  []byte
	mode cipher.BlockMode
	room [4096]byte
	next [16]byte // the block that is the last one unless more comes
	held bool
	have []byte
	err  error
}

func (u *unchained) Read(p []byte) (int, error) {
	for len(u.have) == 0 {
		if u.err != nil {
			return 0, u.err
		}
		u.fill()
	}
	n := copy(p, u.have)
	u.have = u.have[n:]
	return n, nil
}

func (u *unchained) fill() {
	if u.mode == nil {
		block, err := aes.NewCipher(u.key)
		if err != nil {
			u.err = errSyntax
			return
		}
		var vector [16]byte
		if _, u.err = io.ReadFull(u.r, vector[:]); u.err != nil {
			return
		}
		u.mode = cipher.NewCBCDecrypter(block, vector[:])
	}
	at := 0
	if u.held {
		at = copy(u.room[:], u.next[:])
	}
	n, err := io.ReadFull(u.r, u.room[at:])
	whole := n / 16 * 16
	u.mode.CryptBlocks(u.room[at:at+whole], u.room[at:at+whole])
	end := at + whole
	switch err {
	case nil:
		u.held = true
		end -= copy(u.next[:], u.room[end-16:end])
	case io.EOF, io.ErrUnexpectedEOF:
		u.err = io.EOF
		if end > 0 {
			end -= min(end, 16, int(u.room[end-1]))
		}
	default:
		u.err = err
	}
	u.have = u.room[:end]
}
