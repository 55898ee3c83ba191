package ledger

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

// A Checkpoint is the size and root of a tree, as a signed note says it
// (C2SP tlog-checkpoint).
type Checkpoint struct {
	Origin string // names the log: "stanch/" and the installation's id
	Size   int64  // number of leaves
	Root   Hash
}

// ErrCheckpoint says that a text is not a checkpoint.
var ErrCheckpoint = errors.New("text is not a checkpoint")

// ErrSignature says that no trusted key signed the checkpoint.
var ErrSignature = errors.New("checkpoint is not signed by this key")

// Text returns the three lines that are signed.
func (c Checkpoint) Text() string {
	return fmt.Sprintf("%s\n%d\n%s\n", c.Origin, c.Size, base64.StdEncoding.EncodeToString(c.Root[:]))
}

// Sign returns the checkpoint as a signed note.
func (c Checkpoint) Sign(key note.Signer) ([]byte, error) {
	msg, err := note.Sign(&note.Note{Text: c.Text()}, key)
	if err != nil {
		return nil, fmt.Errorf("sign checkpoint of size %d: %w", c.Size, err)
	}
	return msg, nil
}

// OpenCheckpoint checks the signature of a signed note by key and returns what
// it says. It returns [ErrSignature] or [ErrCheckpoint].
func OpenCheckpoint(msg []byte, key note.Verifier) (Checkpoint, error) {
	n, err := note.Open(msg, note.VerifierList(key))
	if err != nil {
		return Checkpoint{}, ErrSignature
	}
	return parseCheckpoint(n.Text)
}

func parseCheckpoint(text string) (Checkpoint, error) {
	lines := strings.SplitN(text, "\n", 4)
	if len(lines) < 4 {
		return Checkpoint{}, ErrCheckpoint
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	root, err2 := base64.StdEncoding.DecodeString(lines[2])
	if err != nil || err2 != nil || size < 0 || len(root) != sha256.Size {
		return Checkpoint{}, ErrCheckpoint
	}
	return Checkpoint{Origin: lines[0], Size: size, Root: Hash(root)}, nil
}

// GenerateKey makes an Ed25519 signing key for a log: the secret form for
// [note.NewSigner], and the public form for [note.NewVerifier].
func GenerateKey(origin string) (secret, public string, err error) {
	if secret, public, err = note.GenerateKey(rand.Reader, origin); err != nil {
		return "", "", fmt.Errorf("make ledger key: %w", err)
	}
	return secret, public, nil
}

// Fingerprint returns the first sixteen hex digits of the SHA-256 of a public
// key, in groups of four, for people to compare.
func Fingerprint(public string) string {
	sum := sha256.Sum256(bytes.TrimSpace([]byte(public)))
	digits := hex.EncodeToString(sum[:8])
	return digits[:4] + "-" + digits[4:8] + "-" + digits[8:12] + "-" + digits[12:]
}

// ReadCheckpoint returns what a signed note says without checking who signed
// it: for those who hold no key and pass it on.
func ReadCheckpoint(msg []byte) (Checkpoint, error) {
	text, _, ok := bytes.Cut(msg, []byte("\n\n"))
	if !ok {
		return Checkpoint{}, ErrCheckpoint
	}
	return parseCheckpoint(string(text) + "\n")
}
