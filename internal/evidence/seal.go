package evidence

import (
	"archive/tar"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
	"time"

	"filippo.io/age"
	"github.com/google/uuid"

	"github.com/stanch/stanch/card"
	"github.com/stanch/stanch/internal/casefile"
	"github.com/stanch/stanch/internal/durable"
	"github.com/stanch/stanch/internal/record"
	"github.com/stanch/stanch/internal/tenant"
)

// spare is the room that sealing leaves on the disk, for the ledger to go on.
const spare = 64 << 20

// ErrNoSpace says that the evidence folder has no room for the seal.
var ErrNoSpace = errors.New("disk has no room for it")

// The members of a sealed tar, in order.
const (
	manifestName = "manifest.json"
	contentName  = "content"
)

// A manifest is sealed together with the content.
type manifest struct {
	Exhibit  ID              `json:"exhibit"`
	Case     casefile.ID     `json:"case"`
	Class    Class           `json:"class"`
	Name     string          `json:"name"`
	Size     int64           `json:"size"`
	SealedAt time.Time       `json:"sealed_at"`
	Original json.RawMessage `json:"original,omitempty"` // metadata as the actuator took it
}

// Seal encrypts an original to the case identity and the outside recipients.
// When it returns, ciphertext and entry are durable.
func (c *Custodian) Seal(ctx context.Context, who record.Who, o casefile.Original) (ID, error) {
	return c.seal(ctx, who, File, o)
}

// SealList is Seal for what Stanch itself drew up, such as a list of accounts.
func (c *Custodian) SealList(ctx context.Context, who record.Who, o casefile.Original) (ID, error) {
	return c.seal(ctx, who, List, o)
}

func (c *Custodian) seal(ctx context.Context, who record.Who, class Class, o casefile.Original) (ID, error) {
	to, prints, err := c.recipients(ctx, who.Tenant)
	if err != nil {
		return "", fmt.Errorf("seal evidence: %w", err)
	}
	id := ID(uuid.Must(uuid.NewV7()).String())
	m := manifest{id, o.Case, class, o.Name, o.Size, c.Now().UTC(), o.Meta}
	body := Sealed{
		Case: string(o.Case), Class: class, Name: card.MaskText(o.Name), Size: o.Size, Recipients: prints, DestroyBy: c.destroyBy(),
	}
	write := func(w io.Writer) error { return encrypt(w, to, m, o, &body) }
	if err := c.take(ctx, who, id, &body, o, write); err != nil {
		return "", fmt.Errorf("seal evidence: %w", err)
	}
	return id, nil
}

func (c *Custodian) destroyBy() int64 {
	keep := c.Keep
	if keep == 0 {
		keep = defaultKeep
	}
	return c.Now().Add(keep).UnixMicro()
}

// take makes what write writes an exhibit: first its ciphertext, then its entry.
func (c *Custodian) take(ctx context.Context, who record.Who, id ID, body *Sealed, o casefile.Original, write func(io.Writer) error) error {
	c.incomings.RLock()
	defer c.incomings.RUnlock()
	if err := c.keep(who.Tenant, id, body, write); err != nil {
		return err
	}
	durable.Step("evidence.kept")
	if err := c.enter(ctx, who, id, *body, o); err != nil {
		return err // whether it was entered or not: Sweep looks
	}
	durable.Step("evidence.entered")
	_ = os.Remove(c.pending(who.Tenant, body.Cipher)) // Sweep takes it otherwise
	return nil
}

// enter records a seal whose ciphertext is on the disk.
func (c *Custodian) enter(ctx context.Context, who record.Who, id ID, body Sealed, o casefile.Original) error {
	err := c.Book.Update(ctx, who, func(ctx context.Context, tx record.Tx) error {
		if err := tx.Record(ctx, SubjectOf(id), body, record.About{Case: body.Case}); err != nil || o.Also == nil {
			return err
		}
		return o.Also(ctx, tx, id)
	})
	if err != nil {
		return fmt.Errorf("record seal: %w", err)
	}
	return nil
}

// recipients returns whom to encrypt to, and their fingerprints.
func (c *Custodian) recipients(ctx context.Context, t tenant.ID) ([]age.Recipient, []string, error) {
	identity, err := c.Identity(ctx, t)
	if err == nil && identity.Confirmed == 0 {
		err = ErrNoIdentity
	}
	if err != nil {
		return nil, nil, err
	}
	keys := []string{identity.Recipient}
	if c.Outside != nil {
		more, err := c.Outside(ctx, t)
		if err != nil {
			return nil, nil, err
		}
		keys = append(keys, more...)
	}
	var to []age.Recipient
	var prints []string
	for _, key := range keys {
		r, err := age.ParseX25519Recipient(key)
		if err != nil {
			return nil, nil, errors.New("read outside recipient: it is not an age public key (age1…)")
		}
		to, prints = append(to, r), append(prints, fingerprint(key))
	}
	return to, prints, nil
}

// CheckRecipient says whether a text is a public key that evidence can be
// sealed to, and returns its fingerprint.
func CheckRecipient(key string) (string, error) {
	if _, err := age.ParseX25519Recipient(key); err != nil {
		return "", errors.New("read recipient: it is not an age public key (age1…)")
	}
	return fingerprint(key), nil
}

// keep makes a blob durable under the digest of what write wrote, and fills in
// what is known of it then. It leaves word that the blob is not entered yet.
func (c *Custodian) keep(t tenant.ID, id ID, body *Sealed, write func(io.Writer) error) error {
	dir := c.incoming(t)
	if err := durable.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	if free, err := durable.FreeSpace(dir); err == nil && free < uint64(body.Size)+spare {
		return ErrNoSpace
	}
	path := filepath.Join(dir, string(id)+".age")
	f, err := durable.Create(path, 0o400)
	if err != nil {
		return err
	}
	defer f.Abort()
	out := &counter{w: f, h: sha256.New()}
	if err := write(out); err != nil {
		return err
	}
	if err := f.Commit(); err != nil {
		return err
	}
	body.Cipher, body.CipherSize = hex.EncodeToString(out.h.Sum(nil)), out.n
	final := c.blobPath(t, body.Cipher)
	if err := durable.MkdirAll(filepath.Dir(final), 0o700); err != nil {
		return err
	}
	if err := durable.WriteFile(c.pending(t, body.Cipher), nil, 0o600); err != nil {
		return err
	}
	return durable.Rename(path, final)
}

// encrypt streams manifest and content into an age file, and fills in the
// content's digest.
func encrypt(w io.Writer, to []age.Recipient, m manifest, o casefile.Original, body *Sealed) error {
	head, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return fmt.Errorf("encode manifest: %w", err)
	}
	enc, err := age.Encrypt(w, to...)
	if err != nil {
		return fmt.Errorf("encrypt: %w", err)
	}
	pack := tar.NewWriter(enc)
	if err := member(pack, manifestName, int64(len(head)), m.SealedAt); err != nil {
		return err
	}
	if _, err := pack.Write(head); err != nil {
		return fmt.Errorf("write manifest: %w", err)
	}
	if err := member(pack, contentName, o.Size, m.SealedAt); err != nil {
		return err
	}
	h := sha256.New()
	n, err := io.Copy(io.MultiWriter(pack, h), io.LimitReader(o.Content, o.Size))
	if err != nil {
		return fmt.Errorf("read original: %w", err)
	}
	body.SHA256 = hex.EncodeToString(h.Sum(nil))
	if n != o.Size || o.SHA256 != "" && o.SHA256 != body.SHA256 {
		return ErrChanged
	}
	return errors.Join(pack.Close(), enc.Close())
}

func member(pack *tar.Writer, name string, size int64, at time.Time) error {
	h := &tar.Header{Name: name, Mode: 0o400, Size: size, ModTime: at.Truncate(time.Second), Typeflag: tar.TypeReg}
	if err := pack.WriteHeader(h); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return nil
}

// A counter passes bytes on, counts and hashes them.
type counter struct {
	w io.Writer
	h hash.Hash
	n int64
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.h.Write(p[:n])
	c.n += int64(n)
	return n, err
}

func hashAll(r io.Reader) (string, error) {
	h := sha256.New()
	if _, err := io.Copy(h, r); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
