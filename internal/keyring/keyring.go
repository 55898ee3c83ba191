// Package keyring keeps the secrets of an installation in a folder apart from
// its data: the key that tokenises card numbers and the key that signs the
// ledger. In goes a folder, out come a tokenizer and a signer. It never prints
// a key, never writes one over another, and makes new keys only when told.
package keyring

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"github.com/stanch/stanch/card"
	"github.com/stanch/stanch/internal/durable"
	"github.com/stanch/stanch/ledger"
)

// ErrNoKey says that the folder holds no key of the kind asked for.
var ErrNoKey = errors.New("key is missing")

// ErrExists says that a folder already holds keys.
var ErrExists = errors.New("keys exist already")

const (
	tokenFile  = "token.key"  // key id, space, 32 bytes in hex
	ledgerFile = "ledger.key" // secret note key
	publicFile = "ledger.pub" // public note key
)

// A Ring holds the keys of one installation.
type Ring struct {
	Dir       string
	Tokenizer *card.Tokenizer
	Signer    note.Signer
	Verifier  note.Verifier
	Public    string // the verifier's key in its printed form
}

// Open reads the keys in dir. It returns an error that wraps [ErrNoKey] and
// names the file if one is missing.
func Open(dir string) (*Ring, error) {
	tokenizer, err := Tokenizer(dir)
	if err != nil {
		return nil, err
	}
	secret, err := read(dir, ledgerFile)
	if err != nil {
		return nil, err
	}
	public, err := read(dir, publicFile)
	if err != nil {
		return nil, err
	}
	signer, err := note.NewSigner(secret)
	if err != nil {
		return nil, fmt.Errorf("read %s: not a ledger key", filepath.Join(dir, ledgerFile))
	}
	verifier, err := note.NewVerifier(public)
	if err != nil || verifier.KeyHash() != signer.KeyHash() {
		return nil, fmt.Errorf("read %s: does not belong to %s", filepath.Join(dir, publicFile), ledgerFile)
	}
	return &Ring{Dir: dir, Tokenizer: tokenizer, Signer: signer, Verifier: verifier, Public: public}, nil
}

// Create makes new keys in dir, which it makes if need be. Origin names the
// ledger. It returns [ErrExists] if dir holds any key.
func Create(dir, origin string) (*Ring, error) {
	if Present(dir) {
		return nil, fmt.Errorf("make keys in %s: %w", dir, ErrExists)
	}
	return Ensure(dir, origin)
}

// Ensure makes those keys that dir does not hold yet. It is for an
// installation whose first start was cut off: no ledger exists that the old
// keys could belong to.
func Ensure(dir, origin string) (*Ring, error) {
	if err := durable.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make keys folder: %w", err)
	}
	if !holds(dir, tokenFile) {
		text, err := newToken()
		if err != nil {
			return nil, err
		}
		if err := write(dir, tokenFile, text); err != nil {
			return nil, err
		}
	}
	if !holds(dir, ledgerFile) || !holds(dir, publicFile) {
		secret, public, err := ledger.GenerateKey(origin)
		if err != nil {
			return nil, err
		}
		if err := errors.Join(write(dir, publicFile, public), write(dir, ledgerFile, secret)); err != nil {
			return nil, err
		}
	}
	return Open(dir)
}

func newToken() (string, error) {
	token := make([]byte, 32)
	if _, err := rand.Read(token); err != nil {
		return "", fmt.Errorf("make token key: %w", err)
	}
	id := sha256.Sum256(token)
	return "k" + hex.EncodeToString(id[:3]) + " " + hex.EncodeToString(token), nil
}

func write(dir, name, text string) error {
	if err := durable.WriteFile(filepath.Join(dir, name), []byte(text+"\n"), 0o400); err != nil {
		return fmt.Errorf("write key: %w", err)
	}
	return nil
}

func holds(dir, name string) bool {
	_, err := os.Lstat(filepath.Join(dir, name))
	return err == nil
}

// Present reports whether dir holds any key at all.
func Present(dir string) bool {
	for _, name := range []string{tokenFile, ledgerFile, publicFile} {
		if holds(dir, name) {
			return true
		}
	}
	return false
}

// Tokenizer reads the token key in dir alone, for a one-shot scan.
func Tokenizer(dir string) (*card.Tokenizer, error) {
	text, err := read(dir, tokenFile)
	if err != nil {
		return nil, err
	}
	id, digits, ok := strings.Cut(text, " ")
	key, err := hex.DecodeString(digits)
	if !ok || err != nil {
		return nil, fmt.Errorf("read %s: not a token key", filepath.Join(dir, tokenFile))
	}
	return card.NewTokenizer(id, key)
}

// Public reads the ledger's public key in dir.
func Public(dir string) (string, error) { return read(dir, publicFile) }

func read(dir, name string) (string, error) {
	path := filepath.Join(dir, name)
	text, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", fmt.Errorf("read %s: %w; restore it from your backup of the keys folder, or name the folder with --keys", path, ErrNoKey)
	case err != nil:
		return "", fmt.Errorf("read key: %w", err)
	}
	return strings.TrimSpace(string(text)), nil
}

// DefaultData returns the folder that holds an installation's data when none
// is named.
func DefaultData() (string, error) {
	if dir := os.Getenv("XDG_DATA_HOME"); dir != "" && filepath.IsAbs(dir) {
		return filepath.Join(dir, "stanch"), nil
	}
	if runtime.GOOS == "linux" {
		home, err := os.UserHomeDir()
		return filepath.Join(home, ".local", "share", "stanch"), err
	}
	dir, err := os.UserConfigDir()
	return filepath.Join(dir, "stanch-data"), err
}

// DefaultDir returns the keys folder of the installation whose data is in
// data: below the user's configuration, apart from the data, with a name made
// from the data folder's so that two installations never share keys.
func DefaultDir(data string) (string, error) {
	whole, err := filepath.Abs(data)
	if err != nil {
		return "", fmt.Errorf("find keys folder: %w", err)
	}
	config, err := os.UserConfigDir()
	if err != nil {
		return "", fmt.Errorf("find keys folder: %w; name one with --keys", err)
	}
	sum := sha256.Sum256([]byte(whole))
	name := strings.ToLower(base32.StdEncoding.EncodeToString(sum[:5]))
	return filepath.Join(config, "stanch", "keys", filepath.Base(whole)+"-"+name), nil
}
