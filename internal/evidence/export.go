package evidence

import (
	"archive/tar"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/stanch/stanch/internal/casefile"
	"github.com/stanch/stanch/internal/record"
	"github.com/stanch/stanch/ledger"
)

// The members of an export, in order.
const (
	exportExhibit    = "exhibit.json"
	exportCheckpoint = "checkpoint.txt"
	exportEntries    = "entries.json"
	exportContent    = "sealed.age"
)

// maxExportPart bounds what a check of an export reads into memory at once.
const maxExportPart = 64 << 20

// Export writes the exhibit for somebody else: a tar of the exhibit, its
// entries with the ledger's proofs, the signed checkpoint and the ciphertext.
// It needs no key, but a person who has the recovery passphrase: evidence
// leaves the house by it. The export itself is entered before the first byte,
// and only damage to the ciphertext can end it after that.
func (c *Custodian) Export(ctx context.Context, who record.Who, id ID, passphrase, why string, w io.Writer) error {
	if err := casefile.CleanText(why); err != nil {
		return fmt.Errorf("export exhibit: %w", err)
	}
	x, err := c.kept(ctx, who.Tenant, id)
	if err != nil {
		return fmt.Errorf("export exhibit %s: %w", id, err)
	}
	if err := c.CheckPassphrase(ctx, who.Tenant, passphrase); err != nil {
		return fmt.Errorf("export exhibit %s: %w", id, err)
	}
	f, err := os.Open(c.blobPath(who.Tenant, x.Cipher))
	if err != nil {
		return fmt.Errorf("export exhibit %s: %w", id, ErrDamaged)
	}
	defer f.Close()
	if err := c.record(ctx, who, x, Handled{"exported", why}); err != nil {
		return err
	}
	if x, err = c.Exhibit(ctx, who.Tenant, id); err != nil {
		return err
	}
	history, err := c.Store.History(ctx, who.Tenant, id)
	if err != nil {
		return fmt.Errorf("export exhibit %s: %w", id, err)
	}
	return export(w, x, history, f, c.Now().UTC())
}

func export(w io.Writer, x *Exhibit, history History, sealed io.Reader, at time.Time) error {
	about, err := json.MarshalIndent(x, "", "  ")
	if err != nil {
		return fmt.Errorf("encode exhibit: %w", err)
	}
	entries, err := json.MarshalIndent(history.Entries, "", "  ")
	if err != nil {
		return fmt.Errorf("encode entries: %w", err)
	}
	pack := tar.NewWriter(w)
	parts := []struct {
		name string
		body []byte
	}{{exportExhibit, about}, {exportCheckpoint, history.Checkpoint}, {exportEntries, entries}}
	for _, part := range parts {
		if err := member(pack, part.name, int64(len(part.body)), at); err != nil {
			return err
		}
		if _, err := pack.Write(part.body); err != nil {
			return fmt.Errorf("write export: %w", err)
		}
	}
	if err := member(pack, exportContent, x.CipherSize, at); err != nil {
		return err
	}
	if n, err := io.Copy(pack, io.LimitReader(sealed, x.CipherSize)); err != nil || n != x.CipherSize {
		return fmt.Errorf("write export: %w", ErrDamaged)
	}
	return pack.Close()
}

// ErrUnreadable says that a file is no export at all.
var ErrUnreadable = errors.New("file is not an export of an exhibit")

// CheckExport reads an export and checks, with nothing but the ledger's public
// key, that its ciphertext is the one that was sealed and that every entry
// about it stands in the signed ledger. It returns the exhibit as its entries
// say. The error is [ErrUnreadable], or wraps [ErrDamaged] and says what is
// not intact.
func CheckExport(r io.Reader, key note.Verifier) (*Exhibit, error) {
	pack := tar.NewReader(r)
	parts := map[string][]byte{}
	for _, name := range []string{exportExhibit, exportCheckpoint, exportEntries} {
		body, err := part(pack, name)
		if err != nil {
			return nil, err
		}
		parts[name] = body
	}
	var history History
	if err := json.Unmarshal(parts[exportEntries], &history.Entries); err != nil || len(history.Entries) == 0 {
		return nil, ErrUnreadable
	}
	checkpoint, err := ledger.OpenCheckpoint(parts[exportCheckpoint], key)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	x := &Exhibit{}
	for _, p := range history.Entries {
		if err := p.check(checkpoint, x); err != nil {
			return nil, err
		}
	}
	told := &Exhibit{}
	if err := json.Unmarshal(parts[exportExhibit], told); err != nil {
		return nil, ErrUnreadable
	}
	if a, b := encoded(x), encoded(told); !bytes.Equal(a, b) {
		return x, fmt.Errorf("%w: exhibit.json does not say what the entries say", ErrDamaged)
	}
	head, err := pack.Next()
	if err != nil || head.Name != exportContent {
		return x, ErrUnreadable
	}
	if got, err := hashAll(pack); err != nil || got != x.Cipher {
		return x, fmt.Errorf("%w: the ciphertext is not the one that was sealed", ErrDamaged)
	}
	return x, nil
}

func part(pack *tar.Reader, name string) ([]byte, error) {
	head, err := pack.Next()
	if err != nil || head.Name != name || head.Size > maxExportPart {
		return nil, ErrUnreadable
	}
	body, err := io.ReadAll(pack)
	if err != nil {
		return nil, ErrUnreadable
	}
	return body, nil
}

// check proves the entry and folds it into x.
func (p *Proved) check(checkpoint ledger.Checkpoint, x *Exhibit) error {
	e := ledger.Entry{Index: p.Index, Salt: p.Salt}
	if len(p.Leaf) != len(e.Leaf) {
		return ErrUnreadable
	}
	e.Leaf = ledger.Hash(p.Leaf)
	proof := make(tlog.RecordProof, len(p.Proof))
	for i, h := range p.Proof {
		if len(h) != len(proof[i]) {
			return ErrUnreadable
		}
		proof[i] = tlog.Hash(h)
	}
	if !ledger.CheckProof(proof, checkpoint, p.Index, e.Leaf) {
		return fmt.Errorf("%w: entry %d is not in the signed ledger", ErrDamaged, p.Index)
	}
	if p.Payload == nil {
		return nil // erased, by an entry of its own
	}
	if !e.Matches(p.Salt, p.Payload) || e.Open(p.Payload) != nil {
		return fmt.Errorf("%w: entry %d does not match its leaf", ErrDamaged, p.Index)
	}
	if x.ID != "" && e.Subject != SubjectOf(x.ID) || x.Apply(e) != nil {
		return fmt.Errorf("%w: entry %d does not fit the exhibit", ErrDamaged, p.Index)
	}
	return nil
}

func encoded(x *Exhibit) []byte {
	raw, err := json.Marshal(x)
	if err != nil {
		return nil
	}
	return raw
}
