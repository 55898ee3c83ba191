package scan

import "slices"

// A record is a match that is held back until nothing can join it: the number
// and its track and CVV, often written side by side, are one match.
type record struct {
	match  Match
	digits [maxRun]byte
	end    int64 // of its last number or track, in the stream
	line   int64
	held   bool

	waiting []Match // found since, with no digits and no part in it
}

const (
	joinNear = near    // bytes between two pieces of a record on different lines
	joinLine = 4 * 128 // bytes between two pieces on one line

	maxWaiting = 16

	sentinels = 2 // bytes of a track before its number
)

// hold keeps m as the record to be joined. The caller's digits may go.
func (r *record) hold(m *Match, end int64) {
	r.match = *m
	if m.Digits != nil {
		r.match.Digits = append(r.digits[:0], m.Digits...)
	}
	r.end, r.line, r.held = end, m.Line, true
}

// takes takes m if it belongs to the record held, or if it can wait until
// that is done, and reports whether it did.
func (r *record) takes(m *Match, end int64) bool {
	switch {
	case !r.held:
		return false
	case r.joins(m):
		r.join(m, end)
	case m.Digits == nil && m.Class != PINBlock && len(r.waiting) < maxWaiting:
		r.waiting = append(r.waiting, *m)
	default:
		return false
	}
	return true
}

// joins reports whether m belongs to the record held: the same number or none
// of its own, close by, and a kind of data that the record does not have yet.
// Without the last a list of one number would be one match.
func (r *record) joins(m *Match) bool {
	if !joinable(m) || !joinable(&r.match) || r.match.Digits != nil && m.Digits != nil && !slices.Equal(m.Digits, r.match.Digits) {
		return false
	}
	gap, apart := m.Offset-r.end, m.Line != r.line
	if gap > joinLine || apart && (gap > joinNear || r.match.Digits == nil) {
		return false // a PIN block of another line is the number's before it
	}
	own := holder(m)
	return !slices.ContainsFunc(r.match.Parts, func(p Part) bool { return p.Class == own })
}

// joinable reports whether m is card data: a card number, or a PIN block.
func joinable(m *Match) bool {
	return m.Class != ResidentID && (m.Digits != nil || m.Class == PINBlock)
}

// holder returns the class of the part that holds the digits.
func holder(m *Match) Class {
	for _, p := range m.Parts {
		if p.Offset == m.Offset {
			return p.Class
		}
	}
	return m.Class
}

// join takes m into the record. The match is placed where its number stands,
// and in a track before a bare one.
func (r *record) join(m *Match, end int64) {
	if m.Digits != nil && (r.match.Digits == nil || holder(m).weight() > holder(&r.match).weight()) {
		r.match.Offset, r.match.Length = m.Offset, m.Length
		r.match.Line, r.match.Column = m.Line, m.Column
	}
	if r.match.Digits == nil && m.Digits != nil {
		r.match.Digits, r.match.Brand, r.match.Test = append(r.digits[:0], m.Digits...), m.Brand, m.Test
	}
	for _, p := range m.Parts {
		if !slices.Contains(r.match.Parts, p) {
			r.match.Parts = append(r.match.Parts, p)
		}
	}
	for _, c := range m.Context {
		if !slices.Contains(r.match.Context, c) {
			r.match.Context = append(r.match.Context, c)
		}
	}
	r.match.nameByParts()
	r.match.Confidence = max(r.match.Confidence, m.Confidence)
	r.end, r.line = end, m.Line
}

// release emits the record held, if there is one, with what waited for it, and
// wipes its digits.
func (r *record) release(emit func(*Match)) {
	if !r.held {
		return
	}
	r.held = false
	emitted := false
	for i := range r.waiting {
		if !emitted && r.match.Offset <= r.waiting[i].Offset {
			emitted = true
			emit(&r.match)
		}
		emit(&r.waiting[i])
	}
	if !emitted {
		emit(&r.match)
	}
	clear(r.digits[:])
	r.match = Match{}
	clear(r.waiting)
	r.waiting = r.waiting[:0]
}
