package scan

import "github.com/stanch/stanch/card"

// near is how far from a number its CVV and expiry date are looked for.
const near = 128

// A piece is a CVV or an expiry date found beside a number.
type piece struct {
	class Class
	span
}

// pieces collects what stands beside one number, at most one of each class.
type pieces struct {
	cvv, expiry piece
}

func (p *pieces) add(class Class, at span) {
	slot := &p.cvv
	if class == Expiry {
		slot = &p.expiry
	}
	if slot.class == "" {
		*slot = piece{class, at}
	}
}

func (p *pieces) any() bool { return p.cvv.class != "" || p.expiry.class != "" }

// speaksOfCVV reports whether text holds a label of a CVV or an expiry date.
func speaksOfCVV(text []byte) bool {
	speaks := false
	eachLabel(text, func(m meaning, _, _ int) { speaks = speaks || m == meansCVV || m == meansExpiry })
	return speaks
}

// labelled looks in text[where.start:where.end] for values with a label.
func (p *pieces) labelled(text []byte, where span, brand card.Brand) {
	region := text[where.start:where.end]
	eachLabel(region, func(m meaning, _, end int) {
		if m != meansCVV && m != meansExpiry {
			return
		}
		i := valueAfter(region, end)
		if i < 0 {
			return
		}
		class, n := CVV, cvvLength(region[i:], brand)
		if m == meansExpiry {
			class, n = Expiry, expiryLength(region[i:])
		}
		if n > 0 {
			p.add(class, span{where.start + i, where.start + i + n})
		}
	})
}

// valueAfter returns where the value begins that belongs to the label ending
// at text[end], or -1. Between them may stand the rest of a name (cvv_code),
// quotes, signs, a Chinese word; not the mark that ends an entry.
func valueAfter(text []byte, end int) int {
	const farthest = 20
	if end < len(text) && (text[end] == '2' || text[end] == '1') && (end+1 == len(text) || !digit(text[end+1])) {
		end++ // the 2 of CVV2
	}
	for i := end; i < len(text) && i-end <= farthest; i++ {
		switch c := text[i]; {
		case digit(c):
			return i
		case c == ',', c == ';', c == '&', c == '{', c == '}', c == '|':
			return -1
		case c == '<' && i+1 < len(text) && text[i+1] == '/':
			return -1
		}
	}
	return -1
}

// cvvLength returns the length of the CVV that text begins with, 0 if none.
func cvvLength(text []byte, brand card.Brand) int {
	n := 0
	for n < len(text) && digit(text[n]) {
		n++
	}
	if n != 3 && !(n == 4 && brand == card.Amex) || !valueEnds(text, n) {
		return 0
	}
	return n
}

// expiryLength returns the length of the expiry date that text begins with:
// MM/YY, MM/YYYY, YYYY-MM, MMYY, YYMM, MMYYYY, YYYYMM, or a month or year
// alone. It is 0 if none does.
func expiryLength(text []byte) int {
	if n := dividedExpiry(text); n > 0 {
		return n
	}
	n := 0
	for n < len(text) && digit(text[n]) {
		n++
	}
	if !valueEnds(text, n) {
		return 0
	}
	switch n {
	case 1, 2:
		if month(number(text[:n])) || year(number(text[:n])) {
			return n
		}
	case 4:
		head, tail := number(text[:2]), number(text[2:4])
		if month(head) && year(tail) || year(head) && month(tail) || year(number(text[:4])) {
			return n
		}
	case 6:
		if month(number(text[:2])) && year(number(text[2:6])) || year(number(text[:4])) && month(number(text[4:6])) {
			return n
		}
	}
	return 0
}

// dividedExpiry reads MM/YY, MM/YYYY, MM-YY, YYYY-MM and the like.
func dividedExpiry(text []byte) int {
	head := 0
	for head < len(text) && digit(text[head]) {
		head++
	}
	i := head
	for i < len(text) && i < head+3 && (text[i] == ' ' || text[i] == '/' || text[i] == '-' || text[i] == '|') {
		i++
	}
	if i == head {
		return 0
	}
	end := i
	for end < len(text) && digit(text[end]) {
		end++
	}
	first, second := head, end-i
	if first > 4 || second > 4 || !valueEnds(text, end) || end < len(text) && text[end] == '/' {
		return 0
	}
	switch {
	case (first == 1 || first == 2) && (second == 2 || second == 4):
		if month(number(text[:head])) && year(number(text[i:end])) {
			return end
		}
	case first == 4 && second == 2:
		if year(number(text[:head])) && month(number(text[i:end])) {
			return end
		}
	}
	return 0
}

func month(n int) bool { return n >= 1 && n <= 12 }

// year reports whether n, of two or four digits, is a year in which a card
// found today may end or have ended.
func year(n int) bool { return n >= 10 && n <= 49 || n >= 2010 && n <= 2049 }

// valueEnds reports whether a value goes no further than text[:n].
func valueEnds(text []byte, n int) bool {
	if n == len(text) {
		return true
	}
	if text[n] == '.' && n+1 < len(text) && digit(text[n+1]) {
		return false
	}
	return !alphanumeric(text[n])
}

// following reads the unlabelled form of lists and dumps: the number, an
// expiry date, and perhaps a CVV, with one mark between each.
func (p *pieces) following(text []byte, end int, brand card.Brand) {
	i := afterMark(text, end)
	if i < 0 {
		return
	}
	if n := dividedExpiry(text[i:]); n > 0 {
		p.add(Expiry, span{i, i + n})
		if k := afterMark(text, i+n); k > 0 {
			if n := cvvLength(text[k:], brand); n > 0 {
				p.add(CVV, span{k, k + n})
			}
		}
		return
	}
	n := expiryLength(text[i:])
	k := afterMark(text, i+n)
	if n != 4 || k < 0 {
		return
	}
	if m := cvvLength(text[k:], brand); m > 0 {
		p.add(Expiry, span{i, i + n})
		p.add(CVV, span{k, k + m})
	}
}

// afterMark steps over what stands between two values of a list and returns
// where the next begins, or -1 if none does.
func afterMark(text []byte, i int) int {
	begin := i
	for i < len(text) && i-begin < 4 {
		switch c := text[i]; c {
		case ' ', ',', ';', '|', '\t', '/', ':', '"', '\'':
			i++
		default:
			if i > begin && digit(c) {
				return i
			}
			return -1
		}
	}
	if i > begin && i < len(text) && digit(text[i]) {
		return i
	}
	return -1
}
