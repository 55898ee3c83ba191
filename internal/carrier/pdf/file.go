package pdf

import (
	"bytes"
	"io"
)

// Limits of a file.
const (
	maxObjects  = 1 << 20
	maxSections = 1024     // tables of objects, one for each time it was saved
	maxPacked   = 16 << 20 // bytes of an object stream
	maxFollow   = 16       // references to references
)

// An entry says where an object is: above zero its offset plus one, below zero
// the object stream that holds it and its place there, packed; zero is free.
type entry int64

func inStream(container, index int) entry {
	return -entry(int64(container)<<24 | int64(index&0xffffff))
}

func (e entry) container() (number, index int) { return int(-e >> 24), int(-e & 0xffffff) }

// A file is an open PDF. It belongs to one goroutine.
type file struct {
	r       io.ReaderAt
	size    int64
	start   int64 // of the header: offsets count from here
	charge  func(io.Reader) io.Reader
	table   []entry
	trailer object
	key     *key // nil if the file is not encrypted

	held    int // the object stream in memory, 0 if none
	packed  []byte
	offsets []int64

	seen map[int]bool // numbers of objects that a part has shown

	names map[int]string // of attachments, by number

	resources object // of the first page

	defined  map[int]int64 // where objects are defined, if that had to be looked for
	searched int64         // bytes read in search of the ends of streams
	damaged  bool          // something could not be read
}

// open reads the tables of objects. Its error is ErrEncrypted or ErrBroken.
func open(r io.ReaderAt, size int64, charge func(io.Reader) io.Reader) (*file, error) {
	f := &file{r: r, size: size, charge: charge, seen: make(map[int]bool), names: make(map[int]string)}
	head := make([]byte, min(1024, size))
	r.ReadAt(head, 0)
	f.start = int64(max(0, bytes.Index(head, []byte("%PDF-"))))
	if f.tables() {
		if err := f.unlock(); err != nil || f.rooted() {
			return f, err
		}
	}
	f.table, f.trailer, f.key, f.held = nil, object{}, nil, 0
	clear(f.seen)
	return f, f.recover()
}

// rooted reports whether the tables lead to a catalog with pages.
func (f *file) rooted() bool {
	root := f.resolve(f.trailer.get("Root"))
	pages := f.resolve(root.get("Pages"))
	return pages.kind == isDict
}

// set notes where an object is, unless a newer table did.
func (f *file) set(number int, e entry) {
	if number <= 0 || number >= maxObjects {
		f.damaged = f.damaged || number >= maxObjects
		return
	}
	for len(f.table) <= number {
		f.table = append(f.table, 0)
	}
	if f.table[number] == 0 {
		f.table[number] = e
	}
}

// at returns a lexer that reads from an offset on.
func (f *file) at(offset int64, buffer int) *lexer {
	return newLexer(io.NewSectionReader(f.r, offset, max(0, f.size-offset)), buffer)
}

// see notes that an object was shown. There are no more than the table has.
func (f *file) see(number int) {
	if number > 0 && number < len(f.table) {
		f.seen[number] = true
	}
}

// resolve follows references.
func (f *file) resolve(o object) object {
	for range maxFollow {
		if o.kind != isRef {
			return o
		}
		o = f.load(int(o.num))
	}
	return object{}
}

// load reads an object by its number. What cannot be read is null.
func (f *file) load(number int) object {
	if number <= 0 || number >= maxObjects {
		return object{}
	}
	if number >= len(f.table) {
		f.rescue(number)
	}
	if number >= len(f.table) {
		return object{}
	}
	var o object
	var err error
	switch e := f.table[number]; {
	case e > 0:
		o, err = f.indirect(int64(e)-1, number)
		if err != nil && f.rescue(number) {
			o, err = f.indirect(int64(f.table[number])-1, number)
		}
	case e < 0:
		container, index := e.container()
		o, err = f.fromStream(container, index)
	}
	if err != nil {
		f.damaged = true
		return object{}
	}
	return o
}

// rescue looks for an object that is not where the tables say, by its
// definition. It reports whether there is one elsewhere. The file is read once
// for all of them.
func (f *file) rescue(number int) bool {
	if f.defined == nil {
		f.defined = make(map[int]int64)
		f.eachDefinition(func(offset int64, number int) { f.defined[number] = offset }, func(int64) {})
	}
	offset, ok := f.defined[number]
	if !ok || number < len(f.table) && f.table[number] == entry(offset+1) {
		return false
	}
	for len(f.table) <= number {
		f.table = append(f.table, 0)
	}
	f.table[number] = entry(offset + 1)
	return true
}

// indirect reads "number generation obj …" at an offset.
func (f *file) indirect(offset int64, number int) (object, error) {
	l := f.at(offset, 1024)
	got, gen, o, err := l.definition()
	if err != nil {
		return object{}, err
	}
	if got != number {
		return object{}, errSyntax
	}
	if o.kind == isDict {
		l.skip()
		if w, _ := l.next(); w.word("stream") {
			o.kind, o.at = isStream, offset+l.streamStart()
		}
	}
	if f.key != nil {
		f.key.strings(&o, number, gen)
	}
	if o.kind == isStream {
		o.num, o.gen = float64(number), int32(gen)
	}
	return o, nil
}

// definition reads "number generation obj" and the object.
func (l *lexer) definition() (number, gen int, o object, err error) {
	var head [3]object
	for i := range head {
		if head[i], err = l.next(); err != nil {
			return 0, 0, o, err
		}
	}
	if head[0].kind != isNumber || head[1].kind != isNumber || !head[2].word("obj") {
		return 0, 0, o, errSyntax
	}
	number, gen = head[0].integer(), head[1].integer()
	if o, err = l.next(); err == io.EOF && o.kind != isNull {
		err = nil
	}
	if o.kind != isNumber || err != nil {
		return number, gen, o, err
	}
	// An object may be a mere reference.
	second, err := l.next()
	if err == nil && second.kind == isNumber {
		if third, err := l.next(); err == nil && third.word("R") {
			o = object{kind: isRef, num: o.num, gen: int32(second.integer())}
		}
	}
	return number, gen, o, nil
}

// streamStart returns where a stream begins, after the word and a line end.
func (l *lexer) streamStart() int64 {
	if l.peek() == ' ' {
		l.pos++
	}
	if l.peek() == '\r' {
		l.pos++
	}
	if l.peek() == '\n' {
		l.pos++
	}
	return l.offset()
}

// fromStream reads an object out of an object stream.
func (f *file) fromStream(container, index int) (object, error) {
	if err := f.holdStream(container); err != nil {
		return object{}, err
	}
	if index >= len(f.offsets) {
		return object{}, errSyntax
	}
	at := f.offsets[index]
	if at < 0 || at >= int64(len(f.packed)) {
		return object{}, errSyntax
	}
	o, err := newLexer(bytes.NewReader(f.packed[at:]), 512).next()
	if err == io.EOF && o.kind != isNull {
		err = nil
	}
	return o, err
}

// holdStream unpacks an object stream, in place of the last one.
func (f *file) holdStream(container int) error {
	if f.held == container {
		return nil
	}
	if container <= 0 || container >= len(f.table) || f.table[container] <= 0 {
		return errSyntax // one object stream in another is forbidden
	}
	s := f.load(container)
	if s.kind != isStream {
		return errSyntax
	}
	r, err := f.unpack(&s)
	if err != nil {
		return err
	}
	content, err := io.ReadAll(io.LimitReader(r, maxPacked+1))
	if len(content) > maxPacked {
		return ErrTooLarge
	}
	if err != nil {
		f.damaged = true // what came is good
	}
	first := int64(f.resolve(s.get("First")).integer())
	f.held, f.packed, f.offsets = container, content, f.offsets[:0]
	l := newLexer(bytes.NewReader(content), 512)
	for range min(f.resolve(s.get("N")).integer(), maxObjects) {
		number, err := l.next()
		offset, err2 := l.next()
		if err != nil || err2 != nil || number.kind != isNumber {
			break
		}
		f.offsets = append(f.offsets, first+int64(offset.integer()))
	}
	return nil
}

// raw returns the stored bytes of a stream, decrypted.
func (f *file) raw(s *object, filters []object) (io.Reader, error) {
	if s.kind != isStream {
		return nil, errSyntax
	}
	length := int64(f.resolve(s.get("Length")).integer())
	if !f.endsAt(s.at, length) {
		length = f.search(s.at)
	}
	var r io.Reader = io.NewSectionReader(f.r, s.at, length)
	if f.key != nil {
		r = f.key.stream(r, s, filters, f)
	}
	return r, nil
}

// endsAt reports whether a stream of that length is followed by its end.
func (f *file) endsAt(at, length int64) bool {
	if length < 0 || at+length > f.size || at < 0 {
		return false
	}
	var room [16]byte
	n, _ := f.r.ReadAt(room[:min(16, f.size-at-length)], at+length)
	return bytes.HasPrefix(bytes.TrimLeft(room[:n], "\r\n \t\x00"), []byte("endstream"))
}

// search returns the length of a stream by the word that ends it. How much is
// read for such searches is bounded; then what is left of the file is taken.
func (f *file) search(at int64) int64 {
	f.damaged = f.damaged || f.searched > 4*f.size
	if at < 0 || at >= f.size || f.searched > 4*f.size {
		return max(0, f.size-at)
	}
	const step, keep = 64 << 10, 16
	block := make([]byte, step+keep)
	for from := at; from < f.size; from += step {
		n, _ := f.r.ReadAt(block[:min(step+keep, f.size-from)], from)
		f.searched += int64(n)
		if i := bytes.Index(block[:n], []byte("endstream")); i >= 0 {
			return from - at + int64(i)
		}
	}
	return f.size - at
}
