// Package journal reads the systemd journal. It has journalctl write its
// entries in the export format and reads that: the files themselves have
// changed their form several times, and journalctl knows them all. In go a
// folder, a file or nothing for the journal of this system, out come fields,
// in the order of the entries.
package journal

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"strings"
)

// ErrForm says that a stream is not in the export format.
var ErrForm = errors.New("its entries are not understood")

// A Field is one field of an entry.
type Field struct {
	Entry int64  // counted from 1
	Unit  string // what wrote the entry, as far as it says
	Name  string
	Value []byte // good until the next field
	Over  int64  // bytes of the value that were too many to hold
}

const (
	maxName  = 256      // longer names are not written by systemd
	maxValue = 16 << 20 // bytes of a value that are held
	maxEntry = 64 << 20 // bytes of an entry
)

// A reader takes the fields of an export stream apart. It holds an entry at a
// time, because the unit may stand at its end.
type reader struct {
	r      *bufio.Reader
	entry  int64
	fields []Field
}

func newReader(r io.Reader) *reader { return &reader{r: bufio.NewReaderSize(r, 64<<10)} }

// next returns the next field that may hold text, io.EOF after the last.
func (r *reader) next() (Field, error) {
	for len(r.fields) == 0 {
		if err := r.read(); err != nil {
			return Field{}, err
		}
	}
	f := r.fields[0]
	r.fields = r.fields[1:]
	return f, nil
}

// read takes the next entry.
func (r *reader) read() error {
	size, unit, any := 0, "", false
	for {
		f, err := r.field()
		if err == io.EOF && any {
			break
		}
		if err != nil {
			return err
		}
		if f.Name == "" { // the empty line between entries
			if any {
				break
			}
			continue
		}
		any = true
		if better(f.Name, unit == "") {
			unit = string(f.Value)
		}
		if size += len(f.Value); size > maxEntry {
			return ErrForm
		}
		if worth(f.Name) {
			r.fields = append(r.fields, f)
		}
	}
	r.entry++
	for i := range r.fields {
		r.fields[i].Entry, r.fields[i].Unit = r.entry, unit
	}
	return nil
}

// better reports whether a field says best so far what wrote the entry.
func better(name string, first bool) bool {
	return name == "_SYSTEMD_UNIT" || first && (name == "SYSLOG_IDENTIFIER" || name == "_COMM")
}

// worth reports whether a field may hold what a program wrote: not the
// journal's own counts, and not identifiers made of hex digits.
func worth(name string) bool {
	return !strings.HasPrefix(name, "__") && !strings.HasSuffix(name, "_ID") && !strings.HasSuffix(name, "TIMESTAMP") &&
		name != "_SYSTEMD_INVOCATION_ID" && name != "_STREAM_ID"
}

// field reads one field: NAME=value and a line end, or a NAME, a line end, a
// length in eight bytes, the value and a line end.
func (r *reader) field() (Field, error) {
	line, err := r.r.ReadSlice('\n')
	long := err == bufio.ErrBufferFull
	if err == io.EOF && len(line) > 0 {
		return Field{}, ErrForm
	}
	if err != nil && !long {
		return Field{}, err
	}
	line = bytes.TrimSuffix(line, []byte{'\n'})
	name, value, inline := bytes.Cut(line, []byte{'='})
	if len(name) > maxName || inline && len(name) == 0 {
		return Field{}, ErrForm
	}
	f := Field{Name: string(name)}
	switch {
	case inline:
		f.Value = bytes.Clone(value)
		for long {
			if line, err = r.r.ReadSlice('\n'); err != nil && err != bufio.ErrBufferFull {
				return Field{}, ErrForm
			}
			long = err == bufio.ErrBufferFull
			line = bytes.TrimSuffix(line, []byte{'\n'})
			room := min(maxValue-len(f.Value), len(line))
			f.Value, f.Over = append(f.Value, line[:room]...), f.Over+int64(len(line)-room)
		}
	case long:
		return Field{}, ErrForm
	case len(name) > 0:
		if err := r.sized(&f); err != nil {
			return Field{}, ErrForm
		}
	}
	return f, nil
}

// sized reads a value by its length.
func (r *reader) sized(f *Field) error {
	var head [8]byte
	if _, err := io.ReadFull(r.r, head[:]); err != nil {
		return err
	}
	size := binary.LittleEndian.Uint64(head[:])
	if size > 1<<40 {
		return ErrForm
	}
	held := min(size, maxValue)
	value, err := io.ReadAll(io.LimitReader(r.r, int64(held)))
	if err != nil || uint64(len(value)) < held {
		return ErrForm
	}
	f.Value, f.Over = value, int64(size-held)
	if _, err := io.CopyN(io.Discard, r.r, f.Over); err != nil {
		return err
	}
	end, err := r.r.ReadByte()
	if err != nil || end != '\n' {
		return ErrForm
	}
	return nil
}
