package pdf

import (
	"compress/flate"
	"errors"
	"io"
	"strings"
)

// Limits of the tree of pages.
const (
	maxPages     = 100_000
	maxPageDepth = 64
	maxContents  = 2048 // streams of one page
)

// A page is a leaf of the tree, with what it takes over from above.
type page struct {
	dict      object
	resources object
	number    int
}

// pages calls visit for each page in order.
func (f *file) pages(visit func(page) error) error {
	root := f.resolve(f.trailer.get("Root"))
	w := &pageWalk{f: f, visit: visit, seen: make(map[int]bool)}
	return w.node(root.get("Pages"), object{}, 0)
}

type pageWalk struct {
	f     *file
	visit func(page) error
	seen  map[int]bool
	count int
}

func (w *pageWalk) node(o, resources object, depth int) error {
	if o.kind == isRef {
		if w.seen[int(o.num)] {
			return nil
		}
		w.seen[int(o.num)] = true
	}
	dict := w.f.resolve(o)
	if dict.kind != isDict {
		return nil
	}
	if depth > maxPageDepth || w.count >= maxPages {
		return ErrTooLarge
	}
	if own := w.f.resolve(dict.get("Resources")); own.kind == isDict {
		resources = own
	}
	kids := w.f.resolve(dict.get("Kids"))
	if kids.kind != isArray || dict.get("Type").is("Page") {
		w.count++
		return w.visit(page{dict, resources, w.count})
	}
	for _, kid := range kids.list {
		if err := w.node(kid, resources, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// contents returns the content streams of a page, one after the other.
func (f *file) contents(p *page) (io.Reader, error) {
	var all []io.Reader
	var fault error
	for _, o := range f.list(p.dict.get("Contents")) {
		s := f.resolve(o)
		if s.kind != isStream {
			continue
		}
		f.see(int(s.num))
		r, err := f.unpack(&s)
		if err != nil {
			fault = err
			continue
		}
		all = append(all, &lenient{r, f}, strings.NewReader("\n"))
		if len(all) > 2*maxContents {
			return io.MultiReader(all...), ErrTooLarge
		}
	}
	return io.MultiReader(all...), fault
}

// lenient ends a stream where its packing is damaged, so that what follows is
// read. Errors of other kinds, as of the budget, go on.
type lenient struct {
	r io.Reader
	f *file
}

func (l *lenient) Read(p []byte) (int, error) {
	n, err := l.r.Read(p)
	if damaged(err) {
		l.f.damaged = true
		err = io.EOF
	}
	return n, err
}

// damaged reports whether err says that packed data is broken.
func damaged(err error) bool {
	var corrupt flate.CorruptInputError
	return errors.As(err, &corrupt) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, errSyntax)
}
