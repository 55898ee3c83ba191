package evidence

import (
	"crypto/sha256"
	"encoding/hex"

	"github.com/stanch/stanch/ledger"
)

// IdentityNoun is the noun of case identities in the ledger.
const IdentityNoun = "identity"

// identitySubject is the one case identity that a tenant has.
func identitySubject() ledger.Subject { return ledger.SubjectOf(IdentityNoun, "case") }

// An Identity is the public half of the key that evidence is sealed to. The
// private half exists only wrapped by the recovery passphrase.
type Identity struct {
	Recipient   string `json:"recipient"`   // age public key
	Fingerprint string `json:"fingerprint"` // for people to compare
	Wrapped     string `json:"wrapped"`     // SHA-256 of the wrapped private half, hex
	MadeAt      int64  `json:"made_at"`
	MadeBy      string `json:"made_by"`
}

// Made is the body of the entry for a new case identity.
type Made struct {
	Recipient   string `json:"recipient"`
	Fingerprint string `json:"fingerprint"`
	Wrapped     string `json:"wrapped"`
}

// Kind returns "identity.made".
func (Made) Kind() string { return "identity.made" }

// Apply folds an entry into the identity.
func (i *Identity) Apply(e ledger.Entry) error {
	if e.Kind != (Made{}).Kind() || i.Recipient != "" {
		return ErrOrder
	}
	var b Made
	err := e.Decode(&b)
	*i = Identity{b.Recipient, b.Fingerprint, b.Wrapped, e.At.UnixMicro(), e.Actor}
	return err
}

// fingerprint returns the first sixteen hex digits of the SHA-256 of a public
// key, in groups of four.
func fingerprint(recipient string) string {
	sum := sha256.Sum256([]byte(recipient))
	d := hex.EncodeToString(sum[:8])
	return d[:4] + "-" + d[4:8] + "-" + d[8:12] + "-" + d[12:]
}
