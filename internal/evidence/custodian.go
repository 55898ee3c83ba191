// Package evidence keeps what was seized: sealed to the case identity, checked
// without a key, opened only by a person who types the recovery passphrase.
//
// In go bytes with what is known of them; out come exhibits, whose every
// custody event is an entry of the ledger. The package never writes content in
// clear to any disk, never keeps a passphrase or the private half of a key
// longer than one call, and never says what an exhibit holds.
package evidence

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"time"

	"github.com/stanch/stanch/internal/casefile"
	"github.com/stanch/stanch/internal/record"
	"github.com/stanch/stanch/internal/tenant"
)

// Store finds exhibits and what the ledger says of them. Its implementation is
// in internal/store.
type Store interface {
	// ExhibitsOf returns the exhibits of a case, oldest first.
	ExhibitsOf(ctx context.Context, t tenant.ID, id casefile.ID) ([]*Exhibit, error)
	// ExhibitsDue returns those to be destroyed by that time, Unix microseconds.
	ExhibitsDue(ctx context.Context, t tenant.ID, by int64) ([]*Exhibit, error)
	// History returns the entries about an exhibit with their proofs.
	History(ctx context.Context, t tenant.ID, id ID) (History, error)
}

// An Examiner says whether bytes hold card data. Refused says that they could
// not be examined whole.
type Examiner interface {
	HoldsCardData(ctx context.Context, name string, r io.ReaderAt, size int64) (holds, refused bool, err error)
}

// A Custodian seals, keeps, verifies, opens and destroys exhibits. Its methods
// are safe for concurrent use.
type Custodian struct {
	Book     record.Book
	Store    Store
	Dir      string                                             // the evidence folder
	Outside  func(context.Context, tenant.ID) ([]string, error) // further age recipients; nil is none
	Examiner Examiner                                           // nil refuses attachments
	Now      func() time.Time
	Keep     time.Duration // until an exhibit's destroy-by date; 0 is three years
}

// A Sheet is what is printed once, when the identity is made.
type Sheet struct {
	Passphrase  string   // groups joined by hyphens
	Groups      []string // the same; the last one checks the others
	Recipient   string
	Fingerprint string
	MadeAt      time.Time
}

// A Content is an exhibit opened. Read it to the end: only then is it known to
// be as it was sealed.
type Content struct {
	Exhibit *Exhibit
	Name    string // as it was, not masked; never to be shown
	Meta    json.RawMessage
	Reader  io.Reader
}

var errNotYet = errors.New("not built yet")

// MakeIdentity makes the tenant's case identity. The sheet it returns is the
// only copy of the passphrase there will ever be. A second call is
// [ErrIdentity].
func (c *Custodian) MakeIdentity(ctx context.Context, who record.Who) (*Sheet, error) {
	return nil, errNotYet
}

// Identity returns the tenant's case identity, or [ErrNoIdentity].
func (c *Custodian) Identity(ctx context.Context, t tenant.ID) (*Identity, error) {
	return nil, errNotYet
}

// CheckPassphrase says whether the passphrase opens the case identity: nil,
// [ErrMistyped] or [ErrPassphrase]. It takes a good part of a second.
func (c *Custodian) CheckPassphrase(ctx context.Context, t tenant.ID, passphrase string) error {
	return errNotYet
}

// Seal encrypts an original to the case identity and the outside recipients.
// When it returns, ciphertext and entry are durable.
func (c *Custodian) Seal(ctx context.Context, who record.Who, o casefile.Original) (ID, error) {
	return "", errNotYet
}

// Attach takes in a file that a person hands in. One that holds card data is
// refused with a *[HoldsCards], which offers sealing.
func (c *Custodian) Attach(ctx context.Context, who record.Who, id casefile.ID, name string, r io.Reader) (ID, error) {
	return "", errNotYet
}

// Exhibit returns an exhibit, or [ErrNone].
func (c *Custodian) Exhibit(ctx context.Context, t tenant.ID, id ID) (*Exhibit, error) {
	return nil, errNotYet
}

// Exhibits returns the exhibits of a case, oldest first.
func (c *Custodian) Exhibits(ctx context.Context, t tenant.ID, id casefile.ID) ([]*Exhibit, error) {
	return c.Store.ExhibitsOf(ctx, t, id)
}

// Verify checks, without any key, that the ciphertext is the one that was
// sealed. It records that it did. The error is [ErrDamaged] if not.
func (c *Custodian) Verify(ctx context.Context, who record.Who, id ID) error { return errNotYet }

// Open decrypts an exhibit for use, records who and why before the first byte,
// and returns what use returns.
func (c *Custodian) Open(ctx context.Context, who record.Who, id ID, passphrase, why string, use func(Content) error) error {
	return errNotYet
}

// Restore is Open for what is to be put back where it was.
func (c *Custodian) Restore(ctx context.Context, who record.Who, id ID, passphrase, why string, use func(casefile.Original) error) error {
	return errNotYet
}

// Export writes the exhibit for somebody else: a tar of the ciphertext, the
// exhibit, its entries and the ledger's proofs for them. It needs no key.
func (c *Custodian) Export(ctx context.Context, who record.Who, id ID, why string, w io.Writer) error {
	return errNotYet
}

// Destroy takes the ciphertext away for good, not before its date.
func (c *Custodian) Destroy(ctx context.Context, who record.Who, id ID, why string) error {
	return errNotYet
}

// A HoldsCards says that an attachment holds card data, or could not be
// examined whole. Seal the original where it lies instead.
type HoldsCards struct{ Unexamined bool }

func (e *HoldsCards) Error() string {
	if e.Unexamined {
		return "attach file: it cannot be examined for card numbers; seal it as evidence instead"
	}
	return "attach file: it holds card data; seal it as evidence instead"
}
