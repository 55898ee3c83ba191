package evidence

import (
	"errors"
	"time"

	"github.com/stanch/stanch/internal/casefile"
	"github.com/stanch/stanch/ledger"
)

// An ID names an exhibit: a UUIDv7 in its usual text form.
type ID = casefile.ExhibitID

// Noun is the noun of exhibits in the ledger.
const Noun = "exhibit"

// SubjectOf returns an exhibit as a subject of entries.
func SubjectOf(id ID) ledger.Subject { return ledger.SubjectOf(Noun, string(id)) }

// A Class says what an exhibit is made of.
type Class string

// The classes of exhibits.
const (
	File       Class = "file"       // sealed from where it was found
	Attachment Class = "attachment" // handed in by a person; one that holds card data is sealed
	List       Class = "list"       // made by Stanch, such as the accounts at risk
)

// Errors that callers decide by.
var (
	ErrNone       = errors.New("no such exhibit")
	ErrDamaged    = errors.New("exhibit is not as it was sealed")
	ErrDestroyed  = errors.New("exhibit was destroyed")
	ErrTooEarly   = errors.New("exhibit has to be kept longer")
	ErrPassphrase = errors.New("passphrase is wrong")
	ErrMistyped   = errors.New("passphrase is mistyped: its last group does not fit the others")
	ErrNoIdentity = errors.New("there is no case identity yet; finish the first run")
	ErrIdentity   = errors.New("there is a case identity already")
	ErrOtherSheet = errors.New("another recovery sheet was made since; this one opens nothing")
	ErrChanged    = errors.New("the original changed while it was sealed")
	ErrTooLarge   = errors.New("attachment is too large")
	ErrOrder      = errors.New("entry does not fit the history")
)

// An Event is a hand laid on an exhibit.
type Event struct {
	What string `json:"what"` // sealed, verified, damaged, opened, exported, restored, destroyed
	By   string `json:"by"`   // account id
	At   int64  `json:"at"`   // Unix microseconds; of several verifications in a row by one person, the last
	Why  string `json:"why,omitempty"`
}

// An Exhibit is one sealed thing and who had a hand in it. It holds nothing of
// the content and no name that was not masked.
type Exhibit struct {
	ID         ID       `json:"id"`
	Case       string   `json:"case"`
	Class      Class    `json:"class"`
	Name       string   `json:"name"`   // card numbers in it masked
	SHA256     string   `json:"sha256"` // of the plaintext, hex
	Size       int64    `json:"size"`
	Cipher     string   `json:"cipher"` // SHA-256 of the ciphertext, hex: its name in the folder
	CipherSize int64    `json:"cipher_size"`
	Recipients []string `json:"recipients"` // fingerprints of the keys that can open it; none: not encrypted
	SealedAt   int64    `json:"sealed_at"`
	DestroyBy  int64    `json:"destroy_by"` // Unix microseconds
	Destroyed  int64    `json:"destroyed,omitempty"`
	Events     []Event  `json:"events"`
}

// Due returns when the exhibit is to be destroyed.
func (x *Exhibit) Due() time.Time { return time.UnixMicro(x.DestroyBy).UTC() }

// Sealed is the body of the entry that begins an exhibit.
type Sealed struct {
	Case       string   `json:"case"`
	Class      Class    `json:"class"`
	Name       string   `json:"name"`
	SHA256     string   `json:"sha256"`
	Size       int64    `json:"size"`
	Cipher     string   `json:"cipher"`
	CipherSize int64    `json:"cipher_size"`
	Recipients []string `json:"recipients"`
	DestroyBy  int64    `json:"destroy_by"`
}

// Kind returns "exhibit.sealed".
func (Sealed) Kind() string { return "exhibit.sealed" }

// Handled is the body of an entry for a later event of custody.
type Handled struct {
	What string `json:"what"`
	Why  string `json:"why,omitempty"`
}

// Kind returns "exhibit.handled".
func (Handled) Kind() string { return "exhibit.handled" }

// Destroyed is the body of an entry for an exhibit whose ciphertext is taken
// away.
type Destroyed struct {
	Why string `json:"why"`
}

// Kind returns "exhibit.destroyed".
func (Destroyed) Kind() string { return "exhibit.destroyed" }

// Apply folds an entry into the exhibit.
func (x *Exhibit) Apply(e ledger.Entry) error {
	if (x.ID == "") != (e.Kind == Sealed{}.Kind()) {
		return ErrOrder
	}
	at := e.At.UnixMicro()
	switch e.Kind {
	case Sealed{}.Kind():
		var b Sealed
		err := e.Decode(&b)
		*x = Exhibit{
			ID: ID(e.Subject.ID()), Case: b.Case, Class: b.Class, Name: b.Name, SHA256: b.SHA256, Size: b.Size, Cipher: b.Cipher,
			CipherSize: b.CipherSize, Recipients: b.Recipients, SealedAt: at, DestroyBy: b.DestroyBy,
			Events: []Event{{"sealed", e.Actor, at, ""}},
		}
		return err
	case Handled{}.Kind():
		var b Handled
		err := e.Decode(&b)
		x.handle(Event{b.What, e.Actor, at, b.Why})
		return err
	case Destroyed{}.Kind():
		var b Destroyed
		err := e.Decode(&b)
		x.Destroyed = at
		x.handle(Event{"destroyed", e.Actor, at, b.Why})
		return err
	}
	return ErrOrder
}

// handle adds an event. A verification that follows one by the same person
// takes its place, so that a daily check does not make the row grow.
func (x *Exhibit) handle(event Event) {
	if last := len(x.Events) - 1; event.What == "verified" && x.Events[last].What == "verified" && x.Events[last].By == event.By {
		x.Events[last] = event
		return
	}
	x.Events = append(x.Events, event)
}
