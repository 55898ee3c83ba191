package containment

import (
	"context"
	"encoding/json"
	"io"
	"os"
)

// An Actuator looks at and acts on targets of one kind. It checks each time
// that a target is the one meant, through the descriptor that it acts by. Its
// errors are a *[Fault] where the target is the reason.
type Actuator interface {
	// Inspect finds the file at a place and returns what it is. It changes
	// nothing. With a mode it refuses what that mode must not touch.
	Inspect(ctx context.Context, at Where, mode Mode) (Inspection, error)
	// Capture passes the file's metadata, length and content to take, and
	// checks afterwards that take was given what the fingerprint says.
	Capture(ctx context.Context, at Where, want Fingerprint, take func(meta json.RawMessage, size int64, content io.Reader) error) error
	// Remove takes every listed name of the file away.
	Remove(ctx context.Context, at Where, want Fingerprint, o Options) error
	// Prepare writes a masked copy beside the file, under a private name, and
	// returns what it is. The file itself stays as it is.
	Prepare(ctx context.Context, at Where, want Fingerprint, o Options) (Fingerprint, error)
	// Swap puts the prepared copy under every listed name of the file.
	Swap(ctx context.Context, at Where, want, copy Fingerprint, o Options) error
	// Restore puts content back as the metadata says, and returns the masked
	// name it was given if that is not its own. Present is what Mask left, nil
	// after Remove. Nothing newer is overwritten. A second call after a crash
	// finishes the first.
	Restore(ctx context.Context, r Restoration) (beside string, err error)
	// Settle puts back whatever is left under a private name, so that the
	// target is as it was, where it is not yet as the action leaves it.
	Settle(ctx context.Context, at Where, want Fingerprint, o Options) error
	// Same reports whether the file at a place still is the one fingerprinted,
	// without reading it.
	Same(ctx context.Context, at Where, want Fingerprint) (bool, error)
}

// Where is the place of a target: a watch root and the path under it, as they
// are shown.
type Where struct{ Root, Path string }

// Options are how to act on one target.
type Options struct {
	Mark    string       // names the plan and the target in private file names
	Writers bool         // go on although a process has it open for writing
	Again   bool         // the same was begun before and cut off: finish it
	Copy    *Fingerprint // the masked copy, for Settle
}

// An Inspection is what an actuator saw.
type Inspection struct {
	Print   Fingerprint
	Holders []Holder
	Unseen  int // processes that could not be looked into
	Advice  *Advice
}

// A Restoration is what Restore needs.
type Restoration struct {
	At      Where
	SHA256  string // that the content must have
	Meta    json.RawMessage
	Content io.Reader
	Present *Fingerprint
	Mark    string
	// Made is called with the file once it is whole and before it has its name,
	// so that whoever watches the folder knows it at sight. It may be nil, and
	// may be called again when a restoration is finished that was cut off.
	Made func(file *os.File) error
}

// A Fault is why a target was not acted on. Its word is one of this package's.
type Fault struct {
	Word  string
	Path  string // masked
	Cause error  // what the system said, where the word does not; for the log alone
}

func (f *Fault) Error() string { return "act on " + f.Path + ": " + f.Word }
