// Package server assembles a centre: it opens the data folder, the keys and
// the store, introduces the edges to each other, and runs them in one group.
// It decides nothing about cases.
package server

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/stanch/stanch/internal/config"
	"github.com/stanch/stanch/internal/durable"
	"github.com/stanch/stanch/internal/keyring"
	"github.com/stanch/stanch/internal/store"
)

// Errors that say what is wrong with a data folder.
var (
	ErrNotEmpty     = errors.New("the folder holds files that are not Stanch's; name an empty folder with --data")
	ErrForeignKeys  = errors.New("the keys folder holds the keys of another installation; restore its data, or name another folder with --keys")
	ErrNoInstall    = errors.New("there is no installation here; start stanch serve first, or name the right folder with --data")
	ErrMoved        = errors.New("the database of this installation was moved to another; name the new one with database or database_file in a settings file, and start with --config. To go back to the old one, take moved out of installation.json")
	ErrDataReadOnly = errors.New("the data folder cannot be written to; check its owner and whether the disk is mounted read-only")
)

// installFile marks a data folder as Stanch's.
const installFile = "installation.json"

// An Installation is an opened data folder: its lock, keys and store.
type Installation struct {
	Config *config.Config
	Keys   *keyring.Ring
	Store  *store.Store
	Fresh  bool // it was made by this start
	lock   *durable.DirLock
}

// installed is what installFile says.
type installed struct {
	Origin string `json:"origin"`          // name of the ledger
	Ready  bool   `json:"ready"`           // false while the first start is under way
	Moved  bool   `json:"moved,omitempty"` // its database is no longer the one in this folder
}

// Open takes the lock on the data folder and opens what is in it. With make
// set it begins an installation in an empty or missing folder; a start that
// was cut off on the way is taken up again. It never makes a new ledger where
// one should be.
func Open(ctx context.Context, c *config.Config, create bool, log *slog.Logger, now func() time.Time) (*Installation, error) {
	if create {
		if err := durable.MkdirAll(c.Data, 0o700); err != nil {
			return nil, writable(fmt.Errorf("make data folder: %w", err))
		}
	} else if mark, err := readMark(c.Data); err != nil || mark == nil {
		return nil, errors.Join(err, fmt.Errorf("open %s: %w", c.Data, ErrNoInstall))
	}
	lock, err := durable.Lock(c.Data)
	if errors.Is(err, durable.ErrLocked) {
		return nil, fmt.Errorf("%w; stop it first, or name another folder with --data", err)
	}
	if err != nil {
		return nil, writable(err)
	}
	in := &Installation{Config: c, lock: lock}
	if err := in.open(ctx, log, now); err != nil {
		return nil, errors.Join(err, in.Close())
	}
	return in, nil
}

func (in *Installation) open(ctx context.Context, log *slog.Logger, now func() time.Time) error {
	if err := apart(in.Config); err != nil {
		return err
	}
	if err := sweep(in.Config); err != nil {
		return err
	}
	mark, err := readMark(in.Config.Data)
	if err == nil && mark == nil {
		mark, err = begin(in.Config)
	}
	if err != nil {
		return err
	}
	in.Fresh = !mark.Ready
	if err := in.openKeys(mark); err != nil {
		return err
	}
	url, err := in.Config.DatabaseURL()
	if err != nil {
		return err
	}
	if mark.Moved && in.Config.Database == "" && in.Config.DatabaseFile == "" {
		return fmt.Errorf("open %s: %w", in.Config.Data, ErrMoved)
	}
	in.Store, err = store.Open(ctx, url, store.Options{Signer: in.Keys.Signer, Verifier: in.Keys.Verifier, Fresh: in.Fresh, Logger: log, Now: now})
	if err != nil || mark.Ready {
		return err
	}
	durable.Step("server.ready")
	return writeMark(in.Config.Data, installed{Origin: mark.Origin, Ready: true})
}

// sweep removes what a crash in the middle of writing a file left behind. It
// is not known by any name yet.
func sweep(c *config.Config) error {
	for _, dir := range []string{c.Data, c.Keys} {
		if _, err := durable.Sweep(dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return writable(err)
		}
	}
	return nil
}

// apart refuses keys that symbolic links lead into the data folder; the
// settings are compared by name only.
func apart(c *config.Config) error {
	data, err := filepath.EvalSymlinks(c.Data)
	if err != nil {
		return fmt.Errorf("open data folder: %w", err)
	}
	for keys := c.Keys; ; keys = filepath.Dir(keys) {
		real, err := filepath.EvalSymlinks(keys)
		switch {
		case err == nil && config.Within(real, data):
			return fmt.Errorf("keys: %s lies inside the data folder; a backup of the data must not hold the keys", c.Keys)
		case err == nil || keys == filepath.Dir(keys):
			return nil
		case !errors.Is(err, fs.ErrNotExist):
			return fmt.Errorf("open keys folder: %w", err)
		}
	}
}

func (in *Installation) openKeys(mark *installed) (err error) {
	if mark.Ready {
		in.Keys, err = keyring.Open(in.Config.Keys)
	} else {
		in.Keys, err = keyring.Ensure(in.Config.Keys, mark.Origin)
	}
	if err == nil && in.Keys.Signer.Name() != mark.Origin {
		err = fmt.Errorf("open keys in %s: %w", in.Config.Keys, ErrForeignKeys)
	}
	return err
}

// Moved notes that the database in the data folder was copied elsewhere and is
// not to be used any more, so that nobody goes on with it by oversight.
func (in *Installation) Moved() error {
	return writeMark(in.Config.Data, installed{Origin: in.Keys.Signer.Name(), Ready: true, Moved: true})
}

// Close closes the store and gives the lock back.
func (in *Installation) Close() error {
	var err error
	if in.Store != nil {
		err = in.Store.Close()
	}
	return errors.Join(err, in.lock.Unlock())
}

// begin marks an empty folder as an installation that is being made.
func begin(c *config.Config) (*installed, error) {
	held, err := os.ReadDir(c.Data)
	if err != nil {
		return nil, fmt.Errorf("read data folder: %w", err)
	}
	for _, entry := range held {
		if entry.Name() != "lost+found" && entry.Name() != "lock" {
			return nil, fmt.Errorf("begin in %s: %w", c.Data, ErrNotEmpty)
		}
	}
	if keyring.Present(c.Keys) {
		return nil, fmt.Errorf("begin with keys in %s: %w", c.Keys, ErrForeignKeys)
	}
	id := make([]byte, 8)
	if _, err := rand.Read(id); err != nil {
		return nil, fmt.Errorf("name installation: %w", err)
	}
	mark := installed{Origin: "stanch/" + hex.EncodeToString(id)}
	return &mark, writable(writeMark(c.Data, mark))
}

func readMark(data string) (*installed, error) {
	text, err := os.ReadFile(filepath.Join(data, installFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("open data folder: %w", err)
	}
	var mark installed
	if err := json.Unmarshal(text, &mark); err != nil || mark.Origin == "" {
		return nil, fmt.Errorf("open data folder: %s is damaged; restore it from a backup", filepath.Join(data, installFile))
	}
	return &mark, nil
}

func writeMark(data string, mark installed) error {
	text, err := json.Marshal(mark)
	if err != nil {
		return err
	}
	return durable.WriteFile(filepath.Join(data, installFile), append(text, '\n'), 0o600)
}

// writable names the usual reasons why a folder takes no file.
func writable(err error) error {
	if errors.Is(err, fs.ErrPermission) || isReadOnly(err) {
		return fmt.Errorf("%w (%w)", ErrDataReadOnly, err)
	}
	return err
}
