package evidence

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"strings"
)

// The recovery passphrase is seven groups of five letters and digits from an
// alphabet without look-alikes: six random ones with 150 bits between them,
// and one that checks the others, so that a slip of the pen is told apart from
// a wrong passphrase.
const (
	alphabet   = "0123456789abcdefghjkmnpqrstvwxyz" // Crockford's: no i, l, o, u
	groupSize  = 5
	groupCount = 7
	secretSize = groupSize * (groupCount - 1)
)

// newPassphrase makes a passphrase from the system's random bytes.
func newPassphrase() ([]string, error) {
	raw := make([]byte, secretSize)
	if _, err := rand.Read(raw); err != nil {
		return nil, fmt.Errorf("make passphrase: %w", err)
	}
	for i, b := range raw {
		raw[i] = alphabet[b%32]
	}
	text := string(raw) + checkGroup(string(raw))
	groups := make([]string, groupCount)
	for i := range groups {
		groups[i] = text[i*groupSize : (i+1)*groupSize]
	}
	return groups, nil
}

// checkGroup returns the group that checks the others.
func checkGroup(secret string) string {
	sum := sha256.Sum256([]byte("stanch recovery passphrase " + secret))
	group := make([]byte, groupSize)
	for i := range group {
		group[i] = alphabet[sum[i]%32]
	}
	return string(group)
}

// readPassphrase brings what a person typed into the form that the key is
// wrapped with. Case, spaces and hyphens do not matter, nor does which of two
// look-alikes was typed. It returns [ErrMistyped] if the check group differs.
func readPassphrase(typed string) (string, error) {
	text := strings.NewReplacer(" ", "", "-", "", "\t", "", "\n", "", "\r", "", "o", "0", "i", "1", "l", "1", "u", "v").Replace(strings.ToLower(typed))
	if len(text) != groupSize*groupCount {
		return "", ErrMistyped
	}
	secret, check := text[:secretSize], text[secretSize:]
	if subtle.ConstantTimeCompare([]byte(checkGroup(secret)), []byte(check)) != 1 {
		return "", ErrMistyped
	}
	return secret, nil
}
