// Package evidence keeps what was seized: sealed to the case identity, checked
// without a key, opened only by a person who types the recovery passphrase.
//
// In go bytes with what is known of them; out come exhibits, whose every
// custody event is an entry of the ledger. The package never writes content in
// clear to any disk, but for attachments that were examined and hold no card
// data; it never keeps a passphrase or the private half of a key longer than
// one call, and never says what an exhibit holds.
package evidence

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/stanch/stanch/internal/casefile"
	"github.com/stanch/stanch/internal/durable"
	"github.com/stanch/stanch/internal/record"
	"github.com/stanch/stanch/internal/tenant"
	"github.com/stanch/stanch/ledger"
)

// Store finds exhibits and what the ledger says of them. Its implementation is
// in internal/store.
type Store interface {
	// ExhibitsOf returns the exhibits of a case, oldest first.
	ExhibitsOf(ctx context.Context, t tenant.ID, id casefile.ID) ([]*Exhibit, error)
	// ExhibitsDue returns those to be destroyed by that time, Unix
	// microseconds, destroyed ones included, the longest due first.
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

	incomings sync.RWMutex // held for reading until a ciphertext is entered, for writing while strays are swept
}

// defaultKeep is how long an exhibit is kept if nothing else is said: the
// limitation period of China's Civil Code, article 188.
const defaultKeep = 3 * 366 * 24 * time.Hour

// Exhibit returns an exhibit, or [ErrNone].
func (c *Custodian) Exhibit(ctx context.Context, t tenant.ID, id ID) (*Exhibit, error) {
	thing, err := c.Book.Read(ctx, t, SubjectOf(id))
	if errors.Is(err, record.ErrNone) {
		return nil, ErrNone
	}
	if err != nil {
		return nil, err
	}
	return thing.(*Exhibit), nil
}

// Exhibits returns the exhibits of a case, oldest first.
func (c *Custodian) Exhibits(ctx context.Context, t tenant.ID, id casefile.ID) ([]*Exhibit, error) {
	return c.Store.ExhibitsOf(ctx, t, id)
}

// Due returns the exhibits whose destroy-by date has come.
func (c *Custodian) Due(ctx context.Context, t tenant.ID) ([]*Exhibit, error) {
	all, err := c.Store.ExhibitsDue(ctx, t, c.Now().UnixMicro())
	var due []*Exhibit
	for _, x := range all {
		if x.Destroyed == 0 {
			due = append(due, x)
		}
	}
	return due, err
}

// Verify checks, without any key, that the ciphertext is the one that was
// sealed, and records what it found. The error is [ErrDamaged] if it is not,
// [ErrDestroyed] if there is none any more.
func (c *Custodian) Verify(ctx context.Context, who record.Who, id ID) error {
	x, err := c.kept(ctx, who.Tenant, id)
	if err != nil {
		return fmt.Errorf("verify exhibit %s: %w", id, err)
	}
	bad := c.intact(who.Tenant, x)
	event := Handled{What: "verified"}
	if bad != nil {
		event.What = "damaged"
	}
	if err := c.record(ctx, who, x, event); err != nil {
		return err
	}
	if bad != nil {
		return fmt.Errorf("verify exhibit %s: %w", id, bad)
	}
	return nil
}

// kept returns an exhibit whose ciphertext should be there.
func (c *Custodian) kept(ctx context.Context, t tenant.ID, id ID) (*Exhibit, error) {
	x, err := c.Exhibit(ctx, t, id)
	if err == nil && x.Destroyed != 0 {
		err = ErrDestroyed
	}
	return x, err
}

func (c *Custodian) intact(t tenant.ID, x *Exhibit) error {
	f, err := os.Open(c.blobPath(t, x.Cipher))
	if errors.Is(err, fs.ErrNotExist) {
		return ErrDamaged
	}
	if err != nil {
		return fmt.Errorf("read ciphertext: %w", err)
	}
	defer f.Close()
	if got, err := hashAll(f); err != nil || got != x.Cipher {
		return ErrDamaged
	}
	return nil
}

func (c *Custodian) record(ctx context.Context, who record.Who, x *Exhibit, body ledger.Body) error {
	err := c.Book.Update(ctx, who, func(ctx context.Context, tx record.Tx) error {
		return tx.Record(ctx, SubjectOf(x.ID), body, record.About{Case: x.Case})
	})
	if err != nil {
		return fmt.Errorf("record custody of exhibit %s: %w", x.ID, err)
	}
	return nil
}

// Destroy takes the ciphertext away for good, not before its date.
func (c *Custodian) Destroy(ctx context.Context, who record.Who, id ID, why string) error {
	if err := casefile.CleanText(why); err != nil {
		return fmt.Errorf("destroy exhibit: %w", err)
	}
	var cipher string
	err := c.Book.Update(ctx, who, func(ctx context.Context, tx record.Tx) error {
		thing, err := tx.Load(ctx, SubjectOf(id))
		if errors.Is(err, record.ErrNone) {
			return ErrNone
		}
		if err != nil {
			return err
		}
		x := thing.(*Exhibit)
		switch {
		case x.Destroyed != 0:
			return ErrDestroyed
		case tx.Now().UnixMicro() < x.DestroyBy:
			return ErrTooEarly
		}
		cipher = x.Cipher
		return tx.Record(ctx, SubjectOf(id), Destroyed{why}, record.About{Case: x.Case})
	})
	if err != nil {
		return fmt.Errorf("destroy exhibit %s: %w", id, err)
	}
	durable.Step("evidence.destroying")
	return c.drop(who.Tenant, cipher)
}

func (c *Custodian) drop(t tenant.ID, cipher string) error {
	if err := durable.Remove(c.blobPath(t, cipher)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("destroy exhibit: %w", err)
	}
	return nil
}

// Sweep clears away what a crash left: ciphertexts that were never entered
// and those that were destroyed on the record only. The holder of the data
// folder's lock may call it at any time: what is under way is left alone.
func (c *Custodian) Sweep(ctx context.Context, t tenant.ID) error {
	due, err := c.Store.ExhibitsDue(ctx, t, c.Now().UnixMicro())
	if err != nil {
		return err
	}
	for _, x := range due {
		if x.Destroyed != 0 {
			if err := c.drop(t, x.Cipher); err != nil {
				return err
			}
		}
	}
	if !c.incomings.TryLock() {
		return nil
	}
	defer c.incomings.Unlock()
	return c.sweepIncoming(ctx, t)
}

// sweepIncoming takes away what was not written to its end, and the blobs that
// were and that no exhibit names.
func (c *Custodian) sweepIncoming(ctx context.Context, t tenant.ID) error {
	incoming := c.incoming(t)
	left, err := os.ReadDir(incoming)
	if errors.Is(err, fs.ErrNotExist) || err == nil && len(left) == 0 {
		return nil
	}
	if err != nil {
		return fmt.Errorf("sweep evidence: %w", err)
	}
	named, err := c.named(ctx, t)
	if err != nil {
		return err
	}
	for _, e := range left {
		if cipher, ok := strings.CutSuffix(e.Name(), pendingSuffix); ok && !named[cipher] {
			if err := c.drop(t, cipher); err != nil {
				return err
			}
		}
		if err := os.Remove(filepath.Join(incoming, e.Name())); err != nil {
			return fmt.Errorf("sweep evidence: %w", err)
		}
	}
	return nil
}

// named returns the ciphertexts that exhibits are kept in. One may hold
// several: attachments with the same content.
func (c *Custodian) named(ctx context.Context, t tenant.ID) (map[string]bool, error) {
	all, err := c.Store.ExhibitsDue(ctx, t, math.MaxInt64)
	named := map[string]bool{}
	for _, x := range all {
		if x.Destroyed == 0 {
			named[x.Cipher] = true
		}
	}
	return named, err
}

// pendingSuffix ends the name of an empty file in the incoming folder that says
// which ciphertext is on the disk and may not be entered.
const pendingSuffix = ".pending"

func (c *Custodian) pending(t tenant.ID, cipher string) string {
	return filepath.Join(c.incoming(t), cipher+pendingSuffix)
}

// incoming is where ciphertexts lie until their digest, and so their name, is
// known.
func (c *Custodian) incoming(t tenant.ID) string { return filepath.Join(c.Dir, string(t), "incoming") }

func (c *Custodian) blobPath(t tenant.ID, cipher string) string {
	if len(cipher) != 64 || strings.Trim(cipher, "0123456789abcdef") != "" {
		cipher = strings.Repeat("0", 64) // nothing has this name
	}
	return filepath.Join(c.Dir, string(t), cipher[:2], cipher+".age")
}
