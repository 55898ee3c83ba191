package ole

import (
	"encoding/binary"
	"errors"
	"io"
	"strings"
	surrogate "unicode/utf16"
)

// Limits of a compound file.
const (
	maxSectors = 4 << 20 // of 512 or 4096 bytes
	maxEntries = 1 << 16 // of its directory
)

// ErrBroken is returned for a file whose tables do not read.
var ErrBroken = errors.New("read compound file: broken")

// ErrTooLarge is returned for a file that is over a limit of this package.
var ErrTooLarge = errors.New("read compound file: over the limit")

// Sector numbers from here on have a meaning: MS-CFB 2.1.
const highest = 0xfffffffa // and above: the end of a chain, or no sector

// A Stream is a file inside the compound file.
type Stream struct {
	Name  string // with the names of its storages, divided by slashes
	Size  int64
	load  func() []uint32 // makes chain, once
	chain []uint32
	shift uint
	base  io.ReaderAt // counted in sectors of 1<<shift, after offset
	after int64
}

// ReadAt reads across the sectors of the stream.
func (s *Stream) ReadAt(p []byte, off int64) (int, error) {
	if s.load != nil {
		s.chain, s.load = s.load(), nil
	}
	n := 0
	for n < len(p) {
		at := off + int64(n)
		if at < 0 || at >= s.Size || int(at>>s.shift) >= len(s.chain) {
			return n, io.EOF
		}
		within := at & (1<<s.shift - 1)
		want := min(int64(len(p)-n), 1<<s.shift-within, s.Size-at)
		got, err := s.base.ReadAt(p[n:n+int(want)], s.after+int64(s.chain[at>>s.shift])<<s.shift+within)
		n += got
		if int64(got) < want {
			if err == nil {
				err = io.ErrUnexpectedEOF
			}
			return n, err
		}
	}
	return n, nil
}

type file struct {
	r     io.ReaderAt
	size  int64
	shift uint
	fat   []uint32

	followed int // links so far
}

// Open reads the directory of a compound file.
func Open(r io.ReaderAt, size int64) ([]*Stream, error) {
	var head [512]byte
	if n, _ := r.ReadAt(head[:], 0); n < len(head) {
		return nil, ErrBroken
	}
	f := &file{r: r, size: size, shift: uint(binary.LittleEndian.Uint16(head[30:]))}
	if f.shift != 9 && f.shift != 12 {
		return nil, ErrBroken
	}
	if err := f.readFAT(head[:]); err != nil {
		return nil, err
	}
	entries, err := f.directory(binary.LittleEndian.Uint32(head[48:]))
	if err != nil {
		return nil, err
	}
	root := &entries[0]
	small := &Stream{Size: root.size, shift: f.shift, base: r, after: 1 << f.shift, chain: f.chain(root.start)}
	table := f.stream(binary.LittleEndian.Uint32(head[60:]), int64(binary.LittleEndian.Uint32(head[64:]))<<f.shift)
	miniFAT := words(table)
	cutoff := int64(binary.LittleEndian.Uint32(head[56:]))
	var all []*Stream
	for i := range entries {
		e := &entries[i]
		if e.kind != 2 {
			continue
		}
		s := &Stream{Name: e.path, Size: e.size, shift: f.shift, base: r, after: 1 << f.shift}
		if e.size < cutoff {
			s.shift, s.base, s.after = 6, small, 0
			s.load = func() []uint32 { return f.follow(miniFAT, e.start) }
		} else {
			s.load = func() []uint32 { return f.follow(f.fat, e.start) }
		}
		all = append(all, s)
	}
	return all, nil
}

// readFAT reads the table of sectors by the list of its own sectors.
func (f *file) readFAT(head []byte) error {
	sectors := f.size >> f.shift
	if sectors > maxSectors {
		return ErrTooLarge
	}
	list := make([]uint32, 0, 109)
	for i := 76; i < 512; i += 4 {
		list = append(list, binary.LittleEndian.Uint32(head[i:]))
	}
	next := binary.LittleEndian.Uint32(head[68:])
	each := int64(1)<<f.shift/4 - 1
	for n := int64(0); next < highest && n*each < sectors+each; n++ {
		block := words(f.sector(next))
		if int64(len(block)) <= each {
			return ErrBroken
		}
		list, next = append(list, block[:each]...), block[each]
	}
	for _, at := range list {
		if at >= highest || int64(len(f.fat)) > sectors {
			continue
		}
		block := f.sector(at)
		if block == nil {
			return ErrBroken
		}
		f.fat = append(f.fat, words(block)...)
	}
	return nil
}

// sector returns a sector, nil if it lies outside the file. The last one of a
// file may be short.
func (f *file) sector(n uint32) []byte {
	at := (int64(n) + 1) << f.shift
	if at >= f.size {
		return nil
	}
	block := make([]byte, 1<<f.shift)
	if _, err := f.r.ReadAt(block, at); err != nil && err != io.EOF {
		return nil
	}
	return block
}

func words(b []byte) []uint32 {
	out := make([]uint32, len(b)/4)
	for i := range out {
		out[i] = binary.LittleEndian.Uint32(b[4*i:])
	}
	return out
}

func (f *file) chain(start uint32) []uint32 { return f.follow(f.fat, start) }

// follow follows a table from a sector on. A circle ends it; and so do many
// streams that share their sectors, which no program writes.
func (f *file) follow(table []uint32, start uint32) []uint32 {
	var out []uint32
	for n := start; n < highest && int64(n) < int64(len(table)) && len(out) <= len(table); n = table[n] {
		if f.followed++; f.followed > 8*maxSectors {
			return nil
		}
		out = append(out, n)
	}
	return out
}

// stream reads a stream of the tables whole.
func (f *file) stream(start uint32, size int64) []byte {
	s := &Stream{Size: min(size, f.size), shift: f.shift, base: f.r, after: 1 << f.shift, chain: f.chain(start)}
	out := make([]byte, min(s.Size, int64(len(s.chain))<<s.shift))
	n, _ := s.ReadAt(out, 0)
	return out[:n]
}

// An entry is one thing in the directory: MS-CFB 2.6.
type entry struct {
	name               string
	path               string
	kind               byte // 1 a storage, 2 a stream, 5 the root
	left, right, child uint32
	start              uint32
	size               int64
}

func (f *file) directory(start uint32) ([]entry, error) {
	sectors := f.chain(start)
	raw := f.stream(start, int64(len(sectors))<<f.shift)
	if len(raw) < 128 {
		return nil, ErrBroken
	}
	if len(raw)/128 > maxEntries {
		return nil, ErrTooLarge
	}
	entries := make([]entry, 0, len(raw)/128)
	for ; len(raw) >= 128; raw = raw[128:] {
		length := min(64, int(binary.LittleEndian.Uint16(raw[64:])))
		e := entry{
			name: wideText(raw[:max(0, length-2)]), kind: raw[66],
			left: binary.LittleEndian.Uint32(raw[68:]), right: binary.LittleEndian.Uint32(raw[72:]), child: binary.LittleEndian.Uint32(raw[76:]),
			start: binary.LittleEndian.Uint32(raw[116:]), size: int64(binary.LittleEndian.Uint64(raw[120:])),
		}
		if f.shift == 9 {
			e.size &= 0xffffffff
		}
		e.size = max(0, e.size)
		e.path = e.name
		entries = append(entries, e)
	}
	if entries[0].kind != 5 {
		return nil, ErrBroken
	}
	name(entries)
	return entries, nil
}

// name gives each entry its path, by the trees below the storages.
func name(entries []entry) {
	type visit struct {
		at     uint32
		prefix string
	}
	seen := make([]bool, len(entries))
	todo := []visit{{entries[0].child, ""}}
	for len(todo) > 0 {
		v := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if int64(v.at) >= int64(len(entries)) || seen[v.at] {
			continue
		}
		seen[v.at] = true
		e := &entries[v.at]
		e.path = v.prefix + e.name
		todo = append(todo, visit{e.left, v.prefix}, visit{e.right, v.prefix})
		if len(e.path) < 1024 {
			todo = append(todo, visit{e.child, e.path + "/"})
		}
	}
}

// wideText decodes UTF-16 without characters that control a terminal.
func wideText(b []byte) string {
	units := make([]uint16, len(b)/2)
	for i := range units {
		units[i] = binary.LittleEndian.Uint16(b[2*i:])
	}
	return strings.Map(func(r rune) rune {
		if r < ' ' {
			return -1
		}
		return r
	}, string(surrogate.Decode(units)))
}
