package carrier

// check looks at the trigger text[p] and returns where to go on.
func (t *fold) check(p int) int {
	switch c := t.text[p]; {
	case c == '\n' || c == '\r':
		return t.checkWrap(p)
	case c == 0:
		return t.checkWide(p)
	case c >= 0xf0 && c <= 0xf9:
		if next, ok := t.checkEBCDIC(p); ok {
			return next
		}
	}
	return t.checkElement(p)
}

// checkElement looks at an element in the text.
func (t *fold) checkElement(p int) int {
	text := t.text
	e := elementAt(text, p)
	after := p + e.n
	if e.kind != 0 && !inChain(e) && hidesStart(text, after) {
		return t.follow(elementAt, 0, after)
	}
	if e.kind == 0 || !inChain(e) {
		return p + 1
	}
	if !digitRune(e.out) && !afterDigit(text, p) && !hidesStart(text, after) {
		return p + 1
	}
	if after < len(text) && !decimal(text[after]) && text[after] != ' ' && text[after] != '-' && elementClass[text[after]] == 0 {
		return p + 1
	}
	return t.follow(elementAt, 0, numberStart(text, p))
}

// afterDigit reports whether text[:p] ends in a digit, in a digit and a blank
// or a dash, or in what may be an entity for one.
func afterDigit(text []byte, p int) bool {
	if p == 0 {
		return false
	}
	switch c := text[p-1]; {
	case decimal(c) || c == ';' || c >= 0x80:
		return true
	case c == ' ' || c == '-':
		return p > 1 && (decimal(text[p-2]) || text[p-2] >= 0x80)
	}
	return false
}

// hidesStart reports whether an element that ends before text[after] hides
// where the number behind it begins: the quote of %224 ends in a digit, too.
func hidesStart(text []byte, after int) bool {
	return decimal(text[after-1]) && after < len(text) && decimal(text[after])
}

// numberStart returns where the number begins that an element at text[p] may
// stand in, as far as it is written with digits, blanks and elements for such.
// Each byte is looked at once: whether an element begins there, and where that
// ends. The digits of an element that stands for something else, as in %22,
// are none of the number's.
func numberStart(text []byte, p int) int {
	start := p
	lead, end, seen := -1, -1, p // the nearest element, looked for down to seen
	for start > 0 && p-start < foldBack-longestElement {
		for least := max(0, start-longestElement); end < 0 && seen > least; {
			if seen--; leadsElement(text[seen]) {
				if e := elementAt(text, seen); e.kind != 0 && inChain(e) && e.out != nothing && seen+e.n <= start {
					lead, end = seen, seen+e.n
				}
			}
		}
		if end == start {
			start, end, seen = lead, -1, lead
			continue
		}
		c := text[start-1]
		if !decimal(c) && !((c == ' ' || c == '-') && start > 1 && (decimal(text[start-2]) || text[start-2] >= 0x80)) {
			break
		}
		start--
	}
	for lead := start - 1; lead >= max(0, start-2); lead-- { // % and \x, %u and \u
		if !leadsElement(text[lead]) {
			continue
		}
		if e := elementAt(text, lead); e.kind != 0 && !inChain(e) && lead+e.n > start && lead+e.n <= p {
			return lead + e.n
		}
	}
	return start
}

const longestElement = 16 // of those for one character

// leadsElement reports whether an element for one character may begin with c.
func leadsElement(c byte) bool {
	return c >= 0x80 || c == '%' || c == '&' || c == '\\' || c == '='
}

// inChain reports whether an element may stand inside a number.
func inChain(e element) bool {
	return e.out == ' ' || e.out == '-' || digitRune(e.out) || e.out == nothing && e.kind != 0
}

func digitRune(r rune) bool { return r >= '0' && r <= '9' }

const (
	chainBytes  = 80      // folded bytes that are looked at together
	chainSource = 2 << 10 // and the bytes they may take
	chainOver   = 20      // looked at again with the next ones: more than a number has
)

// follow reads a chain of digits, blanks and elements from text[start] on, and
// takes what may be numbers in it into a region. It returns where to go on:
// behind the chain, or inside a long one that is to be followed from there.
func (t *fold) follow(read reading, kind odd, start int) int {
	text, chain := t.text, &t.chain
	chain.reset()
	if kind == 0 && start > 0 && decimal(text[start-1]) {
		chain.joined = oddEscape // of some kind: the digit before is an element's
	}
	end, more := start, false
	for end < len(text) && !more {
		e := read(text, end)
		if !inChain(e) {
			break
		}
		chain.add(text, end, e)
		end += e.n
		more = len(chain.out) >= chainBytes || end-start >= chainSource
	}
	if from, to := chain.candidates(text); to > 0 {
		t.hit(read, kind, from, to)
	}
	t.long = nil
	if more {
		t.long, t.longKind = read, kind
		if len(chain.out) >= 2*chainOver {
			return int(chain.pieces[len(chain.out)-chainOver].start)
		}
	}
	return end
}
