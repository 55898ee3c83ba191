package main

import (
	"bufio"
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/stanch/stanch/card"
	"github.com/stanch/stanch/internal/carrier"
	"github.com/stanch/stanch/internal/durable"
	"github.com/stanch/stanch/internal/finding"
)

// A scanState remembers what was found in each file, so that a scan that was
// cut off goes on where it was, and the next one reads only what has changed.
// Its folder holds a file of JSON lines that grows: a header, then a line for
// each file, and a lock, because a scan that shared it would mix them up.
// It holds no path and no digits: a file is known by a keyed hash of its path,
// its content by a keyed fingerprint, and matches are masked.
type scanState struct {
	path   string
	lock   *durable.DirLock
	secret []byte
	reread bool // read every file, whatever is known of it
	now    func() time.Time

	mu     sync.Mutex // guards all below
	read   *os.File   // nil if there was nothing
	known  map[stateKey]stateEntry
	grow   *durable.AppendFile
	synced time.Time
	reused int64
}

// A stateKey is half a hash: of a path, or of a content.
type stateKey [16]byte

// A stateEntry says what a file was like, and where its line stands.
type stateEntry struct {
	print        stateKey
	offset, size int64
	seen         bool // in this scan
}

type stateHeader struct {
	State   int    `json:"stanch_scan_state"`
	Key     string `json:"key"`     // id of the token key
	Version string `json:"version"` // of the program: another may find more
}

type stateLine struct {
	Path    string          `json:"f"`
	Print   string          `json:"p"`
	Report  carrier.Report  `json:"r"`
	Matches []finding.Match `json:"m,omitempty"`
}

const (
	stateVersion = 1
	stateSync    = time.Second // what may be read again after a power cut
	stateMatches = 10_000      // a file with more is read again each time
)

// errState says that a file is no state of a scan, or not one that fits.
var errState = errors.New("is not the state of a scan by this program and key; remove it to begin anew")

// openState opens the state in dir, and makes it if it is not there. A line
// that was cut off ends it.
func openState(dir string, tokens *card.Tokenizer, reread bool) (*scanState, error) {
	if err := durable.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	lock, err := durable.Lock(dir)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256([]byte(tokens.Token("state of scans", nil)))
	s := &scanState{path: filepath.Join(dir, "files"), lock: lock, secret: sum[:], reread: reread, now: time.Now, known: map[stateKey]stateEntry{}}
	want, err := json.Marshal(stateHeader{stateVersion, tokens.KeyID(), version()})
	if err != nil {
		return nil, err
	}
	fresh, err := s.load(want)
	if err != nil {
		s.close()
		return nil, fmt.Errorf("read %s: %w", dir, err)
	}
	if s.grow, err = durable.OpenAppend(s.path, 0o600); err == nil && fresh {
		_, err = s.grow.Write(append(want, '\n'))
	}
	if err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

// load reads what the file holds and cuts off a torn line. It reports whether
// there was nothing.
func (s *scanState) load(header []byte) (fresh bool, err error) {
	f, err := os.OpenFile(s.path, os.O_RDWR, 0)
	if errors.Is(err, os.ErrNotExist) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	s.read = f
	lines, at := bufio.NewReaderSize(f, 64<<10), int64(0)
	for {
		line, err := lines.ReadBytes('\n')
		if err == io.EOF {
			return at == 0, f.Truncate(at)
		}
		if err != nil {
			return false, err
		}
		if at == 0 {
			if !bytes.Equal(bytes.TrimSuffix(line, []byte("\n")), header) {
				return false, errState
			}
		} else if !s.index(line, at) {
			return false, errState
		}
		at += int64(len(line))
	}
}

// index takes in one line without its matches. The newest of a file counts.
func (s *scanState) index(line []byte, at int64) bool {
	var l struct{ F, P string }
	if json.Unmarshal(line, &l) != nil {
		return false
	}
	key, ok := parseStateKey(l.F)
	print, ok2 := parseStateKey(l.P)
	if !ok || !ok2 {
		return false
	}
	s.known[key] = stateEntry{print: print, offset: at, size: int64(len(line))}
	return true
}

func parseStateKey(text string) (k stateKey, ok bool) {
	if len(text) != 2*len(k) {
		return k, false
	}
	_, err := hex.Decode(k[:], []byte(text))
	return k, err == nil
}

func (s *scanState) hash() hash.Hash { return hmac.New(sha256.New, s.secret) }

func (s *scanState) sum(h hash.Hash) (k stateKey) {
	copy(k[:], h.Sum(nil))
	return k
}

// keyOf returns what a path is known by.
func (s *scanState) keyOf(path string) stateKey {
	h := s.hash()
	io.WriteString(h, "path\x00"+path)
	return s.sum(h)
}

// printOf fingerprints an open file: what the system says of it, which is also
// the time of the last change that nobody can set back, and samples of its
// content over its whole length.
func (s *scanState) printOf(f *os.File) (k stateKey, err error) {
	info, err := f.Stat()
	if err != nil {
		return k, err
	}
	changed, inode := changeOf(info)
	h := s.hash()
	for _, n := range []int64{info.Size(), info.ModTime().UnixNano(), changed, inode} {
		binary.Write(h, binary.LittleEndian, n)
	}
	if err := sample(h, f, info.Size()); err != nil {
		return k, err
	}
	return s.sum(h), nil
}

// sample feeds blocks that lie evenly over a file to h: the first and the last
// among them, and all of a small file.
func sample(h io.Writer, f io.ReaderAt, size int64) error {
	const blocks, span = 16, 4 << 10
	step := max((size-span)/(blocks-1), span)
	for at := int64(0); at < size; at += step {
		if _, err := io.Copy(h, io.NewSectionReader(f, at, span)); err != nil {
			return err
		}
	}
	return nil
}

// recall returns what is known of a file that has not changed since.
func (s *scanState) recall(path string, print stateKey) (*stateLine, bool) {
	key := s.keyOf(path)
	s.mu.Lock()
	defer s.mu.Unlock()
	e, ok := s.known[key]
	if !ok || s.reread || e.print != print || s.read == nil {
		return nil, false
	}
	line := make([]byte, e.size)
	var l stateLine
	if _, err := s.read.ReadAt(line, e.offset); err != nil || json.Unmarshal(line, &l) != nil {
		return nil, false
	}
	e.seen = true
	s.known[key] = e
	s.reused++
	return &l, true
}

// passing are causes that another try may not meet.
var passing = []carrier.Cause{carrier.Unreadable, carrier.Vanished, carrier.Shrank, carrier.WorkerDied, carrier.Timeout, carrier.Memory}

// keep remembers what was found in a file. It is durable within a second.
func (s *scanState) keep(path string, print stateKey, r carrier.Report, matches []finding.Match) error {
	for _, cause := range passing {
		if r.Causes[cause] > 0 {
			return nil
		}
	}
	key := s.keyOf(path)
	line, err := json.Marshal(stateLine{hex.EncodeToString(key[:]), hex.EncodeToString(print[:]), r, matches})
	if err != nil {
		return err
	}
	line = append(line, '\n')
	s.mu.Lock()
	defer s.mu.Unlock()
	s.known[key] = stateEntry{print: print, offset: s.grow.Size(), size: int64(len(line)), seen: true}
	if _, err := s.grow.Write(line); err != nil {
		return err
	}
	if s.now().Sub(s.synced) < stateSync {
		return nil
	}
	s.synced = s.now()
	return s.grow.Sync()
}

// finish ends a scan that came to its end: files that it did not meet are
// forgotten.
func (s *scanState) finish() error {
	defer s.close()
	if err := s.grow.Sync(); err != nil {
		return err
	}
	from, err := os.Open(s.path)
	if err != nil {
		return err
	}
	defer from.Close()
	to, err := durable.Create(s.path, 0o600)
	if err != nil {
		return err
	}
	if err := s.compact(from, to); err != nil {
		to.Abort()
		return err
	}
	return to.Commit()
}

func (s *scanState) compact(from *os.File, to io.Writer) error {
	header, err := bufio.NewReader(from).ReadBytes('\n')
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(to, 256<<10)
	w.Write(header)
	var kept []stateEntry
	for _, e := range s.known {
		if e.seen {
			kept = append(kept, e)
		}
	}
	slices.SortFunc(kept, func(a, b stateEntry) int { return int(a.offset - b.offset) })
	for _, e := range kept {
		if _, err := io.Copy(w, io.NewSectionReader(from, e.offset, e.size)); err != nil {
			return err
		}
	}
	return w.Flush()
}

// close lets go of the folder. What was kept stays. A nil state has nothing.
func (s *scanState) close() {
	if s == nil || s.lock == nil {
		return
	}
	if s.read != nil {
		s.read.Close()
	}
	if s.grow != nil {
		s.grow.Close()
	}
	s.lock.Unlock()
	s.lock = nil
}
