// Package ledger is an append-only log whose history anyone can check without
// trusting who keeps it.
//
// In go entries: what changed, on what subject, by whom, when. Out come
// leaves, a Merkle tree (RFC 6962 hashing, as golang.org/x/mod/sumdb/tlog
// does it), signed checkpoints in the C2SP tlog-checkpoint form, proofs, and a
// verdict. A leaf is a salted commitment, so the tree holds hashes only and a
// payload can be erased without breaking it. The package never opens a
// database or a file, and never decides what a change means.
package ledger

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/gowebpki/jcs"
)

// SaltSize is the length of a leaf's salt in bytes.
const SaltSize = 32

// A Hash is a SHA-256 value: a leaf's commitment or a node of the tree.
type Hash = [sha256.Size]byte

// A Body is what one kind of change says. Kind is "noun.verb" in the past
// tense, such as "case.opened"; it is part of what is signed, so it is never
// renamed once released. Bodies name people by account id, never by name,
// unless the body can be erased.
type Body interface{ Kind() string }

// A Subject is the thing an entry changed: its noun and its id, "case:0198…".
type Subject string

// SubjectOf names the thing with this noun and id.
func SubjectOf(noun, id string) Subject { return Subject(noun + ":" + id) }

// Noun returns the part before the colon.
func (s Subject) Noun() string { noun, _, _ := strings.Cut(string(s), ":"); return noun }

// ID returns the part after the colon.
func (s Subject) ID() string { _, id, _ := strings.Cut(string(s), ":"); return id }

// An Entry is one recorded change.
type Entry struct {
	Index    int64           // position in the log, from 0; not part of the payload
	Tenant   string          // whose thing it is
	Kind     string          // what happened
	Subject  Subject         // to what
	Case     string          // id of the case it belongs to, or empty
	Actor    string          // account id, or "system"
	At       time.Time       // when it was recorded, UTC, microseconds
	Happened time.Time       // when it happened in the world, if a person said so; else zero
	Body     json.RawMessage // canonical JSON of the kind's body
	Salt     []byte          // SaltSize random bytes; nil once erased
	Leaf     Hash            // SHA-256(salt ‖ payload)
	ErasedBy int64           // index of the entry that erased this payload; 0 if none did
}

// payload is the signed form of an entry, encoded by RFC 8785.
type payload struct {
	Actor    string          `json:"actor"`
	At       int64           `json:"at"` // Unix microseconds
	Body     json.RawMessage `json:"body"`
	Case     string          `json:"case,omitempty"`
	Happened int64           `json:"happened,omitempty"` // Unix microseconds
	Kind     string          `json:"kind"`
	Subject  Subject         `json:"subject"`
	Tenant   string          `json:"tenant"`
}

// ErrPayload says that a stored payload is not one this package wrote.
var ErrPayload = errors.New("payload is not a ledger payload")

// ErrNumber says that a body holds a whole number beyond 2^53, which RFC 8785
// would round: what is read back would not be what was written.
var ErrNumber = errors.New("entry holds a number that JSON does not keep")

// longNumber reports whether JSON holds a whole number of more than fifteen
// digits that is beyond 2^53.
func longNumber(body []byte) bool {
	const most = 1 << 53
	inText := false
	for i := 0; i < len(body); i++ {
		c := body[i]
		switch {
		case inText && c == '\\':
			i++
		case c == '"':
			inText = !inText
		case !inText && c >= '0' && c <= '9':
			from := i
			for i < len(body) && bytes.IndexByte([]byte("0123456789.eE+-"), body[i]) >= 0 {
				i++
			}
			if number := body[from:i]; len(number) > 15 && !bytes.ContainsAny(number, ".eE") {
				if n, err := strconv.ParseUint(string(number), 10, 64); err != nil || n > most {
					return true
				}
			}
			i--
		}
	}
	return false
}

// Seal fills in e's salt and leaf from its other fields and returns the
// payload to store. It fails only if the system has no random bytes or the
// body is not JSON, or holds a number that JSON does not keep ([ErrNumber]).
func (e *Entry) Seal() ([]byte, error) {
	if longNumber(e.Body) {
		return nil, fmt.Errorf("encode entry %s: %w", e.Kind, ErrNumber)
	}
	body, err := json.Marshal(payload{
		Actor: e.Actor, At: e.At.UnixMicro(), Body: e.Body, Case: e.Case, Happened: micros(e.Happened),
		Kind: e.Kind, Subject: e.Subject, Tenant: e.Tenant,
	})
	if err != nil {
		return nil, fmt.Errorf("encode entry %s: %w", e.Kind, err)
	}
	if body, err = jcs.Transform(body); err != nil {
		return nil, fmt.Errorf("encode entry %s: %w", e.Kind, err)
	}
	e.Salt = make([]byte, SaltSize)
	if _, err := rand.Read(e.Salt); err != nil {
		return nil, fmt.Errorf("salt entry: %w", err)
	}
	e.Leaf = Commit(e.Salt, body)
	return body, nil
}

// Commit returns SHA-256(salt ‖ payload), the leaf of an entry.
func Commit(salt, payload []byte) Hash {
	h := sha256.New()
	h.Write(salt)
	h.Write(payload)
	return Hash(h.Sum(nil))
}

// Open fills in e from a stored payload; Index, Salt, Leaf and ErasedBy are
// the caller's. It returns [ErrPayload] without quoting the bytes.
func (e *Entry) Open(stored []byte) error {
	var p payload
	if err := json.Unmarshal(stored, &p); err != nil {
		return ErrPayload
	}
	e.Tenant, e.Kind, e.Subject, e.Case, e.Actor, e.Body = p.Tenant, p.Kind, p.Subject, p.Case, p.Actor, p.Body
	e.At, e.Happened = time.UnixMicro(p.At).UTC(), time.Time{}
	if p.Happened != 0 {
		e.Happened = time.UnixMicro(p.Happened).UTC()
	}
	return nil
}

// Matches reports whether salt and payload are what the leaf commits to.
func (e *Entry) Matches(salt, payload []byte) bool {
	leaf := Commit(salt, payload)
	return subtle.ConstantTimeCompare(leaf[:], e.Leaf[:]) == 1
}

// Decode reads the entry's body into body, which must be of the entry's kind.
func (e *Entry) Decode(body any) error {
	if err := json.Unmarshal(e.Body, body); err != nil {
		return fmt.Errorf("read body of entry %d (%s): %w", e.Index, e.Kind, ErrPayload)
	}
	return nil
}

// Erased is the body of the entry that takes payloads away. Items are the
// parts of the subject that held what was erased, by their own ids.
type Erased struct {
	Entries []int64  `json:"entries"`
	Items   []string `json:"items,omitempty"`
	Reason  string   `json:"reason"`
}

// Kind returns "ledger.erased".
func (Erased) Kind() string { return "ledger.erased" }

func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}
