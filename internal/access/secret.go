package access

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"strings"
)

// lower is base32 as people can read it out: no padding, lower case.
func lower() *base32.Encoding {
	return base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)
}

// newSecret returns a random secret of this many bytes as text, and the
// digest it is kept by. A plain hash is enough: nobody guesses 128 bits.
func newSecret(size int) (secret string, digest []byte) {
	b := make([]byte, size)
	rand.Read(b) // never fails: crypto/rand ends the program rather than return less
	secret = lower().EncodeToString(b)
	return secret, digestOf(secret)
}

// digestOf returns what a secret is kept by.
func digestOf(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}

// plausible reports whether s can be a secret of this many bytes at all.
func plausible(s string, size int) bool {
	return len(s) == lower().EncodedLen(size) && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz234567") == ""
}
