package segment

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/stanch/stanch/card"
	"github.com/stanch/stanch/internal/durable"
	"github.com/stanch/stanch/internal/finding"
)

const (
	magic      = "stnchseg"
	version    = 1
	headSize   = 40 // magic, version, lengths of key id and table, key id, lost
	keyIDSize  = 16
	brandSize  = 16
	readBlock  = 64 << 10
	smallWrite = 1 << 20
)

// A head is what stands before the records.
type head struct {
	keyID  string
	brands []card.Brand
	lost   int64 // cards that the scratch space had no room for, at most
}

func (h head) bytes() []byte {
	out := make([]byte, headSize, headSize+brandSize*len(h.brands))
	copy(out, magic)
	out[8], out[9], out[10] = version, byte(len(h.keyID)), byte(len(h.brands))
	copy(out[16:32], h.keyID)
	binary.BigEndian.PutUint64(out[32:], uint64(h.lost))
	for _, b := range h.brands {
		var name [brandSize]byte
		copy(name[:], b)
		out = append(out, name[:]...)
	}
	return out
}

// parseHead returns the head and where the records begin.
func parseHead(r io.ReaderAt) (h head, start int64, ok bool) {
	var fixed [headSize]byte
	if _, err := r.ReadAt(fixed[:], 0); err != nil || string(fixed[:8]) != magic || fixed[8] != version || fixed[9] > keyIDSize || fixed[10] > unknownBrand {
		return h, 0, false
	}
	h.keyID = string(fixed[16 : 16+fixed[9]])
	h.lost = int64(binary.BigEndian.Uint64(fixed[32:]))
	table := make([]byte, brandSize*int(fixed[10]))
	if len(table) > 0 {
		if n, _ := r.ReadAt(table, headSize); n < len(table) {
			return h, 0, false
		}
	}
	for ; len(table) > 0; table = table[brandSize:] {
		h.brands = append(h.brands, card.Brand(bytes.TrimRight(table[:brandSize], "\x00")))
	}
	return h, headSize + brandSize*int64(len(h.brands)), h.lost >= 0
}

// A reader is one open segment.
type reader struct {
	at     io.ReaderAt
	file   *os.File // nil for a small one
	head   head
	start  int64
	cards  int64
	brands []byte // the file's indexes to the store's
}

func (r *reader) close() {
	if r.file != nil {
		r.file.Close()
	}
}

// open opens a segment; the first time it checks every byte of it.
func (s *Store) open(seg finding.Segment) (*reader, error) {
	r, err := s.tryOpen(seg)
	if err != nil {
		return nil, fmt.Errorf("read segment %s: %w", seg.Digest, err)
	}
	return r, nil
}

func (s *Store) tryOpen(seg finding.Segment) (*reader, error) {
	if len(seg.Digest) != hex.EncodedLen(sha256.Size) {
		return nil, ErrDamaged
	}
	s.mu.Lock()
	known := s.known[seg.Digest]
	s.mu.Unlock()
	r := &reader{}
	if known != nil && known.small != nil {
		r.at = bytes.NewReader(known.small)
		return r, s.begin(r, int64(len(known.small)))
	}
	f, err := os.Open(s.path(seg.Digest))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrMissing
	}
	if err != nil {
		return nil, errors.Unwrap(err)
	}
	r.at, r.file = f, f
	if err := s.admit(r, seg, known); err != nil {
		f.Close()
		return nil, err
	}
	return r, nil
}

// admit checks an open file against its digest, unless that was done before.
func (s *Store) admit(r *reader, seg finding.Segment, known *summary) error {
	info, err := r.file.Stat()
	if err != nil {
		return errors.Unwrap(err)
	}
	if info.Size() != seg.Bytes && seg.Bytes != 0 {
		return ErrDamaged
	}
	if err := s.begin(r, info.Size()); err != nil || known != nil {
		return err
	}
	sum, kept := sha256.New(), (*bytes.Buffer)(nil)
	into := io.Writer(sum)
	if info.Size() <= smallFile {
		kept = new(bytes.Buffer)
		into = io.MultiWriter(sum, kept)
	}
	if _, err := io.Copy(into, io.NewSectionReader(r.file, 0, info.Size())); err != nil {
		return fmt.Errorf("%w: %w", ErrDamaged, errors.Unwrap(err))
	}
	if hex.EncodeToString(sum.Sum(nil)) != seg.Digest {
		return ErrDamaged
	}
	fresh := &summary{keyID: r.head.keyID, cards: r.cards, lost: r.head.lost}
	if kept != nil {
		fresh.small = kept.Bytes()
	}
	s.remember(seg.Digest, fresh)
	return nil
}

func (s *Store) remember(digest string, sum *summary) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.known) >= mostKnown {
		clear(s.known)
	}
	s.known[digest] = sum
}

func (s *Store) begin(r *reader, size int64) error {
	var ok bool
	if r.head, r.start, ok = parseHead(r.at); !ok || (size-r.start)%recordSize != 0 || size < r.start {
		return ErrDamaged
	}
	r.cards = (size - r.start) / recordSize
	for _, b := range r.head.brands {
		r.brands = append(r.brands, s.brandIndex(b))
	}
	return nil
}

// own turns the brand of a record as read into the store's index.
func (r *reader) own(rec *record) {
	if i := rec.brand(); int(i) < len(r.brands) {
		rec[tokenSize] = r.brands[i] | flag(rec.judged())
	} else {
		rec[tokenSize] = unknownBrand | flag(rec.judged())
	}
}

func (r *reader) stream() *stream {
	size := int(min(readBlock, max(r.cards*recordSize, recordSize)))
	return &stream{in: bufio.NewReaderSize(io.NewSectionReader(r.at, r.start, r.cards*recordSize), size), own: r.own, old: true}
}

// find looks for a card among the records from low on. It returns where the
// card stands or would stand.
func (r *reader) find(want *record, low int64) (at int64, found record, ok bool, err error) {
	high := r.cards
	for low < high {
		mid := int64(uint64(low+high) >> 1)
		var rec record
		if _, err := r.at.ReadAt(rec[:], r.start+mid*recordSize); err != nil {
			return 0, rec, false, ErrDamaged
		}
		switch c := compare(&rec, want); {
		case c == 0:
			return mid, rec, true, nil
		case c < 0:
			low = mid + 1
		default:
			high = mid
		}
	}
	return low, record{}, false, nil
}

// A draft is a segment that is being written.
type draft struct {
	store *Store
	memo  *bytes.Buffer // if it is small
	file  *os.File      // otherwise
	out   *bufio.Writer
	sum   hash.Hash
	head  head
	tally tally
}

// write makes a segment of the records that produce adds in rising order, at
// most about most of them. Without any record there is no segment, and the
// digest is empty. The file is durable when write returns.
func (s *Store) write(ctx context.Context, h head, most int64, produce func(add func(*record) error) error) (finding.Segment, *tally, error) {
	h.brands = s.brandTable()
	d := &draft{store: s, sum: sha256.New(), head: h}
	size := headSize + int64(len(h.brands))*brandSize + most*recordSize
	if err := d.begin(size); err != nil {
		return finding.Segment{}, nil, err
	}
	defer d.drop()
	d.put(h.bytes())
	err := produce(func(r *record) error {
		if d.tally.cards&0xfff == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		d.tally.add(r)
		return d.put(r[:])
	})
	if err != nil {
		return finding.Segment{}, nil, err
	}
	if d.tally.cards == 0 && h.lost == 0 {
		return finding.Segment{}, &d.tally, nil
	}
	seg, err := d.finish()
	if err != nil {
		return finding.Segment{}, nil, fmt.Errorf("write segment: %w", err)
	}
	s.remember(seg.Digest, d.summary())
	return seg, &d.tally, nil
}

func (d *draft) begin(size int64) error {
	if err := d.store.room(size); err != nil {
		return err
	}
	var into io.Writer
	if size <= smallWrite {
		d.memo = new(bytes.Buffer)
		into = d.memo
	} else {
		var err error
		if d.file, err = os.CreateTemp(filepath.Join(d.store.dir, scratchDir), "merge-*"); err != nil {
			return fmt.Errorf("write segment: %w", err)
		}
		into = d.file
	}
	d.out = bufio.NewWriterSize(into, 4*readBlock)
	return nil
}

func (d *draft) put(p []byte) error {
	d.sum.Write(p)
	if _, err := d.out.Write(p); err != nil {
		return fmt.Errorf("write segment: %w", full(err))
	}
	return nil
}

func (d *draft) finish() (finding.Segment, error) {
	if err := d.out.Flush(); err != nil {
		return finding.Segment{}, full(err)
	}
	digest := hex.EncodeToString(d.sum.Sum(nil))
	size := headSize + int64(len(d.head.brands))*brandSize + d.tally.cards*recordSize
	seg := finding.Segment{Digest: digest, Cards: d.tally.cards, Bytes: size}
	path := d.store.path(digest)
	if err := durable.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return seg, full(err)
	}
	if d.store.revive(digest) {
		return seg, durable.SyncDir(filepath.Dir(path))
	}
	if d.memo != nil {
		return seg, full(durable.WriteFile(path, d.memo.Bytes(), 0o400))
	}
	return seg, full(d.place(path))
}

// place brings the scratch file under its name.
func (d *draft) place(path string) error {
	if err := d.file.Chmod(0o400); err != nil && !errors.Is(err, errors.ErrUnsupported) {
		return err
	}
	if err := d.file.Sync(); err != nil {
		return err
	}
	name := d.file.Name()
	if err := d.file.Close(); err != nil {
		return err
	}
	d.file = nil
	return durable.Rename(name, path)
}

func (d *draft) drop() {
	if d.file != nil {
		d.file.Close()
		os.Remove(d.file.Name())
	}
}

func (d *draft) summary() *summary {
	sum := &summary{keyID: d.head.keyID, cards: d.tally.cards, lost: d.head.lost}
	if d.memo != nil && d.memo.Len() <= smallFile {
		sum.small = d.memo.Bytes()
	}
	return sum
}
