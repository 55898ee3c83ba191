package redact

import (
	"bytes"
	"cmp"
	"slices"
)

// A stretch is a piece of markup.
type stretch struct {
	from, to int
	tag      bool // from "<" to ">"; else text that may be masked
	formula  bool // text that has to remain a formula
}

// A cell is a cell of a worksheet: where its tag and its value stand.
type cell struct {
	tag   stretch
	kind  string // its attribute t
	value stretch
}

// holdsText reports whether the value says what the cell shows; else it is a
// number or the index of a string.
func (c *cell) holdsText() bool { return c.kind == "str" || c.kind == "inlineStr" }

// An outline tells text from tags in a part, and where the cells are. It cuts
// where package office does, and takes what never ends for text.
type outline struct {
	src   []byte
	all   []stretch // in order
	last  string    // name of the last tag
	cells []cell    // in order, those with a value
}

func outlineOf(src []byte, sheet bool) *outline {
	o := &outline{src: src}
	for i := 0; i < len(src); {
		if src[i] != '<' {
			n := bytes.IndexByte(src[i:], '<')
			if n < 0 {
				n = len(src) - i
			}
			o.add(i, i+n, false)
			i += n
			continue
		}
		i = o.markup(i)
	}
	if sheet {
		o.findCells()
	}
	return o
}

func (o *outline) add(from, to int, tag bool) {
	if from == to {
		return
	}
	o.all = append(o.all, stretch{from, to, tag, !tag && formulas[o.last]})
	if tag {
		o.last = tagName(o.src[from:to])
	}
}

// formulas are the elements whose text is computed with.
var formulas = map[string]bool{"f": true, "formula": true, "formula1": true, "formula2": true, "definedName": true, "calculatedColumnFormula": true}

// remarks are what is no tag: how it begins and ends.
var remarks = [...][2]string{{"<!--", "-->"}, {"<![CDATA[", "]]>"}, {"<?", "?>"}, {"<!", ">"}}

// markup takes in what begins with "<" at i and returns where it ends.
func (o *outline) markup(i int) int {
	rest := o.src[i:]
	for _, r := range remarks {
		if !bytes.HasPrefix(rest, []byte(r[0])) {
			continue
		}
		from := i + len(r[0])
		n := bytes.Index(o.src[from:], []byte(r[1]))
		if n < 0 {
			o.add(from, len(o.src), false)
			return len(o.src)
		}
		o.add(from, from+n, false)
		return from + n + len(r[1])
	}
	n := tagEnd(rest)
	if n < 0 {
		o.add(i+1, len(o.src), false)
		return len(o.src)
	}
	o.add(i, i+n, true)
	return i + n
}

// tagEnd returns the length of a tag, -1 if it does not end. A ">" in quotes
// does not end it.
func tagEnd(b []byte) int {
	for i := 1; i < len(b); i++ {
		switch b[i] {
		case '>':
			return i + 1
		case '"', '\'':
			n := bytes.IndexByte(b[i+1:], b[i])
			if n < 0 {
				return -1
			}
			i += n + 1
		}
	}
	return -1
}

// tagName returns the local name of a tag, with a "/" before it at an end.
func tagName(tag []byte) string {
	name := tag[1 : len(tag)-1]
	slash := ""
	if bytes.HasPrefix(name, []byte("/")) {
		slash, name = "/", name[1:]
	}
	if n := bytes.IndexAny(name, " \t\r\n/"); n >= 0 {
		name = name[:n]
	}
	return slash + string(name[bytes.IndexByte(name, ':')+1:])
}

// findCells notes the cells that have a value. That of a number ends where its
// element does; text may come in several.
func (o *outline) findCells() {
	var c cell
	within := false
	for _, s := range o.all {
		if !s.tag {
			continue
		}
		tag := o.src[s.from:s.to]
		switch tagName(tag) {
		case "c":
			c, within = cell{tag: s, kind: attribute(tag, "t")}, true
		case "v", "t":
			if within && c.value.from == 0 && tag[len(tag)-2] != '/' {
				c.value.from = s.to
			}
		case "/v", "/t":
			if within && c.value.from > 0 && (c.value.to == 0 || c.holdsText()) {
				c.value.to = s.from
			}
		case "/c":
			if within && c.value.to > c.value.from {
				o.cells = append(o.cells, c)
			}
			within = false
		}
	}
}

// cellAt returns the cell whose value stands at an offset, nil if none does.
func (o *outline) cellAt(at int) *cell {
	i, _ := slices.BinarySearchFunc(o.cells, at, func(c cell, at int) int { return cmp.Compare(c.value.to, at+1) })
	if i < len(o.cells) && o.cells[i].value.from <= at {
		return &o.cells[i]
	}
	return nil
}

// between returns the stretches that the bytes from off to end touch.
func (o *outline) between(off, end int) []stretch {
	first, _ := slices.BinarySearchFunc(o.all, off, func(s stretch, off int) int { return cmp.Compare(s.to, off+1) })
	last := first
	for last < len(o.all) && o.all[last].from < end {
		last++
	}
	return o.all[first:last]
}

// An attr is an attribute of a tag: where it and its value stand in the tag.
type attr struct {
	name       string // without its prefix
	from, to   int    // with the blank before it
	begin, end int    // of the value
}

// attributes returns the attributes of a tag.
func attributes(tag []byte) []attr {
	var all []attr
	for i := 1; ; {
		n := bytes.IndexAny(tag[i:], " \t\r\n")
		if n < 0 {
			return all
		}
		from := i + n
		eq := bytes.IndexByte(tag[from:], '=')
		if eq < 0 {
			return all
		}
		name := bytes.TrimSpace(tag[from : from+eq])
		open := bytes.IndexAny(tag[from+eq:], `"'`)
		if open < 0 {
			return all
		}
		begin := from + eq + open + 1
		length := bytes.IndexByte(tag[begin:], tag[begin-1])
		if length < 0 {
			return all
		}
		i = begin + length + 1
		all = append(all, attr{string(name[bytes.IndexByte(name, ':')+1:]), from, i, begin, begin + length})
	}
}

// attribute returns the value of an attribute as it is written.
func attribute(tag []byte, name string) string {
	for _, a := range attributes(tag) {
		if a.name == name {
			return string(tag[a.begin:a.end])
		}
	}
	return ""
}
