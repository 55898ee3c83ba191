package storetest

import (
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/stanch/stanch/internal/store"
	"github.com/stanch/stanch/ledger"
)

// Engines are the databases that every contract test runs on.
var Engines = []string{"sqlite", "postgres"}

// Each runs test as a subtest on each engine with the address of an empty
// database.
func Each(t *testing.T, test func(t *testing.T, url string)) {
	t.Helper()
	for _, engine := range Engines {
		t.Run(engine, func(t *testing.T) { test(t, URL(t, engine)) })
	}
}

// URL returns the address of a new, empty database of an engine.
func URL(t testing.TB, engine string) string {
	t.Helper()
	if engine == "postgres" {
		return Postgres(t)
	}
	return "sqlite:" + filepath.Join(t.TempDir(), "stanch.db")
}

// A Key is a ledger key for one test.
type Key struct {
	Signer   note.Signer
	Verifier note.Verifier
}

// NewKey makes a ledger key.
func NewKey(t testing.TB) Key {
	t.Helper()
	secret, public, err := ledger.GenerateKey("stanch/test")
	if err != nil {
		t.Fatal(err)
	}
	signer, err := note.NewSigner(secret)
	if err != nil {
		t.Fatal(err)
	}
	verifier, err := note.NewVerifier(public)
	if err != nil {
		t.Fatal(err)
	}
	return Key{signer, verifier}
}

// Open opens a fresh store at url and closes it with the test. now may be nil.
func Open(t testing.TB, url string, key Key, now func() time.Time) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), url, store.Options{Signer: key.Signer, Fresh: true, Now: now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}
