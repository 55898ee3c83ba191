package carrier

import (
	"bytes"
	wire "encoding/binary"
	"io"

	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
)

// journalFile reads files of the systemd journal: each value of a field, which
// the file keeps once however often it was logged, as a line FIELD=value.
type journalFile struct{}

func (journalFile) Name() string { return "journal" }

func (journalFile) Sniff(head []byte, _ string) bool {
	return len(head) >= 208 && magic{0, "LPKSHHRH"}.in(head) && wire.LittleEndian.Uint64(head[88:]) >= 208
}

// What the journal calls its objects and their compression.
const (
	journalData     = 1
	journalXZ       = 1
	journalLZ4      = 2
	journalZstd     = 4
	journalCompact  = 16
	maxJournalLZ4   = 8 << 20 // it is unpacked in one piece
	maxJournalKinds = 64
)

// Walk visits the values as one text.
func (journalFile) Walk(p *Part, visit func(*Member) error) error {
	j := &journal{s: newSpool(p, 0)}
	if err := j.header(); err != nil {
		return err
	}
	m := &Member{Name: "fields", Stored: -1, Size: -1, Plain: true, Open: func() (io.Reader, error) { return &gathered{r: j}, nil }}
	if err := visit(m); err != nil {
		return err
	}
	if j.large > 0 {
		if err := visit(&Member{Name: "fields (large)", Refused: OverBudget, Stored: j.large}); err != nil {
			return err
		}
	}
	if j.unread > 0 {
		return visit(&Member{Name: "fields (damaged)", Refused: Broken, Stored: j.unread})
	}
	return nil
}

// A journal reads object by object.
type journal struct {
	s       *spool
	lead    int64     // of a data object before its payload
	value   io.Reader // of the current object
	stored  *exactly  // what the value is read from
	rest    int64     // bytes up to the next object
	packed  bool
	in      bool // a value that lacks its line end
	tail    bool // behind the last object
	large   int64
	unread  int64
	err     error
	scratch []byte
	decoder *zstd.Decoder // used again, because there are many values
}

func (j *journal) header() error {
	var h [208]byte
	if _, err := io.ReadFull(j.s, h[:]); err != nil {
		return damaged(err)
	}
	j.lead = 64
	if wire.LittleEndian.Uint32(h[12:])&journalCompact != 0 {
		j.lead = 72
	}
	size := wire.LittleEndian.Uint64(h[88:])
	if size > 1<<20 {
		return &CauseError{Broken}
	}
	return j.s.skip(int64(size) - 208)
}

func (j *journal) Read(p []byte) (int, error) {
	for j.err == nil {
		if j.value == nil {
			j.err = j.next()
			continue
		}
		n, err := j.value.Read(p)
		if err != nil {
			if err != io.EOF && !j.packed {
				return n, err // the file itself ends
			}
			if err != io.EOF {
				j.unread += j.rest
			}
			j.err = j.end()
		}
		if n > 0 {
			return n, nil
		}
	}
	return 0, j.err
}

// end goes behind an object. Values end in a line break.
func (j *journal) end() error {
	if j.tail {
		return io.EOF
	}
	if _, err := io.Copy(io.Discard, j.stored); err != nil {
		return err
	}
	j.value = nil
	if j.in {
		j.in, j.value, j.packed = false, bytes.NewReader([]byte{'\n'}), false
		return nil
	}
	if err := j.s.skip(-j.s.n & 7); err != nil && err != io.EOF {
		return err
	}
	return nil
}

// next comes to the next object, and opens it if it is a value.
func (j *journal) next() error {
	var h [16]byte
	if _, err := io.ReadFull(j.s, h[:]); err != nil {
		return err
	}
	size := int64(wire.LittleEndian.Uint64(h[8:]))
	if h[0] == 0 && size == 0 { // room for more: it may hold what was there before
		j.tail, j.value, j.packed = true, j.s, false
		return nil
	}
	if size < 16 || h[0] > maxJournalKinds {
		return &CauseError{Broken}
	}
	j.rest = size
	if h[0] != journalData || size < j.lead {
		return j.s.skip((size - 16 + 7) &^ 7)
	}
	if err := j.s.skip(j.lead - 16); err != nil {
		return err
	}
	j.stored = &exactly{r: j.s, left: size - j.lead}
	j.in, j.packed = true, h[1]&7 != 0
	j.open(h[1])
	return nil
}

// open unpacks a value. One that cannot be is counted and passed over.
func (j *journal) open(flags byte) {
	var err error
	switch {
	case flags&journalXZ != 0:
		j.value = newXZ(j.stored)
	case flags&journalZstd != 0:
		j.value, err = j.zstd()
	case flags&journalLZ4 != 0:
		j.value, err = j.lz4()
	default:
		j.value = j.stored
	}
	if err != nil {
		j.unread += j.rest
		j.value = bytes.NewReader(nil)
	}
}

func (j *journal) zstd() (io.Reader, error) {
	if j.decoder == nil {
		var err error
		j.decoder, err = zstdDecoder(j.stored)
		return j.decoder, err
	}
	return j.decoder, j.decoder.Reset(j.stored)
}

// lz4 unpacks a block after its size.
func (j *journal) lz4() (io.Reader, error) {
	var h [8]byte
	if _, err := io.ReadFull(j.stored, h[:]); err != nil {
		return nil, err
	}
	size := wire.LittleEndian.Uint64(h[:])
	if size > maxJournalLZ4 || j.stored.left > maxJournalLZ4 {
		j.large += j.rest
		return bytes.NewReader(nil), nil
	}
	packed, err := io.ReadAll(j.stored)
	if err != nil {
		return nil, err
	}
	if size == 0 || len(packed) == 0 { // the library reads from nowhere then
		return nil, &CauseError{Broken}
	}
	if uint64(cap(j.scratch)) < size {
		j.scratch = make([]byte, size)
	}
	n, err := lz4.UncompressBlock(packed, j.scratch[:size])
	if err != nil {
		return nil, damaged(err)
	}
	return bytes.NewReader(j.scratch[:n]), nil
}
