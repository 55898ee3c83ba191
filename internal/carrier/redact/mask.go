package redact

import (
	"context"
	"errors"
	"io"

	"github.com/stanch/stanch/internal/carrier"
)

// maxPasses is how often a file is looked through until nothing more is found.
const maxPasses = 5

// Why a file cannot be masked.
var (
	ErrKind     = errors.New("mask file: not a text or a document that can be masked")
	ErrTooMany  = errors.New("mask file: too many numbers")
	ErrTooLarge = errors.New("mask file: too large")
	ErrRemains  = errors.New("mask file: a number remains")
)

// Options say how a file is looked through.
type Options struct {
	// Apart examines containers in another process; nil means in this one.
	Apart func(ctx context.Context, in carrier.Input, budget carrier.Budget, emit func(*carrier.Match)) (carrier.Report, error)
}

// A Copy is a masked file.
type Copy interface {
	io.ReaderAt
	Size() int64
}

// Mask returns the masked form of a file. R must stay open and unchanged as
// long as the copy is read. The error is one of this package's, or that of r
// or ctx.
func Mask(ctx context.Context, r io.ReaderAt, size int64, o Options) (Copy, error) {
	head := make([]byte, min(size, carrier.HeadSize))
	defer clear(head)
	if _, err := r.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	switch carrier.Sniff(head, "").String() {
	case "plain":
		return maskText(ctx, &text{r: r, size: size}, o)
	case "utf16le":
		return maskText(ctx, &text{r: r, size: size, unit: 2}, o)
	case "utf16be":
		return maskText(ctx, &text{r: r, size: size, unit: 2, big: true}, o)
	case "zip":
		return maskDocument(ctx, r, size, o)
	}
	return nil, ErrKind
}

// find looks through bytes and returns the pieces to be masked that lie in
// them, and how many lie where no piece can be told.
func find(ctx context.Context, r io.ReaderAt, size int64, o Options) (found []span, inside int, err error) {
	tooMany := false
	in := carrier.Input{R: r, Size: size}
	report, err := carrier.Examine(ctx, in, carrier.Options{Apart: o.Apart}, func(m *carrier.Match) {
		switch all := spansOf(m); {
		case m.Path != "":
			inside += len(all)
		case len(found)+len(all) > maxSpans:
			tooMany = true
		default:
			found = append(found, all...)
		}
	})
	switch {
	case err != nil:
		return nil, 0, err
	case tooMany:
		return nil, 0, ErrTooMany
	case ctx.Err() != nil:
		return nil, 0, ctx.Err()
	case report.Causes[carrier.OverBudget] > 0:
		return nil, 0, ErrTooLarge
	case report.Refused > report.Causes[carrier.Picture]:
		return nil, 0, ErrKind // nobody can say that nothing remains
	}
	return found, inside, nil
}
