package segment

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"

	"github.com/stanch/stanch/card"
)

const (
	recordSize = 20
	tokenSize  = 16 // of the 32 bytes that a token holds; enough to tell any two cards apart

	judgedBit    = 0x80
	unknownBrand = 0x7f
	unknownBIN   = 0xffffff
)

// A record is one card: the first bytes of its token, its brand as an index
// with the judged bit, and its BIN as a number of three bytes.
type record [recordSize]byte

func (r *record) token() []byte  { return r[:tokenSize] }
func (r *record) judged() bool   { return r[tokenSize]&judgedBit != 0 }
func (r *record) brand() byte    { return r[tokenSize] &^ judgedBit }
func (r *record) bin() uint32    { return uint32(r[17])<<16 | uint32(r[18])<<8 | uint32(r[19]) }
func (r *record) judge(yes bool) { r[tokenSize] |= flag(yes) }

func flag(judged bool) byte {
	if judged {
		return judgedBit
	}
	return 0
}

func compare(a, b *record) int { return bytes.Compare(a.token(), b.token()) }

// parseToken fills in the token's first bytes. It reports false for what is
// not a token.
func (r *record) parseToken(t card.Token) bool {
	if !t.Valid() {
		return false
	}
	text := t[len(t)-52:] // 32 bytes in base32
	var bits uint32
	var have uint
	out := 0
	for i := 0; out < tokenSize; i++ {
		c := text[i]
		value := c - 'A'
		if c < 'A' {
			value = c - '2' + 26
		}
		bits = bits<<5 | uint32(value)
		if have += 5; have >= 8 {
			have -= 8
			r[out] = byte(bits >> have)
			out++
		}
	}
	return true
}

// parseBIN fills in the first six digits of a masked number, if it shows them.
func (r *record) parseBIN(masked string) {
	n := uint32(unknownBIN)
	if len(masked) >= 6 {
		n = 0
		for _, c := range []byte(masked[:6]) {
			if c < '0' || c > '9' {
				n = unknownBIN
				break
			}
			n = n*10 + uint32(c-'0')
		}
	}
	r[17], r[18], r[19] = byte(n>>16), byte(n>>8), byte(n)
}

// compact sorts records and joins those of one card.
func compact(all []record) []record {
	slices.SortFunc(all, func(a, b record) int { return compare(&a, &b) })
	kept := 0
	for i := range all {
		if kept > 0 && compare(&all[kept-1], &all[i]) == 0 {
			all[kept-1].judge(all[i].judged())
			continue
		}
		all[kept] = all[i]
		kept++
	}
	return all[:kept]
}

// issuerRows is how many BINs a count keeps apart; the rest share the name "".
const issuerRows = 1000

// A tally counts distinct cards.
type tally struct {
	cards  int64
	judged int64
	brands [unknownBrand + 1]int64
	bins   map[uint32]int64
}

// mostBINs bounds a tally's memory. What comes later is counted as unknown.
const mostBINs = 1 << 16

func (t *tally) add(r *record) {
	t.cards++
	if r.judged() {
		t.judged++
	}
	t.brands[r.brand()]++
	if t.bins == nil {
		t.bins = map[uint32]int64{}
	}
	bin := r.bin()
	if _, ok := t.bins[bin]; !ok && len(t.bins) >= mostBINs {
		bin = unknownBIN
	}
	t.bins[bin]++
}

// issuers returns the most frequent BINs by name and the rest under "".
func (t *tally) issuers() map[string]int64 {
	type row struct {
		bin uint32
		n   int64
	}
	rows := make([]row, 0, len(t.bins))
	out := map[string]int64{}
	for bin, n := range t.bins {
		if bin == unknownBIN {
			out[""] += n
			continue
		}
		rows = append(rows, row{bin, n})
	}
	slices.SortFunc(rows, func(a, b row) int { return cmp.Or(cmp.Compare(b.n, a.n), cmp.Compare(a.bin, b.bin)) })
	for i, r := range rows {
		if i < issuerRows {
			out[fmt.Sprintf("%06d", r.bin)] = r.n
		} else {
			out[""] += r.n
		}
	}
	return out
}

// addIssuers adds counts by BIN and keeps the number of BINs bounded.
func addIssuers(into, more map[string]int64) {
	names := 0
	for name := range into {
		if name != "" {
			names++
		}
	}
	for name, n := range more {
		if _, ok := into[name]; !ok && name != "" {
			if names >= issuerRows {
				name = ""
			} else {
				names++
			}
		}
		into[name] += n
	}
}
