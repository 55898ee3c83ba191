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

	"filippo.io/age"

	"github.com/stanch/stanch/internal/casefile"
	"github.com/stanch/stanch/internal/record"
)

// maxManifest bounds what is read into memory of a sealed manifest.
const maxManifest = 4 << 20

// Open decrypts an exhibit for use, and records who and why before the first
// byte. Content ends with an error instead of io.EOF if it is not as it was
// sealed; only at its end is that known. Name and Meta are as they were, not
// masked. Open returns what use returns.
func (c *Custodian) Open(ctx context.Context, who record.Who, id ID, passphrase, why string, use func(casefile.Original) error) error {
	return c.open(ctx, who, id, passphrase, Handled{"opened", why}, use)
}

// Restore is Open for what is to be put back where it was.
func (c *Custodian) Restore(ctx context.Context, who record.Who, id ID, passphrase, why string, use func(casefile.Original) error) error {
	return c.open(ctx, who, id, passphrase, Handled{"restored", why}, use)
}

func (c *Custodian) open(ctx context.Context, who record.Who, id ID, passphrase string, event Handled, use func(casefile.Original) error) error {
	if err := casefile.CleanText(event.Why); err != nil {
		return fmt.Errorf("open exhibit: %w", err)
	}
	x, err := c.kept(ctx, who.Tenant, id)
	if err != nil {
		return fmt.Errorf("open exhibit %s: %w", id, err)
	}
	key, err := c.unwrap(ctx, who.Tenant, passphrase)
	if err != nil {
		return fmt.Errorf("open exhibit %s: %w", id, err)
	}
	f, err := os.Open(c.blobPath(who.Tenant, x.Cipher))
	if err != nil {
		return fmt.Errorf("open exhibit %s: %w", id, ErrDamaged)
	}
	defer f.Close()
	if err := c.record(ctx, who, x, event); err != nil {
		return err
	}
	if err := decrypt(f, key, x, use); err != nil {
		return fmt.Errorf("open exhibit %s: %w", id, err)
	}
	return nil
}

// decrypt passes what an exhibit's ciphertext holds to use.
func decrypt(r io.Reader, key age.Identity, x *Exhibit, use func(casefile.Original) error) error {
	plain, err := age.Decrypt(r, key)
	if err != nil {
		return ErrDamaged
	}
	pack := tar.NewReader(plain)
	head, err := pack.Next()
	if err != nil || head.Name != manifestName || head.Size > maxManifest {
		return ErrDamaged
	}
	var m manifest
	raw, err := io.ReadAll(io.LimitReader(pack, maxManifest))
	if err != nil || json.Unmarshal(raw, &m) != nil || m.Exhibit != x.ID {
		return ErrDamaged
	}
	head, err = pack.Next()
	if err != nil || head.Name != contentName || head.Size != x.Size {
		return ErrDamaged
	}
	content := &checked{r: pack, h: sha256.New(), want: x.SHA256}
	return use(casefile.Original{Case: m.Case, Name: m.Name, Size: x.Size, SHA256: x.SHA256, Meta: m.Original, Content: content})
}

// A checked reader ends with [ErrDamaged] if what it read is not what was
// sealed.
type checked struct {
	r    io.Reader
	h    hash.Hash
	want string
}

func (c *checked) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.h.Write(p[:n])
	switch {
	case errors.Is(err, io.EOF) && hex.EncodeToString(c.h.Sum(nil)) != c.want:
		return n, ErrDamaged
	case err != nil && !errors.Is(err, io.EOF):
		return n, ErrDamaged
	}
	return n, err
}
