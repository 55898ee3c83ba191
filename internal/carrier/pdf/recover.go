package pdf

import (
	"bytes"
	"errors"
	"io"
)

// ErrBroken is returned for what does not read as a PDF at all.
var ErrBroken = errors.New("read pdf: broken")

// recover makes the table of objects from the objects themselves: each line
// that reads "number generation obj" is one, and a later one replaces an
// earlier.
func (f *file) recover() error {
	var streams []int
	f.eachDefinition(func(offset int64, number int) {
		for len(f.table) <= number {
			f.table = append(f.table, 0)
		}
		f.table[number] = entry(offset + 1)
	}, func(offset int64) {
		l := f.at(offset, 1024)
		l.next()
		if t, err := l.next(); err == nil && t.kind == isDict && t.get("Root").kind == isRef {
			f.trailer = t
		}
	})
	if f.trailer.kind == isNull {
		f.findTrailer()
	}
	if err := f.unlock(); err != nil {
		return err
	}
	for number, e := range f.table {
		if e > 0 && f.load(number).typed("ObjStm") {
			streams = append(streams, number)
		}
	}
	for _, number := range streams {
		f.unfold(number)
	}
	if !f.rooted() {
		f.findRoot()
	}
	if f.trailer.kind == isNull && len(f.table) == 0 {
		return ErrBroken
	}
	f.damaged = false
	return nil
}

// findTrailer takes a table that is a stream for its trailer.
func (f *file) findTrailer() {
	for number, e := range f.table {
		if e <= 0 {
			continue
		}
		if o := f.load(number); o.typed("XRef") && o.get("Root").kind == isRef {
			f.trailer = o
			f.trailer.kind = isDict
		}
	}
}

// findRoot looks for a catalog among the objects.
func (f *file) findRoot() {
	for number := range f.table {
		if o := f.load(number); o.typed("Catalog") {
			root := object{kind: isRef, num: float64(number)}
			f.trailer = object{kind: isDict, list: []object{{kind: isName, text: []byte("Root")}, root}}
			return
		}
	}
}

// unfold notes the objects of an object stream, unless they stand openly.
func (f *file) unfold(container int) {
	if f.holdStream(container) != nil {
		return
	}
	l := newLexer(bytes.NewReader(f.packed), 512)
	for i := range len(f.offsets) {
		number, err := l.next()
		if err != nil {
			return
		}
		l.next()
		f.set(number.integer(), inStream(container, i))
	}
}

// eachDefinition reads the file once and calls define for each definition of
// an object and trailer for each trailer, with where it begins.
func (f *file) eachDefinition(define func(offset int64, number int), trailer func(offset int64)) {
	const step, keep = 64 << 10, 64
	block := make([]byte, step+keep)
	r := io.NewSectionReader(f.r, 0, f.size)
	for from := int64(0); from < f.size; from += step {
		n, _ := r.ReadAt(block[:min(step+keep, f.size-from)], from)
		text := block[:n]
		for i := 0; i < min(n, step); {
			at := bytes.IndexByte(text[i:], 'o')
			if at < 0 {
				break
			}
			i += at + 1
			if bytes.HasPrefix(text[i-1:], []byte("obj")) && i > 1 && blank(int(text[i-2])) {
				f.backwards(from+int64(i-1), define)
			}
		}
		for i := 0; ; {
			at := bytes.Index(text[i:], []byte("trailer"))
			if at < 0 || i+at >= step {
				break
			}
			trailer(from + int64(i+at))
			i += at + 7
		}
	}
}

// backwards reads the two numbers before the word obj at an offset.
func (f *file) backwards(offset int64, define func(offset int64, number int)) {
	var room [32]byte
	from := max(0, offset-int64(len(room)))
	n, _ := f.r.ReadAt(room[:offset-from], from)
	b := room[:n]
	i := len(b)
	word := func() (int64, bool) {
		for i > 0 && blank(int(b[i-1])) {
			i--
		}
		end := i
		for i > 0 && '0' <= b[i-1] && b[i-1] <= '9' {
			i--
		}
		value := digits(b[i:end])
		return value, value >= 0
	}
	if gen, ok := word(); !ok || gen > 65535 || i == len(b) {
		return
	}
	number, ok := word()
	if ok && number > 0 && number < maxObjects {
		define(from+int64(i), int(number))
	}
}
