package card

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"hash"
	"strings"
	"sync"
)

const (
	tokenVersion = "t1."
	keySize      = 32
	maxKeyID     = 16
)

// alphabet is base32 as in RFC 4648, without padding.
var alphabet = base32.StdEncoding.WithPadding(base32.NoPadding)

// ErrKey says that a token key or its id has the wrong form.
var ErrKey = errors.New("make tokenizer: key must have 32 bytes and its id 1 to 16 of a-z and 0-9")

// A Token stands for a card number outside the few places that may see it:
// the same number gives the same token under one key and tenant, and nobody
// without the key can go back, or try numbers. Its form is
// t1.<key id>.<base32 of HMAC-SHA-256(key, tenant, 0x00, PAN)>.
type Token string

// KeyID returns the id of the key the token was made with, or "" if t is not
// a token.
func (t Token) KeyID() string {
	id, _, ok := t.cut()
	if !ok {
		return ""
	}
	return id
}

// Valid reports whether t has the form of a token. It cannot tell whether the
// token was made by a [Tokenizer].
func (t Token) Valid() bool {
	_, sum, ok := t.cut()
	if !ok || len(sum) != alphabet.EncodedLen(sha256.Size) {
		return false
	}
	_, err := alphabet.DecodeString(sum)
	return err == nil && !strings.ContainsAny(sum, "\r\n")
}

func (t Token) cut() (id, sum string, ok bool) {
	rest, ok := strings.CutPrefix(string(t), tokenVersion)
	if !ok {
		return "", "", false
	}
	id, sum, ok = strings.Cut(rest, ".")
	return id, sum, ok && validKeyID(id)
}

func validKeyID(id string) bool {
	if id == "" || len(id) > maxKeyID {
		return false
	}
	for _, c := range []byte(id) {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') {
			return false
		}
	}
	return true
}

// A Tokenizer makes tokens with one key. It is safe for concurrent use, and
// prints nothing of the key.
type Tokenizer struct {
	keyID string
	rooms sync.Pool // of *room; the key lives only in the hashes' inner state
}

// A room is what one call of Token works in.
type room struct {
	mac  hash.Hash
	in   []byte
	sum  []byte
	text []byte
}

// NewTokenizer returns a tokenizer with a copy of key. It returns [ErrKey] if
// the key has not 32 bytes, or the id not 1 to 16 characters of a-z and 0-9.
func NewTokenizer(keyID string, key []byte) (*Tokenizer, error) {
	if len(key) != keySize || !validKeyID(keyID) {
		return nil, ErrKey
	}
	own := bytes.Clone(key)
	t := &Tokenizer{keyID: keyID}
	t.rooms.New = func() any { return &room{mac: hmac.New(sha256.New, own)} }
	return t, nil
}

// KeyID returns the id of the tokenizer's key.
func (t *Tokenizer) KeyID() string { return t.keyID }

// Token returns the token of digits for tenant. The digits are used as they
// stand, so a resident ID or an account number gets a token too.
func (t *Tokenizer) Token(tenant string, digits []byte) Token {
	r := t.rooms.Get().(*room)
	r.mac.Reset()
	r.in = append(append(append(r.in[:0], tenant...), 0), digits...)
	r.mac.Write(r.in)
	r.sum = r.mac.Sum(r.sum[:0])
	r.text = append(append(append(r.text[:0], tokenVersion...), t.keyID...), '.')
	r.text = alphabet.AppendEncode(r.text, r.sum)
	token := Token(r.text)
	clear(r.in)
	t.rooms.Put(r)
	return token
}
