package access

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
)

// A Cost is how hard a password hash is to compute.
type Cost struct {
	Memory  uint32 // KiB
	Passes  uint32
	Threads uint8
}

// DefaultCost takes about a fifth of a second on two cores.
var DefaultCost = Cost{Memory: 64 << 10, Passes: 3, Threads: 2}

// errHash says that a stored hash is not one of ours.
var errHash = errors.New("stored password hash is damaged")

const (
	saltSize = 16
	keySize  = 32
)

// A passwordHash is an argon2id hash with what it was made with.
type passwordHash struct {
	cost Cost
	salt []byte
	key  []byte
}

// String returns the hash in the usual text form.
func (h passwordHash) String() string {
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, h.cost.Memory, h.cost.Passes, h.cost.Threads,
		b64.EncodeToString(h.salt), b64.EncodeToString(h.key))
}

// parseHash reads the text form. It refuses a cost that would take the
// machine down.
func parseHash(s string) (passwordHash, error) {
	var h passwordHash
	parts := strings.Split(s, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return h, errHash
	}
	n, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &h.cost.Memory, &h.cost.Passes, &h.cost.Threads)
	if err != nil || n != 3 || h.cost.Memory > 1<<20 || h.cost.Passes < 1 || h.cost.Passes > 64 || h.cost.Threads < 1 {
		return h, errHash
	}
	salt, err := base64.RawStdEncoding.DecodeString(parts[4])
	if err != nil {
		return h, errHash
	}
	key, err := base64.RawStdEncoding.DecodeString(parts[5])
	if err != nil || len(key) != keySize {
		return h, errHash
	}
	h.salt, h.key = salt, key
	return h, nil
}

// derive computes the key of a password.
func (h passwordHash) derive(password string) []byte {
	return argon2.IDKey([]byte(password), h.salt, h.cost.Passes, h.cost.Memory, h.cost.Threads, keySize)
}

// hash returns the stored form of a password that [CheckPassword] took.
func (d *Door) hash(ctx context.Context, password string) (string, error) {
	password, ok := normal(password)
	if !ok {
		return "", &WeakPassword{WeakLong}
	}
	h := passwordHash{cost: d.cost, salt: make([]byte, saltSize)}
	rand.Read(h.salt)
	err := d.oneHash(ctx, func() { h.key = h.derive(password) })
	return h.String(), err
}

// verify reports whether the password belongs to the stored hash. With none
// it works as long and says no, so that the time tells nothing of the login.
func (d *Door) verify(ctx context.Context, stored, password string) (bool, error) {
	h := passwordHash{cost: d.cost, salt: make([]byte, saltSize), key: make([]byte, keySize)}
	if stored != "" {
		var err error
		if h, err = parseHash(stored); err != nil {
			return false, err
		}
	}
	password, valid := normal(password)
	var same int
	err := d.oneHash(ctx, func() { same = subtle.ConstantTimeCompare(h.derive(password), h.key) })
	return same == 1 && valid && stored != "", err
}

// oneHash runs work when one of the few places for hashing is free.
func (d *Door) oneHash(ctx context.Context, work func()) error {
	select {
	case d.hashing <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-d.hashing }()
	work()
	return nil
}

// aged reports whether a stored hash was made at another cost than today's.
func (d *Door) aged(stored string) bool {
	h, err := parseHash(stored)
	return err == nil && h.cost != d.cost
}
