package pdf

import (
	"bytes"
	"io"
)

// tables reads the tables of objects, the newest first. It reports whether
// they could be read.
func (f *file) tables() bool {
	tail := make([]byte, min(2048, f.size))
	f.r.ReadAt(tail, f.size-int64(len(tail)))
	i := bytes.LastIndex(tail, []byte("startxref"))
	if i < 0 {
		return false
	}
	at, err := newLexer(bytes.NewReader(tail[i+len("startxref"):]), 64).next()
	if err != nil || at.kind != isNumber {
		return false
	}
	next := []int64{int64(at.integer())}
	seen := make(map[int64]bool)
	for n := 0; len(next) > 0; n++ {
		offset := next[0]
		next = next[1:]
		if seen[offset] {
			continue
		}
		seen[offset] = true
		if n > maxSections {
			return false
		}
		trailer, ok := f.section(f.start + offset)
		if !ok {
			return false
		}
		if f.trailer.kind == isNull {
			f.trailer = trailer
		}
		for _, key := range []string{"XRefStm", "Prev"} {
			if o := trailer.get(key); o.kind == isNumber {
				next = append(next, int64(o.integer()))
			}
		}
	}
	return true
}

// section reads one table at an offset and returns its trailer.
func (f *file) section(offset int64) (object, bool) {
	if offset < 0 || offset >= f.size {
		return object{}, false
	}
	l := f.at(offset, 16<<10)
	first, err := l.next()
	if err != nil {
		return object{}, false
	}
	if !first.word("xref") {
		return f.streamSection(offset)
	}
	for {
		start, err := l.next()
		if err != nil {
			return object{}, false
		}
		if start.word("trailer") {
			trailer, err := l.next()
			return trailer, err == nil && trailer.kind == isDict
		}
		count, err := l.next()
		if err != nil || start.kind != isNumber || count.kind != isNumber || !f.entries(l, start.integer(), count.integer()) {
			return object{}, false
		}
	}
}

// entries reads the lines of one run of numbers.
func (f *file) entries(l *lexer, start, count int) bool {
	for i := range min(count, maxObjects) {
		offset, err := l.next()
		if err != nil || offset.kind != isNumber {
			return false
		}
		l.next()
		if used, err := l.next(); err != nil {
			return false
		} else if used.word("n") && offset.num > 0 {
			f.set(start+i, entry(f.start+int64(offset.integer())+1))
		}
	}
	return count <= maxObjects
}

// streamSection reads a table that is a stream.
func (f *file) streamSection(offset int64) (object, bool) {
	l := f.at(offset, 1024)
	_, _, s, err := l.definition()
	if err != nil || s.kind != isDict || !s.get("Type").is("XRef") {
		return object{}, false
	}
	if w, err := l.next(); err != nil || !w.word("stream") {
		return object{}, false
	}
	s.kind, s.at = isStream, offset+l.streamStart()
	trailer := s
	trailer.kind = isDict
	key := f.key
	f.key = nil // a table is never encrypted
	r, err := f.unpack(&s)
	f.key = key
	if err != nil {
		return object{}, false
	}
	return trailer, f.rows(r, &s)
}

// rows reads the rows of a table that is a stream.
func (f *file) rows(r io.Reader, s *object) bool {
	var width [3]int
	w := f.list(s.get("W"))
	if len(w) < 3 {
		return false
	}
	total := 0
	for i := range width {
		if width[i] = w[i].integer(); width[i] < 0 || width[i] > 8 {
			return false
		}
		total += width[i]
	}
	index := f.list(s.get("Index"))
	if len(index) == 0 {
		index = []object{{kind: isNumber}, f.resolve(s.get("Size"))}
	}
	row := make([]byte, total)
	for i := 0; i+1 < len(index) && total > 0; i += 2 {
		start, count := index[i].integer(), index[i+1].integer()
		for n := range min(count, maxObjects) {
			if _, err := io.ReadFull(r, row); err != nil {
				return true // what came is good
			}
			f.row(start+n, row, width)
		}
	}
	return true
}

func (f *file) row(number int, row []byte, width [3]int) {
	var field [3]int64
	for i, at := 0, 0; i < 3; i++ {
		for _, c := range row[at : at+width[i]] {
			field[i] = field[i]<<8 | int64(c)
		}
		at += width[i]
	}
	kind := field[0]
	if width[0] == 0 {
		kind = 1
	}
	switch {
	case kind == 1 && field[1] >= 0 && field[1] < f.size:
		f.set(number, entry(f.start+field[1]+1))
	case kind == 2 && field[1] > 0 && field[1] < maxObjects:
		f.set(number, inStream(int(field[1]), int(field[2])))
	}
}
