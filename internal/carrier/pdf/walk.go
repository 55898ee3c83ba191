package pdf

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"sort"
)

// A Part is one piece of a PDF.
type Part struct {
	Name   string
	Stored int64 // bytes in the file, negative if unknown
	// Picture is set if there is nothing to read but to look at.
	Picture bool
	// Unknown is set if the piece is packed in a way that is not known.
	Unknown bool
	// Text is set if Open returns text that was made, and not what the file holds.
	Text bool
	// Open returns the content. It is called at most once, during visit.
	Open func() (io.Reader, error)
}

// Walk calls visit for each part of a PDF: pages in order, the strings outside
// pages, attachments, and the streams that no page has shown. An error from
// visit is returned as it is. ErrEncrypted means that nothing was read;
// ErrBroken that something could not be.
func Walk(r io.ReaderAt, size int64, charge func(io.Reader) io.Reader, visit func(Part) error) error {
	f, err := open(r, size, charge)
	if err != nil {
		return err
	}
	fonts := make(map[int]*font)
	err = f.pages(func(p page) error { return f.visitPage(p, fonts, visit) })
	if errors.Is(err, ErrTooLarge) {
		f.damaged = true
	} else if err != nil {
		return err
	}
	clear(fonts)
	s := &strays{f: f}
	s.order()
	if err := visit(Part{Name: "strings", Stored: -1, Text: true, Open: func() (io.Reader, error) { return s, nil }}); err != nil {
		return err
	}
	if _, err := io.Copy(io.Discard, s); err != nil {
		return err
	}
	for _, number := range s.streams {
		if err := f.visitStream(number, visit); err != nil {
			return err
		}
	}
	for _, d := range s.replaced {
		if o, err := f.indirect(d.at, d.number); err == nil {
			if err := f.visitContent(fmt.Sprintf("replaced object %d at %d", d.number, d.at), &o, visit); err != nil {
				return err
			}
		}
	}
	if f.damaged {
		return ErrBroken
	}
	return nil
}

// visitPage visits the text of a page. A page on which there is nothing but
// pictures is one itself.
func (f *file) visitPage(p page, fonts map[int]*font, visit func(Part) error) error {
	if f.resources.kind == isNull {
		f.resources = p.resources
	}
	d := newDrawing(f, fonts)
	r, err := f.contents(&p)
	d.err = err
	d.push(r, p.resources)
	t := &pageText{d: d, notes: f.list(p.dict.get("Annots"))}
	t.fill()
	part := Part{Name: fmt.Sprintf("page %d", p.number), Stored: -1, Text: true, Open: func() (io.Reader, error) { return t, nil }}
	if t.done && len(d.pictures) > 0 && d.err == nil && len(bytes.TrimSpace(t.out)) == 0 {
		part.Picture, part.Open = true, nil
		for _, number := range d.pictures {
			f.see(number)
		}
	}
	return visit(part)
}

// A pageText is the text of a page, laid out a part at a time.
type pageText struct {
	d     *drawing
	notes []object // yet to be read
	out   []byte
	done  bool
}

func (t *pageText) Read(p []byte) (int, error) {
	for len(t.out) == 0 {
		if t.done {
			return 0, cmp.Or(t.d.err, io.EOF)
		}
		t.fill()
	}
	n := copy(p, t.out)
	t.out = t.out[n:]
	return n, nil
}

// fill lays out the next part: of the content first, then note by note.
func (t *pageText) fill() {
	more := true
	for more && !t.d.layout.full() {
		more = t.d.step()
	}
	t.out = t.d.layout.lines(t.out[:0])
	for !more && len(t.notes) > 0 && len(t.out) < maxSpanText && len(t.d.frames) == 0 {
		t.note(t.notes[0])
		t.notes = t.notes[1:]
	}
	t.done = !more && len(t.notes) == 0 && len(t.d.frames) == 0
}

// note writes the strings of a note or field on the page, or if it has none,
// draws what it shows.
func (t *pageText) note(o object) {
	f := t.d.f
	if o.kind == isRef {
		if f.seen[int(o.num)] {
			return
		}
		f.see(int(o.num))
	}
	dict := f.resolve(o)
	f.attachments(&dict)
	said := len(t.out)
	t.out = appendStrings(t.out, "", &dict)
	appearance := f.resolve(dict.get("AP"))
	form := f.resolve(appearance.get("N"))
	if form.kind == isDict {
		form = f.resolve(form.get(string(f.resolve(dict.get("AS")).text)))
	}
	if form.kind != isStream {
		return
	}
	f.see(int(form.num))
	if value := either(&dict, "Contents", "V"); value.kind == isNull && f.resolve(dict.get("Parent")).kind == isNull || len(t.out) == said {
		t.d.now = state{page: identity, size: 1, stretch: 1}
		t.d.form(&form, object{})
	}
}

// visitStream visits a stream that no page has shown.
func (f *file) visitStream(number int, visit func(Part) error) error {
	s := f.load(number)
	if s.kind != isStream || f.seen[number] {
		return nil
	}
	name := f.names[number]
	if name == "" {
		name = fmt.Sprintf("object %d", number)
	}
	return f.visitContent(name, &s, visit)
}

// visitContent visits a stream by itself. One that draws text is laid out as
// a page is, with the fonts of the first page, because nobody knows its own.
func (f *file) visitContent(name string, s *object, visit func(Part) error) error {
	part := Part{Name: name, Stored: int64(f.resolve(s.get("Length")).integer())}
	unpacked, err := f.unpack(s)
	switch picture := f.resolve(s.get("Subtype")).is("Image"); {
	case picture && f.tiny(s):
		return nil
	case picture, errors.Is(err, errPicture):
		part.Picture = true
	case errors.Is(err, ErrFilter):
		part.Unknown = true
	}
	if err != nil || part.Picture {
		part.Open = func() (io.Reader, error) { return unpacked, err }
		return visit(part)
	}
	r := bufio.NewReaderSize(unpacked, 4096)
	part.Open = func() (io.Reader, error) { return r, nil }
	if head, _ := r.Peek(4096); draws(head) {
		d := newDrawing(f, make(map[int]*font))
		d.push(&lenient{r, f}, f.resources)
		part.Text = true
		part.Open = func() (io.Reader, error) { return &pageText{d: d}, nil }
	}
	return visit(part)
}

// draws reports whether a stream that begins so is content that draws text.
func draws(head []byte) bool {
	begin := bytes.Index(head, []byte("BT"))
	if begin < 0 || bytes.IndexByte(head, 0) >= 0 {
		return false
	}
	rest := head[begin:]
	return bytes.Contains(rest, []byte("Tj")) || bytes.Contains(rest, []byte("TJ"))
}

// tiny reports whether a picture is too small to show a number.
func (f *file) tiny(s *object) bool {
	width, height := f.resolve(s.get("Width")).integer(), f.resolve(s.get("Height")).integer()
	return width > 0 && height > 0 && (width < 32 || height < 5)
}

// strays are the objects that no page has shown. Reading them yields their
// strings, and gathers the streams.
type strays struct {
	f        *file
	numbers  []int32 // yet to be read
	streams  []int
	earlier  []definition // that are not in the table
	spans    [][2]int64   // where the streams lie
	found    bool         // earlier was made
	replaced []definition // the streams among them
	out      []byte
	rest     []byte // of out, unread
}

// order lists the objects so that those of one object stream stand together.
func (s *strays) order() {
	table := s.f.table
	for number, e := range table {
		if e != 0 {
			s.numbers = append(s.numbers, int32(number))
		}
	}
	place := func(number int32) entry { // what stands openly first
		if e := table[number]; e > 0 {
			return e - 1<<62
		}
		return -table[number]
	}
	slices.SortFunc(s.numbers, func(a, b int32) int { return cmp.Or(cmp.Compare(place(a), place(b)), cmp.Compare(a, b)) })
}

func (s *strays) Read(p []byte) (int, error) {
	for len(s.rest) == 0 {
		s.rest = s.out[:0]
		switch {
		case len(s.numbers) > 0:
			s.next(int(s.numbers[0]))
			s.numbers = s.numbers[1:]
		case !s.found:
			s.findEarlier()
		case len(s.earlier) > 0:
			s.nextEarlier(s.earlier[0])
			s.earlier = s.earlier[1:]
		default:
			return 0, io.EOF
		}
		s.out = s.rest
	}
	n := copy(p, s.rest)
	s.rest = s.rest[n:]
	return n, nil
}

func (s *strays) next(number int) {
	if s.f.seen[number] {
		return
	}
	o := s.f.load(number)
	if o.get("Type").is("XRef") || o.get("Type").is("ObjStm") {
		return
	}
	s.f.attachments(&o)
	if o.kind == isStream {
		s.streams = append(s.streams, number)
		s.spans = append(s.spans, [2]int64{o.at, o.at + int64(s.f.resolve(o.get("Length")).integer())})
		for _, key := range []string{"SMask", "Mask"} {
			if mask := o.get(key); mask.kind == isRef {
				s.f.see(int(mask.num))
			}
		}
	}
	s.rest = appendStrings(s.rest, "", &o)
}

// A definition is an object where it stands.
type definition struct {
	at     int64
	number int
}

// maxEarlier bounds the definitions that are read although a later one
// replaced them.
const maxEarlier = 20_000

// findEarlier looks for what the tables do not speak of any more: each time a
// file is saved, some programs only add to it, so what was edited or taken out
// is still there.
func (s *strays) findEarlier() {
	s.found = true
	slices.SortFunc(s.spans, func(a, b [2]int64) int { return cmp.Compare(a[1], b[1]) })
	s.f.eachDefinition(func(offset int64, number int) {
		known := number < len(s.f.table) && s.f.table[number] == entry(offset+1)
		if !known && !s.inStream(offset) && len(s.earlier) < maxEarlier {
			s.earlier = append(s.earlier, definition{offset, number})
		}
	}, func(int64) {})
	s.f.damaged = s.f.damaged || len(s.earlier) == maxEarlier
}

// inStream reports whether an offset lies in a stream that is a part of its
// own, as an attached PDF.
func (s *strays) inStream(offset int64) bool {
	i := sort.Search(len(s.spans), func(i int) bool { return s.spans[i][1] > offset })
	return i < len(s.spans) && s.spans[i][0] <= offset
}

func (s *strays) nextEarlier(d definition) {
	o, err := s.f.indirect(d.at, d.number)
	if err != nil || o.typed("XRef") || o.typed("ObjStm") {
		return
	}
	if o.kind == isStream {
		s.replaced = append(s.replaced, d)
	}
	s.rest = appendStrings(s.rest, "", &o)
}

// attachments notes the names of the embedded files that an object speaks of.
func (f *file) attachments(o *object) {
	if files := f.resolve(o.get("EF")); files.kind == isDict {
		name := readable(f.resolve(either(o, "UF", "F")).text)
		if file := either(&files, "UF", "F"); file.kind == isRef && name != "" {
			f.names[int(file.num)] = name
		}
	}
	for i := range o.list {
		if o.list[i].kind == isDict {
			f.attachments(&o.list[i])
		}
	}
}

// appendStrings appends the strings in an object, a line each with its key.
func appendStrings(dst []byte, key string, o *object) []byte {
	switch o.kind {
	case isString:
		if text := readable(o.text); text != "" {
			dst = append(append(append(dst, key...), ": "...), text...)
			dst = append(dst, '\n')
		}
	case isArray:
		for i := range o.list {
			dst = appendStrings(dst, key, &o.list[i])
		}
	case isDict, isStream:
		for i := 0; i+1 < len(o.list); i += 2 {
			dst = appendStrings(dst, string(o.list[i].text), &o.list[i+1])
		}
	}
	return dst
}

// readable decodes a text string; one that is not text is "".
func readable(b []byte) string {
	if bytes.HasPrefix(b, []byte("\xfe\xff")) {
		return utf16Text(b[2:])
	}
	if bytes.HasPrefix(b, []byte("\xef\xbb\xbf")) {
		return string(b[3:])
	}
	odd := 0
	runes := make([]rune, 0, len(b))
	for _, c := range b {
		if c < ' ' && c != '\n' && c != '\r' && c != '\t' {
			odd++
		}
		runes = append(runes, latin(c))
	}
	if odd*4 > len(b) {
		return ""
	}
	return string(runes)
}
