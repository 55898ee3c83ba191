package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"github.com/pressly/goose/v3"

	"github.com/stanch/stanch/internal/durable"
	"github.com/stanch/stanch/ledger"
)

//go:embed migrations/*.sql
var migrations embed.FS

// translated is the migration set with the dialect's words in place of its
// tokens.
type translated struct {
	fs.FS
	words *strings.Replacer
}

func (e engine) migrations() (fs.FS, error) {
	sub, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, err
	}
	return translated{sub, strings.NewReplacer("{{bytes}}", e.bytes, "{{strict}}", e.strict, "BIGINT", e.integer)}, nil
}

// Open implements [fs.FS].
func (t translated) Open(name string) (fs.File, error) {
	file, err := t.FS.Open(name)
	if err != nil || !strings.HasSuffix(name, ".sql") {
		return file, err
	}
	defer file.Close()
	var text bytes.Buffer
	if _, err := text.ReadFrom(file); err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	said := t.words.Replace(text.String())
	return &sqlFile{strings.NewReader(said), sqlInfo{info, int64(len(said))}}, nil
}

type sqlFile struct {
	*strings.Reader
	info sqlInfo
}

func (f *sqlFile) Stat() (fs.FileInfo, error) { return f.info, nil }
func (f *sqlFile) Close() error               { return nil }

type sqlInfo struct {
	fs.FileInfo
	size int64
}

func (i sqlInfo) Size() int64 { return i.size }

// migrate brings the schema up to the newest this binary knows.
func (s *Store) migrate(ctx context.Context, fresh bool) error {
	set, err := s.engine.migrations()
	if err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	provider, err := goose.NewProvider(goose.Dialect(s.engine.dialect), s.write, set,
		goose.WithTableName("schema_versions"), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	known := provider.ListSources()
	newest := known[len(known)-1].Version
	at, err := provider.GetDBVersion(ctx)
	switch {
	case err != nil:
		return fmt.Errorf("read schema version: %w", err)
	case at > newest:
		return fmt.Errorf("open database of schema %d, this is %d: %w", at, newest, ErrNewer)
	case at == 0 && !fresh:
		return ErrNoLedger
	}
	if at < newest {
		if s.signer == nil && !fresh {
			return fmt.Errorf("open database of schema %d for reading: start stanch serve once to bring it to %d", at, newest)
		}
		if _, err := provider.Up(ctx); err != nil {
			return fmt.Errorf("migrate database from schema %d to %d: %w", at, newest, err)
		}
	}
	return s.checkMigrations(ctx, known, fresh || s.signer != nil)
}

// checkMigrations compares each migration with the hash recorded when it was
// applied: a released one is never edited.
func (s *Store) checkMigrations(ctx context.Context, known []*goose.Source, mayRecord bool) error {
	for _, source := range known {
		text, err := fs.ReadFile(migrations, "migrations/"+source.Path)
		if err != nil {
			return fmt.Errorf("read migration %d: %w", source.Version, err)
		}
		sum := sha256.Sum256(text)
		want, got := hex.EncodeToString(sum[:]), ""
		if mayRecord {
			if _, err := s.write.ExecContext(ctx, `INSERT INTO schema_hashes (version, sha256) VALUES ($1, $2) ON CONFLICT DO NOTHING`, source.Version, want); err != nil {
				return fmt.Errorf("record migration %d: %w", source.Version, err)
			}
		}
		if err := s.write.QueryRowContext(ctx, `SELECT sha256 FROM schema_hashes WHERE version = $1`, source.Version).Scan(&got); err != nil {
			return fmt.Errorf("read hash of migration %d: %w", source.Version, err)
		}
		if got != want {
			return fmt.Errorf("migration %d is not the one this database was made with", source.Version)
		}
	}
	return nil
}

// openHead reads the signed head, or signs the first one of a fresh ledger.
func (s *Store) openHead(ctx context.Context, fresh bool) error {
	head, err := s.head(ctx, s.write)
	switch {
	case err == nil:
		return s.checkHead(head)
	case !errors.Is(err, errNoHead):
		return err
	case !fresh || s.signer == nil:
		return ErrNoLedger
	}
	s.origin = s.signer.Name()
	first, err := s.sign(new(ledger.Frontier))
	if err != nil {
		return err
	}
	durable.Step("store.head")
	if _, err := s.write.ExecContext(ctx, `INSERT INTO ledger_head (id, origin, size, note) VALUES (1, $1, 0, $2)`, s.origin, first); err != nil {
		return fmt.Errorf("write first head: %w", err)
	}
	return nil
}

func (s *Store) checkHead(head storedHead) error {
	s.origin = head.origin
	if s.signer != nil && s.signer.Name() != head.origin {
		return fmt.Errorf("open ledger %s: the key given belongs to %s; name the right folder with --keys", head.origin, s.signer.Name())
	}
	if s.verifier == nil {
		return nil
	}
	if _, err := ledger.OpenCheckpoint(head.note, s.verifier); err != nil {
		return fmt.Errorf("open ledger %s: %w; name the right folder with --keys", head.origin, err)
	}
	return nil
}

// microsecond is the resolution of stored time.
const microsecond = time.Microsecond
