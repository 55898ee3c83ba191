package office

import "io"

// Elements calls visit for each start tag of a small part, with its name and a
// function that returns an attribute; neither has a prefix. An error ends it.
func Elements(r io.Reader, visit func(name string, attribute func(string) string)) {
	t := newTokens(r)
	for {
		tok, err := t.next()
		if err != nil {
			return
		}
		if tok.kind == tokenOpen {
			visit(string(tok.name), func(name string) string { return string(tok.attribute(name)) })
		}
	}
}
