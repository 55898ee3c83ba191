package pdf

import (
	"io"
	"sort"
	surrogate "unicode/utf16"
	"unicode/utf8"
)

// Limits of a character map.
const (
	maxMappings = 1 << 16
	maxMapText  = 64 // bytes that one code stands for
)

// A cmap says which text codes stand for, and how long codes are.
type cmap struct {
	ranges []codeRange
	spaces []codeSpace
	wide   bool // codes of two bytes, unless spaces say otherwise
}

// A codeRange maps codes low to high to text, of which the last rune counts up.
type codeRange struct {
	low, high uint32
	text      string
}

// A codeSpace says that codes between low and high have that many bytes.
type codeSpace struct {
	bytes     int
	low, high uint32
}

// readCMap reads an embedded character map. What can be read counts.
func readCMap(r io.Reader) *cmap {
	m := new(cmap)
	l := newLexer(r, 4096)
	var operands []object
	for len(m.ranges) < maxMappings && len(m.spaces) < 256 {
		o, err := l.next()
		if err != nil {
			break
		}
		if o.kind != isWord {
			if operands = append(operands, o); len(operands) > 512 {
				operands = operands[:copy(operands, operands[256:])]
			}
			continue
		}
		switch string(o.text) {
		case "endcodespacerange":
			m.addSpaces(operands)
		case "endbfchar":
			for i := 0; i+1 < len(operands); i += 2 {
				m.add(operands[i], operands[i], operands[i+1])
			}
		case "endbfrange":
			m.addRanges(operands)
		}
		operands = operands[:0]
	}
	sort.SliceStable(m.ranges, func(i, j int) bool { return m.ranges[i].low < m.ranges[j].low })
	return m
}

func code(b []byte) uint32 {
	var n uint32
	for _, c := range b {
		n = n<<8 | uint32(c)
	}
	return n
}

func (m *cmap) addSpaces(operands []object) {
	for i := 0; i+1 < len(operands); i += 2 {
		low, high := operands[i].text, operands[i+1].text
		if len(low) > 0 && len(low) <= 4 && len(low) == len(high) {
			m.spaces = append(m.spaces, codeSpace{len(low), code(low), code(high)})
		}
	}
}

func (m *cmap) addRanges(operands []object) {
	for i := 0; i+2 < len(operands); i += 3 {
		low, high, to := operands[i], operands[i+1], operands[i+2]
		if to.kind != isArray {
			m.add(low, high, to)
			continue
		}
		for n, text := range to.list {
			one := object{num: float64(code(low.text)) + float64(n)}
			m.add(one, one, text)
		}
	}
}

// add maps codes, which are strings, or numbers if they were counted.
func (m *cmap) add(low, high, to object) {
	if len(m.ranges) >= maxMappings || to.kind != isString {
		return
	}
	r := codeRange{low: code(low.text), high: code(high.text), text: utf16Text(to.text[:min(len(to.text), maxMapText)])}
	if low.kind != isString {
		r.low, r.high = uint32(low.num), uint32(high.num)
	}
	if r.high >= r.low && r.text != "" {
		m.ranges = append(m.ranges, r)
	}
}

// utf16Text decodes big-endian UTF-16; a single byte stands for itself.
func utf16Text(b []byte) string {
	if len(b) == 1 {
		return string(rune(b[0]))
	}
	units := make([]uint16, 0, len(b)/2)
	for i := 0; i+1 < len(b); i += 2 {
		units = append(units, uint16(b[i])<<8|uint16(b[i+1]))
	}
	return string(surrogate.Decode(units))
}

// append appends the text of a code. It reports whether there is any.
func (m *cmap) append(dst []byte, c uint32) ([]byte, bool) {
	if m == nil {
		return dst, false
	}
	i := sort.Search(len(m.ranges), func(i int) bool { return m.ranges[i].low > c })
	for back := 0; i > 0 && back < 8; back++ { // ranges may overlap
		i--
		if r := &m.ranges[i]; c <= r.high {
			if c == r.low {
				return append(dst, r.text...), true
			}
			last, size := utf8.DecodeLastRuneInString(r.text)
			dst = append(dst, r.text[:len(r.text)-size]...)
			return utf8.AppendRune(dst, last+rune(c-r.low)), true
		}
	}
	return dst, false
}

// next cuts the first code off a string.
func (m *cmap) next(b []byte) (c uint32, size int) {
	if m != nil && len(m.spaces) > 0 {
		for size := 1; size <= min(4, len(b)); size++ {
			c := code(b[:size])
			for _, s := range m.spaces {
				if s.bytes == size && s.low <= c && c <= s.high {
					return c, size
				}
			}
		}
		size := min(len(b), m.spaces[0].bytes)
		return code(b[:size]), size
	}
	if m != nil && m.wide && len(b) > 1 {
		return code(b[:2]), 2
	}
	return uint32(b[0]), 1
}
