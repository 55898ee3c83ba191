package carrier

import (
	"context"
	"io"

	"github.com/stanch/stanch/scan"
)

// An Input is one file, stream or object to examine. The caller keeps R open
// until Examine returns.
type Input struct {
	Name string      // shown in Path; its last element is scanned too
	R    io.ReaderAt // read within Size only, mostly forwards
	Size int64       // in bytes; negative if it is not known before the end
}

// A Match is one occurrence of card data inside an input. The Digits of the
// embedded match are valid during the call it is passed to, and no longer.
type Match struct {
	scan.Match
	Path     string   // "!" between container and member; card numbers in it are masked
	Encoding []string // from outside in, within the innermost member; nil for plain bytes
}

// Options say how far an examination may go.
type Options struct {
	// Budget bounds the whole examination, all members together.
	Budget Budget
	// Start resumes a text that was read before: Offset is a byte offset into
	// the input. It is ignored for containers, which are read whole.
	Start scan.Position
	// Scan is passed on to the scanner; its Start is not used.
	Scan scan.Options
	// Plain looks only for numbers that stand as digits in the text of the input
	// and of what is packed in it, which is several times as fast: not for odd
	// writings, runs of base64 or hexadecimal, or payment structures.
	Plain bool
	// Registry lists the decoders; nil means Builtin.
	Registry *Registry
	// Apart examines a container that came to light inside plain bytes, with a
	// budget of its own. Nil means that containers are parsed where they are met.
	Apart func(ctx context.Context, in Input, budget Budget, emit func(*Match)) (Report, error)
}

// A Budget bounds what one input may cost. A zero field takes its value from
// DefaultBudget; time is bounded by the context's deadline.
type Budget struct {
	Depth   int   // containers inside containers
	Bytes   int64 // unpacked bytes in total
	Ratio   int64 // unpacked bytes for each byte of input, past the first 64 MiB
	Members int64 // members in total
	Buffer  int64 // bytes of nested archives held in memory at once
}

// DefaultBudget is generous to real backups and ends an archive bomb within
// seconds.
func DefaultBudget() Budget {
	return Budget{Depth: 16, Bytes: 16 << 30, Ratio: 200, Members: 1_000_000, Buffer: 192 << 20}
}

// filled returns b with zero fields replaced by their defaults.
func (b Budget) filled() Budget {
	d := DefaultBudget()
	if b.Depth > 0 {
		d.Depth = b.Depth
	}
	if b.Bytes > 0 {
		d.Bytes = b.Bytes
	}
	if b.Ratio > 0 {
		d.Ratio = b.Ratio
	}
	if b.Members > 0 {
		d.Members = b.Members
	}
	if b.Buffer > 0 {
		d.Buffer = b.Buffer
	}
	return d
}
