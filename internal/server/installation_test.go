package server

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stanch/stanch/internal/config"
	"github.com/stanch/stanch/internal/durable"
	"github.com/stanch/stanch/internal/keyring"
	"github.com/stanch/stanch/internal/store"
)

// folders returns settings for an installation in new folders.
func folders(t *testing.T) *config.Config {
	t.Helper()
	dir := t.TempDir()
	c := &config.Config{Data: filepath.Join(dir, "data"), Keys: filepath.Join(dir, "keys")}
	if err := c.Complete(); err != nil {
		t.Fatal(err)
	}
	return c
}

func mustOpen(t *testing.T, c *config.Config) *Installation {
	t.Helper()
	in, err := Open(t.Context(), c, true, nil, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	return in
}

func mustClose(t *testing.T, in *Installation) {
	t.Helper()
	if err := in.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestOpenAgain(t *testing.T) {
	c := folders(t)
	if _, err := Open(t.Context(), c, false, nil, time.Now); !errors.Is(err, ErrNoInstall) {
		t.Errorf("open what is not there: got %v, want ErrNoInstall", err)
	}
	in := mustOpen(t, c)
	if !in.Fresh {
		t.Error("first start is not fresh")
	}
	if _, err := Open(t.Context(), c, true, nil, time.Now); !errors.Is(err, durable.ErrLocked) {
		t.Errorf("two at once: got %v, want ErrLocked", err)
	}
	mustClose(t, in)
	if in = mustOpen(t, c); in.Fresh {
		t.Error("second start is fresh")
	}
	mustClose(t, in)
}

func TestOpenRefuses(t *testing.T) {
	tests := map[string]struct {
		spoil func(*config.Config) error
		want  error
	}{
		"database gone":   {func(c *config.Config) error { return os.Remove(filepath.Join(c.Data, "stanch.db")) }, store.ErrNoLedger},
		"keys gone":       {func(c *config.Config) error { return os.RemoveAll(c.Keys) }, keyring.ErrNoKey},
		"ledger key gone": {func(c *config.Config) error { return os.Remove(filepath.Join(c.Keys, "ledger.key")) }, keyring.ErrNoKey},
		"data gone":       {func(c *config.Config) error { return os.RemoveAll(c.Data) }, ErrForeignKeys},
		"mark gone":       {func(c *config.Config) error { return os.Remove(filepath.Join(c.Data, installFile)) }, ErrNotEmpty},
		"keys of another": {func(c *config.Config) error {
			if err := os.RemoveAll(c.Keys); err != nil {
				return err
			}
			_, err := keyring.Create(c.Keys, "stanch/other")
			return err
		}, ErrForeignKeys},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			c := folders(t)
			mustClose(t, mustOpen(t, c))
			if err := test.spoil(c); err != nil {
				t.Fatal(err)
			}
			in, err := Open(t.Context(), c, true, nil, time.Now)
			if !errors.Is(err, test.want) {
				t.Errorf("got %v, want %v", err, test.want)
			}
			if err == nil {
				mustClose(t, in)
			}
		})
	}
}

// TestOpenTakenUp cuts the first start off after each part of it.
func TestOpenTakenUp(t *testing.T) {
	c := folders(t)
	mustClose(t, mustOpen(t, c))
	mark, err := readMark(c.Data)
	if err != nil {
		t.Fatal(err)
	}
	for _, gone := range []string{"", filepath.Join(c.Data, "stanch.db")} {
		if err := writeMark(c.Data, installed{Origin: mark.Origin}); err != nil {
			t.Fatal(err)
		}
		if gone != "" {
			if err := os.Remove(gone); err != nil {
				t.Fatal(err)
			}
		}
		in, err := Open(t.Context(), c, true, nil, time.Now)
		if err != nil {
			t.Fatalf("without %q: %v", gone, err)
		}
		mustClose(t, in)
	}
}

// TestOpenMoved says that nobody goes on with a database that was moved.
func TestOpenMoved(t *testing.T) {
	c := folders(t)
	in := mustOpen(t, c)
	if err := in.Moved(); err != nil {
		t.Fatal(err)
	}
	mustClose(t, in)
	if _, err := Open(t.Context(), c, true, nil, time.Now); !errors.Is(err, ErrMoved) {
		t.Errorf("the old database: got %v, want ErrMoved", err)
	}
	c.Database = "sqlite:" + filepath.Join(c.Data, "stanch.db")
	in, err := Open(t.Context(), c, true, nil, time.Now)
	if err != nil {
		t.Fatalf("by name: %v", err)
	}
	mustClose(t, in)
}
