package office

import (
	"io"
	"sort"
)

// remembered is how many bytes of text stay traceable. A scanner reports a
// match at most one window after it read it.
const remembered = 160 << 10

// A piece is a stretch of text and where it came from.
type piece struct {
	text int64 // offset in the text
	at   int64 // offset in the source
	size int64 // in the source
	same bool  // byte for byte
}

// A written is text on its way out that remembers its origin.
type written struct {
	bytes  []byte // not handed out yet
	begin  int64  // offset of bytes[0] in the text
	pieces []piece
	last   byte // the byte written last
	blind  bool // nobody will ask where it came from
}

func (w *written) end() int64 { return w.begin + int64(len(w.bytes)) }

// add appends text that stands for size bytes of the source at an offset.
func (w *written) add(text []byte, at, size int64) {
	if len(text) == 0 {
		return
	}
	if w.blind {
		w.append(text)
		return
	}
	same := int64(len(text)) == size
	if n := len(w.pieces); n > 0 {
		p := &w.pieces[n-1]
		switch {
		case same && p.same && p.at+p.size == at && p.text+p.size == w.end():
			p.size += size
			w.append(text)
			return
		case size == 0 && p.size == 0:
			w.append(text)
			return
		}
	}
	w.pieces = append(w.pieces, piece{w.end(), at, size, same})
	w.append(text)
}

func (w *written) append(text []byte) {
	w.bytes = append(w.bytes, text...)
	w.last = text[len(text)-1]
}

// read hands out text and forgets the origin of what is long past.
func (w *written) read(p []byte) int {
	n := copy(p, w.bytes)
	w.begin += int64(n)
	w.bytes = w.bytes[:copy(w.bytes, w.bytes[n:])]
	old := sort.Search(len(w.pieces), func(i int) bool { return w.pieces[i].text > w.begin-remembered })
	if old > len(w.pieces)/4+64 {
		w.pieces = w.pieces[:copy(w.pieces, w.pieces[old-1:])]
	}
	return n
}

// after returns the first piece that begins after a byte of the text.
func (w *written) after(text int64) int {
	return sort.Search(len(w.pieces), func(i int) bool { return w.pieces[i].text > text })
}

// find returns the piece that holds a byte of the text.
func (w *written) find(text int64) (piece, bool) {
	i := w.after(text)
	if i == 0 {
		return piece{}, false
	}
	return w.pieces[i-1], true
}

// Origin returns the offset in the source of a byte of the text.
func (w *written) Origin(text int64) int64 {
	p, ok := w.find(text)
	switch {
	case !ok:
		return 0
	case p.same:
		return p.at + min(text-p.text, p.size)
	}
	return p.at
}

// End returns the offset in the source just after the byte before text: where
// a stretch that ends there ends in the source.
func (w *written) End(text int64) int64 {
	p, ok := w.find(text - 1)
	switch {
	case !ok:
		return 0
	case p.same:
		return p.at + min(text-p.text, p.size)
	}
	return p.at + p.size
}

// A source makes text piece by piece.
type source interface {
	// fill writes some text, or returns why there is no more: io.EOF at the end.
	fill(w *written) error
}

// A Text is the text of a document, read as it is made.
type Text struct {
	written
	from source
	err  error
}

// Read fills p. The error of the markup's reader comes after all text before it.
func (t *Text) Read(p []byte) (int, error) {
	for t.err == nil && len(t.bytes) < len(p) {
		t.err = t.from.fill(&t.written)
	}
	if len(t.bytes) == 0 && len(p) > 0 {
		return 0, t.err
	}
	return t.read(p), nil
}

var _ io.Reader = (*Text)(nil)

// join moves the text of o, none of which was handed out, to the end of w.
func (w *written) join(o *written) {
	for _, p := range o.pieces {
		p.text += w.end()
		w.pieces = append(w.pieces, p)
	}
	if len(o.bytes) > 0 {
		w.append(o.bytes)
	}
	*o = written{bytes: o.bytes[:0], pieces: o.pieces[:0]}
}

// cut drops text from n on, none of which was handed out.
func (w *written) cut(n int) {
	w.bytes = w.bytes[:n]
	for len(w.pieces) > 0 && w.pieces[len(w.pieces)-1].text >= int64(n) {
		w.pieces = w.pieces[:len(w.pieces)-1]
	}
	w.last = 0
	if n > 0 {
		w.last = w.bytes[n-1]
	}
}
