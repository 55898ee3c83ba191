// Package segment keeps the distinct cards of findings in sorted files. In go
// tokenised matches; out come files named by the SHA-256 of their bytes, exact
// counts of what is new, and the distinct cards over any set of files. It
// holds tokens only, never a clear number, keeps its memory bounded however
// many cards there are, and never changes a file once it has its name.
//
// A file is a header and records of 20 bytes in rising order: 16 bytes of the
// card's token, a byte for the brand (an index into the header's table, 127
// unknown) whose top bit says that the policy counts the card, and the first
// six digits as a number of three bytes.
package segment

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/stanch/stanch/card"
	"github.com/stanch/stanch/internal/durable"
)

// Errors that callers decide by. They come wrapped with the digest.
var (
	ErrMissing = errors.New("segment file is missing; restore it from a backup, or let the file be read again")
	ErrDamaged = errors.New("segment file is damaged; restore it from a backup, or let the file be read again")
	ErrFull    = errors.New("disk is full; free some space, nothing was lost")
	errKeys    = errors.New("tokens of two keys in one batch")
)

// Options tune a Store. The zero value is what production uses.
type Options struct {
	Buffer  int              // records one writer keeps in memory; 1 Mi (20 MB)
	Shared  int              // records all writers keep together, past 4096 each; 4 Mi
	Scratch int64            // bytes one writer spills at most before its counts become ranges; 8 GiB, 400 million cards
	Reserve uint64           // bytes left free on the disk; 64 MiB
	Now     func() time.Time // nil is time.Now
}

// A Store is a folder of segment files. Its methods are safe for concurrent use.
type Store struct {
	dir  string
	opts Options
	held atomic.Int64 // records in the buffers of all writers

	// mu guards what follows. It is held with no other lock.
	mu       sync.Mutex
	brands   []card.Brand        // by index
	known    map[string]*summary // verified files, by digest
	unions   map[string]cached   // by the digests in it
	lineages []lineage
	turn     int64
}

// A summary is what is kept in memory of a verified file.
type summary struct {
	keyID string
	cards int64
	lost  int64
	small []byte // the whole file, if it is small
}

const (
	scratchDir = "scratch"
	mostKnown  = 1 << 15
	smallFile  = 4 << 10
	orphanAge  = time.Hour
)

// Open opens the folder for one process and makes it if need be. It removes
// what a crash left behind.
func Open(dir string, o Options) (*Store, error) {
	or(&o.Buffer, 1<<20)
	or(&o.Shared, 4<<20)
	or(&o.Scratch, 8<<30)
	or(&o.Reserve, 64<<20)
	if o.Now == nil {
		o.Now = time.Now
	}
	scratch := filepath.Join(dir, scratchDir)
	if err := durable.MkdirAll(scratch, 0o700); err != nil {
		return nil, fmt.Errorf("open segments: %w", err)
	}
	left, err := os.ReadDir(scratch)
	if err != nil {
		return nil, fmt.Errorf("open segments: %w", err)
	}
	for _, e := range left {
		if err := os.Remove(filepath.Join(scratch, e.Name())); err != nil {
			return nil, fmt.Errorf("open segments: %w", err)
		}
	}
	return &Store{dir: dir, opts: o, known: map[string]*summary{}, unions: map[string]cached{}, brands: []card.Brand{
		card.Visa, card.Mastercard, card.UnionPay, card.Amex, card.Discover, card.JCB, card.Diners, card.Mir, card.Maestro,
	}}, nil
}

func or[T int | int64 | uint64](v *T, standard T) {
	if *v == 0 {
		*v = standard
	}
}

func (s *Store) path(digest string) string { return filepath.Join(s.dir, digest[:2], digest) }

// brandIndex returns the index of a brand, a new one if need be.
func (s *Store) brandIndex(b card.Brand) byte {
	if b == "" || len(b) > brandSize {
		return unknownBrand
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, known := range s.brands {
		if known == b {
			return byte(i)
		}
	}
	if len(s.brands) == unknownBrand {
		return unknownBrand
	}
	s.brands = append(s.brands, b)
	return byte(len(s.brands) - 1)
}

func (s *Store) brandTable() []card.Brand {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.brands[:len(s.brands):len(s.brands)]
}

// room reports ErrFull if the disk would not hold another n bytes.
func (s *Store) room(n int64) error {
	free, err := durable.FreeSpace(s.dir)
	if err != nil {
		return err
	}
	if free < s.opts.Reserve+uint64(n) {
		return fmt.Errorf("write segment: %w", ErrFull)
	}
	return nil
}

// GC removes the files that are not live and at least an hour old, and returns
// how many. Younger ones may belong to a commit under way.
func (s *Store) GC(live func(digest string) bool) (int, error) {
	shards, err := os.ReadDir(s.dir)
	if err != nil {
		return 0, fmt.Errorf("sweep segments: %w", err)
	}
	removed := 0
	for _, shard := range shards {
		if len(shard.Name()) != 2 || !shard.IsDir() {
			continue
		}
		n, err := s.sweep(filepath.Join(s.dir, shard.Name()), live)
		removed += n
		if err != nil {
			return removed, fmt.Errorf("sweep segments: %w", err)
		}
	}
	return removed, nil
}

func (s *Store) sweep(shard string, live func(string) bool) (removed int, err error) {
	files, err := os.ReadDir(shard)
	if err != nil {
		return 0, err
	}
	for _, f := range files {
		if !f.Type().IsRegular() || live(f.Name()) {
			continue
		}
		gone, err := s.drop(filepath.Join(shard, f.Name()), f.Name())
		if err != nil {
			return removed, err
		}
		if gone {
			removed++
		}
	}
	return removed, nil
}

// drop removes a file unless it is young. The lock keeps a commit from taking
// the file up again in between.
func (s *Store) drop(path, digest string) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil || s.opts.Now().Sub(info.ModTime()) < orphanAge {
		return false, err
	}
	delete(s.known, digest)
	return true, os.Remove(path)
}

// revive makes a file that is there already young again, so that no sweep
// takes it before the commit that names it. It reports whether it is there.
func (s *Store) revive(digest string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.opts.Now()
	return os.Chtimes(s.path(digest), now, now) == nil
}
