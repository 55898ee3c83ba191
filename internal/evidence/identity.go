package evidence

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"filippo.io/age"

	"github.com/stanch/stanch/internal/durable"
	"github.com/stanch/stanch/internal/record"
	"github.com/stanch/stanch/internal/tenant"
	"github.com/stanch/stanch/ledger"
)

// IdentityNoun is the noun of case identities in the ledger.
const IdentityNoun = "identity"

// identitySubject is the one case identity that a tenant has.
func identitySubject() ledger.Subject { return ledger.SubjectOf(IdentityNoun, "case") }

// wrapFactor is the logarithm of age's scrypt cost. The passphrase has 150
// random bits and needs no stretching, and 16 MiB is what a small till server
// can spare while a leak is open.
const wrapFactor = 14

// An Identity is the public half of the key that evidence is sealed to. The
// private half exists only wrapped by the recovery passphrase.
type Identity struct {
	Recipient   string `json:"recipient"`   // age public key
	Fingerprint string `json:"fingerprint"` // for people to compare
	Wrapped     string `json:"wrapped"`     // SHA-256 of the wrapped private half, hex
	MadeAt      int64  `json:"made_at"`
	MadeBy      string `json:"made_by"`
	Confirmed   int64  `json:"confirmed,omitempty"` // when a person said to have the passphrase on paper
}

// Made is the body of the entry for a new case identity.
type Made struct {
	Recipient   string `json:"recipient"`
	Fingerprint string `json:"fingerprint"`
	Wrapped     string `json:"wrapped"`
}

// Kind returns "identity.made".
func (Made) Kind() string { return "identity.made" }

// Confirmed is the body of the entry that puts an identity to use: from then
// on it is never replaced.
type Confirmed struct {
	Fingerprint string `json:"fingerprint,omitempty"` // of the sheet that the person has
}

// Kind returns "identity.confirmed".
func (Confirmed) Kind() string { return "identity.confirmed" }

// Apply folds an entry into the identity.
func (i *Identity) Apply(e ledger.Entry) error {
	switch {
	case e.Kind == Made{}.Kind() && i.Confirmed == 0:
		var b Made
		err := e.Decode(&b)
		*i = Identity{Recipient: b.Recipient, Fingerprint: b.Fingerprint, Wrapped: b.Wrapped, MadeAt: e.At.UnixMicro(), MadeBy: e.Actor}
		return err
	case e.Kind == Confirmed{}.Kind() && i.Recipient != "" && i.Confirmed == 0:
		i.Confirmed = e.At.UnixMicro()
		return nil
	}
	return ErrOrder
}

// fingerprint returns the first sixteen hex digits of the SHA-256 of a public
// key, in groups of four.
func fingerprint(recipient string) string {
	sum := sha256.Sum256([]byte(recipient))
	d := hex.EncodeToString(sum[:8])
	return d[:4] + "-" + d[4:8] + "-" + d[8:12] + "-" + d[12:]
}

// A Sheet is what is printed once, when the identity is made.
type Sheet struct {
	Groups      []string // of the passphrase; the last one checks the others
	Recipient   string
	Fingerprint string
	MadeAt      time.Time
}

// Passphrase returns the groups as they are typed.
func (s *Sheet) Passphrase() string { return strings.Join(s.Groups, "-") }

// MakeIdentity makes the tenant's case identity. The sheet it returns is the
// only copy of the passphrase there will ever be. Until a person has confirmed
// to have it, nothing is sealed and a new identity takes the place of the
// last; afterwards this is [ErrIdentity].
func (c *Custodian) MakeIdentity(ctx context.Context, who record.Who) (*Sheet, error) {
	if i, err := c.Identity(ctx, who.Tenant); err == nil && i.Confirmed != 0 {
		return nil, fmt.Errorf("make case identity: %w", ErrIdentity)
	}
	key, err := age.GenerateX25519Identity()
	if err != nil {
		return nil, fmt.Errorf("make case identity: %w", err)
	}
	groups, err := newPassphrase()
	if err != nil {
		return nil, err
	}
	wrapped, err := wrap(key, strings.Join(groups[:groupCount-1], ""))
	if err != nil {
		return nil, err
	}
	public := key.Recipient().String()
	sheet := &Sheet{Groups: groups, Recipient: public, Fingerprint: fingerprint(public), MadeAt: c.Now().UTC()}
	path := c.identityPath(who.Tenant, sheet.Fingerprint)
	if err := durable.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("make case identity: %w", err)
	}
	if err := durable.WriteFile(path, wrapped, 0o400); err != nil {
		return nil, fmt.Errorf("make case identity: %w", err)
	}
	return sheet, c.recordIdentity(ctx, who, Made{public, sheet.Fingerprint, sum(wrapped)})
}

// ConfirmIdentity says that the sheet with this fingerprint is on paper, and
// puts its identity to use. It returns [ErrOtherSheet] if another sheet was
// made since: the passphrase on the paper opens nothing.
func (c *Custodian) ConfirmIdentity(ctx context.Context, who record.Who, fingerprint string) error {
	return c.recordIdentity(ctx, who, Confirmed{fingerprint})
}

func (c *Custodian) recordIdentity(ctx context.Context, who record.Who, body ledger.Body) error {
	err := c.Book.Update(ctx, who, func(ctx context.Context, tx record.Tx) error {
		thing, err := tx.Load(ctx, identitySubject())
		confirmed, confirms := body.(Confirmed)
		switch {
		case err == nil && confirms && thing.(*Identity).Fingerprint != confirmed.Fingerprint:
			return ErrOtherSheet
		case err == nil && thing.(*Identity).Confirmed != 0:
			return ErrIdentity
		case errors.Is(err, record.ErrNone) && confirms:
			return ErrNoIdentity
		case err != nil && !errors.Is(err, record.ErrNone):
			return err
		}
		return tx.Record(ctx, identitySubject(), body, record.About{})
	})
	if err != nil {
		return fmt.Errorf("keep case identity: %w", err)
	}
	return nil
}

// Identity returns the tenant's case identity, confirmed or not, or
// [ErrNoIdentity].
func (c *Custodian) Identity(ctx context.Context, t tenant.ID) (*Identity, error) {
	thing, err := c.Book.Read(ctx, t, identitySubject())
	if errors.Is(err, record.ErrNone) {
		return nil, ErrNoIdentity
	}
	if err != nil {
		return nil, err
	}
	return thing.(*Identity), nil
}

// CheckPassphrase says whether the passphrase opens the case identity: nil,
// [ErrMistyped] or [ErrPassphrase]. It takes a noticeable moment.
func (c *Custodian) CheckPassphrase(ctx context.Context, t tenant.ID, passphrase string) error {
	_, err := c.unwrap(ctx, t, passphrase)
	return err
}

func wrap(key *age.X25519Identity, secret string) ([]byte, error) {
	recipient, err := age.NewScryptRecipient(secret)
	if err != nil {
		return nil, fmt.Errorf("wrap case identity: %w", err)
	}
	recipient.SetWorkFactor(wrapFactor)
	var out bytes.Buffer
	w, err := age.Encrypt(&out, recipient)
	if err != nil {
		return nil, fmt.Errorf("wrap case identity: %w", err)
	}
	if _, err := io.WriteString(w, key.String()); err != nil {
		return nil, fmt.Errorf("wrap case identity: %w", err)
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("wrap case identity: %w", err)
	}
	return out.Bytes(), nil
}

// unwrap returns the private half for the length of one call.
func (c *Custodian) unwrap(ctx context.Context, t tenant.ID, passphrase string) (*age.X25519Identity, error) {
	identity, err := c.Identity(ctx, t)
	if err != nil {
		return nil, err
	}
	secret, err := readPassphrase(passphrase)
	if err != nil {
		return nil, err
	}
	path := c.identityPath(t, identity.Fingerprint)
	wrapped, err := os.ReadFile(path)
	if err != nil || sum(wrapped) != identity.Wrapped {
		return nil, fmt.Errorf("read case identity %s: %w", path, ErrDamaged)
	}
	opener, err := age.NewScryptIdentity(secret)
	if err != nil {
		return nil, ErrPassphrase
	}
	opener.SetMaxWorkFactor(wrapFactor)
	r, err := age.Decrypt(bytes.NewReader(wrapped), opener)
	if err != nil {
		return nil, ErrPassphrase
	}
	text, err := io.ReadAll(io.LimitReader(r, 1024))
	defer clear(text)
	if err != nil {
		return nil, ErrPassphrase
	}
	key, err := age.ParseX25519Identity(string(text))
	if err != nil || key.Recipient().String() != identity.Recipient {
		return nil, fmt.Errorf("read case identity %s: %w", path, ErrDamaged)
	}
	return key, nil
}

func (c *Custodian) identityPath(t tenant.ID, fingerprint string) string {
	return filepath.Join(c.Dir, string(t), "identity-"+fingerprint+".age")
}

func sum(b []byte) string {
	s := sha256.Sum256(b)
	return hex.EncodeToString(s[:])
}
