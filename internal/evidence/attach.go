package evidence

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/google/uuid"

	"github.com/stanch/stanch/card"
	"github.com/stanch/stanch/internal/casefile"
	"github.com/stanch/stanch/internal/record"
	"github.com/stanch/stanch/internal/tenant"
)

// MaxAttachment is how large an attachment may be.
const MaxAttachment = 32 << 20

// A HoldsCards says that an attachment holds card data, or could not be
// examined whole. AttachSealed takes it.
type HoldsCards struct{ Unexamined bool }

func (e *HoldsCards) Error() string {
	if e.Unexamined {
		return "attach file: it cannot be examined for card numbers; seal it as evidence instead"
	}
	return "attach file: it holds card data; seal it as evidence instead"
}

// Attach takes in a file that a person hands in, for people to read. One that
// holds card data, or cannot be examined, is refused with a *[HoldsCards].
func (c *Custodian) Attach(ctx context.Context, who record.Who, id casefile.ID, name string, r io.Reader) (ID, error) {
	content, err := readAttachment(r)
	if err != nil {
		return "", err
	}
	if c.Examiner == nil {
		return "", &HoldsCards{Unexamined: true}
	}
	holds, refused, err := c.Examiner.HoldsCardData(ctx, name, bytes.NewReader(content), int64(len(content)))
	switch {
	case err != nil:
		return "", fmt.Errorf("attach file: examine it: %w", err)
	case holds || card.HoldsPAN(name):
		return "", &HoldsCards{}
	case refused:
		return "", &HoldsCards{Unexamined: true}
	}
	exhibit := ID(uuid.Must(uuid.NewV7()).String())
	body := Sealed{
		Case: string(id), Class: Attachment, Name: name, Size: int64(len(content)), SHA256: sum(content), DestroyBy: c.destroyBy(), Recipients: []string{},
	}
	write := func(w io.Writer) error { _, err := w.Write(content); return err }
	if err := c.take(ctx, who, exhibit, &body, casefile.Original{}, write); err != nil {
		return "", fmt.Errorf("attach file: %w", err)
	}
	return exhibit, nil
}

// AttachSealed takes in a file that a person hands in, unseen: it is sealed to
// the case identity like anything found.
func (c *Custodian) AttachSealed(ctx context.Context, who record.Who, id casefile.ID, name string, r io.Reader) (ID, error) {
	content, err := readAttachment(r)
	if err != nil {
		return "", err
	}
	defer clear(content)
	return c.seal(ctx, who, Attachment, casefile.Original{Case: id, Name: name, Size: int64(len(content)), Content: bytes.NewReader(content)})
}

// Attached opens an attachment that was taken in to be read. It is [ErrNone]
// for anything sealed.
func (c *Custodian) Attached(ctx context.Context, t tenant.ID, id ID) (io.ReadCloser, *Exhibit, error) {
	x, err := c.kept(ctx, t, id)
	if err != nil {
		return nil, nil, err
	}
	if x.Class != Attachment || len(x.Recipients) > 0 {
		return nil, nil, ErrNone
	}
	f, err := os.Open(c.blobPath(t, x.Cipher))
	if err != nil {
		return nil, nil, ErrDamaged
	}
	return f, x, nil
}

func readAttachment(r io.Reader) ([]byte, error) {
	content, err := io.ReadAll(io.LimitReader(r, MaxAttachment+1))
	if err != nil {
		return nil, errors.New("attach file: it could not be read to its end")
	}
	if len(content) > MaxAttachment {
		return nil, fmt.Errorf("attach file: %w", ErrTooLarge)
	}
	return content, nil
}
